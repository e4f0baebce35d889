//! The sample exports of `fixtures/inventories`: what each becomes, and what hostile variants of them
//! must never do.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::tests::{load_texts, load_with};
use crate::inventory::{Record, Until, lint};

/// Every sample: name and text, with its templates expanded.
fn samples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/inventories");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let name = |p: &Path| p.file_name().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|p| (name(p), expand(&std::fs::read_to_string(p).unwrap()))).collect()
}

fn sample(name: &str) -> String {
    samples().into_iter().find(|(n, _)| n == name).unwrap().1
}

/// `{base62:N}` and `{uuid}`, each time another value.
fn expand(text: &str) -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut state = 42_u64;
    let mut draw = |n: usize, alphabet: &[u8]| -> String {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(alphabet[(state >> 33) as usize % alphabet.len()])
        };
        (0..n).map(|_| next()).collect()
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find('}').unwrap_or(0);
        let inner = rest.get(1..end).unwrap_or("");
        if let Some(n) = inner.strip_prefix("base62:") {
            out.push_str(&draw(n.parse().unwrap(), DIGITS));
        } else if inner == "uuid" {
            let hex = &DIGITS[..10];
            let _ =
                write!(out, "{}-{}-4{}-8{}-{}", draw(8, hex), draw(4, hex), draw(3, hex), draw(3, hex), draw(12, hex));
        } else {
            out.push('{');
            rest = &rest[1..];
            continue;
        }
        rest = &rest[end + 1..];
    }
    out + rest
}

/// When something ends, in a word.
fn until(until: Until) -> String {
    match until {
        Until::Unknown => "missing".to_owned(),
        Until::Never => "never".to_owned(),
        Until::On(when) => when.to_string(),
    }
}

/// A record in a line: what is said of it, and how many secrets were hashed.
fn line(r: &Record) -> String {
    let expires = if r.is_unknown("expires_at") { "unknown".to_owned() } else { until(r.expires_at) };
    let enforced = r.expiry_enforced.map_or("", |e| if e { " enforced" } else { " not enforced" });
    let status = r.status.map_or("-", |s| s.word());
    let mut out = format!("{} {} {status} {expires}{enforced}", r.id, if r.kind.is_empty() { "-" } else { &r.kind });
    let lists = [
        ("key", &r.key_id),
        ("client", &r.client_ids),
        ("env", &r.environments),
        ("apis", &r.apis),
        ("scopes", &r.scopes),
    ];
    for (name, list) in lists.iter().filter(|(_, l)| !l.is_empty()) {
        let _ = write!(out, " {name}={}", list.join(","));
    }
    for (name, text) in
        [("partner", &r.partner_id), ("owner", &r.credential_owner), ("vault", &r.vault_ref), ("hint", &r.hint)]
    {
        if !text.is_empty() {
            let _ = write!(out, " {name}={text}");
        }
    }
    if !r.secret_fields.is_empty() {
        let _ = write!(out, " secrets={}", r.secret_fields.join(","));
    }
    out
}

/// What becomes of every sample, on a day: `fixtures/inventories.txt`, to be read by eye.
#[test]
fn every_sample_becomes_these_records() {
    let mut told = String::new();
    for (name, text) in samples() {
        let mut inventory = load_texts(&[(name.as_str(), &text)]).unwrap();
        assert_eq!(inventory.errors, [], "{name}");
        inventory.settle("2026-06-15".parse().unwrap());
        let _ = writeln!(told, "{name}: {}", inventory.formats[&name]);
        for record in &inventory.records {
            let _ = writeln!(told, "  {}", line(record));
        }
        for c in &inventory.components {
            let _ = writeln!(told, "  {} owner={} line {}", c.entity, c.owner, c.at.line);
        }
        for partner in inventory.partners.values() {
            let _ = writeln!(told, "  partner {} ({}), ends {}", partner.id, partner.name, until(partner.contract_end));
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/inventories.txt");
    #[allow(clippy::disallowed_methods, reason = "how snapshots are blessed")]
    if std::env::var_os("KEYWARD_BLESS").is_some() {
        std::fs::write(&file, &told).unwrap();
    }
    assert_eq!(told, std::fs::read_to_string(file).unwrap_or_default(), "KEYWARD_BLESS=1 rewrites it");
}

#[test]
fn no_value_is_shown_wherever_it_stands() {
    const CANARY: &str = "q7Zc4Rk9Wd2Xn8Lb5Tf1Hg6Mj3Vp0Ys";
    for (name, text) in samples() {
        // In the place of every value and every key, one at a time.
        let tokens: Vec<_> = pieces(&text).collect();
        for (start, end) in tokens.iter().copied().step_by(1 + tokens.len() / 120) {
            let hostile = format!("{}{CANARY}{}", &text[..start], &text[end..]);
            let shown = match load_texts(&[(name.as_str(), &hostile)]) {
                Err(e) => e.to_string(),
                Ok(inventory) => {
                    // `lint` covers errors, remarks and conflicts.
                    lint(&inventory).iter().fold(String::new(), |mut all, l| {
                        let _ = writeln!(all, "{} {} {}", l.id.as_deref().unwrap_or_default(), l.field, l.problem);
                        all
                    })
                }
            };
            for at in 0..CANARY.len() - 8 {
                assert!(!shown.contains(&CANARY[at..at + 8]), "{name}: {shown}");
            }
        }
    }
}

/// Words of a text, as places to put something.
fn pieces(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut from = 0;
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "_-./@".contains(c))).filter_map(move |word| {
        let start = from;
        from += word.len() + 1;
        (!word.is_empty() && text.is_char_boundary(start)).then_some((start, start + word.len()))
    })
}

