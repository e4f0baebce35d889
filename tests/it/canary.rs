//! Invariant 1: no value leaves. No piece of eight characters of the secret part of any planted
//! value stands in anything that keyward prints or writes: every format, every level of disclosure,
//! standard error, every file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

use crate::planted::{self, Planted};
use crate::run::{Ran, files, home, keyward};

/// Length of a piece that counts.
const PIECE: usize = 8;
/// Every format that a report has.
pub(crate) const FORMATS: &[&str] =
    &["text", "json", "jsonl", "sarif", "markdown", "html", "csv", "gitlab", "junit", "github"];

/// Looks for pieces of values.
pub(crate) struct Canary {
    pieces: AhoCorasick,
    /// Name of the value and what was done to it, by the number of the piece.
    names: Vec<String>,
}

impl Canary {
    /// Secret parts, with the names of their values.
    pub(crate) fn new<'v>(secrets: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        let (mut pieces, mut names) = (Vec::new(), Vec::new());
        for (name, secret) in secrets {
            assert!(secret.len() >= PIECE, "{name}: too short to be looked for");
            let mut put = |form: &str, bytes: &[u8], length: usize| {
                for piece in bytes.windows(length) {
                    pieces.push(piece.to_vec());
                    names.push(format!("{name}{form}"));
                }
            };
            put("", secret.as_bytes(), PIECE);
            let reversed: Vec<u8> = secret.bytes().rev().collect();
            put(" reversed", &reversed, PIECE);
            let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
            put(" as UTF-16", &utf16, 2 * PIECE);
            put(" as hex", data_encoding::HEXLOWER.encode(secret.as_bytes()).as_bytes(), 2 * PIECE);
            put(
                " as numbers",
                secret.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(",").as_bytes(),
                3 * PIECE,
            );
            for shift in 0..3 {
                // The characters at both ends depend on what stands beside the value.
                let encoded = data_encoding::BASE64_NOPAD.encode(&secret.as_bytes()[shift..]);
                put(" as base64", &encoded.as_bytes()[..encoded.len() - 2], 12);
            }
        }
        Self { pieces: AhoCorasick::new(&pieces).unwrap(), names }
    }

    /// What of the values stands in some bytes, with the place.
    pub(crate) fn find(&self, what: &str, bytes: &[u8]) -> Vec<String> {
        let found = self.pieces.find_iter(bytes).map(|hit| {
            let line = memchr::memchr_iter(b'\n', &bytes[..hit.start()]).count() + 1;
            // A test's output is an output too: the place is told, not the piece.
            format!("{what}, line {line}: a piece of {}", self.names[hit.pattern().as_usize()])
        });
        found.collect::<BTreeSet<_>>().into_iter().take(3).collect()
    }

    /// The same for a run.
    pub(crate) fn find_in(&self, what: &str, ran: &Ran) -> Vec<String> {
        let mut found = self.find(&format!("{what}: standard output"), ran.stdout.as_bytes());
        found.extend(self.find(&format!("{what}: standard error"), ran.stderr.as_bytes()));
        found
    }

    /// The same for every file below a folder that was not there before.
    pub(crate) fn find_below(&self, what: &str, folder: &Path, before: &BTreeSet<PathBuf>) -> Vec<String> {
        let new = files(folder).into_iter().filter(|path| !before.contains(path));
        new.flat_map(|path| {
            let name = path.to_string_lossy().into_owned();
            let mut found = self.find(&format!("{what}: the name of a file"), name.as_bytes());
            found.extend(self.find(&format!("{what}: {name}"), &fs::read(folder.join(path)).unwrap()));
            found
        })
        .collect()
    }
}

/// The arguments that write every format into `out/`.
pub(crate) fn every_format() -> Vec<String> {
    FORMATS.iter().flat_map(|f| ["--output".to_owned(), format!("{f}=out/{f}")]).collect()
}

/// Every file below a folder.
pub(crate) fn listing(folder: &Path) -> BTreeSet<PathBuf> {
    files(folder).into_iter().collect()
}

#[test]
fn no_case_shows_a_piece_of_a_value() {
    let cases = planted::cases();
    let found: Vec<String> = cases
        .par_iter()
        .flat_map_iter(|case| {
            let canary = Canary::new(case.planted().iter().map(Planted::pair));
            let laid = case.lay_out();
            let place = laid.place();
            let before = listing(place);
            fs::create_dir(place.join("out")).unwrap();
            let mut found = Vec::new();
            for disclose in ["full", "ids", "none"] {
                let mut args = case.args.clone();
                args.extend(every_format());
                args.extend(
                    ["--disclose", disclose, "--color", "always", "--sarif-include-suppressed"].map(str::to_owned),
                );
                let what = format!("{} --disclose {disclose}", case.name);
                let ran = keyward(place, &args);
                assert!(matches!(ran.code, 0..=3), "{what}: {}", ran.stderr);
                found.extend(canary.find_in(&what, &ran));
                found.extend(canary.find_below(&what, place, &before));
            }
            let paths = case.args[1..].iter().take_while(|a| !a.starts_with("--"));
            let args: Vec<&str> =
                ["observe", "--output", "jsonl=out/observed"].into_iter().chain(paths.map(String::as_str)).collect();
            let ran = keyward(place, &args);
            assert!(matches!(ran.code, 0 | 3), "{}: observe: {}", case.name, ran.stderr);
            found.extend(canary.find_in(&format!("{}: observe", case.name), &ran));
            found.extend(canary.find_below(&format!("{}: observe", case.name), place, &before));
            found
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_demo_shows_no_piece_of_a_value() {
    let text = fs::read_to_string(home().join("fixtures/demo/values.toml")).unwrap();
    // SendGrid's key id; the account that a publishable key names.
    let public = [("SENDGRID", 26), ("STRIPE_PUBLISHABLE", 25)].map(|(n, k)| (n.to_owned(), k)).into();
    let values = planted::planted(&toml::from_str(&text).unwrap(), &public);
    let canary = Canary::new(values.iter().map(Planted::pair));
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["demo", "--into", "sample"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut found = canary.find_in("demo", &ran);
    let made = |path: &PathBuf| path.starts_with("sample/orders") || path.ends_with("inventory.yaml");
    let sample: BTreeSet<PathBuf> = listing(folder.path()).into_iter().filter(made).collect();
    found.extend(canary.find_below("demo", folder.path(), &sample));
    fs::create_dir(folder.path().join("out")).unwrap();
    for disclose in ["full", "ids", "none"] {
        let mut args = [
            "scan", "sample/orders", "--history", "--as-of", "2026-11-22", "--inventory", "sample/inventory.yaml",
            "--disclose", disclose,
        ]
        .map(str::to_owned)
        .to_vec();
        args.extend(every_format());
        let ran = keyward(folder.path(), &args);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        found.extend(canary.find_in(disclose, &ran));
        found.extend(canary.find_below(disclose, folder.path(), &sample));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_canary_sings() {
    let canary = Canary::new([("A", "k3Jq9ZpLw81xT")]);
    for text in ["..k3Jq9ZpL..", "..9ZpLw81x..", "..18wLpZ9qJ..", "6b334a71395a704c7738"] {
        assert_eq!(canary.find("text", text.as_bytes()).len(), 1, "{text}");
    }
    let wrapped = data_encoding::BASE64.encode(b"user:k3Jq9ZpLw81xT");
    assert!(!canary.find("text", wrapped.as_bytes()).is_empty());
    assert!(canary.find("text", b"..k3Jq9Zp.. k3Jq9Zp").is_empty());
}
