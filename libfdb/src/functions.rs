//! The functions that crate `foundationdb` calls, each passed on to the library.
//!
//! Their signatures are those of the library's C interface at [`API_VERSION`](crate::API_VERSION), where every type
//! of its own is an address. A function that is missing here does not link, one that is missing in the library is
//! found by [`install`].
#![expect(unsafe_code, reason = "functions of C are defined for a crate and called in a library")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;

use crate::library::Library;

/// An object of the library.
type Object = *mut c_void;
type Bytes = *const u8;
type Code = c_int;
type Flag = c_int;
type Length = c_int;
/// Where an answer is put, whatever its type is.
type Answer = *mut c_void;
pub(crate) type Callback = Option<unsafe extern "C" fn(Object, *mut c_void)>;

static FUNCTIONS: OnceLock<Functions> = OnceLock::new();

macro_rules! functions {
    ($(fn $name:ident($($argument:ident: $kind:ty),*) $(-> $answer:ty)?;)*) => {
        /// What the library has under each name.
        struct Functions {
            $($name: unsafe extern "C" fn($($kind),*) $(-> $answer)?,)*
        }

        impl Functions {
            /// All of them, or the name of one that is missing.
            fn of(library: &Library) -> Result<Functions, &'static CStr> {
                // SAFETY: these names belong to the C interface of the library, which keeps their signatures.
                unsafe {
                    Ok(Functions {
                        $($name: {
                            let name = const { c_name(concat!(stringify!($name), "\0")) };
                            let address = library.address(name).ok_or(name)?;
                            std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($kind),*) $(-> $answer)?>(
                                address.as_ptr(),
                            )
                        },)*
                    })
                }
            }
        }

        $(
            // SAFETY: no other function of the program has this name; it is the one that crate `foundationdb` means.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name($($argument: $kind),*) $(-> $answer)? {
                // SAFETY: the caller keeps to the C interface, and what it gives is passed on as it is.
                unsafe { (functions().$name)($($argument),*) }
            }
        )*
    };
}

functions! {
    fn fdb_get_error(code: Code) -> *const c_char;
    fn fdb_error_predicate(predicate: c_int, code: Code) -> Flag;
    fn fdb_select_api_version_impl(runtime_version: c_int, header_version: c_int) -> Code;
    fn fdb_get_max_api_version() -> c_int;
    fn fdb_get_client_version() -> *const c_char;
    fn fdb_network_set_option(option: c_int, value: Bytes, length: Length) -> Code;
    fn fdb_setup_network() -> Code;
    fn fdb_run_network() -> Code;
    fn fdb_stop_network() -> Code;
    fn fdb_future_cancel(future: Object);
    fn fdb_future_destroy(future: Object);
    fn fdb_future_is_ready(future: Object) -> Flag;
    fn fdb_future_set_callback(future: Object, callback: Callback, parameter: *mut c_void) -> Code;
    fn fdb_future_get_error(future: Object) -> Code;
    fn fdb_future_get_int64(future: Object, answer: Answer) -> Code;
    fn fdb_future_get_key(future: Object, answer: Answer, length: Answer) -> Code;
    fn fdb_future_get_value(future: Object, present: Answer, answer: Answer, length: Answer) -> Code;
    fn fdb_future_get_key_array(future: Object, answer: Answer, count: Answer) -> Code;
    fn fdb_future_get_string_array(future: Object, answer: Answer, count: Answer) -> Code;
    fn fdb_future_get_keyvalue_array(future: Object, answer: Answer, count: Answer, more: Answer) -> Code;
    fn fdb_future_get_mappedkeyvalue_array(future: Object, answer: Answer, count: Answer, more: Answer) -> Code;
    fn fdb_create_database(cluster_file: *const c_char, database: Answer) -> Code;
    fn fdb_database_destroy(database: Object);
    fn fdb_database_set_option(database: Object, option: c_int, value: Bytes, length: Length) -> Code;
    fn fdb_database_create_transaction(database: Object, transaction: Answer) -> Code;
    fn fdb_database_get_main_thread_busyness(database: Object) -> f64;
    fn fdb_database_get_client_status(database: Object) -> Object;
    fn fdb_transaction_destroy(transaction: Object);
    fn fdb_transaction_cancel(transaction: Object);
    fn fdb_transaction_reset(transaction: Object);
    fn fdb_transaction_set_option(transaction: Object, option: c_int, value: Bytes, length: Length) -> Code;
    fn fdb_transaction_set_read_version(transaction: Object, version: i64);
    fn fdb_transaction_get_read_version(transaction: Object) -> Object;
    fn fdb_transaction_get(transaction: Object, key: Bytes, length: Length, snapshot: Flag) -> Object;
    fn fdb_transaction_get_key(
        transaction: Object, key: Bytes, length: Length, or_equal: Flag, offset: c_int, snapshot: Flag
    ) -> Object;
    fn fdb_transaction_get_addresses_for_key(transaction: Object, key: Bytes, length: Length) -> Object;
    fn fdb_transaction_get_range(
        transaction: Object,
        begin: Bytes, begin_length: Length, begin_or_equal: Flag, begin_offset: c_int,
        end: Bytes, end_length: Length, end_or_equal: Flag, end_offset: c_int,
        limit: c_int, target_bytes: c_int, mode: c_int, iteration: c_int, snapshot: Flag, reverse: Flag
    ) -> Object;
    fn fdb_transaction_get_mapped_range(
        transaction: Object,
        begin: Bytes, begin_length: Length, begin_or_equal: Flag, begin_offset: c_int,
        end: Bytes, end_length: Length, end_or_equal: Flag, end_offset: c_int,
        mapper: Bytes, mapper_length: Length,
        limit: c_int, target_bytes: c_int, mode: c_int, iteration: c_int, snapshot: Flag, reverse: Flag
    ) -> Object;
    fn fdb_transaction_set(transaction: Object, key: Bytes, length: Length, value: Bytes, value_length: Length);
    fn fdb_transaction_atomic_op(
        transaction: Object, key: Bytes, length: Length, operand: Bytes, operand_length: Length, operation: c_int
    );
    fn fdb_transaction_clear(transaction: Object, key: Bytes, length: Length);
    fn fdb_transaction_clear_range(
        transaction: Object, begin: Bytes, begin_length: Length, end: Bytes, end_length: Length
    );
    fn fdb_transaction_add_conflict_range(
        transaction: Object, begin: Bytes, begin_length: Length, end: Bytes, end_length: Length, kind: c_int
    ) -> Code;
    fn fdb_transaction_watch(transaction: Object, key: Bytes, length: Length) -> Object;
    fn fdb_transaction_commit(transaction: Object) -> Object;
    fn fdb_transaction_on_error(transaction: Object, code: Code) -> Object;
    fn fdb_transaction_get_committed_version(transaction: Object, version: Answer) -> Code;
    fn fdb_transaction_get_approximate_size(transaction: Object) -> Object;
    fn fdb_transaction_get_versionstamp(transaction: Object) -> Object;
    fn fdb_transaction_get_estimated_range_size_bytes(
        transaction: Object, begin: Bytes, begin_length: Length, end: Bytes, end_length: Length
    ) -> Object;
    fn fdb_transaction_get_range_split_points(
        transaction: Object, begin: Bytes, begin_length: Length, end: Bytes, end_length: Length, chunk_bytes: i64
    ) -> Object;
}

