//! Frameworks that the checks refer to: `NHI2:2025`, `CSF PR.DS-01`, `CWE-798`.
//!
//! Only the entries that are used are listed. Code scanning ignores them, so that the first of them
//! are tags as well.

use serde_sarif::sarif::{
    ReportingDescriptor, ReportingDescriptorReference, ReportingDescriptorRelationship, ToolComponent,
    ToolComponentReference,
};

use super::{index, plain};
use crate::govern::Check;

/// A framework.
struct Framework {
    /// How references to it begin in the table of checks.
    mark: &'static str,
    /// The mark belongs to the entry's id: `CWE-798`.
    keep_mark: bool,
    name: &'static str,
    version: &'static str,
    organization: &'static str,
    uri: &'static str,
    text: &'static str,
    /// First part of its tags.
    tag: &'static str,
    /// How a check relates to an entry: a weakness covers it, the rest concern it.
    kind: &'static str,
}

const FRAMEWORKS: &[Framework] = &[
    Framework {
        mark: "CWE-",
        keep_mark: true,
        name: "CWE",
        version: "4.18",
        organization: "MITRE",
        uri: "https://cwe.mitre.org/",
        text: "Common Weakness Enumeration.",
        tag: "external/cwe",
        kind: "superset",
    },
    Framework {
        mark: "NHI",
        keep_mark: true,
        name: "OWASP NHI Top 10",
        version: "2025",
        organization: "OWASP",
        uri: "https://owasp.org/www-project-non-human-identities-top-10/",
        text: "Risks of non-human identities.",
        tag: "owasp-nhi",
        kind: "relevant",
    },
    Framework {
        mark: "CSF ",
        keep_mark: false,
        name: "NIST CSF",
        version: "2.0",
        organization: "NIST",
        uri: "https://www.nist.gov/cyberframework",
        text: "Cybersecurity Framework.",
        tag: "nist-csf",
        kind: "relevant",
    },
    Framework {
        mark: "ISO ",
        keep_mark: false,
        name: "ISO/IEC 27001",
        version: "2022",
        organization: "ISO",
        uri: "https://www.iso.org/standard/27001",
        text: "Information security controls, Annex A.",
        tag: "iso-27001",
        kind: "relevant",
    },
    Framework {
        mark: "SOC2 ",
        keep_mark: false,
        name: "SOC 2 Trust Services Criteria",
        version: "2017",
        organization: "AICPA",
        uri: "https://www.aicpa-cima.com/topic/audit-assurance/audit-and-assurance-greater-than-soc-2",
        text: "Trust Services Criteria.",
        tag: "soc2",
        kind: "relevant",
    },
    Framework {
        mark: "PCI ",
        keep_mark: false,
        name: "PCI DSS",
        version: "4.0.1",
        organization: "PCI SSC",
        uri: "https://www.pcisecuritystandards.org/",
        text: "Payment Card Industry Data Security Standard.",
        tag: "pci-dss",
        kind: "relevant",
    },
    Framework {
        mark: "CIS ",
        keep_mark: false,
        name: "CIS Controls",
        version: "8.1",
        organization: "CIS",
        uri: "https://www.cisecurity.org/controls",
        text: "Critical Security Controls.",
        tag: "cis",
        kind: "relevant",
    },
    Framework {
        mark: "CCM ",
        keep_mark: false,
        name: "CSA CCM",
        version: "4.0",
        organization: "CSA",
        uri: "https://cloudsecurityalliance.org/research/cloud-controls-matrix",
        text: "Cloud Controls Matrix.",
        tag: "csa-ccm",
        kind: "relevant",
    },
    Framework {
        mark: "AI RMF ",
        keep_mark: false,
        name: "NIST AI RMF",
        version: "1.0",
        organization: "NIST",
        uri: "https://www.nist.gov/itl/ai-risk-management-framework",
        text: "AI Risk Management Framework.",
        tag: "nist-ai-rmf",
        kind: "relevant",
    },
    Framework {
        mark: "ZTA ",
        keep_mark: false,
        name: "NIST SP 800-207",
        version: "2020",
        organization: "NIST",
        uri: "https://csrc.nist.gov/pubs/sp/800/207/final",
        text: "Zero Trust Architecture, tenets.",
        tag: "nist-zta",
        kind: "relevant",
    },
];

/// Names of entries, where they say more than their ids.
const NAMES: &[(&str, &str)] = &[
    ("CWE-312", "Cleartext Storage of Sensitive Information"),
    ("CWE-324", "Use of a Key Past its Expiration Date"),
    ("CWE-522", "Insufficiently Protected Credentials"),
    ("CWE-540", "Inclusion of Sensitive Information in Source Code"),
    ("CWE-672", "Operation on a Resource after Expiration or Release"),
    ("CWE-798", "Use of Hard-coded Credentials"),
    ("NHI1:2025", "Improper Offboarding"),
    ("NHI2:2025", "Secret Leakage"),
    ("NHI3:2025", "Vulnerable Third-Party NHI"),
    ("NHI4:2025", "Insecure Authentication"),
    ("NHI5:2025", "Overprivileged NHI"),
    ("NHI6:2025", "Insecure Cloud Deployment Configurations"),
    ("NHI7:2025", "Long-Lived Secrets"),
    ("NHI8:2025", "Environment Isolation"),
    ("NHI9:2025", "NHI Reuse"),
    ("NHI10:2025", "Human Use of NHI"),
];

