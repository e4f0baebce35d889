//! `keyward inventory lint | import | template | watchlist`.

mod import;

use std::io::Write;

use anyhow::{Context, bail};
use keyward::config::Config;
use keyward::{inventory, watchlist_of};

use crate::args::InventoryCommand;
use crate::{peppers, setup};

pub(crate) fn run(command: &InventoryCommand) -> anyhow::Result<u8> {
    match command {
        InventoryCommand::Lint { files } => lint(files),
        InventoryCommand::Import(args) => import::run(args),
        InventoryCommand::Template { format, full } => template(format, *full),
        InventoryCommand::Watchlist { files } => watchlist(files),
    }
}

fn load(files: &[String]) -> anyhow::Result<keyward::Inventory> {
    let config = Config::default();
    let sources: Vec<_> = files.iter().map(|f| setup::source(f, &config)).collect();
    setup::load_inventory(&sources, false, &peppers::read(&[])?, &config)?.context("no inventory")
}

fn lint(files: &[String]) -> anyhow::Result<u8> {
    let inventory = load(files)?;
    let lines = inventory::lint(&inventory);
    let mut out = std::io::stdout().lock();
    for line in &lines {
        let place = if line.at.line > 0 {
            format!("{}:{}", line.at.file, line.at.line)
        } else {
            format!("{}, record {}", line.at.file, line.at.index + 1)
        };
        let id = line.id.as_deref().map_or(String::new(), |id| format!(" {id}:"));
        let field = if line.field.is_empty() { String::new() } else { format!(" {}:", line.field) };
        writeln!(out, "{place}:{id}{field} {}", line.problem)?;
    }
    let (records, partners) = (inventory.records.len(), inventory.partners.len());
    if lines.is_empty() {
        writeln!(out, "{} of {}: nothing to mend", count(records, "record"), count(partners, "partner"))?;
        return Ok(0);
    }
    let (records, partners) = (count(records, "record"), count(partners, "partner"));
    writeln!(out, "\n{} to mend in {records} of {partners}", count(lines.len(), "thing"))?;
    Ok(1)
}

pub(super) fn count(n: usize, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}

fn template(format: &str, full: bool) -> anyhow::Result<u8> {
    let Some(format) = inventory::TemplateFormat::from_word(format) else {
        bail!("--format {format}: expected csv, json or yaml");
    };
    std::io::stdout().lock().write_all(inventory::template(format, full).as_bytes())?;
    Ok(0)
}

fn watchlist(files: &[String]) -> anyhow::Result<u8> {
    let list = watchlist_of(&load(files)?);
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &list)?;
    out.write_all(b"\n")?;
    Ok(0)
}
