//! The built-in partner directory: sorted tables, asked by binary search, and before that by two bits.

use super::mark::Mark;

/// A partner.
#[derive(Debug)]
pub(crate) struct Partner {
    /// Directory id.
    pub(crate) id: &'static str,
    /// Name for people.
    pub(crate) name: &'static str,
    /// Partner class.
    #[expect(dead_code, reason = "reports group by it")]
    pub(crate) class: &'static str,
    /// Often run by the user: the name alone tells a product, no third party.
    pub(crate) self_hosted: bool,
    /// The partner that owns it.
    pub(crate) parent: Option<&'static str>,
}

/// How much a name is worth as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Nothing else has it.
    Plain,
    /// A dictionary word: with a credential's name behind it only.
    Word,
    /// An ordinary identifier of source code: never by itself.
    Common,
    /// A product's full name: in inventories only.
    Product,
    /// The directory's id, where no name is the same.
    Id,
}

/// How a host is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostKind {
    /// This host.
    Exact,
    /// Any host below.
    Below,
    /// The partner's domain: its home page and mail stand there too.
    Domain,
}

mod tables {
    use super::{HostKind, Partner, Strength};

    include!(concat!(env!("OUT_DIR"), "/partners.rs"));
}

/// Rows of a sorted table whose text is `key`.
fn rows<T>(table: &'static [T], marks: &[u64; 1024], text: fn(&T) -> &'static str, key: &str) -> &'static [T] {
    if !is_marked(marks, Mark::of(key.as_bytes())) {
        return &[];
    }
    let from = table.partition_point(|row| text(row) < key);
    let n = table[from..].iter().take_while(|row| text(row) == key).count();
    &table[from..from + n]
}

#[inline]
fn is_marked(marks: &[u64; 1024], mark: Mark) -> bool {
    mark.places().iter().all(|(word, bit)| marks[*word] & bit != 0)
}

/// Whether a name in plain form may be listed: sure if it says no.
#[inline]
pub(super) fn may_be_name(plain: Mark) -> bool {
    is_marked(&tables::NAMES_MARKS, plain)
}

/// Whether a name in plain form may be one that nothing else has: sure if it says no.
#[inline]
pub(super) fn may_be_plain_name(plain: Mark) -> bool {
    is_marked(&tables::PLAIN_NAMES_MARKS, plain)
}

/// Whether a variable in capitals may be listed: sure if it says no.
#[inline]
pub(super) fn may_be_env(capitals: Mark) -> bool {
    is_marked(&tables::ENV_MARKS, capitals)
}

fn partner(index: u16) -> &'static Partner {
    &tables::PARTNERS[usize::from(index)]
}

/// The partner of a directory id.
pub(super) fn by_id(id: &str) -> Option<&'static Partner> {
    tables::PARTNERS.binary_search_by(|p| p.id.cmp(id)).ok().map(|i| &tables::PARTNERS[i])
}

/// The partner of an environment variable's exact name.
pub(super) fn by_env(name: &str) -> Option<&'static Partner> {
    rows(&tables::ENV, &tables::ENV_MARKS, |r| r.0, &name.to_ascii_uppercase()).first().map(|r| partner(r.1))
}

/// The partner of a header that nobody else uses.
pub(super) fn by_header(name: &str) -> Option<&'static Partner> {
    if !is_telling(name) {
        return None;
    }
    rows(&tables::HEADERS, &tables::HEADERS_MARKS, |r| r.0, &name.to_ascii_lowercase()).first().map(|r| partner(r.1))
}

/// The partner of a query parameter that nobody else uses.
pub(super) fn by_query(name: &str) -> Option<&'static Partner> {
    if !is_telling(name) {
        return None;
    }
    rows(&tables::QUERY, &tables::QUERY_MARKS, |r| r.0, &name.to_ascii_lowercase()).first().map(|r| partner(r.1))
}

/// Whether a header's or parameter's name holds more than words that every service uses.
pub(super) fn is_telling(name: &str) -> bool {
    const COMMON: &[&str] = &[
        "x", "api", "apikey", "key", "token", "auth", "authentication", "authorization", "secret", "client", "id",
        "access", "app", "appid", "application", "user", "userid", "username", "password", "passwd", "pass", "pwd",
        "login", "code", "account", "integration", "subscription", "service", "private", "public", "session",
        "sessionid", "sid", "bearer", "basic", "credential", "credentials", "signature", "sign", "hash", "nonce",
        "timestamp", "version", "merchant", "tenant", "company", "organization", "org", "project", "team", "store",
        "shop", "site", "domain", "region", "env", "environment", "partner", "developer", "dev", "consumer", "license",
        "licence", "email", "name", "accesstoken", "authtoken", "clientid", "clientsecret", "secretkey", "accesskey",
        "loginid", "userkey", "appkey", "appsecret", "apitoken", "apisecret", "refresh", "request", "content", "type",
        "workspace", "group", "device", "channel", "source", "profile", "customer", "owner", "security", "master",
        "admin", "identity", "ibm", "amz", "header", "value", "data", "ticket", "guid", "uuid", "hmac", "cert",
        "certificate", "key1", "jwt", "oauth", "sso", "realm", "scope", "grant",
    ];
    super::segments(name).iter().any(|part| !COMMON.contains(&part.as_str()) && part.len() >= 3)
}

