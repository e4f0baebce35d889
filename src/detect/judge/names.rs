//! What a name says about the value that it names.

use std::ops::Range;

/// What the value of a name can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A credential: `api_key`, `clientSecret`, `X-Auth-Token`.
    Credential,
    /// A word that means a credential in some places and other things in more: `key`, `token_id`.
    Weak,
    /// A random string that is none: a hash, an id, a public key.
    Other,
    /// Nothing that is known.
    Unknown,
}

/// A name's parts in lower case: at separators, and where case or digits change.
pub(super) fn segments(name: &str) -> Vec<String> {
    segment_spans(name.as_bytes()).map(|part| name[part].to_ascii_lowercase()).collect()
}

/// Where a name's parts stand, as [`segments`] has them.
pub(super) fn segment_spans(name: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + name[from..].iter().position(u8::is_ascii_alphanumeric)?;
        let mut end = start + 1;
        while name.get(end).is_some_and(u8::is_ascii_alphanumeric) && !begins_part(name, end) {
            end += 1;
        }
        from = end;
        Some(start..end)
    })
}

/// Whether the letter at `i`, inside a name, begins a part by its case.
fn begins_part(name: &[u8], i: usize) -> bool {
    let (before, b) = (name[i - 1], name[i]);
    b.is_ascii_uppercase() && (!before.is_ascii_uppercase() || name.get(i + 1).is_some_and(u8::is_ascii_lowercase))
}

/// Last words of names whose values are random strings but no credentials.
const OTHER_LAST: &[&str] = &[
    "hash", "sha", "sha1", "sha256", "sha384", "sha512", "md5", "digest", "checksum", "integrity", "commit",
    "revision", "rev", "etag", "fingerprint", "thumbprint", "uuid", "guid", "nonce", "trace", "span", "correlation",
    "version", "crc", "blob", "image", "id", "ids", "name", "names", "path", "file", "filename", "dir", "url", "uri",
    "link", "href", "arn", "type", "types", "format", "length", "len", "size", "label", "title", "description", "desc",
    "ref", "selector", "prefix", "suffix", "header", "field", "column", "table", "pattern", "regex", "expiry",
    "expires", "expiration", "ttl", "timeout", "count", "limit", "index", "position", "alias", "env", "var",
    "provider", "endpoint", "host", "port", "region", "bucket", "algorithm", "alg", "policy", "role", "scope",
    "scopes", "status", "state", "usage", "class", "cert", "certificate", "crt", "ca", "chain", "signature", "sig",
    "tag", "seed", "email", "date", "time", "created", "updated", "manager", "store", "storage", "service", "handler",
    "factory", "helper", "util", "utils", "test", "tests", "spec", "error", "message", "msg", "help", "text",
    "placeholder", "hint", "example", "template", "validator", "generator", "builder", "reader", "source", "method",
    "mode", "enabled", "disabled", "required", "value1", "map", "list", "set", "cache", "code", "codes", "number",
    "vault", "ring", "server", "frame", "block",
];

/// Words anywhere in a name that say that its value is public or no credential.
const OTHER_ANY: &[&str] = &[
    "sha1", "sha256", "sha384", "sha512", "md5", "checksum", "integrity", "digest", "public", "pub", "pubkey",
    "publishable", "csrf", "xsrf", "csrftoken", "pagination", "nextpage", "continuation", "cursor", "fingerprint",
    "thumbprint", "commit", "etag", "encrypted", "sealed", "hashed", "idempotency", "captchasite", "siteverification",
    "verification", "translation", "i18n", "keyboard", "keyword", "keywords", "snapshot", "gitcommit", "revision",
    "requestid", "traceid", "tokenizer", "tokenize", "sitekey", "anonymous", "keyframes", "foreign", "partition",
    "primarykey", "sortkey", "cachekey", "signature", "masked", "obfuscated", "redacted", "nonce",
];

