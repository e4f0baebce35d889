//! WSO2 API Manager: applications with their keys and subscriptions. Unverified: the shape rests on
//! the product's published names, not on a seen export.
//!
//! A subscription that is blocked in production only is revoked there and alive in the sandbox.

use super::InventoryError;
use super::intake::{Draft, Intake};
use super::node::Node;
use super::shape;
use crate::inventory::Status;
use crate::inventory::field::overall;

const LISTS: [&str; 2] = ["list", "applications"];
const STATUS: &[(&str, Status)] = &[
    ("UNBLOCKED", Status::Active),
    ("APPROVED", Status::Active),
    ("BLOCKED", Status::Suspended),
    ("PROD_ONLY_BLOCKED", Status::Active),
    ("ON_HOLD", Status::Requested),
    ("CREATED", Status::Requested),
    ("TIER_UPDATE_PENDING", Status::Active),
    ("DELETE_PENDING", Status::Suspended),
    ("REJECTED", Status::Revoked),
    ("REVOKED", Status::Revoked),
];

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        n.has("applicationId") || (n.has("consumerKey") && n.has("keyType")) || n.has("subscriptionId")
    })
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    intake.remark(1, "", "the WSO2 importer is unverified: compare its records with the export");
    shape::each(root, &LISTS, &mut |app| {
        if app.has("consumerKey") {
            key(intake.draft_of(app)?, app, app);
        }
        for node in app.any(&["keys", "applicationKeys"]).into_iter().flat_map(Node::rows) {
            key(intake.draft_of(&node)?, &node, app);
        }
        Ok(())
    })
}

fn key(mut draft: Draft<'_, '_>, node: &Node<'_>, app: &Node<'_>) {
    draft.put_text("kind", "oauth_client_secret");
    draft.put_text("direction", "inbound");
    draft.tags(app.get("attributes"));
    draft.put("client_ids", node.get("consumerKey"));
    draft.secret_at(node, "consumerSecret");
    draft.put("credential_owner", app.get("owner"));
    draft.put("issued_at", app.any(&["createdTime", "createdAt"]));
    let token = node.get("token").unwrap_or(node);
    let scopes = token.any(&["tokenScopes", "scopes"]).or(app.get("subscriptionScopes"));
    draft.put("scopes", scopes.filter(|s| s.items().iter().all(|i| i.text().is_some())));
    let environment = match node.text_of("keyType") {
        "PRODUCTION" => "prod",
        "SANDBOX" => "sandbox",
        _ => "",
    };
    if !environment.is_empty() && draft.record.environments.is_empty() {
        draft.record.environments.push(environment.into());
    }
    let subscriptions = || app.get("subscriptions").into_iter().flat_map(Node::rows);
    draft.record.apis =
        subscriptions().filter_map(|s| s.any(&["apiName", "apiId"]).and_then(Node::text).map(Into::into)).collect();
    if subscriptions().any(|s| s.text_of("status") == "REJECTED") {
        draft.record.refused = Some(true);
    }
    let known = |word: &str| STATUS.iter().find(|(w, _)| *w == word).map(|(_, status)| *status);
    let words: Vec<String> = subscriptions().map(|s| s.text_of("status").to_owned()).collect();
    if words.is_empty() {
        draft.put_status(node.any(&["keyState"]).or(app.get("status")), STATUS);
    } else if words.iter().all(|w| w == "PROD_ONLY_BLOCKED") {
        let both = [("prod", Status::Revoked), ("sandbox", Status::Active)];
        draft.record.status_by_environment = both.map(|(e, s)| (e.to_owned(), s)).into();
        let here = both.iter().find(|(e, _)| *e == environment).map(|(_, s)| *s);
        draft.record.status = here.or(Some(Status::Active));
    } else {
        draft.record.status = overall(words.iter().filter_map(|w| known(w))).or(Some(Status::Unknown));
    }
    draft.lives_on();
    let id = app.any(&["applicationId", "name"]).and_then(Node::text).unwrap_or_default();
    let id = [id, node.text_of("keyType"), node.text_of("keyMappingId")]
        .iter()
        .filter(|p| !p.is_empty())
        .copied()
        .collect::<Vec<_>>();
    draft.finish_as(&id.join(":"));
}
