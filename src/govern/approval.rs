//! `KW3xx`: who allowed it, where that is written, and whether it came first.

use super::check::Level;
use super::facts;
use super::ownership::{all_owners, same_person};
use super::text::{list, plural};
use super::verdict::{Ask, Family, Verdict, reason};
use super::world::{Case, Entry, World, name_of};
use crate::inventory::Status;

pub(super) const FAMILY: Family = &[
    (301, Ask::Entry(no_approver)),
    (302, Ask::Entry(no_record)),
    (303, Ask::Entry(self_approved)),
    (304, Ask::Pair(after_first_use)),
    (305, Ask::Entry(channel)),
    (306, Ask::Entry(drift)),
    (307, Ask::Entry(not_authorised)),
    (308, Ask::Pair(not_approved)),
];

/// KW301: nobody is named.
fn no_approver(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(entry.record.approved_by.trim().is_empty(), || {
        world.on_entry(entry).message(format!("Record {} names no approver.", name_of(entry.record)))
    })
}

/// KW302: somebody is named, and nothing shows it.
fn no_record(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() || record.approved_by.trim().is_empty() {
        return Verdict::NotApplicable;
    }
    let reference = record.approval_ref.trim();
    let fits = world.input.policy.approval.ref_patterns.is_match(reference);
    Verdict::fail_if(!fits, || {
        let what = if reference.is_empty() {
            "no reference to the approval"
        } else {
            "a reference that is no ticket, change or address"
        };
        world
            .on_entry(entry)
            .message(format!("Record {} names an approver and {what}.", name_of(record)))
            .fact(facts::APPROVER, record.approved_by.as_str())
            .fact(facts::TICKET, reference)
    })
}

/// KW303: the approver approved their own.
fn self_approved(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let (record, roster) = (entry.record, world.input.roster);
    let approver = record.approved_by.trim();
    if !entry.is_in_force() || approver.is_empty() {
        return Verdict::NotApplicable;
    }
    let separated = |role: &str| world.input.policy.approval.separation_of_duties.iter().any(|s| s == role);
    let mut roles = Vec::new();
    if separated("owner") && all_owners(record).iter().any(|o| same_person(roster, o, approver)) {
        roles.push("its owner");
    }
    if separated("requester") && same_person(roster, &record.requested_by, approver) {
        roles.push("its requester");
    }
    let mut unknown_committer = false;
    if separated("introducing_committer") {
        for case in world.cases_of(entry).filter(|c| c.binding.is_strong()) {
            let Some((commit, _)) = case.introduced() else { continue };
            match world.committed_by(&commit.commit, approver) {
                Some(true) => roles.push("the committer who introduced it"),
                Some(false) => {}
                None => unknown_committer = true,
            }
        }
    }
    roles.dedup();
    if roles.is_empty() {
        if unknown_committer {
            return Verdict::NotEvaluated("who committed the credential is not known");
        }
        return Verdict::Pass;
    }
    let message = format!("The approver of record {} is also {}.", name_of(record), list(&roles));
    let finding = world.on_entry(entry).message(message).fact(facts::APPROVER, approver);
    // Without aliases the names are compared by their letters alone.
    Verdict::fail(if roster.is_none() {
        finding.cap(Level::Warning, "no roster to tell people apart")
    } else {
        finding
    })
}

/// KW308: in use before anybody said yes, or after somebody said no.
fn not_approved(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    let status = |environment: Option<&str>| entry.status_in(environment);
    let mut asked = case.present().map(|s| status(s.environment.map(|e| e.name.as_str())));
    if entry.record.status.is_none() && entry.record.status_by_environment.is_empty() {
        return Verdict::NotEvaluated("the record has no status");
    }
    let refused = entry.record.refused == Some(true) && case.is_present();
    Verdict::fail_if(refused || asked.any(|s| s == Some(Status::Requested)), || {
        let why = if refused { "its request was rejected" } else { "its status is requested" };
        let message =
            format!("{} is in use, and record {} is not approved: {why}.", case.title(), name_of(entry.record));
        world.on_pair(case, entry).message(message)
    })
}

