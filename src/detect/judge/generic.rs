//! Strict judgement of values that no documented form vouches for: only their name and their looks
//! tell that they are credentials.

use super::names::{Meaning, meaning};
use super::structure::{Assignment, Operator};
use super::{Rejection, entropy, wordlike};
use crate::detect::candidate::rule::{Kind, Rule};
use crate::position::Span;
use crate::source::RepoPath;

/// Whether a contextual shape of a provider is assigned to something that can be a credential.
pub(super) fn check_provider(rule: &Rule, bytes: &[u8], span: Span, assignment: &Assignment) -> Result<(), Rejection> {
    let in_url_path = span.start > 0 && bytes[span.start - 1] == b'/';
    if assignment.key.is_none() && assignment.scheme.is_none() && !assignment.quoted && !in_url_path {
        return Err(Rejection::NotAssigned);
    }
    let secret = rule.visibility == crate::detect::Visibility::Secret;
    if secret
        && let Some(key) = &assignment.key
        && matches!(assignment.operator, Some(Operator::Equals | Operator::Colon | Operator::Element))
        && (is_none(key) || is_strange(rule, key, bytes, span))
    {
        return Err(Rejection::OtherMeaning);
    }
    Ok(())
}

/// Whether the name has nothing to do with credentials, nor with the rule: a cookie, a field.
fn is_strange(rule: &Rule, key: &str, bytes: &[u8], span: Span) -> bool {
    const HINTS: [&str; 8] = ["key", "secret", "token", "pass", "auth", "cred", "pwd", "api"];
    let lower = key.to_ascii_lowercase();
    // `user:VALUE` has no name at all.
    let half = span.start > 0 && bytes[span.start - 1] == b':';
    let own = rule.context.iter().any(|word| lower.contains(&**word)) || lower.contains(&*rule.provider);
    let strange = match meaning(key) {
        Meaning::Other => true,
        Meaning::Unknown => !HINTS.iter().any(|hint| lower.contains(hint)),
        _ => false,
    };
    strange && !half && !own
}

/// Names that a provider's secret never has.
fn is_none(key: &str) -> bool {
    const NONE: &[&str] = &[
        "hash", "sha", "sha1", "sha256", "sha512", "md5", "digest", "checksum", "integrity", "commit", "revision",
        "etag", "fingerprint", "thumbprint", "uuid", "guid", "nonce", "trace", "public", "publishable", "pubkey",
        "cert", "certificate", "version", "blob", "image",
    ];
    let parts = super::names::segments(key);
    let last = parts.last().map_or("", String::as_str);
    let file = super::names::is_file_name(key);
    file || parts.iter().any(|p| {
        matches!(
            p.as_str(),
            "sha256" | "sha1" | "sha512" | "md5" | "checksum" | "integrity" | "digest" | "public" | "commit"
        )
    }) || NONE.contains(&last)
}

/// Whether an opaque value is a credential by its name and its looks.
pub(super) fn check_opaque(
    rule: &Rule,
    bytes: &[u8],
    path: &RepoPath,
    span: Span,
    assignment: &Assignment,
) -> Result<(), Rejection> {
    let value = span.of(bytes);
    let header = assignment.is_authorization();
    let scheme =
        assignment.scheme.as_deref().is_some_and(|s| ["bearer", "basic"].iter().any(|k| s.eq_ignore_ascii_case(k)));
    let Some(key) = assignment.key.as_deref().or(if scheme { assignment.scheme.as_deref() } else { None }) else {
        return Err(Rejection::NotAssigned);
    };
    let bears_name = matches!(&*rule.id, PARTNER_KEY | LISTED_VALUE) && bears_partner(bytes, span, key);
    if !(header || scheme || bears_name) {
        match meaning(key) {
            Meaning::Credential => {}
            // A consumer key is a client's id.
            Meaning::Weak
                if is_named_key(bytes, span, assignment) && !key.to_ascii_lowercase().contains("consumer") => {}
            // A random text in quotes is no record and no form.
            Meaning::Weak if key.eq_ignore_ascii_case("credential") && assignment.quoted && is_mixed(value) => {}
            // `key` alone: in a secret's data, beside the address of a partner, in what bears its name.
            Meaning::Weak if in_secret_manifest(bytes, span) || super::partner::is_in_partners_block(bytes, span) => {}
            // `acme.Client(auth="VALUE")`
            Meaning::Weak if super::partner::makes_client(bytes, span) => {}
            // `acmekey`, in one word.
            Meaning::Unknown if super::partner::is_joined(key) => {}
            Meaning::Other => return Err(Rejection::OtherMeaning),
            _ => return Err(Rejection::NotAssigned),
        }
    }
    if !is_whole(bytes, span, path, assignment) {
        return Err(Rejection::NotAssigned);
    }
    if is_reference(value) || is_other_format(value) || is_call_like(bytes, span) {
        return Err(Rejection::OtherMeaning);
    }
    // Text in base64 looks random; what counts is the text.
    if let Some((text, _)) = super::decode::text_of(value)
        && !is_plausible(&text)
    {
        return Err(Rejection::OtherMeaning);
    }
    if !looks_random(value, rule.kind) {
        return Err(Rejection::LowEntropy);
    }
    Ok(())
}

