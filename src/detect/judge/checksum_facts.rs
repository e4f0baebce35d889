//! The facts about check values, kind by kind: what a fit and a misfit do to a finding.

use crate::detect::candidate::rule::{Form, Rule};
use crate::detect::template::expand;
use crate::detect::{Candidate, ChecksumVerdict, Detector, Judged, RuleSet, Watchlist};
use crate::source::{Document, Origin, Place, RepoPath};

/// Kinds whose check value is known beyond doubt: a misfit was never issued. With a template up to it.
const DECIDES: &[(&str, &str)] = &[
    ("github-pat-classic", "TOKEN=ghp_{base62:30}"),
    ("github-oauth-token", "TOKEN=gho_{base62:30}"),
    ("github-app-user-token", "TOKEN=ghu_{base62:30}"),
    ("github-app-refresh-token", "TOKEN=ghr_{base62:70}"),
    ("npm-access-token", "TOKEN=npm_{base62:30}"),
    ("gitlab-pat-routable", "TOKEN=glpat-{base64url:43}.01.17"),
    ("vercel-pat", "TOKEN=vcp_{base62:50}"),
    ("vercel-integration-token", "TOKEN=vci_{base62:50}"),
    ("vercel-app-access-token", "TOKEN=vca_{base62:50}"),
    ("vercel-app-refresh-token", "TOKEN=vcr_{base62:50}"),
    ("vercel-ai-gateway-key", "TOKEN=vck_{base62:50}"),
    ("zuplo-consumer-key", "TOKEN=zpka_{hex:32}_"),
    ("rust-crates-trusted-publishing-token", "TOKEN=cio_tp_{base62:31}"),
    ("azure-storage-account-key", "AccountKey={base64:76}+ASt"),
];

/// Kinds whose algorithm is known from code, or was seen to fit too few values: a fit is certain, a
/// misfit is still a finding.
const RAISES: &[(&str, &str)] = &[
    ("github-app-installation-token", "TOKEN=ghs_{base62:30}"),
    ("grafana-service-account-token", "TOKEN=glsa_{base62:32}_"),
    ("azure-client-secret", "AZURE_CLIENT_SECRET={base62:3}8Q~{base62:31}"),
];

fn judged(detector: &Detector, text: &str) -> Judged {
    let origin = Origin { place: Place::Tree, path: RepoPath::new(*b"src/app.env") };
    let mut candidates: Vec<Candidate> = Vec::new();
    detector.candidates(text.as_bytes(), 0..text.len(), &mut candidates);
    detector.judge(&Document::new(&origin, text.as_bytes()), &candidates)
}

/// The template with a check value that fits and one that does not.
fn both(rule: &Rule, template: &str, seed: u64) -> (String, String) {
    let text = expand(template, seed, Some(rule)).unwrap_or_default();
    let value = text.split_once('=').map_or(&*text, |(_, value)| value);
    let check = super::checksum::append(rule, value).unwrap_or_default();
    let other = if check.starts_with('0') { "1" } else { "0" };
    (format!("{text}{check}"), format!("{text}{other}{}", check.get(1..).unwrap_or_default()))
}

#[test]
fn a_misfit_is_rejected_and_counted_where_the_check_value_decides() {
    let detector = Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new());
    for (id, template) in DECIDES {
        let rule = detector.rules().by_id(id).unwrap_or_else(|| panic!("no rule {id}"));
        assert!(rule.checksum_decides, "{id}");
        for seed in 0..4 {
            let (fit, misfit) = both(rule, template, seed);
            let found = judged(&detector, &fit);
            let own = found.detections.iter().find(|d| detector.rules().get(d.rule).id == *id);
            let own = own.unwrap_or_else(|| panic!("{id}: a fit is not found"));
            assert_eq!((own.checksum, own.form), (ChecksumVerdict::Fit, Form::Certain), "{id}");
            let found = judged(&detector, &misfit);
            assert!(found.detections.is_empty(), "{id}: a misfit is found");
            assert_eq!(found.misfits(), 1, "{id}");
        }
    }
    // No other rule drops a finding for its check value.
    let listed = |id: &str| DECIDES.iter().any(|(d, _)| *d == id);
    for (_, rule) in detector.rules().iter().filter(|(_, r)| r.checksum_decides) {
        assert!(listed(&rule.id), "{} decides, and no fact says that it may", rule.id);
    }
}

#[test]
fn a_fit_raises_the_others_and_a_misfit_stays() {
    let detector = Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new());
    for (id, template) in RAISES {
        let rule = detector.rules().by_id(id).unwrap_or_else(|| panic!("no rule {id}"));
        let (fit, misfit) = both(rule, template, 1);
        for (text, verdict) in [(fit, ChecksumVerdict::Fit), (misfit, ChecksumVerdict::Misfit)] {
            let found = judged(&detector, &text);
            let own = found.detections.iter().find(|d| detector.rules().get(d.rule).id == *id);
            let own = own.unwrap_or_else(|| panic!("{id}: {verdict:?} is not found"));
            assert_eq!(own.checksum, verdict, "{id}");
            assert!(verdict == ChecksumVerdict::Misfit || own.form == Form::Certain, "{id}");
        }
    }
}
