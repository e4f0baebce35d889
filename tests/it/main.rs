//! keyward as its users see it: one binary, so that the library is linked once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::naive_bytecount,
    clippy::format_push_string,
    reason = "a test that cannot go on fails; its data is small"
)]

#[cfg(unix)] // scripts of the shell
mod action;
mod archives;
mod bad_input;
mod baseline;
mod canary;
mod cases;
mod change;
mod cli;
#[cfg(target_os = "linux")] // the pages' commands are those of a Linux shell
mod commands;
mod contexts;
mod controls;
mod corpus;
mod diff;
mod disabled_rules;
mod evidence;
mod evidence_page;
mod file_kinds;
mod foreign_digests;
mod formats;
mod git_inputs;
mod history;
#[cfg(unix)] // scripts of the shell
mod hooks;
mod importers;
mod init;
mod inventory_import;
mod keys;
mod layers;
mod migrate;
mod on_the_day;
mod organisation;
mod organisation_reports;
mod own_reports;
mod own_repository;
mod pages;
mod planted;
mod policy;
mod properties;
mod repository;
mod run;
mod same_bytes;
mod services;
mod side_doors;
mod terminal;
mod three_ways;
mod withheld;
