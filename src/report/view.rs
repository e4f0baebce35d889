//! What several formats ask of a report: the observation and the check behind a finding, partner
//! names, counts, the verdict in one sentence.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Report;
pub(super) use crate::govern::text::{grouped, plural};
use crate::govern::{Check, CheckId, Disposition, Finding, Level, Spot, Subject};
use crate::observe::{CommitRef, Exposure, Held, Observation};
use crate::secret::CredentialId;
use crate::source::coverage::{Effect, Reason};

/// A report with the look-ups over it.
pub(super) struct View<'a> {
    /// The report itself.
    pub(super) report: &'a Report,
    /// The table, in its order.
    pub(super) checks: &'a [Check],
    by_id: BTreeMap<CheckId, &'a Check>,
    observations: BTreeMap<CredentialId, &'a Observation>,
    partners: BTreeMap<&'a str, &'a str>,
}

/// How many findings of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(super) struct Counts {
    pub(super) error: usize,
    pub(super) warning: usize,
    pub(super) note: usize,
    pub(super) excepted: usize,
    pub(super) baselined: usize,
}

impl Counts {
    /// Of `findings`.
    pub(super) fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            let count = match (&finding.disposition, finding.level) {
                (Disposition::Excepted { .. }, _) => &mut counts.excepted,
                (Disposition::Baselined, _) => &mut counts.baselined,
                (Disposition::Open, Level::Error) => &mut counts.error,
                (Disposition::Open, Level::Warning) => &mut counts.warning,
                (Disposition::Open, Level::Note) => &mut counts.note,
            };
            *count += 1;
        }
        counts
    }

    /// Findings that count.
    pub(super) fn open(self) -> usize {
        self.error + self.warning + self.note
    }

    /// `2 errors, 1 warning`; empty if nothing is open.
    pub(super) fn words(self) -> String {
        let parts = [(self.error, "error"), (self.warning, "warning"), (self.note, "note")];
        let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| plural(*n as u64, word)).collect();
        parts.join(", ")
    }
}

/// Stands for a check that is not in the table: a report of a newer version.
static UNKNOWN: Check = Check {
    id: CheckId(0),
    slug: "unknown-check",
    title: "A check that this version does not know",
    why: "The report was written by another version of keyward.",
    remedy: "Read the report with the version that wrote it.",
    level: Level::Warning,
    severity: 5.0,
    needs: "",
    taxa: &[],
};

impl<'a> View<'a> {
    /// Indexes `report`.
    pub(super) fn new(report: &'a Report, checks: &'a [Check]) -> Self {
        let observations: BTreeMap<_, _> = report.observations.iter().map(|o| (o.credential, o)).collect();
        let named = report.observations.iter().filter_map(|o| o.partner.as_ref());
        Self {
            report,
            checks,
            by_id: checks.iter().map(|c| (c.id, c)).collect(),
            observations,
            partners: named.map(|p| (p.id.as_str(), p.name.as_str())).collect(),
        }
    }

