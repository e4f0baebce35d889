//! The table of checks: one row per governance question.
//!
//! Terminal text, documentation and SARIF rules are made from these rows and from nothing else. An
//! id never changes its meaning. Levels are those before the modifiers of `severity.rs`.

mod approval;
mod correlation;
mod docs;
mod exceptions;
mod leak;
mod lifecycle;
mod offboarding;
mod ownership;
mod placement;
mod reach;
mod reuse;

use std::sync::LazyLock;

pub use docs::markdown;

use super::check::{Check, CheckId};

static ALL: LazyLock<Vec<Check>> = LazyLock::new(|| {
    let families = [
        leak::ROWS,
        correlation::ROWS,
        ownership::ROWS,
        approval::ROWS,
        lifecycle::ROWS,
        offboarding::ROWS,
        reuse::ROWS,
        reach::ROWS,
        exceptions::ROWS,
        placement::ROWS,
    ];
    let mut all = families.concat();
    all.sort_by_key(|check| check.id);
    all
});

/// Every check, by id.
pub fn all() -> &'static [Check] {
    &ALL
}

/// The check with this id.
pub fn get(id: CheckId) -> Option<&'static Check> {
    all().binary_search_by_key(&id, |check| check.id).ok().map(|at| &all()[at])
}

/// The check with this slug: `shadow-credential`.
pub fn by_slug(slug: &str) -> Option<&'static Check> {
    all().iter().find(|check| check.slug == slug)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::govern::check::Level;

    #[test]
    fn ids_and_slugs_are_unique_and_texts_are_sentences() {
        let mut slugs = BTreeSet::new();
        for pair in all().windows(2) {
            assert!(pair[0].id < pair[1].id, "{} twice", pair[1].id);
        }
        for check in all() {
            assert!(slugs.insert(check.slug), "{} twice", check.slug);
            assert!(check.slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", check.slug);
            assert!(!check.title.ends_with('.') && check.title.len() < 80, "{}", check.id);
            assert!(check.why.ends_with('.') && check.remedy.ends_with('.'), "{}", check.id);
            assert!(check.why.len() > 60 && check.remedy.len() > 20, "{}", check.id);
            assert!(!check.needs.is_empty() && !check.taxa.is_empty(), "{}", check.id);
            let fits = match check.level {
                Level::Note => check.severity < 4.0,
                Level::Warning => (4.0..7.0).contains(&check.severity),
                Level::Error => check.severity >= 7.0,
            };
            assert!(fits, "{}: severity outside its level", check.id);
        }
    }
}
