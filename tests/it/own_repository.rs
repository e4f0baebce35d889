//! keyward on its own repository: nothing is found, and no text shaped like a token is tracked.

use std::fs;

use crate::run::{home, keyward};

#[test]
fn nothing_is_found() {
    let ran = keyward(&home(), &["scan", ".", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let findings: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            format!(
                "{} {}:{} {}",
                f["check"], f["primary"]["path"], f["primary"]["location"]["line"], f["facts"]["rule"]
            )
        })
        .collect();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(report["coverage"]["documents"].as_u64().unwrap() > 300);
}

/// Prefixes of documented forms and how many token characters behind them make a token, as push
/// protection and other scanners see it.
const FORMS: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 35),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 60),
    ("glpat-", 20),
    ("sk_live_", 24),
    ("rk_live_", 24),
    ("sk-ant-", 40),
    ("sk-proj-", 40),
    ("xoxb-", 30),
    ("xoxp-", 30),
    ("shpat_", 32),
    ("SG.", 60),
    ("npm_", 36),
    ("pypi-AgEI", 50),
    ("dop_v1_", 64),
    ("hf_", 34),
    ("EAAA", 60),
    (concat!("-----BEGIN ", "RSA PRIVATE KEY-----\nMII"), 40),
    (concat!("-----BEGIN ", "PRIVATE KEY-----\nMII"), 40),
];

#[test]
fn no_text_shaped_like_a_token_is_tracked() {
    let listed = std::process::Command::new("git").args(["ls-files", "-z"]).current_dir(home()).output();
    // A packaged copy has no repository.
    let Some(listed) = listed.ok().filter(|l| l.status.success()) else { return };
    let mut found = Vec::new();
    for path in listed.stdout.split(|b| *b == 0).filter(|p| !p.is_empty()) {
        let path = String::from_utf8_lossy(path);
        let Ok(text) = fs::read_to_string(home().join(&*path)) else { continue };
        for (prefix, length) in FORMS {
            for (at, _) in text.match_indices(prefix) {
                let before = text[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
                let behind: &str = &text[at + prefix.len()..];
                let run = behind
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '/'))
                    .count();
                let digits = behind.chars().take(run).filter(char::is_ascii_digit).count();
                // Samples of the providers' own documentation say so.
                let sample = behind.chars().take(run).collect::<String>().contains("EXAMPLE");
                if !before && run >= *length && digits > 0 && !sample {
                    let line = text[..at].lines().count().max(1);
                    found.push(format!("{path}:{line}: {prefix}..."));
                }
            }
        }
    }
    assert!(found.is_empty(), "write it as a template:\n{}", found.join("\n"));
}
