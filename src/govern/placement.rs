//! KW9xx: where a credential stands, and by which way it got there.

use super::policy::Globs;
use super::verdict::{Ask, Family, Verdict};
use super::world::{Case, Entry, World, name_of};

pub(super) const FAMILY: Family = &[(901, Ask::Pair(vaulted)), (902, Ask::Pair(elsewhere))];

/// KW901: in a vault by the record, in plain text by the scan.
fn vaulted(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    if entry.record.vault_ref.is_empty() || !case.observation.is_leak() {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(case.is_present(), || {
        let message = format!("{} stands here in plain text, though record {} says that it is kept in a vault.", case.title(), name_of(entry.record));
        world.on_pair(case, entry).message(message)
    })
}

/// KW902: not where the record says it is.
fn elsewhere(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !case.is_present() {
        return Verdict::NotApplicable;
    }
    if record.locations.is_empty() {
        return Verdict::NotEvaluated("the record declares no locations");
    }
    let Ok(declared) = Globs::new(&record.locations) else {
        return Verdict::NotEvaluated("the record's locations cannot be read");
    };
    let findings = case.present().filter(|site| !is_declared(&declared, site)).map(|site| {
        let message = format!("{} stands outside the locations that record {} declares.", case.title(), name_of(record));
        let finding = world.decided_by(world.on_site(case, site), case, entry).message(message);
        finding.fact("locations", record.locations.clone())
    });
    Verdict::fail_each(findings.collect())
}

/// Whether a place is one of the declared: its path, or the repository's name and its path.
fn is_declared(declared: &Globs, site: &super::world::Site<'_>) -> bool {
    let path = site.path.to_str_lossy();
    let qualified = [format!("{}/{path}", site.repository.name), format!("{}:{path}", site.repository.name)];
    declared.is_match(&path) || qualified.iter().any(|q| declared.is_match(q))
}