/// Pairs of a word before `key` or `token` that make it no credential: `cache_key`, `page_token`.
const NOT_KEYS: &[&str] = &[
    "cache", "sort", "primary", "foreign", "partition", "object", "s3", "row", "map", "lookup", "group", "hash",
    "range", "unique", "index", "natural", "composite", "dedup", "dedupe", "idempotency", "translation", "message",
    "page", "next", "nextpage", "pagination", "sync", "continuation", "cursor", "csrf", "xsrf", "resume", "pagetoken",
    "query", "storage", "state", "registry", "dict", "json", "sub", "super", "shortcut", "hot", "arrow", "host",
    "known", "public", "pub", "verification", "verify", "site", "recaptcha", "captcha", "cdn", "file", "react", "list",
    "item", "config", "setting", "settings", "param", "parameter", "property", "prop", "attr", "attribute", "data",
    "entry", "metric", "event", "feature", "flag", "i18n", "locale", "string", "label", "menu", "field", "column",
    "sha", "image", "asset", "chunk", "module", "build", "task", "queue", "topic", "invite", "invitation",
    "unsubscribe", "tracking", "max", "min", "num", "total", "prompt", "completion", "input", "output", "cached",
    "start", "end", "begin", "stop", "eos", "bos", "pad", "mask", "special", "unk", "sep", "cls", "lexer", "parser",
    "syntax", "previous", "prev", "current", "cancel", "cancellation", "artifact", "policy", "record", "mint", "nft",
    "erc20", "contract", "recv", "watch", "issue", "jira", "board", "compare", "order", "apple", "timeout",
];

/// Words before `token` that make it none: places in a list, parts of a language, single uses.
const NOT_TOKENS: &[&str] = &[
    "page", "next", "nextpage", "pagination", "sync", "continuation", "cursor", "csrf", "xsrf", "resume", "max", "min",
    "num", "total", "prompt", "completion", "input", "output", "cached", "start", "end", "begin", "stop", "eos", "bos",
    "pad", "mask", "special", "unk", "sep", "cls", "lexer", "parser", "syntax", "previous", "prev", "current",
    "cancel", "cancellation", "unsubscribe", "invite", "invitation", "verification", "captcha", "recaptcha", "nft",
    "mint", "erc20", "contract", "state", "push", "device", "confirmation", "query", "idempotency", "public", "string",
    "keyword",
];

/// Words that name a credential wherever they stand as a name's end.
const CREDENTIAL: &[&str] = &[
    "apikey", "apikeys", "apitoken", "apisecret", "accesskey", "accesstoken", "authtoken", "authkey", "secretkey",
    "secret", "secrets", "clientsecret", "privatekey", "privatetoken", "token", "tokens", "credential", "credentials",
    "subscriptionkey", "appkey", "appsecret", "apptoken", "consumersecret", "signingkey", "signingsecret",
    "webhooksecret", "masterkey", "encryptionkey", "sharedsecret", "sharedkey", "hmackey", "hmacsecret", "jwtsecret",
    "sessionsecret", "servicekey", "securitytoken", "bearer", "bearertoken", "refreshtoken", "pat", "deploykey",
    "writekey", "readkey", "integrationkey", "routingkey", "ingestkey", "ingestionkey", "insertkey", "serverkey",
    "merchantkey", "licensekey", "licencekey", "developerkey", "devkey", "userkey", "adminkey", "accountkey",
    "connectionkey", "restkey", "restapikey", "authsecret", "authorization", "password", "passwd", "passphrase", "pwd",
    "pass", "userpass", "secretaccesskey", "apipassword", "apipass", "subkey", "xapikey", "apiauth", "apikeyv2",
    "apiv3key", "paytoken", "usertoken", "bottoken", "sessiontoken", "personaltoken", "oauthtoken", "apiaccesskey",
    "partnerkey", "partnertoken", "projecttoken", "projectkey", "teamtoken", "jwt", "authcode", "webhookkey", "salt",
    "cookiesecret",
];

/// Words before `key` that make it a credential.
const KEYS: &[&str] = &[
    "api", "access", "secret", "auth", "private", "subscription", "app", "application", "signing", "master",
    "encryption", "shared", "hmac", "service", "deploy", "write", "read", "integration", "routing", "ingest", "insert",
    "server", "merchant", "license", "licence", "developer", "dev", "user", "admin", "account", "rest", "partner",
    "project", "team", "rapidapi", "client", "live", "prod", "production", "sandbox", "staging", "function",
    "functions", "host", "storage", "connection", "primary", "secondary", "sdk", "bot", "security", "crypt", "cipher",
    "aes", "jwt", "session", "cookie", "webhook", "internal", "personal", "security", "authorization", "org",
    "organization", "workspace", "tenant", "env", "environment", "publish", "management", "query", "search", "sms",
    "mail", "email", "pay", "payment", "maps", "geo", "weather",
];

