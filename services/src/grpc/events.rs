//! `kvarter.events.v1.EventService`: what accounts tell whoever listens.

mod cursor;
mod log;
mod stream;

use proto::events as message;
use proto::events::event_service_server::EventService;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::context::Context;
use super::page::{ENTRIES, Paging};
use super::{name, status};
use crate::gateway::Gateway;
use cursor::Cursor;
use log::{Choice, Log};

/// The service.
#[derive(Clone)]
pub struct Events {
    gateway: Gateway,
}

impl Events {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

#[tonic::async_trait]
impl EventService for Events {
    type StreamEventsStream = ReceiverStream<Result<message::StreamEventsResponse, Status>>;

    async fn stream_events(
        &self,
        request: Request<message::StreamEventsRequest>,
    ) -> Result<Response<Self::StreamEventsStream>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let choice = Choice::of(&tenant, request.filter.as_ref())?;
        let log = Log::new(self.gateway.clone(), tenant, choice);
        let end = log.end(&context).await?;
        let from = match (request.cursor.as_str(), request.from_now) {
            ("", false) => Cursor::default(),
            ("", true) => end,
            (_, true) => return Err(status::invalid_field("from_now", "is taken only without a cursor")),
            (text, false) => {
                let cursor = Cursor::parse(log.tenant(), text).ok_or_else(|| {
                    let text = "is no cursor that a listener of this tenant was given";
                    status::invalid("CURSOR_MALFORMED", "cursor", text)
                })?;
                if cursor.is_beyond(&end) {
                    let text = "is beyond the end of the log: the data are older than the cursor";
                    return Err(status::invalid("CURSOR_BEYOND_END", "cursor", text));
                }
                cursor
            }
        };
        Ok(Response::new(stream::events(log, context, from)))
    }

    async fn list_events(
        &self,
        request: Request<message::ListEventsRequest>,
    ) -> Result<Response<message::ListEventsResponse>, Status> {
        let (_context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let choice = Choice::of(&tenant, request.filter.as_ref())?;
        let list = format!("events of {} {choice:?}", request.parent);
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let from = match paging.after.as_deref() {
            None => Cursor::default(),
            Some(place) => Cursor::from_bytes(place)
                .ok_or_else(|| status::invalid_field("page_token", "is no place in the log"))?,
        };
        let log = Log::new(self.gateway.clone(), tenant, choice);
        let part = log.part(&from, paging.size).await?;
        let next_page_token =
            if part.is_last { String::new() } else { paging.token(&part.cursor.to_bytes()) };
        let cursor = part.cursor.text(log.tenant());
        Ok(Response::new(message::ListEventsResponse { events: part.events, next_page_token, cursor }))
    }
}
