//! `accounts.csv`: who pays, a row each.

use domain::entity::account::AccountDetails;

use super::error::{CsvError, CsvFault};
use super::table::Table;

pub(super) fn accounts(table: &Table) -> Result<Vec<AccountDetails>, CsvError> {
    let accounts = table.groups(&["account_id"], &[])?.into_iter().map(|rows| {
        let mut rows = rows.into_iter();
        let row = rows.next().ok_or_else(|| table.fault(CsvFault::NoRows))?;
        let account = AccountDetails {
            id: row.id("account_id")?.to_owned(),
            name: row.name("name")?,
            address: row.address()?,
            email: row.free_text("email")?,
            vat_id: row.free_text("vat_id")?,
            category: row.free_text("category")?,
        };
        match rows.next() {
            None => Ok(account),
            Some(second) => {
                Err(second.fault(CsvFault::Duplicate { column: "account_id", found: account.id }))
            }
        }
    });
    accounts.collect()
}