/// What a value named `name` can be.
pub(super) fn meaning(name: &str) -> Meaning {
    if is_file_name(name) {
        return Meaning::Other;
    }
    let mut parts = segments(name);
    // `setApiV3Key`: which version of the key it is.
    if parts.len() > 1 {
        parts.retain(|p| !p.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())));
    }
    let Some(last) = parts.last().map(String::as_str) else { return Meaning::Unknown };
    let before = parts.len().checked_sub(2).map_or("", |i| &parts[i]);
    if parts.iter().any(|p| OTHER_ANY.contains(&p.as_str())) {
        return Meaning::Other;
    }
    // Numbered names: `API_KEY_1`, `token2`.
    let (last, before) = if last.bytes().all(|b| b.is_ascii_digit())
        || matches!(
            last,
            "live" | "prod" | "production" | "dev" | "sandbox" | "staging" | "primary" | "secondary" | "value"
        ) {
        (before, parts.len().checked_sub(3).map_or("", |i| parts[i].as_str()))
    } else {
        (last, before)
    };
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let joined = format!("{before}{last}");
    if matches!(last, "key" | "keys") {
        return if NOT_KEYS.contains(&before) && before != "host" && before != "storage" && before != "query" {
            Meaning::Other
        } else if KEYS.contains(&before) || CREDENTIAL.contains(&joined.as_str()) {
            Meaning::Credential
        } else {
            Meaning::Weak
        };
    }
    if matches!(last, "token" | "tokens" | "secret" | "secrets") && NOT_TOKENS.contains(&before) {
        return Meaning::Other;
    }
    // By itself the word means more things: a record, a form, an id.
    if parts.len() == 1 && matches!(last, "credential" | "credentials") {
        return Meaning::Weak;
    }
    if CREDENTIAL.contains(&last) || CREDENTIAL.contains(&joined.as_str()) {
        return Meaning::Credential;
    }
    // `apikeyacme`, `acmeapikey`, `dbpassword` without separators.
    if [
        "apikey", "apitoken", "apisecret", "secretkey", "accesskey", "accesstoken", "authtoken", "clientsecret",
        "password", "passwd", "secret", "token", "accountkey", "licensekey", "authkey", "appkey", "signingkey",
        "masterkey", "encryptionkey", "subscriptionkey", "servicekey", "sharedkey", "clientkey",
    ]
    .iter()
    .any(|w| last.ends_with(w))
        && !last.ends_with("tokens")
    {
        return Meaning::Credential;
    }
    if OTHER_LAST.contains(&last) {
        // `secret_id`, `token_value` and `key_id` mean the public half or something else.
        return Meaning::Other;
    }
    if parts.iter().any(|p| {
        matches!(
            p.as_str(),
            "apikey" | "secret" | "token" | "password" | "key" | "auth" | "credential" | "credentials" | "passwd"
        )
    }) {
        return Meaning::Weak;
    }
    Meaning::Unknown
}

/// `api-key.test.php`: what stands beside a file's name is the file's digest, size or version.
pub(super) fn is_file_name(name: &str) -> bool {
    const ENDS: &[&str] = &[
        "php", "js", "jsx", "ts", "tsx", "mjs", "cjs", "py", "rb", "go", "rs", "java", "kt", "cs", "swift", "c", "cc",
        "cpp", "h", "hpp", "vue", "html", "css", "scss", "sql", "sh", "md", "json", "xml", "yml", "yaml", "txt", "svg",
        "png", "jar", "gz", "zip",
    ];
    name.rsplit_once('.').is_some_and(|(stem, end)| !stem.is_empty() && ENDS.contains(&end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_of_names() {
        assert_eq!(segments("ACME_API_KEY"), ["acme", "api", "key"]);
        assert_eq!(segments("acmeAPIKey"), ["acme", "api", "key"]);
        assert_eq!(segments("X-Api-Key"), ["x", "api", "key"]);
    }

    #[test]
    fn meanings() {
        for name in [
            "ACME_API_KEY", "apiKey", "clientSecret", "x-auth-token", "db.password", "acmeapikey", "API_KEY_1",
            "SECRET_KEY_PROD", "Authorization", "setApiV3Key", "azurestorageaccountkey",
        ] {
            assert_eq!(meaning(name), Meaning::Credential, "{name}");
        }
        for name in [
            "cache_key", "commit_sha", "api_key_id", "publicKey", "next_page_token", "csrf_token", "password_hash",
            "token_type", "integrity", "get-token.4.x.php",
        ] {
            assert_eq!(meaning(name), Meaning::Other, "{name}");
        }
        for name in ["key", "acme_key"] {
            assert_eq!(meaning(name), Meaning::Weak, "{name}");
        }
    }
}
