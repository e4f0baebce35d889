//! `keyward scan`: observe and assess in one.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use keyward::config::Config;
use keyward::report::Format;
use keyward::{Assessment, Gate, Progress, Report, Source, Watchlist, observe, report, watchlist_of};

use crate::args::{GovernanceArgs, LimitArgs, OnDeadline, ScanArgs, SourceArgs};
use crate::output::{self, INCOMPLETE, Outputs};
use crate::progress::Display;
use crate::setup;
use crate::trust::{Trust, config_file};

/// What a run ended by Ctrl-C exits with.
const INTERRUPTED: u8 = 130;

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<u8> {
    // What is wrong with the command is said before the work.
    let sources = &args.sources;
    let hook = sources.staged || sources.pre_commit || sources.pre_push || sources.pre_receive;
    let outputs = Outputs::parse(&args.output, if hook { Format::Brief } else { Format::Text })?;
    let (report, ended, gate) = report_of(args)?;
    let code = outputs.write(report, &args.output, &gate)?;
    Ok(match ended {
        Ended::Interrupted => INTERRUPTED,
        // Judged on what was seen until then, as was asked for.
        Ended::Late if args.limits.on_deadline == OnDeadline::Allow && code == INCOMPLETE => 0,
        _ => code,
    })
}

/// How a scan came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everything was looked at.
    Whole,
    /// Ctrl-C.
    Interrupted,
    /// `--deadline`
    Late,
}

/// Scans and judges.
fn report_of(args: &ScanArgs) -> anyhow::Result<(Report, Ended, Gate)> {
    let work = Work {
        sources: &args.sources,
        governance: &args.governance,
        limits: &args.limits,
        quiet: args.output.quiet,
        known: true,
    };
    let mut gate = None;
    let check = |config: &Config| {
        let asked = output::gate(&args.output, &args.governance, config)?;
        Ok(gate.insert(asked).clone())
    };
    let (report, ended) = work.judged(check, |assessment, _| Ok(report(assessment)))?;
    Ok((report, ended, gate.unwrap_or_default()))
}

/// What is scanned, and what it is judged with.
pub(crate) struct Work<'a> {
    pub(crate) sources: &'a SourceArgs,
    pub(crate) governance: &'a GovernanceArgs,
    pub(crate) limits: &'a LimitArgs,
    /// No progress on standard error.
    pub(crate) quiet: bool,
    /// Whether the baseline is read.
    pub(crate) known: bool,
}

impl Work<'_> {
    /// Scans, and hands everything to `judge`. `check` sees the configuration before the work begins, and tells
    /// the gate: its stage may ask for the history, and bound the time.
    pub(crate) fn judged<T>(
        &self,
        check: impl FnOnce(&Config) -> anyhow::Result<Gate>,
        judge: impl FnOnce(&Assessment<'_>, (&Config, &Trust)) -> anyhow::Result<T>,
    ) -> anyhow::Result<(T, Ended)> {
        let as_of = setup::as_of(self.governance.as_of.as_deref())?;
        setup::check_paths(self.sources)?;
        let (near, git) = (setup::near(self.sources), setup::git_environment());
        let trust = Trust::of(self.sources, self.governance, &git, &near);
        let config = trust.config(self.governance.config.as_deref(), &near)?;
        let gate = check(&config)?;
        let records = setup::inventory(self.governance, (&config, &trust), as_of)?;
        let judging = setup::judging(self.governance, &config, &trust, self.known)?;
        let watchlist = records.inventory.as_ref().map_or_else(Watchlist::new, watchlist_of);
        let detector = setup::detector(&config, &trust, watchlist, &self.governance.pepper_file)?;
        let mut plan = setup::plan(self.sources, self.limits, &config, git)?;
        // What is staged, pushed or piped in has no history of its own.
        plan.history |= gate.history && plan.sources.iter().all(|s| matches!(s, Source::Tree(_)));
        let file = config_file(self.governance.config.as_deref(), &near);
        plan.governing = setup::governing(Some(self.governance), &config, file);

        let progress = Arc::new(Progress::default());
        setup::stop_on_interrupt(&progress);
        setup::stop_at_deadline(setup::deadline(self.limits).or(gate.max_ms.map(Duration::from_millis)), &progress);
        let display = Display::start(&progress, self.quiet);
        let mut observed = observe(&plan, &detector, &progress, &mut std::io::stdin())?;
        for one in &mut observed {
            one.watchlist = records.inventory.is_some();
        }
        drop(display);
        setup::show_notes(&progress, self.sources, self.limits);

        let mut assessment = Assessment::new(&observed, &config.policy, as_of);
        judging.join(&records, &mut assessment);
        let ended = match (progress.interrupted.load(Ordering::Relaxed), progress.late.load(Ordering::Relaxed)) {
            (false, _) => Ended::Whole,
            (true, true) => Ended::Late,
            (true, false) => Ended::Interrupted,
        };
        Ok((judge(&assessment, (&config, &trust))?, ended))
    }
}
