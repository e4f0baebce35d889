//! `keyward migrate FILE...`: rules and suppressions of other scanners.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use keyward::{migrate, migrate_markers};

use crate::args::MigrateArgs;

pub(crate) fn run(args: &MigrateArgs) -> anyhow::Result<u8> {
    let mut told = Vec::new();
    for path in &args.files {
        if path.is_dir() {
            let folder = path.canonicalize().with_context(|| path.display().to_string())?;
            told.push((path, migrate_markers(&folder)));
            continue;
        }
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        told.push((path, migrate(&path.display().to_string(), &text)?));
    }
    let join = |of: fn(&keyward::Migrated) -> &str| {
        told.iter().map(|(_, m)| of(m)).filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n")
    };
    for (name, of) in
        [("rules", (|m| m.rules.as_str()) as fn(&keyward::Migrated) -> &str), ("exceptions", |m| &m.exceptions)]
    {
        if told.iter().filter(|(_, m)| !of(m).is_empty()).count() > 1 {
            bail!("several files have {name}: migrate them one at a time, each into its own folder");
        }
    }
    let files = [
        ("keyward-rules.toml", join(|m| &m.rules)),
        ("keyward-exceptions.toml", join(|m| &m.exceptions)),
        ("keyward.toml", one_config(told.iter().map(|(_, m)| m.config.as_str()))),
    ];
    let written: Vec<&(&str, String)> = files.iter().filter(|(_, text)| !text.is_empty()).collect();
    // Nothing is written over, and nothing is written if one file is in the way.
    let target = |name: &str| args.into.join(name);
    if let Some(there) = written.iter().map(|(name, _)| target(name)).find(|p| p.exists()) {
        bail!("{}: is there already; choose another folder with --into", there.display());
    }
    if !written.is_empty() {
        fs::create_dir_all(&args.into).with_context(|| args.into.display().to_string())?;
    }
    for (path, migrated) in &told {
        anstream::print!("{}: {}", path.display(), migrated.summary());
    }
    for (name, text) in written {
        write(&target(name), text)?;
        anstream::println!("wrote {}", target(name).display());
    }
    Ok(0)
}

/// Keys of the top stand before every table.
fn one_config<'c>(all: impl Iterator<Item = &'c str>) -> String {
    let (mut keys, mut tables) = (String::new(), String::new());
    for config in all {
        let at = if config.starts_with('[') { 0 } else { config.find("\n[").map_or(config.len(), |n| n + 1) };
        keys.push_str(config[..at].trim_start());
        if at < config.len() {
            let gap = if tables.is_empty() && keys.is_empty() { "" } else { "\n" };
            tables.push_str(gap);
            tables.push_str(config[at..].trim_end());
            tables.push('\n');
        }
    }
    keys + &tables
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let path: PathBuf = path.to_owned();
    fs::write(&path, text).with_context(|| path.display().to_string())
}
