//! Every object of a repository: swept once, attributed to paths, judged, placed in time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use gix::ObjectId;
use gix::objs::Kind;

use super::judging::{Judged, Judging, Told};
use super::observe::ObservePlan;
use super::worker::Progress;
use crate::detect::Detector;
use crate::history::{
    self, Cache, CacheState, CommitNumber, History, HistoryDocument, Holders, Interrupted, SweepLimits, cover, sweep,
    sweep_cached,
};
use crate::observe::{CommitRef, Exposure, Held, Names, Observation, Observed, Sighted, name_digest};
use crate::secret::CredentialId;
use crate::source::RepoPath;
use crate::source::coverage::{Coverage, Reason};
use crate::source::git::lookup::Lookup;
use crate::source::git::refs::Refs;
use crate::source::git::repository::{GitEnvironment, Repository};

/// What stands for the path of a document that has none.
const COMMIT_MESSAGE: &str = "(commit message)";
const TAG_MESSAGE: &str = "(tag message)";
const NO_PATH: &str = "(blob without a path)";
const UNKNOWN_PATH: &str = "(path not looked up)";
/// Places of credentials that are listed of one repository.
const MOST_LISTED: usize = 25_000;

/// A folder whose history was asked for and that is in no repository.
#[derive(Debug, thiserror::Error)]
#[error(
    "{path}: in no git repository, and there is no history or index to scan; without --history, --staged, --range or a stage that asks for the history, its files are scanned"
)]
pub struct NoRepository {
    /// The folder.
    pub path: String,
}

/// What histories gave.
#[derive(Default)]
pub(super) struct Seen {
    /// One sighting per credential and path.
    pub(super) sighted: Vec<Sighted>,
    /// Each credential wherever it was; several times if it was in several repositories.
    wholes: Vec<(CredentialId, Exposure)>,
}

impl Seen {
    /// Tells observations when they were anywhere.
    pub(super) fn place(self, observations: &mut [Observation]) {
        let mut all: BTreeMap<CredentialId, Vec<Exposure>> = BTreeMap::new();
        for (credential, exposure) in self.wholes {
            all.entry(credential).or_default().push(exposure);
        }
        for observation in observations {
            observation.exposure = all.get(&observation.credential).and_then(Exposure::join);
        }
    }
}

/// Sightings of the whole object database of the repository that `top` is in, and of its submodules'.
pub(super) fn observe_history(
    detector: &Detector,
    progress: &Progress,
    top: &Path,
    plan: &ObservePlan,
    coverage: &mut Coverage,
) -> Result<Seen, NoRepository> {
    let missing = || NoRepository { path: top.display().to_string() };
    let repository = Repository::discover(top, &plan.git).map_err(|_| missing())?;
    let default_branch = plan.default_branch.as_deref();
    let run = Run { detector, progress, cache: plan.cache.as_deref(), default_branch };
    let mut seen = super::worker::on_threads(plan.walk.threads, || run.one(&repository, coverage));
    let mut pending: Vec<(String, PathBuf)> = if plan.submodules { repository.submodules() } else { Vec::new() };
    while let Some((name, directory)) = pending.pop() {
        let Ok(submodule) = Repository::open(directory, &GitEnvironment::default()) else {
            coverage.add(Reason::Submodule, name, "its object database cannot be opened");
            continue;
        };
        pending.extend(submodule.submodules().into_iter().map(|(inner, dir)| (format!("{name}/{inner}"), dir)));
        let run = Run { default_branch: None, ..run };
        let mut own = super::worker::on_threads(plan.walk.threads, || run.one(&submodule, coverage));
        for sighted in &mut own.sighted {
            // Paths are told from the top of the repository that was asked for.
            let path = [name.as_bytes(), b"/", sighted.sighting.path.as_bytes()].concat();
            sighted.sighting.path = RepoPath::new(path);
        }
        seen.sighted.append(&mut own.sighted);
        seen.wholes.append(&mut own.wholes);
    }
    Ok(seen)
}

