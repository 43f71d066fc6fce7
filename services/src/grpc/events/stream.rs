//! Events as they are added to the log, from a cursor on.
//!
//! The log is read again and again, ahead of its listener by one part at most; a listener that does not read for long
//! loses its stream, and goes on from the cursor it has.

use std::time::Duration;

use domain::entity::event_log::Cursor;
use proto::events as message;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::events::{Log, text};
use crate::grpc::context::Context;

/// How long it is until the log is looked at again once everything was given.
const PAUSE: Duration = Duration::from_millis(200);
/// How many entries are looked at at once.
const MOST_ENTRIES: usize = 128;

/// The events behind a cursor, and what follows. The first answer comes at once, if only with the cursor.
pub(super) fn events(
    log: Log,
    context: Context,
    from: Cursor,
) -> ReceiverStream<Result<message::StreamEventsResponse, Status>> {
    let (told, parts) = mpsc::channel(1);
    tokio::spawn(async move {
        let draining = context.draining();
        tokio::pin!(draining);
        let patience = context.patience();
        let (mut cursor, mut is_first) = (from, true);
        loop {
            let part = log.part(&cursor, MOST_ENTRIES).await;
            let is_last = part.as_ref().is_ok_and(|part| part.is_last);
            let is_news = part.as_ref().map_or(true, |part| is_first || part.cursor != cursor);
            is_first = false;
            if is_news {
                let answer = part.map_err(Status::from).map(|part| {
                    cursor = part.cursor;
                    let events = part.events.into_iter().map(|placed| placed.event).collect();
                    message::StreamEventsResponse { events, cursor: text(&cursor, log.tenant()) }
                });
                let is_error = answer.is_err();
                let sent = tokio::select! {
                    sent = timeout(patience, told.send(answer)) => sent,
                    () = &mut draining => return,
                };
                if is_error || !matches!(sent, Ok(Ok(()))) {
                    return;
                }
            }
            let pause = if is_last { PAUSE } else { Duration::ZERO };
            tokio::select! {
                () = &mut draining => return,
                () = told.closed() => return,
                () = sleep(pause) => {}
            }
        }
    });
    ReceiverStream::new(parts)
}
