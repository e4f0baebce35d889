//! From what was typed to what it means: configuration, inventory, detector, day.

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use jiff::civil::Date;
use keyward::config::Config;
use keyward::{
    Assessment, Baseline, ChangeScope, Detector, Exceptions, GitEnvironment, Inventory, InventoryHistory, ObservePlan,
    Roster, RuleSet, Source, WalkOptions, Watchlist, inventory, inventory_history,
};

use crate::args::{GovernanceArgs, LimitArgs, SourceArgs};
use crate::trust::Trust;
use crate::{peppers, rules};

/// Bounds of an inventory export.
const MAX_EXPORT_BYTES: u64 = 1 << 30;
const MAX_ROWS: usize = 5_000_000;

/// The inventory, and how it came to be what it is.
#[derive(Default)]
pub(crate) struct Records {
    pub(crate) inventory: Option<Inventory>,
    /// Its versions, where it is kept in git.
    history: Option<InventoryHistory>,
}

/// The inventory, if one was named on the command line or in the configuration.
pub(crate) fn inventory(
    args: &GovernanceArgs,
    (config, trust): (&Config, &Trust),
    as_of: Date,
) -> anyhow::Result<Records> {
    let peppers = peppers::read(&args.pepper_file)?;
    let mut sources = inventory_sources(args, config);
    for source in &mut sources {
        source.content = trust.content(&source.path)?;
    }
    let mut inventory = load_inventory(&sources, args.inventory_strict, &peppers, config)?;
    if let Some(inventory) = &mut inventory {
        config.date_exports(inventory);
        inventory.settle(as_of);
    }
    let history = inventory_history(&sources, &load_options(false, &peppers, config), trust.commit());
    Ok(Records { inventory, history })
}

fn inventory_sources(args: &GovernanceArgs, config: &Config) -> Vec<inventory::Source> {
    let typed: Vec<_> = args.inventory.iter().map(|typed| source(typed, config)).collect();
    if typed.is_empty() { config.inventory_sources() } else { typed }
}

/// The files that decide on findings, and what they are.
pub(crate) fn governing(args: Option<&GovernanceArgs>, config: &Config, file: PathBuf) -> Vec<(PathBuf, &'static str)> {
    let mut all = vec![(file, "policy")];
    let inventory = args.map_or_else(|| config.inventory_sources(), |args| inventory_sources(args, config));
    all.extend(inventory.into_iter().map(|s| (s.path, "inventory")));
    all.extend(config.rule_files.iter().map(|f| (f.clone(), "rules")));
    let named = [
        (args.and_then(|a| a.roster.as_ref()).or(config.roster.as_ref()), "roster"),
        (args.and_then(|a| a.exceptions.as_ref()).or(config.exceptions.as_ref()), "exceptions"),
        (args.and_then(|a| a.baseline.as_ref()).or(config.baseline.as_ref()), "baseline"),
    ];
    all.extend(named.into_iter().filter_map(|(file, what)| Some((file?.clone(), what))));
    all
}

pub(crate) fn load_inventory(
    sources: &[inventory::Source],
    strict: bool,
    peppers: &[keyward::Pepper],
    config: &Config,
) -> anyhow::Result<Option<Inventory>> {
    if sources.is_empty() {
        return Ok(None);
    }
    Ok(Some(inventory::load(sources, &load_options(strict, peppers, config))?))
}

fn load_options<'a>(strict: bool, peppers: &'a [keyward::Pepper], config: &'a Config) -> inventory::LoadOptions<'a> {
    inventory::LoadOptions {
        peppers,
        strict,
        mappings: &config.mappings,
        max_bytes: MAX_EXPORT_BYTES,
        max_rows: MAX_ROWS,
    }
}

/// `FILE` or `FILE:FORMAT`.
pub(crate) fn source(typed: &str, config: &Config) -> inventory::Source {
    let known = |word: &str| {
        matches!(word, "csv" | "json" | "yaml")
            || config.mappings.contains_key(word)
            || inventory::formats().iter().any(|(name, _)| *name == word)
    };
    match typed.rsplit_once(':') {
        Some((file, format)) if known(format) => inventory::Source {
            path: file.into(),
            name: file.to_owned(),
            format: Some(format.to_owned()),
            content: None,
        },
        _ => inventory::Source { path: typed.into(), name: typed.to_owned(), format: None, content: None },
    }
}

