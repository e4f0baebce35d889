//! Components of software catalogues, by the folders that they stand in.

use crate::govern::assess::Assessment;
use crate::inventory::Component;
use crate::observe::Repository;
use crate::source::RepoPath;

/// The components of the inventory.
pub(crate) struct Components<'a> {
    /// Services first, the longest folders first: the first that holds a path is the nearest.
    list: Vec<&'a Component>,
    /// One repository is judged: a catalogue at its top can mean no other.
    one_repository: bool,
}

impl<'a> Components<'a> {
    pub(super) fn new(input: &'a Assessment<'a>) -> Self {
        let mut list: Vec<&Component> = input.inventory.iter().flat_map(|i| &i.components).collect();
        list.sort_by_key(|c| (!is_service(c), std::cmp::Reverse(c.folder.len()), &c.entity));
        Self { list, one_repository: input.observed.len() == 1 }
    }

    /// The nearest above a path: a service if there is one, else what else the catalogue has there.
    pub(crate) fn of(&self, repository: &Repository, path: &RepoPath) -> Option<&'a Component> {
        if self.list.is_empty() {
            return None;
        }
        let path = path.to_str_lossy();
        let name = repository.name.rsplit('/').next().unwrap_or_default();
        self.list.iter().copied().find(|c| self.holds(c, name, &path))
    }

    /// The service that a path belongs to.
    pub(crate) fn service(&self, repository: &Repository, path: &RepoPath) -> Option<&'a str> {
        self.of(repository, path).filter(|c| is_service(c)).map(name_of)
    }

    fn holds(&self, component: &Component, repository: &str, path: &str) -> bool {
        let folder = component.folder.trim_start_matches("./").trim_end_matches('/');
        let within = |folder: &str| folder.is_empty() || path.strip_prefix(folder).is_some_and(|p| p.starts_with('/'));
        if !component.repository.is_empty() {
            return component.repository.eq_ignore_ascii_case(repository) && within(folder);
        }
        // Named from the repository's top, or from the folder that the repositories lie in.
        let below = folder.strip_prefix(repository).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        match below {
            Some(rest) if within(rest.trim_start_matches('/')) => true,
            _ => (self.one_repository || !folder.is_empty()) && within(folder),
        }
    }
}

/// Its name, with the namespace if that is not the usual one.
pub(super) fn name_of(component: &Component) -> &str {
    let (_, name) = component.entity.split_once(':').unwrap_or(("", &component.entity));
    name.strip_prefix("default/").unwrap_or(name)
}

fn is_service(component: &Component) -> bool {
    component.entity.starts_with("component:")
}
