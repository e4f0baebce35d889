//! AWS API Gateway: `get-api-keys` (JSON) and the import format for keys (CSV, carries them in clear).
//!
//! Keys have no end, no owner and no scope; tags, and the columns that teams add to the CSV because
//! unknown ones are ignored there, may tell.

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use super::table::{Header, Table};
use crate::inventory::Status;

const LISTS: [&str; 2] = ["items", "item"];
const STATUS: &[(&str, Status)] = &[("true", Status::Active), ("false", Status::Suspended)];

pub(super) fn recognises_tree(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        let in_a_plan = n.text_of("type") == "API_KEY" && n.has("id");
        in_a_plan
            || n.has("id") && n.has("stageKeys")
            || (n.has("enabled") && n.has("createdDate") && n.has("lastUpdatedDate"))
    })
}

pub(super) fn recognises_table(header: &Header) -> bool {
    header.has(&["name", "key"])
        && (header.names.len() == 2 || header.has(&["usageplanids"]) || header.has(&["enabled"]))
}

pub(super) fn read_tree(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |node| {
        let mut draft = intake.draft_of(node)?;
        draft.put_text("kind", "api_key");
        draft.put_text("direction", "inbound");
        draft.tags(node.get("tags"));
        draft.secret_at(node, "value");
        draft.put("purpose", node.get("description").filter(|_| draft.record.purpose.is_empty()));
        draft.put_status(node.get("enabled"), STATUS);
        draft.put("issued_at", node.get("createdDate"));
        draft.put("apis", node.get("stageKeys"));
        draft.put("tenants", node.get("customerId"));
        draft.lives_on();
        draft.finish_as(node.text_of("id"));
        Ok(())
    })
}

pub(super) fn read_table(table: Table<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    table.each(intake, |intake, row| {
        let mut draft = intake.draft(row.line)?;
        draft.put_text("kind", "api_key");
        draft.put_text("direction", "inbound");
        draft.secret("key", row.get("key"), false);
        draft.put_status_text(row.get("enabled"), STATUS);
        for (i, name) in row.header().names.iter().enumerate() {
            match name.as_str() {
                "name" | "key" | "enabled" => {}
                "description" => draft.put_text("purpose", row.cell(i)),
                "usageplanids" => draft.put_text("apis", &row.cell(i).replace(',', ";")),
                _ if row.cell(i).is_empty() => {}
                _ => draft.tag(name, row.cell(i)),
            }
        }
        draft.lives_on();
        draft.finish_as(row.get("name"));
        Ok(())
    })
}
