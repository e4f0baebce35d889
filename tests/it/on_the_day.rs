//! Checks that compare two dates, on the built binary and a real repository: the day before, the day itself and
//! the day after. Checks that compare a date with the day that is judged on are in the library's tests.

use std::fs;

use keyward::Sample;
use serde_json::Value;
use tempfile::TempDir;

use crate::run::{git, keyward};

const RECORDS: &str = "id,partner_id,kind,status,purpose,approved_by,approved_at,last_rotated_at,last_recertified_at,fingerprints\n\
    r1,stripe,api_key,active,orders,people/lena,APPROVED,ROTATED,REVIEWED,@sha256:KEY@\n";
const PARTNERS: &str = "id,name,criticality,contract_end,contract_renewed_at\nstripe,Stripe,high,never,RENEWED\n";
const ROSTER: &str = "id;name;kind;status;end_date\npeople/lena;Lena;person;active;LEFT\n";
const POLICY: &str = "[policy.approval]\ntolerance_hours = HOURS\napprovers = { default = [\"people/lena\"] }\n";

/// What does not matter to the check that is asked.
const SOUND: &[(&str, &str)] = &[
    ("APPROVED", "2026-01-10"),
    ("ROTATED", "2026-01-10"),
    ("REVIEWED", "2026-06-01"),
    ("RENEWED", "2026-06-01"),
    ("LEFT", ""),
    ("HOURS", "0"),
];

/// A credential that was committed at noon of 10 January 2026, with its record.
struct Place {
    folder: TempDir,
    sample: Sample,
}

impl Place {
    fn new() -> Self {
        let sample = Sample::parse("KEY = \"stripe-secret-key: sk_live_51{base62:97}\"").unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("app.env"), sample.fill("STRIPE_KEY=@KEY@\n", &[])).unwrap();
        git(folder.path(), 10, &["init", "-q"]);
        git(folder.path(), 10, &["add", "app.env"]);
        git(folder.path(), 10, &["commit", "-q", "-m", "one"]);
        Self { folder, sample }
    }

    /// Whether the check failed; that it was evaluated is asserted.
    fn fails(&self, check: &str, as_of: &str, changed: &[(&str, &str)]) -> bool {
        let files =
            [("inventory.csv", RECORDS), ("partners.csv", PARTNERS), ("people.csv", ROSTER), ("keyward.toml", POLICY)];
        for (name, text) in files {
            let text = changed.iter().chain(SOUND).fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
            fs::write(self.folder.path().join(name), self.sample.fill(&text, &[])).unwrap();
        }
        let args = "scan . --history --inventory inventory.csv --inventory partners.csv --roster people.csv --format json --as-of";
        let args: Vec<&str> = args.split(' ').chain([as_of]).collect();
        let ran = keyward(self.folder.path(), &args);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr));
        let state = &report["checks"][check];
        assert_eq!(state["evaluated"], 1, "{check} was not evaluated: {state}");
        state["failed"] == 1
    }
}

#[test]
fn the_day_before_the_day_and_the_day_after() {
    let place = Place::new();
    // The check, what moves and over which three days, and on which of them it fails.
    let table = [
        // Approved before, on and after the day of the commit.
        ("KW304", "APPROVED", ["2026-01-09", "2026-01-10", "2026-01-11"], [false, false, true]),
        // Approved on the approver's last day but one, the last, and the day after.
        ("KW307", "APPROVED", ["2026-03-30", "2026-03-31", "2026-04-01"], [false, false, true]),
        // Rotated before the value came, on the day, and the day after, with the value still there.
        ("KW408", "ROTATED", ["2026-01-09", "2026-01-10", "2026-01-11"], [false, false, true]),
        // Reviewed before, on and after the day on which the contract was renewed.
        ("KW411", "REVIEWED", ["2026-05-31", "2026-06-01", "2026-06-02"], [true, false, false]),
    ];
    for (check, what, days, expected) in table {
        let told = days.map(|day| place.fails(check, "2026-11-22", &[(what, day), ("LEFT", "2026-03-31")]));
        assert_eq!(told, expected, "{check}: {what} on {days:?}");
    }
}

#[test]
fn an_approval_within_the_tolerance_came_in_time() {
    let place = Place::new();
    let days = ["2026-01-10", "2026-01-11", "2026-01-12"];
    let told = days.map(|day| place.fails("KW304", "2026-11-22", &[("APPROVED", day), ("HOURS", "24")]));
    assert_eq!(told, [false, false, true]);
}

#[test]
fn a_review_is_due_from_the_day_of_the_renewal() {
    let place = Place::new();
    let days = ["2026-05-31", "2026-06-01", "2026-06-02"];
    assert_eq!(days.map(|as_of| place.fails("KW411", as_of, &[("REVIEWED", "2026-05-01")])), [false, true, true]);
}
