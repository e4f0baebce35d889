//! Values in texts that are no documents: names of files and branches, records, messages.
//!
//! Only values whose form is their own can be told there: a name of forty characters may be a hash.
//! What stands in for a value is the same for the same value, so that masked names stay apart.

use super::candidate::{RuleSet, Watchlist};
use super::{Detector, Form, Visibility};
use crate::secret::Secret;
use crate::source::{Document, Origin, Place, RepoPath};

/// A text without its values, and the values.
pub(crate) struct Masked {
    pub(crate) text: Vec<u8>,
    pub(crate) secrets: Vec<Secret>,
}

/// Shorter texts hold no value of a form of its own.
const SHORTEST: usize = 16;

impl Detector {
    /// The built-in rules alone.
    pub(crate) fn builtin() -> Self {
        Self::new(RuleSet::builtin(), Watchlist::new(), Vec::new())
    }

    /// `text` with its values masked; `None` where it holds none.
    pub(crate) fn mask(&self, text: &[u8]) -> Option<Masked> {
        if text.len() < SHORTEST {
            return None;
        }
        let mut candidates = Vec::new();
        self.candidates(text, 0..text.len(), &mut candidates);
        if candidates.is_empty() {
            return None;
        }
        let origin = Origin { place: Place::Stdin, path: RepoPath::new(Vec::new()) };
        let judged = self.judge(&Document::new(&origin, text), &candidates);
        let (mut out, mut secrets, mut at) = (Vec::with_capacity(text.len()), Vec::new(), 0);
        for detection in judged.detections {
            let secret = self.rules().get(detection.rule).visibility == Visibility::Secret;
            if !secret || detection.form == Form::Contextual || detection.span.start < at {
                continue;
            }
            out.extend_from_slice(&text[at..detection.span.start]);
            out.extend_from_slice(b"****");
            if let Some(id) = detection.secret.id() {
                out.extend_from_slice(&id.to_string().as_bytes()[..8]);
            }
            at = detection.span.end;
            secrets.push(detection.secret);
        }
        out.extend_from_slice(&text[at..]);
        (!secrets.is_empty()).then_some(Masked { text: out, secrets })
    }

    /// The same in place.
    pub(crate) fn mask_in(&self, text: &mut String) {
        if let Some(masked) = self.mask(text.as_bytes()) {
            *text = String::from_utf8_lossy(&masked.text).into_owned();
        }
    }
}

/// A message as it may be printed: without the values that built-in rules know.
pub fn without_values(message: &str) -> String {
    let mut message = message.to_owned();
    Detector::builtin().mask_in(&mut message);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::template::expand;

    #[test]
    fn names_lose_their_values_and_stay_apart() {
        let detector = Detector::builtin();
        let value = |seed| expand("sk_live_51{base62:97}", seed, None).unwrap();
        let name = |seed| detector.mask(format!("config/{}.env", value(seed)).as_bytes()).unwrap();
        let (one, other) = (name(1), name(2));
        let text = String::from_utf8(one.text.clone()).unwrap();
        assert!(text.starts_with("config/****") && text.strip_suffix(".env").is_some() && text.len() < 30, "{text}");
        assert_ne!(one.text, other.text);
        assert_eq!(one.text, name(1).text);
        assert!(detector.mask(b"assets/0f343b0931126a20f133d67c2b018a3b.js").is_none());
        assert!(detector.mask(b"db/migrations/20240101120000_create_users.sql").is_none());
    }
}
