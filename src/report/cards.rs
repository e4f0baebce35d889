//! Findings as people read them: by partner, then by credential or record. Text and HTML are made
//! of these cards.
//!
//! Everything here is raw text; a renderer escapes it for its own medium.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::view::View;
use crate::detect::{ChecksumVerdict, Form, Mode, Visibility};
use crate::govern::{Check, CheckId, Finding, Level, Spot, Subject};
use crate::observe::Observation;

/// Remedies written out; of the rest the ids.
const REMEDIES: usize = 2;

/// The findings about one partner, by credential or record.
pub(super) struct Group<'a> {
    /// Partner id.
    pub(super) partner: Option<&'a str>,
    /// For people.
    pub(super) name: String,
    /// Gravest first.
    pub(super) cards: Vec<Card<'a>>,
}

impl<'a> Group<'a> {
    /// All its findings.
    pub(super) fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        self.cards.iter().flat_map(|c| c.findings.iter().copied())
    }
}

/// The findings about one credential or record.
pub(super) struct Card<'a> {
    view: &'a View<'a>,
    /// Gravest first.
    pub(super) findings: Vec<&'a Finding>,
    /// What was observed of the credential.
    pub(super) observation: Option<&'a Observation>,
}

/// One check that failed for a card, at one level, wherever it failed.
pub(super) struct Verdict<'a> {
    pub(super) id: CheckId,
    pub(super) check: &'a Check,
    pub(super) level: Level,
    pub(super) findings: Vec<&'a Finding>,
}

/// Gravest group first, then by name; the nameless last.
pub(super) fn groups<'a>(view: &'a View<'a>, findings: impl Iterator<Item = &'a Finding>) -> Vec<Group<'a>> {
    let mut partners: BTreeMap<Option<&str>, BTreeMap<&Subject, Vec<&Finding>>> = BTreeMap::new();
    for finding in findings {
        partners.entry(view.partner_of(finding)).or_default().entry(&finding.subject).or_default().push(finding);
    }
    let mut groups: Vec<_> = partners.into_iter().map(|(partner, subjects)| group(view, partner, subjects)).collect();
    let gravest = |g: &Group<'_>| g.cards.iter().map(Card::level).max();
    // As people look names up: `acme` before `Stripe`.
    let name = |group: &Group<'_>| (group.name.to_lowercase(), group.name.clone());
    groups.sort_by(|a, b| {
        let graver = (a.partner.is_none(), gravest(b)).cmp(&(b.partner.is_none(), gravest(a)));
        graver.then_with(|| name(a).cmp(&name(b)))
    });
    groups
}

fn group<'a>(
    view: &'a View<'a>,
    partner: Option<&'a str>,
    subjects: BTreeMap<&'a Subject, Vec<&'a Finding>>,
) -> Group<'a> {
    let mut cards: Vec<_> = subjects
        .into_values()
        .map(|mut findings| {
            findings
                .sort_by(|a, b| b.level.cmp(&a.level).then_with(|| (a.check, &a.primary).cmp(&(b.check, &b.primary))));
            Card { view, observation: view.observation(findings[0]), findings }
        })
        .collect();
    let kind = |c: &Card<'_>| u8::from(!matches!(c.subject(), Subject::Credential(_)));
    cards.sort_by(|a, b| {
        (b.level(), kind(a), &a.findings[0].primary).cmp(&(a.level(), kind(b), &b.findings[0].primary))
    });
    let name = match partner {
        Some(id) => view.partner_name(id).to_owned(),
        None if cards.iter().all(|c| matches!(c.subject(), Subject::Governance(_))) => {
            "Inventory and policy".to_owned()
        }
        None => "No partner named".to_owned(),
    };
    Group { partner, name, cards }
}

/// What a finding about governance itself is about, for people: `Partner acme`, `Exception EXC-1`.
fn governed(subject: &str) -> String {
    const KINDS: [(&str, &str); 4] = [
        ("partner", "Partner"),
        ("exception", "Exception"),
        ("inventory", "Inventory export"),
        ("change", "Change of"),
    ];
    let known =
        |(kind, name): &(&str, &str)| Some(format!("{name} {}", subject.strip_prefix(kind)?.strip_prefix(':')?));
    KINDS.iter().find_map(known).unwrap_or_else(|| subject.to_owned())
}

