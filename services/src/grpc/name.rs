//! Resource names of requests as tenants and ids, or the status that says what is wrong with one.

use actors::shell::Tenant;
use cluster::{NodeName, ShardId};
use domain::identity::MeteringPointId;
use proto::name::{self, Pattern};
use tonic::Status;

use super::status;

/// The longest id in bytes: with room for what a key adds to it.
const MOST_ID_BYTES: usize = 56;

/// The tenant of a name `tenants/{tenant}`.
pub(super) fn tenant(field: &str, name: &str) -> Result<Tenant, Status> {
    let [tenant] = parse(&name::TENANT, field, name)?;
    parse_tenant(field, &tenant)
}

/// The tenant of a name `tenants/{tenant}/settings`.
pub(super) fn settings(field: &str, name: &str) -> Result<Tenant, Status> {
    let [tenant] = parse(&name::SETTINGS, field, name)?;
    parse_tenant(field, &tenant)
}

/// The tenant and the id of a name of this pattern.
pub(super) fn resource(pattern: &Pattern<2>, field: &str, name: &str) -> Result<(Tenant, String), Status> {
    let [tenant, id] = parse(pattern, field, name)?;
    Ok((parse_tenant(field, &tenant)?, id))
}

/// The tenant and the point of a name `tenants/{tenant}/meteringPoints/{metering_point}`.
pub(super) fn metering_point(field: &str, name: &str) -> Result<(Tenant, MeteringPointId), Status> {
    let (tenant, id) = resource(&name::METERING_POINT, field, name)?;
    Ok((tenant, parse_point(field, &id)?))
}

/// The tenant, the point and the contract of a name
/// `tenants/{tenant}/meteringPoints/{metering_point}/contracts/{contract}`.
pub(super) fn contract(field: &str, name: &str) -> Result<(Tenant, MeteringPointId, String), Status> {
    let [tenant, point, contract] = parse(&name::CONTRACT, field, name)?;
    Ok((parse_tenant(field, &tenant)?, parse_point(field, &point)?, contract))
}

/// The tenant, the account and the number of a name `tenants/{tenant}/accounts/{account}/statements/{statement}`.
pub(super) fn statement(field: &str, name: &str) -> Result<(Tenant, String, String), Status> {
    let [tenant, account, number] = parse(&name::STATEMENT, field, name)?;
    Ok((parse_tenant(field, &tenant)?, account, number))
}

/// What people call the node of a name `nodes/{node}`.
pub(super) fn node(field: &str, name: &str) -> Result<NodeName, Status> {
    let [node] = parse(&name::NODE, field, name)?;
    NodeName::new(&node).ok_or_else(|| status::invalid_field(field, "names no node as one can be called"))
}

/// The shard of a name `shards/{shard}`.
pub(super) fn shard(field: &str, name: &str) -> Result<ShardId, Status> {
    let [shard] = parse(&name::SHARD, field, name)?;
    let number = shard.parse().map_err(|_| status::invalid_field(field, "names no shard by its number"))?;
    Ok(ShardId::new(number))
}

/// An id that a resource may be given: 1 to 56 bytes without control characters.
pub(super) fn id<'a>(field: &str, id: &'a str) -> Result<&'a str, Status> {
    if (1..=MOST_ID_BYTES).contains(&id.len()) && !id.chars().any(char::is_control) {
        return Ok(id);
    }
    if id.is_empty() {
        return Err(status::missing(field));
    }
    Err(status::invalid_field(field, "is no id: 1 to 56 bytes without control characters"))
}

fn parse<const N: usize>(pattern: &Pattern<N>, field: &str, name: &str) -> Result<[String; N], Status> {
    pattern.parse(name).map_err(|error| status::invalid_field(field, &error.to_string()))
}

fn parse_tenant(field: &str, tenant: &str) -> Result<Tenant, Status> {
    Tenant::parse(tenant).map_err(|error| status::invalid_field(field, &error.to_string()))
}

fn parse_point(field: &str, id: &str) -> Result<MeteringPointId, Status> {
    let point = MeteringPointId::parse(id);
    point.ok_or_else(|| status::invalid_field(field, "names no metering point id of 18 digits"))
}
