//! Cases read from `fixtures/cases` and laid out in a temporary folder, with their values planted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use keyward::{Pepper, Sample};
use serde::Deserialize;
use tempfile::TempDir;

use crate::run::{files, git, home};

/// One case, as `case.toml` tells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// Name of its folder.
    #[serde(skip)]
    pub(crate) name: String,
    #[serde(skip)]
    pub(crate) folder: PathBuf,
    /// One line: what the case shows.
    pub(crate) about: String,
    /// Arguments; `--format` is added.
    pub(crate) args: Vec<String>,
    /// Exit code.
    pub(crate) exit: i32,
    /// What does not hold yet, although `about` and `exit` promise it.
    #[serde(default)]
    pub(crate) open: Option<String>,
    /// Snapshots that are compared.
    #[serde(default = "usual_formats")]
    pub(crate) formats: Vec<String>,
    /// Commits of a repository made of `tree/`: every step's files are copied from `step-N/`.
    #[serde(default)]
    pub(crate) git: bool,
    /// git commands after the commits, each a list of arguments, run in `tree/`.
    #[serde(default)]
    pub(crate) git_then: Vec<Vec<String>>,
    /// Bytes of the key for keyed fingerprints, as hex; they are written into the file `pepper`.
    #[serde(default)]
    pub(crate) pepper: Option<String>,
    /// Named templates.
    #[serde(default)]
    pub(crate) values: BTreeMap<String, String>,
    /// How many leading characters of a value are public (key ids); without an entry what precedes
    /// the template's first field: the documented prefix.
    #[serde(default)]
    pub(crate) public: BTreeMap<String, usize>,
    /// Files that cannot stand in a repository under their own names, `.gitignore` for one.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    /// Files that are not UTF-8: `utf-16le`, `utf-16be` (both with a mark), `latin-1`.
    #[serde(default)]
    pub(crate) encoding: BTreeMap<String, String>,
}

/// A value that was planted, and where its secret part begins.
pub(crate) struct Planted {
    pub(crate) name: String,
    pub(crate) secret: String,
}

impl Planted {
    /// Name and secret part.
    pub(crate) fn pair(&self) -> (&str, &str) {
        (&self.name, &self.secret)
    }
}

/// The secret parts of named templates.
pub(crate) fn planted(templates: &BTreeMap<String, String>, public: &BTreeMap<String, usize>) -> Vec<Planted> {
    let sample = Sample::parse(&toml::to_string(templates).unwrap()).unwrap();
    let mut all = Vec::new();
    for (name, template) in templates {
        let value = sample.value(name).unwrap();
        let form = template.split_once(": ").map_or(template.as_str(), |(_, form)| form);
        let prefix = public.get(name).copied().unwrap_or_else(|| form.find('{').unwrap_or(form.len()));
        let secret = value.get(prefix..).unwrap_or_default();
        // Of armoured blocks the lines between header and footer.
        let lines = secret.lines().filter(|l| !l.starts_with("-----") && l.len() >= 8);
        all.extend(lines.map(|line| Planted { name: name.clone(), secret: line.to_owned() }));
    }
    all
}

fn usual_formats() -> Vec<String> {
    ["text", "findings", "results"].map(str::to_owned).to_vec()
}

/// Every case, by name.
pub(crate) fn cases() -> Vec<Case> {
    let root = home().join("fixtures/cases");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(&root).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "no cases");
    folders.iter().map(|folder| Case::read(folder)).collect()
}

/// A case in a temporary folder.
pub(crate) struct Laid {
    #[expect(dead_code, reason = "removes the folder when it is dropped")]
    temporary: TempDir,
    place: PathBuf,
}

impl Laid {
    /// The folder that keyward is run in.
    pub(crate) fn place(&self) -> &Path {
        &self.place
    }
}