/// Makes the functions call `library` from here on. `Err` names a function that it lacks.
pub(crate) fn install(library: &Library) -> Result<(), &'static CStr> {
    let functions = Functions::of(library)?;
    // Somebody else may have been faster; then it is the same library.
    let _ = FUNCTIONS.set(functions);
    Ok(())
}

/// The version of API that the library offers at most.
pub(crate) fn max_api_version() -> c_int {
    // SAFETY: may be called at any time.
    unsafe { fdb_get_max_api_version() }
}

/// The release of the library, such as `7.3.63`.
pub(crate) fn client_version() -> String {
    // SAFETY: may be called at any time, and gives a text that is never freed.
    let text = unsafe { CStr::from_ptr(fdb_get_client_version()) }.to_string_lossy();
    text.split(',').next().unwrap_or_default().to_owned()
}

/// What the library says to one of its error codes.
pub(crate) fn error_text(code: Code) -> String {
    // SAFETY: takes every number, and gives a text that is never freed.
    unsafe { CStr::from_ptr(fdb_get_error(code)) }.to_string_lossy().into_owned()
}

/// Chooses the version of API and prepares the network. Once per process.
pub(crate) fn set_up(api_version: c_int) -> Result<(), Code> {
    // SAFETY: called once, before any other function that needs them.
    unsafe {
        checked(fdb_select_api_version_impl(api_version, api_version))?;
        checked(fdb_setup_network())
    }
}

/// Runs the network until [`stop_network`]; the library works on this thread.
pub(crate) fn run_network() -> Result<(), Code> {
    // SAFETY: called once, after `set_up`, on a thread of its own.
    checked(unsafe { fdb_run_network() })
}

pub(crate) fn stop_network() -> Result<(), Code> {
    // SAFETY: called once, after `set_up`; the caller waits for the thread to end.
    checked(unsafe { fdb_stop_network() })
}

fn checked(code: Code) -> Result<(), Code> {
    if code == 0 { Ok(()) } else { Err(code) }
}

fn functions() -> &'static Functions {
    FUNCTIONS.get().unwrap_or_else(|| {
        // C has no way to be told, and going on would be a jump into nothing.
        eprintln!("a function of FoundationDB was called before libfdb::start had loaded its library");
        std::process::abort()
    })
}

/// A name of C from a text that ends with a zero byte.
const fn c_name(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(name) => name,
        Err(_) => c"",
    }
}
