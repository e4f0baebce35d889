//! Thresholds and environments: what an organisation decides.

/// The policy in force. Placeholder of the full one: see `config.rs`.
#[derive(Clone, Debug, Default)]
pub struct Policy {}
