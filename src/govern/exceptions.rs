//! `KW8xx`: exceptions, what they cover, and whether they are what an exception may be.
//!
//! Runs after all other checks. A covered finding is shown as excepted and never dropped; an
//! exception that has ended, is not approved or is broader than allowed covers nothing.

use super::check::CheckId;
use super::exception::{Exception, Exceptions};
use super::facts;
use super::finding::{Disposition, Finding, FindingBuilder, Subject};
use super::ownership::{all_owners, same_person};
use super::policy::Globs;
use super::text::plural;
use super::verdict::{Ledger, Verdict, reason};
use super::world::{Entry, World, row_spot};
use crate::inventory::Status;
use crate::secret::Fingerprint;

pub(super) const ALL: std::ops::RangeInclusive<u16> = 801..=810;

/// Lowers what is covered, then judges the exceptions themselves.
pub(super) fn judge(world: &World<'_>, ledger: &mut Ledger<'_>) {
    let Some(exceptions) = world.input.exceptions else {
        ALL.for_each(|id| ledger.record(CheckId(id), Verdict::NotEvaluated(reason::NO_EXCEPTIONS)));
        return;
    };
    let subjects: Vec<Covers<'_>> = exceptions.list.iter().map(|e| Covers::new(world, e)).collect();
    let mut uses = vec![Uses::default(); subjects.len()];
    for finding in ledger.findings_mut() {
        for (covers, uses) in subjects.iter().zip(&mut uses) {
            if !covers.fits(finding) {
                continue;
            }
            uses.named += 1;
            if finding.is_open() && covers.lowers(world, finding) {
                uses.covered += 1;
                finding.disposition = covers.disposition();
            }
        }
    }
    for (exception, uses) in exceptions.list.iter().zip(uses) {
        let asked = One { world, exceptions, exception, uses };
        for (id, verdict) in asked.verdicts(ledger) {
            ledger.record(CheckId(id), verdict);
        }
    }
}

/// How often an exception was called for.
#[derive(Clone, Copy, Default)]
struct Uses {
    /// Findings that it names, whether or not it is in force.
    named: u64,
    /// Findings that it covers.
    covered: u64,
}

/// Which findings an exception is about.
struct Covers<'a> {
    exception: &'a Exception,
    paths: Option<Globs>,
    /// Credentials with its fingerprint; `None` if it names none.
    credentials: Option<Vec<Subject>>,
}

impl<'a> Covers<'a> {
    fn new(world: &World<'_>, exception: &'a Exception) -> Self {
        let subject = &exception.subject;
        let paths = (!subject.path.is_empty()).then(|| Globs::new(std::slice::from_ref(&subject.path)).ok()).flatten();
        let credentials = (!subject.fingerprint.is_empty()).then(|| {
            let wanted = Fingerprint::parse(&subject.fingerprint);
            let cases =
                world.cases.iter().filter(|c| wanted.as_ref().is_some_and(|w| c.observation.fingerprints.contains(w)));
            cases.map(|c| Subject::Credential(c.credential)).collect()
        });
        Self { exception, paths, credentials }
    }

    /// Whether its checks and its subject are the finding's.
    fn fits(&self, finding: &Finding) -> bool {
        let wanted = &self.exception.subject.credential;
        let record = || finding.record.as_deref() == Some(wanted);
        let identity = || matches!(&finding.subject, Subject::Credential(id) if id.to_string() == *wanted);
        self.exception.names(finding.check)
            && (wanted.is_empty() || record() || identity())
            && self.paths.as_ref().is_none_or(|p| p.matches(&finding.primary.path))
            && self.credentials.as_ref().is_none_or(|all| all.contains(&finding.subject))
    }

