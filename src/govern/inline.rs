//! Permissions that stand beside a value: `keyward:allow KW001 reason="..." until=2027-01-31`.
//!
//! They are exceptions of one place. Each needs the checks it is about, a reason and a last day. What
//! it covers is shown as excepted and counted. A change cannot bring its own: where a change is judged,
//! and where another side is trusted, they cover nothing and say so.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::check::CheckId;
use super::finding::{Disposition, Finding, FindingBuilder, Subject};
use super::policy::Selector;
use super::verdict::{Ledger, Verdict};
use super::world::{Case, World, spot};
use crate::detect::Allow;
use crate::observe::Sighting;
use crate::secret::CredentialId;
use crate::source::coverage::{Coverage, Reason};
use crate::source::{Place, RepoPath};

/// The last day may be this far away: longer ones belong into a file with an approval.
const LONGEST: i64 = 366;

/// Sources that show a change, whose own words do not count for it.
const CHANGES: [&str; 2] = ["range", "receive"];

/// One permission, and what it is about.
struct Permission<'a> {
    sighting: &'a Sighting,
    allow: &'a Allow,
    credential: CredentialId,
    /// The place may speak for itself.
    trusted: bool,
    /// Checks of findings that it names here, whether or not it counts.
    named: u64,
}

/// Lowers what is covered, then judges the permissions themselves.
pub(super) fn judge(world: &World<'_>, ledger: &mut Ledger<'_>) -> Coverage {
    let mut permissions: BTreeMap<(CredentialId, RepoPath), Vec<Permission<'_>>> = BTreeMap::new();
    let mut bare: BTreeSet<(CredentialId, RepoPath)> = BTreeSet::new();
    for case in &world.cases {
        for (sighting, trusted) in present(world, case) {
            let place = (case.credential, sighting.path.clone());
            match &sighting.allow {
                Some(allow) => permissions.entry(place).or_default().push(Permission {
                    sighting,
                    allow,
                    credential: case.credential,
                    trusted,
                    named: 0,
                }),
                None => drop(bare.insert(place)),
            }
        }
    }
    let mut coverage = Coverage::default();
    for finding in ledger.findings_mut() {
        let Subject::Credential(credential) = finding.subject else { continue };
        let place = (credential, finding.primary.path.clone());
        let Some(here) = permissions.get_mut(&place) else { continue };
        let mut covering = None;
        // A copy on another line without a permission stays open, and the finding with it.
        let mut all = !bare.contains(&place);
        for permission in here {
            permission.named += u64::from(permission.names(finding.check));
            if permission.lowers(world, finding.check) {
                covering = covering.or(Some((permission.sighting.location.line, permission.until())));
            } else {
                all = false;
            }
        }
        if let Some((line, until)) = covering.filter(|_| all && finding.is_open()) {
            lower(finding, line, until);
            coverage.count(Reason::Allowed, 1);
        }
    }
    for permission in permissions.values().flatten() {
        for (id, verdict) in permission.verdicts(world) {
            ledger.record(CheckId(id), verdict);
        }
    }
    coverage
}

fn lower(finding: &mut Finding, line: u32, until: Option<Date>) {
    let id = super::finding::clean(&format!("{}:{line}", finding.primary.path));
    finding.disposition = Disposition::Excepted { id, until: until.map(|d| d.to_string()).unwrap_or_default() };
}

/// Where the credential is now, and whether the place may speak for itself.
fn present<'w>(world: &'w World<'_>, case: &'w Case<'_>) -> Vec<(&'w Sighting, bool)> {
    let mut all = Vec::new();
    for site in case.sites.iter().filter(|s| s.present) {
        let observed = world.input.observed.iter().find(|o| std::ptr::eq(&raw const o.repository, site.repository));
        let change = observed.is_some_and(|o| o.scope.iter().any(|s| CHANGES.contains(&s.as_str())));
        let trusted = world.input.own_permissions && !change;
        let sightings = std::iter::once(site.sighting).chain(site.others.iter().copied());
        all.extend(sightings.filter(|s| s.place != Place::History).map(|s| (s, trusted)));
    }
    all
}

impl Permission<'_> {
    fn checks(&self) -> impl Iterator<Item = CheckId> {
        self.allow.checks.iter().filter_map(|c| match Selector::parse(c) {
            Some(Selector::One(id)) => Some(id),
            _ => None,
        })
    }

    fn names(&self, check: CheckId) -> bool {
        self.checks().any(|id| id == check)
    }

    fn until(&self) -> Option<Date> {
        self.allow.until.as_deref().and_then(|day| day.parse().ok())
    }

    fn days_left(&self, as_of: Date) -> Option<i64> {
        self.until().map(|until| crate::inventory::When::Day(as_of).days_until(until))
    }

    /// Checks that it names and that nothing may cover.
    fn fixed(&self, world: &World<'_>) -> Vec<String> {
        let fixed = &world.input.policy.exceptions.not_waivable;
        self.checks().filter(|id| fixed.contains(id)).map(|id| id.to_string()).collect()
    }

    fn lowers(&self, world: &World<'_>, check: CheckId) -> bool {
        let in_time = self.days_left(world.as_of()).is_some_and(|days| (0..=LONGEST).contains(&days));
        self.trusted && self.names(check) && self.allow.reason.is_some() && in_time && self.fixed(world).is_empty()
    }

    fn finding(&self, message: &str) -> FindingBuilder {
        FindingBuilder::new(
            Subject::Credential(self.credential),
            spot(self.sighting, ""),
            self.sighting.path.as_bytes(),
        )
        .message(format!("The inline permission {message}"))
    }

    fn verdicts(&self, world: &World<'_>) -> Vec<(u16, Verdict)> {
        let days = self.days_left(world.as_of());
        let ended = days.is_some_and(|d| d < 0);
        let fail = |fails: bool, message: &str| Verdict::fail_if(fails, || self.finding(message));
        let bound = match (&self.allow.until, days) {
            (None, _) => Some("has no last day: add until=YYYY-MM-DD."),
            (Some(_), None) => Some("has a last day that is no date: expected until=YYYY-MM-DD."),
            (Some(_), Some(d)) if d > LONGEST => {
                Some("lasts longer than a year: longer ones belong into the exceptions file.")
            }
            _ => None,
        };
        let fixed = self.fixed(world);
        let permitted = if !self.trusted {
            Some("is part of what is being judged and covers nothing until it is on the trusted side.".to_owned())
        } else if self.checks().next().is_none() {
            Some("names no check: expected checks such as KW001.".to_owned())
        } else if fixed.is_empty() {
            None
        } else {
            Some(format!("names {}, which cannot be excepted.", fixed.join(", ")))
        };
        let idle = permitted.is_none() && !ended && self.named == 0;
        vec![
            (801, fail(ended && self.named > 0, "has ended, and what it covered is open again.")),
            (802, fail(bound.is_some(), bound.unwrap_or_default())),
            (809, fail(idle, "covers nothing: no check that it names failed here.")),
            (810, fail(permitted.is_some(), &permitted.unwrap_or_default())),
            (811, fail(self.allow.reason.is_none(), "gives no reason: add reason=\"...\".")),
        ]
    }
}
