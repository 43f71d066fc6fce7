//! A node whose wall clock is off: it finds out without being asked anything, its shards go to the others, and it gets some
//! again when the clock is right.

use std::sync::Arc;
use std::time::Duration;

use actors::shell::Node;
use cluster::{Incarnation, Standing, set_draining, status};
use storage::Store;

use crate::nodes::{Cluster, KEYS, LEASE, SHARDS, settled, shards_of};
use crate::world::accepted;

const OFF: Duration = Duration::from_secs(600);
const THIRD: Incarnation = Incarnation::new(3);

/// Three nodes at rest, none of which ever had to say anything to another but that the table has changed.
async fn three() -> (Cluster, [Arc<Node>; 3]) {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("first").await;
    let (second, _) = cluster.join("second").await;
    let (third, _) = cluster.join("third").await;
    settled(&[&first, &second, &third]).await;
    assert!(shards_of(&third).await > 0);
    (cluster, [first, second, third])
}

async fn until_it_has_shards(node: &Node, has: bool) {
    let begun = tokio::time::Instant::now();
    while (shards_of(node).await > 0) != has {
        assert!(begun.elapsed() < LEASE * 4, "its shards never come or go");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn until_its_clock_counts_as_off(third: &Node, off: bool) {
    let begun = tokio::time::Instant::now();
    while third.map().table().is_clock_off(THIRD) != off {
        assert!(begun.elapsed() < LEASE * 4, "its clock never counts as it is");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn is_draining(cluster: &Cluster) -> bool {
    let status = status(cluster.store.clone()).await.unwrap();
    status.nodes.iter().any(|node| node.peer.incarnation == THIRD && node.draining)
}

/// Every entity answers through this node.
async fn answers(cluster: &mut Cluster, node: &Node) {
    for key in KEYS {
        accepted(node.call(cluster.next(key, "add 1")).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_clock_is_off_has_no_shards_until_it_is_right() {
    let (mut cluster, [first, second, third]) = three().await;
    cluster.set_ahead(THIRD, OFF);
    until_its_clock_counts_as_off(&third, true).await;
    assert_eq!(third.standing(), Standing::Hesitant);
    assert!(is_draining(&cluster).await);
    // What is asked for its shards waits until they are elsewhere.
    assert!(third.map().table().owned_by(THIRD).count() > 0);
    answers(&mut cluster, &first).await;
    until_it_has_shards(&third, false).await;
    let everybody = [&first, &second, &third];
    settled(&everybody).await;
    for node in everybody {
        answers(&mut cluster, node).await;
    }
    assert_eq!([first.standing(), second.standing()], [Standing::Admitting; 2]);
    cluster.set_ahead(THIRD, Duration::ZERO);
    until_it_has_shards(&third, true).await;
    settled(&everybody).await;
    assert!(!is_draining(&cluster).await);
    for node in everybody {
        answers(&mut cluster, node).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_joins_with_a_wrong_clock_gets_nothing_for_long() {
    let (mut cluster, [first, second, third]) = three().await;
    let fourth = Incarnation::new(4);
    let (late, _) = cluster.join("fourth").await;
    cluster.set_ahead(fourth, OFF);
    settled(&[&first, &second, &third, &late]).await;
    assert_eq!(shards_of(&late).await, 0);
    answers(&mut cluster, &first).await;
}

/// The wish of an operator and the mark of the clock don't undo each other.
#[tokio::test(start_paused = true)]
async fn a_node_that_is_to_drain_does_so_when_its_clock_is_right_again() {
    let (cluster, [first, second, third]) = three().await;
    let everybody = [&first, &second, &third];
    let store: Arc<dyn Store> = cluster.store.clone();
    cluster.set_ahead(THIRD, OFF);
    until_it_has_shards(&third, false).await;
    set_draining(Arc::clone(&store), THIRD, true).await.unwrap();
    cluster.set_ahead(THIRD, Duration::ZERO);
    until_its_clock_counts_as_off(&third, false).await;
    settled(&everybody).await;
    assert_eq!(third.standing(), Standing::Admitting);
    assert!(is_draining(&cluster).await);
    assert_eq!(shards_of(&third).await, 0);
    // Nor does taking the wish back give shards to a node whose clock is off.
    cluster.set_ahead(THIRD, OFF);
    until_its_clock_counts_as_off(&third, true).await;
    set_draining(store, THIRD, false).await.unwrap();
    settled(&everybody).await;
    assert!(is_draining(&cluster).await);
    assert_eq!(shards_of(&third).await, 0);
    cluster.set_ahead(THIRD, Duration::ZERO);
    until_it_has_shards(&third, true).await;
}

/// Whoever is left goes on: of two clocks nobody can tell which is wrong.
#[tokio::test(start_paused = true)]
async fn a_node_with_a_wrong_clock_that_is_left_alone_takes_everything() {
    let (mut cluster, [first, second, third]) = three().await;
    cluster.set_ahead(THIRD, OFF);
    until_it_has_shards(&third, false).await;
    first.drain().await;
    second.drain().await;
    settled(&[&third]).await;
    assert_eq!(shards_of(&third).await, usize::from(SHARDS));
    answers(&mut cluster, &third).await;
}
