//! Ctrl-C in a long scan of the history: it ends within a second with what was found by then.

use std::io::Read as _;
use std::process::Command;
use std::time::{Duration, Instant};

use super::repo::{AS_OF, Repo, START, Tokens};
use super::told::Told;
use crate::run::{Ran, command};

/// Milliseconds after which Ctrl-C comes, tried in this order until it comes in the midst of the sweep: how long that takes
/// depends on the machine and on optimisation.
const AFTER: [u64; 12] = [40, 80, 120, 180, 260, 350, 450, 600, 800, 1100, 1500, 2500];
/// How long it may take to end. Without optimisation a document takes longer.
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

/// Whether a process still runs, and for how long processors have worked for it, where the system tells: on a machine
/// that others use, a clock on the wall tells of them.
fn processor_time(process: u32) -> Option<(bool, Duration)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some((*fields.first()? != "Z", Duration::from_millis(ticks * 10)))
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
    let (since, worked) = (Instant::now(), processor_time(child.id()));
    // What has ended is still listed until it is waited for.
    while processor_time(child.id()).is_some_and(|(running, _)| running) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let took = processor_time(child.id()).zip(worked).map(|((_, all), (_, before))| all.saturating_sub(before));
    let status = child.wait().unwrap();
    let took = took.unwrap_or_else(|| since.elapsed());
    let mut errors = String::new();
    stderr.read_to_string(&mut errors).unwrap();
    // Without a code it came before the program was ready for it.
    Some((Ran { stdout: read.join().unwrap(), stderr: errors, code: status.code()? }, took))
}

/// Two folders of many paths that take turns in the top tree: a few objects, which are swept at once, and
/// more to compare from commit to commit than any real repository has.
fn alternating(tokens: &Tokens) -> Repo {
    use std::fmt::Write as _;
    let repo = Repo::new(&["--bare"]);
    let mut folders = Vec::new();
    for name in ["KEY", "OTHER"] {
        let blob = repo.blob(tokens.file(name).as_bytes());
        let entries: String = (0..600).map(|n| format!("100644 blob {blob}\tf{n:04}.env\n")).collect();
        folders.push(repo.git_in(&repo.top, &["mktree"], entries.as_bytes()));
    }
    let mut stream = String::new();
    for n in 0..12_000 {
        let _ = write!(stream, "commit refs/heads/main\ncommitter A <a@acme.example> {} +0000\ndata 1\nx\n", START + n);
        let _ = writeln!(stream, "M 040000 {} conf", folders[usize::from(n % 2 == 1)]);
    }
    repo.git_in(&repo.top, &["fast-import", "--quiet"], stream.as_bytes());
    repo
}

#[test]
fn ctrl_c_in_the_passes_after_the_sweep_ends_it_as_fast() {
    let tokens = Tokens::new(["KEY", "OTHER"]);
    let repo = alternating(&tokens);
    let mut placing = 0;
    for after in [300, 800, 1600, 3000, 5000] {
        let Some((ran, took)) = interrupted(&repo, after, "json") else { continue };
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        assert!(took < AT_MOST, "{took:?} at {after} ms");
        let told = Told::parse(&ran);
        assert_eq!((told.report["complete"].as_bool(), told.gap("interrupted")), (Some(false), 1));
        let found = told.findings();
        assert!(found.iter().all(|f| f["primary"]["exposure"].is_null()), "no claim about commits and refs");
        // Every blob and message was scanned: what was left is to place them in time.
        placing += u32::from(scanned(&told) == 12_002 && !found.is_empty());
    }
    assert!(placing > 0, "it was interrupted while it compared trees");
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
    assert!(text.stdout.contains("incomplete:") && text.stdout.contains("the scan was ended early"), "{}", text.stdout);
}

/// A report that nobody reads is not waited for.
#[test]
fn a_second_ctrl_c_ends_at_once() {
    let names: Vec<String> = (0..200).map(|n| format!("KEY{n}")).collect();
    let tokens = Tokens::new(names.iter().map(String::as_str));
    let folder = tempfile::tempdir().unwrap();
    let text: String = names.iter().map(|name| tokens.file(name)).collect();
    std::fs::write(folder.path().join("app.env"), text).unwrap();
    let mut child = command(folder.path()).args(["scan", "--as-of", AS_OF, "--format", "json"]).spawn().unwrap();
    let (process, mut stdout) = (child.id(), child.stdout.take().unwrap());
    let interrupt = || assert!(Command::new("kill").args(["-INT", &process.to_string()]).status().unwrap().success());
    let running = || processor_time(process).is_some_and(|(running, _)| running);
    // Once it writes, the rest does not fit into a pipe.
    stdout.read_exact(&mut [0]).unwrap();
    interrupt();
    std::thread::sleep(Duration::from_millis(500));
    assert!(running(), "it waits for somebody to read the rest");
    interrupt();
    let since = Instant::now();
    while running() && since.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!running(), "it still waits");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
