//! Why detection says what it says of a line: what was found, what was not, and by what evidence.
//!
//! Nothing here decides anything: both phases run as in a scan, and tell what they saw. No value is shown.

use crate::detect::candidate::rule::Rule;
use crate::detect::{ChecksumVerdict, Detection, Detector, Form};
use crate::observe::{Excerpt, mask_text};
use crate::position::{LineIndex, Span};
use crate::source::{Document, Origin, Place, RepoPath, decode};

/// One value on a line, or what looked like one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// The line, masked.
    pub excerpt: Excerpt,
    /// Detection rule.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// Why it is not reported; `None` where it is.
    pub rejected: Option<&'static str>,
    /// What speaks for it, and what raises or lowers it; sentences.
    pub evidence: Vec<String>,
}

/// Explains every candidate that touches one of `lines` (from 1) of a file, by place; the reported
/// before the rejected.
pub fn explain_lines(
    detector: &Detector,
    path: &RepoPath,
    bytes: &[u8],
    lines: std::ops::RangeInclusive<u32>,
) -> Vec<Explained> {
    let origin = Origin { place: Place::Tree, path: path.clone() };
    let decoded = decode(bytes);
    let document = Document::new(&origin, &decoded);
    let judged = detector.detect(&document, &mut Vec::new());
    let index = LineIndex::new(document.bytes);
    let mut spans: Vec<Span> = judged.detections.iter().map(|d| d.span).collect();
    spans.extend(judged.rejected.iter().map(|r| r.span));
    let touches = |span: Span| {
        let place = index.locate(document.bytes, span);
        (place.line <= *lines.end() && place.end_line >= *lines.start()).then_some(place)
    };
    let mut all = Vec::new();
    let mut add = |span: Span, rule: &Rule, rejected, evidence| {
        if let Some(place) = touches(span) {
            all.push(Explained {
                line: place.line,
                column: place.column,
                excerpt: Excerpt::new(document.bytes, &index, span, 0, &spans),
                rule: rule.id.to_string(),
                title: rule.title.to_string(),
                rejected,
                evidence,
            });
        }
    };
    for detection in &judged.detections {
        let rule = detector.rules().get(detection.rule);
        add(detection.span, rule, None, evidence(rule, document.bytes, detection));
    }
    for rejected in &judged.rejected {
        let rule = detector.rules().get(rejected.rule);
        add(rejected.span, rule, Some(rejected.why.text()), vec![woken(rule, document.bytes, rejected.span)]);
    }
    all.sort_by(|a, b| {
        (a.line, a.rejected.is_some(), a.column, &a.rule).cmp(&(b.line, b.rejected.is_some(), b.column, &b.rule))
    });
    all.dedup();
    all
}

/// What made the rule look: its literal, or its word.
fn woken(rule: &Rule, bytes: &[u8], span: Span) -> String {
    let low = span.start.saturating_sub(usize::from(rule.context_before).max(80));
    let near = &bytes[low..span.end];
    let holds = |word: &str| memchr::memmem::find(near, word.as_bytes()).is_some();
    if let Some(literal) = rule.literals.iter().find(|l| holds(l)) {
        let what = if rule.is_named() { "a name that ends in" } else { "the literal" };
        return format!("looked at for {what} `{literal}`");
    }
    let lower = near.to_ascii_lowercase();
    let word =
        rule.context.iter().filter(|w| memchr::memmem::find(&lower, w.as_bytes()).is_some()).max_by_key(|w| w.len());
    match word {
        Some(word) => format!("looked at for the word `{word}` before it"),
        None => "looked at for what stands around it".to_owned(),
    }
}

fn evidence(rule: &Rule, bytes: &[u8], detection: &Detection) -> Vec<String> {
    let mut told = vec![woken(rule, bytes, detection.span)];
    told.push(match detection.form {
        Form::Certain => "certain: a documented form, a check value that fits, or a digest of the inventory".to_owned(),
        Form::Strong => "strong: a distinctive form, or a key id beside it".to_owned(),
        Form::Contextual => "contextual: a common shape, so that its surroundings decide; at most a warning until the \
                             inventory or a pair confirms it"
            .to_owned(),
    });
    if let Some(name) = &detection.key_name {
        told.push(format!("assigned to `{}`", mask_text(name)));
    }
    match detection.checksum {
        ChecksumVerdict::Fit => told.push("its check value fits: raised to certain".to_owned()),
        ChecksumVerdict::Misfit => {
            told.push("its check value does not fit, which for this kind proves nothing".to_owned());
        }
        ChecksumVerdict::None => {}
    }
    if let Some(key_id) = &detection.key_id {
        told.push(format!("belongs with the public part `{}`", mask_text(key_id)));
    }
    if let Some(partner) = &detection.partner {
        let by = partner.by.as_deref().map_or_else(String::new, |by| format!(" `{}`", mask_text(by)));
        told.push(format!(
            "{} is named by the {}{by}, with {} confidence",
            partner.name, partner.evidence, partner.confidence
        ));
    }
    if detection.watched.is_some() {
        told.push("the inventory lists its digest".to_owned());
    }
    if detection.path_class.is_secondary() && detection.form == Form::Contextual {
        told.push("the path is one of tests, examples or documentation: lowered by one level".to_owned());
    }
    if let Some(serde_json::Value::Array(chain)) = detection.claims.facts.get("encoding") {
        let chain: Vec<&str> = chain.iter().filter_map(serde_json::Value::as_str).collect();
        told.push(format!("the value is encoded ({}); what stands behind it was judged", chain.join(", then ")));
    }
    if detection.allow.is_some() {
        told.push("a `keyward:allow` beside it asks to except it".to_owned());
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::template::expand;
    use crate::detect::{RuleSet, Watchlist};

    fn explain(path: &str, text: &str) -> Vec<Explained> {
        let detector = Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new());
        explain_lines(&detector, &RepoPath::new(path), text.as_bytes(), 2..=2)
    }

    #[test]
    fn found_and_not_found_say_why_and_show_nothing() {
        let value = expand("{base62:9}!{digits:2}", 7, None).unwrap();
        let text = format!("# config\npassword = \"{value}\"\nother = 1\n");
        let told = explain("tests/a.py", &text);
        assert_eq!((told[0].rule.as_str(), told[0].rejected, told[0].line), ("password-assignment", None, 2));
        let whole = format!("{told:?}");
        assert!(whole.contains("a name that ends in `pass`") && whole.contains("lowered by one level"), "{whole}");
        assert!(!whole.contains(&value[..8]), "{whole}");
        let told = explain("src/a.py", "# config\npassword = \"changeme123\"\n");
        assert_eq!(told[0].rejected, Some("it is a placeholder"));
        assert!(explain("src/a.py", "# config\nx = 1\n").is_empty());
    }
}
