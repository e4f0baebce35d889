//! Several rules on the same bytes: the one that says most is kept.

use std::cmp::Reverse;

use super::Rejection;
use crate::detect::candidate::rule::{Form, Kind, Visibility};
use crate::detect::candidate::{WATCHED_ANCHOR, WATCHED_DIGEST};
use crate::detect::{Detection, Judged, Rejected, RuleSet};

/// Keeps, of detections whose values overlap, the best; the others become rejections. The result
/// is sorted by place.
pub(super) fn resolve(rules: &RuleSet, judged: &mut Judged) {
    let detections = &mut judged.detections;
    detections.sort_by_key(|d| (d.span.start, Reverse(d.span.end), d.rule));
    let mut kept: Vec<Detection> = Vec::with_capacity(detections.len());
    for mut detection in detections.drain(..) {
        let Some(last) = kept.last_mut().filter(|last| last.span.overlaps(detection.span)) else {
            kept.push(detection);
            continue;
        };
        let better = match tells_more(rules, &detection, last) {
            Some(more) => more,
            None => rank(rules, &detection) < rank(rules, last),
        };
        if better {
            std::mem::swap(last, &mut detection);
        }
        // What the loser knew and the winner does not: the inventory's digest, a key id.
        if detection.span == last.span {
            last.watched = last.watched.take().or(detection.watched.take());
            last.key_id = last.key_id.take().or(detection.key_id.take());
            last.form = last.form.min(detection.form);
        }
        judged.rejected.push(Rejected { rule: detection.rule, span: detection.span, why: Rejection::Covered });
    }
    *detections = kept;
}

/// Of two rules on one value, of which one only knows that the inventory lists it: whether `a` is the
/// one that also knows what it is.
fn tells_more(rules: &RuleSet, a: &Detection, b: &Detection) -> Option<bool> {
    let listed = |d: &Detection| d.rule == WATCHED_DIGEST;
    let formed = |d: &Detection| {
        let rule = rules.get(d.rule);
        !listed(d) && d.rule != WATCHED_ANCHOR && rule.provider != super::GENERIC
    };
    match () {
        () if a.span != b.span => None,
        () if listed(a) && formed(b) => Some(false),
        () if formed(a) && listed(b) => Some(true),
        () => None,
    }
}

/// Smaller is better: a form over a common shape; a form that holds the other's value; one whose own
/// words stand near over one that needs none; a partner before a technology; a secret before an
/// identifier; the more special of opaque rules; then the rule's order, so that the result is always the same.
fn rank(rules: &RuleSet, d: &Detection) -> impl Ord + use<> {
    let rule = rules.get(d.rule);
    let contextual = rule.form == Form::Contextual;
    let opaque = rule.provider == super::GENERIC;
    // How little a rule without a form or words of its own says of a value.
    let common = match (opaque, rule.is_named()) {
        _ if rule.id == super::PARTNER_KEY => 4,
        (_, true) => 2,
        (true, _) if rule.kind == Kind::ApiKey => 3,
        (true, _) => 1,
        (false, _) => 0,
    };
    let own_words = !contextual && !rule.context.is_empty();
    (
        contextual,
        rule.technology,
        d.claims.facts.contains_key("encoding"),
        common,
        Reverse(d.span.len()),
        !own_words,
        rule.form,
        rule.visibility != Visibility::Secret,
        d.nearness,
        d.rule,
    )
}
