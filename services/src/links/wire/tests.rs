//! Whatever is said is understood, and what makes no sense is refused.

use std::sync::Arc;
use std::time::Duration;

use actors::shell::{
    Bound, CallError, Caller, Channel, Class, Consistency, EntityId, HoldReason, Incident, KindTag, Parcel,
    ParcelContent, Remedy, Reply, Request, Ruling, Tenant, Verdict,
};
use bytes::Bytes;
use cluster::{Epoch, Incarnation, NodeName, Peer, ShardId};
use prost::Message;
use proto::node as message;
use uuid::Uuid;

use super::answer::Answer;
use super::{answer, call, parcel, ruling};

fn entity(key: &'static str) -> EntityId {
    EntityId::new(Tenant::parse("light").unwrap(), KindTag::new(3).unwrap(), key).unwrap()
}

fn peer() -> Peer {
    let name = NodeName::new("kvarter-1").unwrap();
    Peer { incarnation: Incarnation::new(7 << 80), name, address: "kvarter-1.kvarter:7420".into() }
}

/// What comes out at the other end.
fn sent<M: Message + Default>(message: &M) -> M {
    M::decode(&*message.encode_to_vec()).unwrap()
}

#[test]
fn requests_arrive_as_they_were_sent() {
    let plain = Request {
        entity: entity("K-1"),
        command: Bytes::from_static(b"pay"),
        caller: Caller::of("console"),
        request_id: None,
        timeout: None,
        class: Class::Interactive,
        repeatable: false,
        consistency: Consistency::Strong,
        trace: None,
    };
    let roles: Arc<[Box<str>]> = Arc::from(["reader".into(), "payer".into()]);
    let full = Request {
        caller: Caller { client: "app".into(), subject: "anna".into(), roles },
        request_id: Some(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001)),
        timeout: Some(Duration::from_millis(1_250)),
        class: Class::Bulk,
        repeatable: true,
        consistency: Consistency::Lease,
        trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        ..plain.clone()
    };
    for request in [plain, full] {
        assert_eq!(call::read(sent(&call::write(request.clone()))), Ok(request));
    }
}

#[test]
fn every_answer_arrives_as_it_was_given() {
    let errors = [
        CallError::Overloaded { bound: Bound::Entity, retry_after: Duration::from_millis(20) },
        CallError::Overloaded { bound: Bound::Shard, retry_after: Duration::ZERO },
        CallError::Overloaded { bound: Bound::Node, retry_after: Duration::from_secs(1) },
        CallError::Overloaded { bound: Bound::Outbox, retry_after: Duration::from_secs(1) },
        CallError::Overloaded { bound: Bound::Link, retry_after: Duration::from_secs(1) },
        CallError::OutcomeUnknown,
        CallError::DeadlineExceeded,
        CallError::Parked { reason: "it broke".into() },
        CallError::Internal {
            incident: Incident { shard: ShardId::new(1_023), epoch: Epoch::new(9), number: 2 },
        },
        CallError::RequestIdInvalid,
        CallError::RequestIdReused,
        CallError::RequestIdExpired,
        CallError::RequestIdAhead,
        CallError::NotOwner { shard: ShardId::new(0), owner: None, epoch: None },
        CallError::NotOwner { shard: ShardId::new(5), owner: Some(peer()), epoch: Some(Epoch::new(0)) },
        CallError::Unreachable,
        CallError::NotAdmitting { reason: "its clock is off".into() },
        CallError::Draining,
    ];
    let replies = [Reply::Accepted(Bytes::new()), Reply::Rejected(Bytes::from_static(b"no"))];
    let mut answers: Vec<Answer> = errors.into_iter().map(Answer::Error).collect();
    answers.extend(replies.into_iter().map(Answer::Reply));
    answers.extend([true, false].map(Answer::Ruled));
    for given in answers {
        let message = message::Answer { id: 1, outcome: Some(answer::write(given.clone())) };
        assert_eq!(answer::read(sent(&message).outcome), Ok(given));
    }
}

#[test]
fn rulings_arrive_as_they_were_sent() {
    for remedy in [Remedy::Unpark, Remedy::DivertAll, Remedy::DivertFirst(entity("A"))] {
        let verdict = Verdict { by: "anna".into(), note: "known defect".into() };
        let sent_one = Ruling { entity: entity("B"), remedy, verdict };
        let mut frame = message::ExchangeRequest::default();
        ruling::write(sent_one.clone()).fill(&mut frame, 7);
        let frame = sent(&frame);
        let unparkings = frame.unparkings.into_iter().map(|one| (one.id, ruling::read_unparking(one)));
        let diversions = frame.diversions.into_iter().map(|one| (one.id, ruling::read_diversion(one)));
        assert_eq!(unparkings.chain(diversions).collect::<Vec<_>>(), [(7, Ok(sent_one))]);
    }
    let nameless = message::Entity::default();
    let diversion = message::Diversion { sender: Some(nameless), ..message::Diversion::default() };
    assert!(ruling::read_diversion(diversion).is_err());
    assert!(ruling::read_unparking(message::Unparking::default()).is_err());
}

#[test]
fn every_parcel_arrives_as_it_was_sent() {
    let channel = || Channel { sender: entity("A"), receiver: entity("B") };
    let held = |reason| ParcelContent::Held { channel: channel(), reason };
    let contents = [
        ParcelContent::Deliver {
            channel: channel(),
            messages: vec![(7, Bytes::from_static(b"one")), (9, Bytes::new())],
        },
        ParcelContent::Deliver { channel: channel(), messages: Vec::new() },
        ParcelContent::Taken { channel: channel(), sequence: u64::MAX },
        held(HoldReason::Busy),
        held(HoldReason::Parked { reason: "it broke".into() }),
        held(HoldReason::Refused { reply: Bytes::from_static(b"no") }),
        ParcelContent::Retry { receiver: entity("B") },
    ];
    for content in contents {
        let (shard, parcel) = (ShardId::new(1_023), Parcel { generation: 3, content });
        assert_eq!(parcel::read(sent(&parcel::write(shard, parcel.clone()))), Ok((shard, parcel)));
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let whole = call::write(Request {
        entity: entity("K-1"),
        command: Bytes::new(),
        caller: Caller::of("console"),
        request_id: None,
        timeout: None,
        class: Class::Interactive,
        repeatable: false,
        consistency: Consistency::Strong,
        trace: None,
    });
    let broken: [fn(&mut message::Call); 6] = [
        |call| call.entity = None,
        |call| call.entity.as_mut().unwrap().kind = 256,
        |call| call.entity.as_mut().unwrap().tenant = "Ä".to_owned(),
        |call| call.caller = None,
        |call| call.class = 7,
        |call| call.request_id = Bytes::from_static(b"short"),
    ];
    for breaks in broken {
        let mut call = whole.clone();
        breaks(&mut call);
        assert!(call::read(call.clone()).is_err(), "{call:?}");
    }
    assert!(answer::read(None).is_err());
    assert!(answer::read(Some(message::answer::Outcome::Fault(99))).is_err());
    let overload = message::Overload { bound: 0, retry_after_ms: 1 };
    assert!(answer::read(Some(message::answer::Outcome::Overloaded(overload))).is_err());
    assert!(parcel::read(message::Parcel::default()).is_err());
    let retry = message::parcel::Content::Retry(message::Entity::default());
    assert!(parcel::read(message::Parcel { shard: 70_000, generation: 1, content: Some(retry) }).is_err());
}
