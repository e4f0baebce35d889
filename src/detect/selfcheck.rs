//! The linter of rules: what `keyward rules check` and the tests run over every rule.

use super::candidate::rule::Rule;
use super::judge::known_checksum;
use super::template::expand;
use super::{Candidate, Detector, RuleSet, Watchlist};
use crate::source::{Document, Origin, Place, RepoPath};

/// How often each template is expanded: lengths and characters differ each time.
const ROUNDS: u64 = 12;

/// Something wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleProblem {
    /// The rule's id.
    pub rule: String,
    /// What is wrong; shows templates, never expanded values.
    pub problem: String,
}

/// Checks every rule of a set: examples are found, near misses are not, texts are there.
pub fn check_rules(rules: RuleSet) -> Vec<RuleProblem> {
    let detector = Detector::new(rules, Watchlist::new(), Vec::new());
    let mut problems = Vec::new();
    for (index, rule) in detector.rules().iter().skip(3) {
        let mut say = |problem: String| problems.push(RuleProblem { rule: rule.id.to_string(), problem });
        if rule.title.trim().is_empty() {
            say("no title".into());
        }
        if rule.examples.is_empty() || rule.near_misses.is_empty() {
            say("needs examples and near misses".into());
        }
        if rule.checksum.is_some() && rule.checksum_decides && !known_checksum(rule) {
            say("checksum_decides with an algorithm that is not known here".into());
        }
        for template in rule.examples.iter() {
            if let Some(problem) = check_template(&detector, rule, index.0, template, true) {
                say(format!("example {}: {problem}", quoted(template)));
            }
        }
        for template in rule.near_misses.iter() {
            if let Some(problem) = check_template(&detector, rule, index.0, template, false) {
                say(format!("near miss {}: {problem}", quoted(template)));
            }
        }
    }
    problems.sort();
    problems
}

fn quoted(template: &str) -> String {
    format!("`{}`", template.escape_debug())
}

fn check_template(detector: &Detector, rule: &Rule, index: u16, template: &str, wanted: bool) -> Option<String> {
    let origin = Origin { place: Place::Tree, path: RepoPath::new(*b"src/config.txt") };
    for seed in 0..ROUNDS {
        let seed = seed ^ (u64::from(crc32fast::hash(rule.id.as_bytes())) << 20);
        let text = match expand(template, seed, Some(rule)) {
            Ok(text) => text,
            Err(error) => return Some(error.to_string()),
        };
        let mut candidates: Vec<Candidate> = Vec::new();
        detector.candidates(text.as_bytes(), 0..text.len(), &mut candidates);
        let judged = detector.judge(&Document::new(&origin, text.as_bytes()), &candidates);
        let found = judged.detections.iter().any(|d| d.rule.0 == index);
        if found == wanted {
            continue;
        }
        if !wanted {
            return Some("is found".into());
        }
        let by = judged.detections.first().map(|d| detector.rules().get(d.rule).id.to_string());
        let why = judged.rejected.iter().find(|r| r.rule.0 == index).map(|r| r.why.text());
        return Some(match (why, by) {
            (Some(why), Some(by)) => format!("not found: {why} ({by})"),
            (Some(why), None) => format!("not found: {why}"),
            (None, Some(by)) => format!("not found, but {by} is"),
            (None, None) => "not found: no candidate".into(),
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_rules_find_their_examples_and_no_near_miss() {
        let problems: Vec<String> =
            check_rules(RuleSet::builtin()).into_iter().map(|p| format!("{}: {}", p.rule, p.problem)).collect();
        assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    }
}
