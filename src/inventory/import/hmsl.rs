//! `HasMySecretLeaked` digests of `GitGuardian`: one scrypt digest a line, with a name after a colon
//! where a mapping file was written.
//!
//! The digests are public-salt ones: comparable only with what was found, and slowly.

use super::InventoryError;
use super::intake::Intake;

fn parts(line: &str) -> Option<(&str, &str)> {
    let (digest, name) = line.split_once([':', ',']).unwrap_or((line, ""));
    let digest = digest.trim();
    (digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit())).then_some((digest, name.trim()))
}

/// Whether a text begins with such a line.
pub(super) fn recognises(text: &str) -> bool {
    text.lines().find(|l| !l.trim().is_empty()).is_some_and(|l| parts(l).is_some())
}

/// Reads a text of such lines.
pub(super) fn read(text: &str, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    for (line, number) in text.lines().zip(1..).filter(|(l, _)| !l.trim().is_empty()) {
        let Some((digest, name)) = parts(line) else {
            intake.set_aside(number, "fingerprints", "expected 64 hex digits, and a name after a colon");
            continue;
        };
        let mut draft = intake.draft(number)?;
        draft.put_text("fingerprints", &format!("hmsl:{digest}"));
        let short = digest[..12].to_ascii_lowercase();
        draft.finish_as(if name.is_empty() { &short } else { name });
    }
    Ok(())
}
