//! `keyward diff`: what changed from one report to another.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use keyward::report::RenderOptions;
use keyward::report::difference::{Difference, Snapshot, render_json, render_text};

use crate::args::{DiffArgs, DiffFormat};
use crate::output;

/// Bytes of one report.
const MOST: u64 = 1 << 30;
/// Something at the asked level counts that did not count before.
const WORSE: u8 = 1;

pub(crate) fn run(args: &DiffArgs) -> anyhow::Result<u8> {
    let difference = Difference::between(&snapshot(&args.old)?, &snapshot(&args.new)?);
    let mut out = BufWriter::new(std::io::stdout().lock());
    match args.format {
        DiffFormat::Text => {
            let (color, width) = (output::colored(args.color), output::width());
            let options = RenderOptions { color, width, ..RenderOptions::default() };
            render_text(&difference, &options, &mut out)?;
        }
        DiffFormat::Json => render_json(&difference, &mut out)?,
    }
    out.flush()?;
    let level = args.fail_on.and_then(output::level);
    Ok(if level.is_some_and(|level| difference.is_worse(level)) { WORSE } else { 0 })
}

fn snapshot(path: &Path) -> anyhow::Result<Snapshot> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
    read.with_context(|| format!("{name}: expected a report, as `keyward scan --format json > {name}` writes it"))?;
    if bytes.len() as u64 > MOST {
        bail!("{name}: larger than {MOST} bytes; expected a report");
    }
    Ok(Snapshot::read(&name, &bytes)?)
}
