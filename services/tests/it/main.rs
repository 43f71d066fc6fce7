//! Tests of the program as a whole.

mod market;
mod tidy;
