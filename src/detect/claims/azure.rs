//! Microsoft Azure: shared access signatures, connection strings, identifiable keys.

use super::{Claims, Input, encoded};
use crate::detect::judge::{azure_devops_kind, azure_seed};

/// Decodes by the decoder's name.
pub(super) fn decode(name: &str, input: &Input<'_>) -> Claims {
    match name {
        "azure-sas" | "azure-logic-apps" => shared_access(input),
        "azure-annotated-key" => annotated(input),
        "azure-storage-connection" | "azure-service-bus-connection" | "azure-app-configuration" => connection(input),
        "azure-devops-pat-52" => {
            let mut claims = Claims::default();
            claims.add("token_owner", input.text().and_then(azure_devops_kind));
            claims
        }
        "azure-publish-profile" => profile(input),
        "azure-apim-git-expiry" => git_expiry(input),
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

/// Site and user of a publishing profile.
fn profile(input: &Input<'_>) -> Claims {
    const FAR: usize = 600;
    let mut claims = Claims::default();
    let whole = input.matched.whole;
    let near = &input.bytes[whole.start.saturating_sub(FAR)..input.bytes.len().min(whole.end + FAR)];
    let near = String::from_utf8_lossy(near).replace("&quot;", "\"").replace('\\', "");
    let value = |name: &str| {
        let at = near.find(&format!("{name}=\""))? + name.len() + 2;
        Some(near[at..].split('"').next()?.to_owned())
    };
    claims.add("site", value("msdeploySite"));
    if let Some(user) = value("userName") {
        claims.add_key_id("user", &user);
    }
    claims
}

/// The end of a repository password: a time of twelve digits that stands before its signature.
fn git_expiry(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let text = input.text().unwrap_or_default().replace("%26", "&");
    let end = text.split('&').nth(1).filter(|t| t.len() == 12 && t.bytes().all(|b| b.is_ascii_digit()));
    claims.add(
        "exp",
        end.and_then(|t| {
            time(&format!("{}-{}-{}T{}:{}:00Z", t.get(..4)?, t.get(4..6)?, t.get(6..8)?, t.get(8..10)?, t.get(10..)?))
        }),
    );
    claims
}

/// Tenant and client of a refresh token: two ids after three bytes of its first part.
pub(super) fn refresh(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let bytes = input.text().and_then(|t| encoded::unpack(t.split('.').nth(1)?)).unwrap_or_default();
    let id = |from: usize| guid(bytes.get(from..from + 16)?.try_into().ok()?);
    if let (Some(tenant), Some(client)) = (id(3), id(19)) {
        claims.add("tenant_id", tenant);
        claims.add("client_id", client);
    }
    claims
}

/// An id in the order of bytes that Windows writes; `None` where it is none of a known version.
fn guid(b: [u8; 16]) -> Option<String> {
    let valid = (1..=5).contains(&(b[7] >> 4)) && b[8] >> 6 == 0b10;
    let hex = crate::secret::hex;
    valid.then(|| {
        let turned = |bytes: &[u8]| hex(&bytes.iter().rev().copied().collect::<Vec<_>>());
        format!("{}-{}-{}-{}-{}", turned(&b[..4]), turned(&b[4..6]), turned(&b[6..8]), hex(&b[8..10]), hex(&b[10..]))
    })
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
    fn the_fitting_seed_and_constant_tell_the_role() {
        use crate::detect::claims::testing::decode_value;
        use crate::detect::judge::{azure_devops_example, azure_example};
        for (seed, role) in
            [(b"MastRO00", "read_only"), (b"MastRW00", "read_write"), (b"Query000", "query"), (b"PAdmin00", "admin")]
        {
            assert_eq!(decode_value(seeded, &azure_example(*seed)).facts["key_role"], role);
        }
        let devops = |input: &Input<'_>| decode("azure-devops-pat-52", input);
        assert_eq!(decode_value(devops, &azure_devops_example(0xE0B9_692D)).facts["token_owner"], "user");
        assert_eq!(decode_value(devops, &azure_devops_example(0x1019_F92E)).facts["token_owner"], "application");
        assert!(decode_value(devops, &azure_devops_example(7)).is_empty());
    }

    #[test]
    fn tenant_and_client_of_a_refresh_token() {
        let mut bytes = vec![1, 0x2f, 0];
        bytes.extend([0xe9, 0x68, 9, 0x27, 0xf6, 0xd5, 0xaa, 0x4f, 0x93, 0x9b, 1, 2, 3, 4, 5, 6]);
        bytes.extend([0xd6, 0x0e, 0x59, 0xd3, 0xb3, 0x52, 2, 0x41, 0xae, 0xff, 7, 8, 9, 10, 11, 12]);
        bytes.extend([3; 12]);
        let token = format!("0.{}.AgABAAAA", data_encoding::BASE64URL_NOPAD.encode(&bytes));
        let claims = crate::detect::claims::testing::decode_value(refresh, &token);
        let id = |parts: [&str; 2]| parts.join("-");
        assert_eq!(claims.facts["tenant_id"], id(["270968e9-d5f6-4faa", "939b-010203040506"]));
        assert_eq!(claims.facts["client_id"], id(["d3590ed6-52b3-4102", "aeff-0708090a0b0c"]));
    }

    #[test]
    fn ids_in_the_order_of_windows() {
        let bytes = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x48, 0x89, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10];
        assert_eq!(guid(bytes).as_deref(), Some("04030201-0605-4807-890a-0b0c0d0e0f10"));
        assert_eq!(guid([0; 16]), None);
    }

    #[test]
    fn times_and_permissions() {
        assert_eq!(time("2024-01-01"), Some(1_704_067_200));
        assert_eq!(time("2024-01-01T00:00Z"), Some(1_704_067_200));
        assert_eq!(permissions("rl"), ["read", "list"]);
        assert_eq!(parameters("https://h/p?se=2024-01-01T00%3A00Z&sp=r")[0], ("se".into(), "2024-01-01T00:00Z".into()));
    }
}
