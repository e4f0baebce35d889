//! `keyward assess`: the reduce.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::civil::Date;
use keyward::config::Config;
use keyward::report::Format;
use keyward::{Assessment, Observed, observations, report};

use crate::args::{AssessArgs, GovernanceArgs};
use crate::output::{self, INCOMPLETE, Outputs};
use crate::setup;
use crate::trust::Trust;

pub(crate) fn run(args: &AssessArgs) -> anyhow::Result<u8> {
    let outputs = Outputs::parse(&args.output, Format::Text)?;
    let as_of = setup::as_of(args.governance.as_of.as_deref())?;
    let trust = Trust::from_revision(args.governance.trust_from.as_deref(), Path::new("."));
    let config = trust.config(args.governance.config.as_deref(), Path::new("."))?;
    let gate = output::gate(&args.output, &args.governance, &config)?;
    let mut shallow = Vec::new();
    let judge = |assessment: &Assessment<'_>| {
        let lacks = |o: &&Observed| !o.scope.iter().any(|s| s == "history");
        shallow.extend(assessment.observed.iter().filter(lacks).map(|o| o.repository.name.clone()));
        Ok(report(assessment))
    };
    let report = judged(&args.files, &args.governance, (&config, &trust), as_of, judge)?;
    let code = outputs.write(report, &args.output, &gate)?;
    if gate.history && !shallow.is_empty() && !args.output.exit_zero {
        anstream::eprintln!(
            "keyward: the stage asks for the history, and it was not observed of {}: `keyward observe --history`",
            shallow.join(", ")
        );
        // What was found outranks what was not looked at, as everywhere.
        return Ok(if code == 0 || args.output.require_complete { INCOMPLETE } else { code });
    }
    Ok(code)
}

/// Reads observation files, and hands everything to `judge`.
pub(crate) fn judged<T>(
    files: &[PathBuf],
    governance: &GovernanceArgs,
    (config, trust): (&Config, &Trust),
    as_of: Date,
    judge: impl FnOnce(&Assessment<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let records = setup::inventory(governance, (config, trust), as_of)?;
    let judging = setup::judging(governance, config, trust, true)?;
    let mut observed = Vec::new();
    for path in files {
        let name = path.display().to_string();
        let expected =
            || format!("{name}: expected observations, as `keyward observe --output jsonl={name}` writes them");
        let file = File::open(path).with_context(expected)?;
        observed.extend(observations::read(&name, BufReader::new(file))?);
    }
    // The order of the files must not matter.
    observed.sort_by(|a, b| (&a.repository, &a.scope).cmp(&(&b.repository, &b.scope)));
    let mut assessment = Assessment::new(&observed, &config.policy, as_of);
    judging.join(&records, &mut assessment);
    let judged = judge(&assessment);
    // The run ends here: taking a large inventory apart piece by piece would only delay that.
    std::mem::forget((records, observed));
    judged
}
