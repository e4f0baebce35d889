//! Reports made by hand, for the tests of the formats.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Format, InventoryFile, InventorySummary, RenderOptions, Report, SCHEMA, render};
use crate::detect::claims::Claims;
use crate::detect::{ChecksumVerdict, Form, Kind, Mode, PartnerNamed, PathClass, Visibility};
use crate::govern::check::{Check, CheckId, Level};
use crate::govern::{BaselineEntry, CheckState, Disposition, Finding, Judgement, Matched, Modifier, Spot, Subject};
use crate::observe::{CommitRef, Excerpt, Exposure, Observation, Repository, Sighting};
use crate::position::Location;
use crate::secret::{CredentialId, FindingKey, Fingerprint, Hint, Scheme};
use crate::source::coverage::{Coverage, Reason};
use crate::source::{Place, RepoPath};

/// What must never show up in any format.
pub(super) const CANARY: &str = "q8Zr2LmX0vKp";

static CHECKS: &[Check] = &[
    Check {
        id: CheckId(1),
        slug: "leaked-credential",
        title: "Leaked credential",
        why: "A secret value stands in the tree. Whoever can read the repository, a fork or a build log can use it.",
        remedy: "Revoke it with the provider first, then replace it by a reference to a vault and remove it from the tree.",
        level: Level::Error,
        severity: 8.6,
        needs: "nothing but the scan",
        taxa: &["CWE-798", "CWE-540", "NHI2:2025", "CSF PR.DS-01", "ISO A.5.17", "PCI 8.3.2"],
    },
    Check {
        id: CheckId(2),
        slug: "leaked-in-history",
        title: "Leaked in git history",
        why: "The value is gone from the tree and still in the repository's objects: every clone has it.",
        remedy: "Revoke it with the provider. Rewriting history is optional once it is void.",
        level: Level::Error,
        severity: 8.6,
        needs: "a scan of the history",
        taxa: &["CWE-798", "NHI2:2025"],
    },
    Check {
        id: CheckId(101),
        slug: "shadow-credential",
        title: "Credential in no inventory",
        why: "Nobody has approved it, nobody owns it, nobody will revoke it when the partner leaves.",
        remedy: "Find its owner and record it in the inventory, with a fingerprint, or revoke it.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory with identifiers",
        taxa: &["NHI1:2025", "NHI2:2025", "CSF ID.AM-02", "ISO A.5.9"],
    },
    Check {
        id: CheckId(202),
        slug: "owner-left",
        title: "Owner has left",
        why: "The person who answers for it is no longer active.",
        remedy: "Name a new owner.",
        level: Level::Error,
        severity: 7.0,
        needs: "a roster",
        taxa: &["NHI1:2025"],
    },
    Check {
        id: CheckId(402),
        slug: "no-expiry",
        title: "Standing access without an end",
        why: "An access that does not end by itself outlives its reason.",
        remedy: "Set an end date in the inventory and, where the provider can, at the provider.",
        level: Level::Warning,
        severity: 5.5,
        needs: "expires_at",
        taxa: &["NHI7:2025", "CSF PR.AA-05"],
    },
    Check {
        id: CheckId(412),
        slug: "contract-ended",
        title: "Contract has ended",
        why: "The partner's contract is over and the access is not.",
        remedy: "Revoke the credential, or record the renewed contract.",
        level: Level::Error,
        severity: 9.0,
        needs: "the partner's contract_end",
        taxa: &["NHI1:2025", "CSF GV.SC-10", "ISO A.5.20", "CIS 15.7"],
    },
    Check {
        id: CheckId(503),
        slug: "offboarding-path-missing",
        title: "No way to end it",
        why: "No runbook, no method or no team for ending the access is written down.",
        remedy: "Write down how it is revoked and who does it.",
        level: Level::Error,
        severity: 7.5,
        needs: "offboarding fields",
        taxa: &["NHI1:2025", "CSF GV.SC-10"],
    },
];

/// Options with the table of these tests.
pub(super) fn options() -> RenderOptions<'static> {
    RenderOptions::new(CHECKS)
}

