//! A large inventory: sizes that must stay small, and a measurement to run by hand.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::import::tests::load_texts;
use super::{Facts, Matcher, Record};
use crate::secret::{CredentialId, Fingerprint};

fn rows(count: u32) -> String {
    let mut text = "id,partner_id,kind,status,environments,purpose,api_owner,credential_owner,approved_by,approved_at,approval_ref,expires_at,last_recertified_at,offboarding_runbook,fingerprints,hint,env_vars\n".to_owned();
    for n in 0..count {
        let _ = writeln!(
            text,
            "credential-{n},partner-{},api_key,active,prod,order sync,team/a,team/b,people/lena,2026-02-03,CHG{n},2027-02-04,2026-08-02,docs/offboarding.md,sha256:{n:064x},p_...{:04},VAR_{n}",
            n % 500,
            n % 10_000
        );
    }
    text
}

#[test]
fn a_record_is_small() {
    let size = size_of::<Record>();
    assert!(size <= 860, "{size} bytes a record");
}

#[test]
#[ignore = "a measurement: cargo test --release --lib inventory::scale -- --ignored --nocapture"]
fn a_hundred_thousand_rows() {
    let text = rows(100_000);
    let start = std::time::Instant::now();
    let inventory = load_texts(&[("a.csv", &text)]).unwrap();
    let loaded = start.elapsed();
    let matcher = Matcher::new(&inventory, &BTreeSet::new());
    let indexed = start.elapsed();
    let mut bound = 0;
    for n in 0..10_000_u32 {
        let fingerprints = [Fingerprint::parse(&format!("sha256:{:064x}", n * 7)).unwrap()];
        let facts = Facts {
            hint: Some("0042"),
            key_names: vec!["VAR_5"],
            paths: vec!["src/a/b/c.rs"],
            partner: Some("partner-7"),
            ..Facts::new(CredentialId::from_parts("test", &[]), &fingerprints, "api_key")
        };
        bound += usize::from(matcher.find(&facts).bound.is_some());
    }
    let whole = start.elapsed();
    println!("until loaded {loaded:?}, until indexed {indexed:?}, with matching {whole:?}, bound {bound}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or(""));
}
