//! The fields of a record and of a partner as keyward's own inventory writes them: what is read back is
//! the same record.
//!
//! Raw secrets are not among them: a record has none. Never, unknown and missing stay three things.

use arcstr::ArcStr;

use super::date::Until;
use super::field::{EVERYWHERE, Field, PARTNER, Slot, hint_tail, overall, record_fields};
use super::record::{Partner, Record};

/// What stands in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// One text.
    Text(String),
    /// Several.
    List(Vec<String>),
    /// Names and texts: a status per environment.
    Pairs(Vec<(String, String)>),
}

/// How the three forms spell that nobody knows.
pub(crate) const UNKNOWN: &str = "unknown";

impl Written {
    /// Nobody knows.
    pub(crate) fn unknown() -> Self {
        Self::Text(UNKNOWN.to_owned())
    }

    /// The text of a cell: items are separated by `;`, and a semicolon of an item is `\;`.
    pub(crate) fn cell(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(items) => items.iter().map(|i| i.replace(';', "\\;")).collect::<Vec<_>>().join(";"),
            Self::Pairs(pairs) => pairs.iter().map(|(n, t)| format!("{n}={t}")).collect::<Vec<_>>().join(";"),
        }
    }
}

/// The fields of a record that have a value, in the order of the table.
pub(crate) fn record_values(record: &Record) -> Vec<(&'static str, Written)> {
    let mut copy = record.clone();
    values(record_fields(), &mut copy, &record.unknown_fields, particular)
}

/// The fields of a partner that have a value, in the order of the table.
pub(crate) fn partner_values(partner: &Partner) -> Vec<(&'static str, Written)> {
    let mut copy = partner.clone();
    values(PARTNER.iter(), &mut copy, &partner.unknown_fields, |_, _| None)
}

fn values<T: 'static>(
    fields: impl Iterator<Item = &'static Field<T>>,
    target: &mut T,
    unknown: &[ArcStr],
    particular: fn(&T, &str) -> Option<Written>,
) -> Vec<(&'static str, Written)> {
    let mut all = Vec::new();
    for field in fields {
        let is_unknown = unknown.iter().any(|name| name.as_str() == field.name);
        let value = match &field.slot {
            Slot::Other(..) => particular(target, field.name),
            slot => plain(slot, target, is_unknown),
        };
        all.extend(value.or_else(|| is_unknown.then(Written::unknown)).map(|value| (field.name, value)));
    }
    all
}

fn plain<T>(slot: &Slot<T>, target: &mut T, is_unknown: bool) -> Option<Written> {
    let text = match slot {
        Slot::Text(place) | Slot::Word(place, _) => place(target).to_string(),
        Slot::List(place) | Slot::Words(place, _) => {
            let more = is_unknown.then(|| UNKNOWN.to_owned());
            let list: Vec<String> = place(target).iter().map(ToString::to_string).collect();
            return (!list.is_empty()).then(|| Written::List(list.into_iter().chain(more).collect()));
        }
        Slot::Day(place) => place(target).map(|when| when.to_string())?,
        Slot::Until(place) => match *place(target) {
            Until::Unknown => return None,
            Until::Never => "never".to_owned(),
            Until::On(when) => when.to_string(),
        },
        Slot::Truth(place) => place(target).map(|truth| truth.to_string())?,
        Slot::Count(place) => place(target).map(|count| count.to_string())?,
        Slot::Other(..) => return None,
    };
    (!text.is_empty()).then_some(Written::Text(text))
}

/// Fields with a reading of their own.
fn particular(record: &Record, name: &str) -> Option<Written> {
    let list = |items: Vec<String>| (!items.is_empty()).then_some(Written::List(items));
    let text = |text: &str| (!text.is_empty()).then(|| Written::Text(text.to_owned()));
    match name {
        "partner_id" => {
            let own = Some(&record.partner_id).filter(|id| !id.is_empty());
            let all: Vec<String> = own.into_iter().chain(&record.other_partners).map(ToString::to_string).collect();
            // An export that knows no partner does not make its row useless.
            list(all).or_else(|| Some(Written::unknown()))
        }
        "status" if !record.status_by_environment.is_empty() => {
            let each = &record.status_by_environment;
            let whole = record.status.filter(|_| overall(each.values().copied()) != record.status);
            let whole = whole.map(|status| (EVERYWHERE.to_owned(), status.word().to_owned()));
            let each = each.iter().map(|(name, status)| (name.clone(), status.word().to_owned()));
            Some(Written::Pairs(whole.into_iter().chain(each).collect()))
        }
        "status" => record.status.map(|status| Written::Text(status.word().to_owned())),
        "environments" => list(record.environments.iter().map(ToString::to_string).collect()),
        "fingerprints" => list(record.fingerprints.iter().map(ToString::to_string).collect()),
        "jwt_ids" => list(record.jwt_ids.iter().map(ToString::to_string).collect()),
        "cert_sha256" => text(&record.cert_sha256),
        // A beginning alone, as some exports have it, is no hint that anything is matched by.
        "hint" => hint_tail(&record.hint).and(text(&record.hint)),
        _ => None,
    }
}
