//! Pages that are made from the code: coverage, rules, and the tables of the inventory and the
//! architecture. (`docs/checks.md` is written and compared beside the table of checks.)
//!
//! `KEYWARD_BLESS=1 cargo test pages` rewrites them; otherwise they are compared, so that the
//! documentation cannot fall behind. Commands, flags, links and configurations that the other pages
//! show are held to the program as well.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use keyward::config::Config;
use keyward::inventory::{TemplateFormat, formats, template};
use keyward::{Coverage, Effect, Form, Policy, Reason, Rule, RuleSet};

use crate::layers::{FENCES, LAYERS};
use crate::run::{home, keyward};

/// Said at the top of every page that is made from the code.
const NOTICE: &str = "<!-- Made from the code by `KEYWARD_BLESS=1 cargo test pages`. Changes belong into the code. -->";

#[test]
fn generated_pages_say_what_the_code_says() {
    let mut wrong = Vec::new();
    for (page, text) in [("docs/coverage.md", coverage()), ("docs/rules.md", rule_page())] {
        wrong.extend(differs(page, &text));
    }
    let sections = [
        ("docs/inventory.md", "formats", format_table()),
        ("docs/inventory.md", "partner fields", fields("partners")),
        ("docs/inventory.md", "credential fields", fields("credentials")),
        ("docs/rules-format.md", "formats", crate::formats::table()),
        ("ARCHITECTURE.md", "flow", read("src/flow.md")),
        ("ARCHITECTURE.md", "layers", layers()),
        ("ARCHITECTURE.md", "fences", fences()),
    ];
    for (page, name, content) in sections {
        wrong.extend(differs(page, &with_section(&read(page), name, &content)));
    }
    assert!(
        wrong.is_empty(),
        "{} differ from the code; KEYWARD_BLESS=1 cargo test pages rewrites them",
        wrong.join(", ")
    );
}

