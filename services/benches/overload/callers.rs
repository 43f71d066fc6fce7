//! Callers that cost little: one HTTP/2 connection, calls of one method, answers told apart without being decoded.
//!
//! A client as programs use it takes about as much of a processor for a refused call as the node does, so that with a processor
//! each it is the client that is overloaded. Here the body is a copy of bytes, and what a refusal says is read once for all that
//! say the same.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use hyper::http::{HeaderMap, HeaderValue, Request, Uri};
use prost::Message;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tonic::Status;

/// Status and details of a refusal.
type Kind = (HeaderValue, Option<HeaderValue>);

const STATUS: &str = "grpc-status";
const DETAILS: &str = "grpc-status-details-bin";
/// What the node may send before it is read.
const WINDOW_BYTES: u32 = 16 << 20;
const TICK: Duration = Duration::from_millis(1);

/// A connection and the method that is called on it.
pub(crate) struct Callers {
    connection: SendRequest<Bytes>,
    uri: Uri,
}

/// What became of the calls.
#[derive(Default)]
pub(crate) struct Tally {
    /// How long those took that were answered, from the moment when they were due.
    pub(crate) answered: Mutex<Vec<Duration>>,
    /// By what is compared to tell refusals apart: one of the kind, and how many there were.
    refused: Mutex<HashMap<Kind, (HeaderMap, u64)>>,
}

impl Callers {
    /// Opens a connection.
    pub(crate) async fn connect(address: SocketAddr, method: &str) -> Callers {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(WINDOW_BYTES).initial_connection_window_size(WINDOW_BYTES);
        let (connection, driver) = builder.handshake(stream).await.unwrap();
        tokio::spawn(async move { driver.await.unwrap() });
        Callers { connection, uri: format!("http://{address}/{method}").parse().unwrap() }
    }

    /// Calls at a fixed rate, whether others were answered or not, until the time is over; then waits for all answers.
    /// Answers how many calls there were.
    pub(crate) async fn offer<M: Message>(
        mut self,
        (rate, duration): (u64, Duration),
        message: impl Fn(u64) -> M,
        tally: Arc<Tally>,
    ) -> u64 {
        let (begun, mut offered, mut calls) = (Instant::now(), 0, JoinSet::new());
        while begun.elapsed() < duration {
            let due = u64::try_from(begun.elapsed().as_micros()).unwrap() * rate / 1_000_000;
            while offered < due {
                let asked = begun + Duration::from_micros((offered + 1) * 1_000_000 / rate);
                // As many as the node lets be open at once; the others wait for that, and their time counts.
                self.connection = self.connection.ready().await.unwrap();
                let answer = self.send(&message(offered));
                offered += 1;
                let tally = Arc::clone(&tally);
                calls.spawn(async move { tally.take(answer, asked).await });
            }
            while calls.try_join_next().is_some() {}
            tokio::time::sleep(TICK).await;
        }
        calls.join_all().await;
        offered
    }

    fn send(&mut self, message: &impl Message) -> ResponseFuture {
        let request = Request::post(self.uri.clone()).header("content-type", "application/grpc");
        let request = request.header("te", "trailers").body(()).unwrap();
        let (answer, mut body) = self.connection.send_request(request, false).unwrap();
        let mut framed = vec![0; 5];
        message.encode(&mut framed).unwrap();
        let length = u32::try_from(framed.len() - 5).unwrap();
        framed[1..5].copy_from_slice(&length.to_be_bytes());
        // Who was refused before it said everything is told so by the answer.
        drop(body.send_data(framed.into(), true));
        answer
    }
}

impl Tally {
    async fn take(&self, answer: ResponseFuture, asked: Instant) {
        let (head, mut body) = answer.await.unwrap().into_parts();
        if head.headers.contains_key(STATUS) {
            return self.refuse(head.headers);
        }
        while let Some(data) = body.data().await {
            body.flow_control().release_capacity(data.unwrap().len()).unwrap();
        }
        let trailers = body.trailers().await.unwrap().unwrap();
        if trailers[STATUS] == "0" {
            self.answered.lock().unwrap().push(asked.elapsed());
        } else {
            self.refuse(trailers);
        }
    }

    fn refuse(&self, headers: HeaderMap) {
        let key = (headers[STATUS].clone(), headers.get(DETAILS).cloned());
        self.refused.lock().unwrap().entry(key).or_insert_with(|| (headers, 0)).1 += 1;
    }

    /// What was refused, and how often.
    pub(crate) fn refused(&self) -> Vec<(Status, u64)> {
        let refused = self.refused.lock().unwrap();
        refused.values().map(|(headers, count)| (Status::from_header_map(headers).unwrap(), *count)).collect()
    }
}
