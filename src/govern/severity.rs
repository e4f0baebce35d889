//! From a check's level to a finding's: circumstances move it, each with its reason printed.
//!
//! Steps up and down come first, in a fixed order and at most two; caps come last. A check that is
//! a note stays one: it is there for the record. An unknown environment changes nothing.

use super::check::{Check, CheckId, Level};
use super::finding::Modifier;
use super::policy::{Policy, Profile};

/// Most steps that circumstances move a level.
pub(crate) const MOST_STEPS: i32 = 2;

/// The circumstances of a finding.
#[allow(clippy::struct_excessive_bools, reason = "independent facts, each with its own effect")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Setting {
    /// Name of the environment, where it is known.
    pub environment: Option<String>,
    /// The environment is one of production.
    pub production: bool,
    /// It points at scanned content, not at the inventory.
    pub in_code: bool,
    /// Regulated or personal data.
    pub sensitive: bool,
    /// Admin or write access.
    pub elevated: bool,
    /// Ownership is split and there is no way to end the access.
    pub split_without_path: bool,
    /// Revoked and seen to be void, or past its end for long.
    pub ended: bool,
    /// Steps of the check's own.
    pub own: Vec<(String, i32)>,
    /// Caps of the check's own.
    pub caps: Vec<(String, Level)>,
    /// No documented form, and neither the inventory nor a pair confirms it.
    pub unconfirmed: bool,
    /// Of a contextual form, and in tests, examples or documentation.
    pub secondary: bool,
    /// The match is below `high`, or several records match.
    pub weak_match: bool,
}

/// The level of a finding, and why it differs from the check's.
pub(crate) fn judge(policy: &Policy, check: &Check, setting: &Setting) -> (Level, Vec<Modifier>) {
    let mut modifiers = Vec::new();
    let base = base(policy, check, setting, &mut modifiers);
    let mut level = base;
    let mut left = [MOST_STEPS, MOST_STEPS];
    let may_rise = base > Level::Note && !(policy.profile == Profile::Minimal && base < check.level);
    let steps = steps(policy, check.id, setting);
    let mut moved = 0;
    for (reason, step) in steps {
        let budget = &mut left[usize::from(step < 0)];
        if *budget == 0 || (step > 0 && !may_rise) {
            continue;
        }
        *budget -= 1;
        moved += step;
        modifiers.push(Modifier { reason, steps: step });
    }
    level = level.shifted(moved.clamp(-MOST_STEPS, MOST_STEPS));
    for (reason, cap) in caps(setting) {
        let steps = (cap as i32 - level as i32).min(0);
        if steps < 0 {
            level = cap;
            modifiers.push(Modifier { reason, steps });
        }
    }
    if setting.unconfirmed && setting.secondary && level > Level::Note {
        level = level.shifted(-1);
        modifiers.push(Modifier { reason: "in tests, examples or documentation".to_owned(), steps: -1 });
    }
    (level, modifiers)
}

/// The level to start from: the check's, the profile's, or what the policy says of this check.
fn base(policy: &Policy, check: &Check, setting: &Setting, modifiers: &mut Vec<Modifier>) -> Level {
    let mut level = check.level;
    let mut set = |to: Level, reason: String| {
        let steps = to as i32 - level as i32;
        if steps != 0 {
            modifiers.push(Modifier { reason, steps });
            level = to;
        }
    };
    if let Some(to) = policy.profile.level_of(check) {
        set(to, format!("profile {}", policy.profile.word()));
    }
    if let Some(wanted) = policy.overrides.get(&check.id) {
        let environment = setting.environment.as_deref();
        if let Some((to, place)) = wanted.level_in(environment, setting.production) {
            set(to, format!("set by the policy for {place}"));
        }
    }
    level
}

/// Steps up and down, in the order in which they use up the two that are allowed.
fn steps(policy: &Policy, check: CheckId, setting: &Setting) -> Vec<(String, i32)> {
    let split = setting.split_without_path && matches!(check, CheckId(204 | 503));
    let circumstances = [
        (setting.production, "production environment", 1),
        (setting.sensitive, "regulated or personal data", 1),
        (setting.elevated, "admin or write access", 1),
        (split, "ownership is split and there is no way to end the access", 1),
        (policy.repository_public && setting.in_code, "public repository", 1),
        (setting.ended, "void: revoked and verified, or past its end for over 30 days", -1),
    ];
    let own = setting.own.iter().cloned();
    own.chain(circumstances.into_iter().filter(|c| c.0).map(|(_, reason, step)| (reason.to_owned(), step))).collect()
}

fn caps(setting: &Setting) -> Vec<(String, Level)> {
    let mut caps = setting.caps.clone();
    if setting.weak_match {
        caps.push(("the match with the inventory is below high or not unique".to_owned(), Level::Warning));
    }
    if setting.unconfirmed {
        caps.push(("a common shape that neither the inventory nor a pair confirms".to_owned(), Level::Warning));
    }
    caps
}
