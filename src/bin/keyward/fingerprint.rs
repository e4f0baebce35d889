//! `keyward fingerprint --stdin`: what an owner writes into the inventory instead of a value.

use std::io::{IsTerminal, Read, Write};

use anyhow::bail;

use crate::args::FingerprintArgs;
use crate::peppers;

/// Longest value that is read.
const MAX: u64 = 64 << 10;

pub(crate) fn run(args: &FingerprintArgs) -> anyhow::Result<u8> {
    let peppers = peppers::read(&args.pepper_file)?;
    let mut input = std::io::stdin().lock();
    if input.is_terminal() {
        bail!("a terminal would show the value: pipe it in, for example from a password manager's command");
    }
    let mut bytes = Vec::new();
    input.by_ref().take(MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX {
        bail!("standard input: more than {MAX} bytes");
    }
    let value = unwrapped(&bytes);
    if value.is_empty() {
        bail!("standard input: no value");
    }
    let (fingerprints, hint) = keyward::fingerprint_value(value, &peppers);
    let mut out = std::io::stdout().lock();
    for fingerprint in &fingerprints {
        writeln!(out, "{fingerprint}")?;
    }
    if let Some(hint) = hint {
        writeln!(out, "hint: ...{}", hint.0)?;
    }
    if fingerprints.is_empty() {
        bail!(
            "the value is short enough to be guessed from a plain digest; give a key with --pepper-file or KEYWARD_PEPPER"
        );
    }
    Ok(0)
}

/// Without surrounding white space and quotes.
fn unwrapped(bytes: &[u8]) -> &[u8] {
    let value = bytes.trim_ascii();
    match value {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        _ => value,
    }
}
