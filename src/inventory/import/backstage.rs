//! Backstage catalogue files: who owns which component. They list no credentials; the nearest file
//! above a finding names its owner.

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use crate::inventory::record::Component;

const LISTS: [&str; 1] = ["items"];

fn is_entity(node: &Node<'_>) -> bool {
    node.text_of("apiVersion").starts_with("backstage.io/") && node.has("kind")
}

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, is_entity)
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    let folder = intake.file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    shape::each(root, &LISTS, &mut |node| {
        let kind = node.text_of("kind").to_ascii_lowercase();
        if !is_entity(node) || !matches!(kind.as_str(), "component" | "api" | "resource" | "system") {
            return Ok(());
        }
        let text = |path: &[&str]| node.at(path).and_then(Node::text).unwrap_or_default().to_owned();
        let name = text(&["metadata", "name"]);
        let namespace =
            Some(text(&["metadata", "namespace"])).filter(|n| !n.is_empty()).unwrap_or_else(|| "default".to_owned());
        if name.is_empty() {
            intake.set_aside(node.line, "id", "an entity without its name");
            return Ok(());
        }
        let consumes = node.at(&["spec", "consumesApis"]).map_or(&[][..], Node::items);
        let at = intake.at(node.line, 0);
        intake.component(Component {
            entity: format!("{kind}:{namespace}/{name}"),
            owner: text(&["spec", "owner"]),
            lifecycle: text(&["spec", "lifecycle"]),
            consumes: consumes.iter().filter_map(Node::text).map(str::to_owned).collect(),
            folder: folder.clone(),
            at,
        });
        Ok(())
    })
}
