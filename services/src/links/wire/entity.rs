//! Names: of entities, of nodes, of shards.

use actors::shell::{EntityId, KindTag, Tenant};
use bytes::Bytes;
use cluster::{Incarnation, NodeName, Peer, ShardId};
use proto::node as message;

use super::{Malformed, malformed};

pub(in crate::links) fn write_entity(entity: &EntityId) -> message::Entity {
    message::Entity {
        tenant: entity.tenant().as_str().to_owned(),
        kind: entity.kind().number().into(),
        key: entity.key().clone(),
    }
}

pub(in crate::links) fn read_entity(entity: Option<message::Entity>) -> Result<EntityId, Malformed> {
    let read = |entity: message::Entity| {
        let tenant = Tenant::parse(&entity.tenant).ok()?;
        let kind = KindTag::new(entity.kind.try_into().ok()?)?;
        EntityId::new(tenant, kind, entity.key).ok()
    };
    entity.and_then(read).ok_or(malformed("entity"))
}

pub(in crate::links) fn write_incarnation(incarnation: Incarnation) -> Bytes {
    Bytes::copy_from_slice(&incarnation.number().to_be_bytes())
}

pub(in crate::links) fn read_incarnation(bytes: &[u8]) -> Result<Incarnation, Malformed> {
    let number = <[u8; 16]>::try_from(bytes).map_err(|_| malformed("start of a node"))?;
    Ok(Incarnation::new(u128::from_be_bytes(number)))
}

pub(super) fn write_peer(peer: &Peer) -> message::Peer {
    message::Peer {
        incarnation: write_incarnation(peer.incarnation),
        name: peer.name.to_string(),
        address: peer.address.to_string(),
    }
}

pub(super) fn read_peer(peer: message::Peer) -> Result<Peer, Malformed> {
    let incarnation = read_incarnation(&peer.incarnation)?;
    let name = NodeName::new(&peer.name).ok_or(malformed("name of a node"))?;
    Ok(Peer { incarnation, name, address: peer.address.into() })
}

pub(in crate::links) fn read_shard(number: u32) -> Result<ShardId, Malformed> {
    u16::try_from(number).map(ShardId::new).map_err(|_| malformed("shard"))
}
