//! The whole of a match: formats that run on past the rule's reach are followed to their end.

use crate::detect::Candidate;
use crate::detect::candidate::rule::{Extends, Rule};
use crate::detect::candidate::{Compiled, RuleIndex};
use crate::detect::claims::private_member;
use crate::position::Span;

/// Longest block that is followed, in bytes.
const MAX_BLOCK: usize = 64 << 10;

/// Parts of a match in the document.
pub(crate) struct Matched {
    /// Everything that matched.
    pub(crate) whole: Span,
    /// The value.
    pub(crate) secret: Span,
    /// A public part inside the match.
    pub(crate) public: Option<Span>,
}

/// Matches again, now with the whole document in sight.
pub(crate) fn whole(rule: &Rule, compiled: &Compiled, bytes: &[u8], candidate: Candidate) -> Option<Matched> {
    let (start, end) = (candidate.start as usize, candidate.end as usize);
    // What the watchlist woke has been read already; there is nothing to match.
    if matches!(candidate.rule, RuleIndex(0 | 1)) {
        let span = Span::new(start, end);
        return Some(Matched { whole: span, secret: span, public: None });
    }
    let limit = bytes.len().min(start + MAX_BLOCK);
    let end = match rule.extends {
        Some(Extends::Token) => end + bytes[end..limit].iter().take_while(|b| is_token(**b)).count(),
        _ => end,
    };
    let captures = compiled.pattern.captures(&bytes[start..end])?;
    let group = |n: usize| captures.get(n).map(|m| Span::new(start + m.start(), start + m.end()));
    let mut whole = group(0)?;
    let mut secret = group(compiled.secret)?;
    let public = compiled.public.and_then(group);
    match rule.extends {
        Some(Extends::Token) if secret.end == whole.end && whole.end < end => {
            // The expression bounds its repeats; the token does not.
            whole.end = end;
            secret.end = end;
        }
        Some(Extends::Pem) => {
            let until = pem_end(&bytes[whole.start..limit])?;
            whole.end = whole.start + until;
            secret = whole;
        }
        Some(Extends::Json) => {
            whole = json_object(bytes, whole, limit);
            if rule.claims.as_deref() == Some("jwk") {
                secret = private_member(bytes, whole)?;
            }
        }
        _ => {}
    }
    Some(Matched { whole, secret, public })
}

fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=')
}

/// Length of an armoured block up to the end of its END line.
fn pem_end(block: &[u8]) -> Option<usize> {
    let at = memchr::memmem::find(block, b"---- END ").or_else(|| memchr::memmem::find(block, b"-----END "))?;
    let tail = block.get(at + 9..)?;
    let dashes = memchr::memmem::find(tail.get(..tail.len().min(64))?, b"----")?;
    let end = at + 9 + dashes;
    let end = end + block[end..].iter().take(5).take_while(|b| **b == b'-').count();
    // A block whose body is only a few characters or dots is a drawing of a key.
    let head = 11 + memchr::memmem::find(block.get(11..)?, b"----")?;
    let body = &block[head..at];
    let letters = body.iter().filter(|b| b.is_ascii_alphanumeric()).count();
    let mut seen = [false; 256];
    for b in body {
        seen[usize::from(*b)] = true;
    }
    // Chance never leaves out so many of base64's characters.
    let drawn = seen.iter().filter(|s| **s).count() < 16
        || memchr::memmem::find(body, b"...").is_some()
        || memchr::memmem::find(body, b"xxxxxxxx").is_some()
        || memchr::memchr2(b'{', b'<', body).is_some();
    (letters >= 60 && !drawn).then_some(end)
}

/// The innermost JSON object around `inner`.
fn json_object(bytes: &[u8], inner: Span, limit: usize) -> Span {
    let low = inner.start.saturating_sub(MAX_BLOCK / 4);
    let mut depth = 0_i32;
    let open = (low..inner.start).rev().find(|&i| {
        match bytes[i] {
            b'}' => depth += 1,
            b'{' => depth -= 1,
            _ => {}
        }
        depth < 0
    });
    let Some(open) = open else { return inner };
    depth = 0;
    let close = (open..limit).find(|&i| {
        match bytes[i] {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    close.map_or(inner, |close| Span::new(open, close + 1))
}
