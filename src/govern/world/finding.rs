//! Findings about credentials and records, with the circumstances that move their levels.

use super::super::facts;
use super::super::finding::{FindingBuilder, Spot, Subject};
use super::super::severity::Setting;
use super::{Case, Entry, Site, World};
use crate::detect::Form;
use crate::inventory::{Record, Status};
use crate::observe::Sighting;
use crate::position::Location;
use crate::source::{Place, RepoPath};

impl World<'_> {
    /// What a record's circumstances do to levels.
    fn setting_of(&self, entry: &Entry<'_>, setting: &mut Setting) {
        let (record, policy) = (entry.record, self.input.policy);
        setting.sensitive = policy.is_sensitive(&record.data_classes);
        setting.elevated = matches!(record.access_mode.as_str(), "write" | "admin");
        setting.split_without_path =
            super::super::ownership::is_split(record) && !super::super::offboarding::missing_path(record).is_empty();
        let verified = record.status.is_some_and(Status::is_revoked) && record.invalidation_verified_at.is_some();
        let long_past =
            record.expires_at.when().is_some_and(|w| w.is_past(self.as_of()) && w.days_until(self.as_of()) > 30);
        setting.ended = verified || long_past;
    }

    /// A finding about a record; its circumstances count.
    pub(crate) fn on_entry(&self, entry: &Entry<'_>) -> FindingBuilder {
        let production = self.is_production(entry);
        self.on_row(entry).setting(|s| {
            self.setting_of(entry, s);
            s.production = production;
            s.ended = false;
        })
    }

    /// A finding about a row of the inventory as such; no circumstances count.
    pub(crate) fn on_row(&self, entry: &Entry<'_>) -> FindingBuilder {
        let spot = record_spot(entry.record, "");
        let mut finding = FindingBuilder::new(Subject::Record(name_of(entry.record)), spot, &[])
            .record(&name_of(entry.record))
            .partner(&entry.record.partner_id)
            .fact("source", entry.record.source.as_str());
        for case in self.cases_of(entry) {
            if let Some(site) = case.sites.iter().find(|s| s.present) {
                finding = finding.related(site.spot("seen here"));
            }
        }
        finding
    }

    /// A finding about a credential: once, at its first place.
    pub(crate) fn on_case(&self, case: &Case<'_>) -> FindingBuilder {
        let Some(first) = case.sites.iter().find(|s| s.present).or(case.sites.first()) else {
            unreachable!("an observation has sightings")
        };
        let mut finding = self.place(case, first, &[]);
        let production = case.sites.iter().find(|s| s.present && s.environment.is_some_and(|e| e.production));
        if let Some(environment) = production.and_then(|s| s.environment) {
            finding = finding.setting(|s| {
                s.production = true;
                s.environment = Some(environment.name.clone());
            });
        }
        for site in &case.sites {
            if !std::ptr::eq(site, first) {
                finding = finding.related(site.spot(if site.present { "also here" } else { "was here" }));
            }
        }
        finding
    }

    /// A finding about a credential in one path.
    pub(crate) fn on_site(&self, case: &Case<'_>, site: &Site<'_>) -> FindingBuilder {
        self.place(case, site, site.path.as_bytes())
    }

    /// A finding about a credential and its record: once, at the credential's first place.
    pub(crate) fn on_pair(&self, case: &Case<'_>, entry: &Entry<'_>) -> FindingBuilder {
        let finding = self.on_case(case);
        Self::decided_by(finding, case, entry)
    }

    /// Names the record that decides.
    pub(crate) fn decided_by(finding: FindingBuilder, case: &Case<'_>, entry: &Entry<'_>) -> FindingBuilder {
        finding
            .record(&name_of(entry.record))
            .partner(&entry.record.partner_id)
            .related(record_spot(entry.record, "inventory record"))
            .setting(|s| s.weak_match = case.binding.is_weak())
    }

    fn place(&self, case: &Case<'_>, site: &Site<'_>, anchor: &[u8]) -> FindingBuilder {
        let observation = case.observation;
        let mut finding = FindingBuilder::new(Subject::Credential(case.credential), site.spot(""), anchor);
        for other in &site.others {
            // What the history has at this path is told by the time it was there.
            if other.place != Place::History && other.location != site.sighting.location {
                finding = finding.related(spot(other, "also here"));
            }
        }
        if let Some(partner) = &observation.partner {
            // As the inventory calls it, where it does.
            let own = self.names.as_ref().and_then(|names| names.find(&partner.id));
            finding = finding.partner(own.unwrap_or(&partner.id));
        }
        if self.input.observed.len() > 1 {
            finding = finding.fact("repository", site.repository.name.as_str());
        }
        if let Some(environment) = site.environment {
            finding = finding.fact("environment", environment.name.as_str());
        }
        if let Some(component) = self.components.of(site.repository, site.path) {
            finding = finding.fact("component", super::component::name_of(component));
            if !component.owner.trim().is_empty() {
                finding = finding.fact(facts::COMPONENT_OWNER, component.owner.as_str());
            }
        }
        // In a test, a made-up id beside a made-up value confirms nothing.
        let secondary = site.sighting.path_class.is_secondary();
        let mut setting = Setting {
            environment: site.environment.map(|e| e.name.clone()),
            production: site.environment.is_some_and(|e| e.production),
            in_code: true,
            unconfirmed: is_unconfirmed(case) || secondary && is_common(case),
            secondary,
            ..Setting::default()
        };
        if let Some(how) = case.binding.words() {
            finding = finding.matched(how);
        }
        if let Some(entry) = self.bound(case).next() {
            self.setting_of(entry, &mut setting);
            // A weak match, or one of several, makes no leak lighter.
            setting.ended &= !case.binding.is_weak();
            finding = finding
                .record(&name_of(entry.record))
                .partner(&entry.record.partner_id)
                .related(record_spot(entry.record, "inventory record"));
        }
        finding.setting(|s| *s = setting)
    }
}

/// A contextual detection that neither the inventory nor a key id beside it confirms.
fn is_unconfirmed(case: &Case<'_>) -> bool {
    case.observation.key_id.is_none() && is_common(case)
}

/// A contextual detection that the inventory does not confirm.
fn is_common(case: &Case<'_>) -> bool {
    case.observation.confidence == Form::Contextual && !case.binding.is_strong()
}

/// The name of a record in findings: its id, or its place where it has none.
pub(crate) fn name_of(record: &Record) -> String {
    if record.id.is_empty() { format!("{}#{}", record.at.file, record.at.index) } else { record.id.to_string() }
}

/// The row of a record.
pub(crate) fn record_spot(record: &Record, note: &str) -> Spot {
    row_spot(&record.at.file, record.at.line, note)
}

/// A line of an inventory, exceptions or configuration file.
pub(crate) fn row_spot(file: &str, line: u32, note: &str) -> Spot {
    let line = line.max(1);
    Spot {
        path: RepoPath::new(file.as_bytes()),
        location: Location { line, column: 1, end_line: line, end_column: 1 },
        place: None,
        excerpt: None,
        exposure: None,
        note: note.to_owned(),
    }
}

/// A sighting as a place of a finding.
pub(crate) fn spot(sighting: &Sighting, note: &str) -> Spot {
    Spot {
        path: sighting.path.clone(),
        location: sighting.location,
        place: Some(sighting.place),
        excerpt: Some(sighting.excerpt.clone()),
        exposure: sighting.exposure.clone(),
        note: note.to_owned(),
    }
}