/// The rule for values whose only mark is whose they are.
pub(crate) const PARTNER_KEY: &str = "partner-key";
/// The rule for values whose name stands in another line of their entry.
const LISTED_VALUE: &str = "listed-value";

/// `acme = "VALUE"`, `new AcmeClient("VALUE")`: long enough, and no digest of something.
fn bears_partner(bytes: &[u8], span: Span, key: &str) -> bool {
    let value = span.of(bytes);
    // Of the whole, or of what a path ends with: `github:OWNER/REPOSITORY/COMMIT`.
    let last = value.rsplit(|b| *b == b'/').next().unwrap_or(value);
    let digest = matches!(last.len(), 40 | 64 | 96 | 128) && last.iter().all(u8::is_ascii_hexdigit);
    let uuid = value.len() == 36 && value.contains(&b'-');
    if value.len() < 20 || meaning(key) == Meaning::Other {
        return false;
    }
    // An address's parameter has a name of its own.
    if in_query(bytes, span) {
        return false;
    }
    let called = super::partner::called(bytes, span);
    if digest || uuid {
        // What a client is made with is its key, whatever it looks like.
        return called.is_some_and(|p| p.by.is_some_and(|callee| makes_client(&callee)));
    }
    // The name is the partner's and nothing else: `acme`, `acmeApi`, `ACME_PROD`.
    let alone = super::names::segments(key).len() <= 2 && super::partner::surely_named(key).is_some();
    alone || called.is_some()
}

/// `AcmeClient`, `AcmeApi`, `AcmeSDK`.
fn makes_client(callee: &str) -> bool {
    let parts = super::names::segments(callee);
    parts.len() > 1 && parts.last().is_some_and(|last| matches!(last.as_str(), "client" | "api" | "sdk"))
}

/// A weak name (`key`) counts as a query parameter, a header or an option; of a function, only as the name
/// that it is given.
fn is_named_key(bytes: &[u8], span: Span, assignment: &Assignment) -> bool {
    matches!(assignment.operator, Some(Operator::Option))
        || assignment.key.as_deref().is_some_and(|k| super::names::segments(k).len() >= 2)
            && !(assignment.operator == Some(Operator::Argument) && is_called(bytes, span) && !sets(assignment))
}

/// `setMerchantKey`, `withKey`, a builder's `productKey`.
fn sets(assignment: &Assignment) -> bool {
    let key = assignment.key.as_deref().unwrap_or_default();
    let parts = super::names::segments(key.rsplit('.').next().unwrap_or_default());
    parts.first().is_some_and(|first| matches!(first.as_str(), "set" | "with" | "add" | "put"))
        || parts.last().is_some_and(|last| last == "key")
}

/// Whether the value is a function's first argument: `credentialLists("VALUE")`.
fn is_called(bytes: &[u8], span: Span) -> bool {
    bytes[span.start.saturating_sub(80)..span.start]
        .iter()
        .rev()
        .find(|b| !(b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'@' | b'\\')))
        == Some(&b'(')
}

