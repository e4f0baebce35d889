//! The command line: parse, run, print the error, exit code.

mod args;
mod assess;
mod baseline;
mod bench;
mod demo;
mod diff;
mod explain;
mod fingerprint;
mod hook;
mod init;
mod inventory;
mod man;
mod migrate;
mod observe;
mod output;
mod peppers;
mod progress;
mod report;
mod rules;
mod scan;
mod setup;
mod trust;

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
            anstream::eprintln!("keyward: {}", keyward::without_values(&plain(&format!("{error:#}"))));
            ExitCode::from(UNUSABLE)
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        Command::Scan(args) => scan::run(&args),
        Command::Observe(args) => observe::run(&args),
        Command::Assess(args) => assess::run(&args),
        Command::Report(args) => report::run(&args.command),
        Command::Inventory(args) => inventory::run(&args.command),
        Command::Demo(args) => demo::run(&args),
        Command::Baseline(args) => baseline::run(&args.command),
        Command::Init(args) => init::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Hook(args) => hook::run(&args.command),
        Command::Fingerprint(args) => fingerprint::run(&args),
        Command::Rules(args) => rules::run(&args.command),
        Command::Explain(args) => explain::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "keyward", &mut std::io::stdout());
            Ok(0)
        }
        Command::Man(args) => man::run(&args),
    }
}

/// What operating systems say, in words and without their numbers.
fn plain(message: &str) -> String {
    let mut text = message.to_owned();
    while let Some(at) = text.find(" (os error ") {
        let Some(end) = text[at..].find(')') else { break };
        text.replace_range(at..=at + end, "");
    }
    for (theirs, ours) in [
        ("No such file or directory", "no such file or folder"),
        ("entity not found", "no such file or folder"),
        ("Permission denied", "permission denied"),
        ("Is a directory", "it is a folder"),
        ("Not a directory", "a part of this path is no folder"),
    ] {
        text = text.replace(theirs, ours);
    }
    text
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
