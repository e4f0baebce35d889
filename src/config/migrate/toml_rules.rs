//! gitleaks and betterleaks configurations: rules, allowlists, what they extend.

use std::fmt::Write as _;

use serde::Deserialize;
use toml::Value;

use super::{Migrated, expression, quoted};
use crate::config::parse_rules;
use crate::detect::candidate::rule::Rule;
use crate::detect::{ForeignMarker, ListedValues, RuleSet};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Foreign {
    title: Option<String>,
    extend: Extend,
    rules: Vec<ForeignRule>,
    allowlist: Option<Allowlist>,
    allowlists: Vec<Allowlist>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Extend {
    use_default: bool,
    path: Option<String>,
    url: Option<String>,
    disabled_rules: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ForeignRule {
    id: String,
    description: String,
    regex: Option<String>,
    secret_group: usize,
    entropy: Option<f64>,
    keywords: Vec<String>,
    path: Option<String>,
    allowlist: Option<Allowlist>,
    allowlists: Vec<Allowlist>,
    required: Option<Value>,
    components: Option<Value>,
    filter: Option<Value>,
    validate: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Allowlist {
    regexes: Vec<String>,
    stopwords: Vec<String>,
    paths: Vec<String>,
    commits: Vec<String>,
    regex_target: Option<String>,
    condition: Option<String>,
    target_rules: Vec<String>,
}

pub(super) fn read(text: &str) -> Result<Migrated, String> {
    let foreign: Foreign = toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(1, |s| text[..s.start].lines().count().max(1));
        format!("line {line}: expected a configuration of gitleaks or betterleaks in TOML")
    })?;
    let allowlists = || foreign.allowlist.iter().chain(&foreign.allowlists);
    if foreign.rules.is_empty() && allowlists().next().is_none() && !foreign.extend.use_default {
        return Err(
            "no rule, no allowlist and nothing extended: this is no configuration of gitleaks or betterleaks".into()
        );
    }
    let mut out = Migrated {
        format: "gitleaks or betterleaks configuration",
        markers: vec![ForeignMarker::Gitleaks, ForeignMarker::Betterleaks],
        ..Migrated::default()
    };
    extend(&foreign.extend, &mut out);
    let mut blocks = String::new();
    for rule in &foreign.rules {
        match convert(rule, &mut out.left) {
            Ok(block) => {
                blocks.push_str(&block);
                out.carried.push(format!("rule {}", rule.id));
            }
            Err(why) => out.left.push(format!("rule {}: {why}", rule.id)),
        }
    }
    if !blocks.is_empty() {
        let name = foreign.title.as_deref().unwrap_or("Own rules");
        out.rules =
            format!("provider = \"own\"\nname = {}\nclass = \"generic\"\ntechnology = true\n{blocks}", quoted(name));
        out.config.push_str("[rules]\nfiles = [\"keyward-rules.toml\"]\n");
    }
    let mut globs = Vec::new();
    let mut values = Vec::new();
    for list in allowlists() {
        allowlist(list, (&mut globs, &mut values), &mut out);
    }
    if !values.is_empty() {
        let listed: Vec<String> = values.iter().map(|v| quoted(v)).collect();
        let values = listed.join(", ");
        let _ = write!(out.config, "\n[[allow]]\nvalues = [{values}]\nreason = \"carried over from an allowlist\"\n");
    }
    if !globs.is_empty() {
        // A key of the top stands before every table.
        let listed: Vec<String> = globs.iter().map(|g| quoted(g)).collect();
        out.config = format!("exclude = [{}]\n\n{}", listed.join(", "), out.config);
    }
    Ok(out)
}

fn extend(extend: &Extend, out: &mut Migrated) {
    if extend.use_default {
        out.carried.push("extend.useDefault: keyward's built-in rules are always in force".to_owned());
    }
    for (field, value) in [("path", &extend.path), ("url", &extend.url)] {
        if value.is_some() {
            out.left.push(format!("extend.{field}: migrate that file by itself; keyward fetches nothing"));
        }
    }
    if !extend.disabled_rules.is_empty() {
        let names = extend.disabled_rules.join(", ");
        out.left
            .push(format!("extend.disabledRules ({names}): keyward's rules have other names; none is switched off"));
    }
}

/// One rule as a block of a keyward rule file, checked by loading it.
fn convert(rule: &ForeignRule, left: &mut Vec<String>) -> Result<String, String> {
    let id = &rule.id;
    let Some(regex) = &rule.regex else { return Err("it looks at paths alone, which keyward's rules do not".into()) };
    let pattern =
        expression::with_secret(regex, rule.secret_group).ok_or("secretGroup names a group that is not there")?;
    let literals: Vec<String> = rule.keywords.iter().filter_map(|k| expression::literal(regex, k)).collect();
    let all = !literals.is_empty() && literals.len() == rule.keywords.len();
    let mut block = format!("\n[[rule]]\nid = {}\ntitle = {}\n", quoted(id), quoted(title(rule)));
    block.push_str("kind = \"other\"\nvisibility = \"secret\"\n");
    let list = |all: &[String]| all.iter().map(|t| quoted(t)).collect::<Vec<_>>().join(", ");
    if all {
        let _ = write!(block, "form = \"strong\"\nanchor = \"text\"\nbefore = 64\nliterals = [{}]\n", list(&literals));
    } else if rule.keywords.is_empty() {
        return Err(
            "it has no keywords, and keyward's rules begin at a literal or a word; add keywords and migrate again"
                .into(),
        );
    } else {
        let words: Vec<String> = rule.keywords.iter().map(|k| k.to_ascii_lowercase()).collect();
        let _ = write!(block, "form = \"contextual\"\ncontext = [{}]\n", list(&words));
        left.push(format!(
            "rule {id}: its keywords are words nearby, so that only long random values are found, at most as a warning"
        ));
    }
    let _ = writeln!(block, "pattern = {}", quoted(&pattern));
    if let Some(entropy) = rule.entropy.filter(|e| *e > 0.0) {
        let _ = writeln!(block, "entropy = {}", Value::Float(entropy));
    }
    if let Some(reject) = reject(rule, left) {
        let _ = writeln!(block, "reject = {}", quoted(&reject));
    }
    for (field, set) in [
        ("path", rule.path.is_some()),
        ("required", rule.required.is_some()),
        ("components", rule.components.is_some()),
        ("filter", rule.filter.is_some()),
        ("validate", rule.validate.is_some()),
    ] {
        if set {
            left.push(format!("rule {id}: {field} has no counterpart; the rule is carried over without it"));
        }
    }
    let whole = format!("provider = \"own\"\nname = \"Own\"\nclass = \"generic\"\n{block}");
    let file = parse_rules("rules", &whole).map_err(|_| "it cannot be written as a keyward rule".to_owned())?;
    let rules = Rule::from_file(file).map_err(|e| format!("{}: {}", e.field, e.problem))?;
    RuleSet::with_user(rules, false).map_err(|e| match e.field {
        "pattern" => {
            "its expression uses what linear-time expressions do not have (look-around, back-references)".to_owned()
        }
        field => format!("{field}: {}", e.problem),
    })?;
    Ok(block)
}

fn title(rule: &ForeignRule) -> &str {
    if rule.description.trim().is_empty() { &rule.id } else { rule.description.trim() }
}

/// Stopwords and expressions over the secret, as one expression of what is none.
fn reject(rule: &ForeignRule, left: &mut Vec<String>) -> Option<String> {
    let mut parts = Vec::new();
    for list in rule.allowlist.iter().chain(&rule.allowlists) {
        if list.condition.as_deref().is_some_and(|c| matches!(c, "AND" | "and" | "&&")) {
            left.push(format!("rule {}: an allowlist whose conditions must all hold", rule.id));
            continue;
        }
        if !list.stopwords.is_empty() {
            let words: Vec<String> = list.stopwords.iter().map(|w| escaped(w)).collect();
            parts.push(format!("(?i:{})", words.join("|")));
        }
        match list.regex_target.as_deref() {
            None | Some("" | "secret") => parts.extend(list.regexes.iter().map(|r| format!("(?:{r})"))),
            Some(_) if list.regexes.is_empty() => {}
            Some(_) => left.push(format!("rule {}: allowlist expressions over the match or the line", rule.id)),
        }
        if !list.paths.is_empty() || !list.commits.is_empty() {
            left.push(format!(
                "rule {}: paths and commits of its allowlist; keyward excludes paths for all rules or none",
                rule.id
            ));
        }
    }
    (!parts.is_empty()).then(|| parts.join("|"))
}

fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| (!c.is_alphanumeric() && c != '_' && c != ' ').then_some('\\').into_iter().chain([c]))
        .collect()
}

