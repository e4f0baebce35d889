//! Declared column mappings: any CSV or JSON, told field by field where its values stand.
//!
//! A mapping names, for a field of the inventory, a column (CSV), a key or a JSON pointer, a list of
//! them of which the first with a value counts, or a constant; how lists are split, dates written,
//! words translated; and which columns hold raw secrets, which are then hashed on read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::InventoryError;
use super::intake::{Draft, Intake};
use super::node::{Node, Value};
use super::table::{Table, normal_name};
use crate::inventory::date_text::{DateStyle, read_zone};
use crate::inventory::field::{Cell, record_field};

/// Where the fields of an export stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// JSON pointer to the list of rows; the document itself if empty.
    pub rows: String,
    /// What the records give as their `source`.
    pub source: String,
    /// How dates are written: `dd/mm/yyyy`, `epoch_s`, `epoch_ms`, or a strptime pattern.
    pub date_format: Option<String>,
    /// Zone of times that name none: `UTC`, `+02:00`.
    pub zone: Option<String>,
    /// Field of the inventory -> where its value stands.
    pub fields: BTreeMap<String, MappedField>,
}

/// Where one field stands: a column's name, or more to say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MappedField {
    /// A column, a key or a JSON pointer.
    Column(String),
    /// In full.
    Rule(Box<MappedRule>),
}

/// Where one field stands and how it is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MappedRule {
    /// A column, a key or a JSON pointer.
    pub from: Option<String>,
    /// Several; the first with a value counts.
    pub first_of: Vec<String>,
    /// A fixed value, for rows where nothing else gives one.
    #[serde(rename = "const")]
    pub constant: Option<String>,
    /// What separates the items of a list.
    pub split: Option<String>,
    /// How this field's dates are written.
    pub date_format: Option<String>,
    /// Their words -> the inventory's words.
    #[serde(rename = "enum")]
    pub words: BTreeMap<String, String>,
    /// A raw secret: hashed on read, dropped. The field is then only a name.
    pub secret: bool,
}

impl Mapping {
    /// What is wrong with the mapping itself: field and expectation.
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (name, mapped) in &self.fields {
            let secret = matches!(mapped, MappedField::Rule(rule) if rule.secret);
            if record_field(name).is_none() && !secret {
                all.push((name.clone(), "not a field of the inventory".to_owned()));
            }
            if let MappedField::Rule(rule) = mapped
                && rule.from.is_none()
                && rule.first_of.is_empty()
                && rule.constant.is_none()
            {
                all.push((name.clone(), "expected `from`, `first_of` or `const`".to_owned()));
            }
        }
        if !self.fields.contains_key("id") {
            all.push(("id".to_owned(), "expected a column for the record's id".to_owned()));
        }
        if self.zone.as_deref().is_some_and(|z| read_zone(z).is_none()) {
            all.push(("zone".to_owned(), "expected `UTC` or an offset like `+02:00`".to_owned()));
        }
        all
    }

    fn dates(&self) -> DateStyle {
        let zone = self.zone.as_deref().and_then(read_zone).unwrap_or(DateStyle::default().zone);
        DateStyle { format: self.date_format.clone(), zone }
    }

    fn check(&self, intake: &Intake<'_>) -> Result<(), InventoryError> {
        match self.problems().first() {
            Some((field, problem)) => Err(intake.fail(0, 0, field, format!("in the declared mapping: {problem}"))),
            None => Ok(()),
        }
    }
}

/// Reads a table by a mapping.
pub(super) fn read_table(mapping: &Mapping, table: Table<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    mapping.check(intake)?;
    for (name, mapped) in &mapping.fields {
        let columns = columns(mapped);
        let constant = matches!(mapped, MappedField::Rule(rule) if rule.constant.is_some());
        if !constant && !columns.iter().any(|c| table.header.position(&normal_name(c)).is_some()) {
            intake.remark(1, name, "the mapping names a column that is not there");
        }
    }
    intake.dates = mapping.dates();
    table.each(intake, |intake, row| {
        let dates = intake.dates.clone();
        let mut draft = intake.draft(row.line)?;
        for (name, mapped) in &mapping.fields {
            let found = columns(mapped).iter().map(|c| row.get(&normal_name(c)).to_owned()).find(|c| !c.is_empty());
            put(&mut draft, name, mapped, found.into_iter().collect(), &dates);
        }
        end(draft, mapping);
        Ok(())
    })
}

