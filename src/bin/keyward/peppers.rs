//! Keys of keyed fingerprints: from files or the environment, never from an argument.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use keyward::{Pepper, RadarSalt};

/// Reads every pepper; the first is the current one, the others are for old fingerprints.
pub(crate) fn read(files: &[PathBuf]) -> anyhow::Result<Vec<Pepper>> {
    let mut peppers = Vec::new();
    for file in files {
        let bytes = fs::read(file).with_context(|| format!("--pepper-file {}", file.display()))?;
        let Some(pepper) = decode(&bytes) else {
            bail!(
                "--pepper-file {}: expected {} or more random bytes, raw or as hex; `openssl rand -hex 32` makes some",
                file.display(),
                Pepper::MIN_BYTES
            );
        };
        peppers.push(pepper);
    }
    #[allow(clippy::disallowed_methods, reason = "the one variable that may carry a key")]
    if let Ok(text) = std::env::var("KEYWARD_PEPPER") {
        let Some(pepper) = decode(text.trim().as_bytes()) else {
            bail!("KEYWARD_PEPPER: expected {} or more random bytes, raw or as hex", Pepper::MIN_BYTES);
        };
        peppers.push(pepper);
    }
    Ok(peppers)
}

/// The salt of a Vault Radar project, where its owner gives it.
pub(crate) fn radar_salt() -> anyhow::Result<Option<RadarSalt>> {
    #[allow(clippy::disallowed_methods, reason = "the one variable that may carry this salt")]
    let Ok(text) = std::env::var("KEYWARD_RADAR_SALT") else { return Ok(None) };
    let salt = RadarSalt::parse(&text);
    let expected = || format!("KEYWARD_RADAR_SALT: expected {} bytes as base64", RadarSalt::BYTES);
    salt.map(Some).with_context(expected)
}

/// Hex digits where the text is nothing else, else the bytes themselves without a final line end.
fn decode(bytes: &[u8]) -> Option<Pepper> {
    let text = bytes.trim_ascii_end();
    let hex =
        text.len().is_multiple_of(2) && text.len() >= 2 * Pepper::MIN_BYTES && text.iter().all(u8::is_ascii_hexdigit);
    if hex {
        let digits: Vec<u8> = text.iter().map(|b| char::from(*b).to_digit(16).unwrap_or(0) as u8).collect();
        return Pepper::new(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect());
    }
    Pepper::new(if text.len() >= Pepper::MIN_BYTES { text.to_vec() } else { bytes.to_vec() })
}
