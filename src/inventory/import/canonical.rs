//! keyward's own inventory: CSV (one table of credentials, of partners or of handoffs), JSON and YAML.
//!
//! The three share the table of fields. Unknown columns are remarks; columns that hold raw secrets
//! are hashed on read.

use std::collections::BTreeMap;

use super::InventoryError;
use super::intake::{Draft, Intake};
use super::node::Node;
use super::secret_value::{holds_secret, is_password_name, is_secret_name};
use super::table::{Header, Row, Table, normal_name};
use crate::inventory::field::{Cell, Field, Problem, Stated, partner_field, record_field};
use crate::inventory::record::{Partner, Record};
use crate::secret::Fingerprint;

/// The version of the form that is read.
const VERSION: &str = "1";
const FORMULA: &str = "a spreadsheet formula where a value is expected";

/// Whether a table is the inventory's: credentials, or partners.
pub(crate) fn recognises_table(header: &Header) -> bool {
    header.has(&["id", "partner_id"]) || is_partner_table(header) || is_handoff_table(header)
}

fn is_handoff_table(header: &Header) -> bool {
    header.has(&["credential_id", "to", "at"])
}

fn is_partner_table(header: &Header) -> bool {
    let known = header.names.iter().filter(|n| partner_field(n).is_some()).count();
    header.has(&["id", "name"]) && !header.has(&["partner_id"]) && known >= 4
}

/// Whether a tree is the inventory's.
pub(crate) fn recognises_tree(root: &Node<'_>) -> bool {
    let is_row = |n: &Node<'_>| n.has("id") && n.has("partner_id");
    let first = root.rows().next();
    root.has("keyward_inventory")
        || first.is_some_and(|n| is_row(&n))
        || root.get("credentials").and_then(|list| list.rows().next()).is_some_and(|n| is_row(&n))
}

