//! What is done to nodes, one after the other, while clients are at work.

use std::time::Duration;

use tokio::time::Instant;

use super::load::Load;
use super::processes::Processes;

const FAULTS: usize = 3;

/// What happens to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is killed with -9.
    Kill,
    /// It is halted, until the others have taken it for dead, and woken again: whatever it still sends to the store is refused,
    /// and it ends by itself.
    Halt,
    /// It is told to end, and hands its shards over before.
    End,
}

/// Which nodes are disturbed, and how.
pub(super) struct Plan {
    pub(super) faults: Vec<(Fault, usize)>,
}

impl Plan {
    pub(super) fn from_environment() -> Self {
        let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
        let count = number("KVARTER_FAULTS").map_or(FAULTS, |count| usize::try_from(count).unwrap());
        let mut random = number("KVARTER_FAULT_SEED").unwrap_or(1);
        let fault = |place: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let fault = [Fault::Kill, Fault::Halt, Fault::End][place % 3];
            (fault, usize::try_from((random >> 33) % 3).unwrap())
        };
        Self { faults: (0..count).map(fault).collect() }
    }

    /// Disturbs one node after the other; each is back, and every client goes on, before the next.
    pub(super) async fn carry_out(&self, nodes: &Processes, load: &Load) {
        for (fault, node) in &self.faults {
            load.goes_on().await;
            nodes.take_refusals();
            let took = match fault {
                Fault::Kill => kill(nodes, load, *node).await,
                Fault::Halt => halt(nodes, load, *node).await,
                Fault::End => end(nodes, load, *node).await,
            };
            println!(
                "{fault:?} of {}: every client went on after {} ms",
                nodes.nodes[*node].name,
                took.as_millis()
            );
            nodes.nodes[*node].start_again();
            nodes.settled().await;
        }
        load.goes_on().await;
    }
}

async fn kill(nodes: &Processes, load: &Load, node: usize) -> Duration {
    let began = Instant::now();
    nodes.nodes[node].signal("KILL");
    assert_eq!(nodes.nodes[node].ended().await, None);
    load.goes_on().await;
    began.elapsed()
}

async fn halt(nodes: &Processes, load: &Load, node: usize) -> Duration {
    let halted = &nodes.nodes[node];
    let began = Instant::now();
    halted.signal("STOP");
    load.goes_on().await;
    let took = began.elapsed();
    let other = (node + 1) % nodes.nodes.len();
    let is_dead = |name: &str| name != halted.name;
    nodes.until(other, |cluster| cluster.nodes.iter().all(|node| is_dead(&node.node_id))).await;
    halted.signal("CONT");
    assert_eq!(halted.ended().await, Some(3), "{} did not find out that it was taken for dead", halted.name);
    took
}

async fn end(nodes: &Processes, load: &Load, node: usize) -> Duration {
    let ended = &nodes.nodes[node];
    let began = Instant::now();
    ended.signal("TERM");
    assert_eq!(ended.ended().await, Some(0), "{} did not end in order", ended.name);
    load.goes_on().await;
    let took = began.elapsed();
    let others: Vec<_> = nodes.take_refusals().into_iter().filter(|(at, _)| *at != node).collect();
    assert!(others.is_empty(), "while {} handed over, others refused {others:?}", ended.name);
    took
}
