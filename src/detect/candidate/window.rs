//! Bounded matching: a rule's expression in the few bytes around its anchor.

use super::rule::Rule;
use super::ruleset::Compiled;
use crate::position::Span;

/// Lines before a value in which context words count, its own included.
const CONTEXT_LINES: usize = 3;

/// Bytes before a run that may belong to a contextual value.
const LEAD: usize = 20;

/// Bytes behind a run that may belong to a contextual value.
pub(crate) const BEHIND: usize = 200;

fn is_value_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(b, b'.' | b'~' | b'!' | b'|' | b':' | b'%' | b'_' | b'-' | b'+' | b'/' | b'$' | b'@')
}

/// Matches `rule` at a literal that stands at `at`. Bytes of the whole match.
pub(crate) fn match_at_literal(rule: &Rule, compiled: &Compiled, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let low = at.saturating_sub(usize::from(rule.before));
    let longest = rule.literals.iter().map(|l| l.len()).max().unwrap_or(0);
    let high = (at + longest + usize::from(rule.reach)).min(bytes.len());
    let mut from = low;
    let window = &bytes[low..high];
    if !compiled.opening.fits(window) || compiled.needed.is_some_and(|b| memchr::memchr(b, window).is_none()) {
        return None;
    }
    while from <= at {
        #[cfg(test)]
        super::work::add(high - from);
        let whole = compiled.pattern.find(&bytes[from..high])?;
        let (start, end) = (from + whole.start(), from + whole.end());
        if start > at {
            return None;
        }
        // A match that fills the window is judged with the whole document.
        let cut = end == high && rule.extends.is_some();
        if end > at && !continues_left(bytes, start) && (cut || !continues_right(bytes, end)) {
            return Some((start, end));
        }
        from = start + 1;
    }
    None
}

/// Matches a contextual expression at values that begin inside `run`.
pub(crate) fn match_in_run(compiled: &Compiled, bytes: &[u8], run: Span, mut found: impl FnMut(usize, usize)) {
    // Some values run on past the token bytes: padding, a dot, a tilde.
    let high = (run.end + BEHIND).min(bytes.len());
    let high = memchr::memchr2(b'\n', b'\r', &bytes[run.end..high]).map_or(high, |n| run.end + n);
    // Others begin a little before them: `s.`, `7~`, an id and a colon.
    let ahead = bytes[..run.start].iter().rev().take(LEAD).take_while(|b| is_value_byte(**b)).count();
    let mut from = run.start - ahead;
    while from < run.end {
        #[cfg(test)]
        super::work::add(high - from);
        let Some(whole) = compiled.pattern.find(&bytes[from..high]) else { return };
        let (start, end) = (from + whole.start(), from + whole.end());
        if start >= run.end {
            return;
        }
        if end <= run.start {
            from = start + 1;
            continue;
        }
        if continues_left(bytes, start) || continues_right(bytes, end) {
            // Not here; perhaps at the next boundary of the run.
            let next = bytes[start..run.end].iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_');
            from = next.map_or(run.end, |n| start + n + 1);
        } else {
            found(start, end);
            from = end.max(from + 1);
        }
    }
}

/// Whether the byte before `at` belongs to the token that starts there. The last letter of an
/// escape (`\n`, `\x3d`, `\u003d`, `%3D`) does not.
pub(crate) fn continues_left(bytes: &[u8], at: usize) -> bool {
    let begins = bytes.get(at).is_none_or(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'/' | b'='));
    begins && at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_') && !ends_escape(bytes, at)
}

/// Whether the byte at `at` belongs to the token that ends there. Behind a sign (`@`, `;`, a quote)
/// none does.
pub(crate) fn continues_right(bytes: &[u8], at: usize) -> bool {
    let ended = at > 0
        && !(bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'_' | b'=' | b'+' | b'/' | b'-' | b'.'));
    !ended && bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

fn ends_escape(bytes: &[u8], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).map(|i| bytes[i]);
    let hex = |n: usize| (1..=n).all(|i| before(i).is_some_and(|b| b.is_ascii_hexdigit()));
    (before(2) == Some(b'\\') && matches!(bytes[at - 1], b'n' | b't' | b'r' | b'b' | b'f' | b'v' | b'0'))
        || (before(3) == Some(b'%') && hex(2))
        || (before(4) == Some(b'\\') && before(3) == Some(b'x') && hex(2))
        || (before(6) == Some(b'\\') && before(5) == Some(b'u') && hex(4))
}

/// How many bytes at the start of a run belong to an escape that begins before it.
pub(crate) fn escape_len(bytes: &[u8], run_start: usize) -> usize {
    let Some(lead) = run_start.checked_sub(1).map(|i| bytes[i]) else { return 0 };
    let tail = match (lead, bytes[run_start]) {
        (b'\\', b'n' | b't' | b'r' | b'b' | b'f' | b'v' | b'0') => 1,
        (b'\\', b'x') => 3,
        (b'\\', b'u') => 5,
        (b'%', _) => 2,
        _ => return 0,
    };
    if ends_escape(bytes, (run_start + tail).min(bytes.len())) { tail } else { 0 }
}

/// Where the context of a value at `at` begins: at most `max` bytes and three lines before it.
pub(crate) fn lines_before(bytes: &[u8], at: usize, max: usize) -> usize {
    let low = at.saturating_sub(max);
    memchr::memrchr_iter(b'\n', &bytes[low..at]).nth(CONTEXT_LINES - 1).map_or(low, |n| low + n + 1)
}

/// Whether one of the rule's words stands near `value`.
pub(crate) fn has_context(rule: &Rule, bytes: &[u8], value: Span) -> bool {
    let before = lines_before(bytes, value.start, usize::from(rule.context_before));
    let after = (value.end + usize::from(rule.context_after)).min(bytes.len());
    // The value's own bytes count as well: a host or a label may be part of the match.
    let text = bytes[before..after].to_ascii_lowercase();
    rule.context.iter().any(|word| {
        memchr::memmem::find_iter(&text, word.as_bytes())
            .any(|at| is_word(bytes, Span::new(before + at, before + at + word.len())))
    })
}

/// Short words must stand alone, be it by case (`myNeonKey`); longer ones may be part of anything.
pub(crate) fn is_word(bytes: &[u8], word: Span) -> bool {
    if word.len() > 4 || word.is_empty() {
        return true;
    }
    let runs_on = |a: Option<&u8>, b: Option<&u8>| match (a, b) {
        (Some(a), Some(b)) => {
            a.is_ascii_alphanumeric()
                && b.is_ascii_alphanumeric()
                && !(a.is_ascii_lowercase() && b.is_ascii_uppercase())
        }
        _ => false,
    };
    !runs_on(word.start.checked_sub(1).and_then(|i| bytes.get(i)), bytes.get(word.start))
        && !runs_on(bytes.get(word.end - 1), bytes.get(word.end))
}
