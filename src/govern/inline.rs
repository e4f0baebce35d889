//! Permissions that stand beside a value: `keyward:allow KW001 reason="..." until=2027-01-31`.
//!
//! They are exceptions of one place. Each needs the checks it is about, a reason and a last day. What
//! it covers is shown as excepted and counted. A change cannot bring its own: where a change is judged,
//! and where another side is trusted, they cover nothing and say so.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::check::CheckId;
use super::finding::{Disposition, FindingBuilder, Spot, Subject};
use super::policy::{Allowance, Selector};
use super::verdict::{Ledger, Verdict};
use super::world::{Case, World, spot};
use crate::detect::{Allow, Stray};
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
                covering = covering.or(Some((permission.name(), permission.until(), permission.reason())));
            } else {
                all = false;
            }
        }
        if let Some((id, until, why)) = covering.filter(|_| all && finding.is_open()) {
            let until = until.map(|d| d.to_string()).unwrap_or_default();
            finding.disposition = Disposition::Excepted { id, until };
            coverage.count(why, 1);
        }
    }
    for permission in permissions.values().flatten() {
        for (id, verdict) in permission.verdicts(world) {
            ledger.record(CheckId(id), verdict);
        }
    }
    for stray in world.input.observed.iter().flat_map(|o| &o.strays) {
        ledger.record(CheckId(809), idle(world, stray));
    }
    coverage
}

/// KW809: a permission beside which no value stands.
fn idle(world: &World<'_>, stray: &Stray) -> Verdict {
    let day = stray.allow.until.as_deref().and_then(|day| day.parse::<Date>().ok());
    let ended = if day.is_some_and(|day| day < world.as_of()) { "has ended and " } else { "" };
    let checks = stray.allow.checks.join(" ");
    let spot = Spot {
        path: stray.path.clone(),
        location: stray.location,
        place: Some(stray.place),
        excerpt: None,
        exposure: None,
        note: String::new(),
    };
    let subject = format!("inline permission: {checks}, {}", stray.allow.reason.as_deref().unwrap_or("no reason"));
    let finding = FindingBuilder::new(Subject::Governance(subject), spot, stray.path.as_bytes());
    Verdict::fail(finding.message(format!("The inline permission {ended}covers nothing: no credential stands here.")))
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

    /// Another scanner's marker is about what is in plain text, whatever that is.
    fn names(&self, check: CheckId) -> bool {
        match self.allow.marker {
            Some(_) => Allowance::CHECKS.contains(&check),
            None => self.checks().any(|id| id == check),
        }
    }

    /// Its place, and the marker if it is another scanner's.
    fn name(&self) -> String {
        let place = format!("{}:{}", self.sighting.path, self.sighting.location.line);
        super::finding::clean(&match &self.allow.marker {
            Some(marker) => format!("{place} ({marker})"),
            None => place,
        })
    }

    /// What the coverage counts.
    fn reason(&self) -> Reason {
        if self.allow.marker.is_some() { Reason::AllowedByMarker } else { Reason::Allowed }
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
        if self.allow.marker.is_some() {
            return self.trusted && self.names(check) && !world.input.policy.exceptions.not_waivable.contains(&check);
        }
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
        if let Some(marker) = &self.allow.marker {
            // It has neither a reason nor an end, and is as good as where it stands.
            let message = format!(
                "of another scanner ({marker}) is part of what is being judged and covers nothing until it is on the trusted side."
            );
            return vec![(810, Verdict::fail_if(!self.trusted, || self.finding(&message)))];
        }
        let days = self.days_left(world.as_of());
        let ended = days.is_some_and(|d| d < 0);
        let fail = |fails: bool, message: &str| Verdict::fail_if(fails, || self.finding(message));
        let bound = match (&self.allow.until, days) {
            (None, _) => Some("has no last day: add until=YYYY-MM-DD."),
            (Some(_), None) => Some("has a last day that is no date: expected until=YYYY-MM-DD."),
            (Some(_), Some(d)) if d > LONGEST => {
                Some("lasts longer than a year: longer ones belong in the exceptions file.")
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
        let idle = permitted.is_none() && self.named == 0;
        let idle_message =
            format!("{}covers nothing: no check that it names failed here.", if ended { "has ended and " } else { "" });
        vec![
            (801, fail(ended && self.named > 0, "has ended, and what it covered is open again.")),
            (802, fail(bound.is_some(), bound.unwrap_or_default())),
            (809, fail(idle, &idle_message)),
            (810, fail(permitted.is_some(), &permitted.unwrap_or_default())),
            (811, fail(self.allow.reason.is_none(), "gives no reason: add reason=\"...\".")),
        ]
    }
}
