//! `KW0xx`: what is in plain text, whatever the inventory says of it.

use super::check::Level;
use super::verdict::{Ask, Family, Verdict, reason};
use super::world::{Case, Site, World};
use crate::detect::{Mode, PathClass, Visibility};
use crate::govern::finding::FindingBuilder;
use crate::observe::Held;

pub(super) const FAMILY: Family =
    &[(1, Ask::Case(in_tree)), (2, Ask::Case(in_history)), (3, Ask::Case(public)), (4, Ask::Case(test_mode))];

/// Facts of the value itself, for every finding about a leak.
fn described(case: &Case<'_>, finding: FindingBuilder) -> FindingBuilder {
    let observation = case.observation;
    finding.fact("rule", observation.rule.as_str()).fact("kind", observation.kind.word())
}

/// For how long it was there, where history tells.
fn dated(world: &World<'_>, site: &Site<'_>, finding: FindingBuilder) -> FindingBuilder {
    match site.exposure.and_then(|e| e.days(super::world::end_of(world.as_of()))) {
        Some(days) => finding.fact("days_exposed", days),
        None => finding,
    }
}

fn record_clause(world: &World<'_>, case: &Case<'_>) -> String {
    let bound: Vec<String> = world.bound(case).map(|e| super::world::name_of(e.record)).collect();
    match bound.as_slice() {
        [] => String::new(),
        [one] => {
            let exposed = case.binding.is_strong() && world.bound(case).any(|e| e.record.exposed == Some(true));
            let told = if exposed { "; its provider switched it off because it was exposed" } else { "" };
            format!("; inventory record {one} ({}){told}", case.binding.words().unwrap_or_default())
        }
        [first, ..] => format!("; {} inventory records fit, the first is {first}", bound.len()),
    }
}

/// KW001: in the tree, the index or on standard input.
fn in_tree(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if !case.observation.is_leak() {
        return Verdict::NotApplicable;
    }
    let clause = record_clause(world, case);
    let finding = |site: &Site<'_>| {
        let message = format!("{} in plain text{clause}.", case.title());
        let finding = dated(world, site, described(case, world.on_site(case, site)));
        finding.fact("key_path", site.sighting.key_path.clone().unwrap_or_default()).message(message)
    };
    Verdict::fail_each(case.present().map(finding).collect())
}

/// KW002: in the database, and no longer in the tree.
fn in_history(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if !case.observation.is_leak() {
        return Verdict::NotApplicable;
    }
    if case.is_present() {
        return if case.history_known() { Verdict::Pass } else { Verdict::NotEvaluated(reason::NO_HISTORY) };
    }
    let clause = record_clause(world, case);
    let finding = |site: &Site<'_>| {
        let reach = site.exposure.map_or("", |e| match e.held {
            Held::Nothing => ", in objects that no ref reaches",
            Held::Alternate => ", in an object database that is borrowed",
            Held::Reflog => ", in objects that reflogs alone hold",
            Held::Index => ", in the index of a working tree",
            Held::Ref if e.refs_total > 0 => ", and branches, tags or stashes still hold it",
            Held::Ref => "",
        });
        let message = format!("{} in the history{reach}{clause}.", case.title());
        dated(world, site, described(case, world.on_site(case, site))).message(message)
    };
    Verdict::fail_each(case.sites.iter().map(finding).collect())
}

/// KW003: an identifier, or made for clients.
fn public(world: &World<'_>, case: &Case<'_>) -> Verdict {
    let what = match case.observation.visibility {
        Visibility::Secret => return Verdict::NotApplicable,
        Visibility::Identifier => "names a credential and opens nothing by itself",
        Visibility::Publishable => "is made for clients and may be public",
    };
    let message = format!("{}: it {what}{}.", case.title(), record_clause(world, case));
    Verdict::fail(described(case, world.on_case(case)).message(message).cap(Level::Note, "public by design"))
}

/// KW004: a secret of a provider's test mode.
fn test_mode(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if case.observation.visibility != Visibility::Secret || case.observation.mode != Some(Mode::Test) {
        return Verdict::NotApplicable;
    }
    let message = format!("{} of test mode in plain text{}.", case.title(), record_clause(world, case));
    Verdict::fail(described(case, world.on_case(case)).message(message))
}

/// Whether all that is known of a credential is that it is for tests, in tests.
pub(super) fn is_test_in_tests(case: &Case<'_>) -> bool {
    let in_tests = |s: &Site<'_>| {
        s.class() == PathClass::Test
            || s.class() == PathClass::Example
            || s.environment.is_some_and(|e| e.name == "test")
    };
    case.observation.mode == Some(Mode::Test) && case.sites.iter().all(in_tests)
}
