//! Many requests under way at once, all of them on the thread of the command.

use std::collections::BTreeMap;
use std::future::Future;

use tokio::task::JoinSet;

use super::failure::Failure;

/// How many requests are under way at once: enough for a node to make many durable together.
const AT_ONCE: usize = 64;

/// Does the work of every item, many at once, and gives the results in the order of the items. After a failure nothing
/// new is begun; of several failures the first in order is told.
pub(super) async fn each<T, R, W>(items: Vec<T>, work: impl Fn(T) -> W) -> Result<Vec<R>, Failure>
where
    R: 'static,
    W: Future<Output = Result<R, Failure>> + 'static,
{
    let mut waiting = items.into_iter().enumerate();
    let mut under_way = JoinSet::new();
    let mut results = BTreeMap::new();
    let mut failures = BTreeMap::new();
    loop {
        while under_way.len() < AT_ONCE
            && failures.is_empty()
            && let Some((index, item)) = waiting.next()
        {
            let work = work(item);
            under_way.spawn_local(async move { (index, work.await) });
        }
        match under_way.join_next().await {
            Some(Ok((index, Ok(result)))) => drop(results.insert(index, result)),
            Some(Ok((index, Err(failure)))) => drop(failures.insert(index, failure)),
            Some(Err(error)) => drop(failures.insert(usize::MAX, Failure::Unexpected(error.to_string()))),
            None => break,
        }
    }
    match failures.into_values().next() {
        Some(failure) => Err(failure),
        None => Ok(results.into_values().collect()),
    }
}
