//! `KW9xx`: location, channel, method, integrity.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(901),
        slug: "vaulted-but-plaintext",
        title: "Credential of a vault in plain text",
        why: "The record says that the credential is kept in a vault, and here it stands in plain text. The vault \
              protects nothing as long as a copy lies beside it.",
        remedy: "Rotate the credential in the vault, and let the code read it from there.",
        level: Level::Error,
        severity: 7.5,
        needs: "an inventory with vault references, and a match",
        taxa: &["NHI2:2025", "CSF PR.DS-01", "ISO A.5.17", "PCI 8.3.2"],
    },
    Check {
        id: CheckId(902),
        slug: "outside-declared-location",
        title: "Credential outside its declared locations",
        why: "The record lists where the credential is used, and this place is not among them. Either a copy was made \
              that nobody approved, or the record is out of date.",
        remedy: "Remove the copy, or have the new use approved and add it to the record.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with declared locations, and a match",
        taxa: &["NHI2:2025", "CSF ID.AM-03", "ISO A.8.9"],
    },
    Check {
        id: CheckId(903),
        slug: "location-drift",
        title: "Another credential at the declared place",
        why: "At a place that a record declares stands a credential that is not the recorded one. It was replaced \
               without the record, or somebody put their own there.",
        remedy: "Find out whose it is. Record the new value's fingerprint and revoke the old one, or remove it.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory with declared locations and identifiers",
        taxa: &["CSF ID.AM-02", "CSF ID.AM-08", "SOC2 CC7.1"],
    },
    Check {
        id: CheckId(904),
        slug: "ad-hoc-channel",
        title: "Credential passed around informally",
        why: "The credential stands in documentation, a mail or chat export, a ticket, a notebook, a recording, a \
               collection of an API client, a shell history or a spreadsheet. These files are made to be shared.",
        remedy: "Rotate the credential, remove it there, and hand credentials over by a vault alone.",
        level: Level::Error,
        severity: 7.5,
        needs: "a scan",
        taxa: &["NHI2:2025", "NHI10:2025", "ISO A.5.14", "SOC2 CC6.7"],
    },
    Check {
        id: CheckId(907),
        slug: "vendor-controlled-connector",
        title: "Connector that only its vendor controls",
        why: "An embedded connector holds its key at the vendor, and on this side nobody owns the data, nobody can \
               cut it off, or nobody knows whom to call. The exposure is ours, the control is theirs.",
        remedy: "Name an owner of the data, a switch to cut the connector off, and the vendor's contact.",
        level: Level::Warning,
        severity: 5.0,
        needs: "an inventory that describes connectors",
        taxa: &[
            "NHI3:2025", "CSF GV.SC-02", "CSF GV.SC-07", "CSF DE.CM-06", "SOC2 CC9.2", "ISO A.5.22",
            "AI RMF GOVERN 6.1",
        ],
    },
    Check {
        id: CheckId(908),
        slug: "gate-weakened",
        title: "Judge changed together with what is judged",
        why: "One change brings credentials and alters the policy, the exceptions, the baseline or the inventory \
               that decide on them. What silences a finding must not come with it.",
        remedy: "Put the governance files into a change of their own, reviewed by their owners.",
        level: Level::Warning,
        severity: 5.0,
        needs: "a range of commits to judge",
        taxa: &["CSF GV.PO-01", "SOC2 CC7.1", "CSF PR.PS-06"],
    },
];
