//! When and where each credential was exposed.
//!
//! Takes a history and, for each of its documents, the numbers of the credentials that judging found
//! there; gives one sighting per credential and path, and each credential as a whole. One pass over
//! the commits: a commit's tree is compared with its parents' trees, of which only what leads to a
//! credential is left, so most commits cost one comparison.

use std::collections::{BTreeMap, BTreeSet};

use super::documents::{History, Place};
use super::exposure::{CommitNumber, Exposure, Timeline};
use super::presence::{Child, EMPTY, Paths, Presence, TOP};
use super::sweep::{Interrupted, Progress};
use super::units::{Spot, Unit, Units};

/// Steps of one comparison of two trees; only trees made to be endless need more.
pub(super) const MOST_STEPS: usize = 4_000_000;
/// Paths of one credential that are looked up to tell whether a commit has it anywhere.
const MOST_LOOKUPS: usize = 1000;

impl History {
    /// Places credentials in time. `keys[i]` are the credentials of document `i`. At most `most` places are
    /// listed, and each credential at one at least.
    pub(crate) fn timeline(
        &self,
        keys: &[Vec<u32>],
        most: usize,
        progress: Progress<'_>,
    ) -> Result<Timeline, Interrupted> {
        let units = Units::new(self, keys);
        if units.places.is_empty() {
            return Ok(Timeline::default());
        }
        let counts = |blob: u32| units.active[blob as usize];
        let presence = Presence::new(&self.trees, counts, progress)?;
        let mut pass = Pass { history: self, units: &units, presence: &presence, progress, steps: 0 };
        let mut events = pass.commits()?;
        pass.messages(&mut events);
        let mut exposures = pass.exposures(&mut events);
        let held = pass.held(&events, &mut exposures)?;
        pass.removals(&events, &held, &mut exposures)?;
        Ok(units.report(exposures, &events, most))
    }
}

/// What happened to units in commits, in the order of commits.
pub(super) struct Events {
    /// A unit that a commit has and no parent has.
    pub(super) intros: Vec<(Unit, u32)>,
    /// A unit that a parent has and the commit has not.
    drops: Vec<(Unit, u32)>,
    /// The same along the mainline: unit, commit, whether it came (or went).
    mainline: Vec<(Unit, u32, bool)>,
    /// The best introduction: committer time, commit, document.
    pub(super) first: Vec<Option<(i64, u32, u32)>>,
}

/// A pass over all commits.
pub(super) struct Pass<'a> {
    pub(super) history: &'a History,
    pub(super) units: &'a Units,
    pub(super) presence: &'a Presence,
    pub(super) progress: Progress<'a>,
    steps: usize,
}

/// What differs between two trees: the path, and the blobs before and after.
type Change = (u32, Option<u32>, Option<u32>);

