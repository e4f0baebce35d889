//! Evidence files: JSON lines. The run, every credential, partner and exception, and a last line that
//! counts them, so that a cut file is noticed. `docs/evidence.md` describes them.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::govern::evidence::{
    CredentialEvidence, Evidence, ExceptionEvidence, PartnerEvidence, RepositoryEvidence, Run, Scorecard,
};
use crate::observe::file::LinesError;

/// Name and version of the format.
pub const SCHEMA: &str = "keyward.evidence/1";

/// What a line of a credential says of the run, so that it stands for itself.
#[derive(Serialize)]
struct RunOf<'e> {
    tool: &'e str,
    version: &'e str,
    /// Digest of the file's first line.
    sha256: &'e str,
    policy_sha256: Option<&'e str>,
    inventory_sha256: Option<&'e str>,
    inventory_generated_at: Option<&'e str>,
    /// Those in which it was seen; the first line has all.
    repositories: Vec<&'e RepositoryEvidence>,
    scope: &'e [String],
}

#[derive(Serialize)]
struct First<'e> {
    schema: &'static str,
    record: &'static str,
    #[serde(flatten)]
    run: &'e Run,
}

#[derive(Serialize)]
struct OneOf<'e, T> {
    schema: &'static str,
    record: &'static str,
    as_of: &'e str,
    run: RunOf<'e>,
    #[serde(flatten)]
    line: &'e T,
}

#[derive(Serialize)]
struct Other<'e, T> {
    schema: &'static str,
    record: &'static str,
    as_of: &'e str,
    run_sha256: &'e str,
    #[serde(flatten)]
    line: &'e T,
}

#[derive(Serialize)]
struct Last<'e> {
    schema: &'static str,
    record: &'static str,
    as_of: &'e str,
    run_sha256: &'e str,
    credentials: usize,
    partners: usize,
    exceptions: usize,
    complete: bool,
    scorecard: &'e Scorecard,
}

/// Writes everything. What may not be shown was taken out before, with [`super::disclose`].
pub fn write(evidence: &Evidence, out: &mut dyn Write) -> io::Result<()> {
    let run = &evidence.run;
    let as_of = run.as_of.as_str();
    let first = serde_json::to_string(&First { schema: SCHEMA, record: "run", run })?;
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(first.as_bytes()));
    writeln!(out, "{first}")?;
    for line in &evidence.credentials {
        let seen_in = |r: &&RepositoryEvidence| line.credential.repositories.contains(&r.name);
        let run = RunOf {
            tool: &run.tool,
            version: &run.version,
            sha256: &digest,
            policy_sha256: run.policy_sha256.as_deref(),
            inventory_sha256: run.inventory_sha256.as_deref(),
            inventory_generated_at: run.inventory_generated_at.as_deref(),
            repositories: run.repositories.iter().filter(seen_in).collect(),
            scope: &run.scope,
        };
        put(out, &OneOf { schema: SCHEMA, record: "credential", as_of, run, line })?;
    }
    for line in &evidence.partners {
        put(out, &Other { schema: SCHEMA, record: "partner", as_of, run_sha256: &digest, line })?;
    }
    for line in &evidence.exceptions {
        put(out, &Other { schema: SCHEMA, record: "exception", as_of, run_sha256: &digest, line })?;
    }
    put(
        out,
        &Last {
            schema: SCHEMA,
            record: "end",
            as_of,
            run_sha256: &digest,
            credentials: evidence.credentials.len(),
            partners: evidence.partners.len(),
            exceptions: evidence.exceptions.len(),
            complete: run.complete,
            scorecard: &evidence.scorecard,
        },
    )
}

fn put(out: &mut dyn Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// What every line begins with.
#[derive(Deserialize)]
struct Head {
    schema: String,
    record: String,
    #[serde(default)]
    run_sha256: Option<String>,
    #[serde(default)]
    run: Option<RunDigest>,
}

#[derive(Deserialize)]
struct RunDigest {
    #[serde(default)]
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct Counts {
    credentials: usize,
    partners: usize,
    exceptions: usize,
    scorecard: Scorecard,
}

/// Reads an evidence file, and checks that it is whole and of one run.
pub fn read(name: &str, input: impl BufRead) -> Result<Evidence, LinesError> {
    let mut evidence: Option<Evidence> = None;
    let (mut digest, mut ended, mut number) = (String::new(), false, 0);
    let fail = |line, problem| LinesError::Line { file: name.to_owned(), line, problem };
    for text in input.lines() {
        number += 1;
        let text = text.map_err(|source| LinesError::Read { file: name.to_owned(), source })?;
        if text.trim().is_empty() {
            continue;
        }
        // The parser's own messages may quote the line.
        let head: Head = parse(&text).ok_or_else(|| fail(number, "not a line of an evidence file"))?;
        if head.schema != SCHEMA {
            return Err(fail(number, "another format or version; expected keyward.evidence/1"));
        }
        if ended {
            return Err(fail(number, "a line after the last one: two files in one"));
        }
        let Some(open) = evidence.as_mut() else {
            if head.record != "run" {
                return Err(fail(number, "no line of the run before this one"));
            }
            let run = parse(&text).ok_or_else(|| fail(number, "not a line of a run"))?;
            digest = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
            evidence = Some(Evidence { run, ..Evidence::default() });
            continue;
        };
        if head.run_sha256.or(head.run.and_then(|r| r.sha256)).as_ref() != Some(&digest) {
            return Err(fail(number, "it belongs to another run: its digest is not that of the first line"));
        }
        let bad = || fail(number, "a field is missing or of another type than this version expects");
        match head.record.as_str() {
            "credential" => open.credentials.push(parse::<CredentialEvidence>(&text).ok_or_else(bad)?),
            "partner" => open.partners.push(parse::<PartnerEvidence>(&text).ok_or_else(bad)?),
            "exception" => open.exceptions.push(parse::<ExceptionEvidence>(&text).ok_or_else(bad)?),
            "end" => {
                let counts: Counts = parse(&text).ok_or_else(bad)?;
                let here = (open.credentials.len(), open.partners.len(), open.exceptions.len());
                if here != (counts.credentials, counts.partners, counts.exceptions) {
                    return Err(fail(number, "the numbers of lines differ from those it states: lines are missing"));
                }
                open.scorecard = counts.scorecard;
                ended = true;
            }
            _ => return Err(fail(number, "an unknown kind of line")),
        }
    }
    match evidence {
        Some(evidence) if ended => Ok(evidence),
        Some(_) => Err(fail(number, "the file ends before its last line: it was cut off")),
        None => Err(fail(number.max(1), "empty: no line of an evidence file")),
    }
}

fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Option<T> {
    serde_json::from_str(text).ok()
}
