//! Revisions by name, and files of the commits they lead to.

use gix::ObjectId;

use super::repository::Repository;

/// A revision that leads to no commit here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownRevision {
    /// It names nothing.
    #[error("`{0}` names no commit of this repository; `git fetch` it, or look for its name with `git log`")]
    Nothing(String),
    /// Names cannot be looked up.
    #[error(
        "`{0}` cannot be looked up: this repository keeps its refs in a reftable, which is not read; give the full id that `git rev-parse` tells"
    )]
    Reftable(String),
}

/// Names in one repository.
pub(crate) struct Revisions {
    repository: gix::Repository,
    reftable: bool,
}

impl Revisions {
    /// `None` where gix cannot open it.
    pub(crate) fn of(repository: &Repository) -> Option<Self> {
        // Isolated: nothing but the repository's own configuration; ownership does not matter for reading.
        let options = gix::open::Options::isolated().with(gix::sec::Trust::Full).open_path_as_is(true);
        let opened = gix::open_opts(&repository.git_dir, options).ok()?;
        Some(Self { repository: opened, reftable: repository.reftable })
    }

    /// The commit that `name` leads to, in any form that `git rev-parse` takes.
    pub(crate) fn commit(&self, name: &str) -> Result<ObjectId, UnknownRevision> {
        let kind = if self.reftable { UnknownRevision::Reftable } else { UnknownRevision::Nothing };
        let unknown = || kind(name.to_owned());
        // `^{commit}` peels tags; what is no commit is none of ours.
        let id = self.repository.rev_parse_single(format!("{name}^{{commit}}").as_str()).map_err(|_| unknown())?;
        Ok(id.detach())
    }

    /// The object at `path` in a commit's tree.
    pub(crate) fn object_at(&self, commit: ObjectId, path: &str) -> Option<ObjectId> {
        self.repository.rev_parse_single(format!("{commit}:{path}").as_str()).ok().map(gix::Id::detach)
    }

    /// The bytes of the file at `path` in a commit's tree, at most `max` of them.
    pub(crate) fn file_at(&self, commit: ObjectId, path: &str, max: u64) -> Option<Vec<u8>> {
        let id = self.object_at(commit, path)?;
        let header = self.repository.find_header(id).ok()?;
        let fits = header.kind() == gix::objs::Kind::Blob && header.size() <= max;
        fits.then(|| self.repository.find_blob(id).ok().map(|mut blob| blob.take_data()))?
    }
}
