//! Microsoft Azure: shared access signatures, connection strings, identifiable keys.

use super::{Claims, Input};
use crate::detect::judge::azure_seed;

/// Decodes by the decoder's name.
pub(super) fn decode(name: &str, input: &Input<'_>) -> Claims {
    match name {
        "azure-sas" | "azure-logic-apps" => shared_access(input),
        "azure-annotated-key" => annotated(input),
        "azure-storage-connection" | "azure-service-bus-connection" | "azure-app-configuration" => connection(input),
        "azure-apim-git-expiry" => Claims::default(),
        _ => seeded(input),
    }
}

/// The fields of a shared access signature.
fn shared_access(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let text = around(input);
    let parameters = parameters(&text);
    for (name, value) in &parameters {
        match name.as_str() {
            "se" => claims.add("exp", time(value)),
            "st" => claims.add("nbf", time(value)),
            "sp" => claims.add("scope", permissions(value)),
            "sv" => claims.add("version", value.as_str()),
            "sr" => claims.add("resource", value.as_str()),
            "ss" => claims.add("services", value.as_str()),
            "srt" => claims.add("resource_types", value.as_str()),
            "sip" => claims.add("ip", value.as_str()),
            "spr" => claims.add("protocol", value.as_str()),
            "si" => claims.add_key_id("policy", value),
            "skoid" => claims.add_key_id("delegated_by", value),
            "sktid" => claims.add("tenant_id", value.as_str()),
            "ske" => claims.add("key_exp", time(value)),
            _ => {}
        }
    }
    let has = |name: &str| parameters.iter().any(|(n, _)| n == name);
    let kind = if has("skoid") {
        "user_delegation"
    } else if has("srt") {
        "account"
    } else {
        "service"
    };
    claims.add("sas_kind", kind);
    if !has("se") && !has("si") {
        claims.add("no_expiry", true);
    }
    if let Some((account, _)) = text.split("://").nth(1).and_then(|host| host.split_once('.')) {
        claims.add("account", account);
    }
    claims
}

/// Letters of `sp` as words; a path (in callbacks) stays as it is.
fn permissions(letters: &str) -> Vec<String> {
    const NAMES: [(char, &str); 14] = [
        ('r', "read"),
        ('a', "add"),
        ('c', "create"),
        ('w', "write"),
        ('d', "delete"),
        ('x', "delete_version"),
        ('y', "permanent_delete"),
        ('l', "list"),
        ('t', "tags"),
        ('m', "move"),
        ('e', "execute"),
        ('o', "ownership"),
        ('p', "permissions"),
        ('u', "update"),
    ];
    if letters.contains('/') {
        return vec![letters.to_owned()];
    }
    letters
        .chars()
        .map(|c| NAMES.iter().find(|(l, _)| *l == c).map_or_else(|| c.to_string(), |(_, n)| (*n).to_owned()))
        .collect()
}

/// Issue month and service of an annotated key.
fn annotated(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let Some(text) = input.text() else { return claims };
    let Some(mark) = text.find("JQQJ9") else { return claims };
    let at = |n: usize| text.as_bytes().get(mark + n).copied().unwrap_or_default();
    let (year, month) = (at(6), at(7));
    if year.is_ascii_uppercase() && (b'A'..=b'L').contains(&month) {
        claims.add("issued", format!("{}-{:02}", 2024 + u32::from(year - b'A'), month - b'A' + 1));
    }
    claims.add(
        "key_kind",
        match at(5) {
            b'D' => "derived",
            b'H' => "hash",
            _ => "standard",
        },
    );
    if let Some(service) = text.get(mark + 24..mark + 28) {
        claims.add("service", service);
    }
    claims
}

/// Account, endpoint and policy of a connection string.
fn connection(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    for part in around(input).split(';') {
        let Some((name, value)) = part.split_once('=') else { continue };
        match name.trim() {
            "AccountName" => claims.add_key_id("account", value),
            "EndpointSuffix" => claims.add("endpoint_suffix", value),
            "Endpoint" => claims
                .add("host", value.trim_start_matches("sb://").trim_start_matches("https://").trim_end_matches('/')),
            "SharedAccessKeyName" => claims.add_key_id("policy", value),
            "Id" => claims.add_key_id("id", value),
            "EntityPath" => claims.add("entity", value),
            _ => {}
        }
    }
    claims
}

/// What the seed that fits says about the key.
fn seeded(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let role = input.text().and_then(azure_seed).and_then(|seed| match &seed {
        b"MastRO00" => Some("read_only"),
        b"MastRW00" => Some("read_write"),
        b"Functi00" => Some("function"),
        b"System00" => Some("system"),
        b"Master00" => Some("master"),
        b"Query000" => Some("query"),
        b"PAdmin00" => Some("admin"),
        b"Tenant00" => Some("direct_management"),
        b"Gatewy00" => Some("gateway"),
        b"GitKey00" => Some("repository"),
        b"Send0000" => Some("send"),
        b"Listen00" => Some("listen"),
        b"Manage00" => Some("manage"),
        _ => None,
    });
    claims.add("key_role", role);
    claims
}

/// The address or string that the match stands in: to the next quote, space or bracket.
pub(super) fn around(input: &Input<'_>) -> String {
    const FAR: usize = 1200;
    let ends = |b: &u8| matches!(b, b'"' | b'\'' | b' ' | b'\n' | b'\r' | b'<' | b'>' | b'`' | b'\t');
    let whole = input.matched.whole;
    let before = &input.bytes[whole.start.saturating_sub(FAR)..whole.start];
    let start = whole.start - before.iter().rev().take_while(|b| !ends(b)).count();
    let after = &input.bytes[whole.end..input.bytes.len().min(whole.end + FAR)];
    let end = whole.end + after.iter().take_while(|b| !ends(b)).count();
    String::from_utf8_lossy(&input.bytes[start..end]).replace("&amp;", "&").replace("\\u0026", "&")
}

/// Query parameters, percent-decoded.
pub(super) fn parameters(text: &str) -> Vec<(String, String)> {
    let query = text.split_once('?').map_or(text, |(_, q)| q);
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), percent_decode(value)))
        .collect()
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|h| u8::from_str_radix(h, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A date or a time in UTC as Unix seconds.
fn time(text: &str) -> Option<i64> {
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        17 if text.ends_with('Z') => format!("{}:00Z", &text[..16]),
        _ => text.to_owned(),
    };
    full.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_permissions() {
        assert_eq!(time("2024-01-01"), Some(1_704_067_200));
        assert_eq!(time("2024-01-01T00:00Z"), Some(1_704_067_200));
        assert_eq!(permissions("rl"), ["read", "list"]);
        assert_eq!(parameters("https://h/p?se=2024-01-01T00%3A00Z&sp=r")[0], ("se".into(), "2024-01-01T00:00Z".into()));
    }
}
