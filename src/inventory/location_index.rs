//! Declared locations, looked up by path: exact paths and folders by search, other globs by one
//! automaton.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Most globs that are neither a path nor a folder; further ones are left out (locations never bind).
const MOST_GLOBS: usize = 2_000;

/// Which records declare a place.
pub(crate) struct LocationIndex {
    /// Paths, and folders with their `/`, sorted.
    places: Vec<(Box<str>, u32)>,
    globs: GlobSet,
    /// Record of each glob.
    owners: Vec<u32>,
}

/// The path of a declared location: without `repository:` before and `#name` after it.
pub(crate) fn path_of(location: &str) -> &str {
    let path = location.split_once('#').map_or(location, |(path, _)| path);
    let path = path.split_once(':').filter(|(name, _)| !name.contains(['/', '*'])).map_or(path, |(_, p)| p);
    path.trim_start_matches("./").trim_start_matches('/')
}

impl LocationIndex {
    pub(crate) fn new<'l>(locations: impl Iterator<Item = (&'l str, u32)>) -> Self {
        let mut places = Vec::new();
        let mut globs = GlobSetBuilder::new();
        let mut owners = Vec::new();
        for (location, record) in locations {
            let path = path_of(location);
            let folder = path.strip_suffix("/**").or_else(|| path.strip_suffix("/**/*"));
            let plain = folder.unwrap_or(path);
            if path.is_empty() {
                continue;
            }
            if !plain.contains(['*', '?', '[', '{']) {
                let folder = folder.is_some() || plain.ends_with('/');
                let place = if folder { format!("{}/", plain.trim_end_matches('/')) } else { plain.to_owned() };
                places.push((place.into_boxed_str(), record));
            } else if owners.len() < MOST_GLOBS
                && let Ok(glob) = GlobBuilder::new(path).literal_separator(true).build()
            {
                globs.add(glob);
                owners.push(record);
            }
        }
        places.sort_unstable();
        places.dedup();
        Self { places, globs: globs.build().unwrap_or_else(|_| GlobSet::empty()), owners }
    }

    /// The records that declare this path, or a folder above it.
    pub(crate) fn find(&self, path: &str) -> Vec<usize> {
        let mut found: Vec<usize> = self.exactly(path).collect();
        for (at, _) in path.match_indices('/') {
            found.extend(self.exactly(&path[..=at]));
        }
        if !self.owners.is_empty() {
            found.extend(self.globs.matches(path).into_iter().map(|g| self.owners[g] as usize));
        }
        found
    }

    fn exactly(&self, place: &str) -> impl Iterator<Item = usize> {
        let start = self.places.partition_point(|(p, _)| **p < *place);
        self.places[start..].iter().take_while(move |(p, _)| **p == *place).map(|(_, record)| *record as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_folders_and_globs() {
        let all = ["config/prod.env#KEY", "orders:deploy/", "infra/**", "**/values-*.yaml", "src/[", ""];
        let index = LocationIndex::new(all.iter().zip(0..).map(|(l, i)| (*l, i)));
        assert_eq!(index.find("config/prod.env"), [0]);
        assert_eq!(index.find("deploy/a/b.yml"), [1]);
        assert_eq!(index.find("infra/values-x.yaml"), [2, 3]);
        assert!(index.find("config/prod.env.bak").is_empty() && index.find("deployx").is_empty());
    }
}
