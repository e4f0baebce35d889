//! `keyward demo`: a small repository with planted, made-up credentials and its inventory, scanned.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use clap::Parser;
use keyward::Sample;

use crate::args::{Cli, Color, Command as Sub, DemoArgs};
use crate::scan;

/// The day the sample is judged on, so that the report is always the same.
const AS_OF: &str = "2026-11-22";
/// When its commits were made.
const COMMITTED: &str = "2026-03-02T09:00:00Z";

macro_rules! demo_files {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo/tree/", $path)))),+]
    };
}

const TREE: &[(&str, &str)] = demo_files![
    "README.md",
    "config/prod/payments.env",
    "config/staging/payments.env",
    "services/shipping/client.py",
    "services/crm/settings.yaml",
    "services/mail.properties",
    ".github/workflows/deploy.yml",
    "web/checkout.js",
];
const VALUES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo/values.toml"));
const INVENTORY: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo/inventory.yaml"));

pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<u8> {
    let folder = folder(args.into.as_deref())?;
    let repository = folder.join("orders");
    let inventory = folder.join("inventory.yaml");
    let sarif = folder.join("keyward.sarif");
    make(&repository, &inventory)?;

    anstream::println!("A made-up repository and its inventory of partner credentials, scanned with\n");
    anstream::println!(
        "  keyward scan orders --inventory inventory.yaml --as-of {AS_OF} --output sarif=keyward.sarif\n"
    );
    let (repository_text, inventory_text) = (repository.display().to_string(), inventory.display().to_string());
    let color = match args.color {
        Color::Auto => "auto",
        Color::Always => "always",
        Color::Never => "never",
    };
    let cli = Cli::parse_from([
        "keyward",
        "scan",
        &repository_text,
        "--inventory",
        &inventory_text,
        "--as-of",
        AS_OF,
        "--color",
        color,
        "--output",
        &format!("sarif={}", sarif.display()),
    ]);
    let Sub::Scan(scan) = cli.command else { bail!("the demo scans") };
    let code = scan::run(&scan)?;
    if !matches!(code, 0 | 1) {
        bail!("the sample could not be scanned completely");
    }
    let mut out = anstream::stdout().lock();
    writeln!(out, "\nThe sample stays in {}", folder.display())?;
    writeln!(out, "  SARIF for code scanning   {}", sarif.display())?;
    writeln!(out, "  the inventory             {}", inventory.display())?;
    if args.into.is_none() {
        let remove = if cfg!(windows) { "rmdir /s /q" } else { "rm -r" };
        writeln!(out, "  to remove it              {remove} {}", folder.display())?;
    }
    writeln!(out, "\nOn your own code:")?;
    writeln!(out, "  keyward scan                                 the working tree around you")?;
    writeln!(out, "  keyward scan --history                       every object of its repository")?;
    writeln!(out, "  keyward inventory template > inventory.csv   start an inventory")?;
    writeln!(out, "  keyward explain KW101                        what a check asks for")?;
    Ok(0)
}

/// The folder to write into: a new temporary one, or the named one if it is empty or not there.
fn folder(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(folder) = named {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        if fs::read_dir(folder).with_context(|| folder.display().to_string())?.next().is_some() {
            bail!("{}: the folder is not empty", folder.display());
        }
        return Ok(folder.to_owned());
    }
    let base = std::env::temp_dir();
    for n in 1..10_000 {
        let folder = base.join(format!("keyward-demo-{n}"));
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| folder.display().to_string()),
        }
    }
    bail!("{}: no room for another demo folder", base.display())
}

fn make(repository: &Path, inventory: &Path) -> anyhow::Result<()> {
    let sample = Sample::parse(VALUES)?;
    for (path, text) in TREE {
        let file = repository.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&file, sample.fill(text, &[])).with_context(|| file.display().to_string())?;
    }
    fs::write(inventory, sample.fill(INVENTORY, &[])).with_context(|| inventory.display().to_string())?;
    git(repository, &["init", "--quiet", "--initial-branch=main"])?;
    git(repository, &["add", "--all"])?;
    git(repository, &["commit", "--quiet", "--no-gpg-sign", "--message", "Orders"])
}

/// Runs git on the sample with nothing of the user's configuration or hooks.
fn git(repository: &Path, args: &[&str]) -> anyhow::Result<()> {
    let nowhere = if cfg!(windows) { "NUL" } else { "/dev/null" };
    let status = Command::new("git")
        .args(["-c", "core.hooksPath=", "-c", "core.autocrlf=false"])
        .args(args)
        .current_dir(repository)
        .env("GIT_CONFIG_GLOBAL", nowhere)
        .env("GIT_CONFIG_SYSTEM", nowhere)
        .env("GIT_AUTHOR_NAME", "Omar")
        .env("GIT_AUTHOR_EMAIL", "omar@northwind.example")
        .env("GIT_COMMITTER_NAME", "Omar")
        .env("GIT_COMMITTER_EMAIL", "omar@northwind.example")
        .env("GIT_AUTHOR_DATE", COMMITTED)
        .env("GIT_COMMITTER_DATE", COMMITTED)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .context("git: the demo makes a repository with it")?;
    if !status.success() {
        bail!("git {}: {status}", args.join(" "));
    }
    Ok(())
}
