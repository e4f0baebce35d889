//! An inventory in keyward's own form: what `keyward inventory import` writes of any export.
//!
//! Takes imported records, which hold digests and no values, and [`Disclose`]. What is withheld is written as
//! unknown, so that no check takes it for missing. What is written is read back as the same records.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::Disclose;
use super::disclose::{is_private_name, token};
use crate::inventory::{Inventory, Partner, Record, TemplateFormat, Written, partner_values, record_values};

/// Columns that every table of credentials has.
const ALWAYS: [&str; 2] = ["id", "partner_id"];
/// Columns that every table of partners has: by them it is recognised.
const ALWAYS_OF_PARTNERS: [&str; 4] = ["id", "name", "criticality", "contract_end"];

/// Writes the credentials, and in JSON and YAML the partners and handoffs too.
pub fn write_inventory(
    inventory: &Inventory,
    form: TemplateFormat,
    level: Disclose,
    out: &mut dyn Write,
) -> io::Result<()> {
    let records = || inventory.records.iter().map(|record| record_fields(record, level));
    match form {
        TemplateFormat::Csv => table(&ALWAYS, records, out),
        TemplateFormat::Json => {
            writeln!(out, "{{\n  \"keyward_inventory\": 1,")?;
            if let Some(when) = inventory.generated_at {
                writeln!(out, "  \"generated_at\": {},", json!(when.to_string()))?;
            }
            let partners = inventory.partners.values().map(|partner| tree(partner_fields(partner, level)));
            rows(out, "partners", partners, ",")?;
            rows(out, "handoffs", handoffs(inventory, level), ",")?;
            rows(out, "credentials", records().map(tree), "")?;
            writeln!(out, "}}")
        }
        TemplateFormat::Yaml => {
            writeln!(out, "keyward_inventory: 1")?;
            if let Some(when) = inventory.generated_at {
                writeln!(out, "generated_at: {}", json!(when.to_string()))?;
            }
            let partners = inventory.partners.values().map(|partner| tree(partner_fields(partner, level)));
            blocks(out, "partners", partners)?;
            blocks(out, "handoffs", handoffs(inventory, level))?;
            blocks(out, "credentials", records().map(tree))
        }
    }
}

/// Writes the table of partners, which CSV has beside the one of credentials.
pub fn write_partners(inventory: &Inventory, level: Disclose, out: &mut dyn Write) -> io::Result<()> {
    table(&ALWAYS_OF_PARTNERS, || inventory.partners.values().map(|partner| partner_fields(partner, level)), out)
}

type Fields = Vec<(&'static str, Written)>;

fn record_fields(record: &Record, level: Disclose) -> Fields {
    let named = |name: &str| match name {
        "id" | "replaced_by" | "supersedes" | "also_ids" => Some("record"),
        "partner_id" => Some("partner"),
        _ => None,
    };
    disclosed(record_values(record), level, named)
}

fn partner_fields(partner: &Partner, level: Disclose) -> Fields {
    let mut fields = disclosed(partner_values(partner), level, |name| (name == "id").then_some("partner"));
    if level == Disclose::None {
        fields.retain(|(name, _)| *name != "aliases");
        for (_, value) in fields.iter_mut().filter(|(name, _)| *name == "name") {
            *value = Written::unknown();
        }
    }
    fields
}

/// Takes out what a level does not let out. `named` tells whose id a field holds.
fn disclosed(mut fields: Fields, level: Disclose, named: impl Fn(&str) -> Option<&'static str>) -> Fields {
    if level == Disclose::Full {
        return fields;
    }
    for (name, value) in &mut fields {
        match named(name) {
            Some(kind) if level == Disclose::None && *value != Written::unknown() => *value = renamed(value, kind),
            None if is_private_name(name) || value.cell().contains('@') => *value = Written::unknown(),
            _ => {}
        }
    }
    fields
}

/// What stands for ids: the same in every report.
fn renamed(value: &Written, kind: &str) -> Written {
    match value {
        Written::List(ids) => Written::List(ids.iter().map(|id| token(kind, id)).collect()),
        other => Written::Text(token(kind, &other.cell())),
    }
}

fn handoffs(inventory: &Inventory, level: Disclose) -> impl Iterator<Item = Map<String, Value>> {
    inventory.handoffs.iter().map(move |handoff| {
        let id = if level == Disclose::None { token("record", &handoff.record) } else { handoff.record.clone() };
        Map::from_iter([("credential_id".to_owned(), json!(id)), ("at".to_owned(), json!(handoff.at.to_string()))])
    })
}

/// A table with the columns that some row has something in.
fn table<I: Iterator<Item = Fields>>(
    always: &[&'static str],
    rows: impl Fn() -> I,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut seen: BTreeSet<&str> = always.iter().copied().collect();
    let mut order: Vec<&'static str> = always.to_vec();
    for (name, _) in rows().flatten() {
        if seen.insert(name) {
            order.push(name);
        }
    }
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(&order)?;
    for fields in rows() {
        let cell =
            |name: &&str| fields.iter().find(|(of, _)| of == name).map_or(String::new(), |(_, v)| text(&v.cell()));
        csv.write_record(order.iter().map(cell))?;
    }
    csv.flush()
}

/// A cell that no spreadsheet takes for a formula.
fn text(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell.to_owned() }
}

fn tree(fields: Fields) -> Map<String, Value> {
    let value = |name: &str, value| match value {
        Written::Text(text) => json!(text),
        Written::List(items) if items.len() == 1 && name == "partner_id" => json!(items[0]),
        Written::List(items) => json!(items),
        Written::Pairs(pairs) => {
            pairs.into_iter().map(|(name, text)| (name, json!(text))).collect::<Map<_, _>>().into()
        }
    };
    fields.into_iter().map(|(name, written)| (name.to_owned(), value(name, written))).collect()
}

/// A list of JSON objects, one a line: a version control system shows what changed.
fn rows(out: &mut dyn Write, name: &str, rows: impl Iterator<Item = Map<String, Value>>, end: &str) -> io::Result<()> {
    write!(out, "  {}: [", json!(name))?;
    for (n, row) in rows.enumerate() {
        write!(out, "{}    ", if n == 0 { "\n" } else { ",\n" })?;
        serde_json::to_writer(&mut *out, &row)?;
    }
    writeln!(out, "\n  ]{end}")
}

/// A list of YAML blocks. Texts are quoted as JSON has it, which YAML reads alike.
fn blocks(out: &mut dyn Write, name: &str, rows: impl Iterator<Item = Map<String, Value>>) -> io::Result<()> {
    let mut rows = rows.peekable();
    writeln!(out, "{name}:{}", if rows.peek().is_some() { "" } else { " []" })?;
    for row in rows {
        for (n, (key, value)) in row.iter().enumerate() {
            writeln!(out, "  {} {key}: {value}", if n == 0 { "-" } else { " " })?;
        }
    }
    Ok(())
}