/// Who wrote and committed the commits that introduced what was observed; of those that were looked up
/// before the run was to end.
pub(super) fn committers(
    folder: &Path,
    environment: &GitEnvironment,
    observed: &Observed,
    progress: &Progress,
) -> BTreeMap<String, Vec<String>> {
    let Ok(repository) = Repository::discover(folder, environment) else { return BTreeMap::new() };
    let store = repository.objects();
    let mut lookup = Lookup::new(&store, SweepLimits::default().object_bytes);
    let exposures = |o: &'_ Observation| {
        let everywhere = o.exposure.iter().chain(o.sightings.iter().filter_map(|s| s.exposure.as_ref()));
        everywhere.filter_map(|e| Some(e.introduced.as_ref()?.commit.clone())).collect::<Vec<_>>()
    };
    let commits: BTreeSet<String> = observed.observations.iter().flat_map(exposures).collect();
    let mut all = BTreeMap::new();
    for commit in commits {
        if progress.interrupted.load(Ordering::Relaxed) {
            break;
        }
        if let Ok(id) = ObjectId::from_hex(commit.as_bytes()) {
            all.insert(commit, lookup.people(id).iter().map(|who| name_digest(who)).collect());
        }
    }
    all.retain(|_, people: &mut Vec<String>| !people.is_empty());
    all
}

/// One scan of object databases.
#[derive(Clone, Copy)]
struct Run<'r> {
    detector: &'r Detector,
    progress: &'r Progress,
    /// Where objects that were scanned already are remembered.
    cache: Option<&'r Path>,
    /// The branch on which removal counts.
    default_branch: Option<&'r str>,
}

impl Run<'_> {
    fn one(&self, repository: &Repository, coverage: &mut Coverage) -> Seen {
        let detector = self.detector;
        let store = repository.objects();
        let limits = SweepLimits::default();
        let sweeping = self.progress.of_history();
        let mut swept = match self.cache {
            None => sweep(&store, detector, limits, sweeping),
            Some(directory) => {
                let (path, digest) = (Cache::path(directory, &repository.common_dir), detector.digest());
                let (cache, state) = Cache::load(&path, &digest, repository.hash);
                if state == CacheState::Ignored {
                    self.progress
                        .notes
                        .add("the cache is damaged or was made under other rules; everything is scanned");
                }
                let (swept, cache) = sweep_cached(&store, detector, limits, sweeping, &cache);
                if cache.save(&path, &digest, repository.hash).is_err() {
                    self.progress.notes.add("the cache could not be written");
                }
                swept
            }
        };
        let refs = Refs::read(repository);
        if swept.found.is_empty() {
            cover(repository, &store, &refs, &swept, None, coverage);
            return Seen::default();
        }
        let mainline = self.mainline(&refs);
        let history = History::attribute(repository, &store, &refs, mainline, &mut swept, (limits, sweeping));
        cover(repository, &store, &refs, &swept, Some(&history), coverage);
        let judging = Judging { detector, store: &store, swept: &swept, progress: sweeping, path_of };
        let mut judged = judging.all(history.documents(), MOST_LISTED, coverage);
        let told = judged.told.take();
        let placed = place_in_time(&history, (&judged, told), &judging, refs.head, coverage);
        placed.unwrap_or_else(|Interrupted| out_of_time(judged.first))
    }
}

impl Run<'_> {
    /// The commit at which the branch stands on which removal counts.
    fn mainline(&self, refs: &Refs) -> Option<ObjectId> {
        let Some(name) = self.default_branch else { return refs.head };
        let found = refs.branch(name);
        if found.is_none() {
            self.progress.notes.add("the default branch is not in this repository; what is checked out stands for it");
        }
        found.or(refs.head)
    }
}

fn path_of(document: &HistoryDocument) -> RepoPath {
    document.path.as_ref().map_or_else(|| path_without_tree(document.kind), |path| RepoPath::new(path.to_vec()))
}

/// What stands for the path of a document that no tree names.
pub(super) fn path_without_tree(kind: Kind) -> RepoPath {
    RepoPath::new(match kind {
        Kind::Commit => COMMIT_MESSAGE,
        Kind::Tag => TAG_MESSAGE,
        _ => NO_PATH,
    })
}

/// What was found before the end of a run that was ended early. Which paths, commits and refs have it
/// is not known, so nothing is said of them.
fn out_of_time(mut sighted: Vec<Sighted>) -> Seen {
    for one in &mut sighted {
        if one.sighting.path.as_bytes() == NO_PATH.as_bytes() {
            one.sighting.path = RepoPath::new(UNKNOWN_PATH);
        }
    }
    Seen { sighted, wholes: Vec::new() }
}

