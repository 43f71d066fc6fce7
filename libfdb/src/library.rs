//! Finding and loading the library.
#![expect(unsafe_code, reason = "the loader of the operating system is called through its C interface")]

use std::ffi::{CStr, CString, c_void};
use std::ptr::NonNull;

/// Names the file of the library, if it is not where the loader looks.
pub const CLIENT_VARIABLE: &str = "KVARTER_FDB_CLIENT";

/// Where the library is looked for unless the variable names a file: the loader's own places, then those of the
/// packages.
#[cfg(target_os = "macos")]
const PLACES: [&str; 3] =
    ["libfdb_c.dylib", "/usr/local/lib/libfdb_c.dylib", "/opt/homebrew/lib/libfdb_c.dylib"];
#[cfg(not(target_os = "macos"))]
const PLACES: [&str; 4] =
    ["libfdb_c.so", "/usr/lib/libfdb_c.so", "/usr/lib64/libfdb_c.so", "/usr/local/lib/libfdb_c.so"];

/// A library that stays loaded until the process ends.
pub(crate) struct Library {
    handle: NonNull<c_void>,
    /// What was given to the loader.
    pub(crate) place: String,
}

impl Library {
    /// Loads the library; else what the loader said to each place.
    pub(crate) fn load() -> Result<Library, Vec<String>> {
        let named = std::env::var(CLIENT_VARIABLE).ok().filter(|place| !place.is_empty());
        let places = named.map_or_else(|| PLACES.map(str::to_owned).to_vec(), |place| vec![place]);
        let mut refusals = Vec::new();
        for place in places {
            match open(&place) {
                Ok(handle) => return Ok(Library { handle, place }),
                Err(refusal) => refusals.push(refusal),
            }
        }
        Err(refusals)
    }

    /// The address of a function, if the library has one of that name.
    pub(crate) fn address(&self, name: &CStr) -> Option<NonNull<c_void>> {
        // SAFETY: the handle is of a library that is never unloaded, the name ends with a zero byte.
        NonNull::new(unsafe { libc::dlsym(self.handle.as_ptr(), name.as_ptr()) })
    }
}

fn open(place: &str) -> Result<NonNull<c_void>, String> {
    let name = CString::new(place).map_err(|_| format!("{place:?} is no path"))?;
    // SAFETY: the name ends with a zero byte. What runs on loading is the library's own initialisation, which its
    // makers provide for.
    let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
    NonNull::new(handle).ok_or_else(refusal)
}

/// What the loader said last on this thread.
fn refusal() -> String {
    // SAFETY: gives a text that ends with a zero byte and lives until the next call of the loader on this thread, or
    // nothing.
    let text = unsafe {
        let text = libc::dlerror();
        (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
    };
    text.unwrap_or_else(|| "the loader gave no reason".to_owned())
}
