//! The shapes that exports share: lists at the top or under a key, pages of them, and tags.

use super::InventoryError;
use super::intake::Draft;
use super::node::{Node, Value};
use super::table::normal_name;
use crate::inventory::field::{Cell, Slot, record_field};
use crate::inventory::texts::Texts;
use crate::inventory::{Until, When};

/// Visits the rows of an export: a list at the top, under one of these keys, or pages of either; a
/// single object is a row itself.
pub(super) fn each(
    root: &Node<'_>,
    keys: &[&str],
    visit: &mut dyn FnMut(&Node<'_>) -> Result<(), InventoryError>,
) -> Result<(), InventoryError> {
    if root.is_list() {
        for row in root.rows().filter(|r| r.is_map()) {
            each(&row, keys, visit)?;
        }
        return Ok(());
    }
    match list_of(root, keys) {
        Some(list) => {
            for row in list.rows().filter(|r| r.is_map()) {
                visit(&row)?;
            }
            Ok(())
        }
        None => visit(root),
    }
}

/// Whether one of the first rows is what a format recognises.
pub(super) fn starts_with(root: &Node<'_>, keys: &[&str], is: impl Fn(&Node<'_>) -> bool) -> bool {
    const LOOK: usize = 5;
    if root.is_list() {
        return root.rows().take(LOOK).any(|row| match list_of(&row, keys) {
            Some(page) => page.rows().take(LOOK).any(|r| is(&r)),
            None => is(&row),
        });
    }
    match list_of(root, keys) {
        Some(page) => page.rows().take(LOOK).any(|r| is(&r)),
        None => is(root),
    }
}

fn list_of<'n, 'a>(node: &'n Node<'a>, keys: &[&str]) -> Option<&'n Node<'a>> {
    keys.iter().find_map(|key| node.get(key).filter(|n| n.is_list()))
}

/// What people call fields in tags, labels and attributes.
const TAGS: &[(&str, &str)] = &[
    ("owner", "credential_owner"),
    ("team", "credential_owner"),
    ("owned_by", "credential_owner"),
    ("service_owner", "api_owner"),
    ("business_owner", "api_owner"),
    ("environment", "environments"),
    ("env", "environments"),
    ("stage", "environments"),
    ("partner", "partner_id"),
    ("vendor", "partner_id"),
    ("third_party", "partner_id"),
    ("approver", "approved_by"),
    ("approval", "approval_ref"),
    ("ticket", "approval_ref"),
    ("change", "approval_ref"),
    ("expires", "expires_at"),
    ("expiry", "expires_at"),
    ("expiration", "expires_at"),
    ("expires_on", "expires_at"),
    ("expiry_date", "expires_at"),
    ("expiration_date", "expires_at"),
    ("use_case", "purpose"),
    ("notes", "purpose"),
    ("data_class", "data_classes"),
    ("data_classification", "data_classes"),
    ("classification", "data_classes"),
    ("recertified_at", "last_recertified_at"),
    ("last_reviewed", "last_recertified_at"),
    ("reviewed_at", "last_recertified_at"),
    ("rotated_at", "last_rotated_at"),
    ("last_rotated", "last_rotated_at"),
    ("runbook", "offboarding_runbook"),
    ("offboarding", "offboarding_runbook"),
];
/// Fields that a tag cannot set: they are the export's own to say.
const NOT_BY_TAG: [&str; 8] = ["id", "source", "source_id", "generated_at", "status", "hint", "key_id", "fingerprints"];

impl Draft<'_, '_> {
    /// Takes one tag, if it means a field that has no value yet. Words of others are no problem.
    pub(super) fn tag(&mut self, name: &str, value: &str) {
        let name = normal_name(name);
        let name = TAGS.iter().find(|(tag, _)| *tag == name).map_or(name.as_str(), |(_, field)| field);
        let Some(field) = record_field(name).filter(|f| !NOT_BY_TAG.contains(&f.name)) else { return };
        let own = matches!(field.slot, Slot::Other(..));
        let free = match field.name {
            "partner_id" => self.record.partner_id.is_empty(),
            "environments" => self.record.environments.is_empty(),
            _ => !own && field.is_empty(&mut self.record),
        };
        if !free {
            return;
        }
        if matches!(field.slot, Slot::Word(..) | Slot::Words(..)) {
            let mut trial = self.record.clone();
            if field.set(&mut trial, Cell::Text(value), &self.dates(), &mut Texts::new()).is_err() {
                return;
            }
        }
        self.put_cell(field, Cell::Text(value));
    }

    /// Takes tags: a map, a list of `{Key, Value}`, or a list of `name:value`.
    pub(super) fn tags(&mut self, node: Option<&Node<'_>>) {
        let Some(node) = node else { return };
        for (name, value) in node.entries() {
            if let Some(value) = value.text() {
                self.tag(name, value);
            }
        }
        for item in node.rows() {
            match &item.value {
                Value::Text(text) => {
                    if let Some((name, value)) = text.split_once(['=', ':']) {
                        self.tag(name, value);
                    }
                }
                Value::Map(_) => {
                    let name = item.any(&["Key", "key", "name"]).and_then(Node::text);
                    let value = item.any(&["Value", "value"]).and_then(Node::text);
                    if let (Some(name), Some(value)) = (name, value) {
                        self.tag(name, value);
                    }
                }
                _ => {}
            }
        }
    }

    /// The source knows no end for this credential: it lives until somebody removes it.
    pub(super) fn lives_on(&mut self) {
        if self.record.expires_at == Until::Unknown && !self.record.is_unknown("expires_at") {
            self.record.expires_at = Until::Never;
        }
        self.record.expiry_enforced = self.record.expiry_enforced.or(Some(false));
    }

    /// A lifetime that counts from the day of issue, in so many units a second; without one, or below
    /// zero, the credential never ends.
    pub(super) fn expires_after(&mut self, lifetime: Option<&Node<'_>>, per_second: i64) {
        let given = lifetime.map(|n| n.text().and_then(|t| t.trim().parse::<i64>().ok()));
        if matches!(given, None | Some(Some(..0))) {
            self.record.expires_at = Until::Never;
            return;
        }
        let issued = self.record.issued_at.map(When::start);
        let end = issued.zip(given.flatten()).and_then(|(from, units)| {
            jiff::Timestamp::from_second(from.as_second().checked_add(units / per_second)?).ok()
        });
        match end {
            Some(end) => self.record.expires_at = Until::On(When::At(end)),
            None => self.problem("expires_at", crate::inventory::date_text::EXPECTED_SECONDS.into()),
        }
    }

    /// A null end is a "never" in this source.
    pub(super) fn until_or_never(&mut self, node: Option<&Node<'_>>) {
        match node {
            Some(_) => self.put("expires_at", node),
            None => self.record.expires_at = Until::Never,
        }
    }
}
