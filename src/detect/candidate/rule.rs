//! A rule: one credential format, as data.

use std::borrow::Cow;

use crate::word::word_enum;

use super::rule_file::{RuleFile, RuleText, bounds, join_halves, sample_hash};

/// Text that is static in built-in rules and owned in user rules.
pub(crate) type Text = Cow<'static, str>;
/// A list of such texts.
pub(crate) type Texts = Cow<'static, [Text]>;

word_enum! {
    /// What a credential is, in the inventory's words.
    Kind {
        /// One opaque key.
        ApiKey = "api_key",
        /// A key id and its secret.
        ApiKeyPair = "api_key_pair",
        /// The secret of an OAuth client.
        OauthClientSecret = "oauth_client_secret",
        /// Yields access tokens.
        OauthRefreshToken = "oauth_refresh_token",
        /// A bearer token.
        AccessToken = "access_token",
        /// A signed token that tells about itself.
        Jwt = "jwt",
        /// Belongs to a person.
        PersonalAccessToken = "personal_access_token",
        /// A cloud's machine identity.
        ServiceAccountKey = "service_account_key",
        /// User name and password.
        BasicAuth = "basic_auth",
        /// A database's password.
        DbPassword = "db_password",
        /// Proves who calls a webhook, or is its address.
        WebhookSecret = "webhook_secret",
        /// Signs things.
        SigningKey = "signing_key",
        /// Private half of a TLS client certificate.
        TlsClientKey = "tls_client_key",
        /// Private SSH key.
        SshKey = "ssh_key",
        /// A signed, scoped URL.
        SasToken = "sas_token",
        /// Address and password in one.
        ConnectionString = "connection_string",
        /// Anything else.
        Other = "other",
    }
}

word_enum! {
    /// Who may see the value.
    Visibility {
        /// Nobody else.
        Secret = "secret",
        /// Names a key and opens nothing.
        Identifier = "identifier",
        /// Made for clients.
        Publishable = "publishable",
    }
}

word_enum! {
    /// How far the form alone tells that it is a credential.
    Form {
        /// A documented form that nothing else has.
        Certain = "certain",
        /// Distinctive, not fully documented.
        Strong = "strong",
        /// A common shape; words around it decide.
        Contextual = "contextual",
    }
}

word_enum! {
    /// Where literals are looked for.
    Place {
        /// At the start of a run of 16 token bytes, inside one, or right before one.
        Run = "run",
        /// Right behind such a run.
        After = "after",
        /// In all text, since no such run is promised.
        Text = "text",
        /// In all text, at the end of a name; what is assigned to that name is the match.
        Name = "name",
    }
}

word_enum! {
    /// How a match runs on past the rule's reach; judged with the whole document.
    Extends {
        /// While `[A-Za-z0-9_.~+/=-]` follows.
        Token = "token",
        /// To the END line.
        Pem = "pem",
        /// To the end of the enclosing JSON object.
        Json = "json",
    }
}

/// One credential format.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Unique, never changes.
    pub id: Text,
    /// Noun phrase for people.
    pub title: Text,
    /// Partner directory id, or technology id.
    pub provider: Text,
    /// The provider's name for people.
    pub provider_name: Text,
    /// Partner class.
    pub class: Text,
    /// The format belongs to no partner.
    pub technology: bool,
    /// Kind of credential.
    pub kind: Kind,
    /// Who may see the value.
    pub visibility: Visibility,
    /// How far the form tells.
    pub form: Form,
    /// Literals, one of which is in every match (empty for contextual rules).
    pub literals: Texts,
    /// Where literals are looked for.
    pub anchor: Place,
    /// Regular expression with a group `secret`.
    pub pattern: Text,
    /// Parts that mark test mode.
    pub test_mode: Texts,
    /// Parts that mark live mode.
    pub live_mode: Texts,
    /// Shannon bits per character that the secret must reach.
    pub entropy: Option<f32>,
    /// Algorithm of the check value.
    pub checksum: Option<Text>,
    /// Whether a misfit rejects.
    pub checksum_decides: bool,
    /// Offline decoder.
    pub claims: Option<Text>,
    /// A secret that matches is no credential.
    pub reject: Option<Text>,
    /// Hashes of documented sample values.
    pub ignore: Cow<'static, [u64]>,
    /// Rules that belong to this one.
    pub pairs: Texts,
    /// The public part names an account, a workspace or a user, which many credentials share: it links,
    /// and does not identify.
    pub shared_public: bool,
    /// Bytes before the literal that may belong to the match.
    pub before: u16,
    /// Bytes after the literal that the match may need.
    pub reach: u16,
    /// How a match runs on past `reach`.
    pub extends: Option<Extends>,
    /// Lower-case words of which one must stand near.
    pub context: Texts,
    /// Bytes before the value in which context counts.
    pub context_before: u16,
    /// Bytes after the value in which context counts.
    pub context_after: u16,
    /// How it is revoked.
    pub revoke: Option<Text>,
    /// Provider documentation.
    pub references: Texts,
    /// Templates that must be found.
    pub examples: Texts,
    /// Templates that must not.
    pub near_misses: Texts,
}

