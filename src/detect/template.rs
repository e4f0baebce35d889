//! Templates: how examples of credentials are written without writing credentials.
//!
//! `{class:length}` becomes random characters of a class, always the same for the same seed. The
//! classes and forms are documented in `docs/rules-format.md`.

use super::candidate::rule::Rule;
use super::judge::append_checksum;

/// A template that cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template field `{field}`: {problem}")]
pub struct TemplateError {
    /// What stands between the braces.
    pub field: String,
    /// What is wrong.
    pub problem: &'static str,
}

/// Expands `template`. `seed` chooses the characters, `rule` the algorithm of `{checksum}`.
pub fn expand(template: &str, seed: u64, rule: Option<&Rule>) -> Result<String, TemplateError> {
    let mut random = Random(seed ^ 0x9E37_79B9_7F4A_7C15);
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        if tail.starts_with("{{") || tail.starts_with("}}") {
            out.push_str(&tail[..1]);
            rest = &tail[2..];
            continue;
        }
        let error = |field: &str, problem| TemplateError { field: field.to_owned(), problem };
        if tail.starts_with('}') {
            return Err(error("}", "a closing brace without an opening one; write }} for a literal brace"));
        }
        let Some(end) = closing_brace(tail) else { return Err(error(tail, "no closing brace")) };
        let field = &tail[1..end];
        let text = expand_field(field, &out, &mut random, rule).map_err(|problem| error(field, problem))?;
        out.push_str(&text);
        rest = &tail[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

fn inner(template: &str, random: &mut Random, rule: Option<&Rule>) -> Result<String, &'static str> {
    expand(template, random.next(), rule).map_err(|e| e.problem)
}

/// Where the field that begins `tail` ends: fields may hold fields and doubled braces.
fn closing_brace(tail: &str) -> Option<usize> {
    let bytes = tail.as_bytes();
    let (mut at, mut depth) = (1, 0);
    while at < bytes.len() {
        let doubled = bytes.get(at + 1) == Some(&bytes[at]);
        match bytes[at] {
            b'{' if doubled => at += 1,
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b'}' if doubled && holds_text(tail) => at += 1,
            b'}' => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether the field's argument is text, in which braces are doubled.
fn holds_text(tail: &str) -> bool {
    tail.starts_with("{b64:") || tail.starts_with("{b64url:")
}

fn expand_field(field: &str, before: &str, random: &mut Random, rule: Option<&Rule>) -> Result<String, &'static str> {
    let (name, argument) = field.split_once(':').unwrap_or((field, ""));
    if let Some(alphabet) = alphabet(name) {
        let length = match argument.split_once('-') {
            Some((low, high)) => {
                let (low, high): (usize, usize) =
                    (low.parse().map_err(|_| "expected a number")?, high.parse().map_err(|_| "expected a number")?);
                low + random.below(high.saturating_sub(low) + 1)
            }
            None => argument.parse().map_err(|_| "expected a length, as in {hex:32}")?,
        };
        return Ok(random.text(alphabet, length));
    }
    match name {
        "uuid" => {
            let part = |random: &mut Random, n| random.text(HEX, n);
            Ok(format!(
                "{}-{}-4{}-{}{}-{}",
                part(random, 8),
                part(random, 4),
                part(random, 3),
                random.text("89ab", 1),
                part(random, 3),
                part(random, 12)
            ))
        }
        "pick" => {
            let words: Vec<&str> = argument.split('|').collect();
            Ok(words[random.below(words.len())].to_owned())
        }
        "checksum" | "badchecksum" => {
            let rule = rule.ok_or("only in a rule's own examples")?;
            let head = token_before(before);
            let check = append_checksum(rule, head).ok_or("the rule has no checksum that can be computed")?;
            if name == "checksum" {
                return Ok(check);
            }
            // Another character of the same kind in the first place.
            let first = check.as_bytes().first().copied().unwrap_or(b'0');
            let other = if first == b'0' { '1' } else { '0' };
            Ok(format!("{other}{}", &check[1..]))
        }
        "jwt" => Ok(jwt(argument, random)),
        "pem" => Ok(pem(argument, random)),
        // Their text is a template itself.
        "b64" => Ok(data_encoding::BASE64.encode(inner(argument, random, rule)?.as_bytes())),
        "b64url" => Ok(data_encoding::BASE64URL_NOPAD.encode(inner(argument, random, rule)?.as_bytes())),
        _ => Err("no such class or form"),
    }
}

const HEX: &str = "0123456789abcdef";

fn alphabet(name: &str) -> Option<&'static str> {
    Some(match name {
        "base62" => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "base64" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "base64url" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "base58" => "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        "base36" => "0123456789abcdefghijklmnopqrstuvwxyz",
        "alnum_upper" => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "hex" => HEX,
        "HEX" => "0123456789ABCDEF",
        "digits" => "0123456789",
        "lower" => "abcdefghijklmnopqrstuvwxyz",
        "upper" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "letters" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "base32" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "bech32" => "qpzry9x8gf2tvdw0s3jn54khce6mua7l",
        "BECH32" => "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
        "base32_lower" => "abcdefghijklmnopqrstuvwxyz234567",
        _ => return None,
    })
}

/// The token that a check value follows.
fn token_before(text: &str) -> &str {
    let start = text.rfind(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.' | '+' | '/'));
    &text[start.map_or(0, |n| n + 1)..]
}

/// A JWT of the usual claims; `argument` adds or changes some: `exp=1893456000,iss=acme`.
fn jwt(argument: &str, random: &mut Random) -> String {
    let mut claims: Vec<(String, String)> = vec![
        ("iss".into(), "\"https://id.acme-partner.net\"".into()),
        ("sub".into(), format!("\"{}\"", random.text("0123456789", 10))),
        ("iat".into(), "1767225600".into()),
        ("exp".into(), "1893456000".into()),
        ("jti".into(), format!("\"{}\"", random.text(HEX, 16))),
    ];
    let mut alg = "HS256".to_owned();
    for (name, value) in argument.split(',').filter_map(|pair| pair.split_once('=')) {
        if name == "alg" {
            value.clone_into(&mut alg);
            continue;
        }
        let value = if value.parse::<i64>().is_ok() { value.to_owned() } else { format!("\"{value}\"") };
        claims.retain(|(n, _)| n != name);
        if value != "\"-\"" {
            claims.push((name.to_owned(), value));
        }
    }
    let payload: Vec<String> = claims.iter().map(|(n, v)| format!("\"{n}\":{v}")).collect();
    let b64 = |t: &str| data_encoding::BASE64URL_NOPAD.encode(t.as_bytes());
    format!(
        "{}.{}.{}",
        b64(&format!("{{\"alg\":\"{alg}\",\"typ\":\"JWT\"}}")),
        b64(&format!("{{{}}}", payload.join(","))),
        random.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 43)
    )
}

/// An armoured block with a body of random base64 behind the usual beginning of its kind.
fn pem(label: &str, random: &mut Random) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let head = if label.starts_with("OPENSSH") {
        let field = |text: &[u8]| [&(text.len() as u32).to_be_bytes()[..], text].concat();
        let public = [field(b"ssh-ed25519"), field(random.text(alphabet, 32).as_bytes())].concat();
        let parts = [
            b"openssh-key-v1\0".to_vec(),
            field(b"none"),
            field(b"none"),
            field(b""),
            vec![0, 0, 0, 1],
            field(&public),
        ];
        let bytes = parts.concat();
        data_encoding::BASE64.encode(&bytes[..bytes.len() / 3 * 3])
    } else {
        "MIIEpAIBAAKCAQEA".to_owned()
    };
    let body = head + &random.text(alphabet, 700);
    let lines: Vec<&str> = body.as_bytes().chunks(64).filter_map(|l| std::str::from_utf8(l).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", lines.join("\n"))
}

/// A small deterministic generator (splitmix64); nothing secret depends on it.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// Characters of `alphabet`; long texts get a digit where the alphabet has some, as real ones do.
    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet = alphabet.as_bytes();
        let mut text: Vec<u8> = (0..length).map(|_| alphabet[self.below(alphabet.len())]).collect();
        let digits: Vec<u8> = alphabet.iter().copied().filter(u8::is_ascii_digit).collect();
        if length >= 8 && !digits.is_empty() && text.iter().filter(|b| b.is_ascii_digit()).count() < 2 {
            for at in [length / 3, length / 2] {
                text[at] = digits[self.below(digits.len())];
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}