#[test]
fn secrets_of_exports_are_nowhere_in_what_is_kept() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/inventories");
    for (name, text) in samples() {
        let template = std::fs::read_to_string(folder.join(&name)).unwrap();
        let secrets = values(&template, &text);
        let inventory = load_texts(&[(name.as_str(), &text)]).unwrap();
        let kept = format!("{inventory:?}");
        for secret in &secrets {
            assert!(!kept.contains(secret.as_str()), "{name}");
        }
        if !secrets.is_empty() {
            assert_eq!(inventory.secrets.len(), secrets.len(), "{name}");
        }
    }
}

/// The values that a template was expanded to.
fn values(template: &str, text: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut rest = text;
    for (literal, after) in template.split("{base62:").zip(template.split("{base62:").skip(1)) {
        let literal = literal.split_once('}').filter(|(n, _)| n.parse::<u32>().is_ok()).map_or(literal, |(_, l)| l);
        rest = &rest[rest.find(literal).unwrap() + literal.len()..];
        let length: usize = after.split_once('}').unwrap().0.parse().unwrap();
        values.push(rest[..length].to_owned());
        rest = &rest[length..];
    }
    values
}

#[test]
fn several_sources_become_one_record() {
    let keys = sample("aws-access-keys.json");
    let report = sample("aws-credential-report.csv");
    let governance = "id,partner_id,kind,key_id,expires_at,approved_by,status\nacme-upload,acme,api_key_pair,AKIAEXAMPLE000000001,2027-01-01,people/lena,suspended\n";
    let files = [("gov.csv", governance), ("keys.json", &*keys), ("report.csv", &*report)];
    let inventory = load_texts(&files).unwrap();
    let lines: Vec<_> = inventory.records.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "acme-upload api_key_pair suspended 2027-01-01 not enforced key=AKIAEXAMPLE000000001 partner=acme",
            "aws-iam:AKIAEXAMPLE000000002 api_key_pair suspended never not enforced key=AKIAEXAMPLE000000002",
            "aws-iam:acme-uploader:cert_1 signing_key active never not enforced",
            "aws-iam:old-batch:cert_2 signing_key active never not enforced",
        ]
    );
    let record = &inventory.records[0];
    assert_eq!(record.last_used_at.unwrap().to_string(), "2026-11-01T05:00:00Z");
    assert_eq!((record.also_ids.len(), record.also_at.len()), (2, 2));
    let conflicts: Vec<_> =
        inventory.conflicts.iter().map(|c| (c.field.as_str(), c.other.file.as_str(), c.merged)).collect();
    assert_eq!(conflicts, [("status", "keys.json", true), ("status", "report.csv", true)]);
    // In any other order the same rows meet.
    for order in [[0, 2, 1], [1, 0, 2], [2, 1, 0]] {
        let other = load_texts(&order.map(|i| files[i])).unwrap();
        assert_eq!(other.records.len(), 4);
        assert!(other.records.iter().any(|r| r.partner_id == "acme" && r.also_at.len() == 2));
    }
}

#[test]
fn one_credential_of_two_partners_is_not_merged() {
    let of = |id: &str, partner: &str| format!("id,partner_id,key_id\n{id},{partner},SHAREDKEYID\n");
    let inventory = load_texts(&[("a.csv", &of("a", "acme")), ("b.csv", &of("b", "umbrella"))]).unwrap();
    assert_eq!(inventory.records.len(), 2);
    assert_eq!((inventory.conflicts[0].field.as_str(), inventory.conflicts[0].merged), ("partner_id", false));
}

