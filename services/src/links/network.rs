//! How connections to other nodes are made, so that a simulation can make them its own way.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use actors::shell::BoxFuture;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tonic::codegen::http::Uri;
use tower_service::Service;

/// Makes connections.
pub trait Network: Send + Sync + 'static {
    /// Connects to a node, by its host and port.
    fn connect(&self, address: Arc<str>) -> BoxFuture<io::Result<Box<dyn Wire>>>;
}

/// A connection.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// The network of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tcp;

impl Network for Tcp {
    fn connect(&self, address: Arc<str>) -> BoxFuture<io::Result<Box<dyn Wire>>> {
        Box::pin(async move {
            let stream = TcpStream::connect(&*address).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Wire>)
        })
    }
}

/// A network as the client wants it, for one address.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) network: Arc<dyn Network>,
    pub(super) address: Arc<str>,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Box<dyn Wire>>;
    type Error = io::Error;
    type Future = BoxFuture<io::Result<TokioIo<Box<dyn Wire>>>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _uri: Uri) -> Self::Future {
        let connecting = self.network.connect(Arc::clone(&self.address));
        Box::pin(async move { connecting.await.map(TokioIo::new) })
    }
}
