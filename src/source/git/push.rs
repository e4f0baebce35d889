//! What a push brings, from what git (or the pre-commit framework) tells its hooks.
//!
//! Takes the lines on standard input or the framework's variables; gives a [`Span`] of commits.
//! A deleted ref brings nothing. What the other side has is known by its tracking refs (pre-push) or
//! by all refs (pre-receive); where nothing is known, everything counts as new.

use gix::ObjectId;
use gix::bstr::ByteSlice;

use super::objects::ObjectStore;
use super::range::Span;
use super::refs::{Hold, Refs};

/// A line that is not of the hook's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the hook's input is not of the form that git writes")]
pub(crate) struct LineError {
    /// Which, from 1 on.
    pub(crate) line: usize,
}

/// One ref that a push changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Update {
    /// What the other side had; none for a new ref.
    old: Option<ObjectId>,
    /// What it is to have; none for a deleted ref.
    new: Option<ObjectId>,
}

/// What `git push` sends, from the lines `<local ref> <local id> <remote ref> <remote id>` that git
/// gives to a pre-push hook. `remote` is the remote's name, the hook's first argument.
pub(crate) fn pre_push(lines: &[u8], remote: &str, store: &ObjectStore, refs: &Refs) -> Result<Span, LineError> {
    let updates = parse(lines, |fields| match fields {
        [_, new, _, old] => Some((*old, *new)),
        _ => None,
    })?;
    let mut span = span(&updates, store);
    span.hidden.extend(tracking(remote, refs));
    Ok(span)
}

/// The same from the variables `PRE_COMMIT_FROM_REF` and `PRE_COMMIT_TO_REF` of the pre-commit
/// framework, which leaves both out for a new branch; then `head` is what is pushed.
pub(crate) fn pre_commit_push(
    (from, to): (Option<ObjectId>, Option<ObjectId>),
    head: Option<ObjectId>,
    remote: Option<&str>,
    store: &ObjectStore,
    refs: &Refs,
) -> Span {
    let mut span = span(&[Update { old: from, new: to.or(head) }], store);
    span.hidden.extend(remote.into_iter().flat_map(|remote| tracking(remote, refs)));
    span
}

/// What a push brings to this repository, from the lines `<old id> <new id> <ref>` that git gives to a
/// pre-receive hook. All refs are still as they were.
pub(crate) fn pre_receive(lines: &[u8], store: &ObjectStore, refs: &Refs) -> Result<Span, LineError> {
    let updates = parse(lines, |fields| match fields {
        [old, new, _] => Some((*old, *new)),
        _ => None,
    })?;
    let mut span = span(&updates, store);
    span.hidden.extend(refs.roots.iter().filter(|r| r.hold == Hold::Ref).map(|r| r.target));
    Ok(span)
}

fn parse(
    lines: &[u8],
    pick: impl for<'a> Fn(&[&'a [u8]]) -> Option<(&'a [u8], &'a [u8])>,
) -> Result<Vec<Update>, LineError> {
    let update = |line: &[u8]| {
        let fields: Vec<&[u8]> = line.fields().collect();
        let (old, new) = pick(&fields)?;
        let id = |hex| ObjectId::from_hex(hex).ok();
        let some = |id: ObjectId| (!id.is_null()).then_some(id);
        Some(Update { old: some(id(old)?), new: some(id(new)?) })
    };
    lines
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(n, line)| update(line).ok_or(LineError { line: n + 1 }))
        .collect()
}

/// A forced push's old commit may be unknown here; it hides nothing then.
fn span(updates: &[Update], store: &ObjectStore) -> Span {
    Span {
        tips: updates.iter().filter_map(|u| u.new).collect(),
        hidden: updates.iter().filter_map(|u| u.old).filter(|id| store.contains(id)).collect(),
    }
}

fn tracking(remote: &str, refs: &Refs) -> Vec<ObjectId> {
    let prefix = format!("refs/remotes/{remote}/");
    refs.roots.iter().filter(|r| r.hold == Hold::Ref && r.name.starts_with(&prefix)).map(|r| r.target).collect()
}
