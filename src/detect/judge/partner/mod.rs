//! Whose credential it is, by what evidence.
//!
//! In this order: the format, the inventory's own names, an exact variable, a host in the same
//! block, a header or parameter, the variable's name and what it is nested in, the path, what is
//! written beside it. Confidence falls step by step; ambiguous names never count alone.

pub(crate) mod directory;
mod mark;
mod surroundings;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use self::directory::{Partner, Strength};
use self::mark::Mark;
use super::names::{Meaning, meaning, segment_spans, segments};
use super::structure::{Assignment, Operator};
use crate::detect::candidate::Watchlist;
use crate::detect::candidate::rule::{Form, Rule};
use crate::position::Span;
use crate::source::Document;

/// A partner, the evidence that names it, and how much that is worth.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartnerNamed {
    /// Directory id, or the inventory's.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What named it: `format`, `inventory`, `host`, `header`, `variable`, `path`, `text`.
    pub evidence: String,
    /// The host, variable or path itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// `high`, `medium` or `low`.
    pub confidence: String,
}

impl PartnerNamed {
    fn new(partner: &Partner, evidence: &str, by: &str, confidence: &str) -> Self {
        Self {
            id: partner.id.to_owned(),
            name: partner.name.to_owned(),
            evidence: evidence.to_owned(),
            by: Some(by.to_owned()),
            confidence: confidence.to_owned(),
        }
    }
}

/// Partners by the names, hosts, headers and variables they show up with.
pub(crate) struct Directory {
    /// Lower-case word of the inventory -> its partner.
    inventory: BTreeMap<String, String>,
    /// Plain name in the inventory or keyward.toml -> its partner.
    names: BTreeMap<String, String>,
}

/// Bytes around a value that make its block.
const BLOCK: usize = 400;

/// Segments of an identifier that a name may be joined of.
const MAX_SEGMENTS: usize = 4;

impl Directory {
    /// The built-in directory, with the inventory's own names before it.
    pub(crate) fn builtin(watchlist: &Watchlist) -> Self {
        Self { inventory: watchlist.anchors.clone(), names: watchlist.names.clone() }
    }

    /// Names the partner of the value at `span`.
    pub(crate) fn name_partner(
        &self,
        rule: &Rule,
        document: &Document<'_>,
        span: Span,
        assignment: &Assignment,
    ) -> Option<PartnerNamed> {
        if !rule.technology {
            let confidence = if rule.form == Form::Contextual { "medium" } else { "high" };
            return Some(PartnerNamed {
                id: rule.provider.to_string(),
                name: rule.provider_name.to_string(),
                evidence: "format".to_owned(),
                by: None,
                confidence: confidence.to_owned(),
            });
        }
        let bytes = document.bytes;
        let key = assignment.key.as_deref().unwrap_or_default();
        self.by_inventory(bytes, span, assignment)
            .or_else(|| self.by_own_names(bytes, span, key))
            .or_else(|| directory::by_env(variable(key)).map(|p| PartnerNamed::new(p, "variable", key, "high")))
            .or_else(|| by_host(bytes, span))
            .or_else(|| by_header(assignment))
            .or_else(|| by_variable(key))
            .or_else(|| by_parents(bytes, span, key))
            .or_else(|| by_siblings(bytes, span))
            .or_else(|| by_call(bytes, span, key))
            .or_else(|| by_path(&document.origin.path.to_str_lossy(), key))
            .or_else(|| by_text(bytes, span, &document.origin.path.to_str_lossy()))
    }

