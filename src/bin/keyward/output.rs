//! Reports to standard output and files; the gate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, bail};
use keyward::config::Config;
use keyward::report::{Category, Disclose, Format, RenderOptions, github_line_hashes, render, sarif_left_out};
use keyward::{Gate, Level, RepoPath, Report, checks};

use crate::args::{Color, Disclosure, FailOn, GovernanceArgs, OutputArgs};

/// A gap, and nothing at the gate in the rest.
pub(crate) const INCOMPLETE: u8 = 3;

/// Output that was asked for, parsed before anything is scanned.
pub(crate) struct Outputs {
    stdout: Format,
    files: Vec<(Format, String)>,
}

impl Outputs {
    /// Checks formats and paths; `default` is the format of standard output if none is asked for.
    pub(crate) fn parse(args: &OutputArgs, default: Format) -> anyhow::Result<Self> {
        let stdout = match &args.format {
            Some(typed) => typed.parse().with_context(|| format!("--format {typed}"))?,
            None => default,
        };
        let mut files = Vec::new();
        for typed in &args.output {
            let Some((format, path)) = typed.split_once('=') else {
                bail!("--output {typed}: expected FORMAT=PATH, as in sarif=keyward.sarif");
            };
            let format = format.parse().with_context(|| format!("--output {typed}"))?;
            writable(Path::new(path)).with_context(|| format!("--output {typed}"))?;
            files.push((format, path.to_owned()));
        }
        Ok(Self { stdout, files })
    }

    /// Writes everything; the gate's verdict is the exit code.
    pub(crate) fn write(&self, mut report: Report, args: &OutputArgs, gate: &Gate) -> anyhow::Result<u8> {
        let code = exit_code(&report, args, gate);
        let mut options = RenderOptions::new(checks::all());
        let asked = args.disclose.map(|asked| match asked {
            Disclosure::Full => Disclose::Full,
            Disclosure::Ids => Disclose::Ids,
            Disclosure::None => Disclose::None,
        });
        options.disclose = asked.unwrap_or_default();
        options.category = category(&report);
        options.sarif_limit = args.sarif_limit;
        options.sarif_include_suppressed = args.sarif_include_suppressed;
        if let Some(folder) = &args.github_line_hash {
            options.line_hashes = line_hashes(&report, folder);
        }
        let stdout = std::io::stdout();
        let for_people = matches!(self.stdout, Format::Text | Format::Brief);
        // What stays on the screen of whoever has the inventory may show what is in it.
        let private = asked.is_none() && for_people && stdout.is_terminal();
        if !private {
            // All outputs say the same: what they may not is taken out once, and no copy is made.
            report = report.disclosed(options.disclose);
            options.disclose = Disclose::Full;
        }
        for (format, path) in &self.files {
            let file = File::create(path).with_context(|| path.clone())?;
            let mut out = BufWriter::new(file);
            render(&report, *format, &options, &mut out).and_then(|()| out.flush()).with_context(|| path.clone())?;
        }
        if self.stdout == Format::Sarif || self.files.iter().any(|(format, _)| *format == Format::Sarif) {
            match sarif_left_out(&report, &options) {
                0 => {}
                n => anstream::eprintln!(
                    "keyward: note: SARIF has the gravest {} results of a run; {n} of lower severity left out \
                     (--sarif-limit 0: none)",
                    args.sarif_limit
                ),
            }
        }
        options.color = for_people && colored(args.color);
        options.width = width();
        options.verbose = args.verbose;
        if private {
            options.disclose = Disclose::Full;
        }
        let mut out = BufWriter::new(stdout.lock());
        render(&report, self.stdout, &options, &mut out)?;
        out.flush()?;
        Ok(code)
    }
}

/// Whether a file can be made there, as far as that can be told without making it: a long scan whose report
/// has no place is lost.
pub(crate) fn writable(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("this is a folder; expected the name of a file");
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            bail!("there is no folder {}", folder.display());
        }
        _ => Ok(()),
    }
}

/// GitHub's hashes of the lines of every file that a finding stands in. A file that is not there has
/// none: GitHub makes none either.
fn line_hashes(report: &Report, folder: &Path) -> BTreeMap<Vec<u8>, Vec<String>> {
    let paths: BTreeSet<_> = report.judgement.findings.iter().map(|f| &f.primary.path).collect();
    let hashes = |path: &RepoPath| {
        let bytes = std::fs::read(folder.join(&*path.to_str_lossy())).ok()?;
        Some((path.as_bytes().to_vec(), github_line_hashes(&String::from_utf8_lossy(&bytes))))
    };
    paths.into_iter().filter_map(hashes).collect()
}

/// The policy's gate for the stage, with what was asked for on the command line.
pub(crate) fn gate(args: &OutputArgs, governance: &GovernanceArgs, config: &Config) -> anyhow::Result<Gate> {
    let stage = args.stage.as_deref().or(config.stage.as_deref());
    if let Some(stage) = stage
        && !config.policy.gates.contains_key(stage)
    {
        let known: Vec<&str> = config.policy.gates.keys().map(String::as_str).collect();
        bail!("--stage {stage}: the policy has no such gate; it has {}", known.join(", "));
    }
    let mut gate = config.policy.gate(stage);
    if let Some(asked) = args.fail_on {
        if asked == FailOn::New && governance.baseline.is_none() && config.baseline.is_none() {
            bail!("--fail-on new: there is no baseline; `keyward baseline write` makes one, --baseline names it");
        }
        gate.fail_on = level(asked);
    }
    Ok(gate)
}

/// The stream of alerts that a report belongs to: what looked at less than all must not close alerts.
pub(crate) fn category(report: &Report) -> Category {
    let has = |scope: &str| report.scope.iter().any(|s| s == scope);
    if has("history") {
        Category::History
    } else if has("tree") {
        Category::Tree
    } else {
        Category::Diff
    }
}

/// The level that was asked for; `None` for none.
pub(crate) fn level(asked: FailOn) -> Option<Level> {
    match asked {
        FailOn::Error => Some(Level::Error),
        // What a baseline holds fails nothing anyway.
        FailOn::Warning | FailOn::New => Some(Level::Warning),
        FailOn::Note => Some(Level::Note),
        FailOn::None => None,
    }
}

/// 0 nothing that fails the gate, 1 (or `--exit-code`) findings, 3 a gap.
fn exit_code(report: &Report, args: &OutputArgs, gate: &Gate) -> u8 {
    let failed = report.judgement.findings.iter().any(|f| gate.fails(f));
    match (failed, report.complete) {
        _ if args.exit_zero => 0,
        (_, false) if args.require_complete => INCOMPLETE,
        (true, _) => args.exit_code,
        (false, false) => INCOMPLETE,
        (false, true) => 0,
    }
}

/// Whether standard output takes colours: asked for, or a terminal that has not been told otherwise.
pub(crate) fn colored(when: Color) -> bool {
    match when {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            std::io::stdout().is_terminal()
                && anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
        }
    }
}

/// Columns of the terminal; 80 elsewhere.
pub(crate) fn width() -> usize {
    if std::io::stdout().is_terminal() {
        terminal_size::terminal_size().map_or(80, |(w, _)| usize::from(w.0)).clamp(60, 140)
    } else {
        80
    }
}

/// Breaks a paragraph at spaces; its first line begins with `label`, the others under what follows that.
pub(crate) fn wrapped(label: &str, text: &str, width: usize) -> String {
    let indent = label.chars().count();
    let mut out = label.to_owned();
    let mut column = indent;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > width {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        }
        if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}