/// The partner of a name in plain form, with its worth. Names that two partners share give none.
pub(super) fn by_name(plain: &str) -> Option<(&'static Partner, Strength)> {
    let found = rows(&tables::NAMES, &tables::NAMES_MARKS, |r| r.0, plain);
    let best = found.iter().min_by_key(|r| r.2)?;
    let shared = found.iter().any(|r| r.1 != best.1 && r.2 <= best.2.max(Strength::Common));
    (!shared).then(|| (partner(best.1), best.2))
}

/// The partner of a host, and whether the host itself (not its domain alone) is listed.
pub(super) fn by_host(host: &str) -> Option<(&'static Partner, bool)> {
    let host = host.trim_end_matches('.');
    let table = |text: &str| rows(&tables::HOSTS, &tables::HOSTS_MARKS, |r| r.0, text);
    if let Some(row) = table(host).iter().find(|r| r.2 == HostKind::Exact) {
        return Some((partner(row.1), true));
    }
    let mut rest = host;
    let mut domain = table(host).iter().find(|r| r.2 == HostKind::Domain);
    while let Some((_, below)) = rest.split_once('.') {
        if let Some(row) = table(below).iter().find(|r| r.2 == HostKind::Below) {
            return Some((partner(row.1), true));
        }
        domain = domain.or_else(|| table(below).iter().find(|r| r.2 == HostKind::Domain));
        rest = below;
    }
    domain.map(|row| (partner(row.1), false))
}

/// Words at the end of a company's or product's name that do not tell it apart.
const FILLERS: &[&str] = &[
    "inc", "llc", "gmbh", "ltd", "limited", "corp", "corporation", "co", "company", "sa", "srl", "bv", "ag", "plc",
    "oy", "ab", "pte", "pty", "api", "apis", "com", "io", "platform", "services", "service", "europe", "emea", "us",
    "eu", "uk", "usa", "international", "production", "prod", "sandbox", "test", "live", "staging", "the", "rest",
    "account", "key", "keys", "integration", "global", "group", "holdings", "technologies", "software",
];

/// The directory id of a partner's name as people write it, of its host or of its address: how the
/// names of an inventory and of the directory become one. `None` where nobody, or more than one
/// partner, has the name.
pub(crate) fn normalise(name: &str) -> Option<&'static str> {
    let name = name.trim();
    let host = name.split_once("://").map_or(name, |(_, rest)| rest).split(['/', ':', '@']).next().unwrap_or(name);
    if host.contains('.') && !host.contains(' ') {
        if let Some((partner, _)) = by_name(&plain(host)) {
            return Some(partner.id);
        }
        if let Some((partner, _)) = by_host(&host.to_ascii_lowercase()) {
            return Some(partner.id);
        }
    }
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let mut words = &words[..];
    while !words.is_empty() {
        if let Some((partner, _)) = by_name(&words.concat()) {
            return Some(partner.id);
        }
        let (last, head) = words.split_last()?;
        if !FILLERS.contains(&last.as_str()) {
            break;
        }
        words = head;
    }
    None
}

/// Lower case, letters and digits alone.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_become_ids() {
        for (name, id) in [
            ("Stripe", Some("stripe")),
            ("stripe, Inc.", Some("stripe")),
            ("Customer.io", Some("customer-io")),
            ("https://api.mollie.com/v2", Some("mollie")),
            ("No Such Partner At All", None),
        ] {
            assert_eq!(normalise(name), id, "{name}");
        }
    }

    #[test]
    fn tables_are_sorted() {
        assert!(
            tables::NAMES.is_sorted_by_key(|r| r.0)
                && tables::HOSTS.is_sorted_by_key(|r| r.0)
                && tables::ENV.is_sorted_by_key(|r| r.0)
        );
        assert!(tables::PARTNERS.is_sorted_by_key(|p| p.id));
    }

    #[test]
    fn hosts_and_variables() {
        assert_eq!(by_host("api.stripe.com").map(|(p, own)| (p.id, own)), Some(("stripe", true)));
        assert_eq!(by_host("dashboard.stripe.com").map(|(p, own)| (p.id, own)), Some(("stripe", false)));
        assert_eq!(by_env("STRIPE_API_KEY").map(|p| p.id), Some("stripe"));
        assert!(by_header("x-api-key").is_none());
    }
}
