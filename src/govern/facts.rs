//! Names of facts that tell of people, tickets and contracts: reports show them by choice.

/// Who approved.
pub const APPROVER: &str = "approver";
/// Who asked.
pub const REQUESTER: &str = "requester";
/// Who owns.
pub const OWNER: &str = "owner";
/// Who owns the component that a place belongs to, by a catalogue.
pub const COMPONENT_OWNER: &str = "component_owner";
/// The number of a ticket or a change.
pub const TICKET: &str = "ticket";
/// When a contract ends.
pub const CONTRACT_END: &str = "contract_end";
/// When a contract was renewed.
pub const CONTRACT_RENEWED: &str = "contract_renewed";

/// All of them.
pub const GUARDED: &[&str] = &[APPROVER, REQUESTER, OWNER, COMPONENT_OWNER, TICKET, CONTRACT_END, CONTRACT_RENEWED];
