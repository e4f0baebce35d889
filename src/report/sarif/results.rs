//! SARIF's results: findings, each at one real place.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    self, ArtifactLocation, Location, PhysicalLocation, PropertyBag, Region, ResultKind, ResultLevel, Suppression,
};

use super::rules::Rules;
use super::{ROOT, bag, index, message, sentence};
use crate::govern::{Disposition, Finding, Level, Spot};
use crate::observe::{CommitRef, Exposure};
use crate::report::RenderOptions;
use crate::report::view::{View, inside, level_reasons};
use crate::secret::FindingKey;
use crate::source::Place;

/// Where findings stand that have no place in the repository.
const FALLBACK: &str = "keyward.toml";
/// Code scanning takes 1,000 locations and shows 100.
const RELATED: usize = 50;

/// The results of a run.
pub(super) struct Results {
    pub(super) all: Vec<sarif::Result>,
    /// How many the limit cut, least severe first.
    pub(super) left_out: usize,
}

impl Results {
    /// The findings of a stream that are shown, gravest first, else in the order of the report.
    pub(super) fn new(
        view: &View<'_>,
        options: &RenderOptions<'_>,
        rules: &Rules<'_>,
        belongs: impl Fn(&Finding) -> bool,
    ) -> Self {
        let mut seen: BTreeMap<FindingKey, u32> = BTreeMap::new();
        let mut shown: Vec<(&Finding, u32)> = Vec::new();
        for finding in view.findings().iter().filter(|finding| belongs(finding)) {
            // Numbered before any is left out, so that a number does not depend on options.
            let n = seen.entry(finding.key).or_default();
            *n += 1;
            if finding.is_open() || options.sarif_include_suppressed {
                shown.push((finding, *n));
            }
        }
        shown.sort_by_key(|(finding, _)| Reverse(finding.level));
        let left_out = beyond(shown.len(), options);
        shown.truncate(shown.len() - left_out);
        let all = shown.into_iter().map(|(finding, n)| result(view, options, rules, finding, n)).collect();
        Self { all, left_out }
    }
}

/// How many of so many results of a run the limit cuts.
pub(super) fn beyond(results: usize, options: &RenderOptions<'_>) -> usize {
    if options.sarif_limit == 0 { 0 } else { results.saturating_sub(options.sarif_limit) }
}

fn result(view: &View<'_>, options: &RenderOptions<'_>, rules: &Rules<'_>, finding: &Finding, n: u32) -> sarif::Result {
    let check = view.check(finding.check);
    let (path, line) = start(&finding.primary);
    let theirs = options.line_hashes.get(path).and_then(|lines| lines.get(line as usize - 1));
    let line_hash = theirs.cloned().unwrap_or_else(|| format!("{}:{n}", finding.key.short()));
    let mut partial = BTreeMap::from([("primaryLocationLineHash".to_owned(), line_hash)]);
    if let crate::govern::Subject::Credential(id) = &finding.subject {
        partial.insert("keywardCredential/v1".to_owned(), id.to_string());
    }
    let mut result = sarif::Result::builder()
        .rule_id(check.id.to_string())
        .kind(ResultKind::Fail)
        .level(level(finding.level))
        .message(message(&text(view, finding)))
        .locations(vec![location(&finding.primary, None)])
        .fingerprints(BTreeMap::from([("keyward/v1".to_owned(), finding.key.to_string())]))
        .partial_fingerprints(partial)
        .properties(properties(view, finding))
        .build();
    result.rule_index = rules.index_of(check.id);
    let related: Vec<_> = finding
        .related
        .iter()
        .filter(|s| inside(s))
        .take(RELATED)
        .enumerate()
        .map(|(i, s)| location(s, Some(index(i) + 1)))
        .collect();
    if !related.is_empty() {
        result.related_locations = Some(related);
    }
    let taxa = rules.taxonomies.taxa(check);
    if !taxa.is_empty() {
        result.taxa = Some(taxa);
    }
    result.suppressions = suppressions(finding);
    result
}

fn level(level: Level) -> ResultLevel {
    match level {
        Level::Error => ResultLevel::Error,
        Level::Warning => ResultLevel::Warning,
        Level::Note => ResultLevel::Note,
    }
}

fn suppressions(finding: &Finding) -> Option<Vec<Suppression>> {
    let why = match &finding.disposition {
        Disposition::Open => return None,
        covered @ Disposition::Excepted { .. } => {
            format!("Accepted by {}.", covered.permission().unwrap_or_default())
        }
        Disposition::Baselined => "In the baseline.".to_owned(),
    };
    // A permission beside the value is the source's own.
    let inline = matches!(&finding.disposition, Disposition::Excepted { id, .. } if id.starts_with(&*finding.primary.path.to_str_lossy()));
    let kind = if inline { "inSource" } else { "external" };
    let suppression =
        Suppression::builder().kind(Value::from(kind)).status(Value::from("accepted")).justification(why).build();
    Some(vec![suppression])
}

