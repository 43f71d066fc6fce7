//! An account's funds as they change.
//!
//! The account is looked at again and again, and told of where something is different: the latest state, not every step.
//! One state waits for the client at most; a client that does not read it for long loses its stream.

use std::time::Duration;

use actors::shell::Tenant;
use domain::funds::FundsCommand;
use proto::charging as message;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::answer;
use super::payer::Payer;
use crate::gateway::Gateway;
use crate::grpc::context::Context;

/// How long it is until the account is looked at again.
const PAUSE: Duration = Duration::from_millis(200);

type Answer = Result<message::Funds, Status>;

/// Whose funds are watched.
pub(super) struct Watched {
    /// Its resource name.
    pub(super) account: String,
    pub(super) tenant: Tenant,
    pub(super) id: String,
}

/// The funds now, and after every change.
pub(super) async fn states(
    gateway: Gateway,
    context: Context,
    watched: Watched,
) -> Result<ReceiverStream<Answer>, Status> {
    let first = look(&gateway, &context, &watched).await?;
    let (told, states) = mpsc::channel(1);
    tokio::spawn(async move {
        let draining = context.draining();
        tokio::pin!(draining);
        let patience = context.patience();
        let mut last = first.clone();
        let mut next = Some(Ok(first));
        loop {
            if let Some(state) = next.take() {
                let is_last = state.is_err();
                let is_read = matches!(timeout(patience, told.send(state)).await, Ok(Ok(())));
                if is_last || !is_read {
                    return;
                }
            }
            tokio::select! {
                () = sleep(PAUSE) => {}
                () = told.closed() => return,
                () = &mut draining => return,
            }
            match look(&gateway, &context.renewed(), &watched).await {
                Ok(state) if state == last => {}
                Ok(state) => {
                    last = state.clone();
                    next = Some(Ok(state));
                }
                Err(error) => next = Some(Err(error)),
            }
        }
    });
    Ok(ReceiverStream::new(states))
}

async fn look(gateway: &Gateway, context: &Context, watched: &Watched) -> Answer {
    let payer = Payer::account(&watched.tenant, &watched.id);
    let (reply, _) = payer.charge(gateway, context, FundsCommand::Get).await?;
    answer::funds(&reply, watched.account.clone())
}
