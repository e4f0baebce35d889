//! Digests of other products in an inventory: compared with what was found, certain where they fit, and not
//! comparable where the salt is missing.

use std::fs;

use keyward::Sample;
use serde_json::Value;

use crate::run::{Ran, command, keyward};

const SALT: &str = "AQEBAQEBAQEBAQEBAQEBAQ";

/// As `HasMySecretLeaked` computes them.
fn hmsl(value: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut digest = [0; 32];
    let params = scrypt::Params::new(11, 8, 1).unwrap();
    scrypt::scrypt(value.as_bytes(), &Sha256::digest(b"GitGuardian"), &params, &mut digest).unwrap();
    data_encoding::HEXLOWER.encode(&digest)
}

/// As Vault Radar computes them.
fn radar(value: &str) -> String {
    use argon2::{Algorithm, Argon2, Params, Version};
    let mut digest = [0; 32];
    let params = Params::new(47_104, 1, 1, Some(32)).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(value.as_bytes(), &[1; 16], &mut digest).unwrap();
    data_encoding::BASE64_NOPAD.encode(&digest)
}

struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sample = Sample::parse("KEY = \"stripe-secret-key: sk_live_51{base62:97}\"").unwrap();
        let value = sample.value("KEY").unwrap();
        let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("tree")).unwrap();
        write("tree/app.env", format!("STRIPE_KEY={value}\n"));
        write("hmsl.txt", format!("{}:STRIPE\n", hmsl(value)));
        let index = format!(
            r#"{{"value_hash":"{}","secret_key":"k","secret_type":"generic","secret_age_days":1,"location":"vault://v.example/kv/stripe?version=1"}}"#,
            radar(value)
        );
        write("radar.jsonl", index + "\n");
        Self { folder }
    }

    fn scan(&self, inventory: &str, salt: Option<&str>) -> (Ran, Value) {
        let args = ["scan", "tree", "--inventory", inventory, "--as-of", "2026-11-22", "--format", "json"];
        let mut run = command(self.folder.path());
        run.args(args).stdin(std::process::Stdio::null());
        if let Some(salt) = salt {
            run.env("KEYWARD_RADAR_SALT", salt);
        }
        let output = run.output().unwrap();
        let ran = Ran {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap(),
        };
        let report = serde_json::from_str(&ran.stdout).unwrap_or_default();
        (ran, report)
    }
}

fn finding<'r>(report: &'r Value, check: &str) -> Option<&'r Value> {
    report["findings"].as_array()?.iter().find(|f| f["check"] == check)
}

#[test]
fn a_digest_that_fits_is_certain_and_says_which() {
    let scene = Scene::new();
    for (inventory, salt, by) in [("hmsl.txt", None, "hmsl"), ("radar.jsonl", Some(SALT), "radar")] {
        let (ran, report) = scene.scan(inventory, salt);
        let leak = finding(&report, "KW001").unwrap_or_else(|| panic!("{}{}", ran.stdout, ran.stderr));
        assert_eq!(leak["match"], format!("certain, by {by}"));
        assert!(finding(&report, "KW101").is_none(), "{inventory}: it is recorded");
        assert_eq!(report["coverage"]["counts"]["foreign-digests"], Value::Null);
    }
}

#[test]
fn without_the_salt_it_is_not_comparable_and_the_report_says_so() {
    let scene = Scene::new();
    let (ran, report) = scene.scan("radar.jsonl", None);
    assert!(finding(&report, "KW101").is_none(), "not comparable is not absent");
    assert_eq!(report["checks"]["KW101"]["evaluated"], 0);
    assert_eq!(report["coverage"]["counts"]["foreign-digests"], 1);
    assert!(ran.stdout.contains("digests of radar"), "{}", ran.stdout);
    let (other, report) = scene.scan("radar.jsonl", Some("AgICAgICAgICAgICAgICAg"));
    assert!(finding(&report, "KW101").is_some(), "another salt: computed, and no fit: {}", other.stderr);
    let (bad, _) = scene.scan("radar.jsonl", Some("hunter2"));
    assert_eq!(bad.code, 2);
    assert!(bad.stderr.contains("KEYWARD_RADAR_SALT: expected 16 bytes as base64"), "{}", bad.stderr);
    assert!(!bad.stderr.contains("hunter2"));
}

#[test]
fn observed_elsewhere_the_watchlist_carries_the_digests() {
    let scene = Scene::new();
    let folder = scene.folder.path();
    fs::write(folder.join("w.json"), keyward(folder, &["inventory", "watchlist", "hmsl.txt"]).stdout).unwrap();
    let judged = |file: &str| {
        let args = ["assess", file, "--inventory", "hmsl.txt", "--as-of", "2026-11-22", "--format", "json"];
        serde_json::from_str::<Value>(&keyward(folder, &args).stdout).unwrap()
    };
    let observe = ["observe", "tree", "--watchlist", "w.json", "--output", "jsonl=with.jsonl"];
    assert_eq!(keyward(folder, &observe).code, 0);
    let with = judged("with.jsonl");
    assert_eq!(finding(&with, "KW001").unwrap()["match"], "certain, by hmsl");
    assert_eq!(with["coverage"]["counts"]["no-watchlist"], Value::Null);
    assert_eq!(keyward(folder, &["observe", "tree", "--output", "jsonl=without.jsonl"]).code, 0);
    let without = judged("without.jsonl");
    assert!(finding(&without, "KW101").is_none(), "nobody computed the digest: not comparable");
    assert_eq!(without["coverage"]["counts"]["no-watchlist"], 1);
}
