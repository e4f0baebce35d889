//! GitLab's routable tokens: a payload of lines before the check value.

use data_encoding::BASE64URL_NOPAD;

use super::{Claims, Input};

/// Cell, organisation, group, project and user, as numbers.
pub(super) fn routable(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let payload = || {
        let text = input.text()?;
        let body = text.split('.').next()?;
        let body = body.split_once('-')?.1;
        let bytes = BASE64URL_NOPAD.decode(&body.as_bytes()[..body.len() / 4 * 4]).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    for line in payload().unwrap_or_default().lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let fact = match name {
            "c" => "cell_id",
            "o" => "organization_id",
            "g" => "group_id",
            "p" => "project_id",
            "u" => "user_id",
            _ => continue,
        };
        claims.add(fact, u64::from_str_radix(value, 36).ok());
    }
    claims
}
