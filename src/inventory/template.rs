//! An inventory to fill in: `keyward inventory template`.
//!
//! One example row, in each of the three forms, with the minimal profile or with every field. What it
//! writes is read back without a complaint.

use super::field::{Field, PARTNER, Slot, record_fields};
use super::record::{Partner, Record};

/// The forms of keyward's own inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateFormat {
    /// One table of credentials.
    Csv,
    /// Partners and credentials.
    Json,
    /// Partners and credentials, with comments.
    Yaml,
}

impl TemplateFormat {
    /// The form of this name.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "yaml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// The digest of an example value that is published with the fingerprint's definition.
const EXAMPLE_DIGEST: &str = "hmac-sha256:c4237cf8:bd3d0fbe58ef21e76832b44e5666c0eb65f64419afe2d6b21aecdbd250c98bb5";

/// The example's values; fields without one stay empty.
const EXAMPLES: &[(&str, &str)] = &[
    ("id", "acme-orders-prod"),
    ("partner_id", "acme"),
    ("kind", "api_key"),
    ("direction", "outbound"),
    ("status", "active"),
    ("environments", "prod"),
    ("mode", "live"),
    ("purpose", "create shipment orders from checkout"),
    ("use_case_status", "active"),
    ("api_owner", "team/checkout"),
    ("credential_owner", "team/integrations"),
    ("requested_by", "people/omar"),
    ("requested_at", "2026-01-28"),
    ("approved_by", "people/lena"),
    ("approved_at", "2026-02-03"),
    ("approval_system", "itsm"),
    ("approval_ref", "CHG0041277"),
    ("approved_scopes", "orders:write;tracking:read"),
    ("approved_apis", "api.acme.example/v2/orders"),
    ("data_classes", "customer;pii"),
    ("regions", "eu"),
    ("issued_at", "2026-02-04"),
    ("expires_at", "2027-02-04"),
    ("expiry_enforced", "true"),
    ("last_recertified_at", "2026-08-02"),
    ("recertified_by", "people/lena"),
    ("offboarding_runbook", "docs/offboarding/acme.md"),
    ("offboarding_method", "api"),
    ("offboarding_team", "team/integrations"),
    ("fingerprints", EXAMPLE_DIGEST),
    ("hint", "acme_live_...0001"),
    ("vault_ref", "vault://kv/partners/acme#api_key"),
    ("env_vars", "ACME_API_KEY"),
];

const PARTNER_EXAMPLES: &[(&str, &str)] = &[
    ("id", "acme"),
    ("name", "Acme Logistics"),
    ("kind", "supplier"),
    ("criticality", "high"),
    ("contract_end", "2027-03-31"),
    ("business_owner", "people/ines"),
    ("security_contact", "security@acme.example"),
    ("hosts", "api.acme.example"),
    ("auth_models", "static_key;oauth_client_credentials"),
];

/// A template in one of the forms, with the minimal profile or with every field.
pub fn template(format: TemplateFormat, full: bool) -> String {
    let fields = || record_fields().filter(move |f| full || f.minimal);
    match format {
        TemplateFormat::Csv => {
            let names: Vec<_> = fields().map(|f| f.name).collect();
            let values: Vec<_> = fields().map(|f| example(EXAMPLES, f.name)).collect();
            format!("{}\n{}\n", names.join(","), values.join(","))
        }
        TemplateFormat::Yaml => yaml(full),
        TemplateFormat::Json => {
            let partner = PARTNER.iter().filter(|f| full || f.minimal);
            let partner: Vec<_> = partner.map(|f| json_line(f, PARTNER_EXAMPLES)).collect();
            let credential: Vec<_> = fields().map(|f| json_line(f, EXAMPLES)).collect();
            format!(
                "{{\n  \"keyward_inventory\": 1,\n  \"generated_at\": \"2026-11-20T06:00:00Z\",\n  \"partners\": [\n    {{\n{}\n    }}\n  ],\n  \
                 \"credentials\": [\n    {{\n{}\n    }}\n  ]\n}}\n",
                partner.join(",\n"),
                credential.join(",\n")
            )
        }
    }
}

/// A table with these columns; cells are quoted where CSV asks for it.
pub fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let cell = |text: &str| {
        if text.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    let mut out = format!("{}\n", columns.join(","));
    for row in rows {
        out.push_str(&row.iter().map(|text| cell(text)).collect::<Vec<_>>().join(","));
        out.push('\n');
    }
    out
}

fn example(examples: &'static [(&str, &str)], name: &str) -> &'static str {
    examples.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
}

fn yaml(full: bool) -> String {
    let mut out = "keyward_inventory: 1\ngenerated_at: 2026-11-20T06:00:00Z\npartners:\n".to_owned();
    for (i, field) in PARTNER.iter().filter(|f| full || f.minimal).enumerate() {
        out.push_str(&yaml_line(i, field, PARTNER_EXAMPLES));
    }
    out.push_str("credentials:\n");
    for (i, field) in record_fields().filter(|f| full || f.minimal).enumerate() {
        out.push_str(&yaml_line(i, field, EXAMPLES));
    }
    out
}

fn yaml_line<T: Listed>(number: usize, field: &Field<T>, examples: &'static [(&str, &str)]) -> String {
    let lead = if number == 0 { "  - " } else { "    " };
    let value = example(examples, field.name);
    let quoted = |v: &str| if v.contains([':', '#', ' ']) { format!("\"{v}\"") } else { v.to_owned() };
    let value = match value {
        "" => String::new(),
        v if is_list(field) => format!(" [{}]", v.split(';').map(quoted).collect::<Vec<_>>().join(", ")),
        v => format!(" {}", quoted(v)),
    };
    format!("{lead}{}:{value} # {}\n", field.name, field.takes())
}

fn json_line<T: Listed>(field: &Field<T>, examples: &'static [(&str, &str)]) -> String {
    let quoted = |v: &str| format!("\"{v}\"");
    let value = match example(examples, field.name) {
        "" => "null".to_owned(),
        v if is_list(field) => format!("[{}]", v.split(';').map(quoted).collect::<Vec<_>>().join(", ")),
        v @ ("true" | "false") => v.to_owned(),
        v => quoted(v),
    };
    format!("      \"{}\": {value}", field.name)
}

/// Types whose fields a template can show.
trait Listed {}
impl Listed for Record {}
impl Listed for Partner {}

fn is_list<T: Listed>(field: &Field<T>) -> bool {
    matches!(field.slot, Slot::List(_) | Slot::Words(..))
        || matches!(field.name, "fingerprints" | "environments" | "jwt_ids")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::import::tests::load_texts;

    #[test]
    fn every_form_reads_back_alike() {
        for full in [false, true] {
            let forms =
                [("t.csv", TemplateFormat::Csv), ("t.json", TemplateFormat::Json), ("t.yaml", TemplateFormat::Yaml)];
            let mut records = forms.map(|(name, form)| {
                let inventory = load_texts(&[(name, &template(form, full))]).unwrap();
                assert_eq!((inventory.errors, inventory.remarks), (vec![], vec![]), "{name}");
                assert_eq!(inventory.records.len(), 1);
                inventory.records.into_iter().next().unwrap()
            });
            for record in &mut records {
                record.at = crate::inventory::RecordRef::default();
            }
            assert_eq!(records[0], records[1]);
            assert_eq!(records[0], records[2]);
        }
    }
}
