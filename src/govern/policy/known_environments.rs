//! The environments that hold where a policy names none: by folders, and by names of files.
//!
//! A file is told by its whole name (`prod.env`, `config/production.json`) whatever it is, and by a part of its
//! name (`application-prod.yml`, `prod-secrets.yaml`) where it holds settings: `upload-test.ts` is code about
//! something else. Capital letters do not matter: `appsettings.Production.json`.

use std::sync::LazyLock;

use super::environment::{Environment, Globs};

/// Extensions of files that hold settings and nothing else.
const SETTINGS: &str = "{cfg,cnf,conf,config,env,hcl,ini,json,json5,jsonc,plist,properties,tfvars,toml,xml,yaml,yml}";
/// Of programs that frameworks read settings from: `settings_prod.py`, `environment.prod.ts`.
const PROGRAMS: &str = "{js,mjs,cjs,ts,py,rb,php,sh,ps1,exs,kts,groovy}";

/// An environment and what tells it.
struct Known {
    name: &'static str,
    production: bool,
    /// Words for it, as globs have alternatives.
    words: &'static str,
    /// Folders that belong to it.
    folders: &'static str,
    /// Programs that hold settings count by a part of their name too: the words mean nothing else.
    programs: bool,
    /// What its words do not tell.
    more: &'static [&'static str],
}

/// In order of precedence.
const KNOWN: [Known; 5] = [
    Known {
        name: "prod",
        production: true,
        words: "{prod,prd,production}",
        folders: "{prod,prd,production}",
        programs: true,
        more: &["**/.env.prod*", "**/helm/**/values-prod*.y*ml"],
    },
    Known {
        name: "staging",
        production: false,
        words: "{staging,stage,stg,preprod,pre-prod,uat}",
        folders: "{staging,stg,preprod,pre-prod,uat}",
        programs: true,
        more: &["**/.env.stag*"],
    },
    Known {
        name: "sandbox",
        production: false,
        words: "{sandbox,sbx}",
        folders: "{sandbox,sbx}",
        programs: false,
        more: &["**/.env.sandbox*"],
    },
    Known {
        name: "test",
        production: false,
        words: "{test,tests,testing,qa}",
        folders: "{test,tests,__fixtures__,qa}",
        programs: false,
        more: &["**/*_test.*", "**/.env.test*"],
    },
    Known {
        name: "dev",
        production: false,
        words: "{dev,development,local}",
        folders: "{dev,development}",
        programs: false,
        more: &["**/.env.dev*", "**/.env.local", "docker-compose*.y*ml"],
    },
];

impl Known {
    fn globs(&self) -> Vec<String> {
        let Self { words, folders, .. } = self;
        let both = format!("{{{},{}}}", inner(SETTINGS), inner(PROGRAMS));
        let kinds = if self.programs { both.as_str() } else { SETTINGS };
        let mut globs = vec![
            format!("**/{folders}/**"),
            // prod.env, config/production.rb
            format!("**/{words}.{both}"),
            // application-prod.yml, settings_prod.py, environment.prod.ts
            format!("**/*{{.,-,_}}{words}.{kinds}"),
            // prod-secrets.yaml, and with a number or a region: values-prod-eu.yaml
            format!("**/{words}[._-]*.{SETTINGS}"),
            format!("**/*[._-]{words}[._-]*.{SETTINGS}"),
        ];
        globs.extend(self.more.iter().map(|glob| (*glob).to_owned()));
        globs
    }
}

/// What stands between the braces.
fn inner(alternatives: &str) -> &str {
    alternatives.trim_start_matches('{').trim_end_matches('}')
}

/// Read when the first path is asked about.
pub(super) static ENVIRONMENTS: LazyLock<Vec<Environment>> = LazyLock::new(|| {
    let environment = |known: &Known| Environment {
        name: known.name.to_owned(),
        production: known.production,
        paths: Globs::known(&known.globs()),
        branches: Globs::of_words(&[]),
        hosts: Globs::of_words(&[]),
    };
    KNOWN.iter().map(environment).collect()
});

#[cfg(test)]
mod tests {
    use super::super::Environments;
    use crate::source::RepoPath;

    fn of(path: &str) -> Option<String> {
        Environments::default().of(&RepoPath::new(path), None, None).map(|e| e.name.clone())
    }

    #[test]
    fn files_are_told_by_their_names() {
        for (environment, paths) in [
            (
                "prod",
                "prod.env deploy/prod/app.env prod/app.env config/production.json config/environments/production.rb \
                 settings/production.py src/main/resources/application-prod.yml application-production.properties \
                 app.prod.yaml environment.prod.ts settings_prod.py appsettings.Production.json Web.Prod.config \
                 helm/shop/values-prod-eu.yaml charts/values-prod.yaml prod-secrets.yml prod.app.env .env.production \
                 .env.prod.local docker-compose.prod.yml infra/prod.tfvars eu-prod.tfvars prd/app.ini tests/prod/x",
            ),
            (
                "staging",
                "staging.env config/staging.json application-stage.yml app.stg.yaml .env.staging deploy/staging/a.env \
                 deploy/uat/app.env uat.env values-preprod.yaml settings_staging.py",
            ),
            ("sandbox", "sandbox.env application-sandbox.yml k8s/sandbox/app.yaml .env.sandbox"),
            (
                "test",
                "test.env config/test.json application-test.yml src/a_test.go tests/a.py .env.test qa.env \
                 deploy/qa/app.env appsettings.Testing.json",
            ),
            (
                "dev",
                "dev.env config/development.json application-dev.yml .env.local .env.development \
                 docker-compose.override.yml config/local.json deploy/dev/app.env docker-compose.dev.yml",
            ),
        ] {
            for path in paths.split_whitespace() {
                assert_eq!(of(path).as_deref(), Some(environment), "{path}");
            }
        }
    }

    #[test]
    fn what_only_holds_such_letters_is_not_told() {
        for path in [
            "src/main.rs", "product.json", "reproduce.env", "src/products/list.json", "devices.yaml", "latest.json",
            "src/upload-dev.ts", "contest.yml", "src/stage/run.py", "latest/app.env", "attest.env", "locales/en.json",
            "src/production_line.rs", "production.md", "local.rs", "sandboxed.json", "developer.env", "quality.yaml",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
