//! `[[allow]]` and `[suppress]`: what may stand in the tree, and what is refused because it would cover
//! everything.

use toml::Spanned;

use super::error::{ConfigError, Source};
use super::raw;
use crate::detect::{ForeignMarker, Wishes, pattern_id};
use crate::govern::policy::{Allowance, AllowedValues, Globs, Policy};
use crate::govern::{CheckId, checks};
use crate::inventory::When;
use crate::secret::Fingerprint;

/// Paths that have nothing in common but being paths.
const UNLIKE: [&str; 8] = [
    "src/main.rs", "config/prod.yaml", ".env", "README.md", "web/app/page.tsx", "Dockerfile", "deploy/k8s/secret.json",
    "lib/billing.py",
];
/// More of these than one folder or one kind of file has.
const MANY: usize = 3;

/// Puts the permissions into the policy, and gives what detection is to read for them.
pub(super) fn validate(
    source: &Source<'_>,
    (allow, suppress): (&[Spanned<raw::Allow>], &raw::Suppress),
    policy: &mut Policy,
) -> Result<Wishes, ConfigError> {
    let mut wishes = Wishes::default();
    let known: Vec<&str> = ForeignMarker::ALL.iter().map(|m| m.word()).collect();
    let asked = source.words(&suppress.foreign_markers, "suppress.foreign_markers", &known)?;
    wishes.markers = asked.iter().filter_map(|word| ForeignMarker::parse(word)).collect();
    for one in allow {
        let allowance = allowance(source, one, policy, &mut wishes)?;
        policy.allowances.push(allowance);
    }
    Ok(wishes)
}

fn allowance(
    source: &Source<'_>,
    one: &Spanned<raw::Allow>,
    policy: &Policy,
    wishes: &mut Wishes,
) -> Result<Allowance, ConfigError> {
    let raw = one.get_ref();
    let Some(reason) = &raw.reason else {
        return Err(source.error(one, "allow.reason", "expected a reason: why these may stand in the tree"));
    };
    if raw.paths.is_empty() && raw.values.is_empty() {
        let expected = "expected paths, values or both: without them it would cover everything";
        return Err(source.error(one, "allow", expected));
    }
    let end = |until: &Spanned<String>| match source.when(until, "allow.until")? {
        When::Day(day) => Ok(day),
        When::At(_) => Err(source.error(until, "allow.until", "expected a day such as 2026-01-31")),
    };
    Ok(Allowance {
        file: source.name().to_owned(),
        line: source.line(one),
        checks: allowed_checks(source, &raw.checks, policy)?,
        paths: paths(source, &raw.paths)?,
        values: values(source, &raw.values, wishes)?,
        reason: source.text_of(reason, "allow.reason")?,
        until: raw.until.as_ref().map(end).transpose()?,
    })
}

fn allowed_checks(source: &Source<'_>, list: &[Spanned<String>], policy: &Policy) -> Result<Vec<CheckId>, ConfigError> {
    if list.is_empty() {
        return Ok(Allowance::CHECKS.to_vec());
    }
    let field = "allow.checks";
    let check = |text: &Spanned<String>| {
        let id = CheckId::parse(text.get_ref()).filter(|id| checks::get(*id).is_some());
        let id = id.ok_or_else(|| source.error(text, field, "expected single checks, such as KW001"))?;
        if policy.exceptions.not_waivable.contains(&id) {
            return Err(source.error(text, field, &format!("{id} cannot be excepted")));
        }
        Ok(id)
    };
    list.iter().map(check).collect()
}

/// Globs, none of which is about any file at all.
fn paths(source: &Source<'_>, list: &[Spanned<String>]) -> Result<Option<Globs>, ConfigError> {
    const FIELD: &str = "allow.paths";
    if list.is_empty() {
        return Ok(None);
    }
    let all = source.globs(list, FIELD)?;
    let wide = "it matches files of every kind in every place, and would cover whatever is found; expected a folder, \
                a name or a kind of file";
    for glob in list {
        let alone = source.globs(std::slice::from_ref(glob), FIELD)?;
        if !has_literal(glob.get_ref()) || UNLIKE.iter().filter(|path| alone.is_match(path)).count() >= MANY {
            return Err(source.error(glob, FIELD, wide));
        }
    }
    if UNLIKE.iter().filter(|path| all.is_match(path)).count() > UNLIKE.len() / 2 {
        return Err(source.error(
            &list[0],
            FIELD,
            &format!("together, {}", wide.replacen("it matches", "they match", 1)),
        ));
    }
    Ok(Some(all))
}

