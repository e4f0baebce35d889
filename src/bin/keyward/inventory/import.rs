//! `keyward inventory import`: any exports, in keyward's own form.
//!
//! The inventory goes to standard output. What was not read, what was in clear and on what the files differ
//! is said on standard error, with places and without values.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, bail};
use keyward::Inventory;
use keyward::inventory::{self, TemplateFormat};
use keyward::report::Disclose;
use keyward::report::inventory::{write_inventory, write_partners};

use super::count;
use crate::args::{Disclosure, ImportArgs};
use crate::output::INCOMPLETE;
use crate::trust::Trust;
use crate::{peppers, setup};

/// Things that are told one by one; what comes after is counted.
const MOST_TOLD: usize = 20;

pub(super) fn run(args: &ImportArgs) -> anyhow::Result<u8> {
    let Some(form) = TemplateFormat::from_word(&args.format) else {
        bail!("--format {}: expected csv, json or yaml", args.format);
    };
    if args.partners.is_some() && form != TemplateFormat::Csv {
        bail!("--partners: only CSV has a file of its own for partners; {} holds them", args.format);
    }
    let as_of = setup::as_of(args.as_of.as_deref())?;
    let config = Trust::WorkingTree.config(args.config.as_deref(), Path::new("."))?;
    let typed: Vec<_> = args.files.iter().map(|typed| setup::source(typed, &config)).collect();
    let sources = if typed.is_empty() { config.inventory_sources() } else { typed };
    let peppers = peppers::read(&args.pepper_file)?;
    let inventory = setup::load_inventory(&sources, false, &peppers, &config)?;
    let mut inventory = inventory.context("no export was named, and keyward.toml names no inventory")?;
    config.date_exports(&mut inventory);
    inventory.settle(as_of);
    let level = match args.disclose {
        Disclosure::Full => Disclose::Full,
        Disclosure::Ids => Disclose::Ids,
        Disclosure::None => Disclose::None,
    };
    if let Some(path) = &args.partners {
        let mut file = BufWriter::new(File::create(path).with_context(|| path.display().to_string())?);
        write_partners(&inventory, level, &mut file)
            .and_then(|()| file.flush())
            .with_context(|| path.display().to_string())?;
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    write_inventory(&inventory, form, level, &mut out)?;
    out.flush()?;
    tell(&inventory, sources.len(), form, args.partners.is_some(), peppers.is_empty());
    Ok(if inventory.errors.is_empty() { 0 } else { INCOMPLETE })
}

/// What whoever imports has to know.
fn tell(inventory: &Inventory, files: usize, form: TemplateFormat, partners: bool, no_pepper: bool) {
    let place = |at: &inventory::RecordRef| {
        if at.line > 0 { format!("{}:{}", at.file, at.line) } else { format!("{}, record {}", at.file, at.index + 1) }
    };
    let mut all: Vec<String> = Vec::new();
    for error in &inventory.errors {
        let field = if error.field.is_empty() { String::new() } else { format!(" {}:", error.field) };
        let end = if error.set_aside { "; the row was set aside" } else { "; the field is unknown" };
        all.push(format!("{}:{field} {}{end}", place(&error.at), error.problem));
    }
    for (at, field, _) in &inventory.secrets {
        all.push(format!("{}: {field}: a value in clear; its digest is kept and the value is not", place(at)));
    }
    for conflict in &inventory.conflicts {
        let (kept, other) = (place(&conflict.kept), place(&conflict.other));
        all.push(if conflict.merged {
            format!("{kept}: {}: {other} says otherwise; the first one counts", conflict.field)
        } else {
            format!("{kept}: {}: {other} has the same; they stand as two records", conflict.field)
        });
    }
    let faceless = inventory.records.iter().filter(|r| !r.secret_fields.is_empty() && r.fingerprints.is_empty());
    let faceless = faceless.count();
    if faceless > 0 && no_pepper {
        let of = count(faceless, "record");
        all.push(format!("{of} held a value too short for a plain digest; --pepper-file gives it a keyed one"));
    }
    if form == TemplateFormat::Csv && !partners && !inventory.partners.is_empty() {
        let of = count(inventory.partners.len(), "partner");
        all.push(format!("{of} left out: --partners FILE writes their table, --format json and yaml hold both"));
    }
    if form == TemplateFormat::Csv && !inventory.handoffs.is_empty() {
        all.push(format!("{} left out: --format json and yaml hold them", count(inventory.handoffs.len(), "handoff")));
    }
    if !inventory.components.is_empty() {
        let of = count(inventory.components.len(), "component");
        all.push(format!("{of} of a catalogue left out: name the catalogue itself as an inventory"));
    }
    for line in all.iter().take(MOST_TOLD) {
        anstream::eprintln!("keyward: note: {}", keyward::without_values(line));
    }
    if all.len() > MOST_TOLD {
        anstream::eprintln!("keyward: note: and {} more; `keyward inventory lint` names them", all.len() - MOST_TOLD);
    }
    let known = inventory.partners.len();
    let partners = if known > 0 { format!(" and {}", count(known, "partner")) } else { String::new() };
    anstream::eprintln!(
        "keyward: {}{partners} from {}",
        count(inventory.records.len(), "record"),
        count(files, "file")
    );
}
