//! Archives in the history: their members are places with a time, as in the tree.

use std::io::Write as _;

use super::repo::{Repo, Tokens};
use super::told::Told;

pub(super) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn members_have_a_place_and_a_time() {
    let tokens = Tokens::new(["JAR", "NESTED", "LOG"]);
    let repo = Repo::new(&[]);
    let write = |path: &str, bytes: &[u8]| std::fs::write(repo.top.join(path), bytes).unwrap();
    let inner = zip(&[("conf/b.env", tokens.file("NESTED").as_bytes())]);
    write(
        "app.jar",
        &zip(&[("a.txt", b"nothing\n"), ("conf/a.env", tokens.file("JAR").as_bytes()), ("n.zip", &inner)]),
    );
    write("old.log.gz", &gzip(tokens.file("LOG").as_bytes()));
    write("dump.bz2", b"BZh91AY&SY made up");
    let added = repo.commit_all();
    write("app.jar", &zip(&[("a.txt", b"nothing\n")]));
    repo.git(&["rm", "-q", "dump.bz2"]);
    let removed = repo.commit_all();

    let cache = repo.beside("cache");
    let cached = ["--cache", cache.to_str().unwrap()];
    let first = repo.told();
    let told = |told: &Told| -> Vec<(String, String, String, String)> {
        let text = |v: &serde_json::Value| v.as_str().unwrap_or("-").to_owned();
        let findings = told.findings();
        let mut all: Vec<_> = findings
            .iter()
            .map(|f| {
                let exposure = &f["primary"]["exposure"];
                let commit = |name: &str| text(&exposure[name]["commit"]);
                (text(&f["check"]), text(&f["primary"]["path"]), commit("introduced"), commit("removed"))
            })
            .collect();
        all.sort();
        all
    };
    let expected = [
        ("KW001", "old.log.gz!old.log", &added, "-"),
        ("KW002", "app.jar!conf/a.env", &added, removed.as_str()),
        ("KW002", "app.jar!n.zip!conf/b.env", &added, removed.as_str()),
    ];
    let expected: Vec<_> = expected.map(|(a, b, c, d)| (a.into(), b.into(), c.clone(), d.into())).into();
    assert_eq!(told(&first), expected);
    assert_eq!(
        first.report["coverage"]["counts"]["archive"], 1,
        "what cannot be opened is counted: {}",
        first.report["coverage"]
    );
    for _ in 0..2 {
        assert_eq!(repo.told_with(&cached).report, first.report, "with a cold and with a warm cache");
    }
    repo.git(&["repack", "-adfq"]);
    assert_eq!(repo.told().report, first.report, "in a pack");
    assert_eq!(repo.told_with(&cached).report, first.report);
}
