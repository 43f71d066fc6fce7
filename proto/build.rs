//! Compiles the protocol: every `.proto` file below `kvarter` into messages, clients and servers, and a descriptor set
//! for reflection. No program outside Rust takes part.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=kvarter");
    println!("cargo:rerun-if-changed=google");
    let mut files = Vec::new();
    collect(Path::new("kvarter"), &mut files)?;
    files.sort();

    let mut descriptors = protox::compile(&files, ["."])?;
    tonic_prost_build::configure()
        .build_transport(false)
        .btree_map(".")
        // What is only passed on is not copied.
        .bytes(".kvarter.node")
        .compile_fds(descriptors.clone())?;

    // Comments are for readers of the code; neither reflection nor the check for breaking changes needs them.
    for file in &mut descriptors.file {
        file.source_code_info = None;
    }
    let target = PathBuf::from(env::var("OUT_DIR")?).join("descriptor.binpb");
    fs::write(target, descriptors.encode_to_vec())?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
