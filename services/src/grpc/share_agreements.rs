//! `kvarter.roaming.v1.ShareAgreementService`: agreements on shares in the catalogue.

use actors::entity::listing::Listing;
use actors::shell::Tenant;
use domain::day::Day;
use domain::entity::catalog::{Command, Reply};
use domain::entity::{Recipient, Registered};
use domain::share::ShareAgreement;
use proto::name::SHARE_AGREEMENT;
use proto::roaming as message;
use proto::roaming::share_agreement_service_server::ShareAgreementService;
use tonic::{Request, Response, Status};

use super::context::{Context, Manner};
use super::known::Known;
use super::page::{ENTRIES, Paging};
use super::{catalog, fields, name, status};
use crate::gateway::Gateway;

/// The service.
#[derive(Clone)]
pub struct ShareAgreements {
    gateway: Gateway,
}

impl ShareAgreements {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    async fn versions(
        &self,
        context: &Context,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Vec<Registered<ShareAgreement>>, Status> {
        let ask = context.read(tenant, Recipient::Catalog)?;
        match self.gateway.ask(ask, &Command::GetShareAgreement(id.to_owned())).await? {
            Reply::ShareAgreements(versions) => Ok(versions),
            _ => Err(status::internal("an agreement was asked for and not given")),
        }
    }
}

#[tonic::async_trait]
impl ShareAgreementService for ShareAgreements {
    async fn create_share_agreement(
        &self,
        request: Request<message::CreateShareAgreementRequest>,
    ) -> Result<Response<message::ShareAgreement>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let agreement: ShareAgreement = fields::required("share_agreement", request.share_agreement)?;
        name::id("share_agreement.share_agreement_id", &agreement.id)?;
        let is_complete = agreement.defects().is_empty();
        let known = Known { gateway: &self.gateway, context: &context, tenant: &tenant };
        for (place, rule) in agreement.rules.iter().enumerate() {
            let field = format!("share_agreement.rules[{place}].recipient_account_id");
            name::id(&field, &rule.recipient)?;
            // What is wrong with the agreement by itself is told first, all of it, by the catalogue.
            if is_complete {
                known.account(&field, &rule.recipient).await?;
            }
        }
        let validate_only = request.validate_only;
        let manner = Manner { request_id: &request.request_id, validate_only, ..Manner::default() };
        let ask = context.write(&tenant, Recipient::Catalog, manner)?;
        let command = Command::PutShareAgreement(Box::new(agreement.clone()));
        let Reply::ShareAgreementVersion(version) = self.gateway.ask(ask, &command).await? else {
            return Err(status::internal("an agreement was added and got no version"));
        };
        Ok(Response::new(named(&tenant, &ShareAgreement { version, ..agreement })))
    }

    async fn get_share_agreement(
        &self,
        request: Request<message::GetShareAgreementRequest>,
    ) -> Result<Response<message::ShareAgreement>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&SHARE_AGREEMENT, "name", &request.name)?;
        let day: Option<Day> = fields::optional("day", request.day)?;
        let versions = self.versions(&context, &tenant, &id).await?;
        let version = match day {
            Some(day) => Registered::<ShareAgreement>::on(&versions, day),
            None => versions.last().map(|latest| &latest.fact),
        };
        let version = version.ok_or_else(|| status::not_found("share agreement", &request.name))?;
        Ok(Response::new(named(&tenant, version)))
    }

    async fn list_share_agreements(
        &self,
        request: Request<message::ListShareAgreementsRequest>,
    ) -> Result<Response<message::ListShareAgreementsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let list = format!("agreements on shares of {tenant}");
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let mut placed = Vec::new();
        for id in catalog::ids_of(&self.gateway, &tenant, Listing::ShareAgreements, &paging).await? {
            for version in self.versions(&context, &tenant, &id).await? {
                let place = catalog::place_of(&id, version.fact.version);
                placed.push((place, named(&tenant, &version.fact)));
            }
        }
        let (share_agreements, next_page_token) = paging.cut(placed);
        Ok(Response::new(message::ListShareAgreementsResponse { share_agreements, next_page_token }))
    }
}

fn named(tenant: &Tenant, agreement: &ShareAgreement) -> message::ShareAgreement {
    let name = SHARE_AGREEMENT.name([tenant.as_str(), &agreement.id]);
    message::ShareAgreement { name, ..message::ShareAgreement::from(agreement) }
}