impl<'a> Card<'a> {
    /// What it is about.
    pub(super) fn subject(&self) -> &'a Subject {
        &self.findings[0].subject
    }

    /// The gravest level.
    pub(super) fn level(&self) -> Level {
        self.findings[0].level
    }

    /// `Stripe secret key, live, ends in 4f2c`, or the record.
    pub(super) fn title(&self) -> String {
        match (self.subject(), self.observation) {
            (Subject::Credential(_), Some(observation)) => describe(observation),
            (Subject::Credential(id), None) => format!("Credential {}", &id.to_string()[..8]),
            (Subject::Record(id), _) => format!("Inventory record {id}"),
            (Subject::Governance(what), _) => governed(what),
        }
    }

    /// Where it stands, each place once.
    pub(super) fn spots(&self) -> Vec<&'a Spot> {
        let related = self.findings.iter().flat_map(|f| &f.related).filter(|s| s.place.is_some());
        let mut seen = BTreeSet::new();
        let mut spots: Vec<&Spot> = self.findings.iter().map(|f| &f.primary).chain(related).collect();
        spots.retain(|s| seen.insert((&s.path, s.location, s.place)));
        spots
    }

    /// Whether a finding stands here, rather than pointing here for comparison.
    pub(super) fn is_own(&self, spot: &Spot) -> bool {
        self.findings.iter().any(|f| f.primary.path == spot.path && f.primary.place == spot.place)
    }

    /// A place's note, where it says more than the card does.
    pub(super) fn note(&self, spot: &'a Spot) -> &'a str {
        if self.findings.iter().any(|f| f.primary.note == spot.note) { "" } else { &spot.note }
    }

    /// The failed checks, gravest first.
    pub(super) fn verdicts(&self) -> Vec<Verdict<'a>> {
        let mut verdicts: Vec<Verdict<'a>> = Vec::new();
        for finding in &self.findings {
            match verdicts.iter_mut().find(|v| v.id == finding.check && v.level == finding.level) {
                Some(verdict) => verdict.findings.push(finding),
                None => verdicts.push(Verdict {
                    id: finding.check,
                    check: self.view.check(finding.check),
                    level: finding.level,
                    findings: vec![finding],
                }),
            }
        }
        verdicts
    }

    /// `cred-017 (inventory.csv:7), certain match by key id`; `none` where there is none.
    pub(super) fn record(&self) -> Option<String> {
        let Subject::Credential(id) = self.subject() else { return None };
        self.view.report.inventory.as_ref()?;
        let matched = self.view.report.judgement.matches.get(id);
        let named = self.findings.iter().filter_map(|f| f.record.as_deref());
        let records: BTreeSet<&str> =
            named.chain(matched.iter().flat_map(|m| m.records.iter().map(String::as_str))).collect();
        if records.is_empty() {
            let comparable = matched.is_none_or(|m| m.level != "not comparable");
            return Some(if comparable { "none" } else { "none that can be compared" }.to_owned());
        }
        let rows = self.findings.iter().flat_map(|f| &f.related).filter(|s| s.place.is_none());
        let rows: BTreeSet<String> = rows.map(|s| format!("{}:{}", s.path, s.location.line)).collect();
        let mut text = records.into_iter().take(3).collect::<Vec<_>>().join(", ");
        if !rows.is_empty() {
            let _ = write!(text, " ({})", rows.into_iter().take(3).collect::<Vec<_>>().join(", "));
        }
        if let Some(m) = matched {
            let _ = write!(text, ", {} match", m.level);
            if !m.by.is_empty() {
                let _ = write!(text, " by {}", m.by);
            }
        } else if let Some(how) = self.findings.iter().find_map(|f| f.matched.as_deref()) {
            let _ = write!(text, ", match {how}");
        }
        Some(text)
    }

    /// Facts of all findings, once each: `environment`, `production`.
    pub(super) fn facts(&self) -> Vec<(String, String)> {
        let merged: BTreeMap<&String, &Value> = self.findings.iter().flat_map(|f| &f.facts).collect();
        // Told elsewhere on the card.
        let news = |name: &String| !["rule", "kind", "related_total"].contains(&name.as_str());
        let facts = merged.into_iter().filter(|(name, _)| news(name));
        facts.filter_map(|(name, value)| Some((name.replace('_', " "), fact(value)?))).collect()
    }

    /// How sure the detection is, and by what: `certain: nothing else has this form; its check value fits`.
    pub(super) fn sureness(&self) -> Option<String> {
        let observation = self.observation?;
        let form = match observation.confidence {
            Form::Certain => "certain: nothing else has this form",
            Form::Strong => "strong: few other things have this form",
            Form::Contextual => "contextual: a common form, told by its name and surroundings",
        };
        let mut text = form.to_owned();
        match observation.checksum {
            ChecksumVerdict::Fit => text.push_str("; its check value fits"),
            ChecksumVerdict::Misfit => text.push_str("; its check value does not fit"),
            ChecksumVerdict::None => {}
        }
        if !observation.watched.is_empty() {
            "certain: the inventory lists this very value".clone_into(&mut text);
        }
        if let Some(partner) = observation.partner.as_ref().filter(|p| p.evidence != "format") {
            let by = partner.by.as_deref().map(|by| format!(" {by}")).unwrap_or_default();
            let _ =
                write!(text, "; {} by the {}{by} ({} confidence)", partner.name, partner.evidence, partner.confidence);
        }
        Some(text)
    }

    /// What the value says about itself, unverified; the times first.
    pub(super) fn claims(&self) -> Option<String> {
        const MOST: usize = 8;
        let facts = &self.observation?.claims.facts;
        let times = [("exp", "ends"), ("iat", "made"), ("nbf", "begins")];
        let mut parts: Vec<String> = times
            .iter()
            .filter_map(|(name, word)| {
                let seconds = facts.get(*name)?.as_i64()?;
                let time = jiff::Timestamp::from_second(seconds).ok()?;
                Some(format!("{word} {time}"))
            })
            .collect();
        let word = |name: &str| match name {
            "iss" => "issuer".to_owned(),
            "aud" => "audience".to_owned(),
            "sub" => "subject".to_owned(),
            "alg" => "algorithm".to_owned(),
            other => other.replace('_', " "),
        };
        let others = facts.iter().filter(|(name, _)| !times.iter().any(|(time, _)| time == name));
        parts.extend(others.filter_map(|(name, value)| Some(format!("{}: {}", word(name), fact(value)?))));
        let more = parts.len().saturating_sub(MOST);
        parts.truncate(MOST);
        if more > 0 {
            parts.push(format!("{more} more"));
        }
        (!parts.is_empty()).then(|| parts.join(" \u{b7} "))
    }

    /// What to do, in order.
    pub(super) fn steps(&self) -> Vec<String> {
        let mut steps = Vec::new();
        if let Some(revoke) = self.observation.filter(|o| o.is_leak()).and_then(|o| o.revoke.as_deref()) {
            steps.push(format!("To revoke: {revoke}"));
        }
        let mut checks: Vec<(CheckId, &Check)> = Vec::new();
        for finding in &self.findings {
            if !checks.iter().any(|(id, _)| *id == finding.check) {
                checks.push((finding.check, self.view.check(finding.check)));
            }
        }
        steps.extend(checks.iter().take(REMEDIES).map(|(_, c)| c.remedy.to_owned()));
        if checks.len() > REMEDIES {
            let rest: Vec<_> = checks[REMEDIES..].iter().map(|(id, _)| id.to_string()).collect();
            steps.push(format!("More: keyward explain {}", rest.join(" ")));
        }
        steps
    }
}

fn describe(observation: &Observation) -> String {
    let mut parts = vec![observation.title.clone()];
    match observation.visibility {
        Visibility::Secret => {}
        Visibility::Identifier => parts.push("an identifier".to_owned()),
        Visibility::Publishable => parts.push("publishable".to_owned()),
    }
    match observation.mode {
        Some(Mode::Live) => parts.push("live".to_owned()),
        Some(Mode::Test) => parts.push("test mode".to_owned()),
        None => {}
    }
    if let Some(key_id) = &observation.key_id {
        parts.push(format!("key id {key_id}"));
    }
    if let Some(hint) = &observation.hint {
        parts.push(format!("ends in {}", hint.0));
    }
    parts.join(", ")
}

fn fact(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Array(all) => Some(all.iter().filter_map(fact).collect::<Vec<_>>().join(", ")),
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_record_is_named_in_words() {
        for (subject, told) in [
            ("partner:acme", "Partner acme"),
            ("exception:EXC-1", "Exception EXC-1"),
            ("inventory:a.csv", "Inventory export a.csv"),
            ("change:a/b.toml", "Change of a/b.toml"),
            ("inline permission: KW001, samples", "inline permission: KW001, samples"),
        ] {
            assert_eq!(governed(subject), told);
        }
    }
}
