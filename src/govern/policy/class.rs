//! Limits by kind, data, access and environment. The most specific class decides each limit; of two
//! equally specific ones the stricter.

use arcstr::ArcStr;

/// Days, where there is a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// From issue to end.
    pub max_lifetime: Option<i64>,
    /// Between rotations.
    pub rotate_every: Option<i64>,
    /// Between reviews.
    pub recertify_every: Option<i64>,
}

impl Limits {
    pub(super) fn halve(&mut self) {
        for limit in [&mut self.max_lifetime, &mut self.rotate_every, &mut self.recertify_every] {
            *limit = limit.map(|days| (days / 2).max(1));
        }
    }
}

/// Credentials that share limits. An empty list matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Class {
    /// Kinds.
    pub kinds: Vec<String>,
    /// Data classes, any of which counts.
    pub data_classes: Vec<String>,
    /// Access modes.
    pub access_modes: Vec<String>,
    /// Environments, any of which counts.
    pub environments: Vec<String>,
    /// What holds for them.
    pub limits: Limits,
}

/// What a class is chosen by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// Kind of credential.
    pub kind: &'a str,
    /// Its data classes.
    pub data_classes: &'a [ArcStr],
    /// Its access mode.
    pub access_mode: &'a str,
    /// Its environments.
    pub environments: &'a [ArcStr],
}

impl Class {
    /// How many of its conditions there are, if all hold.
    fn fits(&self, subject: &Subject<'_>) -> Option<usize> {
        let one = |wanted: &[String], is: &str| wanted.iter().any(|w| w.eq_ignore_ascii_case(is));
        let any = |wanted: &[String], are: &[ArcStr]| are.iter().any(|is| one(wanted, is));
        let conditions = [
            (&self.kinds, one(&self.kinds, subject.kind)),
            (&self.data_classes, any(&self.data_classes, subject.data_classes)),
            (&self.access_modes, one(&self.access_modes, subject.access_mode)),
            (&self.environments, any(&self.environments, subject.environments)),
        ];
        let stated = conditions.iter().filter(|(wanted, _)| !wanted.is_empty());
        stated.clone().all(|(_, holds)| *holds).then(|| stated.count())
    }

    pub(super) fn defaults() -> Vec<Self> {
        let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
        let kinds = |kinds: &[&str], max, rotate| Self {
            kinds: list(kinds),
            limits: Limits { max_lifetime: Some(max), rotate_every: rotate, recertify_every: None },
            ..Self::default()
        };
        vec![
            kinds(&["access_token", "jwt"], 1, None),
            kinds(&["personal_access_token"], 90, None),
            kinds(&["oauth_client_secret", "service_account_key", "tls_client_key"], 365, Some(180)),
            kinds(
                &["api_key", "api_key_pair", "webhook_secret", "signing_key", "connection_string", "sas_token"],
                365,
                Some(180),
            ),
            Self {
                data_classes: list(&["pii", "phi", "pci", "financial", "secret"]),
                limits: Limits { max_lifetime: Some(180), rotate_every: Some(90), recertify_every: Some(90) },
                ..Self::default()
            },
            Self {
                access_modes: list(&["admin", "write"]),
                environments: list(&["prod"]),
                limits: Limits { max_lifetime: Some(180), rotate_every: None, recertify_every: Some(90) },
                ..Self::default()
            },
            Self {
                limits: Limits { max_lifetime: Some(365), rotate_every: None, recertify_every: Some(180) },
                ..Self::default()
            },
        ]
    }
}

pub(super) fn limits(classes: &[Class], subject: &Subject<'_>) -> Limits {
    let fitting: Vec<(usize, Limits)> =
        classes.iter().filter_map(|class| Some((class.fits(subject)?, class.limits))).collect();
    let choose = |limit: fn(&Limits) -> Option<i64>| {
        let stated = fitting.iter().filter_map(|(n, limits)| Some((*n, limit(limits)?)));
        stated.max_by_key(|(n, days)| (*n, -days)).map(|(_, days)| days)
    };
    Limits {
        max_lifetime: choose(|l| l.max_lifetime),
        rotate_every: choose(|l| l.rotate_every),
        recertify_every: choose(|l| l.recertify_every),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_class_decides_and_the_stricter_of_two() {
        let classes = Class::defaults();
        let pii = [ArcStr::from("pii")];
        let key = Subject { kind: "api_key", ..Subject::default() };
        assert_eq!(limits(&classes, &key).max_lifetime, Some(365));
        assert_eq!(limits(&classes, &key).recertify_every, Some(180));
        let sensitive = Subject { data_classes: &pii, ..key };
        assert_eq!(limits(&classes, &sensitive).max_lifetime, Some(180));
        assert_eq!(limits(&classes, &sensitive).rotate_every, Some(90));
        let token = Subject { kind: "jwt", data_classes: &pii, ..Subject::default() };
        assert_eq!(limits(&classes, &token).max_lifetime, Some(1));
        assert_eq!(limits(&classes, &Subject { kind: "basic_auth", ..key }).rotate_every, None);
    }
}
