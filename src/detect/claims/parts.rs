//! Values whose parts tell something as they stand: ids between separators.

use std::sync::OnceLock;

use regex::bytes::Regex;

use super::{Claims, Input};
use crate::detect::judge::Mode;

/// A decoder: an expression over the match whose named groups become facts. `key_id` names the
/// group that is also the public key id.
struct Parts {
    name: &'static str,
    pattern: &'static str,
    key_id: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

const fn parts(name: &'static str, pattern: &'static str, key_id: &'static str) -> Parts {
    Parts { name, pattern, key_id, compiled: OnceLock::new() }
}

static TABLE: [Parts; 53] = [
    parts(
        "slack-ids",
        r"xox[a-z](?:\.xox[a-z])?-(?:[0-9]-)?(?P<workspace_id>[0-9]{8,14})-(?P<bot_or_user_id>[0-9]{8,14})",
        "workspace_id",
    ),
    parts("slack-ids", r"xapp-[0-9]-(?P<app_id>A[A-Z0-9]{8,12})-", "app_id"),
    parts("slack-ids", r"(?P<workspace_id>T[A-Z0-9]{8,12})/(?P<config_id>[AB][A-Z0-9]{8,12})", "config_id"),
    parts("slack-ids", r"(?P<workspace_id>T[A-Z0-9]{8,12})", "workspace_id"),
    parts("discord-webhook-id", r"webhooks/(?P<webhook_id>[0-9]{17,20})", "webhook_id"),
    parts("telegram-bot-id", r"(?P<bot_id>[0-9]{8,10})(?::|%3[Aa])AA", "bot_id"),
    parts("sendgrid-key-id", r"SG\.(?P<api_key_id>[A-Za-z0-9_-]{16,24})\.", "api_key_id"),
    parts("airtable-pat", r"(?P<token_id>pat[A-Za-z0-9]{14})\.", "token_id"),
    parts("dynatrace-token-id", r"(?P<token_id>dt0[a-z][0-9]{2}\.[A-Z0-9]{24})\.", "token_id"),
    parts("tailscale-key-id", r"tskey-(?P<key_kind>[a-z]+)-(?P<key_id>[A-Za-z0-9]+)-", "key_id"),
    parts("paddle-key-id", r"(?P<environment>live|sdbx)_(?P<key_id>apikey_[a-z0-9]{26})", "key_id"),
    parts("nuget-key-id", r"(?P<key_id>oy2[a-z0-9]{17})", "key_id"),
    parts("mailchimp-data-centre", r"-(?P<data_centre>us[0-9]{1,2})", ""),
    parts(
        "mercadopago-ids",
        r"-(?P<application_id>[0-9]{12,20})-[0-9]{6}-[0-9a-f]{32}-{1,2}(?P<user_id>[0-9]{4,12})",
        "application_id",
    ),
    parts("facebook-app-id", r"(?P<app_id>[0-9]{13,17})(?:\||%7[Cc])", "app_id"),
    parts("x-user-id", r"(?P<user_id>[0-9]{5,20})-", "user_id"),
    parts("zapier-user-id", r"hooks/catch/(?P<user_id>[0-9]+)/(?P<hook_id>[a-z0-9]+)", "hook_id"),
    parts("webhook-host", r"//(?P<host>[A-Za-z0-9.-]+)", ""),
    parts("salesforce-org", r"(?P<organization_id>00D[A-Za-z0-9]{12})", "organization_id"),
    parts("salesforce-host", r"(?P<host>[a-z0-9.-]+\.salesforce\.com)", ""),
    parts("ebay-app-id", r"-(?P<environment>PRD|SBX)-", ""),
    parts("google-client-id", r"(?P<project_number>[0-9]{6,20})-", ""),
    parts("google-chat-webhook", r"spaces/(?P<space_id>[A-Za-z0-9_-]+)", "space_id"),
    parts(
        "teams-webhook",
        r"webhookb2/(?P<group_id>[0-9a-f-]{36})@(?P<tenant_id>[0-9a-f-]{36})/IncomingWebhook/(?P<webhook_id>[0-9a-f]{32})/(?P<owner_id>[0-9a-f-]{36})",
        "webhook_id",
    ),
    parts("power-automate-webhook", r"workflows/(?P<workflow_id>[0-9a-f]{32})", "workflow_id"),
    parts("doppler-config", r"dp\.(?P<key_kind>[a-z]+)\.(?P<config>[a-z0-9_-]{2,60})\.", "config"),
    parts(
        "harness-token",
        r"(?P<key_kind>pat|sat)\.(?P<account_id>[A-Za-z0-9_-]{22})\.(?P<token_id>[0-9a-f]{24})\.",
        "token_id",
    ),
    parts("sentry-dsn", r"(?P<public_key>[0-9a-f]{32})@(?P<host>[a-z0-9.-]+)/(?P<project_id>[0-9]+)", "public_key"),
    parts("supabase-project-ref", r"(?P<project_ref>[a-z]{20})\.supabase", "project_ref"),
    parts(
        "braintree-access-token",
        r"access_token\$(?P<environment>production|sandbox)\$(?P<merchant_id>[0-9a-z]{16})\$",
        "merchant_id",
    ),
    parts(
        "braintree-tokenization-key",
        r"(?P<environment>production|sandbox)_[0-9a-z]{8}_(?P<merchant_id>[0-9a-z]{16})",
        "merchant_id",
    ),
    parts("plaid-environment", r"access-(?P<environment>sandbox|development|production)-", ""),
    parts(
        "coinbase-cdp-key",
        r"organizations/(?P<organization_id>[0-9a-f-]{36})/apiKeys/(?P<key_id>[0-9a-f-]{36})",
        "key_id",
    ),
    parts("asana-pat-ids", r"[0-9]/(?:(?P<app_id>[0-9]{10,20})/)?(?P<user_id>[0-9]{10,20})[:/]", "user_id"),
    parts("hubspot-region", r"pat-(?P<region>[a-z]{2,3}[0-9])-", ""),
    parts("klaviyo-site-id", r"pk_(?P<site_id>[A-Za-z0-9]{6})_", "site_id"),
    parts("resend-key-id", r"re_(?P<key_id>[A-Za-z0-9]{8})_", "key_id"),
    parts("astra-client-id", r"AstraCS:(?P<client_id>[A-Za-z0-9]+):", "client_id"),
    parts(
        "databricks-host",
        r"(?P<host>[a-z0-9.-]+\.(?:cloud\.databricks\.com|azuredatabricks\.net|gcp\.databricks\.com))",
        "",
    ),
    parts("snowflake-url", r"(?P<account>[a-z0-9_.-]+)\.snowflakecomputing\.com", "account"),
    parts("sourcegraph-instance", r"sgp_(?P<instance_id>[0-9a-f]{16}|local)_", ""),
    parts("new-relic-region", r"(?P<region>eu01|us01)xx", ""),
    parts("duo-integration-key", r"(?P<integration_key>DI[A-Z0-9]{18})", "integration_key"),
    parts("stripe-object-id", r"(?P<object_id>(?:pi|seti|cs)_[A-Za-z0-9_]{14,64})_secret_", "object_id"),
    parts("webex-organisation", r"_(?P<data_centre>[A-Z0-9]{4})_(?P<organization_id>[0-9a-f-]{36})", "organization_id"),
    parts("password-hash", r"\$(?P<scheme>2[aby]|5|6|apr1|argon2id?)\$(?:(?P<cost>[0-9]{2})\$)?", ""),
    parts("storyblok-user-id", r"-(?P<user_id>[0-9]{2,8})-", ""),
    parts("ksuid-time", r"(?P<key_id>2[A-Za-z0-9]{26})_", "key_id"),
    // Of publishable keys alone: in a secret one it would show a part of what is secret.
    parts("stripe-account", r"_(?:live|test)_5(?P<account_id>1[A-Za-z0-9]{15})[A-Za-z0-9]{60}", ""),
    parts("box-app-settings", r#""clientID"\s{0,4}:\s{0,4}"(?P<client_id>[a-z0-9]{32})""#, "client_id"),
    parts(
        "neon-endpoint",
        r"(?P<endpoint_id>ep-[a-z0-9]+(?:-[a-z0-9]+){1,4})\.(?P<region>[a-z0-9-]{4,30})\.(?:aws|azure)\.neon\.tech",
        "",
    ),
    parts("swarm-token", r"SWMTKN-1-(?P<ca_digest>[0-9a-z]{50,60})-", "ca_digest"),
    parts("github-app-jwt", r"ghs_(?P<app_id>[0-9]{1,12})_", ""),
];

/// Decodes by the decoder's name; nothing for names that have no table row.
pub(super) fn decode(name: &str, input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    for row in TABLE.iter().filter(|row| row.name == name) {
        let compiled = row.compiled.get_or_init(|| Regex::new(row.pattern).ok());
        let place = if matches!(name, "box-app-settings" | "duo-integration-key" | "neon-endpoint") {
            input.near()
        } else {
            input.whole()
        };
        let Some((expression, found)) = compiled.as_ref().and_then(|r| Some((r, r.captures(place)?))) else {
            continue;
        };
        for group in expression.capture_names().flatten() {
            let Some(value) = found.name(group).and_then(|m| std::str::from_utf8(m.as_bytes()).ok()) else { continue };
            // Stripe writes its accounts with a prefix.
            let value = if name == "stripe-account" { &format!("acct_{value}") } else { value };
            claims.add(group, value);
            if group == row.key_id {
                claims.key_id = Some(value.to_owned());
            }
        }
        break;
    }
    match claims.facts.get("environment").and_then(|e| e.as_str()) {
        Some("sandbox" | "sdbx" | "SBX" | "development") => claims.mode = Some(Mode::Test),
        Some("production" | "live" | "PRD") => claims.mode = Some(Mode::Live),
        _ => {}
    }
    times(name, input, &mut claims);
    claims
}

/// Creation times that ids carry.
fn times(name: &str, input: &Input<'_>, claims: &mut Claims) {
    let text = String::from_utf8_lossy(input.value);
    let created = match name {
        "ksuid-time" => input.public().and_then(ksuid),
        "objectid-time" => text
            .split(['-', '.', '_'])
            .find(|p| p.len() >= 24 && p.bytes().take(24).all(|b| b.is_ascii_hexdigit()))
            .and_then(|p| i64::from_str_radix(&p[..8], 16).ok()),
        "discord-bot-id" => {
            let id = text
                .split('.')
                .next()
                .and_then(|p| data_encoding::BASE64URL_NOPAD.decode(p.trim_end_matches('=').as_bytes()).ok());
            let id = id.and_then(|b| String::from_utf8(b).ok()).filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
            if let Some(id) = &id {
                claims.add_key_id("bot_id", id);
            }
            id.and_then(|t| t.parse::<u64>().ok()).map(snowflake)
        }
        "discord-webhook-id" => {
            claims.facts.get("webhook_id").and_then(|v| v.as_str()).and_then(|t| t.parse::<u64>().ok()).map(snowflake)
        }
        _ => None,
    };
    // Ids of other kinds give times that no service was there to see.
    claims.add("created", created.filter(|t| (1_262_304_000..4_102_444_800).contains(t)));
}

/// Unix seconds of a KSUID: 20 bytes in base62, the first four count from May 2014.
fn ksuid(text: &str) -> Option<i64> {
    const EPOCH: i64 = 1_400_000_000;
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'A'..=b'Z' => Some(b - b'A' + 10),
        b'a'..=b'z' => Some(b - b'a' + 36),
        _ => None,
    };
    let mut bytes = [0_u8; 20];
    for b in text.bytes() {
        let mut carry = u32::from(digit(b)?);
        for place in bytes.iter_mut().rev() {
            carry += u32::from(*place) * 62;
            *place = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    Some(EPOCH + i64::from(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])))
}

/// Unix seconds of a Discord id.
fn snowflake(id: u64) -> i64 {
    i64::try_from(((id >> 22) + 1_420_070_400_000) / 1000).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_of_a_ksuid() {
        // The sample of the format's own description.
        assert_eq!(ksuid(&["0ujtsYcgvSTl8", "PAuAdqWYSMnLOv"].concat()), Some(1_507_608_047));
        assert_eq!(ksuid(&"z".repeat(27)), None);
    }

    #[test]
    fn every_expression_compiles_and_has_its_key_id() {
        for row in &TABLE {
            let expression = Regex::new(row.pattern).unwrap();
            assert!(
                row.key_id.is_empty() || expression.capture_names().flatten().any(|n| n == row.key_id),
                "{}",
                row.name
            );
        }
    }
}