/// Reads a tree by a mapping.
pub(super) fn read_tree(mapping: &Mapping, root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    mapping.check(intake)?;
    intake.dates = mapping.dates();
    let list = find(root, &mapping.rows).filter(|n| n.is_list());
    let Some(list) = list else {
        return Err(intake.fail(
            root.line,
            root.column,
            "",
            "expected a list of rows where the mapping's `rows` points",
        ));
    };
    for node in list.rows() {
        if !node.is_map() {
            intake.set_aside(node.line, "", "expected an object with the row's fields");
            continue;
        }
        let dates = intake.dates.clone();
        let mut draft = intake.draft_of(&node)?;
        for (name, mapped) in &mapping.fields {
            let texts = columns(mapped).iter().filter_map(|c| find(&node, c)).map(texts).find(|t| !t.is_empty());
            put(&mut draft, name, mapped, texts.unwrap_or_default(), &dates);
        }
        end(draft, mapping);
    }
    Ok(())
}

fn end(mut draft: Draft<'_, '_>, mapping: &Mapping) {
    if draft.record.source.is_empty() {
        draft.record.source = mapping.source.as_str().into();
    }
    draft.finish();
}

fn columns(mapped: &MappedField) -> Vec<&str> {
    match mapped {
        MappedField::Column(column) => vec![column],
        MappedField::Rule(rule) => rule.from.iter().chain(&rule.first_of).map(String::as_str).collect(),
    }
}

/// A key, a path of keys, or a JSON pointer.
fn find<'n, 'a>(node: &'n Node<'a>, path: &str) -> Option<&'n Node<'a>> {
    if path.is_empty() {
        return Some(node);
    }
    let Some(pointer) = path.strip_prefix('/') else {
        return node.get(path).or_else(|| node.at(&path.split('.').collect::<Vec<_>>()));
    };
    pointer.split('/').try_fold(node, |node, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        match &node.value {
            Value::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => node.get(&step),
        }
    })
}

fn texts(node: &Node<'_>) -> Vec<String> {
    match &node.value {
        Value::List(items) => items.iter().filter_map(Node::text).map(str::to_owned).collect(),
        _ => node.text().filter(|t| !t.trim().is_empty()).into_iter().map(str::to_owned).collect(),
    }
}

fn put(draft: &mut Draft<'_, '_>, name: &str, mapped: &MappedField, mut values: Vec<String>, dates: &DateStyle) {
    let rule = match mapped {
        MappedField::Column(_) => Cow::Owned(MappedRule::default()),
        MappedField::Rule(rule) => Cow::Borrowed(&**rule),
    };
    if values.is_empty() {
        values.extend(rule.constant.clone());
    }
    if values.is_empty() {
        return;
    }
    if rule.secret {
        for value in &values {
            draft.secret(name, value, false);
        }
        return;
    }
    let Some(field) = record_field(name) else { return };
    if let Some(separator) = &rule.split {
        values = values.iter().flat_map(|v| v.split(separator.as_str())).map(|v| v.trim().to_owned()).collect();
    }
    if !rule.words.is_empty() {
        for value in &mut values {
            let word = rule.words.iter().find(|(theirs, _)| value.trim().eq_ignore_ascii_case(theirs));
            if let Some((_, ours)) = word {
                ours.clone_into(value);
            }
        }
    }
    let own = rule.date_format.is_some();
    let style = if own {
        Cow::Owned(DateStyle { format: rule.date_format.clone(), ..dates.clone() })
    } else {
        Cow::Borrowed(dates)
    };
    let texts: Vec<&str> = values.iter().map(String::as_str).collect();
    let cell = if let [one] = texts[..] { Cell::Text(one) } else { Cell::Texts(&texts) };
    draft.put_cell_dated(field, cell, &style);
}
