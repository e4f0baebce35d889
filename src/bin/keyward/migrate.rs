//! `keyward migrate FILE...`: rules and suppressions of other scanners.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use keyward::migrate;

use crate::args::MigrateArgs;

pub(crate) fn run(args: &MigrateArgs) -> anyhow::Result<u8> {
    let mut told = Vec::new();
    for path in &args.files {
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
        ("keyward.toml", join(|m| &m.config)),
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

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let path: PathBuf = path.to_owned();
    fs::write(&path, text).with_context(|| path.display().to_string())
}
