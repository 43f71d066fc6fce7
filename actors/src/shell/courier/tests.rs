//! Units go one after the other within a channel, whatever gets lost.

use super::*;
use crate::shell::entity_id::{KindTag, Tenant};

fn entity(key: &'static str) -> EntityId {
    EntityId::new(Tenant::parse("nl").unwrap(), KindTag::new(1).unwrap(), key).unwrap()
}

fn channel(sender: &'static str, receiver: &'static str) -> Channel {
    Channel { sender: entity(sender), receiver: entity(receiver) }
}

fn courier(channels: &[(&Channel, u64)]) -> Courier {
    let mut courier = Courier::default();
    for (channel, sequence) in channels {
        courier.push((*channel).clone(), *sequence, Bytes::new());
    }
    courier
}

fn sent(courier: &mut Courier, now_ms: u64) -> Vec<(Channel, Vec<u64>)> {
    std::iter::from_fn(|| courier.next_unit(now_ms))
        .map(|unit| (unit.channel, unit.messages.into_iter().map(|(sequence, _)| sequence).collect()))
        .collect()
}

#[test]
fn one_unit_of_a_channel_is_on_its_way() {
    let (ab, ac) = (channel("a", "b"), channel("a", "c"));
    let mut courier = courier(&[(&ab, 1), (&ac, 2), (&ab, 3)]);
    assert_eq!(sent(&mut courier, 0), [(ab.clone(), vec![1, 3]), (ac.clone(), vec![2])]);
    courier.push(ab.clone(), 4, Bytes::new());
    assert_eq!(sent(&mut courier, 0), []);
    assert_eq!(courier.taken(&ab, 1), [1]);
    assert_eq!(sent(&mut courier, 0), [(ab.clone(), vec![3, 4])]);
    assert_eq!(courier.taken(&ab, 4), [3, 4]);
    assert_eq!(courier.taken(&ab, 4), [0; 0]);
    assert_eq!(courier.depth(), 1);
}

#[test]
fn what_was_lost_is_sent_again_from_its_first_message() {
    let ab = channel("a", "b");
    let mut courier = courier(&[(&ab, 1), (&ab, 2)]);
    sent(&mut courier, 0);
    courier.tick(LOST_AFTER_MS - 1);
    assert_eq!(sent(&mut courier, LOST_AFTER_MS - 1), []);
    courier.tick(LOST_AFTER_MS);
    assert_eq!(sent(&mut courier, LOST_AFTER_MS), [(ab, vec![1, 2])]);
}

#[test]
fn a_held_channel_waits_for_its_receiver_and_the_others_go_on() {
    let (ab, ac) = (channel("a", "b"), channel("a", "c"));
    let mut courier = courier(&[(&ab, 1)]);
    sent(&mut courier, 0);
    let reason = HoldReason::Parked { reason: "why".into() };
    courier.held(&ab, reason.clone(), 10);
    courier.push(ab.clone(), 2, Bytes::new());
    courier.push(ac.clone(), 3, Bytes::new());
    assert_eq!(sent(&mut courier, 10), [(ac, vec![3])]);
    let held = HeldChannel { channel: ab.clone(), reason: reason.clone(), held_ms: 5, messages: 2 };
    assert_eq!(courier.held_channels(15), [held]);
    courier.taken(&channel("a", "c"), 3);
    courier.tick(10 + RETRY_HELD_AFTER_MS - 1);
    courier.retry(&entity("c"));
    assert_eq!(sent(&mut courier, 20), []);
    courier.retry(&entity("b"));
    assert_eq!(sent(&mut courier, 20), [(ab.clone(), vec![1, 2])]);
    courier.held(&ab, reason, 20);
    courier.tick(20 + RETRY_HELD_AFTER_MS);
    assert_eq!(sent(&mut courier, 20 + RETRY_HELD_AFTER_MS), [(ab, vec![1, 2])]);
}

#[test]
fn a_window_bounds_what_is_on_its_way() {
    let channels: Vec<Channel> = (0..WINDOW as u64 + 3)
        .map(|number| Channel {
            sender: entity("a"),
            receiver: EntityId::new(
                Tenant::parse("nl").unwrap(),
                KindTag::new(1).unwrap(),
                number.to_be_bytes().to_vec(),
            )
            .unwrap(),
        })
        .collect();
    let mut courier = Courier::default();
    for (sequence, channel) in (1..).zip(&channels) {
        courier.push(channel.clone(), sequence, Bytes::new());
    }
    assert_eq!(sent(&mut courier, 0).len(), WINDOW);
    courier.taken(&channels[0], 1);
    courier.held(&channels[1], HoldReason::Busy, 0);
    assert_eq!(sent(&mut courier, 0).len(), 2);
    courier.tick(RETRY_BUSY_AFTER_MS);
    courier.taken(&channels[2], 3);
    assert_eq!(sent(&mut courier, 0).len(), 1);
}

#[test]
fn large_messages_take_more_of_the_outbox() {
    let ab = channel("a", "b");
    let mut courier = courier(&[(&ab, 1), (&ab, 2)]);
    assert_eq!((courier.depth(), courier.places()), (2, 2));
    courier.push(ab.clone(), 3, vec![0; 1_024].into());
    courier.push(ab.clone(), 4, vec![0; 90_000].into());
    assert_eq!((courier.depth(), courier.places()), (4, 2 + 1 + 88));
    courier.taken(&ab, 3);
    assert_eq!((courier.depth(), courier.places()), (1, 88));
    courier.taken(&ab, 4);
    assert_eq!((courier.depth(), courier.places()), (0, 0));
}
