//! Gravitee API keys, in clear. Their `hash` is an MD5 and is not kept.

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use crate::inventory::Status;
use crate::inventory::field::overall;

const LISTS: [&str; 2] = ["data", "keys"];

/// States of subscriptions, where they are written out. Unverified.
const STATES: [(&str, Status); 5] = [
    ("PENDING", Status::Requested),
    ("ACCEPTED", Status::Active),
    ("PAUSED", Status::Suspended),
    ("REJECTED", Status::Revoked),
    ("CLOSED", Status::Revoked),
];

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        n.has("key")
            && (n.has("subscriptions")
                || n.has("daysToExpirationOnLastNotification")
                || (n.has("revoked") && n.has("paused")))
    })
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    intake.remark(1, "", "the states of subscriptions are unverified: compare the records with the export");
    shape::each(root, &LISTS, &mut |node| {
        let mut draft = intake.draft_of(node)?;
        draft.put_text("kind", "api_key");
        draft.put_text("direction", "inbound");
        draft.secret_at(node, "key");
        draft.put("issued_at", node.get("created_at"));
        draft.until_or_never(node.get("expire_at"));
        draft.record.expiry_enforced = Some(true);
        draft.put("revoked_at", node.get("revoked_at"));
        let is = |key: &str| node.truth_of(key) == Some(true);
        let plans = || node.get("subscriptions").into_iter().flat_map(Node::rows);
        let state = |plan: &Node<'_>| {
            let word = plan.text_of("status");
            STATES.iter().find(|(known, _)| word.eq_ignore_ascii_case(known)).map(|(_, status)| *status)
        };
        let of_plans = overall(plans().filter_map(|plan| state(&plan)));
        let status = if is("revoked") {
            Status::Revoked
        } else if is("expired") {
            Status::Expired
        } else if is("paused") {
            Status::Suspended
        } else {
            of_plans.unwrap_or(Status::Active)
        };
        if let Some(environment) = node.get("environmentId").and_then(Node::text).filter(|e| *e != "DEFAULT") {
            draft.tag("environments", environment);
        }
        draft.record.status = Some(status);
        let apis = plans().filter_map(|s| {
            s.any(&["api", "plan"]).and_then(|n| n.text().or(Some(n.text_of("name"))).map(str::to_owned))
        });
        draft.record.apis = apis.filter(|a| !a.is_empty()).map(Into::into).collect();
        draft.finish_as(node.text_of("id"));
        Ok(())
    })
}
