//! `keyward man`: the manual pages, made from what the command line says of itself.

use anyhow::{Context, bail};
use clap::CommandFactory;

use crate::args::{Cli, ManArgs};

pub(crate) fn run(args: &ManArgs) -> anyhow::Result<u8> {
    let mut page = Cli::command().disable_help_subcommand(true);
    if let Some(folder) = &args.into {
        std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(page, folder))
            .with_context(|| folder.display().to_string())?;
        return Ok(0);
    }
    // Gives each command the name of its page.
    page.build();
    for name in &args.command {
        let Some(inner) = page.find_subcommand(name).filter(|c| !c.is_hide_set()) else {
            bail!("no command `{name}`; `keyward help` lists them");
        };
        page = inner.clone();
    }
    clap_mangen::Man::new(page).render(&mut std::io::stdout())?;
    Ok(0)
}