/// Why a rule cannot be used: which rule, which field, what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule `{rule}`, field `{field}`: {problem}")]
pub struct RuleError {
    /// The rule's id.
    pub rule: String,
    /// The field.
    pub field: &'static str,
    /// What is wrong and what is expected.
    pub problem: String,
}

impl Rule {
    /// Takes the rules of a user's file, checking each field.
    pub fn from_file(file: RuleFile) -> Result<Vec<Self>, RuleError> {
        let RuleFile { provider, name, class, technology, rules } = file;
        rules.into_iter().map(|text| Self::from_text(text, &provider, &name, &class, technology)).collect()
    }

    /// Whether the literals end a name, and what is assigned to that name is the match.
    pub(crate) fn is_named(&self) -> bool {
        self.anchor == Place::Name
    }

    fn from_text(t: RuleText, provider: &str, name: &str, class: &str, technology: bool) -> Result<Self, RuleError> {
        let fail = |field, problem: String| RuleError { rule: t.id.clone(), field, problem };
        let words = |all: &[&str]| format!("expected one of {}", all.join(", "));
        let kind = Kind::from_word(&t.kind).ok_or_else(|| fail("kind", words(Kind::WORDS)))?;
        let visibility =
            Visibility::from_word(&t.visibility).ok_or_else(|| fail("visibility", words(Visibility::WORDS)))?;
        let form = Form::from_word(&t.form).ok_or_else(|| fail("form", words(Form::WORDS)))?;
        let extends = match t.extends.as_deref() {
            None => None,
            Some(w) => Some(Extends::from_word(w).ok_or_else(|| fail("extends", words(Extends::WORDS)))?),
        };
        let within = |field, value: u16, max: u16| {
            if value > max { Err(fail(field, format!("at most {max} bytes"))) } else { Ok(value) }
        };
        let before = within("before", t.before, bounds::BEFORE_MAX)?;
        let reach = within("reach", t.reach.unwrap_or(bounds::REACH), bounds::REACH_MAX)?;
        let context_before =
            within("context_before", t.context_before.unwrap_or(bounds::CONTEXT_BEFORE), bounds::CONTEXT_BEFORE_MAX)?;
        let context_after = within("context_after", t.context_after.unwrap_or(0), bounds::CONTEXT_AFTER_MAX)?;
        if t.literals.is_empty() && t.context.is_empty() {
            return Err(fail("literals", "a rule needs literals or context".into()));
        }
        if t.literals.is_empty() && form != Form::Contextual {
            return Err(fail("form", "a rule without literals is contextual".into()));
        }
        if t.literals.iter().any(|l| l.len() < 3) {
            return Err(fail("literals", "3 bytes or more each".into()));
        }
        let anchor = match t.anchor.as_deref() {
            None => Place::Run,
            Some(w) => Place::from_word(w).ok_or_else(|| fail("anchor", words(Place::WORDS)))?,
        };
        if anchor == Place::Name && form != Form::Contextual {
            return Err(fail("form", "a rule with `anchor = \"name\"` is contextual".into()));
        }
        let texts = |list: Vec<String>| -> Texts { list.into_iter().map(Cow::Owned).collect::<Vec<Text>>().into() };
        Ok(Self {
            provider: provider.to_owned().into(),
            provider_name: name.to_owned().into(),
            class: class.to_owned().into(),
            technology,
            kind,
            visibility,
            form,
            entropy: t.entropy,
            checksum: t.checksum.map(Cow::Owned),
            checksum_decides: t.checksum_decides,
            claims: t.claims.map(Cow::Owned),
            reject: t.reject.map(Cow::Owned),
            ignore: t.ignore.iter().map(|s| sample_hash(join_halves(s).as_bytes())).collect::<Vec<_>>().into(),
            literals: texts(t.literals),
            anchor,
            pattern: t.pattern.into(),
            test_mode: texts(t.test_mode),
            live_mode: texts(t.live_mode),
            pairs: texts(t.pairs),
            shared_public: t.shared_public,
            before,
            reach,
            extends,
            context: texts(t.context.iter().map(|c| c.to_ascii_lowercase()).collect()),
            context_before,
            context_after,
            revoke: t.revoke.map(Cow::Owned),
            references: texts(t.references),
            examples: texts(t.examples),
            near_misses: texts(t.near_misses),
            id: t.id.into(),
            title: t.title.into(),
        })
    }
}
