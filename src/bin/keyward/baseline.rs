//! `keyward baseline write`: accept what is there today as known.

use std::fs;
use std::io::Write;

use anyhow::Context;
use keyward::Baseline;

use crate::args::BaselineCommand;
use crate::scan;

pub(crate) fn run(command: &BaselineCommand) -> anyhow::Result<u8> {
    let BaselineCommand::Write { to, scan: args } = command;
    let (report, ..) = scan::report_of(args)?;
    let baseline = Baseline::of(&report.judgement.findings);
    fs::write(to, baseline.to_text()).with_context(|| to.display().to_string())?;
    let mut out = std::io::stdout().lock();
    let n = baseline.len();
    writeln!(out, "{n} finding{} written to {}", if n == 1 { "" } else { "s" }, to.display())?;
    writeln!(out, "`keyward scan --baseline {}` counts only what comes on top of them.", to.display())?;
    // A baseline of half a scan would make the other half look new.
    Ok(if report.complete { 0 } else { 3 })
}