/// The detector: built-in and configured rules, and what the inventory lets it look for.
pub(crate) fn detector(
    config: &Config,
    trust: &Trust,
    mut watchlist: Watchlist,
    pepper_files: &[PathBuf],
) -> anyhow::Result<Detector> {
    config.extend(&mut watchlist);
    let user = rules::read(&config.rule_files, trust)?;
    let mut set = if user.is_empty() && !config.replace_rules {
        RuleSet::builtin()
    } else {
        RuleSet::with_user(user, config.replace_rules)?
    };
    for (id, unknown) in &config.disabled_rules {
        if !set.disable(id) {
            return Err(unknown.clone().into());
        }
    }
    if set.formats() == 0 {
        bail!("rules.disable switches all rules off, and zero rules find nothing");
    }
    let detector = Detector::new(set, watchlist, peppers::read(pepper_files)?);
    Ok(detector.with_radar_salt(peppers::radar_salt()?).heeding(config.wishes.clone()))
}

/// What is scanned and how.
pub(crate) fn plan(
    sources: &SourceArgs,
    limits: &LimitArgs,
    config: &Config,
    git: GitEnvironment,
) -> anyhow::Result<ObservePlan> {
    let mut all: Vec<Source> = sources.paths.iter().cloned().map(Source::Tree).collect();
    if sources.stdin {
        all = vec![Source::Stdin(sources.stdin_name.clone())];
    } else if let Some(scope) = change(sources)? {
        all = vec![Source::Change(near(sources), scope)];
    } else if all.is_empty() {
        all.push(Source::Tree(PathBuf::from(".")));
    }
    let threads = limits.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    Ok(ObservePlan {
        sources: all,
        history: sources.history,
        submodules: !sources.no_submodules,
        cache: limits.cache.clone(),
        git,
        default_branch: sources.default_branch.clone().or_else(|| config.default_branch.clone()),
        governing: Vec::new(),
        walk: WalkOptions {
            no_ignore: sources.no_ignore,
            max_file_bytes: limits.max_file_bytes,
            threads: threads.max(1),
            excluded: config.exclude.clone(),
        },
    })
}

/// The change that is looked at, if one is; reads a hook's lines from standard input.
fn change(sources: &SourceArgs) -> anyhow::Result<Option<ChangeScope>> {
    const MOST_LINES: u64 = 16 << 20;
    let lines = || -> anyhow::Result<Vec<u8>> {
        let mut lines = Vec::new();
        std::io::stdin().lock().take(MOST_LINES).read_to_end(&mut lines)?;
        Ok(lines)
    };
    Ok(if sources.staged {
        Some(ChangeScope::Staged)
    } else if sources.pre_commit {
        Some(ChangeScope::PreCommit { files: sources.paths.clone() })
    } else if let Some(range) = &sources.range {
        Some(ChangeScope::Range(range.clone()))
    } else if sources.pre_receive {
        Some(ChangeScope::PreReceive { lines: lines()? })
    } else if sources.pre_push {
        // The framework closes standard input and tells in variables what git told it; run by hand or in
        // continuous integration, it tells the two ends and no remote.
        let variable = |name: &str| std::env::var_os(name).and_then(|v| v.into_string().ok()).filter(|v| !v.is_empty());
        let (from, remote) = (variable("PRE_COMMIT_FROM_REF"), variable("PRE_COMMIT_REMOTE_NAME"));
        Some(if from.is_some() || remote.is_some() {
            let to = variable("PRE_COMMIT_TO_REF").or_else(|| variable("PRE_COMMIT_LOCAL_BRANCH"));
            ChangeScope::PreCommitPush { from, to, remote }
        } else {
            ChangeScope::PrePush { lines: lines()?, remote: sources.remote.clone() }
        })
    } else {
        None
    })
}

/// What git tells its hooks.
pub(crate) fn git_environment() -> GitEnvironment {
    GitEnvironment::from_vars(|name| std::env::var_os(name))
}

/// The deadline that was typed.
pub(crate) fn deadline(limits: &LimitArgs) -> Option<Duration> {
    limits.deadline.map(Duration::from_secs)
}

