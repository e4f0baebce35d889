//! What changed of a record between two versions of an inventory.

use thin_vec::ThinVec;

use super::date::Until;
use super::record::Record;

/// Fields that tell of the export and not of the credential.
const OF_THE_EXPORT: &[&str] = &[
    "source", "source_id", "generated_at", "last_used_at", "secret_fields", "unknown_fields", "also_ids", "also_at",
    "at",
];

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedField {
    /// Its name.
    pub name: String,
    /// It had a value before, so that this is a change and not the first entry.
    pub was_set: bool,
}

/// The fields in which two versions of one record differ, sorted by name. What tells of the export
/// alone, such as its date, does not count; nor does the order of a list.
pub fn changed_fields(before: &Record, after: &Record) -> Vec<ChangedField> {
    if comparable(before) == comparable(after) {
        return Vec::new();
    }
    let none = fields_of(&Record { expires_at: Until::Unknown, ..Record::default() });
    let (before, after) = (fields_of(before), fields_of(after));
    let differs = |(name, old): (&String, &serde_json::Value)| {
        let counts = !OF_THE_EXPORT.contains(&name.as_str()) && after.get(name) != Some(old);
        counts.then(|| ChangedField { name: name.clone(), was_set: none.get(name) != Some(old) })
    };
    let mut all: Vec<ChangedField> = before.iter().filter_map(differs).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// The record without its place, which changes with every row above it.
fn comparable(record: &Record) -> Record {
    Record { at: super::RecordRef::default(), also_at: ThinVec::new(), ..record.clone() }
}

/// A record's fields by name; lists sorted.
fn fields_of(record: &Record) -> serde_json::Map<String, serde_json::Value> {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::to_value(record) else {
        return serde_json::Map::new();
    };
    for value in fields.values_mut() {
        if let serde_json::Value::Array(items) = value {
            items.sort_by_cached_key(ToString::to_string);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use thin_vec::thin_vec;

    use super::*;
    use crate::inventory::When;

    #[test]
    fn what_differs_and_whether_it_was_there_before() {
        let before =
            Record { api_owner: "team/a".into(), scopes: thin_vec!["a".into(), "b".into()], ..Record::default() };
        let mut after = before.clone();
        after.scopes.reverse();
        after.at.line = 9;
        after.generated_at = Some(When::Day("2026-01-01".parse().unwrap()));
        assert_eq!(changed_fields(&before, &after), []);
        after.api_owner = "team/b".into();
        after.purpose = "orders".into();
        after.expires_at = Until::Never;
        let changed: Vec<_> = changed_fields(&before, &after).into_iter().map(|c| (c.name, c.was_set)).collect();
        let expected = [("api_owner", true), ("expires_at", false), ("purpose", false)];
        assert_eq!(changed, expected.map(|(name, was)| (name.to_owned(), was)));
    }
}
