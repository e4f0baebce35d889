//! Services of a repository, by a Backstage catalogue: whose place a credential stands in, and one that
//! stands in several.

use std::fs;
use std::path::Path;

use keyward::Sample;
use serde_json::Value;
use tempfile::TempDir;

use crate::run::{git, keyward};

const CATALOGUE: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: NAME\nANNOTATION\
spec:\n  type: service\n  lifecycle: production\n  owner: team-NAME\n";

fn catalogue(name: &str, at: Option<&str>) -> String {
    let annotation = at.map_or_else(String::new, |at| {
        format!(
            "  annotations:\n    backstage.io/source-location: url:https://git.corp.example/acme/shop/tree/main/{at}\n"
        )
    });
    CATALOGUE.replace("NAME", name).replace("ANNOTATION", &annotation)
}

/// The folder `shop`, a repository in which one key stands in two services and in none.
fn shop(files: &[(&str, String)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sample = Sample::parse("KEY = \"stripe-secret-key: sk_live_51{base62:97}\"").unwrap();
    let keys = ["services/orders/app.env", "services/billing/app.env"];
    let all = files.iter().map(|(path, text)| (*path, text.clone()));
    for (path, text) in keys.map(|path| (path, sample.fill("STRIPE_KEY=@KEY@\n", &[]))).into_iter().chain(all) {
        let file = folder.path().join("shop").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    git(&folder.path().join("shop"), 10, &["init", "-q"]);
    folder
}

fn judged(folder: &Path, args: &[&str]) -> Value {
    let ran = keyward(folder, &[&["scan", "--as-of", "2026-11-22", "--format", "json"], args].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr))
}

/// The message of KW602, or the state of the check.
fn told(report: &Value) -> String {
    let found = report["findings"].as_array().unwrap().iter().find(|f| f["check"] == "KW602");
    match found {
        Some(finding) => finding["message"].as_str().unwrap().to_owned(),
        None if report["checks"]["KW602"]["evaluated"] == 0 => "not evaluated".to_owned(),
        None => "passed".to_owned(),
    }
}

const BOTH: &str = "Stripe secret key stands in 2 services: billing and orders.";

#[test]
fn one_credential_in_two_services_of_a_repository() {
    // The catalogue's files lie beside the code, and are named from wherever the scan runs.
    let beside = [
        ("services/orders/catalog-info.yaml", catalogue("orders", None)),
        ("services/billing/catalog-info.yaml", catalogue("billing", None)),
    ];
    let folder = shop(&beside);
    let named =
        ["--inventory", "services/orders/catalog-info.yaml", "--inventory", "services/billing/catalog-info.yaml"];
    let report = judged(&folder.path().join("shop"), &named);
    assert_eq!(told(&report), BOTH);
    let above = named.map(|arg| if arg.starts_with("--") { arg.to_owned() } else { format!("shop/{arg}") });
    let above: Vec<&str> = std::iter::once("shop").chain(above.iter().map(String::as_str)).collect();
    assert_eq!(told(&judged(folder.path(), &above)), BOTH);
    // Each place says whose it is; the name of the team is shown by choice.
    let leaks: Vec<&Value> = report["findings"].as_array().unwrap().iter().filter(|f| f["check"] == "KW001").collect();
    let of = |f: &Value| (f["primary"]["path"].clone(), f["facts"]["component"].clone());
    assert_eq!(of(leaks[0]), ("services/billing/app.env".into(), "billing".into()));
    assert_eq!(of(leaks[1]), ("services/orders/app.env".into(), "orders".into()));
    assert!(!report.to_string().contains("team-"), "a team is shown at the usual level");
    let full = judged(&folder.path().join("shop"), &[&named[..], &["--disclose", "full"]].concat());
    assert!(full.to_string().contains("\"component_owner\":\"team-orders\""), "{full}");
    // One of the two tells of one service: the other place belongs to none.
    assert_eq!(told(&judged(&folder.path().join("shop"), &named[..2])), "passed");
    assert_eq!(told(&judged(&folder.path().join("shop"), &[])), "not evaluated");
}

#[test]
fn a_catalogue_from_elsewhere_says_where_its_components_stand() {
    let export = [catalogue("orders", Some("services/orders/")), catalogue("billing", Some("services/billing/"))];
    let folder = shop(&[]);
    fs::write(folder.path().join("all.yaml"), export.join("---\n")).unwrap();
    let args = ["shop", "--inventory", "all.yaml"];
    assert_eq!(told(&judged(folder.path(), &args)), BOTH);
    // Of another repository it says nothing of this one.
    fs::write(folder.path().join("all.yaml"), export.join("---\n").replace("acme/shop/", "acme/payments/")).unwrap();
    assert_eq!(told(&judged(folder.path(), &args)), "not evaluated");
    // The service of the whole repository is that of both places.
    fs::write(folder.path().join("all.yaml"), catalogue("shop", Some(""))).unwrap();
    assert_eq!(told(&judged(folder.path(), &args)), "passed");
    // The nearest counts.
    fs::write(folder.path().join("all.yaml"), [&catalogue("shop", Some("")), "---\n", &export[0]].concat()).unwrap();
    assert_eq!(told(&judged(folder.path(), &args)), "Stripe secret key stands in 2 services: orders and shop.");
}