impl Case {
    fn read(folder: &Path) -> Self {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(folder.join("case.toml")).unwrap_or_else(|e| panic!("{name}: {e}"));
        let case: Self = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}/case.toml: {e}"));
        Self { name, folder: folder.to_owned(), ..case }
    }

    /// Its values, made.
    pub(crate) fn sample(&self) -> Sample {
        let values = toml::to_string(&self.values).unwrap();
        Sample::parse(&values).unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }

    /// The secret parts of its values.
    pub(crate) fn planted(&self) -> Vec<Planted> {
        planted(&self.values, &self.public)
    }

    fn key(&self) -> Option<Vec<u8>> {
        let bytes =
            |hex: &String| (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect();
        self.pepper.as_ref().map(bytes)
    }

    fn peppers(&self) -> Vec<Pepper> {
        self.key().into_iter().map(|key| Pepper::new(key).unwrap()).collect()
    }

    /// Writes everything into a new temporary folder.
    pub(crate) fn lay_out(&self) -> Laid {
        let temporary = tempfile::tempdir().unwrap();
        let place = temporary.path().canonicalize().unwrap();
        self.write_into(&place);
        Laid { temporary, place }
    }

    /// Writes everything into a folder.
    pub(crate) fn write_into(&self, place: &Path) {
        let (sample, peppers) = (self.sample(), self.peppers());
        let put = |name: &str, bytes: Vec<u8>| {
            let target = place.join(name);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            let filled = match String::from_utf8(bytes) {
                Ok(text) => self.encode(name, &sample.fill(&text, &peppers)),
                Err(raw) => raw.into_bytes(),
            };
            fs::write(target, filled).unwrap();
        };
        let copy = |folder: &str, to: &str| {
            let from = self.folder.join(folder);
            for path in files(&from) {
                put(&format!("{to}/{}", path.to_string_lossy()), fs::read(from.join(&path)).unwrap());
            }
        };
        if let Some(key) = self.key() {
            fs::write(place.join("pepper"), key).unwrap();
        }
        for entry in fs::read_dir(&self.folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("expected.") || name == "case.toml" || name.starts_with("step-") {
                continue;
            }
            if path.is_dir() {
                copy(&name, &name);
            } else {
                put(&name, fs::read(&path).unwrap());
            }
        }
        for (name, text) in self.files.iter().filter(|(name, _)| !name.starts_with("step-")) {
            put(name, text.clone().into_bytes());
        }
        if self.git {
            self.commit(&place.join("tree"), &copy);
        }
    }

    /// Makes a repository of what was written, and a commit of every step.
    fn commit(&self, tree: &Path, copy: &dyn Fn(&str, &str)) {
        fs::create_dir_all(tree).unwrap();
        git(tree, 1, &["init", "-q"]);
        git(tree, 1, &["add", "-A"]);
        git(tree, 1, &["commit", "-q", "--allow-empty", "-m", "step 1"]);
        for n in 2.. {
            let step = format!("step-{n}");
            if !self.folder.join(&step).is_dir() {
                break;
            }
            for old in files(tree).iter().filter(|p| !p.starts_with(".git")) {
                fs::remove_file(tree.join(old)).unwrap();
            }
            copy(&step, "tree");
            git(tree, n, &["add", "-A"]);
            git(tree, n, &["commit", "-q", "-m", &format!("step {n}")]);
        }
        let sample = self.sample();
        for args in &self.git_then {
            let filled: Vec<String> = args.iter().map(|a| sample.fill(a, &[])).collect();
            git(tree, 28, &filled.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }

    fn encode(&self, name: &str, text: &str) -> Vec<u8> {
        match self.encoding.get(name).map(String::as_str) {
            None => text.as_bytes().to_vec(),
            Some("utf-16le") => {
                "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
            }
            Some("utf-16be") => {
                "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
            }
            Some("latin-1") => {
                text.chars().map(|c| u8::try_from(u32::from(c)).expect("a character of Latin-1")).collect()
            }
            Some(other) => panic!("{}: no encoding {other}", self.name),
        }
    }
}
