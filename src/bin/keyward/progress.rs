//! A bar on a terminal for runs that last.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar};
use keyward::Progress;

/// Nothing is drawn in the first second.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// Shows how far a run has come until it is dropped.
pub(crate) struct Display {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Display {
    /// Starts after a second, and only on a terminal.
    pub(crate) fn start(progress: &Arc<Progress>, quiet: bool) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let draws = !quiet && std::io::stderr().is_terminal();
        let thread = draws.then(|| {
            let (progress, done) = (Arc::clone(progress), Arc::clone(&done));
            std::thread::spawn(move || draw(&progress, &done))
        });
        Self { done, thread }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A display that failed has nothing to say about the scan.
            let _ = thread.join();
        }
    }
}

fn draw(progress: &Progress, done: &AtomicBool) {
    std::thread::park_timeout(PATIENCE);
    let bar = ProgressBar::new_spinner();
    while !done.load(Ordering::Relaxed) {
        let (documents, bytes) = (progress.documents.load(Ordering::Relaxed), progress.bytes.load(Ordering::Relaxed));
        bar.set_message(format!("{} documents, {}", HumanCount(documents), HumanBytes(bytes)));
        bar.tick();
        std::thread::park_timeout(TICK);
    }
    bar.finish_and_clear();
}
