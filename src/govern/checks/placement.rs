//! KW9xx: location, channel, method, integrity.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(901),
        slug: "vaulted-but-plaintext",
        title: "Credential of a vault in plain text",
        why: "The record says that the credential is kept in a vault, and here it stands in plain text. The vault \
              protects nothing as long as a copy lies beside it.",
        remedy: "Rotate the credential in the vault, and let the code read it from there.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory with vault references, and a match",
        taxa: &["NHI2:2025", "CSF PR.DS-01", "ISO A.5.17", "PCI 8.3.2"],
    },
    Check {
        id: CheckId(902),
        slug: "outside-declared-location",
        title: "Credential outside its declared locations",
        why: "The record lists where the credential is used, and this place is not among them. Either a copy was made \
              that nobody approved, or the record is out of date.",
        remedy: "Remove the copy, or have the new use approved and add it to the record.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with declared locations, and a match",
        taxa: &["NHI2:2025", "CSF ID.AM-03", "ISO A.8.9"],
    },
];
