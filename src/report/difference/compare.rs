//! Which finding of the one report is which of the other.
//!
//! Equal keys are the same finding. Of the rest, those of one credential and check are paired, one for
//! one: they moved. A credential that left the tree and is in the history has moved there; one that
//! was gone and is in the tree again is back.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::snapshot::{Known, Snapshot};
use super::{Before, Change, Difference, Entry, SCHEMA, Shown, Side, Summary, Where};
use crate::govern::{CheckId, Disposition, Subject};
use crate::secret::{CredentialId, FindingKey, Fingerprint};
use crate::source::Place;

const IN_TREE: CheckId = CheckId(1);
const IN_HISTORY: CheckId = CheckId(2);
const REINTRODUCED: CheckId = CheckId(507);

pub(super) fn compare(old: &Snapshot, new: &Snapshot) -> Difference {
    let joined = Joined::new(old, new);
    let mut summary = Summary::default();
    let mut changes: Vec<Entry> = Vec::new();
    for (was, is) in joined.pairs() {
        let change = match (was, is) {
            (Some(was), Some(is)) if was.key == is.key => {
                if was.level == is.level && same(&was.disposition, &is.disposition) {
                    summary.unchanged += 1;
                    continue;
                }
                Change::Changed
            }
            (Some(was), Some(is)) if was.check == IN_HISTORY && is.check == IN_TREE => Change::Reintroduced,
            (Some(_), Some(_)) => Change::Moved,
            (None, Some(is)) if joined.is_back(is) => Change::Reintroduced,
            (None, Some(_)) => Change::New,
            (Some(_), None) => Change::Gone,
            (None, None) => continue,
        };
        let Some(shown) = is.or(was) else { continue };
        let doubt = was.filter(|_| is.is_none()).and_then(|was| doubt(was, old, new));
        changes.push(Entry { change, finding: show(shown), before: is.and(was).map(before), doubt });
    }
    changes.sort_by(|a, b| {
        let of = |e: &Entry| (e.change, Reverse(e.finding.level), e.finding.check);
        of(a).cmp(&of(b)).then_with(|| (&a.finding.at.path, a.finding.key).cmp(&(&b.finding.at.path, b.finding.key)))
    });
    for entry in &changes {
        *match entry.change {
            Change::New => &mut summary.new,
            Change::Reintroduced => &mut summary.reintroduced,
            Change::Moved => &mut summary.moved,
            Change::Changed => &mut summary.changed,
            Change::Gone => &mut summary.gone,
        } += 1;
    }
    Difference { schema: SCHEMA, old: side(old), new: side(new), notes: notes(old, new), summary, changes }
}

/// Accepted alike; which exception it was is no change of the finding.
fn same(a: &Disposition, b: &Disposition) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

/// The findings of both reports.
struct Joined<'s> {
    old: &'s Snapshot,
    new: &'s Snapshot,
    /// Credentials of the new report whose identity was another in the old one: a weak value's holds
    /// its path, and only a keyed fingerprint tells that it is the same value.
    former: BTreeMap<CredentialId, CredentialId>,
}

/// What findings of one group share: a credential in the tree and in the history is one leak.
type Group = (CheckId, Subject);

impl<'s> Joined<'s> {
    fn new(old: &'s Snapshot, new: &'s Snapshot) -> Self {
        let prints = |s: &'s Snapshot| s.credentials.iter().flat_map(|(id, c)| c.fingerprints.iter().map(|f| (f, *id)));
        let known: BTreeMap<&Fingerprint, CredentialId> = prints(old).collect();
        let former = prints(new)
            .filter(|(_, id)| !old.credentials.contains_key(id))
            .filter_map(|(print, id)| Some((id, *known.get(print)?)))
            .collect();
        Self { old, new, former }
    }

    /// Every finding of either report once, with its counterpart.
    fn pairs(&self) -> Vec<(Option<&'s Known>, Option<&'s Known>)> {
        let mut by_key: BTreeMap<FindingKey, Vec<&Known>> = BTreeMap::new();
        for was in &self.old.findings {
            by_key.entry(was.key).or_default().push(was);
        }
        let mut pairs = Vec::new();
        let mut rest = Vec::new();
        for is in &self.new.findings {
            match by_key.get_mut(&is.key).and_then(Vec::pop) {
                Some(was) => pairs.push((Some(was), Some(is))),
                None => rest.push(is),
            }
        }
        let mut left: BTreeMap<Group, Vec<&Known>> = BTreeMap::new();
        for was in by_key.into_values().flatten() {
            left.entry(group(was, was.subject.clone())).or_default().push(was);
        }
        for group in left.values_mut() {
            group.sort_by(|a, b| (&a.primary.path, a.key).cmp(&(&b.primary.path, b.key)));
        }
        rest.sort_by(|a, b| (a.check, &a.primary.path, a.key).cmp(&(b.check, &b.primary.path, b.key)));
        // The likeliest first: the same path (it left the tree for the history), the same name elsewhere.
        let alike: [fn(&Known, &Known) -> bool; 3] = [
            |was, is| was.primary.path == is.primary.path,
            |was, is| was.primary.path.file_name() == is.primary.path.file_name(),
            |_, _| true,
        ];
        let mut paired: BTreeMap<Group, &Known> = BTreeMap::new();
        for alike in alike {
            rest.retain(|is| {
                let group = self.group(is);
                let Some(candidates) = left.get_mut(&group) else { return true };
                let Some(at) = candidates.iter().position(|was| alike(was, is)) else { return true };
                let was = candidates.remove(at);
                paired.entry(group).or_insert(was);
                pairs.push((Some(was), Some(*is)));
                false
            });
        }
        for is in rest {
            // In the history a leak is told at every path that it ever had; in the tree it had one.
            let was = paired.get(&self.group(is)).copied().filter(|was| was.check == IN_TREE && is.check == IN_HISTORY);
            pairs.push((was, Some(is)));
        }
        pairs.extend(left.into_values().flatten().map(|was| (Some(was), None)));
        pairs
    }

