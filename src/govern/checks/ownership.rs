//! `KW2xx`: ownership and accountability.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(201),
        slug: "no-owner",
        title: "Record without owner",
        why: "No person and no team answers for this credential. When it leaks or its contract ends, nobody will act on \
              it, because it is nobody's task.",
        remedy: "Name an API owner, who answers for data and conditions, and a credential owner, who issues, rotates and \
                 revokes. If nobody can be found, revoke the credential.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory",
        taxa: &[
            "NHI1:2025", "CSF GV.RR-02", "CSF PR.AA-01", "ISO A.5.9", "ISO A.5.18", "SOC2 CC6.2", "SOC2 CC9.2",
            "CIS 5.5", "CCM IAM-03", "AI RMF GOVERN 2.1",
        ],
    },
    Check {
        id: CheckId(202),
        slug: "owner-left",
        title: "Owner is no longer active",
        why: "A person or team that answers for this credential has left by the roster. Credentials of leavers are the \
              ones that are neither rotated nor ended.",
        remedy: "Hand the record over to somebody who is there, write the handoff down, and rotate the credential if the \
                 leaver knew its value.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory and a roster of people and teams",
        taxa: &["NHI1:2025", "CSF PR.AA-05", "ISO A.5.18", "SOC2 CC6.2", "CIS 6.2", "CCM IAM-07"],
    },
    Check {
        id: CheckId(203),
        slug: "owner-generic",
        title: "Owner is nobody in particular",
        why: "The owner is a placeholder, a department or a shared mailbox. Mail to it may be read by anybody or by \
               nobody, and no person or on-call team has to act on it.",
        remedy: "Name a person, or a team that is on call and in the roster.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory; a roster lets known teams count",
        taxa: &["CSF GV.RR-02", "CIS 5.5", "AI RMF GOVERN 2.1"],
    },
    Check {
        id: CheckId(204),
        slug: "split-ownership",
        title: "Several owners, none or several accountable",
        why: "The access has several owners, as with resellers, marketplaces or procurement beside engineering, and \
               not exactly one of them is marked accountable. Each will wait for the others.",
        remedy: "Agree on one accountable owner and mark it: `role:id:accountable`.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["CSF GV.SC-02", "CSF GV.RR-02", "SOC2 CC9.2", "ISO A.5.19", "AI RMF GOVERN 2.1"],
    },
    Check {
        id: CheckId(205),
        slug: "role-gap",
        title: "API owner or credential owner missing",
        why: "Two people answer for partner access: one for the data and its conditions, one for issuing, rotating \
               and revoking the credential. One of the two is not named.",
        remedy: "Name the missing role. One person may hold both, but both must be stated.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["CSF GV.RR-02", "CSF GV.SC-02", "SOC2 CC6.2", "AI RMF GOVERN 2.1"],
    },
    Check {
        id: CheckId(206),
        slug: "undocumented-handoff",
        title: "Owner changed without a handoff",
        why: "Between two versions of the inventory the owner changed. No handoff was written down and the \
               credential was not rotated, so the former owner may still know it and the new one may not know of \
               it.",
        remedy: "Record the handoff with its date, and rotate the credential if the former owner knew its value.",
        level: Level::Warning,
        severity: 5.0,
        needs: "the inventory's own history",
        taxa: &["NHI1:2025", "CSF ID.AM-08", "ISO A.5.18", "SOC2 CC6.3"],
    },
    Check {
        id: CheckId(207),
        slug: "no-purpose",
        title: "Record without purpose",
        why: "Nobody wrote down what the access is for. Without a purpose nobody can tell whether it is still \
               needed, nor whether it reaches too far.",
        remedy: "State the use case in one line. If nobody knows it, treat the credential as unused.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["CIS 5.5", "CSF PR.AA-05", "SOC2 CC6.3", "PCI 7.2.5"],
    },
    Check {
        id: CheckId(208),
        slug: "no-revocation-contact",
        title: "Nobody to call at the partner",
        why: "The partner's register entry has no contact for revocations and incidents. When a key leaks, time is \
               lost looking for somebody who can act.",
        remedy: "Ask the partner for a security contact that is answered at all hours, and record it.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with partner records",
        taxa: &["CSF GV.SC-02", "CSF GV.SC-08", "SOC2 CC9.2", "ISO A.5.20"],
    },
    Check {
        id: CheckId(209),
        slug: "no-logging-reference",
        title: "No word of where calls are logged",
        why: "The record names no log that ties calls to the partner, the use case and the approval. After an \
               incident nobody could tell what was done with the credential.",
        remedy: "Log calls by partner and use case, and record where: `logging_ref`.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["CSF DE.CM-06", "SP800-207 tenet 7", "SOC2 CC7.1", "PCI 8.2.7"],
    },
    Check {
        id: CheckId(210),
        slug: "human-identity-as-integration",
        title: "A person's identity runs an integration",
        why: "The integration uses a personal token or the account of a person. It has all that the person may do, \
               and it breaks or lives on when the person leaves.",
        remedy: "Replace it with a machine identity of its own, with only the scopes that the integration needs.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory; a roster recognises people in what tokens claim",
        taxa: &["NHI10:2025", "CSF PR.AA-02", "PCI 8.6.1", "ISO A.5.16"],
    },
];
