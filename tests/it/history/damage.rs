//! Bad input in real repositories: what is damaged, missing or lying is in the coverage with what
//! cannot be concluded from it; what is intact is found all the same; nothing panics.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::repo::{Repo, Tokens, scan_in};
use super::told::Told;

const INTACT: &str = "INTACT";

/// A packed history of one file that holds a credential, and another one that does not.
fn packed(tokens: &Tokens) -> Repo {
    let repo = Repo::new(&[]);
    let filler: String = (0..400).map(|n| format!("setting_{n} = {}\n", n * 7919)).collect();
    for n in 0..6 {
        repo.commit("app.txt", &format!("{filler}# version {n}\n"));
    }
    repo.git(&["repack", "-adfq"]);
    // In a loose object, which damage to packs does not touch.
    repo.commit("app.env", &tokens.file(INTACT));
    repo
}

fn pack_file(repo: &Repo, extension: &str) -> PathBuf {
    let all = fs::read_dir(repo.top.join(".git/objects/pack")).unwrap().map(|e| e.unwrap().path());
    all.into_iter().find(|p| p.extension().is_some_and(|x| x == extension)).unwrap()
}

fn loose_file(repo: &Repo, id: &str) -> PathBuf {
    repo.top.join(".git/objects").join(&id[..2]).join(&id[2..])
}

fn overwrite(path: &Path, bytes: &[u8]) {
    let _ = fs::remove_file(path); // git makes them read-only
    fs::write(path, bytes).unwrap();
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A gap of this kind; what is intact is found; the run says that it is incomplete.
fn gap(told: &Told, reason: &str, what: &str) {
    assert!(told.gap(reason) > 0, "{what}: {}", told.report["coverage"]);
    assert_eq!(told.report["complete"], false, "{what}");
    assert!(told.checks().contains(&"KW001 app.env".to_owned()), "{what}: {:?}", told.checks());
    assert_eq!(told.code, 1, "{what}: a finding outranks a gap");
    assert_eq!(told.gap("internal-error"), 0, "{what}");
    assert_eq!(told.stderr, "", "{what}");
}

#[test]
fn damaged_packs_are_gaps() {
    let tokens = Tokens::new([INTACT]);
    let repo = packed(&tokens);
    assert_eq!(repo.told().report["complete"], true, "sound so far");
    let (pack, idx) = (pack_file(&repo, "pack"), pack_file(&repo, "idx"));
    let (sound, index) = (fs::read(&pack).unwrap(), fs::read(&idx).unwrap());
    let mut noise = sound.clone();
    let middle = noise.len() / 3..noise.len() * 2 / 3;
    noise[middle].fill(0x5a);
    for (what, bytes) in [
        ("cut", &sound[..sound.len() / 2]),
        ("noise in the middle", &noise),
        ("empty", b""),
        ("no header", &sound[12..]),
    ] {
        overwrite(&pack, bytes);
        gap(&repo.told(), "corrupt-object", what);
    }
    overwrite(&pack, &sound);
    for (what, bytes) in [("cut index", &index[..index.len() / 2]), ("an index of noise", b"\xfftOc and noise")] {
        overwrite(&idx, bytes);
        gap(&repo.told(), "corrupt-object", what);
    }
    fs::remove_file(&idx).unwrap();
    gap(&repo.told(), "corrupt-object", "no index");
    assert_eq!(repo.scan(&["--history", "--require-complete"]).code, 3, "with --require-complete a gap comes first");
}

#[test]
fn loose_objects_that_are_cut_or_lie_are_gaps() {
    let tokens = Tokens::new([INTACT]);
    let repo = Repo::new(&[]);
    repo.commit("app.env", &tokens.file(INTACT));
    let id = repo.blob("# something\n".repeat(500).as_bytes());
    let file = loose_file(&repo, &id);
    let sound = fs::read(&file).unwrap();
    for (what, bytes) in [
        ("cut", sound[..sound.len() / 2].to_vec()),
        ("empty", Vec::new()),
        ("not compressed", b"blob 3\0abc".to_vec()),
        ("a terabyte, it says", zlib(b"blob 1099511627776\0a little less")),
        ("more than any machine has", zlib(b"blob 18446744073709551615\0")),
        ("longer than it says", zlib(b"blob 4\0longer than that")),
        ("no kind", zlib(b"blub 4\0oops")),
        ("a tree of noise", zlib(b"tree 6\0noise!")),
        ("a commit of noise", zlib(b"commit 5\0noise")),
    ] {
        overwrite(&file, &bytes);
        let told = repo.told();
        gap(&told, "corrupt-object", what);
        assert!(told.details("corrupt-object")[0].starts_with(&id), "{what}: the object is named");
    }
}

#[test]
fn deltas_in_a_circle_are_gaps() {
    // Two entries that name each other as their base.
    let tokens = Tokens::new([INTACT]);
    let repo = Repo::new(&[]);
    repo.commit("app.env", &tokens.file(INTACT));
    let ids = [[0x11_u8; 20], [0x22; 20]];
    let mut pack = b"PACK\0\0\0\x02\0\0\0\x02".to_vec();
    let mut offsets = Vec::new();
    for other in [ids[1], ids[0]] {
        offsets.push(u32::try_from(pack.len()).unwrap());
        pack.push(0x70 | 3);
        pack.extend(other);
        pack.extend(zlib(&[0, 1, 1]));
    }
    pack.extend([0; 20]);
    let mut idx = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..256_u32 {
        idx.extend((u32::from(first >= 0x11) + u32::from(first >= 0x22)).to_be_bytes());
    }
    idx.extend(ids.concat());
    idx.extend([0; 8]);
    idx.extend(offsets.iter().flat_map(|o| o.to_be_bytes()));
    idx.extend([0; 40]);
    let folder = repo.top.join(".git/objects/pack");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("pack-circle.pack"), pack).unwrap();
    fs::write(folder.join("pack-circle.idx"), idx).unwrap();
    let told = repo.told();
    gap(&told, "corrupt-object", "a circle");
    assert_eq!(told.gap("corrupt-object"), 2);
}

