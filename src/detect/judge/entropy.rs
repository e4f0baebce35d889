//! How much chance is in a value.

use super::chosen_by_people;
use crate::detect::candidate::rule::{Form, Rule};

/// Shannon entropy in bits per byte.
pub(crate) fn shannon(value: &[u8]) -> f32 {
    if value.is_empty() {
        return 0.0;
    }
    let mut counts = [0_u32; 256];
    for &b in value {
        counts[usize::from(b)] += 1;
    }
    let n = value.len() as f32;
    counts.iter().filter(|c| **c > 0).map(|&c| c as f32 / n).map(|p| -p * p.log2()).sum()
}

/// Whether `body` reaches the rule's floor; contextual rules have one even if they name none.
pub(super) fn is_enough(rule: &Rule, body: &[u8]) -> bool {
    let default = match rule.form {
        Form::Strong => 1.5,
        Form::Contextual if !chosen_by_people(rule.kind) => floor(body),
        Form::Certain | Form::Contextual => 0.0,
    };
    // A floor is meant for full lengths: a short value cannot have more than log2 of its length.
    let most = (body.len().max(2) as f32).log2() * 0.8;
    shannon(body) >= rule.entropy.unwrap_or(default).min(most)
}

/// What a random value of this length and alphabet has nearly always.
fn floor(body: &[u8]) -> f32 {
    let hex = body.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
    match (hex, body.len()) {
        (true, ..=24) => 2.3,
        (true, _) => 2.7,
        (false, ..=20) => 2.8,
        (false, ..=32) => 3.2,
        (false, _) => 3.5,
    }
}
