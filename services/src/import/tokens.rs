//! `tokens.csv`: by what accounts and metering points are recognised, a row per token.

use std::collections::BTreeSet;

use domain::entity::directory::Owner;
use domain::token::{Token, TokenError};

use super::error::{CsvError, CsvFault};
use super::table::{Row, Table};

pub(super) fn tokens(table: &Table) -> Result<Vec<(Owner, Token)>, CsvError> {
    let mut seen = BTreeSet::new();
    let mut tokens = Vec::new();
    for rows in table.groups(&["token_type", "value"], &[])? {
        for row in rows {
            let token = token(&row)?;
            if !seen.insert(token.clone()) {
                return Err(row.fault(CsvFault::Duplicate { column: "value", found: token.to_string() }));
            }
            tokens.push((owner(&row)?, token));
        }
    }
    Ok(tokens)
}

fn token(row: &Row<'_>) -> Result<Token, CsvError> {
    Token::new(row.text("token_type"), row.text("value")).map_err(|error| match error {
        TokenError::Type => row.wrong(
            "token_type",
            "rfid, contract_id, evse_id, meter_serial, or a lower-case word of your own",
        ),
        TokenError::Value => row.wrong("value", "1 to 64 printable characters of ASCII"),
    })
}

/// One of the two columns says whose the token is.
fn owner(row: &Row<'_>) -> Result<Owner, CsvError> {
    match (row.text("account_id"), row.text("metering_point_id")) {
        (_, "") => row.id("account_id").map(|id| Owner::Account(id.to_owned())),
        ("", _) => row.metering_point("metering_point_id").map(Owner::MeteringPoint),
        _ => Err(row.wrong("metering_point_id", "nothing, where account_id names the owner")),
    }
}
