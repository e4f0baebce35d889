//! What refers to a credential without being it: how healthy code uses it.

use arcstr::ArcStr;

use super::record::Record;

/// Shorter names stand everywhere.
const SHORTEST: usize = 5;

/// The texts by which code refers to a record's credential: its variables, the path of its vault
/// entry, the addresses of its APIs. Each with what the record calls it.
pub fn references_of(record: &Record) -> Vec<(&str, String)> {
    let mut all: Vec<(&str, String)> = record.env_vars.iter().map(|v| (v.as_str(), v.trim().to_owned())).collect();
    let vault = record.vault_ref.trim();
    let path = vault.split_once("://").map_or(vault, |(_, rest)| rest);
    let path = path.split(['#', '?']).next().unwrap_or_default().trim_matches('/');
    if path.contains(['/', ':']) {
        all.push((vault, path.to_owned()));
        // The same entry by the address of the vault's second version of its store.
        if let Some((mount, rest)) = path.split_once('/').filter(|(_, rest)| !rest.starts_with("data/")) {
            all.push((vault, format!("{mount}/data/{rest}")));
        }
    }
    let is_address = |api: &&ArcStr| api.contains('.') && !api.contains(char::is_whitespace);
    for api in record.apis.iter().chain(&record.approved_apis).filter(is_address) {
        let address = api.split_once("://").map_or(api.as_str(), |(_, rest)| rest);
        all.push((api, address.trim_end_matches(['/', '*']).to_owned()));
    }
    all.retain(|(_, text)| text.len() >= SHORTEST && !text.contains(char::is_control));
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use thin_vec::thin_vec;

    use super::*;

    #[test]
    fn variables_vault_paths_and_addresses() {
        let record = Record {
            env_vars: thin_vec!["ACME_API_KEY".into(), "KEY".into()],
            vault_ref: "vault://kv/partners/acme#api_key".into(),
            apis: thin_vec!["https://api.acme.example/v2/*".into(), "orders-read".into()],
            ..Record::default()
        };
        let texts: Vec<String> = references_of(&record).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["ACME_API_KEY", "api.acme.example/v2", "kv/data/partners/acme", "kv/partners/acme"]);
    }
}
