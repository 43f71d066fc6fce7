//! Gives the linker what it asks for on behalf of crate `foundationdb-sys`: a library by the name of `fdb_c`. It is
//! an archive of nothing, since this crate itself defines the functions.

use std::path::PathBuf;
use std::{env, fs, io};

/// How every archive begins, and all of one without a member.
const EMPTY_ARCHIVE: &[u8] = b"!<arch>\n";

fn main() -> io::Result<()> {
    let directory = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(directory.join("libfdb_c.a"), EMPTY_ARCHIVE)?;
    println!("cargo::rustc-link-search=native={}", directory.display());
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
