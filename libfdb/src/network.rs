//! The one start of the library in a process, and its orderly end.
#![expect(
    unsafe_code,
    reason = "the end of the process is told through the C interface of the operating system"
)]

use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use crate::functions;
use crate::library::{CLIENT_VARIABLE, Library};

/// The version of the library's C interface that is used, that of release 7.3.
pub const API_VERSION: i32 = 730;

/// The library that was loaded and runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The file, or the name under which the loader found it.
    pub place: String,
    /// Its release, such as `7.3.63`.
    pub version: String,
}

/// Why the library can't be used by this process.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// There is none, or the loader refuses it.
    #[error(
        "the client library of FoundationDB can't be loaded ({}); install the package foundationdb-clients of \
         release 7.3 or later, or name the file in {CLIENT_VARIABLE}",
        refusals.join("; ")
    )]
    Missing {
        /// What the loader said to each place it was looked for.
        refusals: Vec<String>,
    },
    /// It is another library, or one from before release 7.3.
    #[error(
        "{place} is no client library of FoundationDB 7.3 or later: it lacks {lacks}; install the package \
         foundationdb-clients of that release, or name another file in {CLIENT_VARIABLE}"
    )]
    TooOld {
        /// The library that was loaded.
        place: String,
        /// What is missing in it.
        lacks: String,
    },
    /// The library itself refuses to start.
    #[error("the client library of FoundationDB at {place} does not start: {text} ({code})")]
    Refused {
        /// The library that was loaded.
        place: String,
        /// The library's code.
        code: i32,
        /// What it says to it.
        text: String,
    },
    /// The operating system gave no thread.
    #[error("the thread of FoundationDB's client can't be started: {0}")]
    Thread(String),
}

/// The thread on which the library works, until [`stop`].
static THREAD: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);

/// Loads the library and starts its thread, the first time; gives what came of that at every later call. Takes some
/// milliseconds.
///
/// The thread has to end before the process does: whoever has used the library calls [`stop_at_exit`] when done.
pub fn start() -> Result<&'static Client, StartError> {
    static STARTED: OnceLock<Result<Client, StartError>> = OnceLock::new();
    STARTED.get_or_init(start_once).as_ref().map_err(StartError::clone)
}

/// Ends the thread and waits for it. The library can't be used any more in this process: what is asked of it is never
/// answered. Without effect when it does not run.
pub fn stop() {
    let thread = THREAD.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(thread) = thread else { return };
    match functions::stop_network() {
        // A panic of the thread was told when it happened.
        Ok(()) => drop(thread.join()),
        Err(code) => {
            eprintln!("the network of FoundationDB's client goes on: {}", functions::error_text(code))
        }
    }
}

/// Has [`stop`] called when the process exits, before anything that the library has set up by now is taken down.
///
/// Exiting runs what was registered last first. The library registers the end of its objects when it makes them, many
/// of them at first use; were its thread still running when they are gone, the process would crash in the middle of
/// exiting. So this is called at the end of every use, not once at the start.
pub fn stop_at_exit() {
    extern "C" fn at_exit() {
        stop();
    }
    // SAFETY: the function does not unwind, and uses nothing that ends before the process does.
    if unsafe { libc::atexit(at_exit) } != 0 {
        eprintln!(
            "the network of FoundationDB's client can't be stopped in order at the exit of this process"
        );
    }
}

fn start_once() -> Result<Client, StartError> {
    let library = Library::load().map_err(|refusals| StartError::Missing { refusals })?;
    let place = library.place.clone();
    functions::install(&library).map_err(|name| StartError::TooOld {
        place: place.clone(),
        lacks: format!("the function {}", name.to_string_lossy()),
    })?;
    if functions::max_api_version() < API_VERSION {
        let lacks = format!("API version {API_VERSION}");
        return Err(StartError::TooOld { place, lacks });
    }
    functions::set_up(API_VERSION).map_err(|code| StartError::Refused {
        place: place.clone(),
        code,
        text: functions::error_text(code),
    })?;
    run().map_err(|error| StartError::Thread(error.to_string()))?;
    stop_at_exit();
    Ok(Client { place, version: functions::client_version() })
}

fn run() -> std::io::Result<()> {
    let thread = std::thread::Builder::new().name("fdb-network".to_owned());
    let running = thread.spawn(|| {
        if let Err(code) = functions::run_network() {
            eprintln!("the network of FoundationDB's client ended: {} ({code})", functions::error_text(code));
        }
    })?;
    *THREAD.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
    Ok(())
}
