//! Every check: one case that fires, one that does not, one where its input is missing.

mod approval;
mod boundaries;
mod correlation;
mod exceptions;
mod inline;
mod known;
mod leak;
mod levels;
mod lifecycle;
mod offboarding;
mod ownership;
mod placement;
mod properties;
mod reach;
mod reuse;

use arcstr::ArcStr;
use thin_vec::{ThinVec, thin_vec};

use super::testing::*;
use crate::inventory::Record;

/// One credential in the tree, and its record after `change`.
fn one(change: impl FnOnce(&mut Record)) -> Bench {
    Bench::of(vec![seen("a", "src/app.env")]).records(vec![record("r1", "a").with(change)])
}

/// The same with a credential in `path`.
fn one_at(path: &str, change: impl FnOnce(&mut Record)) -> Bench {
    Bench::of(vec![seen("a", path)]).records(vec![record("r1", "a").with(change)])
}

/// Asserts that a change of a sound record makes a check fail, and that nothing else does.
#[track_caller]
fn fires(id: u16, change: impl FnOnce(&mut Record)) {
    let judged = one(change).judge();
    assert_eq!(judged.of(id).len(), 1, "KW{id} does not fire");
    assert!(one(|_| {}).judge().of(id).is_empty(), "KW{id} fires on a sound record");
}

/// Asserts that a check cannot be evaluated after a change of a sound record.
#[track_caller]
fn open_question(id: u16, change: impl FnOnce(&mut Record)) {
    assert!(one(change).judge().is_open_question(id), "KW{id} is evaluated");
}
