//! Raw secrets in exports: which columns hold them, and what only looks like one.

/// Names of columns and keys that hold values rather than knowledge about them. In normal form:
/// lower case, `_` between words.
const SECRET_NAMES: [&str; 22] = [
    "secret", "secret_value", "secret_text", "secrettext", "value", "password", "passwd", "client_secret",
    "consumer_secret", "consumersecret", "consumer_key", "consumerkey", "api_key", "apikey", "key", "key_value",
    "key_string", "token", "access_token", "refresh_token", "private_key", "secret_access_key",
];

/// Whether a column of this name holds raw secrets.
pub(crate) fn is_secret_name(normal_name: &str) -> bool {
    SECRET_NAMES.contains(&normal_name)
}

/// Whether the value of such a column is a secret: under names that may mean something else, only
/// what is long enough for one.
pub(crate) fn holds_secret(normal_name: &str, value: &str) -> bool {
    let plain = matches!(normal_name, "key" | "value" | "token");
    !plain || (value.trim().len() >= 16 && !value.trim().contains(' '))
}

/// Whether such a name stands for what people choose themselves.
pub(crate) fn is_password_name(normal_name: &str) -> bool {
    matches!(normal_name, "password" | "passwd")
}

/// A reference to where the value is kept, in the ways of gateways and of keyward.
pub(crate) fn vault_reference(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('{').and_then(|v| v.strip_suffix('}')).unwrap_or(value);
    let schemes = ["vault://", "awssm://", "gcpsm://", "azkv://", "op://", "arn:aws:secretsmanager:"];
    schemes.iter().any(|s| inner.starts_with(s)).then_some(inner)
}

/// Whether a text where a secret should stand is none: empty, masked, or a variable.
pub(crate) fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 14] = [
        "null", "none", "n/a", "na", "-", "redacted", "hidden", "changeme", "xxx", "todo", "tbd", "masked",
        "[redacted]", "(hidden)",
    ];
    let variable =
        value.starts_with("${") || value.starts_with("{{") || value.starts_with("$(") || value.starts_with("!env");
    let bracketed = value.starts_with('<') && value.ends_with('>');
    let masked = value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '\u{2022}' | '-' | '_' | '#'));
    let starred = value.contains("****") || value.contains('\u{2022}');
    value.is_empty()
        || variable
        || bracketed
        || masked
        || starred
        || WORDS.iter().any(|w| value.eq_ignore_ascii_case(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_secret() {
        for text in ["", "${ANON_KEY}", "{{ .Values.key }}", "<redacted>", "********", "sk_live_****", "N/A"] {
            assert!(is_placeholder(text), "{text}");
        }
        assert!(!is_placeholder("a3K9"));
        assert_eq!(vault_reference("{vault://env/my-key}"), Some("vault://env/my-key"));
    }
}
