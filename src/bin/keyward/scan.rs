//! `keyward scan`: observe and assess in one.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use keyward::report::{Category, Format};
use keyward::{Assessment, Gate, Progress, Report, Watchlist, observe, report, watchlist_of};

use crate::args::{OnDeadline, ScanArgs};
use crate::output::{self, INCOMPLETE, Outputs};
use crate::progress::Display;
use crate::setup;
use crate::trust::Trust;

/// What a run ended by Ctrl-C exits with.
const INTERRUPTED: u8 = 130;

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<u8> {
    // What is wrong with the command is said before the work.
    let sources = &args.sources;
    let hook = sources.staged || sources.pre_commit || sources.pre_push || sources.pre_receive;
    let outputs = Outputs::parse(&args.output, if hook { Format::Brief } else { Format::Text })?;
    let (report, ended, gate) = report_of(args)?;
    let category = if hook || sources.stdin || sources.range.is_some() {
        Category::Diff
    } else if sources.history {
        Category::History
    } else {
        Category::Tree
    };
    let code = outputs.write(&report, &args.output, &gate, category)?;
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
pub(crate) fn report_of(args: &ScanArgs) -> anyhow::Result<(Report, Ended, Gate)> {
    let as_of = setup::as_of(args.governance.as_of.as_deref())?;
    setup::check_paths(&args.sources)?;
    let (near, git) = (setup::near(&args.sources), setup::git_environment());
    let trust = Trust::of(&args.sources, &args.governance, &git, &near);
    let config = trust.config(args.governance.config.as_deref(), &near)?;
    let gate = output::gate(&args.output, &config)?;
    let inventory = setup::inventory(&args.governance, &config)?;
    let judging = setup::judging(&args.governance, &config, &trust)?;
    let watchlist = inventory.as_ref().map_or_else(Watchlist::new, watchlist_of);
    let detector = setup::detector(&config, &trust, watchlist, &args.governance.pepper_file)?;
    let plan = setup::plan(&args.sources, &args.limits, &config, git)?;

    let progress = Arc::new(Progress::default());
    setup::stop_on_interrupt(&progress);
    setup::stop_at_deadline(&args.limits, &progress);
    let display = Display::start(&progress, args.output.quiet);
    let observed = observe(&plan, &detector, &progress, &mut std::io::stdin())?;
    drop(display);
    setup::show_notes(&progress);

    let mut assessment = Assessment::new(&observed, &config.policy, as_of);
    assessment.inventory = inventory.as_ref();
    judging.join(&mut assessment);
    let ended = match (progress.interrupted.load(Ordering::Relaxed), progress.late.load(Ordering::Relaxed)) {
        (false, _) => Ended::Whole,
        (true, true) => Ended::Late,
        (true, false) => Ended::Interrupted,
    };
    Ok((report(&assessment), ended, gate))
}
