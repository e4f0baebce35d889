//! KW6xx: reuse and separation of environments.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(603),
        slug: "shared-across-partners",
        title: "One credential for several partners",
        why: "One credential is assigned to more than one partner. No call can be attributed to either, and ending one \
              relationship breaks or forgets the other.",
        remedy: "Issue one credential per partner and revoke the shared one.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory",
        taxa: &["NHI9:2025", "NHI3:2025", "CSF PR.AA-02", "CSF GV.SC-07", "PCI 8.2.2", "PCI 8.2.3"],
    },
    Check {
        id: CheckId(605),
        slug: "mode-mismatch",
        title: "Live credential in a test environment, or the reverse",
        why: "A credential of live mode stands in an environment that is not production, where more people and weaker \
              controls have access to it; or production runs on a test credential.",
        remedy: "Use the provider's test mode outside production, and rotate the live credential that was exposed there.",
        level: Level::Error,
        severity: 7.5,
        needs: "a credential or record that tells live from test, and paths that tell the environment",
        taxa: &["NHI8:2025", "ISO A.8.31", "PCI 6.5.3", "PCI 6.5.6"],
    },
];
