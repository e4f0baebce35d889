//! Second phase: candidates to detections, with the whole document and its path.
//!
//! Most candidates end here, each with a [`Rejection`] that `explain` can show.

mod assigned;
mod checksum;
#[cfg(test)]
mod checksum_facts;
mod decode;
mod entropy;
pub(crate) mod escapes;
mod extent;
mod generic;
mod key_path;
mod marvin;
mod names;
mod overlap;
mod pairs;
pub(crate) mod partner;
mod passwords;
mod pathclass;
mod placeholder;
mod siblings;
mod structure;
mod suppress;
mod wordlike;

pub use checksum::ChecksumVerdict;
pub(crate) use checksum::{append as append_checksum, azure_devops_kind, azure_seed, known as known_checksum};
#[cfg(test)]
pub(crate) use checksum::{azure_devops_example, azure_example};
pub(crate) use extent::Matched;
pub(crate) use generic::PARTNER_KEY;
pub use partner::PartnerNamed;
pub(crate) use partner::names_one;
pub use pathclass::PathClass;
pub use suppress::{Allow, Stray, Wishes};
pub(crate) use suppress::{ForeignMarker, ListedValues};
pub(crate) use suppress::{MARK as PERMISSION, pattern_id, strays};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::candidate::rule::{Form, Kind, Rule, Visibility};
use super::candidate::rule_file::sample_hash;
use super::candidate::{ENCODED_TEXT, ESCAPED};
use super::claims;
use super::{Candidate, Detection, Detector, Judged, Rejected};
use crate::position::Span;
use crate::secret::Secret;
use crate::source::Document;

/// Live or test, where a credential's form tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Acts on real data or money.
    Live,
    /// A provider's test mode or sandbox.
    Test,
}

/// Why a candidate is no credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rejection {
    /// The expression does not match when the whole document is seen.
    NoMatch,
    /// A sample value from the provider's documentation.
    Sample,
    /// A word or a pattern says that something is to be filled in.
    Placeholder,
    /// Too regular for a value made by chance.
    LowEntropy,
    /// The check value does not fit, and for this kind it always does.
    Checksum,
    /// The rule itself names this shape as none of its own.
    RuleReject,
    /// Nothing is assigned here: a contextual shape needs a key name, a header or an argument.
    NotAssigned,
    /// The name says that it is something else: a hash, an id, a commit.
    OtherMeaning,
    /// An identity that keyward itself made: a report or a baseline lies in what is scanned.
    OwnIdentity,
    /// The file holds such strings by nature: a lock file, a source map.
    FileKind,
    /// Another detection covers the same bytes with a better form.
    Covered,
    /// What it says about itself is not readable, so it is not what it looks like.
    Claims,
}

impl Rejection {
    /// A clause for people: "not reported: ...".
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NoMatch => "the expression does not match in the whole document",
            Self::Sample => "it is a sample value from the provider's documentation",
            Self::Placeholder => "it is a placeholder",
            Self::LowEntropy => "it is too regular to be made by chance",
            Self::Checksum => "its check value does not fit",
            Self::RuleReject => "the rule names this shape as none of its own",
            Self::NotAssigned => "it is not assigned to a name, a header or an argument",
            Self::OtherMeaning => "its name says that it is something else",
            Self::OwnIdentity => "it is an identity that keyward gave to a credential or a finding",
            Self::FileKind => "files of this kind hold such strings by nature",
            Self::Covered => "another detection covers the same bytes",
            Self::Claims => "what it says about itself cannot be read",
        }
    }
}

/// Passwords: how long they are says nothing about how hard they are to guess.
pub(in crate::detect) fn chosen_by_people(kind: Kind) -> bool {
    matches!(kind, Kind::BasicAuth | Kind::DbPassword | Kind::ConnectionString)
}

/// The provider of rules whose values have no form of their own.
const GENERIC: &str = "generic";

pub(super) fn judge(detector: &Detector, document: &Document<'_>, candidates: &[Candidate]) -> Judged {
    judge_at(detector, document, candidates, 0)
}

