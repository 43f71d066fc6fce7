//! What the machine gives the process: memory, and room on the disk of its data.

use std::path::Path;

use domain::instant::Instant;
use opentelemetry::metrics::Meter;

use super::Subject;

/// How the files of the embedded store begin.
const STORE_FILES: &str = "kvarter.";

/// Offers what can be known here; where the system does not say, the metric is absent.
pub(super) fn observe(meter: &Meter, subject: &Subject) {
    let started = started_s(subject.started);
    let _ = meter
        .u64_observable_gauge("kvarter.node.start_time")
        .with_unit("s")
        .with_description("When the node started, in seconds since 1970-01-01T00:00Z")
        .with_callback(move |observer| observer.observe(started, &[]))
        .build();
    let _ = meter
        .u64_observable_gauge("process.memory.usage")
        .with_unit("By")
        .with_description("Physical memory of the process")
        .with_callback(|observer| {
            if let Some(bytes) = memory_bytes() {
                observer.observe(bytes, &[]);
            }
        })
        .build();
    if let Some(data) = &subject.data {
        observe_disk(meter, data);
    }
}

fn observe_disk(meter: &Meter, data: &Path) {
    let (files, folder) = (data.to_owned(), data.to_owned());
    let _ = meter
        .u64_observable_gauge("kvarter.store.size")
        .with_unit("By")
        .with_description("Size of the embedded store, its log included")
        .with_callback(move |observer| {
            if let Some(bytes) = stored_bytes(&files) {
                observer.observe(bytes, &[]);
            }
        })
        .build();
    let _ = meter
        .u64_observable_gauge("kvarter.store.free")
        .with_unit("By")
        .with_description("Room left for the embedded store on its file system")
        .with_callback(move |observer| {
            if let Some(bytes) = free_bytes(&folder) {
                observer.observe(bytes, &[]);
            }
        })
        .build();
}

fn started_s(started: Instant) -> u64 {
    u64::try_from(started.millis()).unwrap_or_default() / 1_000
}

fn stored_bytes(folder: &Path) -> Option<u64> {
    let files = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let of_store = files.filter(|file| file.file_name().to_string_lossy().starts_with(STORE_FILES));
    Some(of_store.filter_map(|file| file.metadata().ok()).map(|found| found.len()).sum())
}

fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

/// Linux says it in pages in the second field of this file.
fn memory_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(u64::try_from(rustix::param::page_size()).ok()?)
}
