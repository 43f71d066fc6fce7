//! Requests by stream, each answered under its number as soon as it is durable.
//!
//! So many requests of a stream are under way at once; a client that sends faster waits, because nothing more is read. What
//! two requests about one account are decided in is the order in which they were sent only where the second was sent
//! after the first was answered. A request that fails fails alone. A client that neither sends nor reads for long loses
//! its stream.

use std::sync::Arc;

use proto::charging as message;
use proto::charging::charge_request::Request as Wire;
use proto::charging::charge_response::Outcome;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};
use tonic_types::StatusExt as _;

use super::{Charging, answer};
use crate::gateway::Failure;
use crate::grpc::context::Context;
use crate::grpc::status;

/// How many requests of a stream are under way at once.
pub(super) const WINDOW: usize = 256;

type Answer = Result<message::ChargeResponse, Status>;

/// Takes the requests of a stream and answers them.
pub(super) fn answers(
    charging: Charging,
    context: Context,
    requests: Streaming<message::ChargeRequest>,
) -> ReceiverStream<Answer> {
    let (answered, answers) = mpsc::channel(WINDOW);
    tokio::spawn(take(charging, Arc::new(context), requests, answered));
    ReceiverStream::new(answers)
}

/// Begins a request whenever there is room for one, until the client ends, fails or goes, or the node stops; then what is
/// under way comes to its end.
async fn take(
    charging: Charging,
    context: Arc<Context>,
    mut requests: Streaming<message::ChargeRequest>,
    answered: mpsc::Sender<Answer>,
) {
    let patience = context.patience();
    let draining = context.draining();
    tokio::pin!(draining);
    let mut under_way = JoinSet::new();
    loop {
        let done = if under_way.len() >= WINDOW { under_way.join_next().await } else { None };
        if let Some(error) =
            done.into_iter().chain(std::iter::from_fn(|| under_way.try_join_next())).find_map(Result::err)
        {
            // Which request it was is not known any more; the client asks again for what it has no answer to.
            let _ = answered.send(Err(Failure::of_task(&error).into())).await;
            return;
        }
        // An answer that nobody reads keeps its place.
        let Ok(Ok(place)) = timeout(patience, answered.clone().reserve_owned()).await else { return };
        let request = tokio::select! {
            request = timeout(patience, requests.next()) => request,
            () = &mut draining => break,
        };
        match request {
            Ok(Some(Ok(request))) => {
                let (charging, context) = (charging.clone(), Arc::clone(&context));
                under_way.spawn(async move {
                    place.send(Ok(charging.one(&context, request).await));
                });
            }
            // Nothing is under way that somebody could wait for.
            Err(_) if under_way.is_empty() => {
                place.send(Err(status::idle(patience)));
                return;
            }
            Err(_) => {}
            Ok(Some(Err(_)) | None) => break,
        }
    }
    while under_way.join_next().await.is_some() {}
}

impl Charging {
    async fn one(&self, context: &Context, request: message::ChargeRequest) -> message::ChargeResponse {
        let message::ChargeRequest { correlation, request } = request;
        let outcome = match self.outcome(&context.renewed(), request).await {
            Ok(outcome) => outcome,
            Err(status) => Outcome::Error(error(&status)),
        };
        message::ChargeResponse { correlation, outcome: Some(outcome) }
    }

    async fn outcome(&self, context: &Context, request: Option<Wire>) -> Result<Outcome, Status> {
        match request.ok_or_else(|| status::missing("request"))? {
            Wire::Authorize(mut one) => {
                let payer = one.payer.take();
                answer::granted(self.decide(context, payer, one).await?).map(Outcome::Granted)
            }
            Wire::Reserve(mut one) => {
                let payer = one.payer.take();
                answer::granted(self.decide(context, payer, one).await?).map(Outcome::Granted)
            }
            Wire::Extend(mut one) => {
                let payer = one.payer.take();
                answer::granted(self.decide(context, payer, one).await?).map(Outcome::Granted)
            }
            Wire::Commit(mut one) => {
                let payer = one.payer.take();
                answer::taken(self.decide(context, payer, one).await?).map(Outcome::Taken)
            }
            Wire::Release(mut one) => {
                let payer = one.payer.take();
                answer::released(self.decide(context, payer, one).await?).map(Outcome::Released)
            }
            Wire::Debit(mut one) => {
                let payer = one.payer.take();
                answer::taken(self.decide(context, payer, one).await?).map(Outcome::Taken)
            }
        }
    }
}

/// A status as one answer among many.
fn error(status: &Status) -> message::ChargeError {
    let info = status.get_details_error_info();
    let (reason, facts) = info.map(|info| (info.reason, info.metadata)).unwrap_or_default();
    let (code, text) = (i32::from(status.code()), status.message().to_owned());
    message::ChargeError { code, reason, text, facts: facts.into_iter().collect() }
}
