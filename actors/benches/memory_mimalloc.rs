//! The bench `memory` with the allocator of the program in place of the system's.

#[path = "memory.rs"]
mod memory;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    memory::main();
}
