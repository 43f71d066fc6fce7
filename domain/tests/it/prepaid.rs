//! Prepaid supply: tables of cases with figures derived by hand, and random readings and top-ups in any order.

mod arrival;
mod cases;
mod edges;
mod entity;
mod joining;
mod point;
mod random;
mod script;
mod world;
