//! The network card of a machine: how a node and turmoil's network come together although each has its own runtime.
//!
//! A node runs on a runtime that the world steps, halts and throws away; a stream of turmoil works only inside of its
//! turmoil host. So a node holds the end of a pipe, as a process holds a socket, and the card carries what goes through
//! the pipe to a stream and back, as the kernel below a process does. It goes on while the process stands still, and
//! ends connections in order when the process is gone; without power it does neither.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use actors::shell::BoxFuture;
use services::links::{Network, Wire};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex, split};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use turmoil::net::{TcpListener, TcpStream};

use crate::trace::Trace;

/// The card of one machine.
pub struct Card {
    machine: usize,
    /// To what runs in the turmoil host; `None` without power.
    orders: Mutex<Option<UnboundedSender<Order>>>,
    wire: Arc<Meter>,
}

/// What all cards have carried.
#[derive(Debug)]
pub struct Meter {
    /// Connections made.
    pub connections: AtomicU64,
    /// Pieces that went into a stream.
    pub segments: AtomicU64,
    /// What happens in the run.
    pub trace: Arc<Trace>,
}

/// Connections that others made to a machine.
pub type Incoming = UnboundedReceiver<io::Result<DuplexStream>>;

/// What a node wants of its card.
enum Order {
    Connect { address: Arc<str>, answer: oneshot::Sender<io::Result<DuplexStream>> },
    Listen { accepted: UnboundedSender<io::Result<DuplexStream>> },
}

/// The port of a node.
pub const PORT: u16 = 1;

/// How much a pipe takes in each direction. What a node writes at once is one piece on the network up to that size.
const PIPE_BYTES: usize = 64 << 10;

impl Card {
    /// The card of a machine, without power.
    #[must_use]
    pub fn new(machine: usize, wire: Arc<Meter>) -> Card {
        Card { machine, orders: Mutex::new(None), wire }
    }

    /// Has the card work, in its turmoil host.
    pub fn switch_on(&self) -> impl Future<Output = turmoil::Result> + use<> {
        let (sender, orders) = unbounded_channel();
        *self.orders.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        work(self.machine, orders, Arc::clone(&self.wire))
    }

    /// Nothing that a node wants reaches the network any more.
    pub fn switch_off(&self) {
        *self.orders.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Takes connections from now on, in place of whoever did before, for as long as the receiver is there.
    pub fn listen(&self) -> Incoming {
        let (accepted, incoming) = unbounded_channel();
        self.order(Order::Listen { accepted });
        incoming
    }

    fn order(&self, order: Order) {
        let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(orders) = &*orders {
            // Without power nobody hears it; whoever waits for the answer learns that there is none.
            let _ = orders.send(order);
        }
    }
}

impl Network for Card {
    fn connect(&self, address: Arc<str>) -> BoxFuture<io::Result<Box<dyn Wire>>> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Connect { address, answer });
        Box::pin(async move {
            let pipe = answered.await.map_err(|_| io::Error::from(io::ErrorKind::NetworkDown))??;
            Ok(Box::new(pipe) as Box<dyn Wire>)
        })
    }
}

/// What runs in the turmoil host of a machine. It never ends: without software a turmoil host does not move.
async fn work(machine: usize, mut orders: UnboundedReceiver<Order>, wire: Arc<Meter>) -> turmoil::Result {
    let mut listening = JoinSet::new();
    let mut connecting = JoinSet::new();
    while let Some(order) = orders.recv().await {
        match order {
            Order::Connect { address, answer } => {
                while connecting.try_join_next().is_some() {}
                connecting.spawn(connect(machine, address, answer, Arc::clone(&wire)));
            }
            Order::Listen { accepted } => {
                // The port is free once the former listener is gone.
                listening.shutdown().await;
                listening.spawn(listen(accepted, Arc::clone(&wire)));
            }
        }
    }
    std::future::pending().await
}

async fn connect(
    machine: usize,
    address: Arc<str>,
    mut answer: oneshot::Sender<io::Result<DuplexStream>>,
    wire: Arc<Meter>,
) {
    let connected = tokio::select! {
        biased;
        () = answer.closed() => return,
        connected = TcpStream::connect(&*address) => connected,
    };
    let stream = match connected {
        Ok(stream) => stream,
        Err(error) => {
            wire.trace.note(format_args!("machine {machine} does not reach {address}: {}", error.kind()));
            let _ = answer.send(Err(error));
            return;
        }
    };
    wire.trace.note(format_args!("machine {machine} connects to {address}"));
    wire.connections.fetch_add(1, Ordering::Relaxed);
    let (inside, outside) = duplex(PIPE_BYTES);
    if answer.send(Ok(inside)).is_ok() {
        carry(outside, stream, &wire).await;
    }
    wire.trace.note(format_args!("a connection of machine {machine} to {address} is over"));
}

async fn listen(accepted: UnboundedSender<io::Result<DuplexStream>>, wire: Arc<Meter>) {
    let listener = match TcpListener::bind(("0.0.0.0", PORT)).await {
        Ok(listener) => listener,
        Err(error) => {
            let _ = accepted.send(Err(error));
            return;
        }
    };
    loop {
        let stream = tokio::select! {
            biased;
            () = accepted.closed() => return,
            stream = listener.accept() => stream,
        };
        let Ok((stream, _)) = stream else { continue };
        let (inside, outside) = duplex(PIPE_BYTES);
        let wire = Arc::clone(&wire);
        // A connection outlives its listener.
        tokio::spawn(async move { carry(outside, stream, &wire).await });
        let _ = accepted.send(Ok(inside));
    }
}

/// Carries both ways until either end is gone, and then lets go of both.
async fn carry(pipe: DuplexStream, stream: TcpStream, wire: &Meter) {
    let (mut pipe_reads, mut pipe_writes) = split(pipe);
    let (mut stream_reads, mut stream_writes) = stream.into_split();
    let outgoing = Some(&wire.segments);
    // However it ended, it is over.
    let _ = tokio::select! {
        biased;
        ended = carry_one_way(&mut stream_reads, &mut pipe_writes, None) => ended,
        ended = carry_one_way(&mut pipe_reads, &mut stream_writes, outgoing) => ended,
    };
}

async fn carry_one_way(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    count: Option<&AtomicU64>,
) -> io::Result<()> {
    let mut buffer = vec![0; PIPE_BYTES];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(buffer.get(..length).unwrap_or_default()).await?;
        if let Some(count) = count {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Card").field("machine", &self.machine).finish_non_exhaustive()
    }
}
