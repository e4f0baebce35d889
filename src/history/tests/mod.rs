//! The sweep and the timeline on repositories made with real git.

mod cached;
mod damage;
mod oracle;
mod torture;

use std::collections::BTreeMap;
use std::ops::Range;

use super::candidates::{Candidate, Candidates, Reach};
use super::*;
use crate::detect::RuleIndex;
use crate::source::git::objects::ObjectStore;
use crate::source::git::pack::Scratch;
use crate::source::git::refs::Refs;
use crate::source::git::repository::{GitEnvironment, Repository};

/// Finds `TOK_` and what follows.
pub(super) struct Tokens;

impl Candidates for Tokens {
    fn candidates(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) -> bool {
        let end = (range.end + 3).min(bytes.len());
        for at in memchr::memmem::find_iter(&bytes[range.start..end], b"TOK_") {
            let start = range.start + at;
            let len = bytes[start..].iter().take(32).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            let (start, end) = (start as u32, (start + len) as u32);
            out.push(Candidate { rule: RuleIndex(1), anchor: start, start, end });
        }
        false
    }

    fn escaped(&self, _: &[u8], _: Range<usize>, _: &mut Vec<Candidate>) {}

    fn reach(&self) -> Reach {
        Reach { back: 0, forward: 32 }
    }
}

/// All that is said of a history, by token and path; ids and names as text.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) swept: Swept,
    pub(super) history: History,
    pub(super) at: BTreeMap<(String, String), Exposure>,
    pub(super) anywhere: BTreeMap<String, Exposure>,
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.documents()).finish()
    }
}

/// Does what the pipeline does: sweeps, attributes, judges, places in time.
pub(super) fn tell(repository: &Repository) -> Told {
    let store = repository.objects();
    let progress = Progress::default();
    let limits = SweepLimits::default();
    let mut swept = sweep(&store, &Tokens, limits, progress);
    let refs = Refs::read(repository);
    let history = History::attribute(repository, &store, &refs, refs.head, &mut swept, (limits, progress));
    let mut tokens: BTreeMap<String, u32> = BTreeMap::new();
    let keys: Vec<Vec<u32>> = history
        .documents()
        .iter()
        .map(|document| {
            let text = read(&store, document.object);
            swept
                .candidates(&document.object)
                .iter()
                .map(|c| {
                    let token = String::from_utf8_lossy(&text[c.start as usize..c.end as usize]).into_owned();
                    let next = tokens.len() as u32;
                    *tokens.entry(token).or_insert(next)
                })
                .collect()
        })
        .collect();
    let timeline = history.timeline(&keys, usize::MAX, progress).unwrap();
    let names: BTreeMap<u32, &String> = tokens.iter().map(|(t, n)| (*n, t)).collect();
    let at = timeline
        .sightings
        .into_iter()
        .map(|s| {
            let document = &history.documents()[s.document as usize];
            let path = document.path.as_ref().map_or_else(|| format!("<{}>", document.kind), ToString::to_string);
            ((names[&s.key].clone(), path), s.exposure)
        })
        .collect();
    let anywhere = timeline.credentials.into_iter().map(|(key, e)| (names[&key].clone(), e)).collect();
    Told { swept, history, at, anywhere }
}

fn read(store: &ObjectStore, id: gix::ObjectId) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.read(&id, u64::MAX, &mut Scratch::default(), &mut bytes).unwrap();
    crate::source::decode(&bytes).into_owned()
}

pub(super) fn open(path: &std::path::Path) -> Repository {
    Repository::discover(path, &GitEnvironment::default()).unwrap()
}
