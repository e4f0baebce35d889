//! `KW7xx`: scope, endpoints, data, geography.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(701),
        slug: "scope-wider-than-approved",
        title: "Reaches further than approved",
        why: "The scopes that the source exports or the token claims are not among the approved ones. The \
               credential can do what nobody allowed.",
        remedy: "Reduce the scopes at the issuing system, or have the wider reach approved.",
        level: Level::Error,
        severity: 7.5,
        needs: "approved scopes in the inventory, and scopes that the export or the credential tells",
        taxa: &[
            "NHI5:2025", "CSF PR.AA-05", "SP800-207 tenet 4", "ISO A.5.15", "ISO A.8.3", "SOC2 CC6.3", "PCI 7.2.5",
            "PCI 8.2.4",
        ],
    },
    Check {
        id: CheckId(702),
        slug: "scope-undeclared",
        title: "No approved scopes",
        why: "The record does not say what the credential may reach. Nobody can tell whether it reaches too far.",
        remedy: "Record the scopes that were approved. If none were, have them approved now.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["NHI5:2025", "CSF PR.AA-05", "CIS 6.8"],
    },
    Check {
        id: CheckId(703),
        slug: "wildcard-or-admin",
        title: "Reaches everything",
        why: "The credential has a wildcard, an administrator's scope or admin access. If it leaks, everything \
               behind it is open.",
        remedy: "Replace it with a credential that has only the scopes of its use case.",
        level: Level::Warning,
        severity: 5.0,
        needs: "scopes or access mode in the inventory, or scopes that the credential claims",
        taxa: &["NHI5:2025", "CSF PR.AA-05", "ISO A.8.2"],
    },
    Check {
        id: CheckId(704),
        slug: "write-where-read-approved",
        title: "May write, though only reading was approved",
        why: "Only reading was approved, and the credential can change, send or delete. It can trigger actions \
               downstream that nobody agreed to.",
        remedy: "Issue a credential that can only read, and revoke this one.",
        level: Level::Error,
        severity: 7.5,
        needs: "access mode or approved scopes in the inventory, and scopes that the export or the credential tells",
        taxa: &["NHI5:2025", "CSF PR.AA-05", "SOC2 CC6.3"],
    },
    Check {
        id: CheckId(706),
        slug: "data-class-undeclared",
        title: "No data class",
        why: "The record does not say which classes of data the credential reaches. Limits, reviews and the gravity \
               of a leak all depend on it.",
        remedy: "Record the data classes: public, internal, confidential, customer, pii, phi, pci, financial, secret.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory",
        taxa: &["CSF ID.AM-07", "ISO A.5.12", "SOC2 CC6.1", "AI RMF GOVERN 1.6"],
    },
    Check {
        id: CheckId(707),
        slug: "data-class-exceeds",
        title: "Reaches other data than approved",
        why: "The credential reaches classes of data that were not approved, or personal and regulated data without \
               a statement of what is needed of it.",
        remedy: "Limit the access to the approved data and state the fields that are needed.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with data classes",
        taxa: &["CSF ID.AM-07", "ISO A.5.34", "SOC2 CC6.7", "NHI5:2025"],
    },
    Check {
        id: CheckId(708),
        slug: "cross-border",
        title: "Sensitive data across borders",
        why: "Personal or regulated data is reached, and the region of processing is not recorded, not permitted, \
               or without a legal basis for the transfer.",
        remedy: "Record the regions and the legal basis, or keep the processing within the permitted regions.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with data classes and regions",
        taxa: &["CSF GV.OC-03", "CSF ID.AM-07", "ISO A.5.31", "ISO A.5.34", "ISO A.5.14", "SOC2 CC6.7"],
    },
    Check {
        id: CheckId(710),
        slug: "wrong-audience",
        title: "Token of another issuer or for another audience",
        why: "The token claims an issuer or an audience that the recorded partner does not have. It may belong to \
               another partner, or be accepted where it should not.",
        remedy: "Check whose token it is. Correct the record, or the issuers and audiences of the partner.",
        level: Level::Warning,
        severity: 5.0,
        needs: "what the token claims, and issuers or audiences of the partner",
        taxa: &["NHI4:2025", "CSF PR.AA-04", "SP800-207 tenet 6"],
    },
];
