//! That the process is told to end.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Whoever holds it learns that the process is told to end (SIGTERM, SIGINT), which then does not end by itself any more.
#[derive(Debug)]
pub(crate) struct Told {
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Told {
    /// Listens from now on. It is called on a tokio runtime, before anything is begun that is to be ended in order.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self { terminate, interrupt })
    }

    /// Listens from now on. It is called on a tokio runtime, before anything is begun that is to be ended in order.
    #[cfg(windows)]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    /// Waits until the process is told to end.
    #[cfg(unix)]
    pub(crate) async fn heard(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Waits until the process is told to end.
    #[cfg(windows)]
    pub(crate) async fn heard(&mut self) {
        let _ = self.interrupt.recv().await;
    }
}
