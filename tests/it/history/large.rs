//! Blobs that are too large to be held are scanned in pieces, in bounded memory.

use std::io::Write as _;

use super::repo::{AS_OF, Repo, Tokens};
use super::told::Told;
use crate::run::{Ran, command};

/// Somewhat more than keyward holds of one object.
const SIZE: usize = 68 << 20;

/// A file of lines with a credential at its beginning, at a seam between two pieces, and at its end.
fn large(tokens: &Tokens) -> Vec<u8> {
    let line = b"the quick brown fox jumps over the lazy dog, again and again and again\n";
    let mut text = tokens.file("FIRST").into_bytes();
    while text.len() + line.len() < 16 << 20 {
        text.extend_from_slice(line);
    }
    text.resize((16 << 20) - 40, b'\n');
    text.extend_from_slice(tokens.file("SEAM").as_bytes());
    while text.len() < SIZE {
        text.extend_from_slice(line);
    }
    text.extend_from_slice(tokens.file("LAST").as_bytes());
    text
}

/// Runs a scan and watches its memory; gives the most that was its own, in MB, where that can be seen.
fn watched(repo: &Repo, args: &[&str]) -> (Ran, Option<u64>) {
    let mut child = command(&repo.top).args(["scan", "--as-of", AS_OF, "--threads", "2"]).args(args).spawn().unwrap();
    drop(child.stdin.take());
    let status = format!("/proc/{}/status", child.id());
    let watcher = std::thread::spawn(move || {
        let mut most = None;
        while let Ok(text) = std::fs::read_to_string(&status) {
            let own =
                text.lines().find_map(|l| l.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
            // A process that has ended has none.
            let Some(own) = own else { break };
            most = most.max(Some(own / 1024));
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        most
    });
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ran =
        Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap_or(-1) };
    (ran, watcher.join().unwrap())
}

#[test]
fn a_large_blob_is_scanned_in_pieces() {
    let tokens = Tokens::new(["FIRST", "SEAM", "LAST"]);
    let repo = Repo::new(&["--bare"]);
    let text = large(&tokens);
    let line_of = |name: &str| {
        let at = memchr::memmem::find(&text, tokens.value(name).as_bytes()).unwrap();
        memchr::memchr_iter(b'\n', &text[..at]).count() as u64 + 1
    };
    let lines = ["FIRST", "SEAM", "LAST"].map(line_of);
    let blob = repo.blob(&text);
    let tree = repo.git_in(&repo.top, &["mktree"], format!("100644 blob {blob}\tdump.sql\n").as_bytes());
    let commit = repo.git(&["commit-tree", &tree, "-m", "dump"]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    for layout in ["loose", "packed"] {
        if layout == "packed" {
            repo.git(&["-c", "core.compression=1", "gc", "-q"]);
        }
        let (ran, most) = watched(&repo, &["--history", "--format", "json"]);
        let told = Told::parse(&ran);
        assert_eq!((told.code, told.report["complete"].as_bool()), (1, Some(true)), "{layout}: {}", told.stderr);
        let at = told.at(&tokens);
        let mut found: Vec<u64> =
            told.findings().iter().map(|f| f["primary"]["location"]["line"].as_u64().unwrap()).collect();
        found.sort_unstable();
        assert_eq!((at.len(), found.as_slice()), (3, lines.as_slice()), "{layout}: each at its line");
        assert!(at.values().all(|e| e.introduced.as_deref() == Some(commit.as_str())), "{layout}");
        assert!(most.is_none_or(|mb| mb < 120), "{layout}: {most:?} MB of {} MB", text.len() >> 20);
    }
    // As a delta of another one it cannot be read in pieces: that is said.
    let mut other = text;
    other.extend_from_slice(b"# one more line\n");
    let other = repo.blob(&other);
    let tree = repo.git_in(&repo.top, &["mktree"], format!("100644 blob {other}\tdump.sql\n").as_bytes());
    let commit = repo.git(&["commit-tree", &tree, "-p", &commit, "-m", "more"]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    repo.git(&["-c", "core.compression=1", "repack", "-adfq"]);
    let (ran, most) = watched(&repo, &["--history", "--format", "json"]);
    let told = Told::parse(&ran);
    assert_eq!((told.code, told.gap("bounded"), told.findings().len()), (1, 1, 3), "{}", told.report["coverage"]);
    let coverage = told.report["coverage"].to_string();
    assert!(
        coverage.contains("larger than the limit and stored as a delta, which is not read in pieces"),
        "{coverage}"
    );
    assert!(most.is_none_or(|mb| mb < 120), "{most:?} MB");
    // What the report says helps.
    let advice = "git -c core.bigFileThreshold=64m repack -adf";
    assert!(coverage.contains(advice), "{coverage}");
    let words: Vec<&str> = advice.split(' ').skip(1).chain(["-q"]).collect();
    repo.git(&[&["-c", "core.compression=1"], &*words].concat());
    let (ran, most) = watched(&repo, &["--history", "--format", "json"]);
    let told = Told::parse(&ran);
    assert_eq!((told.report["complete"].as_bool(), told.gap("bounded")), (Some(true), 0), "{}", told.stderr);
    assert!(most.is_none_or(|mb| mb < 120), "{most:?} MB");
}

/// A stream of zeros that is small as long as nobody holds it.
#[test]
#[ignore = "takes a minute without optimisation"]
fn two_gigabytes_of_zeros_are_read_in_bounded_memory() {
    let tokens = Tokens::new(["LAST"]);
    let repo = Repo::new(&["--bare"]);
    let size = (2_u64 << 30) + tokens.file("LAST").len() as u64;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    write!(encoder, "blob {size}\0").unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..2048 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.write_all(tokens.file("LAST").as_bytes()).unwrap();
    let folder = repo.top.join("objects/ab");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("cd".repeat(19)), encoder.finish().unwrap()).unwrap();
    let (ran, most) = watched(&repo, &["--history", "--format", "json"]);
    let told = Told::parse(&ran);
    assert_eq!((told.code, told.findings().len(), told.gap("bounded")), (1, 1, 0), "{}", told.report["coverage"]);
    assert!(most.is_none_or(|mb| mb < 120), "{most:?} MB");
}
