//! `keyward migrate`: what it writes is a configuration that keyward reads.

use std::fs;

use crate::run::keyward;

#[test]
fn what_is_written_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let rule = "[[rules]]\nid = 'shop-key'\nregex = '(shopkey_[a-z0-9]{24})'\nkeywords = ['shopkey_']\n";
    let lists = "[allowlist]\npaths = ['(^|/)vendor/']\nregexes = ['^shopdemo-[0-9]+$', '^.*$']\n";
    write(".gitleaks.toml", &format!("title = 'Shop'\n{rule}{lists}"));
    write(".gitleaksignore", "src/old.env:generic-api-key:3\n");
    write("a.py", "a = 1 # gitleaks:allow\nb = 2 # trufflehog:ignore\n");
    let ran = keyward(folder.path(), &["migrate", ".gitleaks.toml", ".gitleaksignore", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for told in [
        "+ rule shop-key",
        "+ allowlist path (^|/)vendor/",
        "+ allowlist expression ^shopdemo-[0-9]+$",
        "- 1 regexes",
        "+ src/old.env: 1 entry",
        "+ gitleaks: 1 marker in 1 file",
        "+ trufflehog: 1 marker in 1 file",
        "wrote keyward-migrated/keyward.toml",
    ] {
        assert!(ran.stdout.contains(told), "{told}\n{}", ran.stdout);
    }
    let config = fs::read_to_string(folder.path().join("keyward-migrated/keyward.toml")).unwrap();
    assert!(config.contains("foreign_markers = [\"gitleaks\", \"trufflehog\"]"), "{config}");
    let scan = ["scan", "a.py", "--config", "keyward-migrated/keyward.toml", "--quiet"];
    let ran = keyward(folder.path(), &scan);
    // Exceptions that nobody has approved are told, and that is all.
    assert!(ran.code == 1 && ran.stdout.contains("KW807") && ran.stderr.is_empty(), "{config}{}", ran.stderr);
}