/// Letters of both cases and digits.
fn is_mixed(value: &[u8]) -> bool {
    let has = |f: fn(&u8) -> bool| value.iter().any(f);
    value.len() >= 20
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && !value.iter().all(u8::is_ascii_hexdigit)
}

/// Whether the value stands in the manifest of a Kubernetes secret, between its kind and the next document.
fn in_secret_manifest(bytes: &[u8], span: Span) -> bool {
    const FAR: usize = 1500;
    let before = &bytes[span.start.saturating_sub(FAR)..span.start];
    let before = &before[memchr::memmem::rfind(before, b"\n---").unwrap_or(0)..];
    memchr::memmem::rfind(before, b"kind: Secret").is_some_and(|at| {
        matches!(before.get(at + 12), Some(b'\n' | b'\r' | b' '))
            && memchr::memmem::find(&before[at..], b"ata:").is_some()
    })
}

/// Whether the value is the whole of a string or of a bare word in a file that has bare values.
fn is_whole(bytes: &[u8], span: Span, path: &RepoPath, assignment: &Assignment) -> bool {
    let after = bytes.get(span.end);
    let before = span.start.checked_sub(1).map(|i| bytes[i]);
    let quote = |b: u8| matches!(b, b'"' | b'\'' | b'`');
    if assignment.quoted {
        // `"prefix value suffix"` holds it, but it is no whole value; a header's argument may end so.
        let ends = after
            .is_none_or(|b| quote(*b) || matches!(b, b'\\' | b'\n' | b'\r' | b'&' | b' ' | b',' | b';' | b'<' | b')'));
        return ends && before.is_none_or(|b| quote(b) || matches!(b, b' ' | b'=' | b':' | b'&' | b'>' | b'\\'));
    }
    if !after.is_none_or(|b| {
        b.is_ascii_whitespace()
            || matches!(b, b'&' | b';' | b',' | b'<' | b'"' | b'\'' | b'`' | b'}' | b'#' | b'\\' | b'@')
    }) {
        return false;
    }
    // `{word:VALUE}` is a template's field.
    if after == Some(&b'}') && before == Some(b':') {
        return false;
    }
    let is_code = |path| is_code(path) && !in_comment(bytes, span);
    match assignment.operator {
        Some(Operator::Equals) if in_query(bytes, span) => true,
        Some(Operator::Equals | Operator::Word) => !is_code(path),
        // Cells of a table are no arguments.
        Some(Operator::Argument) => false,
        Some(Operator::Element) => after.is_none_or(|b| matches!(b, b'<' | b'\r' | b'\n' | b' ')),
        Some(Operator::Colon) => !is_code(path) || after.is_none_or(|b| quote(*b)) || assignment.is_authorization(),
        _ => true,
    }
}

/// Whether the value's line is a comment, in which a word without quotes is a word.
fn in_comment(bytes: &[u8], span: Span) -> bool {
    let low = span.start.saturating_sub(240);
    let line = memchr::memrchr(b'\n', &bytes[low..span.start]).map_or(low, |n| low + n + 1);
    let text = bytes[line..span.start].trim_ascii_start();
    [&b"//"[..], b"#", b"* ", b"--", b"/*", b"<!--"].iter().any(|mark| text.starts_with(mark))
}

