//! The fields of a record and of a partner, as one table each.
//!
//! Import, merging, lint, declared mappings and templates all read these tables, so that a field is
//! added in one place. A value that does not fit leaves its field unknown; the message names what
//! was expected and never the value.

use std::borrow::Cow;

use arcstr::ArcStr;
use thin_vec::ThinVec;

use super::date::{Until, When};
use super::date_text::{self, DateStyle, Spelled};
use super::record::{Partner, Record, Status};
use super::texts::Texts;
use crate::detect::Kind;
use crate::secret::Fingerprint;

/// A value as a source gives it: one text, or several.
#[derive(Clone, Copy)]
pub(crate) enum Cell<'a> {
    /// One text; lists in it are separated by `;` (or a declared text).
    Text(&'a str),
    /// A list.
    Texts(&'a [&'a str]),
    /// Names and texts: `status` per environment.
    Pairs(&'a [(&'a str, &'a str)]),
    /// A structure where none belongs.
    Structure,
}

/// What a cell says of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stated {
    /// A value, or nothing at all.
    Plainly,
    /// That nobody knows.
    Unknown,
}

/// What is wrong with a cell; never shows it.
pub(crate) type Problem = Cow<'static, str>;

/// How a field is written and where it goes.
pub(crate) enum Slot<T> {
    Text(fn(&mut T) -> &mut ArcStr),
    /// One of these words.
    Word(fn(&mut T) -> &mut ArcStr, fn() -> Vec<&'static str>),
    List(fn(&mut T) -> &mut ThinVec<ArcStr>),
    /// Some of these words.
    Words(fn(&mut T) -> &mut ThinVec<ArcStr>, &'static [&'static str]),
    Day(fn(&mut T) -> &mut Option<When>),
    Until(fn(&mut T) -> &mut Until),
    Truth(fn(&mut T) -> &mut Option<bool>),
    Count(fn(&mut T) -> &mut Option<u32>),
    /// Its own reading.
    Other(fn(&mut T, Cell<'_>, &mut Texts) -> Result<(), Problem>, &'static str),
}

/// One field.
pub(crate) struct Field<T: 'static> {
    pub(crate) name: &'static str,
    pub(crate) slot: Slot<T>,
    /// Part of the minimal profile.
    pub(crate) minimal: bool,
}

const EXPECTED_TEXT: &str = "expected a text";
const EXPECTED_LIST: &str = "expected a list of texts";
const EXPECTED_TRUTH: &str = "expected true or false";
const EXPECTED_COUNT: &str = "expected a whole number of days";
/// What a fingerprint looks like.
pub(crate) const EXPECTED_FINGERPRINT: &str = "expected fingerprints, scheme:digest or scheme:kid:digest \
     (hmac-sha256, sha256, sha256-b64, spki-sha256, hmsl, radar, sha1)";

impl<T> Field<T> {
    /// What the field takes, for templates and messages.
    pub(crate) fn takes(&self) -> String {
        match &self.slot {
            Slot::Text(_) => "text".to_owned(),
            Slot::Word(_, words) => words().join(" | "),
            Slot::List(_) => "list".to_owned(),
            Slot::Words(_, words) => format!("list of {}", words.join(" | ")),
            Slot::Day(_) => "date".to_owned(),
            Slot::Until(_) => "date or never".to_owned(),
            Slot::Truth(_) => "true or false".to_owned(),
            Slot::Count(_) => "days".to_owned(),
            Slot::Other(_, takes) => (*takes).to_owned(),
        }
    }

