//! KW3xx: approval.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(301),
        slug: "no-approver",
        title: "Record without approver",
        why: "Nobody is named who allowed this access. If access can be granted, it must be possible to say who \
              granted it.",
        remedy: "Have the access approved now by somebody who may, and record who and when; or revoke it.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["CSF PR.AA-05", "CSF PR.AA-01", "ISO A.5.15", "ISO A.5.18", "SOC2 CC6.2", "PCI 7.2.3", "CIS 6.1"],
    },
    Check {
        id: CheckId(302),
        slug: "no-approval-record",
        title: "Approval without a record",
        why: "An approver is named, but nothing shows the approval: there is no ticket, change or signed file to look \
              it up in. A name in a spreadsheet is no evidence.",
        remedy: "Record the number or address of the approval in `approval_ref`. If there is none, approve it again in a \
                 system that keeps it.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["CSF PR.AA-01", "SOC2 CC6.2", "PCI 8.2.4", "ISO A.5.33", "CIS 6.1"],
    },
    Check {
        id: CheckId(303),
        slug: "self-approved",
        title: "Approver is owner, requester or committer",
        why: "The person who approved the access also owns it, asked for it or committed the credential. An approval by \
              oneself is no control.",
        remedy: "Have somebody else review and approve the access, and record that approval.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory; a roster tells people with several names apart",
        taxa: &["CSF PR.AA-05", "SOC2 CC6.3", "CCM IAM-04", "PCI 7.2.3"],
    },
    Check {
        id: CheckId(308),
        slug: "used-while-not-approved",
        title: "Credential in use before its approval",
        why: "The inventory says that the access was asked for and not granted, or that it was refused, and yet the \
              credential is in the code.",
        remedy: "Take the credential out of use until it is approved, or decide on the request now.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory with status",
        taxa: &["CSF PR.AA-05", "SOC2 CC6.2", "CIS 6.1"],
    },
];
