//! `keyward explain KW101`.

use std::io::Write;

use anyhow::bail;
use keyward::{CheckId, checks};

use crate::output;

pub(crate) fn run(typed: &str) -> anyhow::Result<u8> {
    let by_slug = || checks::all().iter().find(|c| c.slug == typed);
    let Some(check) = CheckId::parse(typed).and_then(checks::get).or_else(by_slug) else {
        bail!("no check `{typed}`; checks are named like KW101");
    };
    let width = output::width().min(88);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} {} ({})\n", check.id, check.title, check.slug)?;
    writeln!(out, "{}\n", wrapped(check.why, width))?;
    writeln!(out, "What to do\n{}\n", wrapped(check.remedy, width))?;
    writeln!(out, "Level      {} before modifiers", check.level.word())?;
    writeln!(out, "Needs      {}", check.needs)?;
    writeln!(out, "See        {}", check.taxa.join(", "))?;
    Ok(0)
}

/// Breaks a paragraph at spaces.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let fits = |line: &String| line.is_empty() || line.chars().count() + 1 + word.chars().count() <= width;
        match lines.last_mut() {
            Some(line) if fits(line) => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
