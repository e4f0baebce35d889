//! `keyward assess`: the reduce.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::civil::Date;
use keyward::config::Config;
use keyward::report::Format;
use keyward::{Assessment, observations, report};

use crate::args::{AssessArgs, GovernanceArgs};
use crate::output::{self, Outputs};
use crate::setup;
use crate::trust::Trust;

pub(crate) fn run(args: &AssessArgs) -> anyhow::Result<u8> {
    let outputs = Outputs::parse(&args.output, Format::Text)?;
    let as_of = setup::as_of(args.governance.as_of.as_deref())?;
    let trust = Trust::from_revision(args.governance.trust_from.as_deref(), Path::new("."));
    let config = trust.config(args.governance.config.as_deref(), Path::new("."))?;
    let gate = output::gate(&args.output, &args.governance, &config)?;
    let report = judged(&args.files, &args.governance, (&config, &trust), as_of, |assessment| Ok(report(assessment)))?;
    outputs.write(report, &args.output, &gate)
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
