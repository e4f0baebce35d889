//! KW5xx: revocation and offboarding.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(501),
        slug: "revoked-at-head",
        title: "Revoked credential still in the tree",
        why: "The inventory says that the credential is revoked, and it is still in the current tree. If the revocation \
              worked, the code is dead; if it did not, the access lives on unseen.",
        remedy: "Verify that the credential no longer works and record when, then remove the value and what uses it.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with status, and a match",
        taxa: &["NHI1:2025", "CSF PR.AA-01", "CSF GV.SC-10", "SOC2 CC6.2", "CIS 6.2", "CIS 15.7", "CCM IAM-07"],
    },
    Check {
        id: CheckId(503),
        slug: "offboarding-path-missing",
        title: "No way to end the access",
        why: "The record lacks a runbook, a revocation method or a team that carries it out. A missing way out is the \
              strongest sign that access will outlive its purpose, stronger than a missing approval.",
        remedy: "Write down how the credential is revoked, by which method and by whom, and record it.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory",
        taxa: &[
            "NHI1:2025", "CSF GV.SC-10", "ISO A.5.18", "ISO A.5.20", "SOC2 CC6.2", "SOC2 CC9.2", "CIS 6.2", "CIS 15.7",
            "AI RMF GOVERN 1.7", "AI RMF GOVERN 6.2",
        ],
    },
];