/// Judges a document that stands `depth` encodings deep in another.
fn judge_at(detector: &Detector, document: &Document<'_>, candidates: &[Candidate], depth: usize) -> Judged {
    let mut judged = Judged::default();
    if candidates.is_empty() {
        return judged;
    }
    let class = PathClass::of(&document.origin.path);
    // What was opened under one rule is not opened again under another.
    let mut opened: BTreeMap<u32, bool> = BTreeMap::new();
    for candidate in candidates.iter().filter(|c| c.rule != ESCAPED) {
        let encoded = candidate.rule == ENCODED_TEXT;
        if encoded || detector.rules.get(candidate.rule).provider == GENERIC {
            let span = Span::new(candidate.start as usize, candidate.end as usize);
            let known = opened.get(&candidate.start).copied();
            let holds = known.unwrap_or_else(|| {
                let inner = decode::inner(detector, document, span, depth);
                let holds = !inner.is_empty();
                judged.detections.extend(inner);
                holds
            });
            opened.insert(candidate.start, holds);
            if holds || encoded {
                continue;
            }
        }
        match one(detector, document, class, *candidate) {
            Ok(detection) => judged.detections.push(detection),
            Err(why) => judged.rejected.push(Rejected {
                rule: candidate.rule,
                span: Span::new(candidate.start as usize, candidate.end as usize),
                why,
            }),
        }
    }
    // What one rule knows to be impossible, or a sample, is no opaque key of another.
    let known: Vec<Span> = judged
        .rejected
        .iter()
        .filter(|r| matches!(r.why, Rejection::Checksum | Rejection::Sample))
        .map(|r| r.span)
        .collect();
    judged.detections.retain(|d| d.form != Form::Contextual || !known.iter().any(|span| span.overlaps(d.span)));
    overlap::resolve(detector.rules(), &mut judged);
    pairs::join(detector.rules(), document.bytes, &mut judged);
    let plain = judged.detections.len();
    for marked in candidates.iter().filter(|c| c.rule == ESCAPED) {
        escapes::judge(detector, document, *marked, &mut judged.detections, depth);
    }
    if judged.detections.len() > plain {
        // The half that stood behind escapes, and the half that did not.
        pairs::join(detector.rules(), document.bytes, &mut judged);
    }
    judged
}

fn one(
    detector: &Detector,
    document: &Document<'_>,
    class: PathClass,
    candidate: Candidate,
) -> Result<Detection, Rejection> {
    let bytes = document.bytes;
    let rule = detector.rules.get(candidate.rule);
    let contextual = rule.form == Form::Contextual;
    if contextual && (document.binary || class.holds_random_strings()) {
        return Err(Rejection::FileKind);
    }
    let at = Span::new(candidate.start as usize, candidate.end as usize);
    if contextual && pathclass::is_minified(&document.origin.path, bytes, at) {
        return Err(Rejection::FileKind);
    }
    let matched =
        extent::whole(rule, detector.rules.compiled(candidate.rule), bytes, candidate).ok_or(Rejection::NoMatch)?;
    let span = matched.secret;
    let value = span.of(bytes);
    // What one rule knows to be a sample is no opaque key of another.
    if rule.ignore.contains(&sample_hash(value)) || contextual && detector.rules.is_sample(value) {
        return Err(Rejection::Sample);
    }
    if detector.rules.compiled(candidate.rule).reject.as_ref().is_some_and(|r| r.is_match(value)) {
        return Err(Rejection::RuleReject);
    }
    let body = without_literal(rule, value);
    let watched = detector.watched.digest_of(value);
    if watched.is_none() && crate::secret::is_own_identity(value) {
        return Err(Rejection::OwnIdentity);
    }
    let mut assignment = structure::assignment(bytes, span);
    if rule.is_named() {
        assignment.key = Some(assigned::name_at(bytes, candidate.anchor as usize).to_owned());
    }
    let people = chosen_by_people(rule.kind);
    if watched.is_none() && rule.extends != Some(super::candidate::rule::Extends::Pem) {
        let looks = match (people, contextual) {
            (true, _) => placeholder::Looks::Chosen,
            (_, true) => placeholder::Looks::Opaque,
            _ => placeholder::Looks::Formed,
        };
        if placeholder::is_placeholder(body, looks) {
            return Err(Rejection::Placeholder);
        }
        if !entropy::is_enough(rule, body) {
            return Err(Rejection::LowEntropy);
        }
    }
    let checksum = checksum::verdict(rule, value);
    if checksum == ChecksumVerdict::Misfit && rule.checksum_decides {
        return Err(Rejection::Checksum);
    }
    if &*rule.id == PASSWORD_HASH && generic::is_code(&document.origin.path) && !names_password(&assignment) {
        return Err(Rejection::OtherMeaning);
    }
    if rule.is_named() && watched.is_none() {
        assigned::check(bytes, &document.origin.path, candidate, span)?;
    } else if people && contextual && watched.is_none() && rule.claims.as_deref() != Some("basic-auth") {
        passwords::check(bytes, span, matched.public, matched.whole)?;
    } else if contextual && rule.literals.is_empty() && watched.is_none() {
        if rule.provider == GENERIC {
            generic::check_opaque(rule, bytes, &document.origin.path, span, &assignment)?;
        } else {
            generic::check_provider(rule, bytes, span, &assignment)?;
            let key = assignment.key.as_deref().unwrap_or_default();
            let other = partner::surely_named(key).is_some_and(|p| !partner::is_related(p, &rule.provider));
            if other && nearness(rule, bytes, span, Some(key)).0 {
                return Err(Rejection::OtherMeaning);
            }
        }
    }
    let claims = claims::decode(rule, bytes, &matched).ok_or(Rejection::Claims)?;
    let key_id = matched
        .public
        .and_then(|s| std::str::from_utf8(s.of(bytes)).ok())
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .or_else(|| claims.key_id.clone())
        .or_else(|| (rule.visibility == Visibility::Identifier).then(|| String::from_utf8_lossy(value).into_owned()));
    let partner = detector
        .directory
        .name_partner(rule, document, span, &assignment)
        .or_else(|| partner::of_host(claims.facts.get("host")?.as_str()?));
    let form = match checksum {
        ChecksumVerdict::Fit => Form::Certain,
        _ if watched.is_some() => Form::Certain,
        // A key or token of nobody in particular that stands in a test was most likely made for it.
        _ if rule.technology && class.is_secondary() => Form::Contextual,
        _ => rule.form,
    };
    let nearness = nearness(rule, bytes, span, assignment.key.as_deref());
    Ok(Detection {
        allow: suppress::allow(bytes, span, &detector.wishes),
        listed: detector.wishes.values.matching(value),
        nearness,
        rule: candidate.rule,
        secret: Secret::new(value, people),
        span,
        key_id,
        key_path: key_path::key_path(bytes, span, &document.origin.path, assignment.key.as_deref()),
        key_name: assignment.key,
        host: partner::address(bytes, span),
        form,
        checksum,
        mode: mode(rule, value).or(claims.mode),
        partner,
        path_class: class,
        watched,
        claims,
    })
}