    /// All findings, as the judgement sorted them.
    pub(super) fn findings(&self) -> &'a [Finding] {
        &self.report.judgement.findings
    }

    /// Findings that count.
    pub(super) fn open(&self) -> impl Iterator<Item = &'a Finding> {
        self.findings().iter().filter(|f| f.is_open())
    }

    /// How many.
    pub(super) fn counts(&self) -> Counts {
        Counts::of(self.findings())
    }

    /// The row of the table.
    pub(super) fn check(&self, id: CheckId) -> &'a Check {
        self.by_id.get(&id).copied().unwrap_or(&UNKNOWN)
    }

    /// What was observed of the finding's credential.
    pub(super) fn observation(&self, finding: &Finding) -> Option<&'a Observation> {
        match &finding.subject {
            Subject::Credential(id) => self.observations.get(id).copied(),
            Subject::Record(_) | Subject::Governance(_) => None,
        }
    }

    /// A partner's name for people.
    pub(super) fn partner_name<'b>(&'b self, id: &'b str) -> &'b str {
        self.partners.get(id).copied().unwrap_or(id)
    }

    /// Id of the partner that a finding is filed under.
    pub(super) fn partner_of(&self, finding: &'a Finding) -> Option<&'a str> {
        let observed = || self.observation(finding).and_then(|o| o.partner.as_ref()).map(|p| p.id.as_str());
        finding.partner.as_deref().or_else(observed)
    }

    /// Checks that were judged for at least one subject, or failed, in the order of the table.
    pub(super) fn evaluated(&self) -> Vec<&'a Check> {
        let failed: std::collections::BTreeSet<_> = self.findings().iter().map(|f| f.check).collect();
        let states = &self.report.judgement.checks;
        let judged = |c: &Check| states.get(&c.id).is_some_and(|s| s.evaluated > 0) || failed.contains(&c.id);
        let mut all: Vec<_> = self.checks.iter().filter(|c| judged(c)).collect();
        if failed.iter().any(|id| !self.by_id.contains_key(id)) {
            all.push(&UNKNOWN);
        }
        all
    }

    /// Checks that were not evaluated for some or all subjects: id, reason, how many.
    pub(super) fn not_evaluated(&self) -> Vec<(CheckId, &'a str, u64)> {
        let states = self.report.judgement.checks.iter();
        states.flat_map(|(id, s)| s.not_evaluated.iter().map(|(why, n)| (*id, why.as_str(), *n))).collect()
    }

    /// Checks that could be evaluated for no subject at all, by reason; and how many others lacked
    /// something for some of theirs.
    pub(super) fn unanswered(&self) -> (BTreeMap<&'a str, Vec<String>>, usize) {
        let mut none: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut some = 0;
        for (id, state) in &self.report.judgement.checks {
            if state.evaluated > 0 {
                some += usize::from(!state.not_evaluated.is_empty());
                continue;
            }
            // The reason of most subjects stands for all.
            if let Some((why, _)) = state.not_evaluated.iter().max_by_key(|(_, n)| **n) {
                none.entry(why).or_default().push(id.to_string());
            }
        }
        (none, some)
    }

    /// `412 files` or `412 documents`.
    pub(super) fn documents(&self) -> String {
        let only_files = self.report.scope.iter().all(|s| s == "tree" || s == "paths");
        plural(self.report.coverage.documents, if only_files { "file" } else { "document" })
    }

    /// The whole run in one sentence.
    pub(super) fn verdict(&self) -> String {
        let counts = self.counts();
        let found = if counts.open() == 0 { "no findings".to_owned() } else { counts.words() };
        let mut text = format!("{found} in {}", self.documents());
        let accepted = counts.excepted + counts.baselined;
        if accepted > 0 {
            let _ = write!(text, " \u{b7} {accepted} accepted");
        }
        let gaps = self.gaps();
        if !gaps.is_empty() {
            let _ = write!(text, " \u{b7} incomplete: {}", gaps.join(", "));
        } else if !self.report.complete {
            text.push_str(" \u{b7} incomplete");
        }
        text
    }

    /// Entries of the baseline that can be taken out of it, in words.
    pub(super) fn gone(&self) -> Option<String> {
        const NAMED: usize = 3;
        let gone = &self.report.judgement.stale_baseline;
        let mut names: Vec<_> = gone.iter().take(NAMED).map(|e| format!("{} {}", e.check, e.path)).collect();
        if gone.len() > NAMED {
            names.push(format!("{} more", gone.len() - NAMED));
        }
        let entries = if gone.len() == 1 { "1 entry" } else { &format!("{} entries", grouped(gone.len() as u64)) };
        (!gone.is_empty()).then(|| format!("{entries} that no finding answers to any more: {}", names.join(", ")))
    }

    /// What was asked for and not got, in words.
    pub(super) fn gaps(&self) -> Vec<String> {
        let counts = self.report.coverage.counts.iter();
        counts.filter(|(r, _)| r.effect() == Effect::Gap).map(|(r, n)| gap(*r, *n)).collect()
    }
}

/// `added 2025-03-01 in 1a2b3c4, removed 2025-04-01 in 5d6e7f8; on 3 refs`.
pub(super) fn exposed(exposure: &Exposure) -> String {
    let commit = |c: &CommitRef| {
        let day: String = c.time.chars().take(10).collect();
        let id: String = c.commit.chars().take(7).collect();
        format!("{day} in {id}")
    };
    let mut parts = Vec::new();
    if let Some(introduced) = &exposure.introduced {
        parts.push(format!("added {}", commit(introduced)));
    }
    if let Some(removed) = &exposure.removed {
        let after = exposure.days(jiff::Timestamp::UNIX_EPOCH).filter(|days| *days > 0);
        let after = after.map(|days| format!(" after {}", plural(days, "day"))).unwrap_or_default();
        parts.push(format!("removed {}{after}", commit(removed)));
    }
    if !exposure.reintroduced.is_empty() {
        parts.push(format!("brought back {}", exposure.reintroduced.iter().map(commit).collect::<Vec<_>>().join(", ")));
    }
    if exposure.at_head {
        parts.push("still at HEAD".to_owned());
    }
    parts.extend(held(exposure));
    parts.join(", ")
}

/// What still holds it: `on main`, `on 3 refs`, `reachable from 2 refs`, `only in reflogs`.
fn held(exposure: &Exposure) -> Option<String> {
    let named = |names: &[String], total: u64| match names {
        [one] if total == 1 => ref_name(one),
        _ => plural(total, "ref"),
    };
    Some(match exposure.held {
        Held::Ref if exposure.refs_total > 0 => format!("on {}", named(&exposure.refs, exposure.refs_total)),
        Held::Ref if exposure.held_by_total > 0 => {
            format!("reachable from {}", named(&exposure.held_by, exposure.held_by_total))
        }
        Held::Ref => return None,
        Held::Index => match exposure.held_by.first().and_then(|name| name.strip_suffix("/index")) {
            Some(worktree) => format!("only in the index of {worktree}"),
            None => "only in the index".to_owned(),
        },
        Held::Reflog => "held by reflogs alone".to_owned(),
        Held::Alternate => "only in an alternate object database".to_owned(),
        Held::Nothing => "reachable from no ref".to_owned(),
    })
}

