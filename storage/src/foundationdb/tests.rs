//! Errors that a cluster gives rarely, brought about at the moment where they hurt; the rest is tested from outside.

mod commits;
mod reads;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::testing::TestServer;
use super::trouble::Moment;
use super::{FoundationDbOptions, FoundationDbStore};
use crate::commit::Commit;
use crate::store::BoxFuture;

/// What happens at a moment: given how often it has been there before, an error or none.
type Happening = Arc<dyn Fn(usize) -> BoxFuture<'static, Option<i32>> + Send + Sync>;

/// A store of its own on a server that tests share, or nothing where there can be none.
fn with_store<F: Future<Output = ()>>(prefix: &str, test: impl FnOnce(Stage) -> F) {
    let Some(server) = TestServer::shared(prefix) else { return };
    let options = FoundationDbOptions::new(server.cluster_file()).with_prefix(prefix);
    block_on(async {
        let store = FoundationDbStore::open(options.clone()).await.unwrap();
        test(Stage { server, options, store }).await;
    });
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(future)
}

/// A store, and what is needed to disturb it.
struct Stage {
    server: Arc<TestServer>,
    options: FoundationDbOptions,
    store: FoundationDbStore,
}

impl Stage {
    /// Has `happening` happen at each `moment`, and counts the moments.
    async fn at(&self, moment: Moment, happening: Happening) -> Arc<AtomicUsize> {
        let times = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&times);
        let session = self.store.session.read().await;
        session.as_ref().unwrap().trouble.set(move |now| {
            if now != moment {
                return Box::pin(async { None });
            }
            happening(counted.fetch_add(1, Ordering::Relaxed))
        });
        times
    }

    /// Has an error happen at the first such moment only.
    async fn once_at(&self, moment: Moment, code: i32) -> Arc<AtomicUsize> {
        self.at(moment, Arc::new(move |before| Box::pin(async move { (before == 0).then_some(code) }))).await
    }

    /// Another handle to the same rows, as another process has it.
    async fn another(&self) -> Arc<FoundationDbStore> {
        Arc::new(FoundationDbStore::open(self.options.clone()).await.unwrap())
    }
}

/// The commit that advances a head, as a journal makes it: expected, written, and rows beside it.
fn advance(from: Option<&'static str>, to: &'static str) -> Commit {
    let commit = match from {
        Some(from) => Commit::new().expect_value("head", from),
        None => Commit::new().expect_absent("head"),
    };
    commit.put("head", to).put(&*format!("row/{to}"), "row").add("sum", 1)
}