#[test]
fn declared_mappings() {
    let mapping: super::Mapping = toml::from_str(
        r#"
        rows = "/data/keys"
        source = "portal"
        date_format = "dd/mm/yyyy"
        [fields]
        id = "Key Ref"
        partner_id = { const = "acme" }
        kind = { from = "type", enum = { "API Key" = "api_key" } }
        environments = { from = "/meta/envs", split = "," }
        expires_at = { first_of = ["ends", "meta.end"] }
        value = { from = "raw", secret = true }
        "#,
    )
    .unwrap();
    let mappings: BTreeMap<_, _> = [("portal".to_owned(), mapping)].into();
    let json = r#"{"data":{"keys":[
        {"Key Ref":"k1","type":"api key","meta":{"envs":"prod, dev","end":"03/04/2027"},"raw":"aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG3"},
        {"type":"API Key"}]}}"#;
    let inventory = load_with(&[("x.json=portal", json)], &mappings, false).unwrap();
    let lines: Vec<_> = inventory.records.iter().map(line).collect();
    assert_eq!(lines, ["k1 api_key - 2027-04-03 env=prod,dev partner=acme secrets=value"]);
    assert_eq!((inventory.errors.len(), inventory.errors[0].at.line, inventory.errors[0].set_aside), (1, 3, true));
    let csv = "Key Ref;type;ends\nk2;API Key;never\n";
    let inventory = load_with(&[("x.csv=portal", csv)], &mappings, false).unwrap();
    assert_eq!(inventory.records.iter().map(line).collect::<Vec<_>>(), ["k2 api_key - never partner=acme"]);
    let bad: super::Mapping = toml::from_str("fields = { id = \"a\", nonsense = \"b\" }").unwrap();
    let mappings: BTreeMap<_, _> = [("bad".to_owned(), bad)].into();
    let error = load_with(&[("x.csv=bad", "a,b\n")], &mappings, false).unwrap_err().to_string();
    assert_eq!(error, "x.csv: field nonsense: in the declared mapping: not a field of the inventory");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}", extension in "(csv|json|yaml|txt)") {
        let _ = load_texts(&[(&format!("a.{extension}"), &text)]).map(|i| lint(&i));
    }

    #[test]
    fn mutated_samples_never_panic(which in 0_usize..30, cut in 0_usize..4000, length in 0_usize..40, put in "[\\PC\n\r,;\":\\[\\]{}=]{0,12}") {
        let all = samples();
        let (name, text) = &all[which % all.len()];
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        let (start, end) = (boundary(cut % text.len()), boundary(cut % text.len() + length));
        let mutated = format!("{}{put}{}", &text[..start], &text[end..]);
        let _ = load_texts(&[(name, &mutated)]).map(|i| lint(&i));
        let _ = load_texts(&[(name, &text[..start])]).map(|i| lint(&i));
    }
}

#[test]
fn a_status_by_date_changes_on_the_day_after() {
    let entra = |start: &str, end: &str| {
        format!(
            r#"[{{"appId":"a","passwordCredentials":[{{"keyId":"k","startDateTime":"{start}","endDateTime":"{end}"}}]}}]"#
        )
    };
    let status = |day: &str| {
        let text = entra("2026-02-01T00:00:00Z", "2026-06-15T00:00:00Z");
        let mut inventory = load_texts(&[("entra.json", &text)]).unwrap();
        inventory.settle(day.parse().unwrap());
        inventory.records[0].status.unwrap().word()
    };
    let days = ["2026-01-31", "2026-02-01", "2026-06-14", "2026-06-15", "2026-06-16"];
    assert_eq!(days.map(status), ["approved", "active", "active", "active", "expired"]);
}

#[test]
fn a_comma_is_part_of_a_partner_s_name() {
    let csv = "id,partner_id,key_id\nr1,\"Acme, Inc\",KEYID00001\nr2,Acme;Globex,KEYID00002\n";
    let inventory = load_texts(&[("a.csv", csv)]).unwrap();
    let partners: Vec<_> = inventory.records.iter().map(|r| (r.partner_id.as_str(), r.other_partners.len())).collect();
    assert_eq!(partners, [("Acme, Inc", 0), ("Acme", 1)]);
}

#[test]
fn a_semicolon_in_the_name_of_a_partner() {
    let rows = "id,partner_id,kind\nplain,\"Müller; Söhne\",api_key\nescaped,Müller\\; Söhne,api_key\nboth,Müller\\; Söhne;acme,api_key\n";
    let partners = |files: &[(&str, &str)]| -> Vec<(String, usize)> {
        let inventory = load_texts(files).unwrap();
        inventory.records.iter().map(|r| (r.partner_id.to_string(), r.other_partners.len())).collect()
    };
    let of = |all: &[(&str, usize)]| all.iter().map(|(name, more)| ((*name).to_owned(), *more)).collect::<Vec<_>>();
    // A list, unless it is said that the semicolon is part of the name.
    let alone = partners(&[("a.csv", rows)]);
    assert_eq!(alone, of(&[("Müller", 1), ("Müller; Söhne", 0), ("Müller; Söhne", 1)]));
    // The register says so as well, in whichever order the files are named.
    let register = "id,name,criticality,contract_end\nmueller,\"Müller; Söhne\",high,never\nacme,Acme,high,never\n";
    let expected = of(&[("mueller", 0), ("mueller", 0), ("mueller", 1)]);
    assert_eq!(partners(&[("a.csv", rows), ("partners.csv", register)]), expected);
    assert_eq!(partners(&[("partners.csv", register), ("a.csv", rows)]), expected);
    // In a tree there are lists, and a text is one name.
    let tree = r#"[{"id": "plain", "partner_id": "Müller; Söhne", "kind": "api_key"},
        {"id": "list", "partner_id": ["Müller; Söhne", "acme"], "kind": "api_key"}]"#;
    assert_eq!(partners(&[("a.json", tree)]), of(&[("Müller; Söhne", 0), ("Müller; Söhne", 1)]));
}
