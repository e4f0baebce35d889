//! The sample exports of `fixtures/inventories`: what each becomes, and what hostile variants of them
//! must never do.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::tests::{load_texts, load_with};
use crate::inventory::{Inventory, Record, Until, lint};

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

/// A record in a line: what is said of it, and how many secrets were hashed.
fn line(r: &Record) -> String {
    let expires = match r.expires_at {
        Until::Unknown if r.is_unknown("expires_at") => "unknown".to_owned(),
        Until::Unknown => "missing".to_owned(),
        Until::Never => "never".to_owned(),
        Until::On(when) => when.to_string(),
    };
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

fn check(file: &str, format: &str, expected: &[&str]) -> Inventory {
    let inventory = load_texts(&[(file, &sample(file))]).unwrap();
    assert_eq!(inventory.formats[file], format);
    assert_eq!(inventory.errors, [], "{file}");
    let lines: Vec<_> = inventory.records.iter().map(line).collect();
    assert_eq!(lines, expected, "{file}");
    inventory
}

#[test]
fn gateways() {
    let inventory = check(
        "apigee.json",
        "apigee",
        &[
            "apigee:c3b20cec-1111-4222-8333-944455556666:1 api_key_pair active never enforced apis=orders-read partner=acme owner=team/checkout secrets=consumerKey,consumerSecret",
            "apigee:c3b20cec-1111-4222-8333-944455556666:2 api_key_pair requested 2030-01-01T00:00:00Z enforced partner=acme owner=team/checkout secrets=consumerKey,consumerSecret",
            "apigee:d4c31dfd-1111-4222-8333-944455556666 api_key_pair revoked never enforced secrets=consumerKey,consumerSecret",
        ],
    );
    assert_eq!(
        (inventory.records[0].fingerprints.len(), inventory.secrets.len(), inventory.records[0].at.line),
        (2, 6, 6)
    );
    check(
        "azure-apim.json",
        "azure-apim",
        &[
            "azure-apim:acme-sub api_key active 2025-01-16T00:00:00Z not enforced scopes=/products/starter owner=/users/1",
            "azure-apim:all api_key revoked never not enforced scopes=/apis",
        ],
    );
    check(
        "kong.yaml",
        "kong",
        &[
            "kong:9b9443ae-1111-4222-8333-944455556666 api_key active never secrets=key",
            "kong:6b9443ae-1111-4222-8333-944455556666 api_key active never scopes=partners owner=team/gateway secrets=key",
            "kong:7b9443ae-1111-4222-8333-944455556666 api_key active 2024-10-26T04:53:01Z scopes=partners owner=team/gateway",
            "kong:8b9443ae-1111-4222-8333-944455556666 signing_key active never client=acme-issuer scopes=partners owner=team/gateway vault=vault://env/acme-jwt",
        ],
    );
    check(
        "tyk.json",
        "tyk",
        &[
            "tyk:acme-gw api_key active never enforced apis=Orders partner=acme secrets=key",
            "tyk:7a3c9f10 api_key suspended 2030-01-01T00:00:00Z enforced",
        ],
    );
    check(
        "gravitee.json",
        "gravitee",
        &[
            "gravitee:4a2d7a4c-1111-4222-8333-944455556666 api_key suspended 2030-01-01T00:00:00Z enforced apis=orders secrets=key",
            "gravitee:5a2d7a4c-1111-4222-8333-944455556666 api_key revoked never enforced secrets=key",
        ],
    );
    check(
        "wso2.json",
        "wso2",
        &[
            "wso2:b3ade481-30b0-4b38-9a67-498a40873a6d:PRODUCTION:k1 oauth_client_secret revoked never not enforced client=vYDoc9s7IgAFdkSyNDaswBX7ejoa env=prod apis=Orders scopes=default owner=omar secrets=consumerSecret",
            "wso2:b3ade481-30b0-4b38-9a67-498a40873a6d:SANDBOX:k2 oauth_client_secret active never not enforced client=wYDoc9s7IgAFdkSyNDaswBX7ejob env=sandbox apis=Orders owner=omar secrets=consumerSecret",
        ],
    );
}

#[test]
fn clouds() {
    check(
        "aws-access-keys.json",
        "aws-iam",
        &[
            "aws-iam:AKIAEXAMPLE000000001 api_key_pair active never not enforced key=AKIAEXAMPLE000000001",
            "aws-iam:AKIAEXAMPLE000000002 api_key_pair suspended never not enforced key=AKIAEXAMPLE000000002",
        ],
    );
    check(
        "aws-credential-report.csv",
        "aws-iam",
        &["aws-iam:acme-uploader:access_key_1 api_key_pair active never not enforced"],
    );
    let inventory = check(
        "aws-secrets-manager.json",
        "aws-secrets-manager",
        &[
            "aws-secrets-manager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:partners/datadog-a1b2c3 api_key active never not enforced env=prod partner=datadog owner=team/observability vault=arn:aws:secretsmanager:eu-west-1:123456789012:secret:partners/datadog-a1b2c3",
            "aws-secrets-manager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:old-d4e5f6 - revoked never not enforced vault=arn:aws:secretsmanager:eu-west-1:123456789012:secret:old-d4e5f6",
        ],
    );
    assert_eq!(inventory.records[0].rotation_days, Some(90));
    check(
        "aws-api-gateway.json",
        "aws-api-gateway",
        &[
            "aws-api-gateway:hzyspa1abc api_key active 2027-01-01 not enforced apis=a1b2c3/prod partner=acme secrets=value",
            "aws-api-gateway:hzyspa2abc api_key suspended never not enforced",
        ],
    );
    check(
        "aws-api-gateway.csv",
        "aws-api-gateway",
        &[
            "aws-api-gateway:MyFirstApiKey api_key active never not enforced apis=c7y23b,glvrsr owner=team/checkout secrets=key",
        ],
    );
    let account = "acme-sync@demo-project.iam.gserviceaccount.com";
    let name = |id: &str| format!("gcp-service-account-keys:projects/demo-project/serviceAccounts/{account}/keys/{id}");
    let ids = ["0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "1a1b2c3d4e5f60718293a4b5c6d7e8f901234567"];
    let lines = [
        format!("{} service_account_key active never enforced key={} client={account}", name(ids[0]), ids[0]),
        format!(
            "{} service_account_key suspended 2026-03-01T00:00:00Z enforced key={} client={account}",
            name(ids[1]),
            ids[1]
        ),
    ];
    let inventory =
        check("gcp-service-account-keys.json", "gcp-service-account-keys", &lines.each_ref().map(String::as_str));
    assert_eq!(inventory.records[1].exposed, Some(true));
    check(
        "gcp-api-keys.json",
        "gcp-api-keys",
        &[
            "gcp-api-keys:11111111-2222-4333-8444-555555555555 api_key active never not enforced apis=maps.googleapis.com",
            "gcp-api-keys:21111111-2222-4333-8444-555555555555 api_key revoked never not enforced scopes=*",
        ],
    );
    check(
        "gcp-secret-manager.json",
        "gcp-secret-manager",
        &[
            "gcp-secret-manager:projects/1/secrets/acme-api-key - active never not enforced env=prod owner=team-checkout vault=gcpsm://projects/1/secrets/acme-api-key",
            "gcp-secret-manager:projects/1/secrets/temp - active 2027-01-01T00:00:00Z enforced vault=gcpsm://projects/1/secrets/temp",
        ],
    );
    check(
        "azure-key-vault.json",
        "azure-key-vault",
        &[
            "azure-key-vault:https://demo.vault.azure.net/secrets/acme-api-key - active 2027-01-01T00:00:00Z enforced owner=team/checkout vault=https://demo.vault.azure.net/secrets/acme-api-key",
            "azure-key-vault:https://demo.vault.azure.net/secrets/old - suspended never not enforced vault=https://demo.vault.azure.net/secrets/old",
        ],
    );
    check(
        "entra.json",
        "entra",
        &[
            "entra:22222222-2222-4333-8444-555555555555 oauth_client_secret active 2027-01-01T00:00:00Z enforced key=22222222-2222-4333-8444-555555555555 client=11111111-2222-4333-8444-555555555555 scopes=00000003-0000-0000-c000-000000000000/e1fe6dd8-ba31-4d61-89e7-88639da4683d owner=ines@example.org hint=abc...",
            "entra:33333333-2222-4333-8444-555555555555 tls_client_key active 2028-01-01T00:00:00Z enforced key=33333333-2222-4333-8444-555555555555 client=11111111-2222-4333-8444-555555555555 scopes=00000003-0000-0000-c000-000000000000/e1fe6dd8-ba31-4d61-89e7-88639da4683d owner=ines@example.org",
        ],
    );
}

#[test]
fn platforms_and_vaults() {
    check(
        "github-tokens.json",
        "github",
        &[
            "github:98716 personal_access_token active 2026-11-16T15:47:09Z enforced scopes=organization:members:read,repository:metadata:read,repository:contents:write,repositories:all owner=octo-dev",
            "github:25382 personal_access_token active never enforced scopes=repositories:subset owner=octo-ops",
        ],
    );
    check(
        "github-authorizations.json",
        "github",
        &[
            "github:161195 personal_access_token active 2011-02-25T19:06:43Z scopes=user,repo owner=octo-dev hint=...71c3fc11",
            "github:161196 ssh_key active missing owner=octo-ops",
        ],
    );
    check(
        "vault-kv.json",
        "vault-kv",
        &[
            "vault-kv:kv/partners/acme - active 2027-02-04 not enforced env=prod partner=acme owner=team/integrations vault=vault://kv/partners/acme",
            "vault-kv:kv/partners/gone - revoked never not enforced vault=vault://kv/partners/gone",
        ],
    );
    let inventory = check(
        "vault-radar.jsonl",
        "vault-radar",
        &[
            "vault-radar:vault://vault.example.org:8200/v1/kv/data/aws?version=1#api_key - - missing vault=vault://vault.example.org:8200/v1/kv/data/aws#api_key",
            "vault-radar:vault://vault.example.org:8200/v1/kv/data/acme?version=3#token - - missing vault=vault://vault.example.org:8200/v1/kv/data/acme#token",
        ],
    );
    assert_eq!(inventory.records[0].fingerprints[0].scheme.name(), "radar");
    check(
        "okta.json",
        "okta",
        &["okta:00Tabcdefg1234567890 access_token active 2021-12-11T20:38:10Z not enforced owner=00uXXXXXXXXXXXXXX1"],
    );
    let vault = "vault=cyberark://Partners/Operating System-Acme-acme.example-svc";
    check(
        "cyberark.json",
        "cyberark",
        &[&format!("cyberark:12_34 basic_auth active never not enforced client=svc_acme owner=team/ops {vault}")],
    );
    check(
        "cyberark-upload.csv",
        "cyberark",
        &[
            "cyberark:acme-svc basic_auth active never not enforced client=svc_acme vault=cyberark://Partners/acme-svc secrets=secret",
        ],
    );
    check(
        "servicenow.csv",
        "servicenow",
        &[
            "servicenow:0c43bc8dc61122750182c132f2a4a9d3 - active 2027-02-04 key=ACMEKEY01 env=prod partner=Acme owner=Ines Ruiz",
        ],
    );
    check("hmsl.txt", "hmsl", &["hmsl:ACME_API_KEY - - missing", "hmsl:0a1b2c3d4e5f - - missing"]);
    let inventory = check("backstage.yaml", "backstage", &[]);
    let owners: Vec<_> =
        inventory.components.iter().map(|c| (c.entity.as_str(), c.owner.as_str(), c.at.line)).collect();
    assert_eq!(
        owners,
        [("component:default/orders", "team-checkout", 1), ("api:partners/acme-shipping", "team-integrations", 11)]
    );
    let inventory = check("keyward-partners.csv", "keyward", &[]);
    assert_eq!(inventory.partner_names().find("acme log"), Some("acme"));
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
        assert_eq!(other.records.len(), 2);
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