/// An allowlist for all rules: the paths that are plain ones become exclusions.
fn allowlist(list: &Allowlist, (globs, values): (&mut Vec<String>, &mut Vec<String>), out: &mut Migrated) {
    if !list.target_rules.is_empty() {
        out.left.push("an allowlist for single rules (targetRules)".to_owned());
        return;
    }
    for path in &list.paths {
        match glob(path) {
            Some(glob) => {
                out.carried.push(format!("allowlist path {path}: excluded as {glob}, and counted in the coverage"));
                globs.push(glob);
            }
            None => out.left.push(format!("allowlist path {path}: not a plain path; write a glob into `exclude`")),
        }
    }
    let over_values = matches!(list.regex_target.as_deref(), None | Some("" | "secret"));
    let alone = list.paths.is_empty() && list.stopwords.is_empty() && list.commits.is_empty();
    let any = !list.condition.as_deref().is_some_and(|c| matches!(c, "AND" | "and" | "&&"));
    let whole = |pattern: &&String| over_values && (alone || any) && ListedValues::default().add(pattern).is_ok();
    let (carried, regexes): (Vec<&String>, Vec<&String>) = list.regexes.iter().partition(whole);
    for pattern in carried {
        out.carried.push(format!("allowlist expression {pattern}: an [[allow]] over whole values, shown and counted"));
        values.push(pattern.clone());
    }
    for (what, n) in [("regexes", regexes.len()), ("stopwords", list.stopwords.len()), ("commits", list.commits.len())]
    {
        if n > 0 {
            out.left.push(format!(
                "{n} {what} of the allowlist for all rules: what they hide is to be excepted one by one, with a reason and an end"
            ));
        }
    }
}

