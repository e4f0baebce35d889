//! The ladder, level by level, and what must hold whatever else the inventory says.

use std::collections::BTreeSet;

use thin_vec::thin_vec;

use super::*;
use crate::inventory::Partner;

fn sha(n: u32) -> Fingerprint {
    Fingerprint::parse(&format!("sha256:{n:064x}")).unwrap()
}

fn keyed(kid: &str, n: u32) -> Fingerprint {
    Fingerprint::parse(&format!("hmac-sha256:{kid}:{n:064x}")).unwrap()
}

fn record(id: &str, change: impl FnOnce(&mut Record)) -> Record {
    let mut record = Record { id: id.into(), kind: "api_key".into(), ..Record::default() };
    change(&mut record);
    record
}

fn inventory(records: Vec<Record>) -> Inventory {
    Inventory { records, ..Inventory::default() }
}

fn facts(fingerprints: &[Fingerprint]) -> Facts<'_> {
    Facts::new(CredentialId::from_parts("test", &[]), fingerprints, "api_key")
}

fn outcome(inventory: &Inventory, facts: &Facts<'_>) -> (Option<Level>, &'static str, Vec<usize>) {
    let found = Matcher::new(inventory, &BTreeSet::new()).find(facts);
    (found.level, found.by, found.records)
}

#[test]
fn every_level() {
    let all = inventory(vec![
        record("digest", |r| r.fingerprints = thin_vec![sha(1), sha(2)]),
        record("key", |r| r.key_id = thin_vec!["KEYID1".into()]),
        record("token", |r| {
            r.jwt_ids = thin_vec!["iss=https://i;jti=7".into(), "iss=https://i;sub=s;client_id=c".into()];
        }),
        record("client", |r| r.client_ids = thin_vec!["client-1".into()]),
        record("hint8", |r| r.hint = "...Abcd1234".into()),
        record("hint4", |r| r.hint = "pre_...Zz09".into()),
        record("place", |r| r.locations = thin_vec!["deploy/**".into()]),
        record("variable", |r| r.env_vars = thin_vec!["ACME_API_KEY".into()]),
    ]);
    let prints = [sha(2)];
    assert_eq!(outcome(&all, &facts(&prints)), (Some(Level::Certain), "sha256", vec![0]));
    let none = facts(&[]);
    let key = Facts { key_id: Some("KEYID1"), ..none.clone() };
    assert_eq!(outcome(&all, &key), (Some(Level::Certain), "key id", vec![1]));
    assert_eq!(outcome(&all, &Facts { key_id_paired: true, ..key }), (Some(Level::High), "paired key id", vec![1]));
    // An account's id links, and does not identify; issuers number their tokens each for itself.
    let account = Facts { key_id: Some("KEYID1"), key_id_shared: true, ..none.clone() };
    assert_eq!(outcome(&all, &account), (Some(Level::Medium), "account id in the value", vec![1]));
    let numbered = TokenIdentity { jti: Some("KEYID1"), ..TokenIdentity::default() };
    let numbered = Facts { key_id: Some("KEYID1"), token: numbered, ..none.clone() };
    assert_eq!(outcome(&all, &numbered), (Some(Level::High), "token id", vec![1]));
    let token = TokenIdentity { iss: Some("https://i"), jti: Some("7"), ..TokenIdentity::default() };
    assert_eq!(outcome(&all, &Facts { token, ..none.clone() }), (Some(Level::High), "token id", vec![2]));
    let token = TokenIdentity { jti: None, sub: Some("s"), azp: Some("c"), kid: Some("k"), ..token };
    let by = "token issuer and subject";
    assert_eq!(outcome(&all, &Facts { token, ..none.clone() }), (Some(Level::Medium), by, vec![2]));
    let client = Facts { client_ids_beside: vec!["client-1"], ..none.clone() };
    assert_eq!(outcome(&all, &client), (Some(Level::High), "client id beside it", vec![3]));
    let near = Facts { client_ids_near: vec!["client-1"], ..none.clone() };
    assert_eq!(outcome(&all, &near), (Some(Level::Medium), "client id in the same file", vec![3]));
    assert_eq!(
        outcome(&all, &Facts { hint: Some("Abcd1234"), ..none.clone() }),
        (Some(Level::Medium), "last 8", vec![4])
    );
    assert_eq!(outcome(&all, &Facts { hint: Some("Zz09"), ..none.clone() }), (Some(Level::Low), "last 4", vec![5]));
    let place = Facts { paths: vec!["deploy/prod.env"], ..none.clone() };
    assert_eq!(outcome(&all, &place), (Some(Level::Low), "declared location", vec![6]));
    let variable = Facts { key_names: vec!["acme_api_key"], ..none.clone() };
    assert_eq!(outcome(&all, &variable), (Some(Level::Suggestion), "variable name", vec![7]));
    let other_kind = Facts { kind: "jwt", ..Facts { hint: Some("Zz09"), ..none.clone() } };
    assert_eq!(outcome(&all, &other_kind).0, None);
    assert_eq!(outcome(&all, &none), (None, "", vec![]));
}

