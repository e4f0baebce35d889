//! A key id and its secret in one place are one finding.

use super::Rejection;
use crate::detect::candidate::rule::{Form, Kind, Rule, Visibility};
use crate::detect::{Detection, Judged, Rejected, RuleSet};
use crate::position::Span;

/// How far apart the halves may stand.
const LINES: usize = 10;
const BYTES: usize = 2000;

/// Gives secrets the key id beside them, and drops the ids that found their secret. Takes detections as
/// `overlap` leaves them.
pub(super) fn join(rules: &RuleSet, bytes: &[u8], judged: &mut Judged) {
    let detections = &mut judged.detections;
    let mut used = vec![false; detections.len()];
    for i in 0..detections.len() {
        let rule = rules.get(detections[i].rule);
        if rule.visibility != Visibility::Secret {
            continue;
        }
        let near = |other: &Detection| {
            let id = rules.get(other.rule);
            id.visibility == Visibility::Identifier
                && belong(rule, id)
                && is_near(bytes, detections[i].span, other.span)
        };
        // They are sorted and apart, so that neighbours are enough, however many there are.
        let here = detections[i].span;
        let low = detections.partition_point(|d| d.span.end + BYTES < here.start);
        let high = detections.partition_point(|d| d.span.start <= here.end + BYTES);
        let nearest = (low..high)
            .filter(|&j| j != i && near(&detections[j]))
            .min_by_key(|&j| detections[i].span.start.abs_diff(detections[j].span.start));
        if let Some(j) = nearest {
            used[j] = true;
            let id = detections[j].key_id.clone();
            let facts = detections[j].claims.facts.clone();
            let secret = &mut detections[i];
            secret.key_id = secret.key_id.take().or(id);
            // How the id is written says nothing of the secret.
            for (name, value) in facts.into_iter().filter(|(name, _)| name != super::decode::ENCODING) {
                secret.claims.facts.entry(name).or_insert(value);
            }
            // The id vouches for a shape that was only common.
            if secret.form == Form::Contextual && !secret.path_class.is_secondary() {
                secret.form = Form::Strong;
            }
        } else if detections[i].key_id.is_none() && matches!(rule.kind, Kind::OauthClientSecret | Kind::ApiKeyPair) {
            detections[i].key_id = client_id(bytes, detections[i].span);
        }
    }
    let mut index = 0;
    let rejected = &mut judged.rejected;
    detections.retain(|d| {
        let keep = !used[index];
        index += 1;
        if !keep {
            rejected.push(Rejected { rule: d.rule, span: d.span, why: Rejection::Covered });
        }
        keep
    });
}

fn belong(secret: &Rule, id: &Rule) -> bool {
    secret.pairs.contains(&id.id) || id.pairs.contains(&secret.id)
}

fn is_near(bytes: &[u8], a: Span, b: Span) -> bool {
    let (first, second) = if a.start <= b.start { (a, b) } else { (b, a) };
    let Some(between) = bytes.get(first.end..second.start) else { return true };
    between.len() <= BYTES && memchr::memchr_iter(b'\n', between).count() <= LINES
}

/// The client id that is assigned near an OAuth client's secret.
fn client_id(bytes: &[u8], secret: Span) -> Option<String> {
    const NAMES: [&[u8]; 7] =
        [b"client_id", b"clientid", b"client-id", b"consumer_key", b"consumerkey", b"app_id", b"appid"];
    let low = secret.start.saturating_sub(400);
    let high = bytes.len().min(secret.end + 400);
    let text = bytes[low..high].to_ascii_lowercase();
    NAMES
        .iter()
        .flat_map(|name| memchr::memmem::find_iter(&text, name).map(move |at| low + at + name.len()))
        .filter_map(|end| {
            let rest = &bytes[end..high];
            let lead = rest
                .iter()
                .take(8)
                .take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b':' | b'=' | b'>' | b'\\'))
                .count();
            let tied = rest[..lead].iter().any(|b| matches!(b, b':' | b'='));
            let n = rest[lead..]
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
                .count();
            let span = Span::new(end + lead, end + lead + n);
            let digits = span.of(bytes).iter().filter(|b| b.is_ascii_digit()).count();
            (tied && (6..=80).contains(&n) && digits > 0 && is_near(bytes, secret, span)).then_some(span)
        })
        .filter(|span| !span.overlaps(secret))
        .min_by_key(|span| span.start.abs_diff(secret.start))
        .map(|span| String::from_utf8_lossy(span.of(bytes)).into_owned())
}
