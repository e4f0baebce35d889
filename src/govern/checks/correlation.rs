//! `KW1xx`: correlation and the quality of the inventory.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(101),
        slug: "shadow-credential",
        title: "Credential in no inventory",
        why: "The credential was found and no inventory record describes it. Nobody is known to own it, nobody approved \
              it, and nobody will remember to end it.",
        remedy: "Find out who uses it. Either revoke it, or record it with an owner, an approval and an end, and add its \
                 fingerprint (`keyward fingerprint --stdin`) so that it is recognised.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory whose identifiers can be compared",
        taxa: &[
            "NHI2:2025", "NHI1:2025", "CSF ID.AM-02", "CSF ID.AM-04", "CSF ID.AM-08", "CSF PR.AA-01", "ISO A.5.9",
            "ISO A.5.17", "SOC2 CC6.1", "SOC2 CC6.2", "CIS 5.5", "CIS 15.1", "CCM IAM-03", "AI RMF GOVERN 1.6",
        ],
    },
    Check {
        id: CheckId(102),
        slug: "stale-entry",
        title: "Active record whose credential was seen nowhere",
        why: "The inventory calls the credential active and declares where it is used, but the scan covered all of those \
              places and did not see it. Access that nobody uses is a candidate for offboarding.",
        remedy: "Ask the owner whether the integration still runs. If not, revoke the credential; if it does, correct \
                 the locations of the record.",
        level: Level::Note,
        severity: 2.0,
        needs: "an inventory with declared locations, and a complete scan of them",
        taxa: &["NHI1:2025", "CSF ID.AM-08", "ISO A.5.18", "SOC2 CC6.2", "CIS 5.3", "PCI 8.2.6"],
    },
    Check {
        id: CheckId(103),
        slug: "duplicate-entry",
        title: "Several records describe one credential",
        why: "Two or more records carry the same fingerprint, key id or record id. If one of them is closed, the others \
              keep the access alive on paper, and nobody can tell which approval counts.",
        remedy: "Merge the records into one and keep the earlier approval. Where one replaced the other, set \
                 `replaced_by` and close the old one.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["NHI9:2025", "CSF ID.AM-02", "SOC2 CC6.1"],
    },
    Check {
        id: CheckId(104),
        slug: "ambiguous-match",
        title: "Credential fits several records equally well",
        why: "The identifiers of the inventory do not tell which of several records this credential belongs to, so \
              owner, approval and reach cannot be stated for it with certainty.",
        remedy: "Record a fingerprint or a key id in the right record, and remove what is wrong in the others.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["CSF ID.AM-02", "CSF PR.AA-02"],
    },
    Check {
        id: CheckId(105),
        slug: "weak-match-only",
        title: "Record and credential are linked by a hint alone",
        why: "Only a few shown characters, a place or a name link the two. That is enough to suggest a record, and not \
              enough to prove anything with it; findings that rest on it stay warnings.",
        remedy: "Add the credential's fingerprint to the record: `keyward fingerprint --stdin` prints it without echo.",
        level: Level::Note,
        severity: 2.0,
        needs: "an inventory",
        taxa: &["CSF PR.AA-02", "CIS 5.5"],
    },
    Check {
        id: CheckId(106),
        slug: "unmatchable-entry",
        title: "Record without any identifier",
        why: "The record has no fingerprint, key id, hint, vault reference, location or variable. No scan can ever say \
              whether its credential is leaked, still used or gone.",
        remedy: "Add at least one identifier to the record; a keyed fingerprint is the strongest and gives nothing away.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["CSF ID.AM-02", "CCM IAM-03"],
    },
    Check {
        id: CheckId(107),
        slug: "inventory-export-stale",
        title: "Inventory export too old",
        why: "The export is older than the policy allows. What it says about owners, status and ends may no longer be \
              true, and a credential that is missing from it may have been recorded since.",
        remedy: "Export the inventory again, and automate the export so that it stays within `max_export_age_days`.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory that says when it was exported",
        taxa: &["CSF ID.AM-02", "CSF GV.OV-03", "ISO A.5.9"],
    },
    Check {
        id: CheckId(108),
        slug: "unknown-partner",
        title: "Partner in no register",
        why: "The record names a partner that the partner register does not know. Without a register entry there is no \
              contract, no contact and no criticality behind the access.",
        remedy: "Add the partner to the register, or correct the partner id of the record.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with partner records",
        taxa: &["CSF GV.SC-04", "CSF ID.AM-04", "ISO A.5.19", "CIS 15.1", "PCI 12.8.1"],
    },
    Check {
        id: CheckId(109),
        slug: "secret-in-inventory",
        title: "Inventory export holds a secret value",
        why: "A field of the export carries the secret itself. The export is now as dangerous as the credential, \
              wherever it was mailed, stored or committed.",
        remedy: "Rotate the credential, delete the export, and change the export so that it carries a fingerprint in \
                 place of the value.",
        level: Level::Error,
        severity: 8.0,
        needs: "an inventory",
        taxa: &["NHI2:2025", "CSF PR.DS-01", "ISO A.5.17", "PCI 8.3.2", "CWE-312"],
    },
    Check {
        id: CheckId(110),
        slug: "inventory-invalid",
        title: "Inventory row that cannot be used or contradicts itself",
        why: "A date cannot be read, a word is unknown, a required field is missing, or two fields cannot both be true. \
              A row that was set aside takes no part in matching, so that its credential may look unrecorded.",
        remedy: "Correct the row at its source. `keyward inventory lint` lists every fault with line and column.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["CSF ID.AM-02", "SOC2 CC2.1"],
    },
];
