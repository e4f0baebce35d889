//! `KW6xx`: reuse and separation of environments.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(601),
        slug: "reuse-across-environments",
        title: "One credential in several environments",
        why: "The same value stands in paths of several environments. Whoever may read the weakest of them has \
               access to the strongest, and rotating one breaks the others.",
        remedy: "Issue one credential for each environment and rotate the shared one.",
        level: Level::Warning,
        severity: 5.0,
        needs: "a scan, and paths that tell the environment",
        taxa: &["NHI8:2025", "NHI9:2025", "CSF PR.AA-05", "ISO A.8.31", "PCI 6.5.3", "SOC2 CC6.3"],
    },
    Check {
        id: CheckId(602),
        slug: "reuse-across-repos",
        title: "One credential in several repositories or services",
        why: "The same value stands in several repositories, or in several services of one. Each of them has readers, \
              copies and owners of its own, and calls cannot be told apart.",
        remedy: "Issue one credential for each service and rotate the shared one.",
        level: Level::Warning,
        severity: 5.0,
        needs: "observations of several repositories, or a catalogue of components",
        taxa: &["NHI9:2025", "CSF DE.CM-09", "SOC2 CC6.3"],
    },
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
        id: CheckId(604),
        slug: "shared-across-customers",
        title: "One account for several customers",
        why: "One service account serves several customers, or the record calls it shared. Calls cannot be \
               attributed to a customer, and one customer's access cannot be ended alone.",
        remedy: "Issue one credential for each customer.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory with customers served",
        taxa: &["NHI9:2025", "CSF PR.AA-02", "PCI 8.2.2", "SOC2 CC6.1", "CSF GV.SC-02"],
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
    Check {
        id: CheckId(606),
        slug: "environment-not-approved",
        title: "Used in an environment that was not approved",
        why: "The credential stands in a path of an environment that its record does not name. It was approved for \
               something else.",
        remedy: "Remove it there, or have the environment approved and recorded.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with environments, a match, and paths that tell the environment",
        taxa: &["NHI8:2025", "NHI5:2025", "CSF PR.AA-05", "PCI 8.2.4"],
    },
    Check {
        id: CheckId(607),
        slug: "sprawl",
        title: "Credential in many files",
        why: "The same value stands in more files than the policy allows. A rotation will miss some of them, and \
               the old value will be kept alive for their sake.",
        remedy: "Keep the value in one place, a vault, and let everything else refer to it.",
        level: Level::Warning,
        severity: 5.0,
        needs: "a scan",
        taxa: &["NHI9:2025", "NHI2:2025", "CSF ID.AM-08"],
    },
];
