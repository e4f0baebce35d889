//! KW4xx: expiry, lifetime, rotation, recertification, contract.

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
        taxa: &[
            "NHI7:2025", "SP800-207 tenet 3", "CSF PR.AA-05", "ISO A.5.17", "PCI 8.2.7", "CCM CEK-12",
        ],
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
        id: CheckId(412),
        slug: "contract-ended",
        title: "Access beyond the end of the contract",
        why: "The contract with the partner has ended, and the credential is still in force or in the tree. Access must \
              not outlive the relationship that justified it.",
        remedy: "Revoke the credential and finish the partner's offboarding, or record the renewed contract.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory with partners and the ends of their contracts",
        taxa: &[
            "CSF GV.SC-10", "NHI1:2025", "ISO A.5.20", "SOC2 CC9.2", "CIS 15.7", "PCI 8.2.7", "AI RMF GOVERN 1.7",
        ],
    },
];