/// The frameworks in use, each with its entries in use.
pub(super) struct Taxonomies {
    used: Vec<(&'static Framework, Vec<&'static str>)>,
}

/// Framework and entry of a reference.
fn parse(taxon: &'static str) -> Option<(&'static Framework, &'static str)> {
    let framework = FRAMEWORKS.iter().find(|f| taxon.starts_with(f.mark))?;
    Some((framework, if framework.keep_mark { taxon } else { &taxon[framework.mark.len()..] }))
}

impl Taxonomies {
    /// What `checks` refer to.
    pub(super) fn of(checks: &[&Check]) -> Self {
        let mut used: Vec<(&Framework, Vec<&str>)> = Vec::new();
        for framework in FRAMEWORKS {
            let all = checks.iter().flat_map(|c| c.taxa).filter_map(|t| parse(t));
            let mut ids: Vec<_> = all.filter(|(f, _)| f.mark == framework.mark).map(|(_, id)| id).collect();
            ids.sort_unstable();
            ids.dedup();
            if !ids.is_empty() {
                used.push((framework, ids));
            }
        }
        Self { used }
    }

    /// The run's `taxonomies`.
    pub(super) fn components(&self) -> Vec<ToolComponent> {
        self.used.iter().map(|(framework, ids)| component(framework, ids)).collect()
    }

    /// The driver's `supportedTaxonomies`.
    pub(super) fn references(&self) -> Vec<ToolComponentReference> {
        (0..self.used.len()).map(|i| self.component_reference(i)).collect()
    }

    /// A rule's `relationships`.
    pub(super) fn relationships(&self, check: &Check) -> Vec<ReportingDescriptorRelationship> {
        let related = |(i, j): (usize, usize)| {
            ReportingDescriptorRelationship::builder()
                .target(self.target(i, j))
                .kinds(vec![self.used[i].0.kind.to_owned()])
                .build()
        };
        self.positions(check).map(related).collect()
    }

    /// A result's `taxa`.
    pub(super) fn taxa(&self, check: &Check) -> Vec<ReportingDescriptorReference> {
        self.positions(check).map(|(i, j)| self.target(i, j)).collect()
    }

    fn positions(&self, check: &Check) -> impl Iterator<Item = (usize, usize)> {
        check.taxa.iter().filter_map(|taxon| {
            let (framework, id) = parse(taxon)?;
            let i = self.used.iter().position(|(f, _)| f.mark == framework.mark)?;
            Some((i, self.used[i].1.iter().position(|other| *other == id)?))
        })
    }

    fn target(&self, i: usize, j: usize) -> ReportingDescriptorReference {
        ReportingDescriptorReference {
            id: Some(self.used[i].1[j].to_owned()),
            index: Some(index(j)),
            tool_component: Some(self.component_reference(i)),
            ..ReportingDescriptorReference::default()
        }
    }

    fn component_reference(&self, i: usize) -> ToolComponentReference {
        ToolComponentReference {
            name: Some(self.used[i].0.name.to_owned()),
            index: Some(index(i)),
            ..ToolComponentReference::default()
        }
    }
}

/// `external/cwe/cwe-798`, `owasp-nhi/nhi2-2025`.
pub(super) fn tag(taxon: &'static str) -> Option<String> {
    let (framework, id) = parse(taxon)?;
    Some(format!("{}/{}", framework.tag, id.to_ascii_lowercase().replace([':', ' '], "-")))
}

fn component(framework: &Framework, ids: &[&'static str]) -> ToolComponent {
    let entry = |id: &&'static str| {
        let name = NAMES.iter().find(|(of, _)| of == id).map(|(_, name)| *name);
        let mut entry = ReportingDescriptor::builder()
            .id(*id)
            .short_description(plain(&format!("{}.", name.unwrap_or(id))))
            .build();
        entry.name = name.map(str::to_owned);
        entry
    };
    ToolComponent::builder()
        .name(framework.name)
        .version(framework.version)
        .organization(framework.organization)
        .information_uri(framework.uri)
        .short_description(plain(framework.text))
        .is_comprehensive(false)
        .taxa(ids.iter().map(entry).collect::<Vec<_>>())
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        assert_eq!(tag("CWE-798").as_deref(), Some("external/cwe/cwe-798"));
        assert_eq!(tag("NHI2:2025").as_deref(), Some("owasp-nhi/nhi2-2025"));
        assert_eq!(tag("CSF PR.DS-01").as_deref(), Some("nist-csf/pr.ds-01"));
        assert!(parse("XYZ 1").is_none());
    }
}