/// The rule for hashes of passwords. Code holds them as data of the functions that make and compare them; what
/// is stored for somebody bears the name of a password.
const PASSWORD_HASH: &str = "password-hash";

fn names_password(assignment: &structure::Assignment) -> bool {
    let key = assignment.key.as_deref().unwrap_or_default().to_ascii_lowercase();
    ["pass", "pwd", "admin", "root", "auth"].iter().any(|word| key.contains(word))
        && matches!(assignment.operator, Some(structure::Operator::Equals | structure::Operator::Colon))
}

/// Whether the name holds none of the rule's words; how much shorter than any the longest such word is;
/// how far before the value the last word stands.
fn nearness(rule: &Rule, bytes: &[u8], span: Span, key: Option<&str>) -> (bool, u16, u16) {
    if rule.form != Form::Contextual {
        return (false, 0, 0);
    }
    let key = key.unwrap_or_default().to_ascii_lowercase();
    let in_key = rule.context.iter().filter(|w| key.contains(&***w)).map(|w| w.len()).max();
    let low = span.start.saturating_sub(usize::from(rule.context_before));
    let before = bytes[low..span.start].to_ascii_lowercase();
    let last = rule.context.iter().filter_map(|w| memchr::memmem::rfind(&before, w.as_bytes())).max();
    let distance = last.map_or(before.len(), |at| before.len() - at);
    (in_key.is_none(), u16::MAX - in_key.unwrap_or(0) as u16, distance as u16)
}

/// The value without the rule's literal, if it begins with one: what is random in it.
fn without_literal<'v>(rule: &Rule, value: &'v [u8]) -> &'v [u8] {
    let longest = rule.literals.iter().filter(|l| value.starts_with(l.as_bytes())).map(|l| l.len()).max();
    &value[longest.unwrap_or(0)..]
}

fn mode(rule: &Rule, value: &[u8]) -> Option<Mode> {
    let holds = |marks: &[super::candidate::rule::Text]| {
        marks.iter().any(|m| memchr::memmem::find(value, m.as_bytes()).is_some())
    };
    if holds(&rule.test_mode) {
        Some(Mode::Test)
    } else if holds(&rule.live_mode) {
        Some(Mode::Live)
    } else {
        None
    }
}
