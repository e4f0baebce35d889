//! The command line: parse, run, print the error, exit code.

mod args;
mod fingerprint;
mod peppers;
mod rules;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, Command};

/// Usage, configuration or rule error, or an inventory that cannot be read at all.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    // A closed pipe (`keyward ... | head`) ends the output, not with an error.
    match run(Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("keyward: {error:#}");
            ExitCode::from(UNUSABLE)
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        Command::Scan(_) | Command::Observe(_) | Command::Assess(_) | Command::Inventory(_) | Command::Demo(_) => Ok(0),
        Command::Fingerprint(args) => fingerprint::run(&args),
        Command::Rules(args) => rules::run(&args.command),
        Command::Explain { .. } => Ok(0),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "keyward", &mut std::io::stdout());
            Ok(0)
        }
        Command::Man => {
            clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?;
            Ok(0)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
