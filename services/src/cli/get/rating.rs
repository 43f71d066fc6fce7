//! What a month costs, position by position, or why it can't be said.

use domain::day::Month;
use domain::entity::metering_point::RatedContract;
use domain::instant::Instant;
use proto::convert::{amount_text, timestamp};
use proto::metering::RateMeteringPointRequest;
use proto::name;

use crate::cli::client::{Client, ask};
use crate::cli::failure::Failure;
use crate::cli::sheet::Sheet;
use crate::cli::show;

pub(super) async fn sheet(
    client: &Client,
    id: &str,
    month: Month,
    as_of: Option<Instant>,
) -> Result<Sheet, Failure> {
    let message = RateMeteringPointRequest {
        name: name::METERING_POINT.name([client.tenant(), id]),
        month: Some((&month).into()),
        as_of_time: as_of.map(timestamp),
    };
    let rated = ask(message, async |request| client.metering().rate_metering_point(request).await).await;
    let rated = rated.map_err(Failure::refused(format!("metering point {id}")))?;
    let contracts: Result<Vec<RatedContract>, _> =
        rated.contracts.into_iter().map(RatedContract::try_from).collect();
    let columns = &["contract", "component", "service", "quantity", "unit", "exact_amount", "not_ready"];
    Ok(Sheet::new(columns, &["quantity", "exact_amount"]).with(contracts?.iter().flat_map(rows)))
}

fn rows(contract: &RatedContract) -> Vec<Vec<String>> {
    match &contract.result {
        Ok(positions) => positions
            .iter()
            .map(|position| {
                vec![
                    contract.contract.clone(),
                    position.name.clone(),
                    show::span(position.key.service),
                    position.quantity.to_string(),
                    position.unit.to_string(),
                    amount_text(position.amount),
                    String::new(),
                ]
            })
            .collect(),
        Err(reasons) => reasons
            .iter()
            .map(|reason| {
                let mut row = vec![contract.contract.clone()];
                row.resize(6, String::new());
                row.push(reason.to_string());
                row
            })
            .collect(),
    }
}
