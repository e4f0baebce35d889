//! `KW4xx`: expiry, lifetime, rotation, recertification, contract.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(401),
        slug: "expired-present",
        title: "Expired credential still in the tree",
        why: "By the inventory, or by what it claims itself, the credential is past its end, and it is still in the \
              tree. Either the code uses something that no longer works, or the end never took effect.",
        remedy: "Remove the value. If the integration still works with it, its end is not enforced: revoke it.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an end in the inventory or in the credential itself",
        taxa: &["NHI1:2025", "NHI7:2025", "CSF PR.AA-01", "ISO A.5.18", "SOC2 CC6.2", "CIS 6.2"],
    },
    Check {
        id: CheckId(402),
        slug: "no-expiry",
        title: "Access without end",
        why: "The credential never expires, or nobody recorded when. Standing access outlives the project, the contract \
              and the people who knew of it.",
        remedy: "Set an end that the issuing system enforces, within the limit of the policy for this kind, and plan the \
                 rotation.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["NHI7:2025", "SP800-207 tenet 3", "CSF PR.AA-05", "ISO A.5.17", "PCI 8.2.7", "CCM CEK-12"],
    },
    Check {
        id: CheckId(403),
        slug: "lifetime-too-long",
        title: "Lives longer than its class may",
        why: "From issue to end, or from its first appearance until today, the credential lives longer than the \
               policy allows for its kind, data and environment. The longer it lives, the more copies there are.",
        remedy: "Shorten the lifetime at the issuing system, and rotate the credential by then.",
        level: Level::Warning,
        severity: 5.0,
        needs: "a date of issue or a scan of the history, and a limit in the policy",
        taxa: &["NHI7:2025", "SP800-207 tenet 3", "CSF PR.AA-05", "PCI 8.6.3"],
    },
    Check {
        id: CheckId(404),
        slug: "expiry-mismatch",
        title: "Credential outlives its recorded end",
        why: "The credential itself claims a later end than the inventory states. On the day on which everybody \
               thinks that it is over, it will still work.",
        remedy: "Correct the record, or issue a credential that ends when the record says.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an end in the inventory and one that the credential claims",
        taxa: &["NHI7:2025", "CSF PR.AA-05", "CSF ID.AM-02"],
    },
    Check {
        id: CheckId(405),
        slug: "expiry-not-enforced",
        title: "End that takes no effect",
        why: "The recorded end is a note: the issuing system does not act on it, moves it with every use, or still \
               calls the credential active after it. So is an end that a register sets for a key that its own system \
               never ends, such as an access key of AWS. A date that does nothing is worse than none, because people \
               rely on it.",
        remedy: "Enforce the end where the credential is checked, or plan its revocation for that day.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory that says whether its dates take effect",
        taxa: &["NHI7:2025", "NHI1:2025", "CSF PR.AA-05", "SOC2 CC6.2", "SP800-207 tenet 6"],
    },
    Check {
        id: CheckId(406),
        slug: "expiring-soon",
        title: "Ends soon, and nothing follows",
        why: "The credential ends within the notice period and no record replaces it. Either the integration will \
               stop, or somebody will extend it in haste.",
        remedy: "Decide now: rotate it and record the successor, or end the integration in an orderly way.",
        level: Level::Note,
        severity: 2.0,
        needs: "an inventory with ends",
        taxa: &["CSF PR.AA-01"],
    },
    Check {
        id: CheckId(407),
        slug: "rotation-overdue",
        title: "Rotation overdue",
        why: "The credential was not rotated within the period that the policy or its record sets. An old value has \
               been seen by more people, machines and backups than anybody knows.",
        remedy: "Rotate the credential and record the date and the new fingerprint.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with dates of rotation or issue",
        taxa: &["NHI7:2025", "PCI 8.6.3", "CCM CEK-12", "ISO A.5.17"],
    },
    Check {
        id: CheckId(408),
        slug: "rotation-not-effective",
        title: "Rotated on paper, unchanged in the tree",
        why: "The inventory says that the credential was rotated, but the value in the tree was there before that \
               day and is unchanged. Either the rotation did not happen, or the old value still works.",
        remedy: "Verify that the old value is void, put the new one in its place by way of a vault, and correct the \
               record.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory with dates of rotation, a strong match, and a scan of the history",
        taxa: &["NHI7:2025", "NHI1:2025", "PCI 8.6.3", "SOC2 CC6.2"],
    },
    Check {
        id: CheckId(409),
        slug: "never-recertified",
        title: "Access that was never reviewed",
        why: "The access is older than one review period and nobody has ever confirmed that it is still needed as it is.",
        remedy: "Review it now: keep, reduce or revoke; record who decided and when.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with a date of issue or approval",
        taxa: &[
            "CSF PR.AA-05", "CSF GV.SC-07", "ISO A.5.18", "ISO A.5.22", "SOC2 CC6.2", "SOC2 CC6.3", "PCI 7.2.4",
            "PCI 7.2.5.1", "CIS 5.5", "CCM IAM-08",
        ],
    },
    Check {
        id: CheckId(410),
        slug: "recertification-overdue",
        title: "Review overdue",
        why: "The last review of this access is longer ago than the policy allows for its class. What was justified then \
              need not be justified now.",
        remedy: "Review it now: keep, reduce or revoke; record who decided and when.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with the date of the last review",
        taxa: &[
            "CSF PR.AA-05", "CSF GV.SC-07", "ISO A.5.18", "ISO A.5.22", "SOC2 CC6.2", "SOC2 CC6.3", "PCI 7.2.4",
            "PCI 7.2.5.1", "CIS 5.5", "CCM IAM-08",
        ],
    },
    Check {
        id: CheckId(411),
        slug: "recertification-not-tied",
        title: "Contract renewed, access not reviewed",
        why: "The partner's contract was renewed or changed after the last review. What the new contract covers may \
               differ from what the access reaches.",
        remedy: "Review the access against the contract that is now in force, and record the review.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with dates of contract renewals",
        taxa: &["CSF GV.SC-05", "CSF GV.SC-07", "ISO A.5.20", "SOC2 CC9.2"],
    },
    Check {
        id: CheckId(412),
        slug: "contract-ended",
        title: "Access beyond the end of the contract",
        why: "The contract with the partner has ended, and the credential is still in force or in the tree. Access must \
              not outlive the relationship that justified it.",
        remedy: "Revoke the credential and finish the partner's offboarding, or record the renewed contract.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory with partners and the ends of their contracts",
        taxa: &["CSF GV.SC-10", "NHI1:2025", "ISO A.5.20", "SOC2 CC9.2", "CIS 15.7", "PCI 8.2.7", "AI RMF GOVERN 1.7"],
    },
    Check {
        id: CheckId(413),
        slug: "temporary-became-permanent",
        title: "Temporary access that stayed",
        why: "The access was marked temporary, for a trial, a launch or a migration, and is in use for longer than \
               the policy allows. What is temporary escapes the controls of what is permanent.",
        remedy: "End it, or have it approved as permanent access with all that belongs to it.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory that marks temporary access, with dates",
        taxa: &["NHI7:2025", "CSF ID.RA-07", "CSF PR.AA-05"],
    },
    Check {
        id: CheckId(414),
        slug: "purpose-ended",
        title: "Use case is over",
        why: "The use case of the credential has ended by the record itself, and the record is still in force.",
        remedy: "Revoke the credential and finish its offboarding.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with the status of use cases",
        taxa: &["NHI1:2025", "CSF ID.AM-08", "ISO A.5.18"],
    },
];
