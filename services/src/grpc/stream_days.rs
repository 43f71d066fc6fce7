//! Values by stream, in [`batches`].
//!
//! The values of a metering point go to it in one command where they fit. Where an entity has no room the stream waits with it
//! instead of refusing: that is how back-pressure reaches the client.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::shell::{CallError, Class, Consistency, Tenant};
use domain::entity::Recipient;
use domain::entity::metering_point::{Command, Reply, StoredDays, Values, ValuesRefused};
use domain::identity::MeteringPointId;
use proto::metering as message;
use proto::store::Terms;
use proto::types::Reason;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::chunks::{self, Group};
use super::context::Context;
use super::{batches, name, status};
use crate::gateway::{Ask, Failure, Gateway};

/// How many commands of a stream are under way at once.
const COMMANDS: usize = 256;
/// The most items of a batch.
const MOST_CHUNKS: usize = 1_000;

type Answer = Result<message::StreamDaysResponse, Status>;

/// Takes the batches of a stream and answers them.
pub(super) fn answers(
    gateway: Gateway,
    context: Context,
    received: Streaming<message::StreamDaysRequest>,
) -> ReceiverStream<Answer> {
    let context = Arc::new(context);
    let stream =
        Stream { gateway, context: Arc::clone(&context), places: Arc::new(Semaphore::new(COMMANDS)) };
    batches::in_order(context, received, move |batch| stream.clone().batch(batch))
}

#[derive(Clone)]
struct Stream {
    gateway: Gateway,
    context: Arc<Context>,
    places: Arc<Semaphore>,
}

impl Stream {
    async fn batch(self, batch: message::StreamDaysRequest) -> Answer {
        let message::StreamDaysRequest { parent, batch_number, chunks, validate_only } = batch;
        let tenant = name::tenant("parent", &parent)?;
        if chunks.len() > MOST_CHUNKS {
            return Err(status::invalid_field("chunks", &format!("has more than {MOST_CHUNKS} entries")));
        }
        let deadline = batches::deadline(&self.context)?;
        let count = chunks.len();
        let (groups, refused) = chunks::grouped(chunks);
        let mut outcomes: BTreeMap<usize, message::ChunkOutcome> = refused
            .into_iter()
            .map(|(index, error)| (index, refusal("INVALID", &error.to_string())))
            .collect();
        let mut asked = JoinSet::new();
        for (point, groups) in groups {
            let (stream, tenant) = (self.clone(), tenant.clone());
            let terms = (deadline, validate_only);
            asked.spawn(async move { stream.point(&tenant, point, groups, terms).await });
        }
        while let Some(done) = asked.join_next().await {
            // The same values sent again have no second effect.
            outcomes.extend(done.map_err(|error| Failure::of_task(&error))?);
        }
        let lost = || refusal("UNAVAILABLE", "nothing is known of it; send it again");
        let outcomes = (0..count).map(|index| outcomes.remove(&index).unwrap_or_else(lost)).collect();
        Ok(message::StreamDaysResponse { batch_number, outcomes })
    }

    /// Gives a metering point its items, group by group.
    async fn point(
        self,
        tenant: &Tenant,
        point: MeteringPointId,
        groups: Vec<Group>,
        terms: (Instant, bool),
    ) -> Vec<(usize, message::ChunkOutcome)> {
        let mut outcomes = Vec::new();
        for Group { indexes, values } in groups {
            // Closed never: the stream holds it.
            let _place = self.places.acquire().await;
            match self.store(tenant, point, values, terms).await {
                Ok(stored) => outcomes.extend(indexes.into_iter().zip(stored.iter().map(outcome))),
                Err(failure) => {
                    let refused = unavailable(failure);
                    outcomes.extend(indexes.into_iter().map(|index| (index, refused.clone())));
                }
            }
        }
        outcomes
    }

    async fn store(
        &self,
        tenant: &Tenant,
        point: MeteringPointId,
        values: Vec<Values>,
        (deadline, validate_only): (Instant, bool),
    ) -> Result<Vec<Result<StoredDays, ValuesRefused>>, Failure> {
        let command = Command::StoreValues(values);
        loop {
            let ask = Ask {
                tenant: tenant.clone(),
                entity: Recipient::MeteringPoint(point),
                caller: self.context.caller.clone(),
                // Values that are there already change nothing.
                request_id: None,
                timeout: deadline.saturating_duration_since(Instant::now()),
                class: Class::Bulk,
                repeatable: true,
                consistency: Consistency::Strong,
                trace: self.context.trace(),
                terms: validate_only.then(|| Terms { validate_only, ..Terms::default() }),
            };
            match self.gateway.ask(ask, &command).await {
                Ok(Reply::Stored(outcomes)) => return Ok(outcomes),
                Ok(_) => return Err(Failure::Unreadable("values were given and not answered".to_owned())),
                Err(Failure::NoAnswer(CallError::Overloaded { retry_after, .. }))
                    if Instant::now().checked_add(retry_after).is_some_and(|next| next < deadline) =>
                {
                    tokio::time::sleep(retry_after).await;
                }
                Err(failure) => return Err(failure),
            }
        }
    }
}

fn outcome(stored: &Result<StoredDays, ValuesRefused>) -> message::ChunkOutcome {
    match stored {
        Ok(days) => {
            message::ChunkOutcome { stored_days: days.stored, unchanged_days: days.unchanged, refusal: None }
        }
        Err(refused) => message::ChunkOutcome { refusal: Some(refused.into()), ..Default::default() },
    }
}

/// An item that its metering point gave no answer to.
fn unavailable(failure: Failure) -> message::ChunkOutcome {
    match failure {
        Failure::NoAnswer(error @ CallError::Parked { .. }) => refusal("PARKED", &error.to_string()),
        Failure::NoAnswer(error @ CallError::Internal { .. }) => refusal("INTERNAL", &error.to_string()),
        Failure::NoAnswer(error) => refusal("UNAVAILABLE", &error.to_string()),
        other => refusal("INTERNAL", Status::from(other).message()),
    }
}

fn refusal(code: &str, text: &str) -> message::ChunkOutcome {
    let refusal = Some(Reason { code: code.to_owned(), text: text.to_owned() });
    message::ChunkOutcome { refusal, ..Default::default() }
}
