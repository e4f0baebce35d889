//! Bytes handed to expressions and automata, counted: the measure by which the tests hold the search
//! to linear work. Time would depend on the machine.

use std::cell::Cell;

thread_local! {
    static DONE: Cell<u64> = const { Cell::new(0) };
}

/// Counts bytes.
pub(super) fn add(bytes: usize) {
    DONE.with(|done| done.set(done.get() + bytes as u64));
}

fn of(search: impl FnOnce()) -> u64 {
    DONE.with(|done| done.set(0));
    search();
    DONE.with(Cell::get)
}

#[test]
fn hostile_lines_are_linear() {
    use crate::detect::{Detector, RuleSet, Watchlist};
    let detector = Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new());
    for piece in [
        "token=",
        "password=",
        "password: \"",
        "secret_key=0123456789abcdef,",
        "api_key api_key ",
        "://a:",
        "-----BEGIN ",
        "sk_live_",
        "eyJ",
        "machine a login b password ",
        "mysql -p",
        "Authorization: Basic ",
        "a1B2c3D4e5F6g7H8-",
        "aB3",
        "%41\\u0041",
    ] {
        let work = |size: usize| {
            let text = piece.repeat(size / piece.len());
            of(|| {
                let mut candidates = Vec::new();
                detector.candidates(text.as_bytes(), 0..text.len(), &mut candidates);
            })
        };
        let (small, large) = (work(64 << 10), work(256 << 10));
        assert!(
            large <= small * 9 / 2 + (64 << 10),
            "`{piece}`: {small} bytes of work, and {large} on four times as much"
        );
        assert!(large < 2000 * (256 << 10), "`{piece}`: {large} bytes of work");
    }
}