/// `report` in `format`, with those options.
pub(super) fn rendered(report: &Report, format: Format) -> String {
    let mut out = Vec::new();
    render(report, format, &options(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn credential(name: &str) -> CredentialId {
    CredentialId::from_parts("test", &[name.as_bytes()])
}

fn location(line: u32, column: u32, length: u32) -> Location {
    Location { line, column, end_line: line, end_column: column + length }
}

fn excerpt(text: &str) -> Excerpt {
    let chars: Vec<char> = text.chars().collect();
    let end = chars.iter().rposition(|c| *c == '*').map_or(0, |i| i + 1);
    let start =
        (0..end).rev().take_while(|i| chars[*i] == '*' || chars[*i].is_ascii_alphanumeric() || chars[*i] == '_').last();
    Excerpt { text: text.to_owned(), start: start.unwrap_or(0) as u32, end: end as u32 }
}

fn spot(path: &str, line: u32, column: u32, text: &str) -> Spot {
    let excerpt = excerpt(text);
    let length = excerpt.end - excerpt.start;
    Spot {
        path: RepoPath::new(path),
        location: location(line, column, length.max(1)),
        place: Some(Place::Tree),
        excerpt: Some(excerpt),
        exposure: None,
        note: String::new(),
    }
}

fn row_spot(path: &str, line: u32) -> Spot {
    Spot {
        path: RepoPath::new(path),
        location: location(line, 1, 0),
        place: None,
        excerpt: None,
        exposure: None,
        note: "inventory record".to_owned(),
    }
}

fn finding(check: u16, level: Level, subject: &Subject, primary: Spot, message: &str) -> Finding {
    let id = CheckId(check).to_string();
    let subject_text = serde_json::to_string(subject).unwrap();
    Finding {
        key: FindingKey::from_parts(&[id.as_bytes(), subject_text.as_bytes(), primary.path.as_bytes()]),
        check: CheckId(check),
        level,
        modifiers: Vec::new(),
        subject: subject.clone(),
        message: message.to_owned(),
        primary,
        related: Vec::new(),
        partner: None,
        record: None,
        matched: None,
        facts: BTreeMap::new(),
        disposition: Disposition::Open,
    }
}

fn modifier(reason: &str, steps: i32) -> Modifier {
    Modifier { reason: reason.to_owned(), steps }
}

fn facts(all: &[(&str, Value)]) -> BTreeMap<String, Value> {
    all.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
}

fn observation(
    name: &str,
    rule: &str,
    title: &str,
    partner: Option<(&str, &str, &str)>,
    spots: &[Spot],
) -> Observation {
    Observation {
        credential: credential(name),
        rule: rule.to_owned(),
        title: title.to_owned(),
        kind: Kind::ApiKey,
        visibility: Visibility::Secret,
        confidence: Form::Certain,
        checksum: ChecksumVerdict::None,
        mode: None,
        partner: partner.map(|(id, name, evidence)| PartnerNamed {
            id: id.to_owned(),
            name: name.to_owned(),
            evidence: evidence.to_owned(),
            by: None,
            confidence: "high".to_owned(),
        }),
        revoke: None,
        fingerprints: vec![Fingerprint { scheme: Scheme::Sha256, kid: None, digest: "5e".repeat(32) }],
        watched: Vec::new(),
        listed: Vec::new(),
        key_id: None,
        key_id_shared: false,
        hint: None,
        claims: Claims::default(),
        sightings: spots
            .iter()
            .map(|s| Sighting {
                place: s.place.unwrap(),
                path: s.path.clone(),
                location: s.location,
                key_name: None,
                key_path: None,
                host: None,
                excerpt: s.excerpt.clone().unwrap_or_default(),
                path_class: PathClass::Ordinary,
                allow: None,
                exposure: s.exposure.clone(),
            })
            .collect(),
        exposure: None,
    }
}

fn base() -> Report {
    Report {
        schema: SCHEMA.to_owned(),
        version: "0.1.0".to_owned(),
        as_of: "2026-11-22".to_owned(),
        scope: vec!["tree".to_owned()],
        repositories: vec![Repository {
            name: "payments-api".to_owned(),
            remote: Some(format!("https://ci:{CANARY}@git.example.org/shop/payments-api.git")),
            head: Some("3f2a9c4e5b6d7f8091a2b3c4d5e6f70812345678".to_owned()),
            branch: Some("main".to_owned()),
            shallow: false,
        }],
        inventory: Some(InventorySummary {
            files: vec![InventoryFile {
                name: "governance/inventory.csv".to_owned(),
                format: "canonical-csv".to_owned(),
                sha256: "ab".repeat(32),
            }],
            records: 14,
            partners: 5,
            generated_at: Some("2026-11-20".to_owned()),
            errors: Vec::new(),
        }),
        complete: true,
        coverage: Coverage { documents: 412, bytes: 3_140_000, ..Coverage::default() },
        judgement: Judgement::default(),
        observations: Vec::new(),
    }
}

fn states(report: &mut Report) {
    for check in CHECKS {
        let failed = report.judgement.findings.iter().filter(|f| f.check == check.id).count() as u64;
        let state = CheckState { evaluated: failed.max(3), failed, ..CheckState::default() };
        report.judgement.checks.insert(check.id, state);
    }
    let roster =
        CheckState { not_evaluated: BTreeMap::from([("no roster was given".to_owned(), 6)]), ..CheckState::default() };
    report.judgement.checks.insert(CheckId(202), roster);
}

/// Nothing found.
pub(super) fn clean() -> Report {
    let mut report = base();
    report.coverage.count(Reason::Ignored, 120);
    states(&mut report);
    report
}

/// Findings of every kind.
pub(super) fn sample() -> Report {
    let mut report = base();
    let in_code =
        spot("src/payments/charge.py", 14, 15, "STRIPE_KEY = \"sk_live_************************\"  # \u{5bc6}\u{94a5}");
    let in_env = spot("deploy/prod.env", 3, 19, "STRIPE_SECRET_KEY=sk_live_************************");
    let stripe = Subject::Credential(credential("stripe"));
    let mut findings = Vec::new();
    for place in [&in_code, &in_env] {
        let mut leak =
            finding(1, Level::Error, &stripe, place.clone(), "A Stripe secret key in live mode stands in the tree.");
        (leak.partner, leak.record) = (Some("stripe".to_owned()), Some("cred-017".to_owned()));
        leak.matched = Some("certain, by key id".to_owned());
        leak.related = vec![row_spot("governance/inventory.csv", 7)];
        findings.push(leak);
    }
    let mut expiry = finding(402, Level::Error, &stripe, in_code.clone(), "The inventory gives no end date.");
    (expiry.partner, expiry.record) = (Some("stripe".to_owned()), Some("cred-017".to_owned()));
    expiry.matched = Some("certain, by key id".to_owned());
    expiry.modifiers = vec![modifier("production environment", 1)];
    expiry.related = vec![row_spot("governance/inventory.csv", 7)];
    expiry.facts = facts(&[
        ("environment", json!("production")),
        ("approver", json!("Dana Approver")),
        ("approval_ref", json!("CHG-4711")),
        ("owner", json!("team-payments")),
    ]);
    findings.push(expiry);

    let shadow_spot = spot("services/ship/client.go", 88, 22, "const acmeToken    = \"********************\"");
    let acme = Subject::Credential(credential("acme"));
    let mut shadow = finding(101, Level::Warning, &acme, shadow_spot.clone(), "No record of Acme Logistics fits it.");
    shadow.partner = Some("acme-logistics".to_owned());
    shadow.modifiers = vec![modifier("contextual detection, confirmed by nothing", -1)];
    findings.push(shadow);
    let mut ended = finding(
        412,
        Level::Error,
        &Subject::Record("acme-2".to_owned()),
        row_spot("governance/inventory.csv", 9),
        "The contract of Acme Logistics ended on 2026-10-12, 41 days before.",
    );
    (ended.partner, ended.record) = (Some("acme-logistics".to_owned()), Some("acme-2".to_owned()));
    ended.facts = facts(&[("contract_end", json!("2026-10-12")), ("days", json!(41))]);
    findings.push(ended);
    let mut outside = finding(
        503,
        Level::Warning,
        &Subject::Record("acme-3".to_owned()),
        row_spot("/srv/exports/acme.csv", 2),
        "No team and no method.",
    );
    (outside.partner, outside.record) = (Some("acme-logistics".to_owned()), Some("acme-3".to_owned()));
    outside.modifiers = vec![modifier("not in production", -1)];
    findings.push(outside);

    let mut excepted = finding(
        1,
        Level::Error,
        &Subject::Credential(credential("old")),
        spot("tests/a.py", 2, 5, "key=****************"),
        "A key in tests.",
    );
    excepted.disposition = Disposition::Excepted { id: "EX-3".to_owned(), until: "2027-01-31".to_owned() };
    let mut known = finding(
        1,
        Level::Error,
        &Subject::Credential(credential("older")),
        spot("tests/b.py", 2, 5, "key=****************"),
        "A key in tests.",
    );
    known.disposition = Disposition::Baselined;
    findings.extend([excepted, known]);

    let mut key = observation(
        "stripe",
        "stripe-secret-key",
        "Stripe secret key",
        Some(("stripe", "Stripe", "format")),
        &[in_code, in_env],
    );
    key.mode = Some(Mode::Live);
    key.hint = Some(Hint("4f2c".to_owned()));
    key.revoke = Some("Stripe Dashboard > Developers > API keys > Rotate key, with Expire now".to_owned());
    key.claims.facts = facts(&[("account", json!("acct_17"))]);
    let mut token = observation(
        "acme",
        "keyed-token",
        "API token",
        Some(("acme-logistics", "Acme Logistics", "inventory")),
        &[shadow_spot],
    );
    token.confidence = Form::Contextual;
    report.observations = vec![key, token];
    let matched = Matched {
        level: "certain".to_owned(),
        by: "key id".to_owned(),
        records: vec!["cred-017".to_owned()],
        ..Matched::default()
    };
    report.judgement.matches.insert(credential("stripe"), matched);
    report.judgement.findings = findings;
    report.coverage.count(Reason::Ignored, 120);
    report.coverage.add(Reason::Unreadable, "config/secrets.yaml", "permission denied");
    report.complete = false;
    states(&mut report);
    report
}

/// `n` findings in as many files.
pub(super) fn many(n: u32) -> Report {
    let mut report = base();
    for i in 0..n {
        let place = spot(&format!("src/module_{i}/settings.py"), i + 1, 9, "TOKEN = \"********************\"");
        let subject = Subject::Credential(credential(&format!("many {i}")));
        let level = [Level::Error, Level::Warning, Level::Note][i as usize % 3];
        let mut leak = finding(1, level, &subject, place.clone(), "A token stands in the tree.");
        leak.partner = Some(format!("partner-{}", i % 17));
        report.judgement.findings.push(leak);
        report.observations.push(observation(&format!("many {i}"), "keyed-token", "API token", None, &[place]));
    }
    states(&mut report);
    report
}

/// A credential that is gone from the tree.
pub(super) fn history() -> Report {
    let mut report = base();
    report.scope = vec!["history".to_owned(), "tree".to_owned()];
    let mut was = spot("config/old.env", 12, 9, "TWILIO_=********************************");
    was.place = Some(Place::History);
    let commit = |c: &str, time: &str| CommitRef { commit: c.repeat(40), time: time.to_owned(), author_time: None };
    was.exposure = Some(Exposure {
        introduced: Some(commit("a", "2025-03-01T10:00:00Z")),
        removed: Some(commit("b", "2025-06-30T10:00:00Z")),
        refs: std::iter::once("refs/heads/release".to_owned()).collect(),
        refs_total: 3,
        ..Exposure::default()
    });
    let subject = Subject::Credential(credential("twilio"));
    let mut leak = finding(2, Level::Error, &subject, was.clone(), "A Twilio auth token was in the tree for 121 days.");
    leak.partner = Some("twilio".to_owned());
    report.judgement.findings = vec![leak];
    report.observations = vec![observation(
        "twilio",
        "twilio-auth-token",
        "Twilio auth token",
        Some(("twilio", "Twilio", "format")),
        &[was],
    )];
    let dates = [("approved_at", "2025-01-10"), ("expires_at", "2025-05-01"), ("revoked_at", "2025-07-02T09:00:00Z")];
    let dates = dates.into_iter().map(|(name, day)| (name.to_owned(), day.to_owned())).collect();
    let records = vec!["cred-020".to_owned()];
    let matched = Matched { level: "certain".to_owned(), by: "sha256".to_owned(), records, dates };
    report.judgement.matches.insert(credential("twilio"), matched);
    report.judgement.stale_baseline = vec![BaselineEntry {
        check: CheckId(1),
        key: "0".repeat(32),
        subject: "record:gone".to_owned(),
        path: "old/<b>gone</b>.env".to_owned(),
    }];
    report.coverage.count(Reason::Shallow, 1);
    report.complete = false;
    states(&mut report);
    report
}

/// Names and texts that try to act.
pub(super) fn hostile() -> Report {
    let mut report = base();
    let nasty = "a\u{1b}[2J b\u{202e}\"]<script>alert(1)</script>::error::=cmd|' /C calc'!A0.txt";
    let mut place = spot(nasty, 0, 0, "\u{5bc6}\u{94a5}\u{5bc6}\u{94a5} = ****************************");
    place.location = Location { line: 0, column: 0, end_line: 0, end_column: 0 };
    place.note = "[x](https://evil.example)\u{7}".to_owned();
    let subject = Subject::Credential(credential("nasty"));
    let mut leak = finding(
        1,
        Level::Error,
        &subject,
        place.clone(),
        "See [here](https://evil.example)\u{1b}]0;x\u{7}\n=HYPERLINK(1) | `a`",
    );
    leak.partner = Some("=1+1\u{1b}[0m".to_owned());
    leak.record = Some("@SUM(A1)\r\n".to_owned());
    leak.related = vec![place.clone(), row_spot("../outside.csv", 3), row_spot("", 1)];
    report.observations = vec![observation(
        "nasty",
        "rule\u{1b}[1m",
        "+Title <b>bold</b> \u{1f511}",
        Some(("=1+1\u{1b}[0m", "</script><img src=x onerror=alert(1)>", "inventory")),
        &[place],
    )];
    report.judgement.findings = vec![leak];
    report.repositories[0].name = "<i>repo</i>\u{1b}[5m".to_owned();
    report.coverage.add(Reason::Unreadable, nasty, "\u{1b}[31mdenied");
    report.complete = false;
    states(&mut report);
    report
}
