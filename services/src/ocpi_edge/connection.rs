//! One connection of whoever calls: how long it is held for nothing, and its end in order.
//!
//! There are only so many connections, and whoever opens one has shown nothing yet. Until the head of a first request is
//! whole it has little time; later it may be idle for longer.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

/// The largest head of a request, in bytes.
const MOST_HEAD_BYTES: usize = 32 << 10;

/// How long a connection is held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Until the head of the first request has come whole.
    pub(super) first_request: Duration,
    /// Until the head of another has come whole, idle or not.
    pub(super) asking: Duration,
}

/// Answers what is asked on a connection, until it ends, is held for nothing too long, or all are to end.
pub(super) async fn hold<Answered>(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
    answer: impl Fn(Request<Incoming>) -> Answered,
) where
    Answered: Future<Output = Response<Body>>,
{
    let (asked, mut is_asked) = watch::channel(false);
    let service = service_fn(|request| {
        asked.send_replace(true);
        let answered = answer(request);
        async { Ok::<_, Infallible>(answered.await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.asking).max_buf_size(MOST_HEAD_BYTES);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let silent = async {
        let asked = is_asked.wait_for(|is_asked| *is_asked);
        if tokio::time::timeout(limits.first_request, asked).await.is_ok() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        // What has come is looked at before the time is.
        biased;
        // One that breaks off is its own loss.
        _ = connection.as_mut() => return,
        () = silent => return,
        _ = stopped.wait_for(|stopped| *stopped) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(3_600);
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n";

    /// A connection on which this has come, and the other end of it.
    async fn connection(limits: Limits, sent: &[u8]) -> DuplexStream {
        let (mut ours, theirs) = duplex(1 << 10);
        ours.write_all(sent).await.unwrap();
        tokio::spawn(async move {
            let (_stop, stopped) = watch::channel(false);
            hold(theirs, limits, stopped, |_| async { Response::new(Body::from("answered")) }).await;
        });
        ours
    }

    /// All that comes until it is closed.
    async fn until_closed(mut connection: DuplexStream) -> String {
        let mut told = Vec::new();
        connection.read_to_end(&mut told).await.unwrap();
        String::from_utf8(told).unwrap()
    }

    async fn answer(connection: &mut DuplexStream) -> String {
        let mut told = vec![0; 1 << 10];
        let mut length = 0;
        while !told[..length].ends_with(b"answered") {
            length += connection.read(&mut told[length..]).await.unwrap();
        }
        String::from_utf8(told[..length].to_vec()).unwrap()
    }

    #[tokio::test]
    async fn who_asks_nothing_is_not_held() {
        let limits = Limits { first_request: SHORT, asking: LONG };
        for sent in [&b""[..], b"GET", b"GET / HTTP/1.1\r\nhost: here\r\n"] {
            assert_eq!(until_closed(connection(limits, sent).await).await, "");
        }
        // Whoever has asked may be idle for longer than those were.
        let mut asked = connection(limits, REQUEST).await;
        assert!(answer(&mut asked).await.starts_with("HTTP/1.1 200"));
        assert_eq!(until_closed(connection(limits, b"").await).await, "");
        asked.write_all(REQUEST).await.unwrap();
        assert!(answer(&mut asked).await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn who_is_idle_is_not_held_for_ever() {
        let limits = Limits { first_request: LONG, asking: SHORT };
        let told = until_closed(connection(limits, REQUEST).await).await;
        assert!(told.starts_with("HTTP/1.1 200") && told.ends_with("answered"), "{told}");
    }
}
