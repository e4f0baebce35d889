//! `keyward rules list | check | explain`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use keyward::config::parse_rules;
use keyward::{Rule, RuleSet, check_rules};

use crate::args::RulesCommand;
use crate::output;
use crate::trust::Trust;

pub(crate) fn run(command: &RulesCommand) -> anyhow::Result<u8> {
    let mut out = std::io::stdout().lock();
    match command {
        RulesCommand::List { filter } => list(&mut out, filter.as_deref()),
        RulesCommand::Check { files } => check(&mut out, files),
        RulesCommand::Explain { id } => explain(&mut out, id),
    }
}

/// Reads the rules of user files; errors name file, line and field.
pub(crate) fn read(files: &[PathBuf], trust: &Trust) -> anyhow::Result<Vec<Rule>> {
    let mut rules = Vec::new();
    for path in files {
        let text = trust.read(path)?.with_context(|| format!("{}: no such file", path.display()))?;
        let file = parse_rules(&path.display().to_string(), &text)?;
        let own = Rule::from_file(file).with_context(|| path.display().to_string())?;
        // What is wrong with a rule is said with its file's name.
        let again = Rule::from_file(parse_rules(&path.display().to_string(), &text)?)?;
        RuleSet::with_user(again, true).with_context(|| path.display().to_string())?;
        rules.extend(own);
    }
    Ok(rules)
}

fn list(out: &mut dyn Write, filter: Option<&str>) -> anyhow::Result<u8> {
    let rules = RuleSet::builtin();
    let wanted = |r: &Rule| {
        filter.is_none_or(|f| {
            let f = f.to_ascii_lowercase();
            [&r.id, &r.provider, &r.title, &r.class].iter().any(|t| t.to_ascii_lowercase().contains(&f))
        })
    };
    let listed: Vec<&Rule> = rules.iter().map(|(_, r)| r).filter(|r| wanted(r) && !r.pattern.is_empty()).collect();
    let longest = listed.iter().map(|r| r.id.len()).max();
    let Some(longest) = longest else {
        bail!("no rule holds `{}` in its id, provider, class or title", filter.unwrap_or_default());
    };
    for rule in &listed {
        writeln!(
            out,
            "{:<longest$}  {:<10}  {:<11}  {}",
            rule.id,
            rule.form.word(),
            rule.visibility.word(),
            rule.title
        )?;
    }
    let rules = if listed.len() == 1 { "rule" } else { "rules" };
    writeln!(out, "\n{} {rules}; `keyward rules explain ID` tells more", listed.len())?;
    Ok(0)
}

fn check(out: &mut dyn Write, files: &[PathBuf]) -> anyhow::Result<u8> {
    let set = if files.is_empty() {
        RuleSet::builtin()
    } else {
        RuleSet::with_user(read(files, &Trust::WorkingTree)?, true)?
    };
    // What the watchlist wakes has no examples to check.
    let n = set.formats();
    let problems = check_rules(set);
    for p in &problems {
        writeln!(out, "{}: {}", p.rule, p.problem)?;
    }
    if problems.is_empty() {
        writeln!(out, "{n} rules checked: every example is found, no near miss is")?;
        return Ok(0);
    }
    bail!("{} problems in {n} rules", problems.len())
}

fn explain(out: &mut dyn Write, id: &str) -> anyhow::Result<u8> {
    let rules = RuleSet::builtin();
    let Some(rule) = rules.by_id(id) else {
        bail!("no rule `{id}`; `keyward rules list {id}` looks for similar ones");
    };
    writeln!(out, "{} - {}\n", rule.id, rule.title)?;
    let whose = if rule.technology { "no partner: named from its surroundings" } else { &rule.provider_name };
    let width = output::width();
    let mut line = |name: &str, text: &str| match name {
        _ if text.is_empty() => Ok(()),
        // To be copied as it is.
        "pattern" | "see" => writeln!(out, "{name:<12}{text}"),
        _ => writeln!(out, "{}", output::wrapped(&format!("{name:<12}"), text, width)),
    };
    line("provider", whose)?;
    line("class", &rule.class)?;
    line("kind", rule.kind.word())?;
    line("visibility", rule.visibility.word())?;
    line("form", &format!("{} ({})", rule.form.word(), form_text(rule.form)))?;
    line("literals", &rule.literals.join(", "))?;
    line("context", &rule.context.join(", "))?;
    line("pattern", &rule.pattern)?;
    line(
        "checksum",
        &rule.checksum.as_deref().map_or(String::new(), |c| {
            format!("{c}{}", if rule.checksum_decides { ", a misfit rejects" } else { ", a fit raises confidence" })
        }),
    )?;
    line("claims", rule.claims.as_deref().unwrap_or_default())?;
    line("pairs", &rule.pairs.join(", "))?;
    line("public part", if rule.shared_public { "shared by many credentials" } else { "" })?;
    line("revoke", rule.revoke.as_deref().unwrap_or_default())?;
    for reference in rule.references.iter() {
        line("see", reference)?;
    }
    // Templates: a whole value, even a made-up one, would set off scanners that read terminal logs.
    writeln!(out, "\nfound in, for example:")?;
    for line in rule.examples.iter().take(3).flat_map(|e| e.lines()) {
        writeln!(out, "    {line}")?;
    }
    writeln!(out, "not found in:")?;
    for line in rule.near_misses.iter().take(3).flat_map(|e| e.lines()) {
        writeln!(out, "    {line}")?;
    }
    Ok(0)
}

fn form_text(form: keyward::Form) -> &'static str {
    match form {
        keyward::Form::Certain => "a documented form that nothing else has",
        keyward::Form::Strong => "a distinctive form, not fully documented",
        keyward::Form::Contextual => "a common shape; words around it decide",
    }
}