    /// The names that the inventory and keyward.toml give their partners, in the variable or in what it
    /// is nested in.
    fn by_own_names(&self, bytes: &[u8], span: Span, key: &str) -> Option<PartnerNamed> {
        if self.names.is_empty() {
            return None;
        }
        let named = |text: &str| {
            let parts = segments(text);
            let ends = |from: usize| (from + 1..=parts.len().min(from + 4)).map(move |until| (from, until));
            (0..parts.len())
                .flat_map(ends)
                .filter(|(from, until)| {
                    let rest = parts.get(*until).map(|_| parts[*until..].join("_"));
                    let credential = rest.is_some_and(|r| meaning(&r) == Meaning::Credential);
                    is_own_name(&parts[*from..*until].concat(), credential)
                })
                .filter_map(|(from, until)| Some((until - from, self.names.get(&parts[from..until].concat())?)))
                .max_by_key(|(length, _)| *length)
                .map(|(_, id)| PartnerNamed {
                    id: id.clone(),
                    name: directory::by_id(id).map_or(id.as_str(), |p| p.name).to_owned(),
                    evidence: "inventory".to_owned(),
                    by: Some(text.to_owned()),
                    confidence: "medium".to_owned(),
                })
        };
        named(key)
            .or_else(|| surroundings::parents(bytes, span).iter().find_map(|parent| named(parent)))
            .or_else(|| super::siblings::owners(bytes, span).iter().find_map(|(_, owner)| named(owner)))
    }

    fn by_inventory(&self, bytes: &[u8], span: Span, assignment: &Assignment) -> Option<PartnerNamed> {
        if self.inventory.is_empty() {
            return None;
        }
        let named = |word: &str, partner: &str| PartnerNamed {
            id: partner.to_owned(),
            name: directory::by_id(partner).map_or(partner, |p| p.name).to_owned(),
            evidence: "inventory".to_owned(),
            by: Some(word.to_owned()),
            confidence: "high".to_owned(),
        };
        if let Some(key) = &assignment.key
            && let Some((word, partner)) = self.inventory.get_key_value(&key.to_ascii_lowercase())
        {
            return Some(named(word, partner));
        }
        let low = span.start.saturating_sub(BLOCK);
        let high = (span.end + BLOCK).min(bytes.len());
        let block = bytes[low..high].to_ascii_lowercase();
        self.inventory
            .iter()
            .filter_map(|(word, partner)| {
                let at = memchr::memmem::find(&block, word.as_bytes())?;
                Some((at.abs_diff(span.start - low), word, partner))
            })
            .min()
            .map(|(_, word, partner)| named(word, partner))
    }
}

/// Whether a name that somebody gave a partner can stand for it: an ordinary word only before what names
/// a credential, an ordinary identifier never.
fn is_own_name(name: &str, credential: bool) -> bool {
    directory::is_telling(name)
        && match directory::by_name(name) {
            Some((_, Strength::Common)) => false,
            Some((_, Strength::Word)) => credential,
            _ => true,
        }
}

/// The partner that a name names beyond doubt: by its exact variable, or by an unambiguous name.
pub(super) fn surely_named(key: &str) -> Option<&'static Partner> {
    directory::by_env(variable(key))
        .or_else(|| by_segments(key).filter(|(_, s, _)| *s == Strength::Plain).map(|(p, ..)| p))
}

/// Whether a word is a partner's name; with `words`, one that is a dictionary word too.
pub(super) fn is_name(word: &str, words: bool) -> bool {
    directory::by_name(&word.to_ascii_lowercase())
        .is_some_and(|(_, strength)| strength == Strength::Plain || words && strength == Strength::Word)
}

