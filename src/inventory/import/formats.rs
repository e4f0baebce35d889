//! The table of export formats, in the order in which they are tried.

use super::intake::Intake;
use super::node::Node;
use super::table::{Header, Table};
use super::{
    InventoryError, apigee, aws_api_gateway, aws_iam, aws_secrets_manager, azure_apim, azure_key_vault, backstage,
    canonical, cyberark, entra, gcp_api_keys, gcp_secret_manager, gcp_service_account_keys, github, gravitee, hmsl,
    kong, okta, servicenow, tyk, vault, wso2,
};

/// Reads a table whose header was recognised.
type ReadTable = fn(Table<'_>, &mut Intake<'_>) -> Result<(), InventoryError>;
/// Reads a tree that was recognised.
type ReadTree = fn(&Node<'_>, &mut Intake<'_>) -> Result<(), InventoryError>;

/// Whether a header is the format's.
type IsTable = fn(&Header) -> bool;
/// Whether a tree is the format's.
type IsTree = fn(&Node<'_>) -> bool;

/// One export format: its name, what it is, and how it is recognised and read.
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) table: Option<(IsTable, ReadTable)>,
    pub(super) tree: Option<(IsTree, ReadTree)>,
    /// Neither: lines of text.
    pub(super) lines: Option<ReadLines>,
}

/// How a format of lines is recognised and read.
type ReadLines = (fn(&str) -> bool, fn(&str, &mut Intake<'_>) -> Result<(), InventoryError>);

const fn tree(name: &'static str, title: &'static str, is: IsTree, read: ReadTree) -> Format {
    Format { name, title, table: None, tree: Some((is, read)), lines: None }
}

const fn table(name: &'static str, title: &'static str, is: IsTable, read: ReadTable) -> Format {
    Format { name, title, table: Some((is, read)), tree: None, lines: None }
}

const fn both(
    name: &'static str,
    title: &'static str,
    (is_tree, tree): (IsTree, ReadTree),
    (is_table, table): (IsTable, ReadTable),
) -> Format {
    Format { name, title, table: Some((is_table, table)), tree: Some((is_tree, tree)), lines: None }
}

pub(super) static FORMATS: &[Format] = &[
    both(
        "keyward",
        "keyward's own inventory: CSV, JSON or YAML",
        (canonical::recognises_tree, canonical::read_tree),
        (canonical::recognises_table, canonical::read_table),
    ),
    both(
        "aws-iam",
        "AWS IAM: list-access-keys (JSON) or credential report (CSV)",
        (aws_iam::recognises_tree, aws_iam::read_tree),
        (aws_iam::recognises_table, aws_iam::read_table),
    ),
    tree(
        "aws-secrets-manager",
        "AWS Secrets Manager: list-secrets",
        aws_secrets_manager::recognises,
        aws_secrets_manager::read,
    ),
    both(
        "aws-api-gateway",
        "AWS API Gateway: get-api-keys (JSON) or the key import format (CSV)",
        (aws_api_gateway::recognises_tree, aws_api_gateway::read_tree),
        (aws_api_gateway::recognises_table, aws_api_gateway::read_table),
    ),
    tree("apigee", "Apigee developer apps", apigee::recognises, apigee::read),
    tree("azure-apim", "Azure API Management subscriptions", azure_apim::recognises, azure_apim::read),
    tree("kong", "Kong declarative file or deck dump (YAML, JSON)", kong::recognises, kong::read),
    tree(
        "gcp-service-account-keys",
        "Google Cloud service-account keys",
        gcp_service_account_keys::recognises,
        gcp_service_account_keys::read,
    ),
    tree("entra", "Microsoft Entra applications and service principals", entra::recognises, entra::read),
    tree(
        "github",
        "GitHub tokens, credential authorisations, app installations, audit log",
        github::recognises,
        github::read,
    ),
    tree("vault-kv", "HashiCorp Vault KV version 2 metadata", vault::recognises_metadata, vault::read_metadata),
    tree("vault-radar", "HashiCorp Vault Radar index (JSON lines)", vault::recognises_radar, vault::read_radar),
    tree("okta", "Okta API tokens", okta::recognises, okta::read),
    tree("tyk", "Tyk keys (session objects)", tyk::recognises, tyk::read),
    tree("gravitee", "Gravitee API keys (states of subscriptions unverified)", gravitee::recognises, gravitee::read),
    tree("wso2", "WSO2 API Manager applications and keys (unverified)", wso2::recognises, wso2::read),
    both(
        "cyberark",
        "CyberArk accounts (JSON) or bulk upload (CSV)",
        (cyberark::recognises_tree, cyberark::read_tree),
        (cyberark::recognises_table, cyberark::read_table),
    ),
    table("servicenow", "ServiceNow CMDB list (CSV, unverified)", servicenow::recognises, servicenow::read),
    tree("backstage", "Backstage catalogue: owners of components", backstage::recognises, backstage::read),
    tree("gcp-api-keys", "Google Cloud API keys", gcp_api_keys::recognises, gcp_api_keys::read),
    tree(
        "gcp-secret-manager",
        "Google Cloud Secret Manager secrets",
        gcp_secret_manager::recognises,
        gcp_secret_manager::read,
    ),
    tree("azure-key-vault", "Azure Key Vault secret list", azure_key_vault::recognises, azure_key_vault::read),
    Format {
        name: "hmsl",
        title: "GitGuardian HasMySecretLeaked digests, one a line",
        table: None,
        tree: None,
        lines: Some((hmsl::recognises, hmsl::read)),
    },
];

/// Names of the formats that can be read, and what they are.
pub fn formats() -> &'static [(&'static str, &'static str)] {
    static NAMES: std::sync::OnceLock<Vec<(&'static str, &'static str)>> = std::sync::OnceLock::new();
    NAMES.get_or_init(|| FORMATS.iter().map(|f| (f.name, f.title)).collect())
}
