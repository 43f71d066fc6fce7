//! Shares of sessions and months, and bundles cleared.

mod clearing;
mod dice;
mod months;
mod random;
mod table;