/// Whether an identifier in `text` bears an unambiguous partner's name: what wakes the rule for values
/// whose only mark is whose they are. Asks a sorted table, so it costs nothing to prepare.
pub(crate) fn names_one(text: &[u8]) -> bool {
    text.split(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')))
        .filter(|word| (4..=60).contains(&word.len()) && may_be_named(word))
        .filter_map(|word| std::str::from_utf8(word).ok())
        .any(|word| surely_named(word).is_some())
}

/// Whether [`surely_named`] can say anything of a word, told from two bits for each name in it.
fn may_be_named(word: &[u8]) -> bool {
    let capitals = word.iter().fold(Mark::new(), |mark, b| mark.then(b.to_ascii_uppercase()));
    if directory::may_be_env(capitals) {
        return true;
    }
    // Names that begin at this segment and at the three before it.
    let mut open = [None; MAX_SEGMENTS];
    segment_spans(word).any(|segment| {
        open.rotate_right(1);
        open[0] = Some(Mark::new());
        // `acmekey`, in one word.
        if let Some(stem) = word[segment.clone()].strip_suffix(b"key")
            && stem.len() >= 4
        {
            let named = |mark: &Mark| {
                directory::may_be_plain_name(stem.iter().fold(*mark, |mark, b| mark.then(b.to_ascii_lowercase())))
            };
            if open.iter().flatten().any(named) {
                return true;
            }
        }
        open.iter_mut().flatten().any(|mark| {
            *mark = word[segment.clone()].iter().fold(*mark, |mark, b| mark.then(b.to_ascii_lowercase()));
            directory::may_be_plain_name(*mark)
        })
    })
}

/// The partner that is called with the value at `span`, or whose object holds it, on its line.
pub(super) fn called(bytes: &[u8], span: Span) -> Option<PartnerNamed> {
    by_call(bytes, span, "")
}

/// Whether a client of a partner's is made or set up with the value at `span`, on its line.
pub(super) fn makes_client(bytes: &[u8], span: Span) -> bool {
    const MAKERS: [&str; 9] = ["client", "api", "sdk", "new", "init", "configure", "config", "connect", "setup"];
    let makes = |callee: &String| segments(callee).last().is_some_and(|last| MAKERS.contains(&last.as_str()));
    called(bytes, span).is_some() && surroundings::callees(bytes, span).iter().any(makes)
}

/// Whether two partners are one house.
pub(super) fn is_related(a: &Partner, id: &str) -> bool {
    let parent = |id: &str| directory::by_id(id).and_then(|p| p.parent);
    a.id == id || a.parent == Some(id) || parent(id) == Some(a.id) || a.parent.is_some() && a.parent == parent(id)
}

/// The variable in `process.env.NAME`, `config.NAME`.
fn variable(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// The nearest listed host of the value's block; a bare domain is weaker, and later than any host.
fn by_host(bytes: &[u8], span: Span) -> Option<PartnerNamed> {
    let hosts = surroundings::hosts(bytes, span, BLOCK);
    let found = hosts.iter().filter_map(|host| Some((host, directory::by_host(host)?))).collect::<Vec<_>>();
    if let Some((host, (partner, _))) = found.iter().find(|(_, (_, own))| *own) {
        return Some(PartnerNamed::new(partner, "host", host, "high"));
    }
    let (host, (partner, _)) = found.iter().find(|(host, _)| !surroundings::is_link(host))?;
    Some(PartnerNamed::new(partner, "host", host, "medium"))
}

/// Whose host it is that an encoded value names.
pub(super) fn of_host(host: &str) -> Option<PartnerNamed> {
    let (partner, own) = directory::by_host(host)?;
    Some(PartnerNamed::new(partner, "host", host, if own { "high" } else { "medium" }))
}

fn by_header(assignment: &Assignment) -> Option<PartnerNamed> {
    let key = assignment.key.as_deref()?;
    if let Some(partner) = directory::by_header(key) {
        return Some(PartnerNamed::new(partner, "header", key, "high"));
    }
    let query = matches!(assignment.operator, Some(Operator::Equals));
    let partner = if query { directory::by_query(key) } else { None }?;
    Some(PartnerNamed::new(partner, "header", key, "medium"))
}

/// The longest name in one to four joined segments; where two are as long, the first.
fn by_segments(key: &str) -> Option<(&'static Partner, Strength, bool)> {
    // Most names hold no partner's: told from two bits for each part of them, before anything is copied.
    let parts: Vec<Range<usize>> = segment_spans(key.as_bytes()).collect();
    let lower = |parts: &[Range<usize>], between: &str| {
        let parts: Vec<String> = parts.iter().map(|part| key[part.clone()].to_ascii_lowercase()).collect();
        parts.join(between)
    };
    let mut best: Option<(usize, &'static Partner, Strength, bool)> = None;
    for from in 0..parts.len() {
        let mut mark = Mark::new();
        for until in from + 1..=parts.len().min(from + MAX_SEGMENTS) {
            let part = &key.as_bytes()[parts[until - 1].clone()];
            if let Some(stem) = stem(part) {
                let marked = stem.iter().fold(mark, |mark, b| mark.then(b.to_ascii_lowercase()));
                let name = || {
                    let whole = lower(&parts[from..until], "");
                    whole[..whole.len() - (part.len() - stem.len())].to_owned()
                };
                if directory::may_be_name(marked)
                    && let Some((partner, strength)) = directory::by_name(&name())
                    && (strength == Strength::Plain || strength == Strength::Word && stem.len() >= 5)
                    && best.as_ref().is_none_or(|(length, ..)| name().len() > *length)
                {
                    best = Some((name().len(), partner, strength, true));
                }
            }
            mark = part.iter().fold(mark, |mark, b| mark.then(b.to_ascii_lowercase()));
            if !directory::may_be_name(mark) {
                continue;
            }
            let name = lower(&parts[from..until], "");
            let Some((partner, strength)) = directory::by_name(&name) else { continue };
            if strength == Strength::Product || strength == Strength::Id && name.len() < 6 {
                continue;
            }
            // What follows the name says that it names a credential.
            let credential = parts.get(until).is_some() && meaning(&lower(&parts[until..], "_")) == Meaning::Credential;
            if best.as_ref().is_none_or(|(length, ..)| name.len() > *length) {
                best = Some((name.len(), partner, strength, credential));
            }
        }
    }
    best.map(|(_, partner, strength, credential)| (partner, strength, credential))
}

/// `acme` of `acmekey` and `acmeapitoken`: the part without the word for a credential at its end.
fn stem(part: &[u8]) -> Option<&[u8]> {
    const WORDS: [&[u8]; 6] = [b"key", b"token", b"secret", b"password", b"pass", b"auth"];
    const OWN: [&[u8]; 6] = [b"api", b"access", b"app", b"secret", b"auth", b"client"];
    let without = |part: &[u8], words: &[&[u8]]| {
        let ends =
            |word: &&&[u8]| part.len() > word.len() && part[part.len() - word.len()..].eq_ignore_ascii_case(word);
        words.iter().find(ends).map(|word| part.len() - word.len())
    };
    let mut rest = &part[..without(part, &WORDS)?];
    while let Some(shorter) = without(rest, &OWN) {
        rest = &rest[..shorter];
    }
    (rest.len() >= 4).then_some(rest)
}

/// Whether a name is a partner's and the word for a credential, in one: `acmekey`.
pub(super) fn is_joined(key: &str) -> bool {
    let last = segment_spans(key.as_bytes()).last();
    last.is_some_and(|last| stem(&key.as_bytes()[last]).is_some())
        && by_segments(key).is_some_and(|(_, strength, credential)| strength == Strength::Plain && credential)
}

fn by_variable(key: &str) -> Option<PartnerNamed> {
    let (partner, strength, credential) = by_segments(key)?;
    let confidence = match strength {
        Strength::Plain if partner.self_hosted => "low",
        Strength::Plain | Strength::Id => "medium",
        Strength::Word if credential => "low",
        _ => return None,
    };
    Some(PartnerNamed::new(partner, "variable", key, confidence))
}

/// The names that the value is nested in: sections, parent keys.
fn by_parents(bytes: &[u8], span: Span, key: &str) -> Option<PartnerNamed> {
    surroundings::parents(bytes, span).iter().find_map(|parent| {
        let (partner, strength, _) = by_segments(parent)?;
        let confidence = match strength {
            Strength::Plain if !partner.self_hosted => "medium",
            // A section that bears a word's name and holds a credential.
            Strength::Plain | Strength::Id | Strength::Word => "low",
            _ => return None,
        };
        Some(PartnerNamed::new(partner, "variable", &format!("{parent}.{key}"), confidence))
    })
}

/// What the value's entry says whose it is: `partner: acme` beside `token: ...`.
fn by_siblings(bytes: &[u8], span: Span) -> Option<PartnerNamed> {
    super::siblings::owners(bytes, span).iter().find_map(|(word, owner)| {
        let (partner, strength, credential) = by_segments(owner)?;
        let confidence = match strength {
            Strength::Plain if !partner.self_hosted => "medium",
            Strength::Word if credential => "low",
            _ => return None,
        };
        Some(PartnerNamed::new(partner, "text", &format!("{word}: {owner}"), confidence))
    })
}

/// The type or module that is called with the value: `new AcmeClient({ apiKey: ... })`.
fn by_call(bytes: &[u8], span: Span, key: &str) -> Option<PartnerNamed> {
    let _ = key;
    surroundings::callees(bytes, span).iter().find_map(|callee| {
        let (partner, strength, _) = by_segments(callee)?;
        (strength == Strength::Plain && !partner.self_hosted)
            .then(|| PartnerNamed::new(partner, "variable", callee, "low"))
    })
}

/// A folder or file that bears an unambiguous name.
fn by_path(path: &str, key: &str) -> Option<PartnerNamed> {
    let _ = key;
    path.rsplit('/').take(3).find_map(|part| {
        let stem = part.rsplit_once('.').map_or(part, |(stem, _)| stem);
        let (partner, strength, _) = by_segments(stem)?;
        (strength == Strength::Plain && !partner.self_hosted).then(|| PartnerNamed::new(partner, "path", part, "low"))
    })
}

/// What is written beside the value: the nearest unambiguous name in the comment right above it; else
/// the only partner whose interface is called in this part of the document.
fn by_text(bytes: &[u8], span: Span, path: &str) -> Option<PartnerNamed> {
    let prose =
        path.rsplit_once('.').is_none_or(|(_, e)| matches!(e, "md" | "rst" | "adoc" | "markdown" | "txt" | "log"));
    let plain = |name: &str| {
        let (partner, strength) = directory::by_name(name)?;
        (strength == Strength::Plain && !partner.self_hosted && name.len() >= 4).then_some(partner)
    };
    let beside = surroundings::words_before(bytes, span, prose).into_iter().find_map(|w| Some((plain(&w)?, w)));
    if let Some((partner, word)) = beside {
        return Some(PartnerNamed::new(partner, "text", &word, "low"));
    }
    let mut only: Option<(&Partner, String)> = None;
    for host in surroundings::hosts_of_part(bytes, span) {
        let Some((partner, true)) = directory::by_host(&host) else { continue };
        match &only {
            _ if surroundings::is_link(&host) => {}
            Some((other, _)) if other.id != partner.id => return None,
            Some(_) => {}
            None => only = Some((partner, host)),
        }
    }
    only.map(|(partner, host)| PartnerNamed::new(partner, "host", &host, "low"))
}

/// The nearest address of the value's block.
pub(super) fn address(bytes: &[u8], span: Span) -> Option<String> {
    surroundings::address(bytes, span, BLOCK)
}

/// Whether a partner's interface is called in the value's block, or what the value is nested in bears
/// an unambiguous name: there, a plain `key` is the partner's key.
pub(super) fn is_in_partners_block(bytes: &[u8], span: Span) -> bool {
    let is_interface = |host: &str| host.starts_with("api") || host.contains("api.");
    let called = |host: &String| {
        !surroundings::is_link(host) && directory::by_host(host).is_some_and(|(_, own)| own || is_interface(host))
    };
    surroundings::hosts(bytes, span, BLOCK).iter().any(called)
        || surroundings::words_before(bytes, span, false).iter().any(|word| is_name(word, false) && word.len() >= 4)
        || surroundings::parents(bytes, span)
            .first()
            .and_then(|parent| by_segments(parent))
            .is_some_and(|(partner, strength, _)| strength == Strength::Plain && !partner.self_hosted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> String {
        named_with(text, &Watchlist::new())
    }

    fn named_with(text: &str, watchlist: &Watchlist) -> String {
        let at = text.find("VALUE").unwrap();
        let span = Span::new(at, at + 5);
        let origin = crate::source::Origin {
            place: crate::source::Place::Tree,
            path: crate::source::RepoPath::new(*b"src/a.txt"),
        };
        let document = Document::new(&origin, text.as_bytes());
        let assignment = super::super::structure::assignment(text.as_bytes(), span);
        let rules = crate::detect::RuleSet::builtin();
        let rule = rules.by_id("api-key-assignment").unwrap();
        Directory::builtin(watchlist)
            .name_partner(rule, &document, span, &assignment)
            .map(|p| format!("{} {} {}", p.id, p.evidence, p.confidence))
            .unwrap_or_default()
    }

    #[test]
    fn partners_by_their_surroundings() {
        for (text, want) in [
            ("LOKALISE_API_TOKEN=VALUE", "lokalise variable"),
            ("curl -H 'X-Api-Key: VALUE' https://api.lokalise.com/api2/projects", "lokalise host"),
            ("lokalise:\n  project: 1\n  token: VALUE", "lokalise variable"),
            ("[lokalise]\nproject = 1\ntoken = VALUE", "lokalise variable"),
            ("{\n  \"lokalise\": {\n    \"apiKey\": \"VALUE\"", "lokalise variable"),
            ("const c = new LokaliseApi({ apiKey: 'VALUE' })", "lokalise variable"),
            ("STRIPE_API_KEY=VALUE", "stripe variable"),
            ("lokalisekey: VALUE", "lokalise variable"),
            ("lokaliseapitoken: VALUE", "lokalise variable"),
            ("lokalise token - 'VALUE'", "lokalise variable"),
            ("the Lokalise api key is VALUE", "lokalise variable"),
            ("api_key = 'VALUE'  # Lokalise", "lokalise text low"),
            ("// Lokalise\nconst url = BASE;\nconst key = 'VALUE';", "lokalise text low"),
            ("monkey: VALUE", ""),
            ("get('https://lokalise.html.net/x', 'VALUE')", ""),
            ("// Lokalise credentials\nconst apiKey = 'VALUE'", "lokalise text low"),
            ("a = 'https://api.lokalise.com/x'\n\n\nfunction f() {}\n\napiKey = 'VALUE'", "lokalise host low"),
            ("a = 'https://api.lokalise.com/x'\nb = 'https://api.mollie.com'\n\napiKey = 'VALUE'", ""),
            // Names that are words, identifiers or shared: never on the name alone.
            ("// square credentials\nconst apiKey = 'VALUE'", ""),
            ("square: 'VALUE'", ""),
            ("const stream = new Stream('VALUE')", ""),
            ("SQUARE_ACCESS_TOKEN=VALUE", "square variable"),
            ("token = VALUE", ""),
            ("stream_key = VALUE", ""),
        ] {
            let got = named(text);
            assert!(got.starts_with(want) && got.is_empty() == want.is_empty(), "{text}: {got}");
        }
    }

    #[test]
    fn own_names_come_first_and_ambiguous_ones_not_alone() {
        let mut list = Watchlist::new();
        list.add_name("Frachtwerk", "frachtwerk");
        list.add_name("Lokalise", "translations-ltd");
        list.add_name("Square", "square-eu");
        list.add_name("Key", "key-gmbh");
        for (text, want) in [
            ("FRACHTWERK_API_KEY=VALUE", "frachtwerk inventory medium"),
            ("frachtwerk:\n  token: VALUE", "frachtwerk inventory medium"),
            ("LOKALISE_API_TOKEN=VALUE", "translations-ltd inventory medium"),
            ("SQUARE_ACCESS_TOKEN=VALUE", "square-eu inventory medium"),
            ("square=VALUE", ""),
            ("API_KEY=VALUE", ""),
        ] {
            assert_eq!(named_with(text, &list), want, "{text}");
        }
    }
}
