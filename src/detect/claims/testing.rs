//! Decoders on values alone.

use super::{Claims, Input};
use crate::detect::judge::Matched;
use crate::position::Span;

/// Decodes a document that is the value and nothing else.
pub(super) fn decode_value(decoder: fn(&Input<'_>) -> Claims, value: &str) -> Claims {
    let bytes = value.as_bytes();
    let span = Span::new(0, bytes.len());
    let matched = Matched { whole: span, secret: span, public: None };
    decoder(&Input { value: bytes, bytes, matched: &matched })
}
