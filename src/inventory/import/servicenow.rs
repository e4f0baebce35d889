//! `ServiceNow` CMDB lists (CSV), by field names or by the labels that lists are exported with.
//!
//! Unverified: every instance has columns of its own. `u_` columns are taken where they name a field;
//! for the rest declare a mapping. Times are the instance's local ones and are read as UTC.

use super::InventoryError;
use super::intake::Intake;
use super::table::{Header, Table};
use crate::inventory::Status;

const STATUS: &[(&str, Status)] = &[
    ("1", Status::Active),
    ("operational", Status::Active),
    ("2", Status::Suspended),
    ("non-operational", Status::Suspended),
    ("3", Status::Suspended),
    ("repair in progress", Status::Suspended),
    ("4", Status::Active),
    ("dr standby", Status::Active),
    ("5", Status::Approved),
    ("ready", Status::Approved),
    ("6", Status::Archived),
    ("retired", Status::Archived),
];

pub(super) fn recognises(header: &Header) -> bool {
    header.has(&["sys_id"])
        && (header.has(&["sys_class_name"]) || header.has(&["operational_status"]) || header.has(&["name"]))
}

pub(super) fn read(table: Table<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    intake.remark(1, "", "the ServiceNow importer is unverified: declare a mapping for columns of your instance");
    table.each(intake, |intake, row| {
        let mut draft = intake.draft(row.line)?;
        draft.put_text("credential_owner", row.any(&["owned_by", "support_group", "assigned_to"]));
        draft.put_text("api_owner", row.any(&["managed_by"]));
        draft.put_text("partner_id", row.any(&["vendor", "company", "manufacturer"]));
        draft.put_text("purpose", row.any(&["short_description", "purpose"]));
        draft.put_status_text(row.any(&["operational_status", "operational_status_label"]), STATUS);
        for (i, name) in row.header().names.iter().enumerate() {
            if let Some(own) = name.strip_prefix("u_")
                && !row.cell(i).is_empty()
            {
                match own {
                    "fingerprints" | "fingerprint" => draft.put_text("fingerprints", row.cell(i)),
                    "key_id" => draft.put_text("key_id", row.cell(i)),
                    _ => draft.tag(own, row.cell(i)),
                }
            }
        }
        draft.finish_as(row.get("sys_id"));
        Ok(())
    })
}