    /// Reads a cell into its place; on `Err` the field is left unknown.
    pub(crate) fn set(
        &self,
        target: &mut T,
        cell: Cell<'_>,
        dates: &DateStyle,
        texts: &mut Texts,
    ) -> Result<Stated, Problem> {
        match &self.slot {
            Slot::Text(place) => {
                let given = text(cell)?;
                let unknown = is_unknown(given);
                if !unknown {
                    *place(target) = texts.get(given);
                }
                Ok(stated(unknown))
            }
            Slot::Word(place, words) => {
                let given = text(cell)?;
                let word = normal_word(given);
                let takes = words();
                if word.is_empty() || (is_unknown(&word) && !takes.contains(&word.as_str())) {
                    return Ok(stated(!word.is_empty()));
                }
                if !takes.contains(&word.as_str()) {
                    return Err(format!("expected one of: {}", takes.join(", ")).into());
                }
                *place(target) = texts.get(&word);
                Ok(Stated::Plainly)
            }
            Slot::List(place) => {
                let mut unknown = false;
                list(cell, |item| {
                    if is_unknown(item) {
                        unknown = true;
                    } else {
                        place(target).push(texts.get(item));
                    }
                })?;
                Ok(stated(unknown))
            }
            Slot::Words(place, words) => {
                let (mut strange, mut unknown) = (false, false);
                list(cell, |item| {
                    let word = normal_word(item);
                    if words.contains(&word.as_str()) {
                        place(target).push(texts.get(&word));
                    } else if is_unknown(&word) {
                        unknown = true;
                    } else {
                        strange = true;
                    }
                })?;
                if strange {
                    Err(format!("expected a list of: {}", words.join(", ")).into())
                } else {
                    Ok(stated(unknown))
                }
            }
            Slot::Day(place) => {
                // Never and unknown say that there is no such day.
                let spelled = date_text::read(text(cell)?, dates)?;
                *place(target) = spelled.when();
                Ok(stated(spelled == Spelled::Unknown))
            }
            Slot::Until(place) => {
                let spelled = date_text::read(text(cell)?, dates)?;
                *place(target) = spelled.until();
                Ok(stated(spelled == Spelled::Unknown))
            }
            Slot::Truth(place) => {
                *place(target) = match normal_word(text(cell)?).as_str() {
                    "true" | "yes" | "y" | "1" => Some(true),
                    "false" | "no" | "n" | "0" => Some(false),
                    "" => None,
                    word if is_unknown(word) => return Ok(Stated::Unknown),
                    _ => return Err(EXPECTED_TRUTH.into()),
                };
                Ok(Stated::Plainly)
            }
            Slot::Count(place) => {
                let given = text(cell)?;
                let unknown = is_unknown(given);
                if !given.is_empty() && !unknown {
                    *place(target) = Some(given.parse().map_err(|_| EXPECTED_COUNT)?);
                }
                Ok(stated(unknown))
            }
            Slot::Other(read, _) => match cell {
                Cell::Text(t) if is_unknown(t) => Ok(Stated::Unknown),
                _ => read(target, cell, texts).map(|()| Stated::Plainly),
            },
        }
    }

    /// Whether a record has no value for the field. A field of its own reading is never empty here.
    pub(crate) fn is_empty(&self, target: &mut T) -> bool {
        match &self.slot {
            Slot::Text(place) | Slot::Word(place, _) => place(target).is_empty(),
            Slot::List(place) | Slot::Words(place, _) => place(target).is_empty(),
            Slot::Day(place) => place(target).is_none(),
            Slot::Until(place) => *place(target) == Until::Unknown,
            Slot::Truth(place) => place(target).is_none(),
            Slot::Count(place) => place(target).is_none(),
            Slot::Other(..) => false,
        }
    }
}

/// One text.
pub(crate) fn text(cell: Cell<'_>) -> Result<&str, Problem> {
    match cell {
        Cell::Text(t) => Ok(t.trim()),
        Cell::Texts([only]) => Ok(only.trim()),
        Cell::Texts([]) => Ok(""),
        Cell::Texts(_) | Cell::Pairs(_) | Cell::Structure => Err(EXPECTED_TEXT.into()),
    }
}

/// Each item of a list.
pub(crate) fn list(cell: Cell<'_>, mut each: impl FnMut(&str)) -> Result<(), Problem> {
    let mut put = |item: &str| {
        let item = item.trim();
        if !item.is_empty() {
            each(item);
        }
    };
    match cell {
        Cell::Text(t) if t.contains("\\;") => items(t).iter().for_each(|item| put(item)),
        Cell::Text(t) => t.split(';').for_each(put),
        Cell::Texts(items) => items.iter().for_each(|i| put(i)),
        Cell::Pairs(_) | Cell::Structure => return Err(EXPECTED_LIST.into()),
    }
    Ok(())
}

