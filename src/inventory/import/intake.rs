//! What every importer writes into: rows become drafts, drafts become records.
//!
//! A draft takes values by field name, notes those that do not fit, hashes raw secrets on the spot
//! and forgets them. Nothing that it keeps or reports holds a value.

use std::borrow::Cow;

use arcstr::ArcStr;

use super::node::{Node, Value};
use super::secret_value;
use super::{InventoryError, LoadOptions};
use crate::inventory::date_text::DateStyle;
use crate::inventory::field::{Cell, Field, Problem, Stated, partner_field, record_field};
use crate::inventory::record::{Component, Handoff, Inventory, Partner, Record, RecordRef, RowError, Status};
use crate::inventory::texts::Texts;
use crate::secret::{Fingerprint, Secret};

/// Problems that are listed one by one; what comes after is counted.
const MOST_PROBLEMS: usize = 10_000;

/// One file being imported.
pub(crate) struct Intake<'a> {
    pub(crate) file: ArcStr,
    pub(crate) options: &'a LoadOptions<'a>,
    pub(crate) inventory: &'a mut Inventory,
    pub(crate) dates: DateStyle,
    /// `scheme:kid:` that bare digests get, where the file declares it.
    pub(crate) default_scheme: Option<String>,
    /// Name of the format, the records' `source`.
    pub(crate) format: &'static str,
    pub(crate) texts: Texts,
    rows: u32,
    unlisted: usize,
}

impl<'a> Intake<'a> {
    pub(crate) fn new(file: &'a str, options: &'a LoadOptions<'a>, inventory: &'a mut Inventory) -> Self {
        Self {
            file: file.into(),
            options,
            inventory,
            dates: DateStyle::default(),
            default_scheme: None,
            format: "",
            texts: Texts::new(),
            rows: 0,
            unlisted: 0,
        }
    }

    /// A reference to a line of this file.
    pub(crate) fn at(&self, line: u32, index: u32) -> RecordRef {
        RecordRef { file: self.file.clone(), line, index }
    }

    /// An error of the whole file.
    pub(crate) fn fail(&self, line: u32, column: u32, field: &str, problem: impl Into<String>) -> InventoryError {
        InventoryError {
            file: self.file.to_string(),
            line,
            column,
            field: shown(field).to_string(),
            problem: problem.into(),
        }
    }

    /// Begins the next row.
    pub(crate) fn draft(&mut self, line: u32) -> Result<Draft<'_, 'a>, InventoryError> {
        let index = self.rows;
        self.rows += 1;
        if self.inventory.records.len() >= self.options.max_rows {
            return Err(self.fail(line, 1, "", format!("more than {} rows", self.options.max_rows)));
        }
        let record = Record { at: self.at(line, index), ..Record::default() };
        Ok(Draft { intake: self, record, problems: Vec::new(), secrets: Vec::new(), unusable: false })
    }

    /// Begins a row from a tree.
    pub(crate) fn draft_of(&mut self, node: &Node<'_>) -> Result<Draft<'_, 'a>, InventoryError> {
        self.draft(node.line)
    }

    /// Notes a row that cannot be used at all.
    pub(crate) fn set_aside(&mut self, line: u32, field: &str, problem: impl Into<String>) {
        let at = self.at(line, self.rows);
        self.rows += 1;
        // Nothing of it was read: it may be anything.
        self.inventory.set_aside.push(Record { at: at.clone(), ..Record::default() });
        self.row_problem(at, field, problem);
    }

    fn row_problem(&mut self, at: RecordRef, field: &str, problem: impl Into<String>) {
        let (field, problem) = (shown(field).to_string(), problem.into());
        self.problem(RowError { at, id: None, field, problem, set_aside: true });
    }

    /// Notes a problem; beyond a bound they are only counted.
    fn problem(&mut self, error: RowError) {
        if self.inventory.errors.len() < MOST_PROBLEMS {
            self.inventory.errors.push(error);
        } else {
            self.unlisted += 1;
        }
    }

    /// Notes what is odd and harmless.
    pub(crate) fn remark(&mut self, line: u32, field: &str, problem: impl Into<String>) {
        if self.inventory.remarks.len() < MOST_PROBLEMS {
            let at = self.at(line, 0);
            let (field, problem) = (shown(field).to_string(), problem.into());
            self.inventory.remarks.push(RowError { at, id: None, field, problem, set_aside: false });
        }
    }

