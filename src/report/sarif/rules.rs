//! SARIF's rules: rows of the table of checks.

use serde_json::{Value, json};
use serde_sarif::sarif::{MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor};

use super::taxonomies::{self, Taxonomies};
use super::{bag, index, plain, sentence};
use crate::govern::{Check, CheckId, Level};
use crate::report::view::check_url;

/// What code scanning shows of a rule's tags.
const TAGS: usize = 10;
/// Longest description that code scanning takes.
const DESCRIPTION: usize = 1_024;

/// The rules of a run, in the order of the table.
pub(super) struct Rules<'a> {
    pub(super) checks: &'a [&'a Check],
    pub(super) taxonomies: &'a Taxonomies,
}

impl Rules<'_> {
    /// Where a rule stands in the list.
    pub(super) fn index_of(&self, id: CheckId) -> Option<i64> {
        self.checks.iter().position(|c| c.id == id).map(index)
    }

    /// The driver's `rules`.
    pub(super) fn descriptors(&self) -> Vec<ReportingDescriptor> {
        self.checks.iter().map(|check| self.descriptor(check)).collect()
    }

    fn descriptor(&self, check: &Check) -> ReportingDescriptor {
        let configuration = ReportingConfiguration {
            level: Some(Value::from(check.level.word())),
            ..ReportingConfiguration::default()
        };
        let mut rule = ReportingDescriptor::builder()
            .id(check.id.to_string())
            .name(pascal(check.slug))
            .short_description(plain(&sentence(check.title)))
            .full_description(plain(&cut(check.why)))
            .help(help(check))
            .help_uri(check_url(check.id))
            .default_configuration(configuration)
            .properties(properties(check))
            .build();
        let relationships = self.taxonomies.relationships(check);
        if !relationships.is_empty() {
            rule.relationships = Some(relationships);
        }
        rule
    }
}

fn help(check: &Check) -> MultiformatMessageString {
    let refs = check.taxa.join(", ");
    let needs =
        if check.needs.is_empty() { String::new() } else { format!("Needs: {}.", check.needs.trim_end_matches('.')) };
    let text = format!("{}\n\nWhat to do: {}\n\n{needs}\n\nReferences: {refs}.", check.why, check.remedy);
    let markdown = format!("{}\n\n**What to do.** {}\n\n{needs}\n\n**References.** {refs}.", check.why, check.remedy);
    MultiformatMessageString::builder().text(text).markdown(markdown).build()
}

fn properties(check: &Check) -> PropertyBag {
    let mut tags = vec!["security".to_owned()];
    tags.extend(check.taxa.iter().filter_map(|t| taxonomies::tag(t)));
    tags.truncate(TAGS);
    let severity = match check.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "recommendation",
    };
    let precision = if check.level == Level::Note { "medium" } else { "high" };
    let mut properties = bag([
        ("precision", json!(precision)),
        ("problem.severity", json!(severity)),
        ("security-severity", json!(security_severity(check.severity))),
    ]);
    properties.tags = Some(tags);
    properties
}

/// A number as text. Exactly 9.0 stands between two classes and is read as either.
fn security_severity(severity: f32) -> String {
    let text = format!("{:.1}", severity.clamp(0.0, 10.0));
    if text == "9.0" { "9.1".to_owned() } else { text }
}

/// `leaked-credential` to `LeakedCredential`: a rule's name must differ from its id.
fn pascal(slug: &str) -> String {
    let mut out = String::new();
    for part in slug.split('-') {
        let mut chars = part.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    out
}

fn cut(text: &str) -> String {
    if text.chars().count() <= DESCRIPTION {
        text.to_owned()
    } else {
        text.chars().take(DESCRIPTION - 1).chain(['\u{2026}']).collect()
    }
}
