//! Tokens below the names of their owners: names read and written, and what an owner says of a token as the resource.

use actors::shell::Tenant;
use domain::entity::directory::Owner;
use domain::entity::tokens::{TokenClaim, TokenStage};
use domain::token::{Token, TokenError};
use proto::convert::timestamp;
use proto::directory as message;
use proto::directory::TokenState;
use proto::name::{ACCOUNT, ACCOUNT_TOKEN, METERING_POINT, POINT_TOKEN};
use tonic::Status;

use super::{name, status};

/// The tenant and owner of a name `tenants/{tenant}/accounts/{account}` or
/// `tenants/{tenant}/meteringPoints/{metering_point}`.
pub(super) fn owner(field: &str, owner: &str) -> Result<(Tenant, Owner), Status> {
    if METERING_POINT.parse(owner).is_ok() {
        let (tenant, point) = name::metering_point(field, owner)?;
        return Ok((tenant, Owner::MeteringPoint(point)));
    }
    match name::resource(&ACCOUNT, field, owner) {
        Ok((tenant, account)) => Ok((tenant, Owner::Account(account))),
        Err(_) => Err(status::invalid_field(field, "is no name of an account or a metering point")),
    }
}

/// The tenant, owner and token of a token's name.
pub(super) fn held(field: &str, token: &str) -> Result<(Tenant, Owner, Token), Status> {
    let split = token.rsplit_once("/tokens/");
    let (owned_by, _) = split.ok_or_else(|| status::invalid_field(field, "is no name of a token"))?;
    let (tenant, owner) = owner(field, owned_by)?;
    let id = match &owner {
        Owner::Account(_) => ACCOUNT_TOKEN.parse(token),
        Owner::MeteringPoint(_) => POINT_TOKEN.parse(token),
    };
    let held = id.ok().and_then(|[_, _, id]| Token::parse(&id));
    let held = held.ok_or_else(|| status::invalid_field(field, "is no name of a token"))?;
    Ok((tenant, owner, held))
}

/// The token of a type and a value in any spelling.
pub(super) fn token(fields: [&str; 2], kind: &str, value: &str) -> Result<Token, Status> {
    let [of_kind, of_value] = fields;
    Token::new(kind, value).map_err(|error| {
        let field = match error {
            TokenError::Type => of_kind,
            TokenError::Value => of_value,
        };
        status::invalid_field(field, &error.to_string())
    })
}

/// The name of an owner.
pub(super) fn owner_name(tenant: &Tenant, owner: &Owner) -> String {
    match owner {
        Owner::Account(id) => ACCOUNT.name([tenant.as_str(), id]),
        Owner::MeteringPoint(id) => METERING_POINT.name([tenant.as_str(), &id.to_string()]),
    }
}

/// A token as its owner sees it; none where the owner has nothing to do with it any more.
pub(super) fn resource(
    tenant: &Tenant,
    owner: &Owner,
    token: &Token,
    claim: Option<&TokenClaim>,
) -> message::Token {
    let (state, holder) = match claim.map(|claim| &claim.stage) {
        None => (TokenState::Released, None),
        Some(TokenStage::Claiming) => (TokenState::Claiming, None),
        Some(TokenStage::Held) => (TokenState::Held, None),
        Some(TokenStage::Refused(holder)) => (TokenState::Refused, Some(holder)),
        Some(TokenStage::Releasing) => (TokenState::Releasing, None),
    };
    let name = match owner {
        Owner::Account(id) => ACCOUNT_TOKEN.name([tenant.as_str(), id, &token.to_string()]),
        Owner::MeteringPoint(id) => POINT_TOKEN.name([tenant.as_str(), &id.to_string(), &token.to_string()]),
    };
    message::Token {
        name,
        token_type: token.kind().name().to_owned(),
        value: token.value().to_owned(),
        state: state.into(),
        holder: holder.map(|holder| owner_name(tenant, holder)).unwrap_or_default(),
        changed_time: claim.map(|claim| timestamp(claim.since)),
        blocked: claim.is_some_and(|claim| claim.is_blocked),
    }
}