/// Whether a letter or a digit stands outside brackets: something that paths must have.
fn has_literal(glob: &str) -> bool {
    let mut inside = false;
    glob.chars().any(|c| {
        inside = (inside || c == '[') && c != ']';
        !inside && c.is_alphanumeric()
    })
}

fn values(
    source: &Source<'_>,
    list: &[Spanned<String>],
    wishes: &mut Wishes,
) -> Result<Option<AllowedValues>, ConfigError> {
    if list.is_empty() {
        return Ok(None);
    }
    let is_identity = |text: &str| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let mut values = AllowedValues::default();
    for one in list {
        let text = one.get_ref().as_str();
        if let Some(fingerprint) = Fingerprint::parse(text) {
            values.fingerprints.push(fingerprint);
        } else if is_identity(text) {
            values.credentials.push(text.to_ascii_lowercase());
        } else if text.starts_with('^') {
            wishes.values.add(text).map_err(|why| source.error(one, "allow.values", why.text()))?;
            values.patterns.push(pattern_id(text));
        } else {
            let expected = "expected a fingerprint (sha256:...), a credential's identity as reports show it, or an \
                            expression over the whole value (^...$)";
            return Err(source.error(one, "allow.values", expected));
        }
    }
    Ok(Some(values))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{Config, ConfigError};

    fn parse(entry: &str) -> Result<Config, ConfigError> {
        Config::parse("keyward.toml", Path::new(""), &format!("exclude = []\n\n[[allow]]\n{entry}"))
    }

    fn problem(entry: &str) -> String {
        parse(entry).unwrap_err().to_string()
    }

    #[test]
    fn what_would_cover_everything_is_an_error_with_its_place() {
        for glob in
            ["**", "*", "**/*", "**/*.*", "/**", "?*", "[a-z]*", "**/[!x]*", "{**,docs}", "{src,config,web,lib}/**"]
        {
            let text = problem(&format!("reason = \"x\"\npaths = [\"{glob}\"]"));
            assert!(text.starts_with("keyward.toml:5:10: allow.paths: it matches files"), "{glob}: {text}");
        }
        for pattern in ["^.*$", "^[0-9a-f]+$", "^\\\\S+$"] {
            let text = problem(&format!("reason = \"x\"\nvalues = [\"{pattern}\"]"));
            assert!(text.starts_with("keyward.toml:5:11: allow.values: it matches random values"), "{pattern}: {text}");
        }
        let many = "reason = \"x\"\npaths = [\"src/**\", \"config/**\", \"**/*.md\", \"web/**\", \"lib/**\"]";
        assert!(problem(many).contains("together, they match files"), "{}", problem(many));
        assert!(problem("reason = \"x\"").starts_with("keyward.toml:3:1: allow: expected paths, values or both"));
    }

    #[test]
    fn a_reason_is_required_and_checks_are_single() {
        assert!(problem("paths = [\"docs/**\"]").contains("allow.reason: expected a reason"));
        assert!(problem("paths = [\"docs/**\"]\nreason = \" \"").contains("expected a text that is not empty"));
        for (check, why) in [("KW1xx", "single checks"), ("KW999", "single checks"), ("KW109", "cannot be excepted")] {
            let text = problem(&format!("paths = [\"docs/**\"]\nreason = \"x\"\nchecks = [\"{check}\"]"));
            assert!(text.contains(why), "{check}: {text}");
        }
        assert!(problem("paths = [\"docs/**\"]\nreason = \"x\"\nuntil = \"soon\"").contains("expected a date"));
    }

    #[test]
    fn no_message_shows_a_value() {
        let text = problem("reason = \"x\"\nvalues = [\"hunter2hunter2\"]");
        assert!(text.contains("expected a fingerprint") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn what_is_narrow_is_taken() {
        let config = parse(
            "reason = \"samples\"\npaths = [\"tests/fixtures/**\", \"**/*.md\"]\nvalues = [\"^demo-[0-9]{6}$\"]\nuntil = \"2027-01-31\"",
        )
        .unwrap();
        let one = &config.policy.allowances[0];
        assert_eq!((one.place().as_str(), one.checks.len()), ("keyward.toml:3", 4));
        assert!(one.until.is_some() && one.values.as_ref().is_some_and(|v| v.patterns.len() == 1));
    }
}
