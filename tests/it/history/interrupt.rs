//! Ctrl-C in a long scan of the history: it ends within a second with what was found by then.

use std::io::Read as _;
use std::process::Command;
use std::time::{Duration, Instant};

use super::repo::{AS_OF, Repo, Tokens};
use super::told::Told;
use crate::run::{Ran, command};

/// Milliseconds after which Ctrl-C comes, tried in this order until it comes in the midst of the sweep: how long that takes
/// depends on the machine and on optimisation.
const AFTER: [u64; 12] = [40, 80, 120, 180, 260, 350, 450, 600, 800, 1100, 1500, 2500];
/// How long it may take to end. Without optimisation, and on processors shared with other tests, a
/// document takes longer.
const AT_MOST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 3 } else { 1 });

/// Blobs that share nothing with each other, so that every byte has to be scanned.
fn large(tokens: &Tokens) -> Repo {
    use std::fmt::Write as _;
    let repo = Repo::new(&["--bare"]);
    let mut stream = String::from("commit refs/heads/main\ncommitter A <a@acme.example> 1748736000 +0000\ndata 1\nx\n");
    let mut state = 0x1234_5678_9abc_def1_u64;
    for n in 0..200 {
        let mut text = tokens.file("KEY");
        while text.len() < 400_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let _ = writeln!(text, "line {} of {} has {:x}", state >> 40, state >> 50, state & 0xffff_ffff);
        }
        let _ = write!(stream, "M 100644 inline f{n}.env\ndata {}\n{text}\n", text.len());
    }
    repo.git_in(&repo.top, &["fast-import", "--quiet"], stream.as_bytes());
    repo
}

/// Starts a scan, interrupts it after a while, and gives what it wrote and how long it took to end; `None`
/// if it had ended by itself, or had hardly begun.
fn interrupted(repo: &Repo, after: u64, format: &str) -> Option<(Ran, Duration)> {
    let mut child = command(&repo.top)
        .args(["scan", "--history", "--as-of", AS_OF, "--threads", "2", "--format", format])
        .spawn()
        .unwrap();
    drop(child.stdin.take());
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).unwrap();
        text
    });
    std::thread::sleep(Duration::from_millis(after));
    if child.try_wait().unwrap().is_some() {
        return None;
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let since = Instant::now();
    let status = child.wait().unwrap();
    let took = since.elapsed();
    let mut errors = String::new();
    stderr.read_to_string(&mut errors).unwrap();
    // Without a code it came before the program was ready for it.
    Some((Ran { stdout: read.join().unwrap(), stderr: errors, code: status.code()? }, took))
}

fn scanned(told: &Told) -> u64 {
    told.report["coverage"]["documents"].as_u64().unwrap()
}

#[test]
fn ctrl_c_ends_it_within_a_second_with_a_partial_report() {
    let tokens = Tokens::new(["KEY"]);
    let repo = large(&tokens);
    let in_the_midst = AFTER.iter().find_map(|after| {
        let (ran, took) = interrupted(&repo, *after, "json")?;
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        assert!(took < AT_MOST, "{took:?}");
        let told = Told::parse(&ran);
        (1..=200).contains(&scanned(&told)).then_some((told, *after))
    });
    let (told, after) = in_the_midst.expect("a part was scanned at one of the times");
    assert_eq!(told.report["complete"], false);
    assert_eq!(told.gap("interrupted"), 1);
    assert!(told.report["summary"]["verdict"].as_str().unwrap().contains("the scan was ended early"));
    // What was found is told; when and where it was exposed is not known, and nothing is claimed.
    let found = told.findings();
    assert!(!found.is_empty() && found.iter().all(|f| f["check"] == "KW002"), "{:?}", told.checks());
    assert!(found.iter().all(|f| f["primary"]["exposure"].is_null()), "no claim about refs");
    assert_eq!(told.gap("missing-object") + told.gap("corrupt-object"), 0, "nothing is said to be missing");

    let mut times = AFTER.iter().filter(|time| **time >= after);
    let (text, _) = times.find_map(|time| interrupted(&repo, *time, "text")).expect("it takes as long");
    assert_eq!(text.code, 130);
    assert!(text.stdout.contains("incomplete: the scan was ended early"), "{}", text.stdout);
}
