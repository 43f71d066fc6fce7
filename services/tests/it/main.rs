//! Tests of the program as a whole.

mod cli;
mod demo;
mod import;
mod market;
mod render;
mod settle;
mod tidy;
