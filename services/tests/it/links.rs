//! The way between two nodes: what arrives, what is refused, and what is said of what was lost.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't have its answer has failed"
)]

mod ends;
mod nonsense;
pub(crate) mod proxy;

use std::sync::Arc;
use std::time::Duration;

use actors::shell::{Bound, CallError, Parcel, ParcelContent, Peers, Remedy, Reply};
use bytes::Bytes;
use cluster::{Incarnation, ShardId};
use proto::node::node_service_client::NodeServiceClient;
use proto::node::{ExchangeRequest, Greeting};
use services::links::LinkOptions;
use tonic::Code;
use tonic::transport::Endpoint;

use super::grpc::world::run;
use ends::{End, HERE, THERE, entity, links, links_at, options, request, ruling};
use proxy::Proxy;

#[test]
fn whatever_is_sent_arrives_and_every_question_is_answered() {
    run(async {
        let there = End::start(options(THERE)).await;
        let (links, peer) = (links(), there.peer());
        links.nudge(&peer);
        let parcel = Parcel { generation: 1, content: ParcelContent::Retry { receiver: entity("K-1") } };
        links.send(&peer, ShardId::new(7), parcel.clone());
        let calls = (0..1_000).map(|number: u32| links.call(&peer, request(&number.to_string(), 10_000)));
        let calls: Vec<_> = calls.map(tokio::spawn).collect();
        for (number, call) in calls.into_iter().enumerate() {
            let expected = Ok(Reply::Accepted(Bytes::from(format!("{number} done"))));
            assert_eq!(call.await.unwrap(), expected);
        }
        assert_eq!(links.call(&peer, request("refuse", 10_000)).await, Err(CallError::Draining));
        for remedy in [Remedy::Unpark, Remedy::DivertAll, Remedy::DivertFirst(entity("K-1"))] {
            let rule = async |key| links.rule(&peer, ruling(key, remedy.clone()), Duration::MAX).await;
            assert_eq!((rule("parked").await, rule("other").await), (Ok(true), Ok(false)));
        }
        there.until(|host| host.nudges() == 1 && host.parcels() == [(ShardId::new(7), parcel.clone())]).await;
    });
}

#[test]
fn what_is_meant_for_another_start_of_a_node_reaches_nobody() {
    run(async {
        let there = End::start(options(THERE)).await;
        let mut peer = there.peer();
        peer.incarnation = Incarnation::new(99);
        assert_eq!(links().call(&peer, request("1", 10_000)).await, Err(CallError::Unreachable));
        assert_eq!(there.host.calls(), 0);
    });
}

#[test]
fn a_node_that_is_away_is_out_of_reach_until_it_is_back() {
    run(async {
        let there = End::start(options(THERE)).await;
        let proxy = Proxy::start(there.address).await;
        let (links, peer) = (links(), there.peer_at(proxy.address()));
        proxy.refuse(true);
        assert_eq!(links.call(&peer, request("1", 10_000)).await, Err(CallError::Unreachable));
        // Not even tried: the last attempt was just now.
        assert_eq!(links.call(&peer, request("2", 10_000)).await, Err(CallError::Unreachable));
        proxy.refuse(false);
        answered(&*links, &peer).await;
    });
}

#[test]
fn a_broken_connection_leaves_open_what_was_on_its_way() {
    run(async {
        let there = End::start(options(THERE)).await;
        let proxy = Proxy::start(there.address).await;
        let (links, peer) = (links(), there.peer_at(proxy.address()));
        let held = tokio::spawn(links.call(&peer, request("hold", 60_000)));
        there.until(|host| host.calls() == 1).await;
        proxy.cut();
        assert_eq!(held.await.unwrap(), Err(CallError::OutcomeUnknown));
        answered(&*links, &peer).await;
    });
}

#[test]
fn a_partition_is_noticed_and_heals() {
    run(async {
        let there = End::start(options(THERE)).await;
        let proxy = Proxy::start(there.address).await;
        let patient = LinkOptions { keep_alive: Duration::from_millis(50), ..options(HERE) };
        let (links, peer) = (links_at(patient), there.peer_at(proxy.address()));
        answered(&*links, &peer).await;
        proxy.stall(true);
        // Neither end hears anything of it; the question has a minute.
        let lost = links.call(&peer, request("1", 60_000)).await;
        assert_eq!(lost, Err(CallError::OutcomeUnknown));
        proxy.stall(false);
        answered(&*links, &peer).await;
    });
}

#[test]
fn a_question_ends_with_its_time_whatever_the_node_does() {
    run(async {
        let there = End::start(options(THERE)).await;
        let late = links().call(&there.peer(), request("hold", 20)).await;
        assert_eq!(late, Err(CallError::OutcomeUnknown));
    });
}

