//! The versions of an inventory that is kept in git, as changes from one to the next.
//!
//! Each file is followed along the mainline of the repository that it lies in, newest version first,
//! within a budget of bytes. What a budget or a shallow clone leaves out makes the history cut; it
//! never makes it clean.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::govern::{InventoryHistory, RecordChange, Vanished};
use crate::inventory::{Inventory, LoadOptions, Record, Source, When, changed_fields, load};
use crate::source::git::WorkTree;
use crate::source::git::pack::Scratch;
use crate::source::git::repository::{GitEnvironment, Repository};
use crate::source::git::revision::Revisions;
use crate::source::git::versions::{Version, versions};

/// Versions of one file that are read.
const MOST_VERSIONS: usize = 500;
/// Bytes of all versions of one file that are read.
const MOST_BYTES: usize = 128 << 20;

/// The history of the inventory files that lie in git repositories; `None` if none of them does.
/// Files below the folder of `trusted` are followed from its revision, all others from HEAD.
pub fn inventory_history(
    sources: &[Source],
    options: &LoadOptions<'_>,
    trusted: Option<(&Path, &str)>,
) -> Option<InventoryHistory> {
    let mut history: Option<InventoryHistory> = None;
    for source in sources {
        let Some(found) = follow(source, options, trusted) else { continue };
        let all = history.get_or_insert_default();
        all.changes.extend(found.changes);
        all.vanished.extend(found.vanished);
        all.cut |= found.cut;
    }
    if let Some(history) = &mut history {
        history.changes.sort_by(|a, b| (a.at, &a.record, &a.field).cmp(&(b.at, &b.record, &b.field)));
        history.vanished.sort_by(|a, b| (&a.record, a.at).cmp(&(&b.record, b.at)));
    }
    history
}

fn follow(source: &Source, options: &LoadOptions<'_>, trusted: Option<(&Path, &str)>) -> Option<InventoryHistory> {
    let (top, path) = place_of(&source.path)?;
    let repository = Repository::discover(&top, &GitEnvironment::default()).ok()?;
    let revision = trusted.filter(|(folder, _)| *folder == top).map_or("HEAD", |(_, revision)| revision);
    let tip = Revisions::of(&repository)?.commit(revision).ok()?;
    let store = repository.objects();
    let all = versions(&store, tip, path.as_bytes(), MOST_VERSIONS, options.max_bytes);
    // A file that was never committed has no history, which is something else than an empty one.
    all.list.last()?;
    let mut history = InventoryHistory { cut: all.cut, ..InventoryHistory::default() };
    let (mut scratch, mut left) = (Scratch::default(), MOST_BYTES);
    let mut gone = BTreeSet::new();
    let mut later: Option<(Inventory, Version)> = None;
    for version in all.list.into_iter().rev() {
        let mut bytes = Vec::new();
        if let Some(object) = version.object
            && store.read(&object, options.max_bytes, &mut scratch, &mut bytes).is_err()
        {
            history.cut = true;
            continue;
        }
        let Some(rest) = left.checked_sub(bytes.len()) else {
            history.cut = true;
            break;
        };
        left = rest;
        let Some(inventory) = read(source, version, bytes, options) else {
            history.cut = true;
            continue;
        };
        if let Some((after, newer)) = &later {
            compare(&inventory, after, *newer, &source.name, &mut gone, &mut history);
        }
        later = Some((inventory, version));
    }
    Some(history)
}

/// The top of the working tree that a file lies in, and its path there.
fn place_of(file: &Path) -> Option<(PathBuf, String)> {
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().ok()?;
    let top = WorkTree::above(&folder)?.top;
    let path = folder.join(file.file_name()?);
    let parts = path.strip_prefix(&top).ok()?.components().map(|c| c.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = parts.collect();
    Some((top, parts.join("/")))
}

/// One version; a file that is not there holds nothing.
fn read(source: &Source, version: Version, bytes: Vec<u8>, options: &LoadOptions<'_>) -> Option<Inventory> {
    if version.object.is_none() {
        return Some(Inventory::default());
    }
    let source = Source { content: Some(bytes), ..source.clone() };
    load(&[source], &LoadOptions { strict: false, ..*options }).ok()
}

/// What the version `newer` changed.
fn compare(
    before: &Inventory,
    after: &Inventory,
    newer: Version,
    file: &str,
    gone: &mut BTreeSet<String>,
    history: &mut InventoryHistory,
) {
    let at = When::At(jiff::Timestamp::from_second(newer.time).unwrap_or_default());
    let commit = newer.commit.to_string();
    let now = by_id(after);
    let unread: BTreeSet<&str> = after.errors.iter().filter(|e| e.set_aside).filter_map(|e| e.id.as_deref()).collect();
    for (id, old) in by_id(before) {
        match now.get(id) {
            Some(new) => {
                let changes = changed_fields(old, new).into_iter().map(|changed| RecordChange {
                    record: id.to_owned(),
                    field: changed.name,
                    at,
                    commit: commit.clone(),
                    was_set: changed.was_set,
                });
                history.changes.extend(changes);
            }
            // A row that cannot be read is there; the last time that a record went is what counts.
            None if unread.contains(id) || !gone.insert(id.to_owned()) => {}
            None => history.vanished.push(Vanished {
                record: id.to_owned(),
                partner: old.partner_id.to_string(),
                file: file.to_owned(),
                status: old.status,
                at,
                commit: commit.clone(),
            }),
        }
    }
}

/// Records by id; of several with one id the first.
fn by_id(inventory: &Inventory) -> BTreeMap<&str, &Record> {
    let mut all = BTreeMap::new();
    for record in inventory.records.iter().filter(|r| !r.id.is_empty()) {
        all.entry(record.id.as_str()).or_insert(record);
    }
    all
}
