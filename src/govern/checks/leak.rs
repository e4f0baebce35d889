//! `KW0xx`: credentials in plain text.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(1),
        slug: "leaked-credential",
        title: "Credential in plain text",
        why: "A secret value stands in the scanned files. Everybody who can read them, now or in any copy, can use it; an \
              entry in the inventory does not change that.",
        remedy: "Revoke or rotate the credential first, then take the value out of the file and read it from a vault or \
                 the environment. Deleting the line alone leaves it in the history.",
        level: Level::Error,
        severity: 8.0,
        needs: "a scan",
        taxa: &["NHI2:2025", "CSF PR.DS-01", "ISO A.5.17", "ISO A.8.28", "SOC2 CC6.1", "PCI 8.3.2", "CWE-798"],
    },
    Check {
        id: CheckId(2),
        slug: "leaked-in-history",
        title: "Credential in the history",
        why: "A secret value is no longer in the tree, but a commit still holds it. Whoever can clone or fetch the \
              repository has it, and so has every clone that was ever made.",
        remedy: "Revoke or rotate the credential; only that ends the leak. Rewriting the history can follow, and helps \
                 only where no clone remains.",
        level: Level::Error,
        severity: 7.5,
        needs: "a scan of the history",
        taxa: &["NHI2:2025", "NHI1:2025", "CSF PR.DS-01", "ISO A.5.17", "SOC2 CC6.1", "PCI 8.3.2", "CWE-540"],
    },
    Check {
        id: CheckId(3),
        slug: "identifier-or-publishable",
        title: "Identifier or publishable key",
        why: "The value names a credential without opening anything, or is made to be shipped to clients. It is listed \
              because it ties this code to a partner and can be looked up in the inventory.",
        remedy: "Nothing has to be done. Check that the key's restrictions at the provider (hosts, bundles, quotas) are \
                 as intended.",
        level: Level::Note,
        severity: 2.0,
        needs: "a scan",
        taxa: &["NHI2:2025", "CSF ID.AM-04"],
    },
    Check {
        id: CheckId(4),
        slug: "test-mode-credential",
        title: "Test-mode credential in plain text",
        why: "The secret belongs to a provider's test mode or sandbox. It moves no real money and reads no real data, \
              but it shows how and where the live one is likely to be kept.",
        remedy: "Keep test credentials where live ones are kept, and make sure that the live key never takes the same way.",
        level: Level::Note,
        severity: 2.0,
        needs: "a scan",
        taxa: &["NHI2:2025", "NHI8:2025", "CSF PR.DS-01"],
    },
];
