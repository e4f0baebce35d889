//! Whether everything that a partner was ever given is gone, and if not, what is missing.

use super::model::{CredentialEvidence, Evidence, PartnerEvidence};

/// The certificate of one partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate<'e> {
    /// The partner.
    pub partner: &'e PartnerEvidence,
    /// Every credential of it that was ever recorded or observed.
    pub credentials: Vec<&'e CredentialEvidence>,
    /// What is missing, beside what each credential lacks.
    pub missing: Vec<String>,
    /// What could not be looked at.
    pub unseen: Vec<String>,
}

impl<'e> Certificate<'e> {
    /// Of the partner with this id; `None` if nothing names it.
    pub fn of(evidence: &'e Evidence, id: &str) -> Option<Self> {
        let partner = evidence.partners.iter().find(|p| p.id == id)?;
        let belongs = |c: &&CredentialEvidence| c.credential.partner.as_deref() == Some(id);
        let credentials: Vec<_> = evidence.credentials.iter().filter(belongs).collect();
        let (mut missing, mut unseen) = (Vec::new(), Vec::new());
        if credentials.is_empty() && partner.vanished.is_empty() {
            missing.push("no credential of the partner is recorded, so that no removal can be shown".to_owned());
        }
        for gone in &partner.vanished {
            let status = gone.status.as_deref().unwrap_or("not stated");
            if !matches!(status, "revoked" | "offboarded" | "archived") {
                missing.push(format!("record {} vanished from the inventory with the status {status}", gone.id));
            }
        }
        for name in &evidence.run.without_watchlist {
            unseen.push(format!(
                "{name} was observed without a watchlist: a key of the partner that only the inventory could recognise was not looked for"
            ));
        }
        if !evidence.run.complete {
            unseen.push("not everything that was asked for was scanned".to_owned());
        }
        Some(Self { partner, credentials, missing, unseen })
    }

    /// Every step of every credential has a date, no live reference remains, and nothing that could
    /// hold one was left out.
    pub fn is_complete(&self) -> bool {
        !self.lacks_something() && !self.is_partly_unseen()
    }

    /// Somebody has to act, whatever else was scanned.
    pub fn lacks_something(&self) -> bool {
        !self.missing.is_empty() || self.credentials.iter().any(|c| !c.removed.missing.is_empty())
    }

    /// A more complete scan is needed.
    pub fn is_partly_unseen(&self) -> bool {
        !self.unseen.is_empty() || self.credentials.iter().any(|c| !c.removed.unseen.is_empty())
    }
}
