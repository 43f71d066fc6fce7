//! Contracts on their way: an account is told of them by message, a moment after the metering point has answered. Whoever makes
//! a contract and sets terms at once is not to find the account without it.

use std::collections::BTreeSet;
use std::time::Duration;

use actors::shell::Tenant;
use domain::entity::{Recipient, account, metering_point};
use domain::identity::MeteringPointId;
use tokio::time::sleep;
use tonic::Status;

use crate::gateway::Gateway;
use crate::grpc::context::Context;

/// How long the first wait is; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// How often it is looked at most: two and a half seconds in all. What has not arrived then has not for the account either.
const MOST_LOOKS: u32 = 9;

/// Waits until the account knows the contracts of metering points that it pays alone, as long as that takes a moment. It
/// refuses nothing: what the account knows it says itself.
pub(super) async fn arrive(
    gateway: &Gateway,
    context: &Context,
    (tenant, account): (&Tenant, &str),
    points: &BTreeSet<MeteringPointId>,
) -> Result<(), Status> {
    for look in 0..MOST_LOOKS {
        let ask = context.read(tenant, Recipient::Account(account.to_owned()))?;
        let Ok(account::Reply::State(state)) = gateway.ask(ask, &account::Command::Get).await else {
            return Ok(());
        };
        let mut is_on_its_way = false;
        let goes_on = |point| state.paid_alone(point).any(|contract| contract.span.is_open());
        for point in points.iter().copied().filter(|point| !goes_on(*point)) {
            let ask = context.read(tenant, Recipient::MeteringPoint(point))?;
            let reply = gateway.ask(ask, &metering_point::Command::Get).await;
            let Ok(metering_point::Reply::State(told)) = reply else { continue };
            is_on_its_way |= told.contracts.values().any(|contract| match contract.payers.as_slice() {
                [payer] => {
                    payer.account == account && !state.contracts.contains_key(&(point, contract.id.clone()))
                }
                _ => false,
            });
        }
        if !is_on_its_way {
            return Ok(());
        }
        sleep(FIRST_PAUSE.saturating_mul(1 << look).min(context.remaining()?)).await;
    }
    Ok(())
}
