//! Names of parked entities: kind and key, so that every entity of a tenant has one name.

use actors::entity::Kind;
use actors::shell::{EntityId, ParkedEntity};
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use proto::admin as message;
use proto::convert::timestamp;
use proto::name::PARKED_ENTITY;
use tonic::Status;

use super::{name, status};
use crate::hex::{from_hex, to_hex};

/// The kinds with their words.
const WORDS: [(Kind, &str); 12] = [
    (Kind::Account, "account"),
    (Kind::MeteringPoint, "metering-point"),
    (Kind::Catalog, "catalog"),
    (Kind::Document, "document"),
    (Kind::InvoiceRun, "invoice-run"),
    (Kind::RunPart, "run-part"),
    (Kind::NumberSeries, "number-series"),
    (Kind::Directory, "directory"),
    (Kind::EventLog, "event-log"),
    (Kind::Webhooks, "webhooks"),
    (Kind::Partners, "partners"),
    (Kind::RoamingObject, "roaming-object"),
];

/// The resource of a parked entity in a shard.
pub(super) fn resource(shard: u16, parked: &ParkedEntity) -> message::ParkedEntity {
    let kind = word(&parked.entity);
    let id = format!("{kind}.{}", to_hex(parked.entity.key()));
    message::ParkedEntity {
        name: PARKED_ENTITY.name([parked.entity.tenant().as_str(), &id]),
        kind: kind.to_owned(),
        key: readable_key(&parked.entity),
        shard: shard.into(),
        reason: parked.reason.to_string(),
        parked_time: Instant::from_millis(parked.since_ms).map(timestamp),
    }
}

/// The entity of a name `tenants/{tenant}/parkedEntities/{kind}.{key in hexadecimal digits}`.
pub(super) fn entity(field: &str, parked: &str) -> Result<EntityId, Status> {
    let other = || status::invalid_field(field, "is no name of a parked entity");
    let (tenant, id) = name::resource(&PARKED_ENTITY, field, parked)?;
    let (word, key) = id.split_once('.').ok_or_else(other)?;
    let (kind, _) = WORDS.into_iter().find(|(_, known)| *known == word).ok_or_else(other)?;
    let key = from_hex(key).ok_or_else(other)?;
    EntityId::new(tenant, kind.tag(), key).map_err(|_| other())
}

fn word(entity: &EntityId) -> &'static str {
    let kind = Kind::of(entity);
    WORDS.into_iter().find(|(known, _)| Some(*known) == kind).map_or("unknown", |(_, word)| word)
}

/// The key as people write it: the digits of a point, a run and its shard, else the text.
fn readable_key(entity: &EntityId) -> String {
    let key = entity.key();
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    match Kind::of(entity) {
        Some(Kind::MeteringPoint) => {
            let number = <[u8; 8]>::try_from(key.as_ref()).map(u64::from_be_bytes).ok();
            number.and_then(MeteringPointId::new).map_or_else(|| text(key), |point| point.to_string())
        }
        Some(Kind::RunPart) => match key.split_first_chunk() {
            Some((shard, run)) => format!("{} in shard {}", text(run), u32::from_be_bytes(*shard)),
            None => text(key),
        },
        Some(Kind::EventLog) => key.first().map_or_else(|| text(key), u8::to_string),
        _ => text(key),
    }
}

#[cfg(test)]
mod tests {
    use actors::shell::Tenant;

    use super::*;

    #[test]
    fn every_entity_is_found_by_its_name() {
        let tenant = Tenant::parse("light").unwrap();
        for (kind, word) in WORDS {
            let parked =
                EntityId::new(tenant.clone(), kind.tag(), vec![0, 0, 0, 7, 0x2f, 0xff, 1, 2]).unwrap();
            let name = format!("tenants/light/parkedEntities/{word}.000000072fff0102");
            assert_eq!(entity("name", &name).unwrap(), parked);
        }
        for broken in
            ["", "tenants/light/parkedEntities/x.00", "tenants/light/parkedEntities/account.", "account.00"]
        {
            assert!(entity("name", broken).is_err(), "{broken}");
        }
    }
}