/// `main`, `tag v1`, `the stash`.
fn ref_name(name: &str) -> String {
    let short = |prefix| name.strip_prefix(prefix);
    match name {
        "refs/stash" => "the stash".to_owned(),
        _ => short("refs/heads/")
            .or(short("refs/remotes/"))
            .map(str::to_owned)
            .or_else(|| short("refs/tags/").map(|tag| format!("tag {tag}")))
            .unwrap_or_else(|| name.to_owned()),
    }
}

/// Where a check is described.
pub(super) fn check_url(id: CheckId) -> String {
    format!("{}/blob/main/docs/checks.md#{}", env!("CARGO_PKG_REPOSITORY"), id.to_string().to_lowercase())
}

/// `lowered from error: test path (raised for: production environment)`.
pub(super) fn level_reasons(check: &Check, finding: &Finding) -> Option<String> {
    if finding.modifiers.is_empty() {
        return None;
    }
    // Raised where there was no room to rise: nothing to explain.
    if finding.level == check.level && finding.modifiers.iter().all(|m| m.steps >= 0) {
        return None;
    }
    let why = |up: bool| {
        let those = finding.modifiers.iter().filter(|m| (m.steps >= 0) == up);
        those.map(|m| m.reason.as_str()).collect::<Vec<_>>().join("; ")
    };
    let (up, down, from) = (why(true), why(false), check.level.word());
    let beside = |how: &str, why: &str| if why.is_empty() { String::new() } else { format!(" ({how} for: {why})") };
    Some(match finding.level.cmp(&check.level) {
        std::cmp::Ordering::Greater => format!("raised from {from}: {up}{}", beside("lowered", &down)),
        std::cmp::Ordering::Less => format!("lowered from {from}: {down}{}", beside("raised", &up)),
        std::cmp::Ordering::Equal if up.is_empty() => format!("kept at {from}: {down}"),
        std::cmp::Ordering::Equal => format!("kept at {from}, raised for: {up}; lowered for: {down}"),
    })
}

fn gap(reason: Reason, n: u64) -> String {
    match reason {
        Reason::Unreadable => format!("{} could not be read", plural(n, "file")),
        Reason::Vanished => format!("{} vanished while scanning", plural(n, "file")),
        Reason::Cut => format!("{} cut at the size bound", plural(n, "file")),
        Reason::NoDocuments => "nothing to scan was found".to_owned(),
        Reason::LfsPointer => format!("{} without content", plural(n, "git-lfs pointer")),
        Reason::Submodule => format!("{} not entered", plural(n, "submodule")),
        Reason::IndexUnreadable => "the git index could not be read".to_owned(),
        Reason::Panicked => format!("{} ended with an internal error", plural(n, "document")),
        Reason::Shallow => "a shallow clone".to_owned(),
        Reason::PartialClone => "a partial clone".to_owned(),
        Reason::MissingObject => format!("{} missing", plural(n, "object")),
        Reason::CorruptObject => format!("{} damaged", plural(n, "object")),
        Reason::RefsUnreadable => format!("{} could not be read", plural(n, "ref")),
        Reason::Archive => format!("{} not fully opened", plural(n, "archive")),
        Reason::Interrupted => "the scan was ended early".to_owned(),
        Reason::NotComparable => "the inventory cannot be compared".to_owned(),
        Reason::ForeignDigests => format!("{} missing", plural(n, "pepper or salt")),
        Reason::NoWatchlist => format!("{} observed without a watchlist", plural(n, "repository")),
        other => format!("{n} {}", other.id()),
    }
}

/// Whether a spot can be named relative to the repository's top.
pub(super) fn inside(spot: &Spot) -> bool {
    let path = spot.path.as_bytes();
    let absolute = path.first() == Some(&b'/') || path.first() == Some(&b'\\') || path.get(1) == Some(&b':');
    let leaves = path.split(|b| matches!(b, b'/' | b'\\')).any(|part| part == b"..");
    !path.is_empty() && !absolute && !leaves
}

/// `120 hidden by .gitignore ...`; a reason that is a noun phrase stands alone where there is one.
pub(super) fn counted(reason: Reason, n: u64) -> String {
    let noun = ["a ", "an ", "the ", "no ", "nothing "].iter().any(|start| reason.text().starts_with(start));
    match (noun, n) {
        (true, 1) => reason.text().to_owned(),
        (true, _) => format!("{} \u{d7} {}", grouped(n), reason.text()),
        (false, _) => format!("{} {}", grouped(n), reason.text()),
    }
}

/// `3.1 MB`.
pub(super) fn bytes(n: u64) -> String {
    let (mut value, mut unit) = (n as f64, "B");
    for next in ["kB", "MB", "GB", "TB"] {
        if value < 1000.0 {
            break;
        }
        (value, unit) = (value / 1000.0, next);
    }
    if unit == "B" { format!("{n} B") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!((bytes(999), bytes(3_140_000)), ("999 B".to_owned(), "3.1 MB".to_owned()));
    }
}
