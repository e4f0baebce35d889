//! What a credential says about itself, decoded offline. Always a claim, never a fact: nothing here
//! checks a signature.
//!
//! One file per family of decoders. A decoder gets the value and its match, and gives typed facts
//! that hold no secret part: texts, numbers (times are Unix seconds, under `exp`, `iat`, `nbf`),
//! flags, and lists of texts.

mod aws;
mod azure;
mod certificate;
mod encoded;
mod gcp;
mod gitlab;
mod jwk;
mod jwt;
mod keys;
mod keystore;
mod macaroon;
mod parts;
mod pem;
mod pgp;
mod ssh;
mod uri;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::candidate::rule::Rule;
use super::judge::{Matched, Mode};

pub(crate) use jwk::private_member;

/// Facts decoded from a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Named facts, sorted; values are texts, numbers, or lists of texts.
    #[serde(flatten)]
    pub facts: BTreeMap<String, Value>,
    /// A public key id that the value carries.
    #[serde(skip)]
    pub(crate) key_id: Option<String>,
    /// Live or test.
    #[serde(skip)]
    pub(crate) mode: Option<Mode>,
    /// Made for clients, whatever the rule says.
    #[serde(skip)]
    pub(crate) publishable: bool,
    /// SHA-256 of the public half that a private key carries: exact, and safe to publish.
    #[serde(skip)]
    pub(crate) spki: Option<[u8; 32]>,
}

/// Longest text that is kept of a fact.
const MAX_TEXT: usize = 300;

impl Claims {
    /// Whether nothing was decoded.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Keeps a fact; empty and endless texts are dropped.
    fn add(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        let keep = match &value {
            Value::Null => false,
            Value::String(text) => !text.is_empty() && text.len() <= MAX_TEXT,
            Value::Array(all) => !all.is_empty(),
            _ => true,
        };
        if keep {
            self.facts.insert(name.to_owned(), value);
        }
    }

    /// Keeps a fact that is also the public key id.
    fn add_key_id(&mut self, name: &str, id: &str) {
        self.add(name, id);
        if !id.is_empty() {
            self.key_id.get_or_insert_with(|| id.to_owned());
        }
    }
}

/// What a decoder sees.
pub(crate) struct Input<'d> {
    /// The value.
    value: &'d [u8],
    /// The whole document and where the match stands in it.
    bytes: &'d [u8],
    matched: &'d Matched,
}

impl<'d> Input<'d> {
    fn text(&self) -> Option<&'d str> {
        std::str::from_utf8(self.value).ok()
    }

    fn whole(&self) -> &'d [u8] {
        self.matched.whole.of(self.bytes)
    }

    /// What stands around the match.
    fn near(&self) -> &'d [u8] {
        const FAR: usize = 600;
        let whole = self.matched.whole;
        &self.bytes[whole.start.saturating_sub(FAR)..self.bytes.len().min(whole.end + FAR)]
    }

    fn public(&self) -> Option<&'d str> {
        self.matched.public.and_then(|s| std::str::from_utf8(s.of(self.bytes)).ok())
    }
}

/// Decodes what the rule's decoder can read. `None` where a format that must be readable is not, so
/// that it is no credential of this kind.
pub(crate) fn decode(rule: &Rule, bytes: &[u8], matched: &Matched) -> Option<Claims> {
    let Some(name) = rule.claims.as_deref() else { return Some(Claims::default()) };
    let input = Input { value: matched.secret.of(bytes), bytes, matched };
    match name {
        "jwt" if rule.technology => jwt::decode(&input),
        // A vendor's own prefix is enough; what can be read is read.
        "jwt" | "supabase-jwt" => Some(jwt::decode(&input).unwrap_or_default()),
        "github-app-jwt" => {
            let mut claims = jwt::decode(&input).unwrap_or_default();
            claims.facts.extend(parts::decode(name, &input).facts);
            Some(claims)
        }
        "kubernetes-jwt" => jwt::kubernetes(&input),
        "jwe" => jwt::encrypted(&input),
        "wrapped-jwt" => jwt::wrapped(&input),
        "pem" => Some(pem::decode(&input)),
        "private-key-fingerprint" => Some(pem::listed(&input)),
        "wrapped-pem" => pem::wrapped(&input),
        "pgp" => Some(pgp::decode(&input)),
        "keystore" => keystore::java(&input),
        "pkcs12" => Some(keystore::pkcs12(&input)),
        "openssh" => ssh::openssh(&input),
        "putty" => Some(ssh::putty(&input)),
        "jwk" => Some(jwk::decode(&input)),
        "uri" | "cloudinary-url" => Some(uri::address(&input)),
        "ado" => Some(uri::ado(&input)),
        "docker-config" => uri::registries(&input),
        "user" => Some(uri::user(&input)),
        "basic-auth" => uri::basic(&input),
        "netrc" => Some(uri::netrc(&input)),
        "npmrc" => Some(uri::npmrc(&input)),
        "aws-key-id" => Some(aws::key_id(&input)),
        "aws-presigned-url" => Some(aws::presigned(&input)),
        "gcp-service-account" => Some(gcp::key_file(&input)),
        "gcp-adc" => Some(gcp::user_file(&input)),
        "gitlab-routable" => Some(gitlab::routable(&input)),
        "aws-bedrock-long" => Some(aws::bedrock_long(&input)),
        "aws-bedrock-short" => Some(aws::bedrock_short(&input)),
        "aws-session-token" => Some(aws::session(&input)),
        "pypi-macaroon" => Some(macaroon::pypi(&input)),
        "fly-macaroon" => Some(macaroon::fly(&input)),
        "entra-refresh-token" => Some(azure::refresh(&input)),
        "ebay-token-flags" => Some(ebay(&input)),
        _ if name.starts_with("azure-") => Some(azure::decode(name, &input)),
        _ => Some(encoded::decode(name, &input).unwrap_or_else(|| parts::decode(name, &input))),
    }
}

/// Fields in clear before an eBay token: `v^1.1#i^1#p^3#...#t^` and the token.
fn ebay(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let fields = input.text().unwrap_or_default().split('#').filter_map(|f| f.split_once('^'));
    let flags: Vec<String> =
        fields.take_while(|(name, _)| *name != "t").map(|(name, value)| format!("{name}={value}")).take(12).collect();
    claims.add("flags", flags);
    claims
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
