//! The history of a repository as the built binary tells it, with real git.

mod archives;
mod bench;
mod cache;
mod damage;
mod encodings;
mod govern;
mod interrupt;
mod large;
mod layout;
mod oracle;
mod repo;
mod sarif;
mod told;
mod torture;
