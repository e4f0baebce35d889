//! AWS Secrets Manager: `list-secrets`. Knows where a value is kept, never the value.
//!
//! `Type` names the partner of a managed external secret; `OwningService` is an AWS service and no
//! owner. A secret with `DeletedDate` is revoked, and recoverable until its window ends.

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use crate::inventory::Status;

const LISTS: [&str; 1] = ["SecretList"];

/// Types of managed external secrets: what they start with, the partner, and the kind.
const TYPES: &[(&str, &str, &str)] = &[
    ("Salesforce", "salesforce", "oauth_client_secret"),
    ("SnowflakeKeyPair", "snowflake", "signing_key"),
    ("SnowflakePat", "snowflake", "access_token"),
    ("BigID", "bigid", "oauth_client_secret"),
    ("Confluent", "confluent", "api_key_pair"),
    ("Datadog", "datadog", "api_key"),
    ("GitLab", "gitlab", "access_token"),
    ("MongoDBAtlasDatabaseUser", "mongodb", "db_password"),
    ("MongoDBAtlas", "mongodb", "oauth_client_secret"),
    ("Paddle", "paddle", "api_key"),
    ("DatabricksPAT", "databricks", "access_token"),
    ("Databricks", "databricks", "oauth_client_secret"),
    ("Jenkins", "jenkins", "access_token"),
    ("Netskope", "netskope", "access_token"),
    ("Cisco", "cisco", "api_key"),
];

pub(super) fn recognises(root: &Node<'_>) -> bool {
    root.has("SecretList") || shape::starts_with(root, &LISTS, |n| n.text_of("ARN").contains(":secretsmanager:"))
}

/// The days of `rate(30 days)`; a schedule by the calendar has no such number.
fn days_of(schedule: &str) -> Option<u32> {
    let (number, unit) = schedule.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    unit.starts_with("day").then(|| number.parse().ok()).flatten()
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |node| {
        let mut draft = intake.draft_of(node)?;
        draft.tags(node.get("Tags"));
        let managed = TYPES.iter().find(|(start, ..)| node.text_of("Type").starts_with(start));
        if let Some((_, partner, kind)) = managed {
            draft.tag("partner_id", partner);
            draft.put_text("kind", kind);
        }
        draft.put("purpose", node.get("Description").filter(|_| draft.record.purpose.is_empty()));
        draft.put("vault_ref", node.get("ARN"));
        draft.put("issued_at", node.get("CreatedDate"));
        draft.put("last_rotated_at", node.any(&["LastRotatedDate", "LastChangedDate"]));
        draft.put("last_used_at", node.get("LastAccessedDate"));
        draft.put("regions", node.get("PrimaryRegion"));
        if node.truth_of("RotationEnabled") != Some(false) {
            draft.put("rotation_days", node.at(&["RotationRules", "AutomaticallyAfterDays"]));
            let schedule = node.at(&["RotationRules", "ScheduleExpression"]).and_then(Node::text).unwrap_or_default();
            draft.record.rotation_days = draft.record.rotation_days.or(days_of(schedule));
        }
        let deleted = node.get("DeletedDate");
        draft.put("revoked_at", deleted);
        draft.record.status = Some(if deleted.is_some() { Status::Revoked } else { Status::Active });
        draft.secret_at(node, "SecretString");
        draft.lives_on();
        let id = node.any(&["ARN", "Name"]).and_then(Node::text).unwrap_or_default().to_owned();
        draft.finish_as(&id);
        Ok(())
    })
}
