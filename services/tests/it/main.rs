//! Tests of the program as a whole.

mod market;
mod settle;
mod tidy;
