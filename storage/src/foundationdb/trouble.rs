//! Errors of FoundationDB on demand, for the tests of this crate: those which a cluster gives too rarely to wait for.

use foundationdb::FdbError;

/// A moment of a call at which something may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// A read call has begun an attempt.
    Reading,
    /// A commit has compared what it expects, and is about to be handed to the cluster.
    Committing,
    /// A commit was handed to the cluster, which has accepted it; the answer is on its way.
    Answering,
}

#[cfg(not(test))]
pub(super) struct Trouble;

#[cfg(not(test))]
impl Trouble {
    pub(super) fn none() -> Trouble {
        Trouble
    }

    /// Nothing ever happens.
    pub(super) async fn at(&self, _moment: Moment) -> Result<(), FdbError> {
        Ok(())
    }
}

#[cfg(test)]
pub(super) use on_demand::Trouble;

#[cfg(test)]
mod on_demand {
    use std::sync::{Arc, Mutex};

    use super::{FdbError, Moment};
    use crate::store::BoxFuture;

    /// Decides what happens.
    type Hook = Arc<dyn Fn(Moment) -> BoxFuture<'static, Option<i32>> + Send + Sync>;

    pub(in super::super) struct Trouble(Mutex<Option<Hook>>);

    impl Trouble {
        pub(in super::super) fn none() -> Trouble {
            Trouble(Mutex::new(None))
        }

        pub(in super::super) fn set(
            &self,
            hook: impl Fn(Moment) -> BoxFuture<'static, Option<i32>> + Send + Sync + 'static,
        ) {
            *self.0.lock().unwrap() = Some(Arc::new(hook));
        }

        pub(in super::super) async fn at(&self, moment: Moment) -> Result<(), FdbError> {
            let hook = self.0.lock().unwrap().clone();
            match hook {
                Some(hook) => hook(moment).await.map_or(Ok(()), |code| Err(FdbError::from_code(code))),
                None => Ok(()),
            }
        }
    }
}
