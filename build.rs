//! Turns `rules/*.toml` into static tables, so that built-in rules cost nothing to load.
//!
//! It reads files of this package and writes one file into `OUT_DIR`; nothing else. Errors name the
//! file and the rule.

#![allow(
    clippy::use_debug,
    clippy::disallowed_methods,
    reason = "literals are written as Rust source; cargo speaks through variables"
)]

#[allow(dead_code, unreachable_pub, missing_docs, reason = "shared with the library, which documents it")]
#[path = "src/detect/candidate/rule_file.rs"]
mod rule_file;

#[path = "src/detect/judge/partner/mark.rs"]
mod mark;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rule_file::{RuleFile, RuleText, bounds, join_halves, sample_hash};

fn main() {
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
    println!("cargo::rustc-env=KEYWARD_DETECTION={}", detection_digest());
    write_out("builtin_rules.rs", &out);
    write_out("partners.rs", &partners::tables(Path::new("rules/partners.toml")));
}

/// A digest of everything that candidates depend on: rules, and the code that reads them.
fn detection_digest() -> String {
    use sha2::Digest as _;
    let mut digest = sha2::Sha256::new();
    let mut open: Vec<PathBuf> =
        ["rules", "src/detect", "src/source/text.rs", "src/history"].map(PathBuf::from).to_vec();
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        println!("cargo::rerun-if-changed={}", path.display());
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("the package's folders can be read");
            open.extend(entries.map(|e| e.expect("the package's folders can be read").path()));
        } else {
            files.push(path);
        }
    }
    files.sort();
    for path in files {
        digest.update(path.to_string_lossy().replace('\\', "/"));
        digest.update(fs::read(&path).expect("the package's files can be read"));
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write_out(name: &str, text: &str) {
    let target = Path::new(&env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join(name);
    fs::write(target, text).expect("OUT_DIR can be written");
}

/// The rule as a Rust expression.
fn literal(file: &RuleFile, r: &RuleText) -> String {
    let word = |w: &str| -> String {
        w.split('_')
            .flat_map(|part| part[..1].to_uppercase().chars().chain(part[1..].chars()).collect::<Vec<_>>())
            .collect()
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
    writeln!(
        o,
        "Rule {{ id: {}, title: {}, provider: {}, provider_name: {}, class: {}, technology: {}, kind: Kind::{}, \
         visibility: Visibility::{}, form: Form::{}, literals: {}, anchor: Place::{}, pattern: {}, test_mode: {}, live_mode: {}, \
         entropy: {entropy}, checksum: {}, checksum_decides: {}, claims: {}, reject: {}, ignore: Cow::Borrowed(&[{}]), \
         pairs: {}, shared_public: {}, before: {}, reach: {}, extends: {}, context: {}, context_before: {}, context_after: {}, \
         revoke: {}, references: {}, examples: {}, near_misses: {} }},",
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
        word(r.anchor.as_deref().unwrap_or("run")),
        text(&r.pattern),
        list(&r.test_mode),
        list(&r.live_mode),
        option(&r.checksum),
        r.checksum_decides,
        option(&r.claims),
        option(&r.reject),
        ignore.join(", "),
        list(&r.pairs),
        r.shared_public,
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

/// The partner directory as sorted tables.
mod partners {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;
    use std::path::Path;

    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        meta: Meta,
        #[serde(rename = "partner")]
        partners: Vec<Partner>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Meta {
        #[serde(rename = "version")]
        _version: u32,
        shared_headers: BTreeSet<String>,
        shared_query: BTreeSet<String>,
        shared_hosts: BTreeSet<String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Partner {
        id: String,
        name: String,
        class: String,
        ambiguity: Option<String>,
        #[serde(default)]
        self_hosted: bool,
        parent: Option<String>,
        #[serde(default)]
        aliases: Vec<String>,
        #[serde(default)]
        weak_aliases: Vec<String>,
        #[serde(default)]
        products: Vec<String>,
        #[serde(default)]
        hosts: Vec<String>,
        #[serde(default)]
        domains: Vec<String>,
        #[serde(default)]
        headers: Vec<String>,
        #[serde(default)]
        query: Vec<String>,
        #[serde(default)]
        env: Vec<String>,
    }

    /// The tables of the file as Rust source.
    pub(super) fn tables(path: &Path) -> String {
        let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut file: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        file.partners.sort_by(|a, b| a.id.cmp(&b.id));
        let (mut names, mut hosts, mut headers, mut query, mut env) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut out = format!("pub(super) static PARTNERS: [Partner; {}] = [\n", file.partners.len());
        for (i, p) in file.partners.iter().enumerate() {
            let strength = match p.ambiguity.as_deref() {
                None => "Plain",
                Some("word" | "short") => "Word",
                Some("code" | "generic" | "shared") => "Common",
                Some(other) => panic!("{}: partner {}: ambiguity {other}", path.display(), p.id),
            };
            writeln!(
                out,
                "Partner {{ id: {:?}, name: {:?}, class: {:?}, self_hosted: {}, parent: {:?} }},",
                p.id, p.name, p.class, p.self_hosted, p.parent
            )
            .expect("writing to a String succeeds");
            names.push((plain(&p.name), i, strength));
            names.extend(p.aliases.iter().map(|a| (plain(a), i, "Plain")));
            names.extend(p.weak_aliases.iter().map(|a| (plain(a), i, "Common")));
            names.extend(p.products.iter().map(|a| (plain(a), i, "Product")));
            names.push((plain(&p.id), i, "Id"));
            let own = |host: &&String| !file.meta.shared_hosts.contains(*host);
            hosts.extend(p.hosts.iter().filter(own).map(|h| match h.strip_prefix("*.") {
                Some(below) => (below.to_lowercase(), i, "Below"),
                None => (h.to_lowercase(), i, "Exact"),
            }));
            hosts.extend(p.domains.iter().map(|d| (d.to_lowercase(), i, "Domain")));
            headers.extend(
                p.headers
                    .iter()
                    .map(|h| h.to_lowercase())
                    .filter(|h| !file.meta.shared_headers.contains(h))
                    .map(|h| (h, i)),
            );
            query.extend(
                p.query
                    .iter()
                    .map(|h| h.to_lowercase())
                    .filter(|h| !file.meta.shared_query.contains(h))
                    .map(|h| (h, i)),
            );
            env.extend(p.env.iter().map(|v| (v.to_uppercase(), i)));
        }
        out.push_str("];\n");
        let sure = names.iter().filter(|(_, _, strength)| *strength == "Plain").map(|(name, ..)| &**name);
        out.push_str(&marks("PLAIN_NAMES", sure));
        out.push_str(&kinds("NAMES", "Strength", names));
        out.push_str(&kinds("HOSTS", "HostKind", hosts));
        out.push_str(&plain_table("HEADERS", headers));
        out.push_str(&plain_table("QUERY", query));
        out.push_str(&plain_table("ENV", env));
        out
    }

    fn kinds(name: &str, kind: &str, mut rows: Vec<(String, usize, &str)>) -> String {
        rows.retain(|r| !r.0.is_empty());
        // A partner's id says less than the same text as its name.
        rows.sort_by_key(|r| (r.0.clone(), r.1, r.2 == "Id", r.2));
        rows.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
        let mut out = marks(name, rows.iter().map(|r| &*r.0));
        writeln!(out, "pub(super) static {name}: [(&str, u16, {kind}); {}] = [", rows.len())
            .expect("writing to a String succeeds");
        for (text, partner, word) in rows {
            writeln!(out, "({text:?}, {partner}, {kind}::{word}),").expect("writing to a String succeeds");
        }
        out + "];\n"
    }

    fn plain_table(name: &str, mut rows: Vec<(String, usize)>) -> String {
        rows.sort();
        rows.dedup();
        let mut out = marks(name, rows.iter().map(|r| &*r.0));
        writeln!(out, "pub(super) static {name}: [(&str, u16); {}] = [", rows.len())
            .expect("writing to a String succeeds");
        for (text, partner) in rows {
            writeln!(out, "({text:?}, {partner}),").expect("writing to a String succeeds");
        }
        out + "];\n"
    }

    /// Two bits for each text that a table may have.
    fn marks<'t>(name: &str, texts: impl Iterator<Item = &'t str>) -> String {
        let mut words = [0_u64; 1024];
        for text in texts {
            for (word, bit) in super::mark::Mark::of(text.as_bytes()).places() {
                words[word] |= bit;
            }
        }
        format!("pub(super) static {name}_MARKS: [u64; 1024] = {words:?};\n")
    }

    /// Lower case, letters and digits alone.
    fn plain(name: &str) -> String {
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    }
}
