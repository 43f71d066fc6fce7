//! `contracts.csv`: who pays for a metering point by which product, a row per payer.

use std::collections::BTreeMap;

use domain::contract::{Contract, Payer, Share};
use domain::identity::MeteringPointId;
use domain::price::Price;

use super::cells::{hundredths, is_id};
use super::error::{CsvError, CsvFault};
use super::table::{Row, Table};

/// What the rows of a contract agree in.
const SAME: [&str; 4] = ["product_id", "first_day", "end_day", "parameters"];

/// The most agreed prices of a contract.
const MOST_PARAMETERS: usize = 100;

pub(super) fn contracts(table: &Table) -> Result<Vec<(MeteringPointId, Contract)>, CsvError> {
    let groups = table.groups(&["metering_point_id", "contract_id"], &SAME)?;
    groups.into_iter().map(|rows| contract(table, &rows)).collect()
}

fn contract(table: &Table, rows: &[Row<'_>]) -> Result<(MeteringPointId, Contract), CsvError> {
    let row = rows.first().ok_or_else(|| table.fault(CsvFault::NoRows))?;
    let mut payers: Vec<Payer> = Vec::new();
    for row in rows {
        let payer = payer(row)?;
        if payers.iter().any(|other| other.account == payer.account) {
            return Err(row.fault(CsvFault::Duplicate { column: "account_id", found: payer.account }));
        }
        payers.push(payer);
    }
    let contract = Contract {
        id: row.id("contract_id")?.to_owned(),
        version: 0,
        product: row.id("product_id")?.to_owned(),
        span: row.span()?,
        payers,
        parameters: row.value(
            "parameters",
            "prices such as agreed=0.11|other=0.02, or nothing",
            parameters,
        )?,
    };
    if !contract.has_whole_shares() {
        let total = contract.shares().into_iter().map(u64::from).sum();
        return Err(row.fault(CsvFault::SharesNotWhole { contract: contract.id, total }));
    }
    Ok((row.metering_point("metering_point_id")?, contract))
}

fn payer(row: &Row<'_>) -> Result<Payer, CsvError> {
    Ok(Payer {
        account: row.id("account_id")?.to_owned(),
        share: row.value(
            "share_percent",
            "a percentage above 0 to 100 with at most two decimals",
            |text| hundredths(text).and_then(Share::new),
        )?,
    })
}

fn parameters(text: &str) -> Option<BTreeMap<String, Price>> {
    if text.is_empty() {
        return Some(BTreeMap::new());
    }
    let mut parameters = BTreeMap::new();
    for part in text.split('|') {
        let (name, price) = part.split_once('=')?;
        let name = Some(name.trim()).filter(|name| is_id(name))?;
        let is_new = parameters.insert(name.to_owned(), Price::parse(price.trim()).ok()?).is_none();
        (is_new && parameters.len() <= MOST_PARAMETERS).then_some(())?;
    }
    Some(parameters)
}