/// Whether the name of the value follows `?` or `&`.
fn in_query(bytes: &[u8], span: Span) -> bool {
    let low = span.start.saturating_sub(60);
    bytes[low..span.start]
        .iter()
        .rev()
        .skip(1)
        .find(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')))
        .is_some_and(|b| matches!(b, b'?' | b'&' | b';'))
}

/// Files where a word without quotes is an identifier.
pub(super) fn is_code(path: &RepoPath) -> bool {
    const CODE: &[&str] = &[
        "py", "js", "ts", "jsx", "tsx", "mjs", "cjs", "go", "rs", "java", "kt", "kts", "scala", "rb", "php", "cs",
        "fs", "vb", "c", "h", "cc", "cpp", "hpp", "cxx", "m", "mm", "swift", "dart", "lua", "pl", "pm", "r", "jl",
        "ex", "exs", "erl", "hs", "clj", "groovy", "gradle", "vue", "svelte", "html", "htm", "css", "scss", "less",
        "sql", "proto", "graphql", "tf", "hcl", "zig", "nim", "v", "sol", "asm", "s", "ml", "bzl", "ipynb", "json",
        "json5", "jsonl", "cmake",
    ];
    let name = path.to_str_lossy().to_ascii_lowercase();
    name.rsplit_once('.').is_some_and(|(_, e)| CODE.contains(&e))
}

/// A function's name, an index or a member: `getToken(`, `tokens[0]`, `env.TOKEN`.
fn is_call_like(bytes: &[u8], span: Span) -> bool {
    matches!(bytes.get(span.end), Some(b'(' | b'['))
}

/// Pointers to a secret's place: the wanted state.
pub(super) fn is_reference(value: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"vault:", b"arn:", b"op://", b"ssm:", b"projects/", b"secret:", b"secrets.", b"env.", b"env:", b"process.env",
        b"os.environ", b"file:", b"ref+", b"ENC[", b"AgA", b"AgB", b"AgC", b"{cipher}", b"keyvault", b"sm://",
        b"gcpsm:", b"awssm:", b"bao:", b"lookup(", b"var.", b"local.", b"data.", b"module.", b"each.", b"self.",
        b"this.", b"config.", b"settings.", b"$", b"kms:", b"sops:", b"doppler:", b"AQIC", b"gAAAAA",
    ];
    // `AgA...` is what a sealed secret's values begin with, and long.
    let sealed = value.len() > 200;
    STARTS.iter().any(|s| value.starts_with(s) && (s.len() > 4 || !s.iter().all(u8::is_ascii_alphabetic) || sealed))
}

/// Dates, versions, addresses, paths, numbers, media types and the like.
fn is_other_format(value: &[u8]) -> bool {
    let count = |f: fn(&u8) -> bool| value.iter().filter(|b| f(b)).count();
    let digits = count(u8::is_ascii_digit);
    let letters = count(u8::is_ascii_alphabetic);
    let slashes = count(|b| *b == b'/');
    let dots = count(|b| *b == b'.');
    // Numbers, dates, versions, addresses.
    if letters <= 1 || letters <= 2 && digits >= 8 || digits == 0 && letters < value.len() / 2 {
        return true;
    }
    // The rest of an address; `ami-06cf02a98a61f9f5e`, a resource's id.
    if value.starts_with(b"//") || is_resource_id(value) {
        return true;
    }
    // Paths and names of packages: words between slashes or dots.
    let parts = |sep: u8| value.split(move |b| *b == sep).filter(|p| !p.is_empty());
    let short = |sep: u8| parts(sep).all(|p| p.len() <= 14);
    if (slashes >= 2 || value.starts_with(b"/") || value.ends_with(b"/")) && short(b'/') {
        return true;
    }
    if dots >= 2 && short(b'.') || dots >= 1 && parts(b'.').next_back().is_some_and(is_extension) {
        return true;
    }
    // An embedded file: base64 of known beginnings.
    [&b"iVBORw0KGgo"[..], b"/9j/", b"R0lGOD", b"PHN2Zy", b"PD94bWw", b"d09GR", b"AAEAAAA", b"UEsDB", b"JVBERi", b"H4sI"]
        .iter()
        .any(|s| value.starts_with(s))
}

