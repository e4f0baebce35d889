//! Lists of known findings: `.gitleaksignore` and baselines of detect-secrets.
//!
//! They become exceptions that nobody has approved yet: until somebody does, they cover nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::{Migrated, quoted};
use crate::detect::ForeignMarker;

/// `commit:path:rule:line` or `path:rule:line`; `None` if no line is one.
pub(super) fn fingerprints(text: &str) -> Option<Migrated> {
    let mut out = Migrated {
        format: "gitleaks ignore file",
        markers: vec![ForeignMarker::Gitleaks, ForeignMarker::Betterleaks],
        ..Migrated::default()
    };
    let mut paths: BTreeMap<String, u64> = BTreeMap::new();
    let mut commits = 0;
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let mut parts: Vec<&str> = line.split(':').collect();
        let last = parts.pop().unwrap_or_default();
        let rule = parts.pop();
        if last.parse::<u64>().is_err() || rule.is_none() || parts.is_empty() {
            out.left.push(format!("line {}: expected commit:path:rule:line or path:rule:line", number + 1));
            continue;
        }
        let of_commit = parts.len() > 1 && parts[0].len() >= 7 && parts[0].bytes().all(|b| b.is_ascii_hexdigit());
        if of_commit {
            commits += 1;
            parts.remove(0);
        }
        *paths.entry(parts.join(":")).or_default() += 1;
    }
    if paths.is_empty() {
        return None;
    }
    if commits > 0 {
        out.left.push(format!(
            "the commits of {commits} entries: keyward's exceptions hold for a path, wherever its commit"
        ));
    }
    exceptions(&paths, "carried over from an ignore file", &mut out);
    Some(out)
}

/// A baseline of detect-secrets.
pub(super) fn baseline(text: &str) -> Result<Migrated, String> {
    let wrong = || "expected a baseline of detect-secrets: an object with `results`".to_owned();
    // The parser's message may quote what it failed on.
    let value: Value =
        serde_json::from_str(text).map_err(|e| format!("line {}, column {}: no JSON", e.line(), e.column()))?;
    let results = value["results"].as_object().ok_or_else(wrong)?;
    let mut out = Migrated {
        format: "detect-secrets baseline",
        markers: vec![ForeignMarker::DetectSecrets],
        ..Migrated::default()
    };
    let mut paths: BTreeMap<String, u64> = BTreeMap::new();
    let (mut real, mut open) = (0_u64, 0_u64);
    for (path, entries) in results {
        for entry in entries.as_array().into_iter().flatten() {
            match entry["is_secret"].as_bool() {
                Some(false) => *paths.entry(path.clone()).or_default() += 1,
                Some(true) => real += 1,
                None => open += 1,
            }
        }
    }
    exceptions(&paths, "audited as no secret in a baseline", &mut out);
    if real > 0 {
        out.left.push(format!("{real} entries audited as secrets: they stay findings, as they should"));
    }
    if open > 0 {
        out.left.push(format!(
            "{open} entries that nobody audited: `keyward baseline write` accepts today's findings as known"
        ));
    }
    out.left.push(
        "hashed_secret: a plain SHA-1 of the value is not carried over, since weak values can be found from it"
            .to_owned(),
    );
    let plugins = value["plugins_used"].as_array().map_or(0, Vec::len);
    let filters = value["filters_used"].as_array().map_or(0, Vec::len);
    if plugins + filters > 0 {
        out.left.push(format!("{plugins} plugins and {filters} filters: keyward has rules and judgements of its own"));
    }
    Ok(out)
}

fn exceptions(paths: &BTreeMap<String, u64>, reason: &str, out: &mut Migrated) {
    if paths.is_empty() {
        return;
    }
    out.exceptions.push_str("# Complete requested_by, approved_by, starts_at and expires_at. Until then these cover nothing.\nkeyward_exceptions = 1\n");
    for (number, (path, n)) in paths.iter().enumerate() {
        let _ = write!(
            out.exceptions,
            "\n[[exception]]\nid = \"MIGRATED-{:03}\"\ntype = \"scanner_false_positive\"\nchecks = [\"KW001\"]\n\
             subject = {{ path = {} }}\nreason = {}\nrequested_by = \"\"\napproved_by = \"\"\n",
            number + 1,
            quoted(path),
            quoted(reason),
        );
        let entries = if *n == 1 { "1 entry".to_owned() } else { format!("{n} entries") };
        out.carried.push(format!("{path}: {entries}, as exception MIGRATED-{:03}", number + 1));
    }
    out.config.push_str("exceptions = \"keyward-exceptions.toml\"\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::govern::Exceptions;

    #[test]
    fn ignores_become_exceptions_that_wait() {
        let commit = "a".repeat(40);
        let out = fingerprints(&format!("# known\n{commit}:src/a.env:generic-api-key:3\nsrc/b.env:jwt:9\nnonsense\n"))
            .unwrap();
        assert_eq!((out.carried.len(), out.left.len()), (2, 2), "{}", out.summary());
        let read = Exceptions::parse("x.toml", &out.exceptions).unwrap();
        assert_eq!(read.list[1].subject.path, "src/b.env");
        assert!(read.list[0].approved_by.is_empty());
        assert!(fingerprints("nonsense\n").is_none());
    }

    #[test]
    fn baselines_carry_what_was_audited_as_none() {
        let text = r#"{"results": {"a.py": [{"type": "x", "hashed_secret": "00", "line_number": 1, "is_secret": false}],
            "b.py": [{"type": "x", "hashed_secret": "11", "is_secret": true}, {"type": "x"}]}, "plugins_used": [{"name": "p"}]}"#;
        let out = baseline(text).unwrap();
        assert_eq!((out.carried.len(), out.left.len()), (1, 4), "{}", out.summary());
        assert_eq!(Exceptions::parse("x.toml", &out.exceptions).unwrap().list.len(), 1);
        assert!(baseline("{\"a\": 1}").is_err() && baseline("{").is_err());
    }
}
