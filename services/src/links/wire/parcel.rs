//! What shards send each other.

use actors::shell::{Channel, HoldReason, Parcel, ParcelContent};
use cluster::ShardId;
use proto::node as message;
use proto::node::held::Reason;
use proto::node::parcel::Content;

use super::entity::{read_entity, read_shard, write_entity};
use super::{Malformed, malformed};

/// A parcel for a shard as it is sent.
pub(in crate::links) fn write(shard: ShardId, parcel: Parcel) -> message::Parcel {
    let content = match parcel.content {
        ParcelContent::Deliver { channel, messages } => {
            let numbered = |(sequence, command)| message::NumberedMessage { sequence, command };
            Content::Delivery(message::Delivery {
                channel: Some(write_channel(&channel)),
                messages: messages.into_iter().map(numbered).collect(),
            })
        }
        ParcelContent::Taken { channel, sequence } => {
            Content::Taken(message::Taken { channel: Some(write_channel(&channel)), sequence })
        }
        ParcelContent::Held { channel, reason } => Content::Held(message::Held {
            channel: Some(write_channel(&channel)),
            reason: Some(write_reason(reason)),
        }),
        ParcelContent::Retry { receiver } => Content::Retry(write_entity(&receiver)),
    };
    message::Parcel { shard: shard.number().into(), generation: parcel.generation, content: Some(content) }
}

/// A parcel as it came, and for which shard.
pub(in crate::links) fn read(parcel: message::Parcel) -> Result<(ShardId, Parcel), Malformed> {
    let content = match parcel.content.ok_or(malformed("content"))? {
        Content::Delivery(delivery) => {
            let messages = delivery.messages.into_iter().map(|message| (message.sequence, message.command));
            ParcelContent::Deliver { channel: read_channel(delivery.channel)?, messages: messages.collect() }
        }
        Content::Taken(taken) => {
            ParcelContent::Taken { channel: read_channel(taken.channel)?, sequence: taken.sequence }
        }
        Content::Held(held) => {
            ParcelContent::Held { channel: read_channel(held.channel)?, reason: read_reason(held.reason)? }
        }
        Content::Retry(receiver) => ParcelContent::Retry { receiver: read_entity(Some(receiver))? },
    };
    Ok((read_shard(parcel.shard)?, Parcel { generation: parcel.generation, content }))
}

fn write_channel(channel: &Channel) -> message::MessageChannel {
    message::MessageChannel {
        sender: Some(write_entity(&channel.sender)),
        receiver: Some(write_entity(&channel.receiver)),
    }
}

fn read_channel(channel: Option<message::MessageChannel>) -> Result<Channel, Malformed> {
    let channel = channel.ok_or(malformed("channel"))?;
    Ok(Channel { sender: read_entity(channel.sender)?, receiver: read_entity(channel.receiver)? })
}

fn write_reason(reason: HoldReason) -> Reason {
    match reason {
        HoldReason::Parked { reason } => Reason::Parked(reason.to_string()),
        HoldReason::Refused { reply } => Reason::Refused(reply),
        HoldReason::Busy => Reason::Busy(()),
    }
}

fn read_reason(reason: Option<Reason>) -> Result<HoldReason, Malformed> {
    Ok(match reason.ok_or(malformed("reason"))? {
        Reason::Parked(reason) => HoldReason::Parked { reason: reason.into() },
        Reason::Refused(reply) => HoldReason::Refused { reply },
        Reason::Busy(()) => HoldReason::Busy,
    })
}
