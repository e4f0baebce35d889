//! Made-up credentials for the demo and the tests: named templates, filled into files.
//!
//! No value stands in the repository: `values.toml` names templates, files say `@NAME@`, and both
//! come together when the sample is written out.

use std::collections::BTreeMap;

use crate::detect::RuleSet;
use crate::detect::template::expand;
use crate::secret::{Pepper, Scheme, fingerprint_value};

/// Named values of one sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    values: BTreeMap<String, String>,
}

/// A sample's values that cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("value `{name}`: {problem}")]
pub struct SampleError {
    /// Which value.
    pub name: String,
    /// What is wrong.
    pub problem: String,
}

impl Sample {
    /// Reads lines of `NAME = "template"`. A template that begins with `rule-id: ` may use that
    /// rule's `{checksum}`.
    pub fn parse(text: &str) -> Result<Self, SampleError> {
        let fail = |name: &str, problem: String| SampleError { name: name.to_owned(), problem };
        let table: BTreeMap<String, String> = toml::from_str(text).map_err(|e| fail("", e.message().to_owned()))?;
        let rules = RuleSet::builtin();
        let mut values = BTreeMap::new();
        for (name, template) in table {
            let (rule, template) = match template.split_once(": ") {
                Some((id, rest)) if rules.by_id(id).is_some() => (rules.by_id(id), rest),
                _ => (None, template.as_str()),
            };
            let seed = u64::from(crc32fast::hash(name.as_bytes()));
            let value = expand(template, seed, rule).map_err(|e| fail(&name, e.to_string()))?;
            values.insert(name, value);
        }
        Ok(Self { values })
    }

    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Every value.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// Fills `@NAME@`, `@sha256:NAME@` (fingerprint), `@hmac:NAME@` (keyed fingerprint), `@last4:NAME@`,
    /// `@last8:NAME@` and `@b64:NAME@` into a text. Unknown names stay as they are.
    pub fn fill(&self, text: &str, peppers: &[Pepper]) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('@') {
            let (before, tail) = rest.split_at(at);
            out.push_str(before);
            let filled = tail[1..].find('@').and_then(|end| Some((self.field(&tail[1..=end], peppers)?, end + 2)));
            match filled {
                Some((value, used)) => {
                    out.push_str(&value);
                    rest = &tail[used..];
                }
                None => {
                    out.push('@');
                    rest = &tail[1..];
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn field(&self, field: &str, peppers: &[Pepper]) -> Option<String> {
        let (form, name) = field.split_once(':').unwrap_or(("", field));
        let value = self.value(name)?;
        let fingerprint = |scheme: Scheme| {
            let (all, _) = fingerprint_value(value.as_bytes(), peppers);
            all.into_iter().find(|f| f.scheme == scheme).map(|f| f.to_string())
        };
        match form {
            "" => Some(value.to_owned()),
            "sha256" => fingerprint(Scheme::Sha256),
            "hmac" => fingerprint(Scheme::HmacSha256),
            "last4" => Some(value[value.len().saturating_sub(4)..].to_owned()),
            "last8" => Some(value[value.len().saturating_sub(8)..].to_owned()),
            "b64" => Some(data_encoding::BASE64.encode(value.as_bytes())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_and_addresses_stay() {
        let sample = Sample::parse("KEY = \"github-pat-classic: ghp_{base62:30}{checksum}\"").unwrap();
        let value = sample.value("KEY").unwrap();
        assert_eq!(value.len(), 40);
        let text = sample.fill("a@b.example token=@KEY@ last=@last4:KEY@ @UNKNOWN@", &[]);
        assert_eq!(text, format!("a@b.example token={value} last={} @UNKNOWN@", &value[36..]));
        assert!(sample.fill("@sha256:KEY@", &[]).starts_with("sha256:"));
    }
}
