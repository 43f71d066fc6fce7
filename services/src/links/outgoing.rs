//! What goes out on one stream: the greeting, and once it is answered frames of whatever waits.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use cluster::Clock;
use prost::Message as _;
use proto::node as message;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::Instant;
use tokio_stream::Stream;

use super::options::{FRAME_BYTES, FRAME_ITEMS};
use super::pending::{Pending, Ticket};
use super::wire::ruling::Ruling;

/// Something that waits to go out, with the room it takes while it waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) item: Item,
    pub(super) room: Option<OwnedSemaphorePermit>,
}

/// Something for another node.
#[derive(Debug)]
pub(super) enum Item {
    Call(Box<message::Call>, Ticket),
    Ruling(Box<Ruling>, Ticket),
    Parcel(Box<message::Parcel>),
    Nudge,
    Ping,
}

/// The last question for the time.
#[derive(Debug, Default)]
pub(super) struct Ping(Mutex<Option<Asked>>);

#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) id: u64,
    pub(super) at: Instant,
    pub(super) wall_ms: i64,
}

impl Item {
    /// About how many bytes it takes.
    pub(super) fn size_bytes(&self) -> usize {
        match self {
            Item::Call(call, _) => call.encoded_len(),
            Item::Ruling(ruling, _) => ruling.size_bytes(),
            Item::Parcel(parcel) => parcel.encoded_len(),
            Item::Nudge | Item::Ping => 0,
        }
    }
}

impl Ping {
    /// The question with this id, if it is the last one.
    pub(super) fn take(&self, id: u64) -> Option<Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take_if(|asked| asked.id == id)
    }

    fn set(&self, asked: Asked) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked);
    }
}

/// The frames of one stream. It ends when whoever puts things into it is gone.
#[derive(Debug)]
pub(super) struct Outgoing {
    greeting: Option<message::Greeting>,
    /// Until the greeting was answered nothing leaves.
    welcome: Option<oneshot::Receiver<()>>,
    waiting: mpsc::Receiver<Waiting>,
    pending: Arc<Pending>,
    ping: Arc<Ping>,
    clock: Arc<dyn Clock>,
    next_id: u64,
}

impl Outgoing {
    pub(super) fn new(
        greeting: message::Greeting,
        welcome: oneshot::Receiver<()>,
        waiting: mpsc::Receiver<Waiting>,
        (pending, ping, clock): (Arc<Pending>, Arc<Ping>, Arc<dyn Clock>),
    ) -> Outgoing {
        let (greeting, welcome) = (Some(greeting), Some(welcome));
        Outgoing { greeting, welcome, waiting, pending, ping, clock, next_id: 1 }
    }

    /// Puts something into the frame, unless nobody waits for it any more.
    fn fill(&mut self, frame: &mut message::ExchangeRequest, waiting: Waiting) {
        let id = self.next_id;
        self.next_id = id.wrapping_add(1);
        match waiting.item {
            Item::Call(mut call, ticket) if ticket.passage.send() => {
                call.id = id;
                self.pending.insert(id, ticket);
                frame.calls.push(*call);
            }
            Item::Ruling(ruling, ticket) if ticket.passage.send() => {
                self.pending.insert(id, ticket);
                ruling.fill(frame, id);
            }
            Item::Call(..) | Item::Ruling(..) => {}
            Item::Parcel(parcel) => frame.parcels.push(*parcel),
            Item::Nudge => frame.nudge = true,
            Item::Ping => {
                frame.ping = id;
                self.ping.set(Asked { id, at: Instant::now(), wall_ms: self.clock.wall_ms() });
            }
        }
    }
}

impl Stream for Outgoing {
    type Item = message::ExchangeRequest;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(greeting) = this.greeting.take() {
            return Poll::Ready(Some(message::ExchangeRequest {
                greeting: Some(greeting),
                ..Default::default()
            }));
        }
        if let Some(welcome) = &mut this.welcome {
            let welcomed = ready!(Pin::new(welcome).poll(context));
            this.welcome = None;
            if welcomed.is_err() {
                this.waiting.close();
                return Poll::Ready(None);
            }
        }
        let Some(first) = ready!(this.waiting.poll_recv(context)) else { return Poll::Ready(None) };
        let mut frame = message::ExchangeRequest::default();
        let mut size_bytes = room_bytes(&first);
        this.fill(&mut frame, first);
        for _ in 1..FRAME_ITEMS {
            if size_bytes >= FRAME_BYTES {
                break;
            }
            let Ok(next) = this.waiting.try_recv() else { break };
            size_bytes = size_bytes.saturating_add(room_bytes(&next));
            this.fill(&mut frame, next);
        }
        Poll::Ready(Some(frame))
    }
}

fn room_bytes(waiting: &Waiting) -> usize {
    waiting.room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
}