impl Pass<'_> {
    /// Compares every commit with its parents.
    fn commits(&mut self) -> Result<Events, Interrupted> {
        let graph = &self.history.graph;
        let mut on_mainline = vec![false; graph.len() as usize];
        for commit in self.history.mainline.into_iter().flat_map(|tip| graph.first_parents(tip)) {
            on_mainline[commit as usize] = true;
        }
        let mut events =
            Events { intros: Vec::new(), drops: Vec::new(), mainline: Vec::new(), first: vec![None; self.units.len()] };
        let nodes: Vec<u32> = (0..graph.len()).map(|c| self.history.node(self.presence, c)).collect();
        let (mut added, mut dropped, mut more) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        for commit in 0..graph.len() {
            self.progress.check()?;
            let node = nodes[commit as usize];
            let parents = graph.parents(commit);
            if parents.iter().all(|&p| nodes[p as usize] == node) && !parents.is_empty()
                || node == EMPTY && parents.is_empty()
            {
                continue;
            }
            dropped.clear();
            let first_parent = parents.first().map_or(EMPTY, |&p| nodes[p as usize]);
            self.compare(first_parent, node, &mut added, &mut dropped);
            if on_mainline[commit as usize] {
                events.mainline.extend(dropped.iter().map(|&unit| (unit, commit, false)));
                events.mainline.extend(added.keys().map(|&unit| (unit, commit, true)));
            }
            for &parent in parents.iter().skip(1) {
                self.compare(nodes[parent as usize], node, &mut more, &mut dropped);
                added.retain(|unit, _| more.contains_key(unit));
            }
            events.drops.extend(dropped.iter().map(|&unit| (unit, commit)));
            let mut wholes: BTreeMap<Unit, u32> = BTreeMap::new();
            for (&unit, &document) in &added {
                events.introduce(unit, commit, document, graph.commit(commit).committer_time);
                wholes.entry(self.units.whole(unit)).or_insert(document);
            }
            for (whole, document) in wholes {
                if !parents.iter().any(|&p| self.has(nodes[p as usize], whole)) {
                    events.introduce(whole, commit, document, graph.commit(commit).committer_time);
                }
            }
        }
        Ok(events)
    }

    /// Units that `to` has and `from` has not, with their document, and the other way round (added to
    /// `dropped`).
    fn compare(&mut self, from: u32, to: u32, added: &mut BTreeMap<Unit, u32>, dropped: &mut BTreeSet<Unit>) {
        added.clear();
        let units = self.units;
        self.changes(from, to, |(path, before, after)| {
            let (before, now) = (units.at(before, path), units.at(after, path));
            dropped.extend(before.iter().filter(|u| !now.contains(u)));
            let document = after.and_then(|blob| units.at.get(&(blob, path))).copied().unwrap_or(u32::MAX);
            added.extend(now.iter().filter(|u| !before.contains(u)).map(|&u| (u, document)));
        });
    }

    /// Calls `change` for every path where two nodes have different blobs of interest.
    fn changes(&mut self, from: u32, to: u32, mut change: impl FnMut(Change)) {
        let presence = self.presence;
        let paths: &Paths = &self.history.paths;
        let mut pending = vec![(from, to, TOP)];
        self.steps = 0;
        while let Some((from, to, path)) = pending.pop() {
            if from == to {
                continue;
            }
            let (mut before, mut after) = (presence.children(from).peekable(), presence.children(to).peekable());
            loop {
                self.steps += 1;
                if self.steps > MOST_STEPS {
                    return;
                }
                let name = match (before.peek(), after.peek()) {
                    (None, None) => break,
                    (Some(b), None) => b.0,
                    (None, Some(a)) => a.0,
                    (Some(b), Some(a)) => b.0.min(a.0),
                };
                let old = before.next_if(|b| b.0 == name).map(|b| b.1);
                let new = after.next_if(|a| a.0 == name).map(|a| a.1);
                let Some(path) = paths.find(path, name).filter(|_| old != new) else { continue };
                let blob = |child| match child {
                    Some(Child::Blob(blob)) => Some(blob),
                    _ => None,
                };
                let node = |child| match child {
                    Some(Child::Node(node)) => node,
                    _ => EMPTY,
                };
                if blob(old) != blob(new) {
                    change((path, blob(old), blob(new)));
                }
                pending.push((node(old), node(new), path));
            }
        }
    }

    /// Whether a tree has a credential anywhere.
    fn has(&self, node: u32, whole: Unit) -> bool {
        let units = &self.units.of_key[whole as usize - self.units.places.len()];
        units.len() > MOST_LOOKUPS || units.iter().any(|&unit| self.has_at(node, unit))
    }

    fn has_at(&self, node: u32, unit: Unit) -> bool {
        let (_, Spot::Path(path)) = self.units.places[unit as usize] else { return false };
        let names: Vec<u32> = self.history.paths.names_upwards(path).collect();
        let mut at = Child::Node(node);
        for &name in names.iter().rev() {
            let Child::Node(node) = at else { return false };
            match self.presence.child(node, name) {
                Some(child) => at = child,
                None => return false,
            }
        }
        matches!(at, Child::Blob(blob) if self.units.at(Some(blob), path).contains(&unit))
    }

    /// A commit's message comes with the commit and stays.
    fn messages(&self, events: &mut Events) {
        for (document, place) in self.history.places.iter().enumerate() {
            if let Place::CommitMessage { commit } = *place {
                let time = self.history.graph.commit(commit).committer_time;
                for &unit in &self.units.of_document[document] {
                    events.introduce(unit, commit, document as u32, time);
                    events.introduce(self.units.whole(unit), commit, document as u32, time);
                }
            }
        }
        events.intros.sort_by_key(|&(_, commit)| commit);
    }

    /// The facts that follow from events alone.
    fn exposures(&self, events: &mut Events) -> Vec<Exposure> {
        let mut exposures = vec![Exposure::default(); self.units.len()];
        for (exposure, first) in exposures.iter_mut().zip(&events.first) {
            if let Some((_, commit, _)) = *first {
                exposure.introduced = Some(CommitNumber(commit));
                exposure.introduced_at_cut = self.history.graph.is_cut(commit);
            }
        }
        for &(unit, commit, came) in &events.mainline {
            note(&mut exposures[unit as usize], commit, came);
        }
        // A credential as a whole is there while it is at any path.
        let mut there = vec![0_u32; self.units.keys.len()];
        let mut at = 0;
        while at < events.mainline.len() {
            let commit = events.mainline[at].1;
            let mut before: BTreeMap<Unit, u32> = BTreeMap::new();
            while let Some(&(unit, _, came)) = events.mainline.get(at).filter(|e| e.1 == commit) {
                let whole = self.units.whole(unit);
                let n = &mut there[whole as usize - self.units.places.len()];
                before.entry(whole).or_insert(*n);
                *n = if came { *n + 1 } else { n.saturating_sub(1) };
                at += 1;
            }
            for (whole, before) in before {
                let now = there[whole as usize - self.units.places.len()];
                if (before == 0) != (now == 0) {
                    note(&mut exposures[whole as usize], commit, now > 0);
                }
            }
        }
        for exposure in &mut exposures {
            exposure.at_head = exposure.on_mainline.is_some_and(|(_, end)| end.is_none());
        }
        exposures
    }

    /// When what is gone went.
    fn removals(&self, events: &Events, tipped: &[bool], exposures: &mut [Exposure]) -> Result<(), Interrupted> {
        let mut last_drop: Vec<Option<u32>> = vec![None; self.units.len()];
        for &(unit, commit) in &events.drops {
            self.progress.check()?;
            last_drop[unit as usize] = Some(commit);
            let whole = self.units.whole(unit);
            let missing_there = || !self.has(self.history.node(self.presence, commit), whole);
            // Only asked for where the mainline never had it.
            if exposures[whole as usize].on_mainline.is_none() && !tipped[whole as usize] && missing_there() {
                last_drop[whole as usize] = Some(commit);
            }
        }
        for (unit, exposure) in exposures.iter_mut().enumerate() {
            exposure.removed = match exposure.on_mainline {
                Some((_, end)) => end,
                None if !tipped[unit] => last_drop[unit].map(CommitNumber),
                None => None,
            };
        }
        Ok(())
    }
}

impl Events {
    fn introduce(&mut self, unit: Unit, commit: u32, document: u32, time: i64) {
        self.intros.push((unit, commit));
        let first = &mut self.first[unit as usize];
        if first.is_none_or(|(t, c, _)| (time, commit) < (t, c)) {
            *first = Some((time, commit, document));
        }
    }
}

/// Adds a step of the mainline.
fn note(exposure: &mut Exposure, commit: u32, came: bool) {
    let commit = CommitNumber(commit);
    match &mut exposure.on_mainline {
        last if came => *last = Some((commit, None)),
        Some((_, end)) => *end = Some(commit),
        None => {}
    }
}