/// The report that the README shows is the demo's. `...` stands for what is left out, of a line or of lines.
#[test]
fn the_readme_shows_what_the_demo_prints() {
    let folder = tempfile::tempdir().unwrap();
    let made = keyward(folder.path(), &["demo", "--into", "."]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let args = ["scan", "orders", "--inventory", "inventory.yaml", "--as-of", "2026-11-22"];
    let printed = keyward(folder.path(), &args).stdout;
    let readme = read("README.md");
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let mut rest = printed.lines();
    let mut gap = true;
    for line in shown.lines() {
        if line.trim() == "..." {
            gap = true;
            continue;
        }
        let parts: Vec<&str> = line.split("...").collect();
        let (first, last) = (parts[0], parts[parts.len() - 1]);
        let fits = |l: &&str| if parts.len() == 1 { *l == line } else { l.starts_with(first) && l.ends_with(last) };
        let found = if gap { rest.find(fits) } else { rest.next().filter(|l| fits(l)) };
        assert!(found.is_some(), "README.md shows a line that the demo does not print there:\n{line}\n{printed}");
        gap = false;
    }
    assert!(shown.lines().count() > 30);
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = read(&page);
        let folder = home().join(&page).parent().unwrap().to_owned();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap();
            if !file.is_empty() && !target.contains("://") && !folder.join(file).exists() {
                wrong.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn commands_and_flags_exist() {
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    for page in pages() {
        let text = read(&page);
        // In blocks, and within the text.
        let within = text.split('`').skip(1).step_by(2).filter(|s| s.starts_with("keyward ") && !s.contains('\n'));
        let shown = blocks(&text, &["sh", "console", "yaml"]);
        for line in shown.iter().flat_map(|b| b.lines()).chain(within) {
            // A comment or a pipe ends what is keyward's own.
            let Some((_, typed)) = line.split_once("keyward ") else { continue };
            let typed = typed.split(" #").next().unwrap().split(['|', '>', '&']).next().unwrap();
            let before = line.split("keyward ").next().unwrap();
            if !(before.trim().is_empty()
                || before.ends_with("$ ")
                || before.ends_with("- ")
                || before.ends_with("| ")
                || before.ends_with("&& ")
                || before.ends_with(": "))
            {
                continue;
            }
            // What a command hands on after `--` is for the scan.
            let (own, handed) = typed.split_once(" -- ").unwrap_or((typed, ""));
            for part in [own.to_owned(), format!("scan {handed}")] {
                let words: Vec<&str> = part.split_whitespace().collect();
                let help = help_of(&words, &mut helps);
                let Some(help) = help else {
                    wrong.push(format!("{page}: no command `keyward {typed}`"));
                    continue;
                };
                for flag in words.iter().filter(|w| w.starts_with("--")) {
                    let flag = flag.split('=').next().unwrap();
                    let known = help.split(|c: char| !(c.is_alphanumeric() || c == '-')).any(|w| w == flag);
                    if !known {
                        wrong.push(format!("{page}: `keyward {typed}`: no {flag}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn configurations_are_valid() {
    let mut read_any = false;
    for block in blocks(&read("docs/configuration.md"), &["toml"]) {
        if block.contains("[[exception]]") || block.contains("[[person]]") || block.contains("[[rule]]") {
            continue;
        }
        read_any = true;
        if let Err(error) = Config::parse("docs/configuration.md", Path::new(""), &block) {
            panic!("{error}\n{block}");
        }
    }
    assert!(read_any);
}

#[test]
fn the_defaults_that_are_shown_are_the_defaults() {
    let page = read("docs/configuration.md");
    let shown = blocks(&page, &["toml"]).into_iter().find(|b| b.contains("[policy.recertification]")).unwrap();
    let shown = Config::parse("docs/configuration.md", Path::new(""), &shown).unwrap().policy;
    let own = Policy::default();
    assert_eq!(shown.grace_days, own.grace_days);
    assert_eq!(shown.max_export_age_days, own.max_export_age_days);
    assert_eq!(shown.required_fields, own.required_fields);
    assert_eq!(shown.required_in_production, own.required_in_production);
    assert_eq!(shown.expiry, own.expiry);
    assert_eq!(shown.recertification, own.recertification);
    assert_eq!(shown.approval.allowed_systems, own.approval.allowed_systems);
    assert_eq!(shown.approval.ref_patterns.texts(), own.approval.ref_patterns.texts());
    assert_eq!(shown.approval.separation_of_duties, own.approval.separation_of_duties);
    assert_eq!(shown.approval.tolerance_hours, own.approval.tolerance_hours);
    assert_eq!(shown.offboarding, own.offboarding);
    assert_eq!((shown.unobserved_days, shown.temporary_days), (own.unobserved_days, own.temporary_days));
    assert_eq!(shown.reuse, own.reuse);
    assert_eq!(shown.scope, own.scope);
    assert_eq!(shown.data, own.data);
    assert_eq!(shown.exceptions, own.exceptions);
}

/// Every page for readers.
pub(crate) fn pages() -> Vec<String> {
    let mut all: Vec<String> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(str::to_owned).to_vec();
    let docs = fs::read_dir(home().join("docs")).unwrap().map(|e| e.unwrap().path());
    let mut docs: Vec<PathBuf> = docs.filter(|p| p.extension().is_some_and(|e| e == "md")).collect();
    docs.sort();
    all.extend(docs.iter().map(|p| format!("docs/{}", p.file_name().unwrap().to_string_lossy())));
    all
}

pub(crate) fn read(page: &str) -> String {
    fs::read_to_string(home().join(page)).unwrap_or_else(|e| panic!("{page}: {e}"))
}

/// The fenced blocks of some languages.
pub(crate) fn blocks(text: &str, languages: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((languages.contains(&language.trim()), String::new())),
            (Some(_), Some(_)) => {
                let (wanted, block) = open.take().unwrap();
                if wanted {
                    found.push(block);
                }
            }
            (None, Some((_, block))) => *block += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    found
}

/// The help of the command that `words` begin with.
fn help_of(words: &[&str], helps: &mut BTreeMap<String, String>) -> Option<String> {
    let path: Vec<&str> = match words {
        [first, ..] if first.starts_with('-') => vec![],
        [first @ ("inventory" | "rules" | "report" | "baseline" | "hook"), second, ..] => vec![first, second],
        [first, ..] => vec![first],
        [] => vec![],
    };
    let key = path.join(" ");
    if let Some(help) = helps.get(&key) {
        return Some(help.clone());
    }
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &[path.as_slice(), &["--help"]].concat());
    (ran.code == 0).then(|| helps.entry(key).or_insert(ran.stdout).clone())
}

pub(crate) fn differs(page: &str, text: &str) -> Option<String> {
    let path = home().join(page);
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return None;
    }
    if std::env::var_os("KEYWARD_BLESS").is_some() {
        fs::write(&path, text).unwrap();
        return None;
    }
    Some(page.to_owned())
}

/// The page with what stands between the marks of a section replaced.
pub(crate) fn with_section(text: &str, name: &str, content: &str) -> String {
    let (begin, end) = (format!("<!-- begin: {name} -->\n"), format!("<!-- end: {name} -->"));
    let (head, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no {begin}"));
    let (_, tail) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end}"));
    format!("{head}{begin}\n{}\n\n{end}{tail}", content.trim_end())
}

fn coverage() -> String {
    let mut text = format!("# Coverage\n\n{NOTICE}\n\n");
    text.push_str(
        "A scanner that did not look must not say that all is well. keyward counts what it looked at and everything that it\n\
         left out, and sorts the second into two:\n\n\
         - an **exclusion** was left out by choice: it is counted and shown, and changes no exit code;\n\
         - a **gap** was asked for and not got: it makes the report incomplete. The exit code is then 3 if nothing at or above the\n  \
         gate was found in the rest, and 1 if something was. With `--require-complete` it is 3 in both cases.\n\n\
         This is the whole table; the ids are those of the JSON report's `coverage.counts`.\n\n",
    );
    text.push_str("| reason | effect | what it says |\n| --- | --- | --- |\n");
    for reason in Reason::ALL {
        let effect = match reason.effect() {
            Effect::Exclusion => "exclusion",
            Effect::Gap => "gap",
        };
        let _ = writeln!(text, "| `{}` | {effect} | {} |", reason.id(), escaped(reason.text()));
    }
    let _ = write!(
        text,
        "\nThe report names the first {} of each reason, sorted, and counts the rest.\n\n\
         Some things are errors instead, with exit code 2 and no report: a path that does not exist, a revision that names no commit,\n\
         and `--history` where there is no repository. A check whose inputs are missing is not a gap: it is counted as \"not evaluated\", with its reason, and is\n\
         never shown as passed.\n",
        Coverage::LISTED
    );
    text
}

fn rule_page() -> String {
    let rules = RuleSet::builtin();
    let all: Vec<&Rule> = rules.iter().map(|(_, rule)| rule).collect();
    let of_form = |form: Form| all.iter().filter(|r| r.form == form).count();
    let mut text = format!("# Rules\n\n{NOTICE}\n\n");
    let _ = write!(
        text,
        "The {} built-in rules, by class and provider. `keyward rules list` prints them, with a word to filter by;\n\
         `keyward rules explain ID` tells everything about one, with examples as templates. [rules-format.md](rules-format.md) says how\n\
         to write one.\n\n\
         The form says how far the value alone tells that it is a credential: **certain** ({}) is a documented form that nothing else\n\
         has; **strong** ({}) is distinctive and not fully documented; **contextual** ({}) is a common shape, for which words around\n\
         it decide. The visibility says who may see it: a **secret** is nobody else's; an **identifier** names a key and opens nothing;\n\
         a **publishable** key is made for clients. Identifiers and publishable keys are never reported as leaks.\n",
        all.len(),
        of_form(Form::Certain),
        of_form(Form::Strong),
        of_form(Form::Contextual)
    );
    let mut classes: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in all {
        classes.entry(&rule.class).or_default().push(rule);
    }
    for (class, mut rules) in classes {
        rules.sort_by_key(|r| (r.provider_name.to_lowercase(), r.id.clone()));
        let _ = write!(
            text,
            "\n## {class}\n\n| provider | rule | finds | form | visibility | checksum |\n| --- | --- | --- | --- | --- | --- |\n"
        );
        for rule in rules {
            let _ = writeln!(
                text,
                "| {} | `{}` | {} | {} | {} | {} |",
                escaped(&rule.provider_name),
                rule.id,
                escaped(&rule.title),
                rule.form.word(),
                rule.visibility.word(),
                if rule.checksum.is_some() { "yes" } else { "" }
            );
        }
    }
    text
}

fn layers() -> String {
    let lines: Vec<String> = LAYERS.iter().map(|rooms| rooms.join(" | ")).collect();
    format!("```text\nbin/keyward\n{}\n```\n", lines.join("\n"))
}

fn fences() -> String {
    let mut text = "| crate | only in |\n| --- | --- |\n".to_owned();
    for (name, places) in FENCES {
        let places: Vec<String> = places.iter().map(|p| format!("`{p}`")).collect();
        let _ = writeln!(text, "| `{}` | {} |", name.trim_end_matches(':'), places.join(", "));
    }
    text
}

fn format_table() -> String {
    let mut text = "| format | what it is |\n| --- | --- |\n".to_owned();
    for (name, title) in formats() {
        let _ = writeln!(text, "| `{name}` | {} |", escaped(title));
    }
    text
}

/// The fields of one part of the full YAML template: name and what they take.
fn fields(part: &str) -> String {
    let full = template(TemplateFormat::Yaml, true);
    let minimal = template(TemplateFormat::Yaml, false);
    let mut text = "| field | takes | minimal profile |\n| --- | --- | --- |\n".to_owned();
    for (name, takes) in part_of(&full, part) {
        let mark = if part_of(&minimal, part).iter().any(|(n, _)| *n == name) { "yes" } else { "" };
        let takes = takes.replace(" | ", ", ");
        let _ = writeln!(text, "| `{name}` | {} | {mark} |", escaped(&takes));
    }
    text
}

fn part_of(yaml: &str, part: &str) -> Vec<(String, String)> {
    let lines = yaml.lines().skip_while(|l| *l != format!("{part}:")).skip(1);
    lines
        .take_while(|l| l.starts_with(' '))
        .map(|line| {
            let (name, rest) = line.trim_start().trim_start_matches("- ").split_once(':').unwrap();
            (name.to_owned(), rest.rsplit_once(" # ").map_or("", |(_, takes)| takes).to_owned())
        })
        .collect()
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