#[test]
fn long_chains_of_deltas_are_read() {
    let tokens = Tokens::new([INTACT, "DEEP"]);
    let repo = Repo::new(&[]);
    let filler: String = (0..60).map(|n| format!("setting_{n} = {}\n", n * 7919)).collect();
    let mut stream = String::new();
    for n in 0..600 {
        let mut text = format!("{filler}# version {n}\n");
        if n == 599 {
            text += &tokens.file("DEEP");
        }
        stream += &format!("commit refs/heads/main\ncommitter A <a@acme.example> {} +0000\n", 1_748_736_000 + n * 60);
        stream += &format!("data 1\nx\nM 100644 inline a.txt\ndata {}\n{text}\n", text.len());
    }
    repo.git_in(&repo.top, &["fast-import", "--quiet"], stream.as_bytes());
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["repack", "-adfq", "--depth=4000", "--window=10"]);
    repo.git(&["rm", "-q", "a.txt"]);
    repo.commit("app.env", &tokens.file(INTACT));
    let told = repo.told();
    assert_eq!(
        (told.report["complete"].as_bool(), told.checks()),
        (Some(true), vec!["KW001 app.env".into(), "KW002 a.txt".into()])
    );
}

#[test]
fn hostile_names_stay_names() {
    let tokens = Tokens::new([INTACT]);
    let repo = Repo::new(&[]);
    let blob = repo.blob(tokens.file(INTACT).as_bytes());
    let mut tree = Vec::new();
    for name in [&b".."[..], b".git", b"a\nb", b"\x1b[31mred", b"caf\xe9.env", b"back\\slash", b"a//b"] {
        tree.extend(b"100644 ");
        tree.extend(name);
        tree.push(0);
        tree.extend((0..40).step_by(2).map(|i| u8::from_str_radix(&blob[i..i + 2], 16).unwrap()));
    }
    let tree = repo.git_in(&repo.top, &["hash-object", "-w", "-t", "tree", "--stdin", "--literally"], &tree);
    let commit = repo.git(&["commit-tree", &tree, "-m", "hostile"]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    let told = repo.told();
    assert_eq!(told.findings().iter().filter(|f| f["check"] == "KW002").count(), 7, "{:?}", told.checks());
    for format in ["text", "markdown", "csv", "github", "sarif", "html", "gitlab"] {
        let ran = repo.scan(&["--history", "--format", format]);
        assert_eq!(ran.code, 1, "{format}: {}", ran.stderr);
        assert!(!ran.stdout.contains('\u{1b}'), "{format}: a terminal escape got through");
        assert!(!ran.stdout.contains("\"uri\": \"..") && !ran.stdout.contains("\"uri\": \"/"), "{format}: a way out");
    }
}

#[test]
fn clones_that_leave_out_objects_say_so() {
    let tokens = Tokens::new([INTACT, "OLD"]);
    let repo = Repo::new(&[]);
    repo.commit("old.env", &tokens.file("OLD"));
    repo.git(&["rm", "-q", "old.env"]);
    repo.commit("app.env", &tokens.file(INTACT));
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.top.display());
    let clone = |name: &str, args: &[&str]| {
        let folder = repo.beside(name);
        let place = folder.to_string_lossy().into_owned();
        repo.git(&[&["clone", "-q"], args, &[&url, &place]].concat());
        Told::parse(&scan_in(&folder, &["--history", "--format", "json"]))
    };
    let whole = clone("whole", &[]);
    assert_eq!((whole.report["complete"].as_bool(), whole.checks().len()), (Some(true), 2));
    let shallow = clone("shallow", &["--depth=1"]);
    gap(&shallow, "shallow", "a shallow clone");
    assert!(shallow.details("shallow")[0].contains("not later than"), "{:?}", shallow.details("shallow"));
    let blobless = clone("blobless", &["--filter=blob:none"]);
    gap(&blobless, "partial-clone", "a clone without blobs");
    let treeless = clone("treeless", &["--filter=tree:0"]);
    gap(&treeless, "partial-clone", "a clone without trees");
    let bare = clone("blobless.git", &["--filter=blob:none", "--bare"]);
    assert_eq!((bare.code, bare.gap("partial-clone")), (3, 1), "nothing was found, and nothing can be concluded");
    // Nothing promised it, and it is gone.
    let tree = repo.git(&["rev-parse", "HEAD~1^{tree}"]);
    fs::remove_file(loose_file(&repo, &tree)).unwrap();
    let told = repo.told();
    gap(&told, "missing-object", "a missing tree");
    assert!(
        told.details("missing-object").iter().any(|d| d.starts_with(&tree)),
        "{:?}",
        told.details("missing-object")
    );
}