    /// Notes when the export was made: the oldest counts.
    pub(crate) fn generated(&mut self, node: Option<&Node<'_>>) {
        let text = node.and_then(Node::text).unwrap_or_default();
        let when = crate::inventory::date_text::read(text, &self.dates)
            .ok()
            .and_then(crate::inventory::date_text::Spelled::when);
        if let Some(when) = when {
            let oldest = self.inventory.generated_at.map_or(when, |w| w.min(when));
            self.inventory.generated_at = Some(oldest);
        } else if let Some(node) = node {
            self.remark(node.line, "generated_at", crate::inventory::date_text::EXPECTED);
        }
    }

    /// Takes a partner in; the first source that names it counts, later ones fill its gaps.
    pub(crate) fn partner(&mut self, line: u32, cells: &[(&str, &Node<'_>)]) {
        let mut partner = Partner { at: self.at(line, self.rows), ..Partner::default() };
        self.rows += 1;
        let mut problems = Vec::new();
        for (name, node) in cells {
            match partner_field(name) {
                Some(field) => {
                    let set = set_node(field, &mut partner, node, &self.dates, &mut self.texts);
                    if !matches!(set, Ok(Stated::Plainly)) {
                        partner.unknown_fields.push(field.name.into());
                    }
                    problems.extend(set.err().map(|problem| (field.name, problem)));
                }
                None => self.remark(node.line, name, "not a field of a partner"),
            }
        }
        self.partner_done(partner, problems);
    }

    /// Ends a partner.
    pub(crate) fn partner_done(&mut self, partner: Partner, problems: Vec<(&'static str, Problem)>) {
        let unusable = partner.id.is_empty();
        let at = partner.at.clone();
        let id = (!unusable).then(|| shown(&partner.id).to_string());
        for (field, problem) in problems {
            let (at, id) = (at.clone(), id.clone());
            self.problem(RowError { at, id, field: field.to_owned(), problem: problem.into_owned(), set_aside: false });
        }
        if unusable {
            let problem = "a partner without its id".to_owned();
            self.problem(RowError { at, id: None, field: "id".to_owned(), problem, set_aside: true });
            return;
        }
        super::merge::add_partner(self.inventory, partner);
    }

    /// Takes a handoff in: whose, and when.
    pub(crate) fn handoff(&mut self, line: u32, record: &str, at: &str) {
        use crate::inventory::date_text::{EXPECTED, Spelled, read};
        let place = self.at(line, self.rows);
        self.rows += 1;
        if record.trim().is_empty() {
            self.row_problem(place, "credential_id", "expected the id of a credential");
            return;
        }
        match read(at, &self.dates).ok().and_then(Spelled::when) {
            Some(at) => self.inventory.handoffs.push(Handoff { record: record.trim().to_owned(), at }),
            None => self.row_problem(place, "at", EXPECTED),
        }
    }

    /// Takes a component of a software catalogue in.
    pub(crate) fn component(&mut self, component: Component) {
        self.rows += 1;
        self.inventory.components.push(component);
    }

    /// Says how many problems were not listed.
    pub(crate) fn finish(&mut self) {
        if self.unlisted > 0 {
            let (at, problem) = (self.at(0, 0), format!("{} more problems are not listed", self.unlisted));
            self.inventory.errors.push(RowError { at, id: None, field: String::new(), problem, set_aside: true });
        }
    }
}

/// A record being read.
pub(crate) struct Draft<'i, 'a> {
    intake: &'i mut Intake<'a>,
    pub(crate) record: Record,
    problems: Vec<(&'static str, Problem)>,
    secrets: Vec<(String, Option<crate::secret::CredentialId>)>,
    unusable: bool,
}

impl Draft<'_, '_> {
    /// Where the draft stands.
    pub(crate) fn line(&self) -> u32 {
        self.record.at.line
    }

    /// How this file writes dates.
    pub(crate) fn dates(&self) -> DateStyle {
        self.intake.dates.clone()
    }

    /// Sets a field from a text.
    pub(crate) fn put_text(&mut self, name: &str, text: &str) {
        if let Some(field) = record_field(name) {
            self.put_cell(field, Cell::Text(text));
        }
    }

    /// Sets a field from a tree; nothing where there is no value.
    pub(crate) fn put(&mut self, name: &str, node: Option<&Node<'_>>) {
        let (Some(field), Some(node)) = (record_field(name), node) else { return };
        if field.name == "fingerprints" && self.intake.default_scheme.is_some() {
            let texts: Vec<String> = match &node.value {
                Value::List(items) => items.iter().filter_map(Node::text).map(str::to_owned).collect(),
                _ => node.text().into_iter().map(str::to_owned).collect(),
            };
            for text in &texts {
                self.put_fingerprint(field, text);
            }
            return;
        }
        let set = set_node(field, &mut self.record, node, &self.intake.dates, &mut self.intake.texts);
        self.is_set(field, set);
    }

    fn put_fingerprint(&mut self, field: &'static Field<Record>, text: &str) {
        let with_default = self.intake.default_scheme.as_ref().map(|d| format!("{d}{}", text.trim()));
        match with_default.filter(|_| !text.contains(':')).and_then(|t| Fingerprint::parse(&t)) {
            Some(fingerprint) => self.record.fingerprints.push(fingerprint),
            None => self.put_cell(field, Cell::Text(text)),
        }
    }

    /// Sets a field; what does not fit is a problem of the field.
    pub(crate) fn put_cell(&mut self, field: &'static Field<Record>, cell: Cell<'_>) {
        let set = field.set(&mut self.record, cell, &self.intake.dates, &mut self.intake.texts);
        self.is_set(field, set);
    }

    /// Sets a field whose dates are written in a way of their own.
    pub(crate) fn put_cell_dated(&mut self, field: &'static Field<Record>, cell: Cell<'_>, dates: &DateStyle) {
        let set = field.set(&mut self.record, cell, dates, &mut self.intake.texts);
        self.is_set(field, set);
    }

    /// Sets the status by an export's own words.
    pub(crate) fn put_status(&mut self, node: Option<&Node<'_>>, words: &[(&str, Status)]) {
        let Some(text) = node.and_then(Node::text) else { return };
        self.put_status_text(text, words);
    }

    /// Sets the status by an export's own words.
    pub(crate) fn put_status_text(&mut self, text: &str, words: &[(&str, Status)]) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let known = words.iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
        if text.eq_ignore_ascii_case("rejected") {
            self.record.refused = Some(true);
        }
        self.record.status = Some(known.map_or(Status::Unknown, |(_, status)| *status));
        if known.is_none() {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.problem("status", format!("expected one of: {}", words.join(", ")).into());
        }
    }

    fn is_set(&mut self, field: &'static Field<Record>, set: Result<Stated, Problem>) {
        match set {
            Ok(Stated::Plainly) => {}
            Ok(Stated::Unknown) => self.record.unknown_fields.push(field.name.into()),
            Err(problem) => self.problem(field.name, problem),
        }
    }

    /// Notes a problem of a field, which stays unknown.
    pub(crate) fn problem(&mut self, field: &'static str, problem: Problem) {
        if !self.record.is_unknown(field) {
            self.record.unknown_fields.push(field.into());
        }
        self.problems.push((field, problem));
    }

    /// Makes the whole row unusable.
    pub(crate) fn unusable(&mut self, field: &'static str, problem: &'static str) {
        self.unusable = true;
        self.problem(field, problem.into());
    }

    /// Hashes a raw secret and drops it. Placeholders are no secrets; references to a vault become
    /// the record's `vault_ref`. Returns whether there was a secret.
    pub(crate) fn secret(&mut self, field: &str, value: &str, chosen_by_people: bool) -> bool {
        let value = value.trim();
        if let Some(reference) = secret_value::vault_reference(value) {
            if self.record.vault_ref.is_empty() {
                self.record.vault_ref = reference.into();
            }
            return false;
        }
        if secret_value::is_placeholder(value) {
            return false;
        }
        let secret = Secret::new(value.as_bytes(), chosen_by_people);
        for fingerprint in secret.fingerprints(self.intake.options.peppers) {
            if !self.record.fingerprints.contains(&fingerprint) {
                self.record.fingerprints.push(fingerprint);
            }
        }
        let field = shown(field).to_string();
        self.secrets.push((field.clone(), secret.id()));
        self.record.secret_fields.push(field.into());
        true
    }

    /// Hashes the raw secret at a key of a tree.
    pub(crate) fn secret_at(&mut self, node: &Node<'_>, key: &str) -> bool {
        node.get(key).and_then(Node::text).is_some_and(|value| self.secret(key, value, false))
    }

    /// The draft of an export's row is complete: `id` falls back to the export's own id.
    pub(crate) fn finish_as(mut self, id: &str) {
        if self.record.source_id.is_empty() {
            self.record.source_id = self.intake.texts.get(id);
        }
        if self.record.source.is_empty() {
            self.record.source = self.intake.texts.get(self.intake.format);
        }
        if self.record.id.is_empty() && !id.is_empty() {
            self.record.id = format!("{}:{id}", self.intake.format).into();
        }
        self.finish();
    }

    /// The draft is part of another record: problems are noted, nothing is added.
    pub(crate) fn into_part(self, id: &str) -> Record {
        let Self { intake, record, problems, .. } = self;
        for (field, problem) in problems {
            let (at, id) = (record.at.clone(), Some(shown(id).to_string()));
            intake.problem(RowError {
                at,
                id,
                field: field.to_owned(),
                problem: problem.into_owned(),
                set_aside: false,
            });
        }
        record
    }

    /// The draft is complete.
    pub(crate) fn finish(mut self) {
        if self.record.id.is_empty() {
            self.unusable("id", "a row without its id");
        }
        let Self { intake, record, problems, secrets, unusable } = self;
        let id = (!record.id.is_empty()).then(|| shown(&record.id).to_string());
        for (field, problem) in problems {
            let (at, id) = (record.at.clone(), id.clone());
            let (field, problem) = (field.to_owned(), problem.into_owned());
            intake.problem(RowError { at, id, field, problem, set_aside: unusable });
        }
        for (field, credential) in secrets {
            intake.inventory.secrets.push((record.at.clone(), field, credential));
        }
        let mut record = record;
        if unusable {
            intake.inventory.set_aside.push(record);
        } else {
            record.fingerprints.shrink_to_fit();
            for list in [&mut record.environments, &mut record.env_vars, &mut record.key_id, &mut record.data_classes] {
                list.shrink_to_fit();
            }
            intake.inventory.records.push(record);
        }
    }
}

/// Sets a field from a tree.
fn set_node<T>(
    field: &Field<T>,
    target: &mut T,
    node: &Node<'_>,
    dates: &DateStyle,
    kept: &mut Texts,
) -> Result<Stated, Problem> {
    match &node.value {
        Value::Null => Ok(Stated::Plainly),
        Value::List(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Node::text).collect();
            field.set(target, texts.as_deref().map_or(Cell::Structure, Cell::Texts), dates, kept)
        }
        Value::Map(entries) => {
            let pairs: Option<Vec<(&str, &str)>> = entries.iter().map(|(k, v)| Some((k.as_ref(), v.text()?))).collect();
            field.set(target, pairs.as_deref().map_or(Cell::Structure, Cell::Pairs), dates, kept)
        }
        // In a tree there are lists: a semicolon is part of the partner's name.
        Value::Text(text) if field.name == "partner_id" && text.contains(';') => {
            field.set(target, Cell::Texts(&[text]), dates, kept)
        }
        _ => field.set(target, node.text().map_or(Cell::Structure, Cell::Text), dates, kept),
    }
}

/// A name that a file gives, as messages show it: what looks like a token is masked.
pub(crate) fn shown(name: &str) -> Cow<'_, str> {
    let word_fits = |word: &str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        word.len() <= 12 || (digits == 0 && word.len() <= 24 && !is_mixed(word))
    };
    let printable = name.chars().all(|c| c.is_alphanumeric() || " _-.:/@<>()".contains(c));
    if name.len() <= 120 && printable && name.split(|c: char| !c.is_alphanumeric()).all(word_fits) {
        return Cow::Borrowed(name);
    }
    Cow::Borrowed("(a name that may be a value)")
}

/// Upper case inside a word, other than `camelCase` would have it.
fn is_mixed(word: &str) -> bool {
    let changes = word.as_bytes().windows(2).filter(|p| p[0].is_ascii_uppercase() != p[1].is_ascii_uppercase()).count();
    changes > word.len() / 4
}
