//! `keyward observe`: the map. Exits with 0 whenever it could look, whatever it found.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use anyhow::{Context, bail};
use keyward::{Progress, Watchlist, observations, observe};

use crate::args::ObserveArgs;
use crate::output::writable;
use crate::progress::Display;
use crate::setup;
use crate::trust::{Trust, config_file};

pub(crate) fn run(args: &ObserveArgs) -> anyhow::Result<u8> {
    let path = match args.output.as_deref().map(|o| o.split_once('=')) {
        None => None,
        Some(Some(("jsonl", path))) => Some(path),
        Some(_) => bail!("--output: expected jsonl=PATH"),
    };
    if let Some(path) = path {
        writable(path.as_ref()).with_context(|| format!("--output jsonl={path}"))?;
    }
    setup::check_paths(&args.sources)?;
    let (near, git) = (setup::near(&args.sources), setup::git_environment());
    let config = Trust::WorkingTree.config(args.config.as_deref(), &near)?;
    let watchlist = match &args.watchlist {
        None => Watchlist::new(),
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            // The parser's own message may quote the file.
            serde_json::from_str(&text).map_err(|e| {
                anyhow::anyhow!(
                    "{}:{}:{}: expected a watchlist, as `keyward inventory watchlist` prints it",
                    file.display(),
                    e.line(),
                    e.column()
                )
            })?
        }
    };
    let detector = setup::detector(&config, &Trust::WorkingTree, watchlist, &args.pepper_file)?;
    let mut plan = setup::plan(&args.sources, &args.limits, &config, git)?;
    plan.governing = setup::governing(None, &config, config_file(args.config.as_deref(), &near));
    let progress = Arc::new(Progress::default());
    setup::stop_on_interrupt(&progress);
    setup::stop_at_deadline(setup::deadline(&args.limits), &progress);
    let display = Display::start(&progress, false);
    let mut observed = observe(&plan, &detector, &progress, &mut std::io::stdin())?;
    for one in &mut observed {
        one.watchlist = args.watchlist.is_some();
    }
    drop(display);
    setup::show_notes(&progress, &args.sources, &args.limits);
    let mut out: Box<dyn Write> = match path {
        Some(path) => Box::new(BufWriter::new(File::create(path).with_context(|| path.to_owned())?)),
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
    };
    for one in &observed {
        observations::write(one, &mut out)?;
    }
    out.flush()?;
    Ok(if observed.iter().any(|o| o.coverage.has_gap()) { 3 } else { 0 })
}