    /// Whether it may lower it today.
    fn lowers(&self, world: &World<'_>, finding: &Finding) -> bool {
        let (rules, as_of) = (&world.input.policy.exceptions, world.as_of());
        let e = self.exception;
        let allowed_it = |who: &str| same_person(world.input.roster, &e.approved_by, who);
        let entry = finding.record.as_ref().and_then(|id| world.entry(id));
        // The requester is no approver, under whatever name, nor is an owner (KW807).
        let owned = entry.is_some_and(|entry| all_owners(entry.record).iter().any(|owner| allowed_it(owner)));
        let approved = e.is_approved() && !allowed_it(&e.requested_by) && !owned;
        if !e.is_in_force(rules, as_of) || !approved || e.too_wide(rules).is_some() {
            return false;
        }
        let leak = matches!(finding.check, CheckId(1 | 2)) && !e.is_false_positive();
        let void = || entry.is_some_and(|entry| !entry.is_in_force());
        let age = e.start().map_or(i64::MAX, |s| s.days_until(as_of));
        !leak || age <= rules.leak_days || void()
    }

    fn disposition(&self) -> Disposition {
        let until = self.exception.expires_at.map(|w| w.day().to_string()).unwrap_or_default();
        Disposition::Excepted { id: super::finding::clean(&self.exception.id), until }
    }
}

/// One exception that is judged.
struct One<'w> {
    world: &'w World<'w>,
    exceptions: &'w Exceptions,
    exception: &'w Exception,
    uses: Uses,
}