/// One sighting per credential and path, with the time it was there.
fn place_in_time(
    history: &History,
    (judged, told): (&Judged, Option<Told>),
    judging: &Judging<'_>,
    head: Option<ObjectId>,
    coverage: &mut Coverage,
) -> Result<Seen, Interrupted> {
    let progress = judging.progress;
    progress.check()?;
    let timeline = history.timeline(&judged.keys, MOST_LISTED, progress)?;
    if timeline.left > 0 {
        let left = format!("{} more places of credentials that are listed at others", timeline.left);
        coverage.add(Reason::Bounded, "", left);
    }
    let mut told = told.unwrap_or_else(|| {
        let mut documents: Vec<u32> = timeline.sightings.iter().map(|placed| placed.document).collect();
        documents.sort_unstable();
        documents.dedup();
        judging.again(history.documents(), &documents)
    });
    let mut commits = Commits { history, names: HashMap::new() };
    let lookup = Lookup::new(judging.store, SweepLimits::default().object_bytes);
    let mut at_head = AtHead { lookup, head, met: HashMap::new() };
    let mut sighted = Vec::with_capacity(timeline.sightings.len());
    for placed in timeline.sightings {
        progress.check()?;
        let credential = judged.credentials[placed.key as usize];
        let Some(mut one) = told.remove(&(placed.document, credential)) else { continue };
        let mut exposure = commits.exposure(&placed.exposure);
        let file = path_of(&history.documents()[placed.document as usize]);
        exposure.path_gone = !exposure.at_head && !at_head.has(&file);
        one.sighting.exposure = Some(exposure);
        sighted.push(*one);
    }
    let whole =
        |(key, exposure): &(u32, history::Exposure)| (judged.credentials[*key as usize], commits.exposure(exposure));
    Ok(Seen { sighted, wholes: timeline.credentials.iter().map(whole).collect() })
}

/// Which paths the checked-out commit has.
struct AtHead<'s> {
    lookup: Lookup<'s>,
    head: Option<ObjectId>,
    met: HashMap<RepoPath, bool>,
}

impl AtHead<'_> {
    fn has(&mut self, path: &RepoPath) -> bool {
        let Some(head) = self.head else { return false };
        let lookup = || self.lookup.object_at(head, path.as_bytes()).is_some();
        *self.met.entry(path.clone()).or_insert_with(lookup)
    }
}

/// Writes moments down.
struct Commits<'h> {
    history: &'h History,
    /// Names of the lists of holders that were met, by where these are.
    names: HashMap<*const Holders, Names>,
}

impl Commits<'_> {
    fn exposure(&mut self, e: &history::Exposure) -> Exposure {
        Exposure {
            introduced: e.introduced.map(|n| self.commit(n)),
            introduced_at_cut: e.introduced_at_cut,
            removed: e.removed.map(|n| self.commit(n)),
            reintroduced: e.reintroduced.iter().map(|n| self.commit(*n)).collect(),
            at_head: e.at_head,
            path_gone: false,
            refs: self.names(&e.tips),
            refs_total: e.tips.total,
            held: match e.held {
                history::Held::ByRef => Held::Ref,
                history::Held::ByIndex => Held::Index,
                history::Held::ByReflog => Held::Reflog,
                history::Held::Borrowed => Held::Alternate,
                history::Held::Unreachable => Held::Nothing,
            },
            held_by: self.names(&e.held_by),
            held_by_total: e.held_by.total,
        }
    }

    /// What the same refs hold shares their names here too.
    fn names(&mut self, holders: &Arc<Holders>) -> Names {
        let names = || holders.names.iter().cloned().collect();
        self.names.entry(Arc::as_ptr(holders)).or_insert_with(names).clone()
    }

    fn commit(&self, number: CommitNumber) -> CommitRef {
        let moment = self.history.moment(number);
        CommitRef {
            commit: hex_id(moment.commit),
            time: time(moment.committer_time),
            author_time: Some(time(moment.author_time)),
        }
    }
}

fn hex_id(id: ObjectId) -> String {
    id.to_string()
}

/// RFC 3339 in UTC; a time that no calendar has is the nearest one that it has.
pub(super) fn time(seconds: i64) -> String {
    let nearest = if seconds < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_second(seconds).unwrap_or(nearest).to_string()
}