#[test]
fn beyond_the_bounds_nothing_is_taken() {
    run(async {
        let there = End::start(options(THERE)).await;
        let narrow = LinkOptions { open_calls: 1, lanes: 1, waiting_bytes: 1_000, ..options(HERE) };
        let (links, peer) = (links_at(narrow), there.peer());
        let large = request(&"x".repeat(2_000), 10_000);
        let full = |answer| match answer {
            Err(CallError::Overloaded { bound: Bound::Link, .. }) => {}
            other => panic!("{other:?}"),
        };
        full(links.call(&peer, large).await);
        let _held = tokio::spawn(links.call(&peer, request("hold", 60_000)));
        there.until(|host| host.calls() == 1).await;
        full(links.call(&peer, request("1", 10_000)).await);

        let narrow = End::start(LinkOptions { open_calls: 1, ..options(THERE) }).await;
        let (links, peer) = (ends::links(), narrow.peer());
        let _held = tokio::spawn(links.call(&peer, request("hold", 60_000)));
        narrow.until(|host| host.calls() == 1).await;
        full(links.call(&peer, request("hold", 10_000)).await);
    });
}

#[test]
fn a_node_that_stops_answers_what_it_was_asked() {
    run(async {
        let there = End::start(options(THERE)).await;
        let (links, peer) = (links(), there.peer());
        let held = tokio::spawn(links.call(&peer, request("hold", 60_000)));
        there.until(|host| host.calls() == 1).await;
        there.exchange.close();
        while links.call(&peer, request("1", 10_000)).await != Err(CallError::Unreachable) {
            tokio::task::yield_now().await;
        }
        there.host.release();
        assert_eq!(held.await.unwrap(), Ok(Reply::Accepted(Bytes::from_static(b"hold done"))));
    });
}

#[test]
fn streams_are_replaced_without_losing_an_answer() {
    run(async {
        let there = End::start(options(THERE)).await;
        let short = LinkOptions { stream_age: Duration::from_millis(5), lanes: 1, ..options(HERE) };
        let (links, peer) = (links_at(short), there.peer());
        for number in 0..2_000 {
            let answer = links.call(&peer, request(&number.to_string(), 10_000)).await;
            assert_eq!(answer, Ok(Reply::Accepted(Bytes::from(format!("{number} done")))));
        }
        assert!(there.host.streams() > 1);
    });
}

#[test]
fn the_clocks_of_others_are_known() {
    run(async {
        let there = End::start_ahead(options(THERE), 5_000).await;
        let (links, peer) =
            (links_at(LinkOptions { ping: Duration::from_millis(1), ..options(HERE) }), there.peer());
        assert!(links.clock_offsets_ms().is_empty());
        // Nobody says anything to it otherwise.
        links.watch_clocks(std::slice::from_ref(&peer));
        let offset_ms = loop {
            if let [offset_ms] = links.clock_offsets_ms()[..] {
                break offset_ms;
            }
            tokio::task::yield_now().await;
        };
        assert!((4_500..=5_500).contains(&offset_ms), "{offset_ms}");
    });
}

#[test]
fn a_node_of_another_release_is_refused_with_both_levels() {
    run(async {
        let there = End::start(options(THERE)).await;
        let endpoint = Endpoint::from_shared(format!("http://{}", there.address)).unwrap();
        let mut client = NodeServiceClient::new(endpoint.connect().await.unwrap());
        let bytes = |incarnation: u128| Bytes::copy_from_slice(&incarnation.to_be_bytes());
        let greeting = Greeting { level: 9, lowest_level: 8, sender: bytes(1), receiver: bytes(2) };
        let first = ExchangeRequest { greeting: Some(greeting), ..ExchangeRequest::default() };
        let refused = client.exchange(tokio_stream::iter([first])).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(
            refused.message().contains("level 1 to 1") && refused.message().contains("8 to 9"),
            "{refused}"
        );
        let silent = client.exchange(tokio_stream::iter([ExchangeRequest::default()])).await.unwrap_err();
        assert_eq!(silent.code(), Code::FailedPrecondition);
    });
}

/// Asks until there is an answer.
async fn answered(links: &dyn Peers, peer: &cluster::Peer) {
    while links.call(peer, request("1", 60_000)).await != Ok(Reply::Accepted(Bytes::from_static(b"1 done"))) {
        tokio::task::yield_now().await;
    }
}

/// What a test shares between its tasks.
type Shared<T> = Arc<std::sync::Mutex<T>>;
