//! The shard actor: supervisor of the entities of one shard. Its journal, courier and timers are plain values inside;
//! this is the mailbox in front of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use cluster::{Settlement, ShardId};
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::entity_actor::Report;
use super::inspect::ShardView;
use super::parcel::Parcel;
use super::request::{Request, Waiter};
use super::resolved::Ruling;
use super::shard::{Shard, ShardArguments};
use super::shard_reads::GroupDone;

pub(crate) struct ShardActor;

/// What a shard hears. Small, since queues keep room for many: what is large is boxed.
pub(crate) enum ShardMessage {
    /// These shards run somewhere new: whatever waits for them, or is on its way to them, is sent again.
    Moved(Arc<BTreeSet<ShardId>>),
    /// A request from outside.
    Call(Box<Call>),
    /// Something from a shard.
    Parcel(Box<Parcel>),
    /// An entity decided.
    Report(Box<Report>),
    /// The store answered a group of reads.
    Read(Box<GroupDone>),
    /// Everything that arrived before this can join the batch.
    Seal,
    /// The node lets another commit begin.
    Gate(OwnedSemaphorePermit),
    /// The store answered a batch.
    Settled(Box<Settlement>),
    /// Time has passed. Answered when everything due was begun.
    Tick(Option<Box<oneshot::Sender<()>>>),
    /// Tell what there is.
    Inspect(Box<oneshot::Sender<ShardView>>),
    /// Something was decided about a parked entity.
    Resolve(Box<Resolve>),
    /// Finish what was begun, then stop.
    Drain(Box<oneshot::Sender<()>>),
    /// Somebody else has the shard: stop at once.
    Leave,
}

pub(crate) struct Call {
    pub(crate) request: Request,
    pub(crate) waiter: Waiter,
}

/// What to do about a parked entity.
pub(crate) struct Resolve {
    pub(crate) ruling: Ruling,
    /// Told whether it was parked.
    pub(crate) answer: oneshot::Sender<bool>,
}

impl Actor for ShardActor {
    type Msg = ShardMessage;
    type State = Shard;
    type Arguments = ShardArguments;

    async fn pre_start(
        &self,
        myself: ActorRef<ShardMessage>,
        arguments: ShardArguments,
    ) -> Result<Shard, ActorProcessingErr> {
        Ok(Shard::new(myself, arguments))
    }

    async fn handle(
        &self,
        _myself: ActorRef<ShardMessage>,
        message: ShardMessage,
        shard: &mut Shard,
    ) -> Result<(), ActorProcessingErr> {
        shard.handle(message);
        Ok(())
    }

    async fn post_stop(
        &self,
        _myself: ActorRef<ShardMessage>,
        shard: &mut Shard,
    ) -> Result<(), ActorProcessingErr> {
        shard.drop_entities();
        Ok(())
    }

    /// Entities report their panics themselves; one that dies without a report is rebuilt. The default would end the
    /// shard with its first entity.
    async fn handle_supervisor_evt(
        &self,
        _myself: ActorRef<ShardMessage>,
        event: SupervisionEvent,
        shard: &mut Shard,
    ) -> Result<(), ActorProcessingErr> {
        if let SupervisionEvent::ActorFailed(cell, error) = event {
            shard.entity_died(cell.get_id(), &error.to_string());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::entity_actor::EntityMessage;

    /// A mailbox keeps blocks of 32 slots.
    #[test]
    fn messages_are_small() {
        assert!(size_of::<ShardMessage>() <= 32);
        assert!(size_of::<EntityMessage>() <= 16);
    }
}