#[test]
fn what_stands_elsewhere_and_what_cannot_be_read_is_a_gap() {
    let tokens = Tokens::new([INTACT]);
    let repo = Repo::new(&[]);
    repo.commit("app.env", &tokens.file(INTACT));
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n";
    repo.commit("model.bin", pointer);
    repo.git(&["rm", "-q", "model.bin"]);
    repo.commit_all();
    gap(&repo.told(), "lfs-pointer", "a git-lfs pointer of the past");
    let alternates = repo.top.join(".git/objects/info/alternates");
    fs::write(&alternates, "/nonexistent/objects\n").unwrap();
    gap(&repo.told(), "missing-object", "an alternate that is not there");
    fs::remove_file(&alternates).unwrap();

    let reftable = Repo::new(&["--ref-format=reftable"]);
    reftable.commit("app.env", &tokens.file(INTACT));
    let told = reftable.told();
    gap(&told, "refs-unreadable", "a reftable");
    let sha256 = Repo::new(&["--object-format=sha256"]);
    let first = sha256.commit("app.env", &tokens.file(INTACT));
    sha256.git(&["gc", "-q"]);
    let told = sha256.told();
    assert_eq!((told.report["complete"].as_bool(), told.checks()), (Some(true), vec!["KW001 app.env".to_owned()]));
    let at = told.at(&tokens);
    assert_eq!(at[&(INTACT.to_owned(), "app.env".to_owned())].introduced, Some(first.clone()));
    assert_eq!(first.len(), 64);
}