/// Ends the run after the deadline, if there is one.
pub(crate) fn stop_at_deadline(after: Option<Duration>, progress: &std::sync::Arc<keyward::Progress>) {
    if let Some(after) = after {
        let progress = std::sync::Arc::clone(progress);
        std::thread::spawn(move || {
            std::thread::sleep(after);
            progress.late.store(true, std::sync::atomic::Ordering::Relaxed);
            progress.interrupted.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }
}

/// A day that was typed.
pub(crate) fn day(flag: &str, typed: &str) -> anyhow::Result<Date> {
    typed.parse().ok().with_context(|| format!("{flag} {typed}: expected a day, as in 2026-11-22"))
}

/// The day that governance is judged on.
pub(crate) fn as_of(typed: Option<&str>) -> anyhow::Result<Date> {
    match typed {
        Some(text) => day("--as-of", text),
        #[allow(clippy::disallowed_methods, reason = "the one place where today becomes part of the plan")]
        None => Ok(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()),
    }
}

/// The folder that decides which configuration is read.
pub(crate) fn near(sources: &SourceArgs) -> PathBuf {
    let named = sources.paths.first().filter(|_| !sources.pre_commit);
    named.cloned().unwrap_or_else(|| PathBuf::from("."))
}

/// Paths that do not exist are errors before anything is scanned.
pub(crate) fn check_paths(sources: &SourceArgs) -> anyhow::Result<()> {
    let whole = sources.staged || sources.range.is_some() || sources.pre_push || sources.pre_receive;
    if whole && (sources.paths.len() > 1 || sources.paths.iter().any(|p| p.is_file())) {
        bail!("a change is looked at as a whole: expected the folder of one repository, or no path");
    }
    for path in &sources.paths {
        if let Err(error) = std::fs::symlink_metadata(path) {
            bail!("{}: {error}", path.display());
        }
    }
    Ok(())
}

/// What judging needs beside the inventory.
#[derive(Default)]
pub(crate) struct Judging {
    roster: Option<Roster>,
    exceptions: Option<Exceptions>,
    baseline: Option<Baseline>,
    /// Another side than the working tree is trusted.
    elsewhere: bool,
}

/// Reads roster, exceptions and baseline, as named on the command line or in the configuration. What writes a
/// baseline reads none: `known` is false.
pub(crate) fn judging(args: &GovernanceArgs, config: &Config, trust: &Trust, known: bool) -> anyhow::Result<Judging> {
    Ok(Judging {
        roster: read(
            trust,
            args.roster.as_ref().or(config.roster.as_ref()),
            "expected a table of people",
            |name, text| Ok(Roster::parse(name, text)?),
        )?,
        exceptions: read(
            trust,
            args.exceptions.as_ref().or(config.exceptions.as_ref()),
            "expected written exceptions",
            |name, text| Ok(Exceptions::parse(name, text)?),
        )?,
        baseline: read(
            trust,
            args.baseline.as_ref().or(config.baseline.as_ref()).filter(|_| known),
            "`keyward baseline write` makes one",
            |name, text| Ok(Baseline::parse(name, text)?),
        )?,
        elsewhere: matches!(trust, Trust::Commit { .. }),
    })
}

fn read<T>(
    trust: &Trust,
    file: Option<&PathBuf>,
    expected: &str,
    parse: impl Fn(&str, &str) -> anyhow::Result<T>,
) -> anyhow::Result<Option<T>> {
    let Some(path) = file else { return Ok(None) };
    let name = path.display().to_string();
    let text = trust.read(path)?.with_context(|| format!("{name}: no such file; {expected}"))?;
    parse(&name, &text).map(Some)
}

impl Judging {
    /// Adds what was read.
    pub(crate) fn join<'a>(&'a self, records: &'a Records, assessment: &mut Assessment<'a>) {
        assessment.inventory = records.inventory.as_ref();
        assessment.inventory_history = records.history.as_ref();
        assessment.roster = self.roster.as_ref();
        assessment.exceptions = self.exceptions.as_ref();
        assessment.baseline = self.baseline.as_ref();
        assessment.own_permissions = !self.elsewhere;
    }
}

/// Remarks that change nothing about the result, on standard error.
pub(crate) fn show_notes(progress: &keyward::Progress, sources: &SourceArgs, limits: &LimitArgs) {
    if limits.cache.is_some() && !sources.history {
        anstream::eprintln!(
            "keyward: note: --cache remembers objects of the history: without --history it is not used"
        );
    }
    for note in progress.notes.all() {
        anstream::eprintln!("keyward: note: {note}");
    }
}

/// Ctrl-C ends the run early: what was found by then is written, and the report says so. Whoever does not want to
/// wait for a long report presses it again.
#[allow(clippy::exit, clippy::disallowed_methods, reason = "nothing is left to write or to undo")]
pub(crate) fn stop_on_interrupt(progress: &std::sync::Arc<keyward::Progress>) {
    use std::sync::atomic::{AtomicBool, Ordering};
    let progress = std::sync::Arc::clone(progress);
    let again = AtomicBool::new(false);
    // Without a handler Ctrl-C kills the run, which is safe too.
    let _ = ctrlc::set_handler(move || {
        if again.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        progress.interrupted.store(true, Ordering::Relaxed);
    });
}