/// KW304: in the repository before it was approved.
fn after_first_use(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    let policy = &world.input.policy.approval;
    if !policy.must_precede_first_use || record.approved_by.trim().is_empty() {
        return Verdict::NotApplicable;
    }
    let Some(approved) = record.approved_at else { return Verdict::NotEvaluated("the record has no date of approval") };
    if !case.history_known() {
        return Verdict::NotEvaluated(reason::NO_HISTORY);
    }
    let Some((commit, introduced)) = case.introduced() else {
        return Verdict::NotEvaluated("no commit is known that introduced it");
    };
    // A day counts from its start, an approval that came within the tolerance came in time.
    let latest = approved.start().saturating_sub(jiff::SignedDuration::from_hours(policy.tolerance_hours));
    let too_early = latest.is_ok_and(|latest| introduced < latest);
    if !too_early {
        return if case.is_cut() { Verdict::NotEvaluated(reason::SHALLOW) } else { Verdict::Pass };
    }
    let days = approved.days_until(crate::inventory::When::At(introduced).day());
    let message = format!(
        "{} was in the repository {} before record {} was approved.",
        case.title(),
        plural(-days, "day"),
        name_of(record)
    );
    let finding = world.on_pair(case, entry).message(message);
    Verdict::fail(
        finding
            .fact("introduced", commit.time.as_str())
            .fact("introduced_commit", commit.commit.as_str())
            .fact("approved_at", approved.to_string()),
    )
}

/// KW305: approved in a place that keeps no evidence.
fn channel(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() || record.approved_by.trim().is_empty() {
        return Verdict::NotApplicable;
    }
    let system = record.approval_system.trim();
    if system.is_empty() {
        return Verdict::NotEvaluated("the record does not say in which system it was approved");
    }
    let allowed = &world.input.policy.approval.allowed_systems;
    Verdict::fail_if(!allowed.iter().any(|a| a.eq_ignore_ascii_case(system)), || {
        let message = format!(
            "Record {} was approved by way of {system}; the policy allows {}.",
            name_of(record),
            allowed.join(", ")
        );
        world.on_entry(entry).message(message).fact("approval_system", system)
    })
}

/// KW306: what was approved is no longer what there is.
fn drift(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    const FIELDS: &[&str] = &[
        "approved_scopes", "scopes", "approved_apis", "apis", "environments", "data_classes", "approved_data_classes",
        "access_mode", "api_owner", "credential_owner", "owners", "fingerprints", "key_id", "partner_id", "tenants",
    ];
    let record = entry.record;
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let Some(history) = world.input.inventory_history else {
        return Verdict::NotEvaluated(reason::NO_INVENTORY_HISTORY);
    };
    let Some(approved) = record.approved_at else { return Verdict::NotEvaluated("the record has no date of approval") };
    let later = world.changes_of(entry).filter(|c| c.was_set && c.at.day() > approved.day());
    let mut fields: Vec<&str> = later.map(|c| c.field.as_str()).filter(|f| FIELDS.contains(f)).collect();
    fields.sort_unstable();
    fields.dedup();
    if fields.is_empty() && history.cut {
        return Verdict::NotEvaluated(reason::INVENTORY_HISTORY_CUT);
    }
    Verdict::fail_if(!fields.is_empty(), || {
        let message = format!("Record {} changed after its approval: {}.", name_of(record), fields.join(", "));
        world.on_entry(entry).message(message).fact("fields", super::ownership::texts(&fields))
    })
}

/// KW307: the approver may not approve this, or was gone by then.
fn not_authorised(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    let approver = record.approved_by.trim();
    if !entry.is_in_force() || approver.is_empty() {
        return Verdict::NotApplicable;
    }
    let lists = &world.input.policy.approval.approvers;
    let person = world.input.roster.and_then(|r| r.find(approver));
    let finding = |what: &str| {
        let message = format!("The approver of record {} {what}.", name_of(record));
        Verdict::fail(world.on_entry(entry).message(message).fact(facts::APPROVER, approver))
    };
    if let (Some(person), Some(when)) = (person, record.approved_at)
        && person.has_left(when.day())
    {
        return finding("had left before the approval");
    }
    if lists.is_empty() {
        return Verdict::NotEvaluated("the policy names no approvers");
    }
    // The lists of its data classes and its kind count, else the default one.
    let own = record.data_classes.iter().chain([&record.kind]).filter_map(|class| lists.get(class.as_str())).flatten();
    let mut allowed: Vec<&str> = own.map(String::as_str).collect();
    if allowed.is_empty() {
        allowed = lists.get("default").into_iter().flatten().map(String::as_str).collect();
    }
    if allowed.is_empty() {
        return Verdict::NotEvaluated("the policy names no approvers for its class");
    }
    let named = allowed.iter().any(|a| same_person(world.input.roster, a, approver));
    let by_team =
        person.is_some_and(|p| p.teams.iter().any(|team| allowed.iter().any(|a| a.eq_ignore_ascii_case(team))));
    let classes = || record.data_classes.iter().chain([&record.kind]);
    let by_right =
        person.is_some_and(|p| p.can_approve.iter().any(|c| c == "default" || classes().any(|own| own == c)));
    if named || by_team || by_right {
        return Verdict::Pass;
    }
    if person.is_none() && allowed.iter().any(|a| a.starts_with("group/") || a.starts_with("team/")) {
        return Verdict::NotEvaluated("the approver is not in the roster, and the policy names teams");
    }
    finding("is not among those whom the policy lets approve it")
}