    fn group(&self, is: &Known) -> Group {
        let subject = match &is.subject {
            Subject::Credential(id) => Subject::Credential(self.former.get(id).copied().unwrap_or(*id)),
            other => other.clone(),
        };
        group(is, subject)
    }

    /// Whether a finding of the new report alone is about a credential that was gone once.
    fn is_back(&self, is: &Known) -> bool {
        let Subject::Credential(id) = &is.subject else { return false };
        let told = |f: &Known| f.check == REINTRODUCED && f.subject == is.subject;
        let was = self.old.credentials.get(self.former.get(id).unwrap_or(id));
        let (Some(was), Some(now)) = (was, self.new.credentials.get(id)) else {
            return self.new.findings.iter().any(told);
        };
        let returns: BTreeSet<&str> = was.returns().collect();
        !was.is_present() && now.is_present()
            || now.returns().any(|commit| !returns.contains(commit))
            || is.check == REINTRODUCED
    }
}

fn group(finding: &Known, subject: Subject) -> Group {
    (if finding.check == IN_HISTORY { IN_TREE } else { finding.check }, subject)
}

/// Why a finding that is gone may only not have been looked at.
fn doubt(was: &Known, old: &Snapshot, new: &Snapshot) -> Option<String> {
    let missing = |word: &str| old.scope.iter().any(|s| s == word) && !new.scope.iter().any(|s| s == word);
    if was.primary.place == Some(Place::History) && missing("history") {
        return Some("the history was not scanned again".to_owned());
    }
    if was.primary.place == Some(Place::Tree) && missing("tree") {
        return Some("the tree was not scanned again".to_owned());
    }
    if let Some(state) = new.checks.get(&was.check)
        && let Some((why, _)) = state.not_evaluated.iter().max_by_key(|(_, n)| **n)
    {
        let still_seen = match &was.subject {
            Subject::Credential(id) => new.credentials.contains_key(id),
            Subject::Record(_) | Subject::Governance(_) => true,
        };
        if state.evaluated == 0 || still_seen {
            return Some(format!("{} was not evaluated: {why}", was.check));
        }
    }
    (!new.complete).then(|| "the new report is incomplete".to_owned())
}

/// What a reader must know of the two reports.
fn notes(old: &Snapshot, new: &Snapshot) -> Vec<String> {
    let mut notes = Vec::new();
    for (which, snapshot) in [("old", old), ("new", new)] {
        if !snapshot.complete {
            notes.push(format!("the {which} report is incomplete: not everything was scanned"));
        }
    }
    let only = |a: &Snapshot, b: &Snapshot| -> Vec<String> {
        a.scope.iter().filter(|s| !b.scope.contains(s)).cloned().collect()
    };
    for (which, words) in [("old", only(old, new)), ("new", only(new, old))] {
        if !words.is_empty() {
            notes.push(format!("only the {which} report looked at: {}", words.join(", ")));
        }
    }
    let remotes =
        |s: &Snapshot| -> BTreeSet<String> { s.repositories.iter().filter_map(|r| r.remote.clone()).collect() };
    let (a, b) = (remotes(old), remotes(new));
    if !a.is_empty() && !b.is_empty() && a.is_disjoint(&b) {
        notes.push("the reports are of different repositories".to_owned());
    }
    if old.as_of > new.as_of {
        notes.push("the old report is judged on a later day than the new one".to_owned());
    }
    if old.version != new.version {
        notes.push("the reports are by different versions, whose rules and checks may differ".to_owned());
    }
    notes
}

fn side(snapshot: &Snapshot) -> Side {
    Side {
        file: snapshot.name.clone(),
        as_of: snapshot.as_of.clone(),
        version: snapshot.version.clone(),
        scope: snapshot.scope.clone(),
        heads: snapshot.repositories.iter().filter_map(|r| r.head.clone()).collect(),
        complete: snapshot.complete,
        findings: snapshot.findings.len(),
    }
}

fn show(finding: &Known) -> Shown {
    Shown {
        key: finding.key,
        check: finding.check,
        level: finding.level,
        subject: finding.subject.clone(),
        message: finding.message.clone(),
        at: at(finding),
        partner: finding.partner.clone(),
        record: finding.record.clone(),
        disposition: finding.disposition.clone(),
    }
}

fn before(finding: &Known) -> Before {
    Before {
        key: finding.key,
        check: finding.check,
        level: finding.level,
        at: at(finding),
        disposition: finding.disposition.clone(),
    }
}

fn at(finding: &Known) -> Where {
    let primary = &finding.primary;
    Where { path: primary.path.clone(), location: primary.location, place: primary.place }
}