enum Column {
    Field(&'static Field<Record>),
    Secret { name: String, password: bool },
    Unknown,
}

/// Reads a table.
pub(crate) fn read_table(table: Table<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    if is_partner_table(&table.header) {
        return read_partner_table(table, intake);
    }
    if is_handoff_table(&table.header) {
        return table.each(intake, |intake, row| {
            intake.handoff(row.line, row.get("credential_id"), row.get("at"));
            Ok(())
        });
    }
    let columns: Vec<Column> = table.header.names.iter().map(|name| column(name)).collect();
    for (i, column) in columns.iter().enumerate() {
        if matches!(column, Column::Unknown) && !table.header.names[i].is_empty() {
            intake.remark(1, &table.header.written[i], format!("column {} is not a field of a credential", i + 1));
        }
    }
    table.each(intake, |intake, row| {
        let mut draft = intake.draft(row.line)?;
        for (i, column) in columns.iter().enumerate() {
            let cell = row.cell(i);
            match column {
                _ if cell.is_empty() => {}
                Column::Secret { name, password } => {
                    if holds_secret(name, cell) {
                        draft.secret(name, cell, *password);
                    }
                }
                Column::Field(field) if row.is_formula(i) => draft.problem(field.name, FORMULA.into()),
                Column::Field(field) => draft.put_cell(field, Cell::Text(cell)),
                Column::Unknown => {}
            }
        }
        finish(draft);
        Ok(())
    })
}

fn column(name: &str) -> Column {
    match record_field(name) {
        Some(field) => Column::Field(field),
        None if is_secret_name(name) => Column::Secret { name: name.to_owned(), password: is_password_name(name) },
        None => Column::Unknown,
    }
}

fn read_partner_table(table: Table<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    for (i, name) in table.header.names.iter().enumerate() {
        if partner_field(name).is_none() && !name.is_empty() {
            intake.remark(1, &table.header.written[i], format!("column {} is not a field of a partner", i + 1));
        }
    }
    let mut number = 0;
    table.each(intake, |intake, row| {
        let mut partner = Partner { at: intake.at(row.line, number), ..Partner::default() };
        number += 1;
        let problems = set_partner(row, &mut partner, intake);
        intake.partner_done(partner, problems);
        Ok(())
    })
}

fn set_partner(row: &Row<'_>, partner: &mut Partner, intake: &mut Intake<'_>) -> Vec<(&'static str, Problem)> {
    let mut problems = Vec::new();
    for (i, name) in row.header().names.iter().enumerate() {
        let (Some(field), cell) = (partner_field(name), row.cell(i)) else { continue };
        if row.is_formula(i) {
            problems.push((field.name, FORMULA.into()));
        } else if !cell.is_empty() {
            let set = field.set(partner, Cell::Text(cell), &intake.dates, &mut intake.texts);
            if !matches!(set, Ok(Stated::Plainly)) {
                partner.unknown_fields.push(field.name.into());
            }
            problems.extend(set.err().map(|problem| (field.name, problem)));
        }
    }
    problems
}

fn finish(mut draft: Draft<'_, '_>) {
    if draft.record.partner_id.is_empty() && !draft.record.is_unknown("partner_id") {
        draft.unusable("partner_id", "a row without its partner");
    }
    draft.finish();
}

/// Reads a tree: a list of credentials, or the sections of the full form.
pub(crate) fn read_tree(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    if root.is_list() {
        return read_credentials(root, intake);
    }
    if let Some(version) = root.get("keyward_inventory")
        && version.text() != Some(VERSION)
    {
        return Err(intake.fail(version.line, version.column, "keyward_inventory", "expected version 1 of the form"));
    }
    intake.generated(root.get("generated_at"));
    if let Some(defaults) = root.get("fingerprint") {
        read_default_scheme(defaults, intake)?;
    }
    for (name, node) in root.entries() {
        match name.as_ref() {
            "keyward_inventory" | "generated_at" | "fingerprint" | "approvals" | "recertifications" => {}
            "partners" | "credentials" | "handoffs" if !node.is_list() => {
                return Err(intake.fail(node.line, node.column, name, "expected a list"));
            }
            "partners" => {
                for partner in node.rows() {
                    let cells: Vec<_> = partner.entries().iter().map(|(k, v)| (k.as_ref(), v)).collect();
                    intake.partner(partner.line, &cells);
                }
            }
            "credentials" => read_credentials(node, intake)?,
            "handoffs" => {
                for handoff in node.rows() {
                    let text = |key| handoff.get(key).and_then(Node::text).unwrap_or_default();
                    intake.handoff(handoff.line, text("credential_id"), text("at"));
                }
            }
            _ => intake.remark(node.line, name, "not a section of the inventory"),
        }
    }
    for (section, read) in [("approvals", APPROVAL), ("recertifications", RECERTIFICATION)] {
        if let Some(list) = root.get(section) {
            join(list, read, intake)?;
        }
    }
    Ok(())
}

fn read_default_scheme(node: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    let (scheme, kid) = (node.text_of("default_scheme"), node.text_of("kid"));
    let prefix = if kid.is_empty() { format!("{scheme}:") } else { format!("{scheme}:{kid}:") };
    let digits = "0".repeat(if scheme == "sha1" { 40 } else { 64 });
    if Fingerprint::parse(&format!("{prefix}{digits}")).is_none() {
        let problem = "expected `default_scheme` (hmac-sha256, sha256) and, for keyed digests, `kid`: 8 hex digits";
        return Err(intake.fail(node.line, node.column, "fingerprint", problem));
    }
    intake.default_scheme = Some(prefix);
    Ok(())
}

fn read_credentials(list: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    let mut strange: BTreeMap<String, u32> = BTreeMap::new();
    for node in list.rows() {
        if !node.is_map() {
            intake.set_aside(node.line, "", "expected a credential with its fields");
            continue;
        }
        let mut draft = intake.draft_of(&node)?;
        for (name, value) in node.entries() {
            if record_field(name).is_some() {
                draft.put(name, Some(value));
                continue;
            }
            let normal = normal_name(name);
            let text = value.text().unwrap_or_default();
            if is_secret_name(&normal) && holds_secret(&normal, text) {
                draft.secret(name, text, is_password_name(&normal));
            } else if !strange.contains_key(name.as_ref()) {
                strange.insert(name.to_string(), value.line);
            }
        }
        finish(draft);
    }
    for (name, line) in strange {
        intake.remark(line, &name, "not a field of a credential");
    }
    Ok(())
}

/// Fields of a section that belong to a credential: theirs, and the credential's.
type Joined = &'static [(&'static str, &'static str)];
const APPROVAL: Joined = &[
    ("requested_by", "requested_by"),
    ("approved_by", "approved_by"),
    ("approved_at", "approved_at"),
    ("system", "approval_system"),
    ("ref", "approval_ref"),
    ("scopes", "approved_scopes"),
    ("apis", "approved_apis"),
    ("data_classes", "approved_data_classes"),
];
const RECERTIFICATION: Joined = &[("at", "last_recertified_at"), ("by", "recertified_by")];

/// Joins rows of another section with the credentials of this file, by `credential_id`; what the
/// credential says itself counts, and of several rows the latest.
fn join(list: &Node<'_>, fields: Joined, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    let mut joined: BTreeMap<String, Record> = BTreeMap::new();
    for node in list.rows() {
        let Some(id) = node.get("credential_id").and_then(Node::text) else {
            intake.set_aside(node.line, "credential_id", "expected the id of a credential");
            continue;
        };
        let mut draft = intake.draft_of(&node)?;
        for (theirs, ours) in fields {
            draft.put(ours, node.get(theirs));
        }
        let record = draft.into_part(id);
        let newer = |old: &Record| {
            (old.approved_at, old.last_recertified_at) < (record.approved_at, record.last_recertified_at)
        };
        if joined.get(id).is_none_or(newer) {
            joined.insert(id.to_owned(), record);
        }
    }
    for record in intake.inventory.records.iter_mut().filter(|r| r.at.file == intake.file) {
        if let Some(part) = joined.remove(record.id.as_str()) {
            for (_, ours) in fields {
                if let Some(field) = record_field(ours) {
                    super::merge::fill(field, record, part.clone());
                }
            }
        }
    }
    let orphans = joined.into_values().map(|part| part.at.line).collect::<Vec<_>>();
    for line in orphans {
        intake.remark(line, "credential_id", "names no credential of this file");
    }
    Ok(())
}
