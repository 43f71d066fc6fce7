//! `kvarter.events.v1.EventService`: what accounts tell whoever listens.

pub(super) mod place;
mod stream;

use domain::entity::event_log::Cursor;
use proto::events as message;
use proto::events::event_service_server::EventService;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::context::Context;
use super::page::{ENTRIES, Paging};
use super::{name, status};
use crate::events::{Log, from_bytes, text, to_bytes};
use crate::gateway::Gateway;

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
        let choice = place::choice(&tenant, request.filter.as_ref())?;
        let wanted = (request.cursor.as_str(), request.from_now);
        let from = place::start((&self.gateway, &context), &tenant, wanted).await?;
        let log = Log::new(self.gateway.clone(), tenant, choice);
        Ok(Response::new(stream::events(log, context, from)))
    }

    async fn list_events(
        &self,
        request: Request<message::ListEventsRequest>,
    ) -> Result<Response<message::ListEventsResponse>, Status> {
        let (_context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let choice = place::choice(&tenant, request.filter.as_ref())?;
        let list = format!("events of {} {choice:?}", request.parent);
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let from = match paging.after.as_deref() {
            None => Cursor::default(),
            Some(place) => from_bytes(place)
                .ok_or_else(|| status::invalid_field("page_token", "is no place in the log"))?,
        };
        let log = Log::new(self.gateway.clone(), tenant, choice);
        let part = log.part(&from, paging.size).await?;
        let next_page_token =
            if part.is_last { String::new() } else { paging.token(&to_bytes(&part.cursor)) };
        let cursor = text(&part.cursor, log.tenant());
        let events = part.events.into_iter().map(|placed| placed.event).collect();
        Ok(Response::new(message::ListEventsResponse { events, next_page_token, cursor }))
    }
}
