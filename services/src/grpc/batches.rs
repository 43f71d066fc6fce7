//! Batches by stream: one answer for each, in order, when all of it is durable.
//!
//! So many batches of a stream are under way at once; a client that sends faster waits, because nothing more is read. A client
//! that neither sends nor reads for long loses its stream, so that it keeps no place from others.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::context::{Context, USUAL_TIMEOUT};
use super::status;
use crate::gateway::Failure;

/// How many batches of a stream are under way at once.
const WINDOW: usize = 8;

/// Takes the batches of a stream, each by this work, and gives the answers in the order of the batches. The first that fails is
/// the last.
pub(super) fn in_order<B, A, W>(
    context: Arc<Context>,
    batches: Streaming<B>,
    work: impl Fn(B) -> W + Send + 'static,
) -> ReceiverStream<Result<A, Status>>
where
    B: Send + 'static,
    A: Send + 'static,
    W: Future<Output = Result<A, Status>> + Send + 'static,
{
    let (under_way, mut in_order) = mpsc::channel::<JoinHandle<Result<A, Status>>>(WINDOW);
    let (answered, answers) = mpsc::channel(WINDOW);
    let patience = context.patience();
    tokio::spawn(async move { take(&context, batches, work, under_way).await });
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

/// Until when a batch may take: a stream without a deadline gives each batch the usual time.
pub(super) fn deadline(context: &Context) -> Result<Instant, Status> {
    let time = if context.has_deadline() { context.remaining()? } else { USUAL_TIMEOUT };
    let now = Instant::now();
    Ok(now.checked_add(time.max(Duration::from_millis(1))).unwrap_or(now))
}

/// Begins a batch whenever there is room for one, until the client ends, fails or goes, or the node stops.
async fn take<B, A, W>(
    context: &Context,
    mut batches: Streaming<B>,
    work: impl Fn(B) -> W,
    under_way: mpsc::Sender<JoinHandle<Result<A, Status>>>,
) where
    A: Send + 'static,
    W: Future<Output = Result<A, Status>> + Send + 'static,
{
    let patience = context.patience();
    let draining = context.draining();
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
            Some(Ok(batch)) => place.send(tokio::spawn(work(batch))),
            // The client has gone; what is under way ends by itself.
            Some(Err(_)) | None => return,
        }
    }
}