/// What it is, what is wrong, since when, which record, and why the level is what it is.
fn text(view: &View<'_>, finding: &Finding) -> String {
    let check = view.check(finding.check);
    let mut parts = vec![format!("{}: {}", check.title, sentence(&finding.message))];
    if let Some(exposure) = &finding.primary.exposure
        && !exposure.at_head
    {
        parts.push(history(&finding.primary, exposure));
    }
    if let Some(record) = finding.record.as_ref().filter(|id| !finding.message.contains(*id)) {
        let matched = finding.matched.as_ref().map(|m| format!(" (match: {m})")).unwrap_or_default();
        parts.push(format!("Inventory record {record}{matched}."));
    }
    if let Some(reasons) = level_reasons(check, finding) {
        parts.push(sentence(&format!("level {reasons}")));
    }
    parts.join(" ")
}

/// Told in words, since the place points into a file that may have moved on.
fn history(spot: &Spot, exposure: &Exposure) -> String {
    let short = |c: &CommitRef| c.commit.chars().take(7).collect::<String>();
    let mut text = format!("In git history only: at line {} of {}", spot.location.line, spot.path);
    if let Some(introduced) = &exposure.introduced {
        let _ = write!(text, ", added in {}", short(introduced));
    }
    if let Some(removed) = &exposure.removed {
        let _ = write!(text, ", removed in {}", short(removed));
    }
    text.push_str(". Deleting it from the file did not revoke it.");
    text
}

/// The file and the line that a result stands at.
fn start(spot: &Spot) -> (&[u8], u32) {
    if !inside(spot) {
        (FALLBACK.as_bytes(), 1)
    } else if is_past(spot) {
        (spot.path.as_bytes(), 1)
    } else {
        (spot.path.as_bytes(), spot.location.line.max(1))
    }
}

/// Whether the line of today's file has nothing to do with it.
fn is_past(spot: &Spot) -> bool {
    spot.place == Some(Place::History) && spot.exposure.as_ref().is_some_and(|e| !e.at_head && !e.path_gone)
}

/// A relative path and four numbers, none of them 0, the end behind the start.
fn location(spot: &Spot, id: Option<i64>) -> Location {
    let at = &spot.location;
    let (uri, region) = if !inside(spot) {
        (FALLBACK.to_owned(), first_line())
    } else if is_past(spot) {
        (uri(spot), first_line())
    } else {
        let line = i64::from(at.line.max(1));
        let column = i64::from(at.column.max(1));
        let end_line = i64::from(at.end_line).max(line);
        let end_column = i64::from(at.end_column.max(1));
        let end_column = if end_line == line { end_column.max(column + 1) } else { end_column };
        (uri(spot), region(line, column, end_line, end_column))
    };
    let physical = PhysicalLocation {
        artifact_location: Some(ArtifactLocation {
            uri: Some(uri),
            uri_base_id: Some(ROOT.to_owned()),
            ..ArtifactLocation::default()
        }),
        region: Some(region),
        ..PhysicalLocation::default()
    };
    let note = if spot.note.is_empty() { "Also here" } else { spot.note.as_str() };
    Location {
        physical_location: Some(physical),
        id,
        message: id.map(|_| message(&sentence(note))),
        ..Location::default()
    }
}

/// Without a leading `./`, which code scanning cannot resolve.
fn uri(spot: &Spot) -> String {
    let uri = spot.path.to_uri();
    uri.strip_prefix("./").map(str::to_owned).unwrap_or(uri)
}

fn first_line() -> Region {
    region(1, 1, 1, 2)
}

fn region(line: i64, column: i64, end_line: i64, end_column: i64) -> Region {
    Region {
        start_line: Some(line),
        start_column: Some(column),
        end_line: Some(end_line),
        end_column: Some(end_column),
        ..Region::default()
    }
}

fn properties(view: &View<'_>, finding: &Finding) -> PropertyBag {
    let mut all: Vec<(&str, Value)> = Vec::new();
    if let Some(observation) = view.observation(finding) {
        all.push(("keyward/rule", json!(observation.rule)));
        all.push(("keyward/confidence", json!(observation.confidence)));
        if let Some(provider) = observation.partner.as_ref().filter(|p| p.evidence == "format") {
            all.push(("keyward/provider", json!(provider.id)));
        }
        if let Some(fingerprint) = observation.fingerprint() {
            all.push(("keyward/fingerprint", json!(fingerprint)));
        }
        if !observation.claims.is_empty() {
            all.push(("keyward/claims", json!(observation.claims)));
        }
    }
    if let Some(partner) = view.partner_of(finding) {
        all.push(("keyward/partner", json!(partner)));
    }
    if let Some(record) = &finding.record {
        all.push(("keyward/record", json!(record)));
    }
    if let Some(matched) = &finding.matched {
        all.push(("keyward/match", json!(matched)));
    }
    if let Some(exposure) = &finding.primary.exposure {
        let commit = |c: &CommitRef| json!({ "commit": c.commit, "time": c.time });
        all.extend(exposure.introduced.as_ref().map(|c| ("keyward/introduced", commit(c))));
        all.extend(exposure.removed.as_ref().map(|c| ("keyward/removed", commit(c))));
        all.push(("keyward/atHead", json!(exposure.at_head)));
        all.push(("keyward/refs", json!({ "names": exposure.refs, "count": exposure.refs_total })));
    }
    bag(all)
}
