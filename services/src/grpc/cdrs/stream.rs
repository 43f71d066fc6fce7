//! Records by stream: batches in, one answer per batch in order, when all of it is durable.
//!
//! So many batches of a stream are under way at once; a client that sends faster waits. Where an entity has no room the
//! stream waits with it instead of refusing.

use std::sync::Arc;

use actors::shell::{CallError, Class, Tenant};
use domain::cdr::Party;
use proto::roaming as message;
use proto::types::Reason;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::super::context::Context;
use super::super::{name, status};
use super::{Cdrs, Refused, asker, cdr_name, format, sender};
use crate::gateway::Failure;
use crate::roaming::{Asker, Received};

/// How many batches of a stream are under way at once.
const WINDOW: usize = 8;
/// How many records of a stream are under way at once.
const RECORDS: usize = 256;
/// The most records of a batch.
const MOST_DOCUMENTS: usize = 1_000;

type Answer = Result<message::StreamCdrsResponse, Status>;

/// Takes the batches of a stream and answers them.
pub(super) fn answers(
    service: Cdrs,
    context: Context,
    batches: Streaming<message::StreamCdrsRequest>,
) -> ReceiverStream<Answer> {
    let (under_way, mut in_order) = mpsc::channel::<JoinHandle<Answer>>(WINDOW);
    let (answered, answers) = mpsc::channel(WINDOW);
    let patience = context.patience();
    let stream = Stream { service, context: Arc::new(context), places: Arc::new(Semaphore::new(RECORDS)) };
    tokio::spawn(async move { stream.take(batches, under_way).await });
    tokio::spawn(async move {
        while let Some(batch) = in_order.recv().await {
            let answer = batch.await.unwrap_or_else(|error| Err(Failure::of_task(&error).into()));
            let is_last = answer.is_err();
            let is_read = matches!(timeout(patience, answered.send(answer)).await, Ok(Ok(())));
            if is_last || !is_read {
                return;
            }
        }
    });
    ReceiverStream::new(answers)
}

#[derive(Clone)]
struct Stream {
    service: Cdrs,
    context: Arc<Context>,
    places: Arc<Semaphore>,
}

impl Stream {
    /// Begins a batch whenever there is room for one, until the client ends, fails or goes, or the node stops.
    async fn take(
        self,
        mut batches: Streaming<message::StreamCdrsRequest>,
        under_way: mpsc::Sender<JoinHandle<Answer>>,
    ) {
        let patience = self.context.patience();
        let draining = self.context.draining();
        tokio::pin!(draining);
        while let Ok(place) = under_way.reserve().await {
            let batch = tokio::select! {
                batch = timeout(patience, batches.next()) => batch,
                () = &mut draining => return,
            };
            let Ok(batch) = batch else {
                place.send(tokio::spawn(async move { Err(status::idle(patience)) }));
                return;
            };
            match batch {
                Some(Ok(batch)) => {
                    let stream = self.clone();
                    place.send(tokio::spawn(async move { stream.batch(batch).await }));
                }
                Some(Err(_)) | None => return,
            }
        }
    }

    async fn batch(self, batch: message::StreamCdrsRequest) -> Answer {
        let tenant = name::tenant("parent", &batch.parent)?;
        format(batch.format)?;
        let sender = sender(&batch.sender_party)?;
        if batch.documents.len() > MOST_DOCUMENTS {
            return Err(status::invalid_field(
                "documents",
                &format!("has more than {MOST_DOCUMENTS} entries"),
            ));
        }
        let asker = asker(&self.context.renewed(), &tenant, Class::Bulk)?;
        let mut outcomes = vec![lost(); batch.documents.len()];
        let mut asked = JoinSet::new();
        for (place, document) in batch.documents.into_iter().enumerate() {
            let (stream, asker, tenant) = (self.clone(), asker.clone(), tenant.clone());
            asked.spawn(async move { (place, stream.one(&tenant, &asker, document, sender).await) });
        }
        while let Some(done) = asked.join_next().await {
            let (place, outcome) = done.map_err(|error| Failure::of_task(&error))?;
            if let Some(held) = outcomes.get_mut(place) {
                *held = outcome;
            }
        }
        Ok(message::StreamCdrsResponse { batch_number: batch.batch_number, outcomes })
    }

    async fn one(
        &self,
        tenant: &Tenant,
        asker: &Asker,
        document: Vec<u8>,
        sender: Option<Party>,
    ) -> message::CdrOutcome {
        // Closed never: the stream holds it.
        let _place = self.places.acquire().await;
        loop {
            match self.service.take(asker, document.clone(), sender).await {
                Ok(Received { record, is_changed, is_repeat }) => {
                    return message::CdrOutcome {
                        cdr: cdr_name(tenant, &record.cdr.key),
                        state: message::Cdr::from(record.as_ref()).state,
                        is_changed,
                        is_repeat,
                        refusal: None,
                    };
                }
                Err(Refused::Unreadable(reason)) => return refusal("CDR_UNREADABLE", &reason),
                Err(Refused::Failed(Failure::NoAnswer(CallError::Overloaded { retry_after, .. }))) => {
                    tokio::time::sleep(retry_after).await;
                }
                Err(Refused::Failed(Failure::NoAnswer(error))) => {
                    return refusal("UNAVAILABLE", &error.to_string());
                }
                Err(Refused::Failed(Failure::Rejected(rejection))) => {
                    return message::CdrOutcome { refusal: rejection.reason, ..Default::default() };
                }
                Err(Refused::Failed(failure)) => {
                    return refusal("INTERNAL", Status::from(failure).message());
                }
            }
        }
    }
}

fn lost() -> message::CdrOutcome {
    refusal("UNAVAILABLE", "nothing is known of it; send it again")
}

fn refusal(code: &str, text: &str) -> message::CdrOutcome {
    let refusal = Some(Reason { code: code.to_owned(), text: text.to_owned() });
    message::CdrOutcome { refusal, ..Default::default() }
}