/// A short word and eight or seventeen hex digits.
fn is_resource_id(value: &[u8]) -> bool {
    let word = value.iter().take_while(|b| b.is_ascii_lowercase()).count();
    (1..=10).contains(&word)
        && value.get(word) == Some(&b'-')
        && matches!(value.len() - word - 1, 8 | 17)
        && value[word + 1..].iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether the last part is a file's or a host's ending.
pub(super) fn ends_like_file(value: &[u8]) -> bool {
    memchr::memrchr(b'.', value).is_some_and(|at| at > 0 && is_extension(&value[at + 1..]))
}

fn is_extension(part: &[u8]) -> bool {
    const EXTENSIONS: &[&[u8]] = &[
        b"com", b"org", b"net", b"io", b"dev", b"app", b"js", b"ts", b"py", b"go", b"rs", b"json", b"yaml", b"yml",
        b"xml", b"html", b"css", b"png", b"svg", b"jpg", b"pem", b"key", b"crt", b"txt", b"md", b"java", b"class",
        b"jar", b"zip", b"gz", b"tar", b"local", b"internal", b"svc", b"sh", b"toml", b"properties", b"pub", b"p12",
        b"pfx", b"jks", b"googleusercontent", b"env", b"conf", b"cfg", b"ini", b"log", b"sock", b"php", b"rb",
    ];
    EXTENSIONS.iter().any(|e| part.eq_ignore_ascii_case(e))
}

/// Whether decoded text can be a credential: one word, and no plain one.
pub(super) fn is_plausible(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let spaces = text.iter().filter(|b| b.is_ascii_whitespace()).count();
    spaces == 0
        && !super::placeholder::is_placeholder(text, super::placeholder::Looks::Opaque)
        && super::passwords::strength(text) != super::passwords::Strength::Word
}

/// Whether the value was drawn at random, as far as its characters tell.
fn looks_random(value: &[u8], kind: Kind) -> bool {
    let _ = kind;
    let body = value.strip_suffix(b"==").or(value.strip_suffix(b"=")).unwrap_or(value);
    let digits = body.iter().filter(|b| b.is_ascii_digit()).count();
    let bits = entropy::shannon(body);
    let n = body.len();
    // `TVDBZ-4ON4B-...`: groups of equal length, as keys of products have.
    let groups: Vec<&[u8]> = body.split(|b| *b == b'-').collect();
    let even = groups.iter().all(|g| (4..=6).contains(&g.len()) && g.len() == groups[0].len());
    if groups.len() >= 4 && even && body.iter().all(|b| !b.is_ascii_lowercase()) && digits >= 2 {
        return wordlike::score(body).0 < 0.0;
    }
    let hex = body.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
    if hex {
        let letters = n - digits - memchr::memchr_iter(b'-', body).count();
        return digits >= 3 && letters >= 2 && bits >= if n >= 32 { 2.9 } else { 2.6 };
    }
    let upper = body.iter().any(u8::is_ascii_uppercase);
    let lower = body.iter().any(u8::is_ascii_lowercase);
    // One case and hardly a digit is how identifiers look.
    let mixed = upper && lower;
    if digits < 2 && !(mixed && digits >= 1) || !mixed && digits * 10 < n {
        return false;
    }
    let floor = match n {
        0..=19 => 3.0,
        20..=31 => 3.3,
        _ => 3.6,
    };
    bits >= floor && !wordlike::is_wordlike(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_and_not() {
        for text in [
            "q8Zr2LmX0vKp4TyB",
            "7f3a9c1e5b2d8f604c1a7e9b3d5f2c80",
            "k3v9x2m8q1z7w4b6n5t0",
            "0a1b9c3d-7f3a-4c1e-9b2d-8f604c1a7e9b",
            "TQXBZ-RKD7L-4WN4B-PFZZA-QNLKH",
        ] {
            assert!(looks_random(text.as_bytes(), Kind::ApiKey), "{text}");
        }
        for text in [
            "my-service-account-token-2",
            "CognitoIdentityPoolProvider2",
            "00000000000000000001",
            "organization_members_v2",
        ] {
            assert!(!looks_random(text.as_bytes(), Kind::ApiKey), "{text}");
        }
        for text in [
            "2024-11-22T10:15:00Z",
            "/usr/local/lib/v1",
            "com.acme.service.v2",
            "192.168.100.200:8080",
            "//www.acme.com/channel/UCq8Zr2LmX0vKp4TyB",
            "ami-06cf02a98a61f9f5e",
        ] {
            assert!(is_other_format(text.as_bytes()), "{text}");
        }
    }
}