/// The glob that says the same as a simple expression over paths.
fn glob(path: &str) -> Option<String> {
    let (start, rest) = match path {
        p if p.starts_with("(^|/)") => ("**/", &p[5..]),
        p if p.starts_with("(?:^|/)") => ("**/", &p[7..]),
        p if p.starts_with('^') => ("", &p[1..]),
        p => ("**/*", p),
    };
    let (rest, end) = match rest.strip_suffix('$') {
        Some(rest) => (rest, ""),
        None => (rest, "**"),
    };
    let mut out = String::from(start);
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(chars.next().filter(|c| !c.is_alphanumeric())?),
            '.' if chars.peek() == Some(&'*') => {
                chars.next();
                out.push_str("**");
            }
            c if c.is_alphanumeric() || matches!(c, '/' | '_' | '-' | ' ' | '.') => out.push(c),
            _ => return None,
        }
    }
    out.push_str(end);
    let glob = out.replace("***", "**").replace("****", "**");
    // What would exclude everything is no exclusion.
    glob.chars().any(char::is_alphanumeric).then_some(glob)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"
title = "Shop"
[extend]
useDefault = true
disabledRules = ["generic-api-key"]
[[rules]]
id = "shop-key"
description = "Shop key"
regex = '''\b(shopkey_[a-z0-9]{24})\b'''
keywords = ["shopkey_"]
entropy = 3.0
[[rules.allowlists]]
stopwords = ["sample", "a.b"]
regexes = ['''0000$''']
[[rules]]
id = "look"
regex = '''(?<!x)shop_[a-z]{20}'''
keywords = ["shop_"]
[[rules]]
id = "loose"
regex = '''(?i)shop.{0,20}([a-z0-9]{32})'''
keywords = ["shop"]
[[rules]]
id = "files"
path = '''\.p12$'''
[allowlist]
paths = ['''(^|/)vendor/''', '''docs/.*\.md$''', '''(a|b)/c''', '''.*''']
regexes = ['''x''', '''^shopdemo-[0-9]+$''', '''^.*$''']
"#;

    #[test]
    fn rules_and_allowlists() {
        let out = read(CONFIG).unwrap();
        assert_eq!(out.carried.iter().filter(|c| c.starts_with("rule ")).count(), 2, "{}", out.summary());
        let file = parse_rules("rules", &out.rules).unwrap();
        let rules = Rule::from_file(file).unwrap();
        assert_eq!((rules[0].literals[0].as_ref(), rules[0].form.word()), ("shopkey_", "strong"));
        assert!(
            rules[0].reject.as_deref().is_some_and(|r| r == r"(?i:sample|a\.b)|(?:0000$)"),
            "{:?}",
            rules[0].reject
        );
        assert_eq!(rules[1].form.word(), "contextual");
        assert!(out.config.starts_with("exclude = [\"**/vendor/**\", \"**/*docs/**.md\"]\n"), "{}", out.config);
        for told in ["rule look: ", "rule files: ", "disabledRules", "(a|b)/c", "allowlist path .*: ", "2 regexes"] {
            assert!(out.left.iter().any(|l| l.contains(told)), "{told}: {}", out.summary());
        }
        assert!(out.config.contains("[[allow]]\nvalues = [\"^shopdemo-[0-9]+$\"]\n"), "{}", out.config);
        let config = crate::config::Config::parse("keyward.toml", std::path::Path::new(""), &out.config).unwrap();
        assert_eq!(config.policy.allowances.len(), 1);
        assert!(read("").is_err() && read("a = [").is_err());
    }
}
