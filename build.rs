//! Turns `rules/*.toml` into static tables, so that built-in rules cost nothing to load.
//!
//! It reads files of this package and writes one file into `OUT_DIR`; nothing else. Errors name the
//! file and the rule.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "shared with the library, which documents it")]
#[path = "src/detect/candidate/rule_file.rs"]
mod rule_file;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rule_file::{RuleFile, RuleText, bounds, join_halves, sample_hash};

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/detect/candidate/rule_file.rs");
    let mut files: Vec<PathBuf> = fs::read_dir("rules")
        .expect("the folder rules/ is part of the package")
        .map(|entry| entry.expect("rules/ can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .filter(|path| path.file_name().is_some_and(|n| n != "partners.toml"))
        .collect();
    files.sort();
    let mut rules = Vec::new();
    for path in &files {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let file: RuleFile = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for rule in &file.rules {
            rules.push((rule.id.clone(), literal(&file, rule)));
        }
    }
    rules.sort();
    for pair in rules.windows(2) {
        assert!(pair[0].0 != pair[1].0, "two rules with the id {}", pair[0].0);
    }
    let mut out = format!("pub(super) static BUILTIN: [Rule; {}] = [\n", rules.len());
    for (_, rule) in &rules {
        out.push_str(rule);
    }
    out.push_str("];\n");
    let target = Path::new(&env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("builtin_rules.rs");
    fs::write(target, out).expect("OUT_DIR can be written");
}

/// The rule as a Rust expression.
fn literal(file: &RuleFile, r: &RuleText) -> String {
    let word = |w: &str| -> String {
        w.split('_').map(|part| format!("{}{}", part[..1].to_uppercase(), &part[1..])).collect()
    };
    let text = |t: &str| format!("Cow::Borrowed({t:?})");
    let option = |t: &Option<String>| t.as_ref().map_or("None".to_owned(), |t| format!("Some(Cow::Borrowed({t:?}))"));
    let list = |all: &[String]| {
        let all: Vec<String> = all.iter().map(|t| text(t)).collect();
        format!("Cow::Borrowed(&[{}])", all.join(", "))
    };
    let lower: Vec<String> = r.context.iter().map(|c| c.to_ascii_lowercase()).collect();
    let ignore: Vec<String> = r.ignore.iter().map(|s| sample_hash(join_halves(s).as_bytes()).to_string()).collect();
    let entropy = r.entropy.map_or("None".to_owned(), |e| format!("Some({e:?})"));
    let mut o = String::new();
    write!(
        o,
        "Rule {{ id: {}, title: {}, provider: {}, provider_name: {}, class: {}, technology: {}, kind: Kind::{}, \
         visibility: Visibility::{}, form: Form::{}, literals: {}, text_anchor: {}, pattern: {}, test_mode: {}, live_mode: {}, \
         entropy: {entropy}, checksum: {}, checksum_decides: {}, claims: {}, reject: {}, ignore: Cow::Borrowed(&[{}]), \
         pairs: {}, before: {}, reach: {}, extends: {}, context: {}, context_before: {}, context_after: {}, \
         revoke: {}, references: {}, examples: {}, near_misses: {} }},\n",
        text(&r.id),
        text(&r.title),
        text(&file.provider),
        text(&file.name),
        text(&file.class),
        file.technology,
        word(&r.kind),
        word(&r.visibility),
        word(&r.form),
        list(&r.literals),
        r.anchor.as_deref() == Some("text"),
        text(&r.pattern),
        list(&r.test_mode),
        list(&r.live_mode),
        option(&r.checksum),
        r.checksum_decides,
        option(&r.claims),
        option(&r.reject),
        ignore.join(", "),
        list(&r.pairs),
        r.before,
        r.reach.unwrap_or(bounds::REACH),
        r.extends.as_ref().map_or("None".to_owned(), |e| format!("Some(Extends::{})", word(e))),
        list(&lower),
        r.context_before.unwrap_or(bounds::CONTEXT_BEFORE),
        r.context_after.unwrap_or(0),
        option(&r.revoke),
        list(&r.references),
        list(&r.examples),
        list(&r.near_misses),
    )
    .expect("writing to a String succeeds");
    o
}
