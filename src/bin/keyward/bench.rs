//! `keyward bench decode | carry`: hidden; for `benches/history` and `tests/differential`.

use std::io::Write as _;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;

use keyward::{Detector, Progress, RuleSet, Watchlist, carried_and_whole, decoded};

use crate::args::{BenchArgs, BenchCommand};

/// What exits with it: something differed.
const DIFFERENT: u8 = 1;

pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<u8> {
    let progress = Arc::new(Progress::default());
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN));
    match &args.command {
        BenchCommand::Decode { repository } => decode(repository, threads, &progress),
        BenchCommand::Carry { repository } => carry(repository, threads, &progress),
    }
}

fn decode(repository: &Path, threads: NonZero<usize>, progress: &Progress) -> anyhow::Result<u8> {
    let built = decoded(repository, threads, progress)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "blobs         {}", built.blobs)?;
    writeln!(out, "bytes         {}", built.bytes)?;
    if let Some(seconds) = user_seconds() {
        writeln!(out, "user seconds  {seconds:.2}")?;
    }
    Ok(0)
}

fn carry(repository: &Path, threads: NonZero<usize>, progress: &Progress) -> anyhow::Result<u8> {
    let detector = Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new());
    let both = carried_and_whole(repository, &detector, threads, progress)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "objects     {} ({} left out)", both.objects, both.left_out)?;
    writeln!(out, "bytes       {}, of which {} went through the detector", both.bytes, both.scanned)?;
    writeln!(out, "candidates  {}", both.candidates)?;
    writeln!(out, "differing   {}", both.differing.len())?;
    writeln!(out, "misbuilt    {}", both.misbuilt.len())?;
    for id in both.differing.iter().chain(&both.misbuilt) {
        writeln!(out, "  {id}")?;
    }
    Ok(if both.differing.is_empty() && both.misbuilt.is_empty() { 0 } else { DIFFERENT })
}

/// User CPU time of this process until now, where the system tells it in a file.
fn user_seconds() -> Option<f64> {
    // Field 14; names may hold spaces and brackets. Ticks are hundredths on every Linux.
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let ticks: f64 = stat.rsplit(')').next()?.split_whitespace().nth(11)?.parse().ok()?;
    Some(ticks / 100.0)
}
