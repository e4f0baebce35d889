//! SARIF 2.1.0, as code scanning wants it.
//!
//! One run per stream of alerts, each with a category of its own; the rules are the checks that were
//! evaluated, in the order of the table; every result has exactly one physical location with four region numbers, a
//! relative path and an identity of our own. No snippet, no time, no absolute path. The one folder
//! that knows `serde_sarif`.

mod line_hash;
mod results;
mod rules;
mod taxonomies;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Message, MultiformatMessageString, Notification, PropertyBag,
    ReportingDescriptorReference, Run, RunAutomationDetails, Sarif, Tool, ToolComponent, VersionControlDetails,
};

use super::terminal::harmless;
use super::view::{View, plural};
use super::{Category, RenderOptions, Report};
use crate::govern::Finding;
use crate::source::Place;
use crate::source::coverage::{Effect, Reason};
pub use line_hash::github_line_hashes;
use results::Results;
use rules::Rules;
use taxonomies::Taxonomies;

/// The schema with its errata.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What relative paths start from: the top of the repository.
const ROOT: &str = "%SRCROOT%";

/// Writes the log.
pub(super) fn render(view: &View<'_>, options: &RenderOptions<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &log(view, options))?;
    out.write_all(b"\n")
}

fn log(view: &View<'_>, options: &RenderOptions<'_>) -> Sarif {
    let checks = view.evaluated();
    let taxonomies = Taxonomies::of(&checks);
    let rules = Rules { checks: &checks, taxonomies: &taxonomies };
    let runs: Vec<Run> =
        streams(view, options.category).into_iter().map(|stream| run(view, options, &rules, stream)).collect();
    Sarif::builder().schema(SCHEMA.to_owned()).version(Value::from("2.1.0")).runs(runs).build()
}

/// How many results the limit leaves out of the log, over all its runs.
pub fn sarif_left_out(report: &Report, options: &RenderOptions<'_>) -> usize {
    let view = View::new(report, options.checks);
    let cut = |(_, back): Stream| {
        let belongs = |f: &&Finding| back.is_none_or(|back| back == looks_back(f));
        let shown = |f: &&Finding| f.is_open() || options.sarif_include_suppressed;
        results::beyond(view.findings().iter().filter(belongs).filter(shown).count(), options)
    };
    streams(&view, options.category).into_iter().map(cut).sum()
}

/// A stream of alerts, and whether only what looks back belongs to it, or only what does not.
type Stream = (Category, Option<bool>);

/// A scan of tree and history makes two streams. What it says of the tree is what scans of the tree say in
/// between: in one stream with the history, an alert of the tree would stay open until the next scan of the
/// history, and in the stream of the tree, one of the history would be closed by the next scan of the tree.
fn streams(view: &View<'_>, category: Category) -> Vec<Stream> {
    let has = |scope: &str| view.report.scope.iter().any(|s| s == scope);
    match category {
        Category::History if has("tree") => vec![(Category::Tree, Some(false)), (category, Some(true))],
        Category::History if has("paths") => vec![(Category::Diff, Some(false)), (category, Some(true))],
        _ => vec![(category, None)],
    }
}

/// Checks that only a scan of the history can make, wherever what they are about stands.
const LOOKING_BACK: [u16; 6] = [304, 408, 502, 507, 508, 510];

fn looks_back(finding: &Finding) -> bool {
    finding.primary.place == Some(Place::History) || LOOKING_BACK.contains(&finding.check.0)
}

fn run(view: &View<'_>, options: &RenderOptions<'_>, rules: &Rules<'_>, (category, back): Stream) -> Run {
    let results = Results::new(view, options, rules, |finding| back.is_none_or(|back| back == looks_back(finding)));
    let mut run = Run::builder()
        .tool(Tool { driver: driver(view, rules), extensions: None, properties: None })
        .automation_details(RunAutomationDetails {
            id: Some(format!("keyward/{}/", category.word())),
            ..RunAutomationDetails::default()
        })
        .invocations(vec![invocation(view, results.left_out, category)])
        .column_kind(Value::from("utf16CodeUnits"))
        .original_uri_base_ids(BTreeMap::from([(ROOT.to_owned(), root())]))
        .taxonomies(rules.taxonomies.components())
        .results(results.all)
        .properties(run_properties(view))
        .build();
    let provenance = provenance(view);
    if !provenance.is_empty() {
        run.version_control_provenance = Some(provenance);
    }
    run
}

fn driver(view: &View<'_>, rules: &Rules<'_>) -> ToolComponent {
    let version = view.report.version.clone();
    ToolComponent::builder()
        .name("keyward")
        .full_name("keyward: partner credentials and who answers for them")
        .semantic_version(version.clone())
        .version(version)
        .information_uri(env!("CARGO_PKG_REPOSITORY"))
        .rules(rules.descriptors())
        .supported_taxonomies(rules.taxonomies.references())
        .build()
}

