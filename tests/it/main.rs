//! keyward as its users see it: one binary, so that the library is linked once.

mod cases;
mod change;
mod cli;
mod layers;
mod pages;
mod planted;
mod run;
