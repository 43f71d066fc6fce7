//! A network between two nodes that can be cut, held up and closed.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Passes connections on to an address.
pub(crate) struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    _passing: JoinSet<()>,
}

/// What the network does.
#[derive(Clone, Copy, Debug, Default)]
struct Weather {
    leads_to: Option<SocketAddr>,
    /// New connections are closed at once.
    refuses: bool,
    /// Nothing gets through, and nobody is told.
    stalls: bool,
    /// Counts how often all connections were cut.
    cuts: u64,
}

impl Proxy {
    /// Passes everything on to this address.
    pub(crate) async fn start(to: SocketAddr) -> Proxy {
        let proxy = Proxy::start_anywhere().await;
        proxy.lead_to(to);
        proxy
    }

    /// Leads nowhere yet.
    pub(crate) async fn start_anywhere() -> Proxy {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        let weather = watch::Sender::new(Weather::default());
        let mut passing = JoinSet::new();
        passing.spawn(accept(listener, weather.subscribe()));
        Proxy { address, weather, _passing: passing }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn lead_to(&self, to: SocketAddr) {
        self.weather.send_modify(|weather| weather.leads_to = Some(to));
    }

    /// Cuts every connection.
    pub(crate) fn cut(&self) {
        self.weather.send_modify(|weather| weather.cuts += 1);
    }

    pub(crate) fn refuse(&self, refuses: bool) {
        self.weather.send_modify(|weather| weather.refuses = refuses);
    }

    pub(crate) fn stall(&self, stalls: bool) {
        self.weather.send_modify(|weather| weather.stalls = stalls);
    }
}

async fn accept(listener: TcpListener, mut weather: watch::Receiver<Weather>) {
    let mut passing = JoinSet::new();
    loop {
        let (here, _) = listener.accept().await.unwrap();
        let Weather { leads_to: Some(to), refuses: false, .. } = *weather.borrow_and_update() else {
            continue;
        };
        let Ok(there) = TcpStream::connect(to).await else { continue };
        passing.spawn(pass(here, there, weather.clone()));
    }
}

async fn pass(here: TcpStream, there: TcpStream, mut weather: watch::Receiver<Weather>) {
    let cuts = weather.borrow().cuts;
    let (from_here, to_here) = here.into_split();
    let (from_there, to_there) = there.into_split();
    let forth = copy(from_here, to_there, weather.clone());
    let back = copy(from_there, to_here, weather.clone());
    tokio::select! {
        () = forth => {}
        () = back => {}
        _ = weather.wait_for(|weather| weather.cuts > cuts) => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut weather: watch::Receiver<Weather>) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        if weather.wait_for(|weather| !weather.stalls).await.is_err() {
            return;
        }
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        if weather.wait_for(|weather| !weather.stalls).await.is_err()
            || to.write_all(&buffer[..read]).await.is_err()
        {
            return;
        }
    }
}
