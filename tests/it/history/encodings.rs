//! However a value is written in a blob, the history has it where the tree had it.

use data_encoding::{BASE64, HEXLOWER};

use super::archives::{gzip, tar, zip};
use super::repo::{AS_OF, Repo, Tokens};
use super::told::Told;
use crate::run::keyward;

type Write = fn(&str) -> Vec<u8>;

/// One file for each way of writing a text that holds a value.
const WAYS: [(&str, Write); 15] = [
    ("plain.env", |v| lines(&format!("KEY={v}")).into()),
    ("base64.yaml", |v| lines(&format!("  key: {}", BASE64.encode(v.as_bytes()))).into()),
    ("twice.yaml", |v| lines(&format!("  key: {}", BASE64.encode(BASE64.encode(v.as_bytes()).as_bytes()))).into()),
    ("hex.yaml", |v| lines(&format!("  secret: {}", HEXLOWER.encode(v.as_bytes()))).into()),
    ("little.txt", |v| [&[0xff, 0xfe], &*utf16(v, u16::to_le_bytes)].concat()),
    ("big.txt", |v| [&[0xfe, 0xff], &*utf16(v, u16::to_be_bytes)].concat()),
    ("unmarked.txt", |v| utf16(v, u16::to_le_bytes)),
    ("marked.txt", |v| [&[0xef, 0xbb, 0xbf], lines(&format!("KEY={v}")).as_bytes()].concat()),
    ("percent.txt", |v| lines(&format!("https://acme.dev/?key={}", v.replacen("_live", "%5Flive", 1))).into()),
    ("unicode.json", |v| lines(&format!("{{\"key\": \"{}\"}}", escaped(v))).into()),
    ("bytes.py", |v| lines(&format!("key = '{}'", v.replacen("_live", "\\x5flive", 1))).into()),
    ("log.gz", |v| gzip(lines(&format!("KEY={v}")).as_bytes())),
    ("app.jar", |v| zip(&[("a.txt", b"nothing\n"), ("conf/a.json", escaped(v).as_bytes())])),
    ("app.tar", |v| tar(&[("little.txt", &[&[0xff, 0xfe], &*utf16(v, u16::to_le_bytes)].concat())])),
    ("app.tgz", |v| gzip(&tar(&[("conf/b.json", lines(&escaped(v)).as_bytes())]))),
];

/// Enough lines around one that versions of a file become deltas of each other.
fn lines(line: &str) -> String {
    let filler = |from: u32| (from..from + 80).map(|n| format!("# setting {n} is {}\n", n * 7919)).collect::<String>();
    format!("{}{line}\n{}", filler(0), filler(80))
}

fn escaped(value: &str) -> String {
    value.replacen("sk_live", "\\u0073k\\u005flive", 1)
}

fn utf16(value: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    lines(&format!("KEY={value}")).encode_utf16().flat_map(unit).collect()
}

#[test]
fn what_the_tree_had_the_history_has() {
    let names: Vec<String> = (0..WAYS.len()).map(|n| format!("KEY{n}")).collect();
    let tokens = Tokens::new(names.iter().map(String::as_str));
    let repo = Repo::new(&[]);
    let write_all = |front: &str, values: bool| {
        for ((path, write), name) in WAYS.iter().zip(&names) {
            let mut bytes = write(if values { tokens.value(name) } else { "none" });
            // Text grows at its beginning, so that what stands behind it moves.
            if bytes.starts_with(b"# ") {
                bytes.splice(0..0, front.bytes());
            } else if bytes.starts_with(b"#\0") {
                bytes.splice(0..0, front.encode_utf16().flat_map(u16::to_le_bytes));
            }
            std::fs::write(repo.top.join(path), bytes).unwrap();
        }
        repo.commit_all()
    };
    write_all("", false);
    let introduced = write_all("# one\n", true);
    let tree = keyward(&repo.top, &["scan", "--format", "json", "--as-of", AS_OF]);
    let tree = Told::parse(&tree);
    assert_eq!(tree.findings().len(), WAYS.len(), "the tree has all of them: {:?}", tree.checks());
    write_all("# one\n# two\n", true);
    repo.git(&["rm", "-q", "-r", "."]);
    let removed = repo.commit_all();
    let told = |args: &[&str]| {
        let told = repo.told_with(args);
        assert_eq!(told.report["complete"], true, "{}", told.report["coverage"]);
        told.report
    };
    let loose = told(&[]);
    let places = repo.told().at(&tokens);
    let has = |(path, name): (&str, &String)| {
        places.iter().any(|((n, p), exposed)| {
            (n, p.split('!').next()) == (name, Some(path))
                && exposed.introduced.as_deref() == Some(&introduced)
                && exposed.removed.as_deref() == Some(&removed)
        })
    };
    let missed: Vec<&str> = WAYS.iter().map(|w| w.0).zip(&names).filter(|w| !has(*w)).map(|w| w.0).collect();
    assert_eq!((missed, places.len()), (Vec::new(), WAYS.len()), "{places:?}");
    let cache = repo.beside("cache");
    let cached = ["--cache", cache.to_str().unwrap()];
    for _ in 0..2 {
        assert_eq!(told(&cached), loose, "with a cold and with a warm cache");
    }
    repo.git(&["repack", "-adfq"]);
    assert_eq!(told(&[]), loose, "in a pack");
    let carried = keyward(&repo.top, &["bench", "carry", "."]);
    assert_eq!(carried.code, 0, "what deltas carry is what the whole has: {}", carried.stdout);
}