fn root() -> ArtifactLocation {
    ArtifactLocation { description: Some(message("The top of the repository.")), ..ArtifactLocation::default() }
}

/// What the run was: value-free.
fn run_properties(view: &View<'_>) -> PropertyBag {
    let report = view.report;
    let counts: BTreeMap<&str, u64> = report.coverage.counts.iter().map(|(r, n)| (r.id(), *n)).collect();
    bag([
        ("keyward/asOf", json!(report.as_of)),
        ("keyward/scope", json!(report.scope)),
        ("keyward/complete", json!(report.complete)),
        (
            "keyward/coverage",
            json!({ "documents": report.coverage.documents, "bytes": report.coverage.bytes, "counts": counts }),
        ),
    ])
}

/// A scan that could not read everything still ran: consumers drop a run that says otherwise, and
/// with it the findings. What is missing is in the notifications.
fn invocation(view: &View<'_>, left_out: usize, category: Category) -> Invocation {
    let mut notes = Vec::new();
    let coverage = &view.report.coverage;
    for (reason, n) in coverage.counts.iter().filter(|(r, _)| r.effect() == Effect::Gap) {
        let names = coverage.entries.iter().filter(|e| e.reason == *reason && !e.subject.is_empty());
        let names: Vec<_> = names.take(10).map(|e| e.subject.clone()).collect();
        let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        let history = category == Category::History && matches!(reason, Reason::Shallow | Reason::PartialClone);
        let id = if history { HISTORY_INCOMPLETE } else { reason.id() };
        notes.push(notification(id, "warning", &format!("Not scanned: {n} {}{names}.", reason.text())));
    }
    if left_out > 0 {
        let left_out = plural(left_out as u64, "result");
        notes.push(notification(
            RESULTS_LEFT_OUT,
            "warning",
            &format!("{left_out} of lower severity left out to keep to the limit."),
        ));
    }
    for (id, why, n) in view.not_evaluated() {
        let text = format!("{id} was not evaluated for {}: {why}.", plural(n, "subject"));
        notes.push(notification(NOT_EVALUATED, "note", &text));
    }
    Invocation::builder().execution_successful(true).tool_execution_notifications(notes).build()
}

const HISTORY_INCOMPLETE: &str = "history-incomplete";
const RESULTS_LEFT_OUT: &str = "results-left-out";
const NOT_EVALUATED: &str = "check-not-evaluated";

fn notification(id: &str, level: &str, text: &str) -> Notification {
    Notification::builder()
        .descriptor(ReportingDescriptorReference { id: Some(id.to_owned()), ..ReportingDescriptorReference::default() })
        .level(Value::from(level))
        .message(message(text))
        .build()
}

/// Remote addresses that are addresses, without user and password.
fn provenance(view: &View<'_>) -> Vec<VersionControlDetails> {
    let repositories = &view.report.repositories;
    let one = repositories.len() == 1;
    let details = repositories.iter().filter_map(|r| {
        let details = VersionControlDetails::builder().repository_uri(public_address(r.remote.as_deref()?)?);
        let mut details = details.build();
        details.revision_id.clone_from(&r.head);
        details.branch.clone_from(&r.branch);
        details.mapped_to =
            one.then(|| ArtifactLocation { uri_base_id: Some(ROOT.to_owned()), ..ArtifactLocation::default() });
        Some(details)
    });
    details.collect()
}

/// `https://host/path`, without user, password, query and fragment; `git@host:path` becomes
/// `ssh://host/path`. A local path is none.
pub(super) fn public_address(remote: &str) -> Option<String> {
    let plain = |s: &str| {
        !s.is_empty()
            && s.bytes().all(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'/' | b':' | b'%' | b'+')
            })
    };
    let remote = remote.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = if let Some((scheme, rest)) = remote.split_once("://") {
        (scheme, rest.to_owned())
    } else {
        let (host, path) = remote.split_once(':')?;
        if host.contains('/') || host.len() < 2 {
            return None;
        }
        ("ssh", format!("{host}/{}", path.trim_start_matches('/')))
    };
    let (authority, path) = rest.split_once('/').unwrap_or((&rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    (["https", "http", "ssh", "git"].contains(&scheme) && plain(host) && (path.is_empty() || plain(path)))
        .then(|| format!("{scheme}://{host}/{path}"))
}

/// `[a](b)` in a message is a link, and a file may be named so.
fn message(text: &str) -> Message {
    Message { text: Some(harmless(text).replace("](", "] (")), ..Message::default() }
}

fn plain(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

/// Positions in lists, as SARIF counts them.
fn index(i: usize) -> i64 {
    i64::try_from(i).unwrap_or(i64::MAX)
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let mut out: String = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    out.push_str(chars.as_str());
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

fn bag<'k>(entries: impl IntoIterator<Item = (&'k str, Value)>) -> PropertyBag {
    PropertyBag { tags: None, additional_properties: entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect() }
}