impl One<'_> {
    fn finding(&self, message: impl AsRef<str>) -> FindingBuilder {
        let e = self.exception;
        let finding = FindingBuilder::new(
            Subject::Governance(format!("exception:{}", e.id)),
            row_spot(&self.exceptions.file, e.line, ""),
            &[],
        );
        let finding = finding
            .message(format!("Exception {} {}", e.id, message.as_ref()))
            .fact("exception_type", e.kind.as_str())
            .fact(facts::APPROVER, e.approved_by.as_str())
            .fact(facts::REQUESTER, e.requested_by.as_str())
            .fact(facts::TICKET, e.reference.as_str());
        if e.subject.credential.is_empty() { finding } else { finding.record(&e.subject.credential) }
    }

    fn verdicts(&self, ledger: &Ledger<'_>) -> Vec<(u16, Verdict)> {
        vec![
            (801, self.expired()),
            (802, self.unbounded()),
            (803, self.no_controls()),
            (804, self.emergency_past_end()),
            (805, self.emergency_not_reviewed()),
            (806, self.no_retirement()),
            (807, self.self_approved()),
            (808, self.renewed_too_often()),
            (809, self.unused(ledger)),
            (810, self.too_wide()),
        ]
    }

    /// KW801: over, and something still relies on it.
    fn expired(&self) -> Verdict {
        let relied = self.exception.is_expired(self.world.as_of()) && self.uses.named > 0;
        Verdict::fail_if(relied, || {
            let are = if self.uses.named == 1 { "is" } else { "are" };
            self.finding(format!(
                "has ended, and {} that it covered {are} open again.",
                plural(self.uses.named, "finding")
            ))
        })
    }

    /// KW802: no end, or a later one than its type may have.
    fn unbounded(&self) -> Verdict {
        let longest = self.exception.longest(&self.world.input.policy.exceptions);
        match (self.exception.days(), longest) {
            (None, _) if self.exception.expires_at.is_none() => Verdict::fail(self.finding("has no end.")),
            (None, _) => Verdict::fail(self.finding("does not say when it begins.")),
            (Some(days), Some(most)) => Verdict::fail_if(days > most, || {
                self.finding(format!("lasts {}; its type may last {most}.", plural(days, "day")))
            }),
            (Some(_), None) => Verdict::NotEvaluated("the policy sets no longest duration for its type"),
        }
    }

    /// KW803: nothing protects in the meantime.
    fn no_controls(&self) -> Verdict {
        let required = self.world.input.policy.exceptions.require_controls.contains(&self.exception.kind);
        if !required {
            return Verdict::NotApplicable;
        }
        Verdict::fail_if(self.exception.compensating_controls.iter().all(|c| c.trim().is_empty()), || {
            self.finding("names no compensating control.")
        })
    }

    /// The record that it is about.
    fn entry(&self) -> Option<&Entry<'_>> {
        let id = &self.exception.subject.credential;
        (!id.is_empty()).then(|| self.world.entry(id)).flatten()
    }

    /// KW804: emergency access that is still there after its end.
    fn emergency_past_end(&self) -> Verdict {
        let e = self.exception;
        if e.kind != "emergency" {
            return Verdict::NotApplicable;
        }
        if e.expires_at.is_none() {
            return Verdict::NotEvaluated("the emergency access has no end");
        }
        if !e.is_expired(self.world.as_of()) {
            return Verdict::Pass;
        }
        let Some(entry) = self.entry() else {
            return Verdict::NotEvaluated("the exception's record is not in the inventory");
        };
        let status = entry.record.status.unwrap_or(Status::Unknown);
        let present = self.world.cases_of(entry).any(super::world::Case::is_present);
        Verdict::fail_if(status.is_live() || present, || {
            let state = if present { "is still in the tree" } else { "is still in force" };
            self.finding(format!(
                "was for an emergency and has ended, and the credential of record {} {state}.",
                e.subject.credential
            ))
            .related(super::world::record_spot(entry.record, "inventory record"))
        })
    }

    /// KW805: nobody looked back.
    fn emergency_not_reviewed(&self) -> Verdict {
        let e = self.exception;
        if e.kind != "emergency" {
            return Verdict::NotApplicable;
        }
        let Some(end) = e.expires_at else { return Verdict::NotEvaluated("the emergency access has no end") };
        let days = end.days_until(self.world.as_of());
        let due = days > self.world.input.policy.exceptions.post_review_days;
        Verdict::fail_if(due && e.post_review_at.is_none(), || {
            self.finding(format!(
                "was for an emergency that ended {} ago, and nobody reviewed it.",
                plural(days, "day")
            ))
        })
    }

    /// KW806: a legacy system that stays for ever.
    fn no_retirement(&self) -> Verdict {
        let e = self.exception;
        if !matches!(e.kind.as_str(), "legacy_system" | "static_secret") {
            return Verdict::NotApplicable;
        }
        match e.retire_by {
            None => Verdict::fail(self.finding("does not say when the legacy access is retired.")),
            Some(when) => Verdict::fail_if(when.is_past(self.world.as_of()), || {
                self.finding("is past the day on which the legacy access was to be retired.")
                    .fact("retire_by", when.to_string())
                    .raise("past its retirement")
            }),
        }
    }

    /// KW807: allowed by those who asked for it, or who own it.
    fn self_approved(&self) -> Verdict {
        let (e, roster) = (self.exception, self.world.input.roster);
        if e.approved_by.is_empty() {
            return Verdict::fail(self.finding("is approved by nobody."));
        }
        if same_person(roster, &e.approved_by, &e.requested_by) {
            return Verdict::fail(self.finding("is approved by its requester."));
        }
        let owned = |entry: &Entry<'_>| all_owners(entry.record).iter().any(|o| same_person(roster, o, &e.approved_by));
        Verdict::fail_if(self.entry().is_some_and(owned), || {
            self.finding("is approved by an owner of what it excepts.")
        })
    }

    /// KW808: the exception has become the rule.
    fn renewed_too_often(&self) -> Verdict {
        let most = self.world.input.policy.exceptions.max_renewals;
        Verdict::fail_if(self.exception.renewals > most, || {
            self.finding(format!("was renewed {}; the policy allows {most}.", plural(self.exception.renewals, "time")))
        })
    }

    /// KW809: in force, and nothing to cover.
    fn unused(&self, ledger: &Ledger<'_>) -> Verdict {
        let e = self.exception;
        if !e.is_in_force(&self.world.input.policy.exceptions, self.world.as_of()) {
            return Verdict::NotApplicable;
        }
        if self.uses.named > 0 {
            return Verdict::Pass;
        }
        let unasked = ledger.states().iter().any(|(id, state)| e.names(*id) && !state.not_evaluated.is_empty());
        if unasked {
            return Verdict::NotEvaluated("a check that it covers was not evaluated");
        }
        Verdict::fail(self.finding("covers nothing any more."))
    }

    /// KW810: broader than allowed.
    fn too_wide(&self) -> Verdict {
        match self.exception.too_wide(&self.world.input.policy.exceptions) {
            Some(why) => Verdict::fail(self.finding(format!("is not permitted: {why}."))),
            None => Verdict::Pass,
        }
    }
}