/// The items of a list in one text, in which `\;` is a semicolon of an item.
fn items(text: &str) -> Vec<String> {
    let (mut all, mut item) = (Vec::new(), String::new());
    let mut pieces = text.split(';').peekable();
    while let Some(piece) = pieces.next() {
        if let Some(start) = piece.strip_suffix('\\').filter(|_| pieces.peek().is_some()) {
            item.extend([start, ";"]);
        } else {
            item.push_str(piece);
            all.push(std::mem::take(&mut item));
        }
    }
    all
}

/// `In Use`, `in-use` and `in_use` are one word.
fn normal_word(text: &str) -> String {
    if text == "n/a" {
        return text.to_owned();
    }
    text.trim().chars().map(|c| if c == ' ' || c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// Spellings of "nobody knows".
fn is_unknown(text: &str) -> bool {
    ["unknown", "?", "n/a", "-", "_"].iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

fn stated(unknown: bool) -> Stated {
    if unknown { Stated::Unknown } else { Stated::Plainly }
}

macro_rules! fields {
    ($type:ty; $( $(#[$minimal:ident])? $name:ident : $slot:ident $(($words:expr))? ;)+) => {
        &[$( Field::<$type> {
            name: stringify!($name),
            slot: Slot::$slot(|r| &mut r.$name $(, $words)?),
            minimal: fields!(@minimal $($minimal)?),
        }, )+]
    };
    (@minimal) => { false };
    (@minimal minimal) => { true };
}

/// The fields of a credential that are read alike.
static PLAIN: &[Field<Record>] = fields! { Record;
    #[minimal] id: Text;
    #[minimal] kind: Word(|| Kind::ALL.iter().map(|k| k.word()).collect());
    direction: Word(|| vec!["inbound", "outbound", "both"]);
    mode: Word(|| vec!["live", "test"]);
    #[minimal] purpose: Text;
    use_case_status: Word(|| vec!["active", "ended"]);
    #[minimal] api_owner: Text;
    #[minimal] credential_owner: Text;
    owners: List;
    requested_by: Text;
    requested_at: Day;
    #[minimal] approved_by: Text;
    #[minimal] approved_at: Day;
    approval_system: Word(|| vec!["iam", "iga", "itsm", "git", "grc", "portal", "email", "chat", "other"]);
    #[minimal] approval_ref: Text;
    approved_scopes: List;
    approved_apis: List;
    approved_data_classes: Words(DATA_CLASSES);
    scopes: List;
    apis: List;
    access_mode: Word(|| vec!["read", "write", "admin"]);
    data_classes: Words(DATA_CLASSES);
    minimisation: Text;
    regions: List;
    transfer_basis: Word(|| vec!["adequacy", "scc", "bcr", "consent", "contract", "none", "n/a"]);
    conditions: Words(&["ip_allowlist", "mtls", "time_window", "rate_limit", "step_up", "dpop"]);
    logging_ref: Text;
    issued_at: Day;
    #[minimal] expires_at: Until;
    expiry_enforced: Truth;
    last_rotated_at: Day;
    rotation_days: Count;
    last_used_at: Day;
    #[minimal] last_recertified_at: Day;
    recertified_by: Text;
    recert_days: Count;
    temporary: Truth;
    tenants: List;
    shared_account: Truth;
    exposed: Truth;
    refused: Truth;
    connector: Text;
    revoked_at: Day;
    revoked_by: Text;
    revocation_reason: Word(|| vec!["rotation", "offboarding", "leak", "contract_end", "owner_left", "other"]);
    invalidation_verified_at: Day;
    evidence: Text;
    #[minimal] offboarding_runbook: Text;
    offboarding_method: Word(|| vec!["api", "console", "partner_request", "vault_rotate", "manual"]);
    offboarding_team: Text;
    offb_keys_revoked_at: Day;
    offb_accounts_disabled_at: Day;
    offb_scopes_removed_at: Day;
    offb_dependencies_confirmed_at: Day;
    replaced_by: Text;
    supersedes: Text;
    also_ids: List;
    key_id: List;
    client_ids: List;
    vault_ref: Text;
    locations: List;
    env_vars: List;
    source: Text;
    source_id: Text;
    generated_at: Day;
};

/// The fields of a credential with a reading of their own.
static PARTICULAR: &[Field<Record>] = &[
    Field { name: "partner_id", slot: Slot::Other(read_partner, "text"), minimal: true },
    Field { name: "status", slot: Slot::Other(read_status, "status"), minimal: true },
    Field { name: "environments", slot: Slot::Other(read_environments, "list"), minimal: true },
    Field { name: "fingerprints", slot: Slot::Other(read_fingerprints, "list of scheme:digest"), minimal: true },
    Field { name: "jwt_ids", slot: Slot::Other(read_jwt_ids, "list of iss=...;jti=..."), minimal: false },
    Field { name: "cert_sha256", slot: Slot::Other(read_certificate, "64 hex digits"), minimal: false },
    Field { name: "hint", slot: Slot::Other(read_hint, "prefix...last4"), minimal: false },
];

const DATA_CLASSES: &[&str] =
    &["public", "internal", "confidential", "customer", "pii", "phi", "pci", "financial", "secret"];

/// The fields of a partner.
pub(crate) static PARTNER: &[Field<Partner>] = fields! { Partner;
    #[minimal] id: Text;
    #[minimal] name: Text;
    kind: Word(|| vec![
        "customer", "supplier", "reseller", "marketplace", "saas_vendor", "regulator", "internal_affiliate", "other",
    ]);
    #[minimal] criticality: Word(|| vec!["low", "medium", "high", "critical"]);
    contract_id: Text;
    #[minimal] contract_end: Until;
    contract_renewed_at: Day;
    #[minimal] business_owner: Text;
    security_contact: Text;
    status: Word(|| vec!["onboarding", "active", "terminating", "terminated"]);
    hosts: List;
    headers: List;
    env_vars: List;
    issuers: List;
    audiences: List;
    auth_models: Words(&[
        "static_key", "basic", "oauth_client_credentials", "oauth_delegated", "mtls", "workload_federation", "signed_request",
    ]);
    regions: List;
    ai_service: Truth;
    offboarded_at: Day;
    aliases: List;
};

/// Every field of a credential.
pub(crate) fn record_fields() -> impl Iterator<Item = &'static Field<Record>> {
    let (first, rest) = PLAIN.split_at(1);
    first.iter().chain(PARTICULAR).chain(rest)
}

/// The field of a credential with this name.
pub(crate) fn record_field(name: &str) -> Option<&'static Field<Record>> {
    PLAIN.iter().chain(PARTICULAR).find(|f| f.name == name)
}

/// The field of a partner with this name.
pub(crate) fn partner_field(name: &str) -> Option<&'static Field<Partner>> {
    PARTNER.iter().find(|f| f.name == name)
}

fn read_partner(record: &mut Record, cell: Cell<'_>, texts: &mut Texts) -> Result<(), Problem> {
    list(cell, |item| {
        if record.partner_id.is_empty() {
            record.partner_id = texts.get(item);
        } else if record.partner_id != item {
            record.other_partners.push(texts.get(item));
        }
    })
    .map_err(|_| EXPECTED_TEXT.into())
}

fn read_status(record: &mut Record, cell: Cell<'_>, _: &mut Texts) -> Result<(), Problem> {
    let expected = || -> Cow<'static, str> {
        format!("expected one of: {}; or one per environment", Status::WORDS.join(", ")).into()
    };
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    match cell {
        Cell::Pairs(given) => pairs.extend(given),
        Cell::Text(t) if t.contains(['=', ':']) => {
            for part in t.split(';').filter(|p| !p.trim().is_empty()) {
                pairs.push(part.split_once(['=', ':']).ok_or_else(expected)?);
            }
        }
        _ => {
            let word = normal_word(text(cell)?);
            if !word.is_empty() {
                record.status = Some(Status::from_word(&word).ok_or_else(expected)?);
            }
            return Ok(());
        }
    }
    let mut whole = None;
    for (environment, word) in pairs {
        let status = Status::from_word(&normal_word(word)).ok_or_else(expected)?;
        if environment.trim() == EVERYWHERE {
            whole = Some(status);
            continue;
        }
        record.status_by_environment.insert(normal_word(environment), status);
    }
    record.status = whole.or_else(|| overall(record.status_by_environment.values().copied()));
    Ok(())
}

/// Stands for all environments, where a source has a status of the whole beside those of its parts.
pub(super) const EVERYWHERE: &str = "*";

/// One word for a status that differs by environment: the most alive.
pub(crate) fn overall(statuses: impl Iterator<Item = Status>) -> Option<Status> {
    const ALIVE_FIRST: [Status; 9] = [
        Status::Active,
        Status::Suspended,
        Status::Approved,
        Status::Requested,
        Status::Unknown,
        Status::Expired,
        Status::Revoked,
        Status::Offboarded,
        Status::Archived,
    ];
    statuses.min_by_key(|s| ALIVE_FIRST.iter().position(|a| a == s))
}

fn read_environments(record: &mut Record, cell: Cell<'_>, texts: &mut Texts) -> Result<(), Problem> {
    list(cell, |item| record.environments.push(texts.get(&item.to_ascii_lowercase())))
}

fn read_fingerprints(record: &mut Record, cell: Cell<'_>, _: &mut Texts) -> Result<(), Problem> {
    let mut strange = false;
    list(cell, |item| match Fingerprint::parse(item) {
        Some(fingerprint) => record.fingerprints.push(fingerprint),
        None => strange = true,
    })?;
    if strange { Err(EXPECTED_FINGERPRINT.into()) } else { Ok(()) }
}

/// `iss=a;jti=b;iss=c;sub=d` is two identities: each begins with its issuer.
fn read_jwt_ids(record: &mut Record, cell: Cell<'_>, texts: &mut Texts) -> Result<(), Problem> {
    const NAMES: [&str; 7] = ["iss", "jti", "sub", "azp", "kid", "client_id", "aud"];
    let mut strange = false;
    let mut part = |part: &str| {
        let Some((name, value)) = part.split_once('=') else {
            strange = true;
            return;
        };
        let name = name.trim().to_ascii_lowercase();
        if !NAMES.contains(&name.as_str()) || value.trim().is_empty() {
            strange = true;
        } else if let Some(last) = record.jwt_ids.last_mut().filter(|_| name != "iss") {
            *last = texts.get(&format!("{last};{name}={}", value.trim()));
        } else {
            record.jwt_ids.push(texts.get(&format!("{name}={}", value.trim())));
        }
    };
    list(cell, |item| item.split(';').filter(|p| !p.trim().is_empty()).for_each(&mut part))?;
    if strange { Err("expected identities of tokens: iss=...;jti=...".into()) } else { Ok(()) }
}

fn read_certificate(record: &mut Record, cell: Cell<'_>, _: &mut Texts) -> Result<(), Problem> {
    let digits: String = text(cell)?.chars().filter(|c| !": ".contains(*c)).collect();
    if !digits.is_empty() && (digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Err("expected the 64 hex digits of a SHA-256".into());
    }
    record.cert_sha256 = digits.to_ascii_lowercase().into();
    Ok(())
}

fn read_hint(record: &mut Record, cell: Cell<'_>, texts: &mut Texts) -> Result<(), Problem> {
    let given = text(cell)?;
    if given.is_empty() {
        return Ok(());
    }
    if hint_tail(given).is_none() {
        return Err("expected a hint, prefix...last4: at most 8 last characters".into());
    }
    record.hint = texts.get(given);
    Ok(())
}

/// The last characters that a hint shows: `0001` of `acme_live_...0001`. `None` where it shows too
/// much, or nothing.
pub(crate) fn hint_tail(hint: &str) -> Option<&str> {
    let dots = |c: char| matches!(c, '.' | '\u{2026}' | '*' | '\u{2022}');
    let tail = hint.rsplit(dots).next().unwrap_or(hint);
    let head = &hint[..hint.len() - tail.len()];
    let prefix = head.split(dots).next().unwrap_or("");
    let fits = (3..=8).contains(&tail.len()) && tail.bytes().all(|b| b.is_ascii_alphanumeric());
    (fits && prefix.len() <= 16).then_some(tail)
}
