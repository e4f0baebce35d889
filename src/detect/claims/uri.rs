//! Addresses, connection strings and headers that carry a user and a password.

use data_encoding::BASE64;

use super::{Claims, Input};

/// User, host, port and database of an address.
pub(super) fn address(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let whole = input.matched.whole;
    let text =
        String::from_utf8_lossy(&input.bytes[whole.start.saturating_sub(24)..input.bytes.len().min(whole.end + 160)])
            .into_owned();
    let lead = whole.start.min(24);
    if let Some(at) = text.get(lead..).and_then(|t| t.find("://")).map(|n| n + lead) {
        let scheme: String = text[..at]
            .chars()
            .rev()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-' | ':'))
            .collect();
        claims.add("scheme", scheme.chars().rev().collect::<String>().trim_start_matches(':').to_ascii_lowercase());
        let rest = &text[at + 3..];
        let authority: &str =
            rest.split(['/', '?', '#', '"', '\'', ' ', '\n', ';', '>', '<', '`']).next().unwrap_or_default();
        let host_port = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = host_port.split_once(':').unwrap_or((host_port, ""));
        claims.add("host", host.to_ascii_lowercase());
        claims.add("port", port.parse::<u64>().ok());
        let path = rest.get(authority.len()..).and_then(|p| p.strip_prefix('/')).unwrap_or_default();
        let database: String =
            path.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect();
        if !claims.facts.get("scheme").and_then(|s| s.as_str()).is_some_and(|s| s.starts_with("http")) {
            claims.add("database", database);
        }
    }
    if let Some(user) = input.public() {
        claims.add_key_id("user", user);
    }
    claims
}

/// Registries and the user of a container client's file that is itself encoded, as in a Kubernetes secret.
/// `None` where it holds no credential.
pub(super) fn registries(input: &Input<'_>) -> Option<Claims> {
    let file: serde_json::Value = serde_json::from_slice(&super::encoded::unpack(input.text()?)?).ok()?;
    let auths = file.get("auths")?.as_object()?;
    let text = |entry: &serde_json::Value, name: &str| {
        entry.get(name).and_then(serde_json::Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned)
    };
    let opens = |entry: &&serde_json::Value| {
        ["auth", "password", "identitytoken"].iter().any(|name| text(entry, name).is_some_and(|t| t.len() >= 8))
    };
    let first = auths.values().find(opens)?;
    let mut claims = Claims::default();
    let hosts: Vec<String> = auths
        .keys()
        .map(|host| host.trim_start_matches("https://").split('/').next().unwrap_or_default().to_ascii_lowercase())
        .collect();
    match &hosts[..] {
        [host] => claims.add("host", host.as_str()),
        _ => claims.add("hosts", hosts),
    }
    let joined = || {
        let pair = String::from_utf8(super::encoded::unpack(&text(first, "auth")?)?).ok()?;
        pair.split_once(':').map(|(user, _)| user.to_owned())
    };
    if let Some(user) = text(first, "username").or_else(joined) {
        claims.add_key_id("user", &user);
    }
    Some(claims)
}

/// Server, database and user of a list of `key=value` parts.
pub(super) fn ado(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let whole = input.matched.whole;
    let text =
        String::from_utf8_lossy(&input.bytes[whole.start.saturating_sub(240)..input.bytes.len().min(whole.end + 160)])
            .into_owned();
    let text = text
        .split(['"', '\'', '\n', '>'])
        .find(|part| part.contains(';') && part.to_ascii_lowercase().contains('p'))
        .unwrap_or(&text)
        .to_owned();
    for part in text.split(';') {
        let Some((name, value)) = part.split_once('=') else { continue };
        let fact = match name.trim().to_ascii_lowercase().as_str() {
            "server" | "data source" | "host" | "address" => "host",
            "database" | "initial catalog" => "database",
            "user id" | "uid" | "userid" | "username" | "user" => "user",
            _ => continue,
        };
        claims.add(fact, value.trim());
        if fact == "user" {
            claims.key_id = Some(value.trim().to_owned());
        }
    }
    claims
}

/// The user beside the password.
pub(super) fn user(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    if let Some(user) = input.public() {
        claims.add_key_id("user", user);
    }
    claims
}

/// A basic credential: rejected if it is not `user:password` in base64, or a made-up pair.
pub(super) fn basic(input: &Input<'_>) -> Option<Claims> {
    let bytes = BASE64.decode(input.value).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    let made_up = [
        "password", "pass", "secret", "changeme", "test", "example", "foo", "bar", "passwd", "pwd", "token", "1234",
        "12345", "123456", "opensesame", "open sesame",
    ];
    let lower = password.to_ascii_lowercase();
    if text.chars().any(char::is_control)
        || lower == user.to_ascii_lowercase()
        || made_up.contains(&lower.as_str())
        || password.is_empty() && user.len() < 16
    {
        return None;
    }
    let mut claims = Claims::default();
    if password.is_empty() {
        // The key stands where the user would.
        return Some(claims);
    }
    claims.add_key_id("user", user);
    Some(claims)
}

/// Machine and login of a netrc line.
pub(super) fn netrc(input: &Input<'_>) -> Claims {
    let mut claims = user(input);
    let text = String::from_utf8_lossy(input.whole()).into_owned();
    if let Some(host) = text.split_ascii_whitespace().nth(1) {
        claims.add("host", host.to_ascii_lowercase());
    }
    claims
}

/// The registry of an npm client's line.
pub(super) fn npmrc(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let before = &input.bytes[input.matched.whole.start.saturating_sub(160)..input.matched.whole.start];
    let line = before.rsplit(|b| matches!(b, b'\n' | b'"' | b'\'' | b' ')).next().unwrap_or_default();
    let text = String::from_utf8_lossy(line).into_owned();
    if let Some(registry) = text.strip_prefix("//") {
        claims.add("host", registry.split('/').next().unwrap_or_default().to_ascii_lowercase());
    }
    claims
}
