//! `keyward scan`: observe and assess in one.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use keyward::report::Category;
use keyward::{Assessment, Progress, Report, Watchlist, observe, report, watchlist_of};

use crate::args::ScanArgs;
use crate::output::Outputs;
use crate::progress::Display;
use crate::setup;

/// What a run ended by Ctrl-C exits with.
const INTERRUPTED: u8 = 130;

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<u8> {
    // What is wrong with the command is said before the work.
    let outputs = Outputs::parse(&args.output)?;
    let (report, interrupted) = report_of(args)?;
    let category = match (args.sources.stdin, args.sources.history) {
        (true, _) => Category::Diff,
        (_, true) => Category::History,
        _ => Category::Tree,
    };
    let code = outputs.write(&report, &args.output, category)?;
    Ok(if interrupted { INTERRUPTED } else { code })
}

/// Scans and judges; and whether Ctrl-C ended it.
pub(crate) fn report_of(args: &ScanArgs) -> anyhow::Result<(Report, bool)> {
    let as_of = setup::as_of(args.governance.as_of.as_deref())?;
    setup::check_paths(&args.sources)?;
    let config = setup::config(args.governance.config.as_deref(), &setup::near(&args.sources))?;
    let inventory = setup::inventory(&args.governance, &config)?;
    let judging = setup::judging(&args.governance, &config)?;
    let watchlist = inventory.as_ref().map_or_else(Watchlist::new, watchlist_of);
    let detector = setup::detector(&config, watchlist, &args.governance.pepper_file)?;
    let plan = setup::plan(&args.sources, &args.limits, &config);

    let progress = Arc::new(Progress::default());
    setup::stop_on_interrupt(&progress);
    let display = Display::start(&progress, args.output.quiet);
    let observed = observe(&plan, &detector, &progress, &mut std::io::stdin())?;
    drop(display);

    let mut assessment = Assessment::new(&observed, &config.policy, as_of);
    assessment.inventory = inventory.as_ref();
    judging.join(&mut assessment);
    Ok((report(&assessment), progress.interrupted.load(Ordering::Relaxed)))
}
