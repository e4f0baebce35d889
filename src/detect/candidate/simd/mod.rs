//! Vector instructions: the only module of keyward with `unsafe` code.
//!
//! Two uses of it, each with its reason at the spot: calling a function that needs AVX2 or AVX-512 after
//! the processor has been asked for it, and loading bytes from a slice that holds at least as many.
//! Each search has a twin without vector instructions: its definition, which property tests hold it
//! to, and what runs on other processors.
#![allow(unsafe_code, reason = "two intrinsics' preconditions, checked right before each")]

pub(super) mod classes;
pub(super) mod fragments;
