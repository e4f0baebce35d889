//! keyward: a static, offline scanner for leaked and ungoverned partner credentials.
#![doc = include_str!("../docs/flow.md")]

mod detect;
mod govern;
mod history;
mod inventory;
mod observe;
mod position;
mod report;
mod secret;
mod source;
