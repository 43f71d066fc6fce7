//! Cases with figures derived by hand. Unless a case says otherwise it is 11:00 on Monday, 2 March 2026, in Amsterdam;
//! credit is low at 5 EUR and used up at 0; there are no friendly hours; what is rated has no tax.

mod debts;
mod emergency;
mod estimates;
mod friendly;
mod levels;
mod readings;
mod refusals;
mod repeats;
