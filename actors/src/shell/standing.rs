//! Whether a node may admit requests: only while it knows that nobody can have declared it dead.

use std::sync::{Arc, PoisonError, RwLock};

use cluster::{Lease, Standing};

use super::request::CallError;

/// The standing of a node as requests see it.
#[derive(Debug)]
pub(crate) struct Admittance {
    lease: Arc<Lease>,
    /// A node that is alone on its store loses its shards to nobody but a later start of itself.
    is_alone: bool,
    /// What speaks against admitting anybody besides.
    objection: RwLock<Option<Arc<str>>>,
}

impl Admittance {
    pub(crate) fn new(lease: Arc<Lease>, is_alone: bool) -> Admittance {
        Admittance { lease, is_alone, objection: RwLock::new(None) }
    }

    /// From now on this speaks against admitting requests, or nothing does.
    pub(crate) fn object(&self, objection: Option<Arc<str>>) {
        *self.objection.write().unwrap_or_else(PoisonError::into_inner) = objection;
    }

    /// Whether a request may be admitted now. A process that stood still finds out here, before anything else runs.
    pub(crate) fn check(&self) -> Result<(), CallError> {
        match self.lease.standing() {
            Standing::Expelled => {
                return Err(not_admitting("it was taken for dead and its shards were given away"));
            }
            Standing::Hesitant if !self.is_alone => {
                return Err(not_admitting("it has not reached the store for two thirds of its lease"));
            }
            Standing::Hesitant | Standing::Admitting => {}
        }
        let objection = self.objection.read().unwrap_or_else(PoisonError::into_inner);
        objection
            .as_ref()
            .map_or(Ok(()), |reason| Err(CallError::NotAdmitting { reason: Arc::clone(reason) }))
    }

    /// How the node stands now.
    pub(crate) fn standing(&self) -> Standing {
        match self.check() {
            Ok(()) => Standing::Admitting,
            Err(_) if self.lease.standing() == Standing::Expelled => Standing::Expelled,
            Err(_) => Standing::Hesitant,
        }
    }
}

fn not_admitting(reason: &str) -> CallError {
    CallError::NotAdmitting { reason: Arc::from(reason) }
}
