//! keyward as its users see it: one binary, so that the library is linked once.

mod canary;
mod cases;
mod change;
mod cli;
mod layers;
mod pages;
mod planted;
mod run;
mod same_bytes;
mod side_doors;
