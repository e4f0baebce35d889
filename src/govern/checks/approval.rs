//! `KW3xx`: approval.

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
        id: CheckId(304),
        slug: "approval-after-first-use",
        title: "In use before it was approved",
        why: "The first commit that holds the credential is older than its approval. Access was given first and \
               asked for afterwards, so that the approval had nothing left to decide.",
        remedy: "Find out who gave the credential out before its approval, and close that way. Rotate it if it was \
               shared more widely than was approved.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory with dates of approval, and a scan of the history",
        taxa: &["NHI3:2025", "CSF PR.AA-01", "CSF PR.AA-05", "SOC2 CC6.1", "SOC2 CC6.2", "PCI 8.2.4", "CIS 6.1"],
    },
    Check {
        id: CheckId(305),
        slug: "approval-channel",
        title: "Approved by way of mail, chat or a portal",
        why: "The approval was given in a system that the policy does not allow: a mail, a chat, the partner's own \
               portal. Such approvals are lost, and cannot be shown to anybody.",
        remedy: "Repeat the approval in an allowed system and record its number.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory that says where it was approved",
        taxa: &["CSF GV.PO-01", "CSF PR.AA-05", "SOC2 CC6.2", "ISO A.5.18"],
    },
    Check {
        id: CheckId(306),
        slug: "drift-since-approval",
        title: "Changed since it was approved",
        why: "Scope, environment, data, owner or value of the credential changed after the approval. What is in \
               force is no longer what was approved.",
        remedy: "Have the change approved, or take it back.",
        level: Level::Warning,
        severity: 5.0,
        needs: "the inventory's own history, and dates of approval",
        taxa: &["NHI5:2025", "CSF PR.AA-05", "CSF ID.RA-07", "ISO A.5.18", "SOC2 CC6.3"],
    },
    Check {
        id: CheckId(307),
        slug: "approver-not-authorised",
        title: "Approver may not approve this",
        why: "The approver is not among those whom the policy lets approve credentials of this class, or had left \
               on the day of the approval.",
        remedy: "Have it approved by somebody who may.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory, and approvers in the policy or a roster",
        taxa: &["CSF PR.AA-05", "CSF GV.RR-02", "PCI 7.2.3"],
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
