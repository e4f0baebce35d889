//! Backstage catalogue files: who owns which component. They list no credentials; the nearest component
//! above a finding names its service and its owner.

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
        let (repository, folder) = location(node).unwrap_or_else(|| (String::new(), folder.clone()));
        let consumes = node.at(&["spec", "consumesApis"]).map_or(&[][..], Node::items);
        let at = intake.at(node.line, 0);
        intake.component(Component {
            entity: format!("{kind}:{namespace}/{name}"),
            owner: text(&["spec", "owner"]),
            lifecycle: text(&["spec", "lifecycle"]),
            consumes: consumes.iter().filter_map(Node::text).map(str::to_owned).collect(),
            repository,
            folder,
            at,
        });
        Ok(())
    })
}

/// Repository and folder by the annotations that Backstage gives what it has read: `url:` and an address in
/// the way of GitHub, GitLab, Bitbucket, Azure or Gitea.
fn location(node: &Node<'_>) -> Option<(String, String)> {
    let annotations = node.at(&["metadata", "annotations"])?;
    let named = |name: &str| annotations.get(name).and_then(Node::text);
    let text = named("backstage.io/source-location").or_else(|| named("backstage.io/managed-by-location"))?;
    place_of(text)
}

fn place_of(text: &str) -> Option<(String, String)> {
    const MARKS: [&str; 5] = ["/-/tree/", "/-/blob/", "/tree/", "/blob/", "/src/branch/"];
    let address = text.strip_prefix("url:")?.split(['?', '#']).next()?;
    let (at, mark) = MARKS.iter().filter_map(|mark| Some((address.find(mark)?, mark))).min_by_key(|(at, _)| *at)?;
    let repository = address[..at].rsplit('/').next().filter(|name| !name.is_empty())?;
    // After the name of a branch; one with a slash in it cannot be told from a folder.
    let (_, path) = address[at + mark.len()..].split_once('/').unwrap_or_default();
    let is_file = |name: &str| [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end));
    let folder = match path.rsplit_once('/') {
        Some((folder, last)) if is_file(last) => folder,
        None if is_file(path) => "",
        _ => path,
    };
    Some((repository.trim_end_matches(".git").to_owned(), folder.trim_matches('/').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::place_of;

    #[test]
    fn addresses_of_components() {
        for (address, place) in [
            ("url:https://github.com/acme/shop/tree/main/services/orders/", Some(("shop", "services/orders"))),
            ("url:https://github.com/acme/shop/blob/main/catalog-info.yaml", Some(("shop", ""))),
            ("url:https://github.com/acme/shop/tree/main/", Some(("shop", ""))),
            ("url:https://github.com/acme/shop/tree/main", Some(("shop", ""))),
            ("url:https://git.corp.example/a/b/shop/-/blob/main/api/catalog-info.yaml?x=1", Some(("shop", "api"))),
            ("url:https://gitea.corp.example/a/shop/src/branch/main/api/", Some(("shop", "api"))),
            ("file:/catalog/all.yaml", None),
            ("url:https://corp.example/catalog.yaml", None),
            ("url:/tree/", None),
        ] {
            let found = place_of(address);
            assert_eq!(found.as_ref().map(|(r, f)| (r.as_str(), f.as_str())), place, "{address}");
        }
    }
}
