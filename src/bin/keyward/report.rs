//! `keyward report`: what auditors ask for, from a scan, from observation files, or from stored evidence.

use std::fs::File;
use std::io::{BufReader, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use keyward::config::Config;
use keyward::evidence::{Certificate, Comparison, Evidence, InputFile, gather};
use keyward::report::Disclose;
use keyward::report::evidence::{self as render, Sheet, TextOptions};
use keyward::{Assessment, Gate, Inventory};
use sha2::{Digest, Sha256};

use crate::args::{Asked, Disclosure, GovernanceArgs, ReportCommand, SourceArgs, WriteArgs};
use crate::output::{self, INCOMPLETE, colored};
use crate::scan::{Ended, Work};
use crate::trust::{Trust, config_file};
use crate::{assess, setup};

/// What a run ended by Ctrl-C exits with.
const INTERRUPTED: u8 = 130;

pub(crate) fn run(command: &ReportCommand) -> anyhow::Result<u8> {
    match command {
        ReportCommand::Evidence(asked) => {
            let outputs = Outputs::parse(&asked.output, &["jsonl"])?;
            let (evidence, ended) = gathered(asked)?;
            let evidence = render::disclose(&evidence, outputs.disclosure(asked.output.disclose));
            outputs.write(|_, out| render::write(&evidence, out))?;
            Ok(code(&evidence, ended))
        }
        ReportCommand::Register(asked) => sheet(asked, |_| Ok(()), |evidence, ()| render::register(evidence)),
        ReportCommand::Exceptions(asked) => sheet(asked, |_| Ok(()), |evidence, ()| render::exceptions(evidence)),
        ReportCommand::Removals { asked, since } => {
            let day = since.as_deref().map(|typed| setup::day("--since", typed)).transpose()?;
            let ended = |evidence: &mut Evidence| {
                let total = evidence.credentials.len();
                evidence.retain_ended(day);
                Ok(total)
            };
            sheet(asked, ended, |evidence, total| render::removals(evidence, total, since.as_deref()))
        }
        ReportCommand::Scorecard { asked, compare } => scorecard(asked, compare),
        ReportCommand::Certificate { asked, partner } => certificate(asked, partner),
    }
}

fn scorecard(asked: &Asked, compare: &[PathBuf]) -> anyhow::Result<u8> {
    let outputs = Outputs::parse(&asked.output, &["text", "json", "html"])?;
    let text = TextOptions { color: colored(asked.output.color), width: output::width() };
    let level = outputs.disclosure(asked.output.disclose);
    if let [old, new] = compare {
        let (old, new) = (render::disclose(&stored(old)?, level), render::disclose(&stored(new)?, level));
        let comparison = Comparison::of(&old, &new);
        outputs.write(|format, out| match format {
            "text" => render::comparison_text(&comparison, text, out),
            "json" => render::comparison_json(&comparison, out),
            _ => render::comparison_html(&comparison, out),
        })?;
        return Ok(if old.run.complete && new.run.complete { 0 } else { INCOMPLETE });
    }
    let (evidence, ended) = gathered(asked)?;
    let evidence = render::disclose(&evidence, level);
    outputs.write(|format, out| match format {
        "text" => render::scorecard_text(&evidence, text, out),
        "json" => render::scorecard_json(&evidence, out),
        _ => render::scorecard_html(&evidence, out),
    })?;
    Ok(code(&evidence, ended))
}

fn certificate(asked: &Asked, partner: &str) -> anyhow::Result<u8> {
    let outputs = Outputs::parse(&asked.output, &["markdown", "html", "json"])?;
    let (mut evidence, ended) = gathered(asked)?;
    let Some(number) = evidence.partners.iter().position(|p| p.id == partner) else {
        let known: Vec<&str> = evidence.partners.iter().take(10).map(|p| p.id.as_str()).collect();
        let more = if evidence.partners.len() > known.len() { ", ..." } else { "" };
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        bail!("--partner {partner}: nothing names such a partner; there are {known}{more}");
    };
    // Of one partner alone, so that its id can be found again where ids are withheld.
    evidence.partners = vec![evidence.partners.swap_remove(number)];
    evidence.credentials.retain(|c| c.credential.partner.as_deref() == Some(partner));
    let evidence = render::disclose(&evidence, outputs.disclosure(asked.output.disclose));
    let shown = evidence.partners.first().map(|p| p.id.clone()).unwrap_or_default();
    let certificate = Certificate::of(&evidence, &shown).context("the partner has no certificate")?;
    outputs.write(|format, out| match format {
        "markdown" => render::certificate_markdown(&evidence, &certificate, out),
        "html" => render::certificate_html(&evidence, &certificate, out),
        _ => render::certificate_json(&evidence, &certificate, out),
    })?;
    Ok(match ended {
        Ended::Interrupted => INTERRUPTED,
        _ if certificate.lacks_something() => 1,
        _ if certificate.is_partly_unseen() => INCOMPLETE,
        _ => 0,
    })
}

/// A register. `prepare` sees the evidence while nothing is withheld yet.
fn sheet<T: Copy>(
    asked: &Asked,
    prepare: impl FnOnce(&mut Evidence) -> anyhow::Result<T>,
    make: impl Fn(&Evidence, T) -> Sheet<'_>,
) -> anyhow::Result<u8> {
    let outputs = Outputs::parse(&asked.output, &["csv", "markdown", "html", "json"])?;
    let (mut evidence, ended) = gathered(asked)?;
    let prepared = prepare(&mut evidence)?;
    let evidence = render::disclose(&evidence, outputs.disclosure(asked.output.disclose));
    let sheet = make(&evidence, prepared);
    outputs.write(|format, out| match format {
        "csv" => sheet.csv(out),
        "markdown" => sheet.markdown(out),
        "html" => sheet.html(out),
        _ => sheet.json(out),
    })?;
    Ok(code(&evidence, ended))
}

/// Output that was asked for, parsed before anything is scanned. The first format is the usual one.
struct Outputs {
    stdout: Option<&'static str>,
    files: Vec<(&'static str, String)>,
}

impl Outputs {
    /// What may be shown. What stays on the screen of whoever has the inventory may show what is in it.
    fn disclosure(&self, asked: Option<Disclosure>) -> Disclose {
        let screen = self.stdout == Some("text") && self.files.is_empty() && std::io::stdout().is_terminal();
        match asked {
            Some(Disclosure::None) => Disclose::None,
            Some(Disclosure::Ids) => Disclose::Ids,
            Some(Disclosure::Full) => Disclose::Full,
            None => {
                if screen {
                    Disclose::Full
                } else {
                    Disclose::Ids
                }
            }
        }
    }

    fn parse(args: &WriteArgs, formats: &[&'static str]) -> anyhow::Result<Self> {
        let find = |typed: &str, word: &str| {
            let known = formats.iter().copied().find(|f| *f == word);
            known.with_context(|| format!("{typed}: expected {}", any_of(formats)))
        };
        let mut files = Vec::new();
        for typed in &args.output {
            let Some((word, path)) = typed.split_once('=') else {
                bail!("--output {typed}: expected FORMAT=PATH, as in {0}=report.{0}", formats[0]);
            };
            let format = find(&format!("--output {typed}"), word)?;
            output::writable(Path::new(path)).with_context(|| format!("--output {typed}"))?;
            files.push((format, path.to_owned()));
        }
        let stdout = match &args.format {
            Some(word) => Some(find(&format!("--format {word}"), word)?),
            // Files were asked for, and nothing else.
            None if !files.is_empty() => None,
            None => formats.first().copied(),
        };
        Ok(Self { stdout, files })
    }

    fn write(&self, render: impl Fn(&str, &mut dyn Write) -> std::io::Result<()>) -> anyhow::Result<()> {
        for (format, path) in &self.files {
            let mut out = BufWriter::new(File::create(path).with_context(|| path.clone())?);
            render(format, &mut out).and_then(|()| out.flush()).with_context(|| path.clone())?;
        }
        if let Some(format) = self.stdout {
            let mut out = BufWriter::new(std::io::stdout().lock());
            render(format, &mut out)?;
            out.flush()?;
        }
        Ok(())
    }
}

/// `csv`, or `csv, markdown or html`.
fn any_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn code(evidence: &Evidence, ended: Ended) -> u8 {
    match ended {
        Ended::Interrupted => INTERRUPTED,
        _ if !evidence.run.complete => INCOMPLETE,
        _ => 0,
    }
}

/// The evidence: read, or judged.
fn gathered(asked: &Asked) -> anyhow::Result<(Evidence, Ended)> {
    let from = &asked.from;
    if let Some(path) = &from.evidence {
        return Ok((stored(path)?, Ended::Whole));
    }
    if !from.observations.is_empty() {
        let as_of = setup::as_of(asked.governance.as_of.as_deref())?;
        let near = Path::new(".");
        let trust = Trust::from_revision(asked.governance.trust_from.as_deref(), near);
        let config = trust.config(asked.governance.config.as_deref(), near)?;
        let trusted = (&config, &trust);
        let judge = |assessment: &Assessment<'_>| {
            let mut inputs = inputs(&asked.governance, trusted, near, assessment.inventory)?;
            for path in &from.observations {
                let name = path.display().to_string();
                let bytes = std::fs::read(path).with_context(|| name.clone())?;
                inputs.push(InputFile { role: "observations".to_owned(), name, sha256: digest(&bytes) });
            }
            Ok(gather(assessment, inputs))
        };
        let evidence = assess::judged(&from.observations, &asked.governance, trusted, as_of, judge)?;
        return Ok((evidence, Ended::Whole));
    }
    let sources = SourceArgs {
        paths: from.paths.clone(),
        history: from.history,
        no_submodules: from.no_submodules,
        no_ignore: from.no_ignore,
        ..SourceArgs::default()
    };
    let work = Work {
        sources: &sources,
        governance: &asked.governance,
        limits: &asked.limits,
        quiet: asked.output.quiet,
        known: true,
    };
    let near = setup::near(&sources);
    work.judged(
        |_| Ok(Gate::default()),
        |assessment, trusted| {
            let inputs = inputs(&asked.governance, trusted, &near, assessment.inventory)?;
            Ok(gather(assessment, inputs))
        },
    )
}

/// A stored evidence file.
fn stored(path: &Path) -> anyhow::Result<Evidence> {
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| name.clone())?;
    Ok(render::read(&name, BufReader::new(file))?)
}

/// Every file that was judged with, and the digest of what was read of it.
fn inputs(
    governance: &GovernanceArgs,
    (config, trust): (&Config, &Trust),
    near: &Path,
    inventory: Option<&Inventory>,
) -> anyhow::Result<Vec<InputFile>> {
    let mut all = Vec::new();
    for (name, sha256) in inventory.into_iter().flat_map(|i| &i.digests) {
        all.push(InputFile { role: "inventory".to_owned(), name: name.clone(), sha256: sha256.clone() });
    }
    let policy = config_file(governance.config.as_deref(), near);
    // The usual one goes by its own name, wherever the repository is.
    let usual = governance.config.is_none().then(|| policy.file_name()).flatten();
    let usual = usual.map(|name| name.to_string_lossy().into_owned());
    let named = |asked: &Option<PathBuf>, configured: &Option<PathBuf>| asked.clone().or_else(|| configured.clone());
    for (role, path, name) in [
        ("policy", Some(policy), usual),
        ("roster", named(&governance.roster, &config.roster), None),
        ("exceptions", named(&governance.exceptions, &config.exceptions), None),
        ("baseline", named(&governance.baseline, &config.baseline), None),
    ] {
        let Some(path) = path else { continue };
        // What is not there was not judged with: where it had to be there, that was said before.
        if let Some(text) = trust.read(&path)? {
            let name = name.unwrap_or_else(|| path.display().to_string());
            all.push(InputFile { role: role.to_owned(), name, sha256: digest(text.as_bytes()) });
        }
    }
    Ok(all)
}

fn digest(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}
