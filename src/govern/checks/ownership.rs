//! KW2xx: ownership and accountability.

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
            "NHI1:2025", "CSF GV.RR-02", "CSF PR.AA-01", "ISO A.5.9", "ISO A.5.18", "SOC2 CC6.2", "SOC2 CC9.2", "CIS 5.5",
            "CCM IAM-03", "AI RMF GOVERN 2.1",
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
];
