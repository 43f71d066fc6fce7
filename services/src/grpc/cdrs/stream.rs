//! Records by stream, in [`batches`]. Where an entity has no room the stream waits with it, as long as the batch may take.

use std::sync::Arc;

use actors::shell::{CallError, Class, Tenant};
use domain::cdr::Party;
use proto::convert::record_reasons;
use proto::roaming as message;
use proto::types::Reason;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::super::context::Context;
use super::super::{batches, name, status};
use super::{Cdrs, Refused, asker, cdr_name, format, sender};
use crate::gateway::Failure;
use crate::roaming::{Asker, Received};

/// How many records of a stream are under way at once.
const RECORDS: usize = 256;
/// The most records of a batch.
const MOST_DOCUMENTS: usize = 1_000;

type Answer = Result<message::StreamCdrsResponse, Status>;

/// Takes the batches of a stream and answers them.
pub(super) fn answers(
    service: Cdrs,
    context: Context,
    received: Streaming<message::StreamCdrsRequest>,
) -> ReceiverStream<Answer> {
    let context = Arc::new(context);
    let stream = Stream { service, context: Arc::clone(&context), places: Arc::new(Semaphore::new(RECORDS)) };
    batches::in_order(context, received, move |batch| stream.clone().batch(batch))
}

#[derive(Clone)]
struct Stream {
    service: Cdrs,
    context: Arc<Context>,
    places: Arc<Semaphore>,
}

impl Stream {
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
        let deadline = batches::deadline(&self.context)?;
        let asker = asker(&self.context.renewed(), &tenant, Class::Bulk)?;
        let mut outcomes = vec![lost(); batch.documents.len()];
        let mut asked = JoinSet::new();
        for (place, document) in batch.documents.into_iter().enumerate() {
            let (stream, asker, tenant) = (self.clone(), asker.clone(), tenant.clone());
            asked.spawn(
                async move { (place, stream.one(&tenant, (&asker, deadline), document, sender).await) },
            );
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
        (asker, deadline): (&Asker, Instant),
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
                        reasons: record_reasons(&record),
                        is_changed,
                        is_repeat,
                        refusal: None,
                    };
                }
                Err(Refused::Unreadable(reason)) => return refusal("CDR_UNREADABLE", &reason),
                Err(Refused::Failed(Failure::NoAnswer(CallError::Overloaded { retry_after, .. })))
                    if Instant::now().checked_add(retry_after).is_some_and(|next| next < deadline) =>
                {
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
