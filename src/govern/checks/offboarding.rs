//! `KW5xx`: revocation and offboarding.

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
        id: CheckId(502),
        slug: "revoked-in-history",
        title: "Revoked credential in the history",
        why: "The credential is revoked and gone from the tree; its value remains in the history. This is evidence \
               that it was removed, and not work to be done.",
        remedy: "Nothing, provided that the revocation was verified.",
        level: Level::Note,
        severity: 2.0,
        needs: "an inventory with status, a match, and a scan of the history",
        taxa: &["NHI1:2025", "NHI2:2025", "ISO A.5.33"],
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
    Check {
        id: CheckId(504),
        slug: "offboarding-incomplete",
        title: "Offboarding with missing steps",
        why: "The record is closed, but some steps have no date: revoking keys, disabling accounts, removing \
               scopes, verifying that tokens are void, confirming that nothing depends on them. Each missing step \
               is a way back in.",
        remedy: "Do the missing steps and record their dates.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with status and the dates of its steps",
        taxa: &["NHI1:2025", "CSF GV.SC-10", "SOC2 CC6.2", "SOC2 CC9.2", "CIS 15.7", "CCM IAM-07"],
    },
    Check {
        id: CheckId(505),
        slug: "offboarding-overdue",
        title: "Revocation overdue",
        why: "The contract or the relation with the partner has ended, the days that the policy gives for \
               revocation have passed, and the record has no date of revocation.",
        remedy: "Revoke the credential today and record when and by whom.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory with partners and the ends of their contracts",
        taxa: &["NHI1:2025", "CSF GV.SC-10", "SOC2 CC6.2", "PCI 8.2.7"],
    },
    Check {
        id: CheckId(506),
        slug: "revocation-unverified",
        title: "Revocation that nobody verified",
        why: "The record says revoked, and nothing shows that the credential stopped working: no date of a test and \
               no evidence.",
        remedy: "Try the credential where it was used, and record the date and the proof of the refusal.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with status",
        taxa: &["CSF GV.SC-10", "SOC2 CC6.2", "ISO A.5.33"],
    },
    Check {
        id: CheckId(507),
        slug: "reintroduced",
        title: "Removed once, and back again",
        why: "A commit removed the credential, and a later one brought it back. The way by which it gets into the \
               repository is still open, and the first removal did not lead to a rotation.",
        remedy: "Rotate the credential, and put a check before the commit: `keyward hook install`.",
        level: Level::Error,
        severity: 7.5,
        needs: "a scan of the whole history",
        taxa: &["NHI2:2025", "NHI1:2025", "CSF PR.PS-06", "SOC2 CC7.1"],
    },
    Check {
        id: CheckId(508),
        slug: "removed-not-revoked",
        title: "Removed from the tree, never revoked",
        why: "The value was deleted from the tree, and its record is still in force. It is in the history, so that \
               it counts as leaked, and it still opens what it opened.",
        remedy: "Revoke or rotate the credential; deleting it from a file changed nothing for whoever has a clone.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory with status, a match, and a scan of tree and history",
        taxa: &["NHI2:2025", "NHI7:2025", "CSF PR.AA-01", "PCI 8.6.3"],
    },
    Check {
        id: CheckId(509),
        slug: "downstream-reference-remains",
        title: "Revoked, and still asked for",
        why: "The credential is revoked, and variables, vault paths or partner addresses of it are still named in \
               the code. Something will fail, or fall back to another credential.",
        remedy: "Remove the references, and confirm with their owners that nothing depends on them.",
        level: Level::Note,
        severity: 2.0,
        needs: "an inventory with variables or vault paths, and the references in the code",
        taxa: &["NHI1:2025", "CSF ID.AM-03", "CSF GV.SC-10"],
    },
    Check {
        id: CheckId(510),
        slug: "other-refs",
        title: "Gone here, still on other refs",
        why: "The tree no longer holds the credential, but the tips of other branches, tags or stashes do. Whoever \
               checks one of them out has it in the tree again.",
        remedy: "Rotate the credential, then remove it on those refs or delete them.",
        level: Level::Warning,
        severity: 5.0,
        needs: "a scan of the history",
        taxa: &["NHI2:2025", "CSF PR.PS-06"],
    },
    Check {
        id: CheckId(511),
        slug: "vanished-entry",
        title: "Record that vanished",
        why: "Between two versions of the inventory a record disappeared that was neither revoked nor archived. \
               What became of its credential cannot be shown any more.",
        remedy: "Bring the record back with its true status. Records are closed, never deleted.",
        level: Level::Warning,
        severity: 5.0,
        needs: "the inventory's own history",
        taxa: &["ISO A.5.33", "SOC2 CC6.2", "CSF ID.AM-08"],
    },
];