#[test]
fn only_strong_levels_bind() {
    let all = inventory(vec![
        record("a", |r| r.hint = "...Zz09".into()),
        record("b", |r| r.fingerprints = thin_vec![sha(1)]),
    ]);
    let matcher = Matcher::new(&all, &BTreeSet::new());
    let weak = matcher.find(&Facts { hint: Some("Zz09"), ..facts(&[]) });
    assert!(weak.bound.is_none() && weak.probable == [0]);
    let prints = [sha(1)];
    let strong = matcher.find(&Facts { hint: Some("Zz09"), ..facts(&prints) });
    assert_eq!(strong.bound.map(|r| r.id.as_str()), Some("b"));
}

#[test]
fn several_records_stay_ambiguous() {
    let all = inventory(vec![
        record("a", |r| r.fingerprints = thin_vec![sha(1)]),
        record("b", |r| r.fingerprints = thin_vec![sha(1)]),
    ]);
    let prints = [sha(1)];
    let found = Matcher::new(&all, &BTreeSet::new()).find(&facts(&prints));
    assert!(found.is_ambiguous() && found.bound.is_none() && found.records == [0, 1]);
}

#[test]
fn a_missing_pepper_is_not_absence() {
    let mut all = inventory(vec![record("a", |r| {
        r.fingerprints = thin_vec![keyed("c4237cf8", 1)];
        r.partner_id = "acme".into();
    })]);
    for id in ["acme", "other"] {
        all.partners.insert(id.to_owned(), Partner { id: id.into(), ..Partner::default() });
    }
    let prints = [keyed("00000000", 1), sha(1)];
    let matcher = Matcher::new(&all, &BTreeSet::new());
    assert!(matcher.find(&facts(&prints)).not_comparable);
    assert!(matcher.find(&Facts { partner: Some("ACME"), ..facts(&prints) }).not_comparable);
    assert!(!matcher.find(&Facts { partner: Some("other"), ..facts(&prints) }).not_comparable);
    assert_eq!((matcher.incomparable(), matcher.missing().len()), (1, 1));
    let with = Matcher::new(&all, &["c4237cf8".to_owned()].into());
    assert!(!with.find(&facts(&prints)).not_comparable);
}

#[test]
fn hints_are_refused_where_they_say_nothing() {
    let crowd =
        inventory((0..700).map(|i| record(&i.to_string(), |r| r.hint = format!("...{i:04x}").into())).collect());
    assert_eq!(outcome(&crowd, &Facts { hint: Some("0007"), ..facts(&[]) }).0, None);
    let few = inventory(vec![
        record("password", |r| {
            r.kind = "db_password".into();
            r.hint = "...0007".into();
        }),
        record("key", |r| r.hint = "...0008".into()),
    ]);
    assert_eq!(outcome(&few, &Facts { hint: Some("0007"), kind: "", ..facts(&[]) }).0, None);
    assert_eq!(outcome(&few, &Facts { hint: Some("0008"), ..facts(&[]) }).0, Some(Level::Low));
}

#[test]
fn circumstances_that_agree_narrow_each_other_down() {
    let of = |id: &str, token: &str| {
        record(id, |r| {
            r.client_ids = thin_vec!["client-1".into()];
            r.jwt_ids = thin_vec![format!("iss=i;jti={token}").into()];
        })
    };
    let all = inventory(vec![of("a", "1"), of("b", "2")]);
    let token = TokenIdentity { iss: Some("i"), jti: Some("2"), ..TokenIdentity::default() };
    let both = Facts { client_ids_beside: vec!["client-1"], ..facts(&[]) };
    assert_eq!(outcome(&all, &both).2, [0, 1]);
    assert_eq!(outcome(&all, &Facts { token, ..both }).2, [1]);
}

#[test]
fn partners_by_any_name() {
    let mut all = inventory(vec![record("a", |r| r.partner_id = "acme".into())]);
    let partner = Partner { id: "acme".into(), name: "ACME Logistics".into(), ..Partner::default() };
    all.partners.insert("acme".to_owned(), partner);
    let found = outcome(&all, &Facts { partner: Some("acme-logistics"), ..facts(&[]) });
    assert_eq!(found, (Some(Level::Suggestion), "partner", vec![0]));
}

proptest::proptest! {
    /// A record that shares no identifier changes nothing.
    #[test]
    fn an_unrelated_record_never_removes_a_match(own in 0_u32..50, others in proptest::collection::vec(50_u32..500, 0..30), at in 0_usize..30) {
        let mut records: Vec<_> = others.iter().map(|n| record(&n.to_string(), |r| {
            r.fingerprints = thin_vec![sha(*n)];
            r.hint = format!("...{n:04}").into();
        })).collect();
        let at = at.min(records.len());
        records.insert(at, record("own", |r| r.fingerprints = thin_vec![sha(own)]));
        let prints = [sha(own)];
        let all = inventory(records);
        let found = Matcher::new(&all, &BTreeSet::new()).find(&facts(&prints));
        proptest::prop_assert_eq!(found.level, Some(Level::Certain));
        proptest::prop_assert_eq!(found.bound.map(|r| r.id.as_str()), Some("own"));
    }
}
