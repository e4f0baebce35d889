//! `keyward report`: what auditors ask for, from a scan, from observation files, or from stored evidence.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use keyward::config::Config;
use keyward::evidence::{Evidence, InputFile, gather};
use keyward::report::Disclose;
use keyward::report::evidence as render;
use keyward::{Assessment, Inventory};
use sha2::{Digest, Sha256};

use crate::args::{Disclosure, GovernanceArgs, SourceArgs};
use crate::output::INCOMPLETE;
use crate::report_args::{Asked, ReportCommand};
use crate::scan::{Ended, Work};
use crate::trust::Trust;
use crate::{assess, setup};

/// What a run ended by Ctrl-C exits with.
const INTERRUPTED: u8 = 130;

pub(crate) fn run(command: &ReportCommand) -> anyhow::Result<u8> {
    match command {
        ReportCommand::Evidence(asked) => {
            let (evidence, ended) = gathered(asked)?;
            let evidence = render::disclose(&evidence, disclosure(asked.output.disclose));
            let mut out = BufWriter::new(std::io::stdout().lock());
            render::write(&evidence, &mut out)?;
            out.flush()?;
            Ok(code(&evidence, ended))
        }
    }
}

fn disclosure(asked: Option<Disclosure>) -> Disclose {
    match asked {
        Some(Disclosure::Full) => Disclose::Full,
        None | Some(Disclosure::Ids) => Disclose::Ids,
        Some(Disclosure::None) => Disclose::None,
    }
}

fn code(evidence: &Evidence, ended: Ended) -> u8 {
    match ended {
        Ended::Interrupted => INTERRUPTED,
        _ if !evidence.run.complete => INCOMPLETE,
        _ => 0,
    }
}

/// The evidence: read, or judged.
fn gathered(asked: &Asked) -> anyhow::Result<(Evidence, Ended)> {
    let from = &asked.from;
    if let Some(path) = &from.evidence {
        return Ok((stored(path)?, Ended::Whole));
    }
    if !from.observations.is_empty() {
        let as_of = setup::as_of(asked.governance.as_of.as_deref())?;
        let near = Path::new(".");
        let config = Trust::WorkingTree.config(asked.governance.config.as_deref(), near)?;
        let judge = |assessment: &Assessment<'_>| {
            let mut inputs = inputs(&asked.governance, &config, near, assessment.inventory)?;
            for path in &from.observations {
                inputs.push(input("observations", path)?);
            }
            Ok(gather(assessment, inputs))
        };
        let trusted = (&config, &Trust::WorkingTree);
        let evidence = assess::judged(&from.observations, &asked.governance, trusted, as_of, judge)?;
        return Ok((evidence, Ended::Whole));
    }
    let sources = SourceArgs {
        paths: from.paths.clone(),
        history: from.history,
        no_submodules: from.no_submodules,
        no_ignore: from.no_ignore,
        ..SourceArgs::default()
    };
    let work =
        Work { sources: &sources, governance: &asked.governance, limits: &asked.limits, quiet: asked.output.quiet };
    let near = setup::near(&sources);
    work.judged(
        |_| Ok(()),
        |assessment, config| {
            let inputs = inputs(&asked.governance, config, &near, assessment.inventory)?;
            Ok(gather(assessment, inputs))
        },
    )
}

/// A stored evidence file.
fn stored(path: &Path) -> anyhow::Result<Evidence> {
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| name.clone())?;
    Ok(render::read(&name, BufReader::new(file))?)
}

/// Every file that was judged with, and its digest.
fn inputs(
    governance: &GovernanceArgs,
    config: &Config,
    near: &Path,
    inventory: Option<&Inventory>,
) -> anyhow::Result<Vec<InputFile>> {
    let mut all = Vec::new();
    for (name, sha256) in inventory.into_iter().flat_map(|i| &i.digests) {
        all.push(InputFile { role: "inventory".to_owned(), name: name.clone(), sha256: sha256.clone() });
    }
    if let Some(path) = &governance.config {
        all.push(input("policy", path)?);
    } else if let Some(path) = Trust::usual_config(near) {
        // Under its own name, wherever the repository is.
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        all.push(InputFile { name, ..input("policy", &path)? });
    }
    let named = |asked: &Option<PathBuf>, configured: &Option<PathBuf>| asked.clone().or_else(|| configured.clone());
    for (role, path) in [
        ("roster", named(&governance.roster, &config.roster)),
        ("exceptions", named(&governance.exceptions, &config.exceptions)),
        ("baseline", named(&governance.baseline, &config.baseline)),
    ] {
        if let Some(path) = path {
            all.push(input(role, &path)?);
        }
    }
    Ok(all)
}

fn input(role: &str, path: &Path) -> anyhow::Result<InputFile> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).with_context(|| name.clone())?;
    let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
    Ok(InputFile { role: role.to_owned(), name, sha256 })
}
