//! `kvarter.metering.v1.MeteringService`: metering points, contracts, values, market documents.

use actors::entity::etag;
use actors::entity::listing::Listing;
use actors::shell::Tenant;
use domain::day::Month;
use domain::day_span::DaySpan;
use domain::entity::Recipient;
use domain::entity::metering_point::{Command, MOST_DAYS, PointDetails, Reply, State};
use domain::identity::MeteringPointId;
use domain::series::Direction;
use proto::convert::{FieldError, FieldFault};
use proto::metering as message;
use proto::metering::metering_service_server::MeteringService;
use proto::name::{DOCUMENT, METERING_POINT};
use proto::types;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::context::{Context, Manner};
use super::page::{Bounds, ENTRIES, Paging};
use super::unreachable::or_unreachable;
use super::{contracts, documents, fields, name, status, stream_days};
use crate::gateway::Gateway;

/// Sizes of pages of days.
const DAYS: Bounds = Bounds { usual: 31, most: 400 };

/// The service.
#[derive(Clone)]
pub struct Metering {
    gateway: Gateway,
}

impl Metering {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    /// Gives a command to a point.
    async fn command(
        &self,
        context: &Context,
        tenant: &Tenant,
        point: MeteringPointId,
        (command, manner): (Command, Manner<'_>),
    ) -> Result<Reply, Status> {
        let ask = context.write(tenant, Recipient::MeteringPoint(point), manner)?;
        Ok(self.gateway.ask(ask, &command).await?)
    }

    /// Asks a point for something.
    async fn question(
        &self,
        context: &Context,
        tenant: &Tenant,
        point: MeteringPointId,
        command: Command,
    ) -> Result<Reply, Status> {
        let ask = context.read(tenant, Recipient::MeteringPoint(point))?;
        Ok(self.gateway.ask(ask, &command).await?)
    }

    async fn point(
        &self,
        context: &Context,
        tenant: &Tenant,
        id: MeteringPointId,
    ) -> Result<message::MeteringPoint, Status> {
        let reply = self.question(context, tenant, id, Command::Get).await?;
        named_point(tenant, &*state(reply)?).ok_or_else(without_data)
    }
}

#[tonic::async_trait]
impl MeteringService for Metering {
    type StreamDaysStream = ReceiverStream<Result<message::StreamDaysResponse, Status>>;

    async fn create_metering_point(
        &self,
        request: Request<message::CreateMeteringPointRequest>,
    ) -> Result<Response<message::MeteringPoint>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let details: PointDetails = fields::required("metering_point", request.metering_point)?;
        let id = details.id;
        if id == MeteringPointId::CHARGING {
            let wrong = "is eighteen zeros, which stand for charging sessions";
            return Err(status::invalid_field("metering_point.metering_point_id", wrong));
        }
        let manner = Manner {
            request_id: &request.request_id,
            validate_only: request.validate_only,
            ..Manner::default()
        };
        match self.command(&context, &tenant, id, (Command::Register(details), manner)).await? {
            Reply::Details(details) => {
                let point = State { details: Some(details), ..State::default() };
                named_point(&tenant, &point).ok_or_else(without_data).map(Response::new)
            }
            _ => Err(status::internal("a metering point was registered and does not say what it is")),
        }
    }

    async fn get_metering_point(
        &self,
        request: Request<message::GetMeteringPointRequest>,
    ) -> Result<Response<message::MeteringPoint>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::metering_point("name", &request.name)?;
        self.point(&context, &tenant, id).await.map(Response::new)
    }

    async fn list_metering_points(
        &self,
        request: Request<message::ListMeteringPointsRequest>,
    ) -> Result<Response<message::ListMeteringPointsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let list = format!("meteringPoints of {tenant}");
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let entries = self.gateway.list(&tenant, Listing::MeteringPoints, &[], paging.range()).await?;
        let mut asks = Vec::with_capacity(entries.rows.len());
        let mut names = Vec::with_capacity(entries.rows.len());
        for row in &entries.rows {
            let number = row.entity.key().as_ref().try_into().map(u64::from_be_bytes).ok();
            let id = number.and_then(MeteringPointId::new);
            let id = id.ok_or_else(|| status::internal("a listed metering point without an id"))?;
            names.push(METERING_POINT.name([tenant.as_str(), &id.to_string()]));
            asks.push((context.read(&tenant, Recipient::MeteringPoint(id))?, Command::Get));
        }
        let (mut metering_points, mut unreachable) = (Vec::with_capacity(asks.len()), Vec::new());
        for (name, answer) in names.into_iter().zip(self.gateway.ask_each(asks).await) {
            if let Some(reply) = or_unreachable(answer, name, &mut unreachable)? {
                metering_points.extend(named_point(&tenant, &*state(reply)?));
            }
        }
        let next_page_token = paging.next(&entries);
        let page = message::ListMeteringPointsResponse { metering_points, next_page_token, unreachable };
        Ok(Response::new(page))
    }

    async fn create_contract(
        &self,
        request: Request<message::CreateContractRequest>,
    ) -> Result<Response<message::Contract>, Status> {
        let (context, request) = Context::open(request)?;
        contracts::create(&self.gateway, &context, request).await.map(Response::new)
    }

    async fn end_contract(
        &self,
        request: Request<message::EndContractRequest>,
    ) -> Result<Response<message::Contract>, Status> {
        let (context, request) = Context::open(request)?;
        contracts::end(&self.gateway, &context, request).await.map(Response::new)
    }

    async fn list_day_versions(
        &self,
        request: Request<message::ListDayVersionsRequest>,
    ) -> Result<Response<message::ListDayVersionsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, point) = name::metering_point("parent", &request.parent)?;
        let direction = fields::known::<types::Direction, Direction>("direction", request.direction)?;
        let span: DaySpan = fields::required("span", request.span)?;
        if span.count() > MOST_DAYS {
            return Err(status::field_error(FieldError::at("span", FieldFault::TooMany { most: 400 }), ""));
        }
        let known_at = fields::instant("as_of_time", request.as_of_time)?;
        let list = format!("days of {point}, {direction:?}, {span}, {known_at:?}, {tenant}");
        let paging = Paging::of(request.page_size, &request.page_token, &list, DAYS)?;
        let command = Command::ListDays { direction, span, known_at };
        let Reply::Days(days) = self.question(&context, &tenant, point, command).await? else {
            return Err(status::internal("days were asked for and not given"));
        };
        let placed = days.iter().map(|day| {
            let place = [day.day.number().to_be_bytes(), day.version.to_be_bytes()].concat();
            (shifted(place), message::DayVersion::from(day))
        });
        let (day_versions, next_page_token) = paging.cut(placed);
        Ok(Response::new(message::ListDayVersionsResponse { day_versions, next_page_token }))
    }

    async fn stream_days(
        &self,
        request: Request<Streaming<message::StreamDaysRequest>>,
    ) -> Result<Response<Self::StreamDaysStream>, Status> {
        let (context, batches) = Context::open(request)?;
        Ok(Response::new(stream_days::answers(self.gateway.clone(), context, batches)))
    }

    async fn rate_metering_point(
        &self,
        request: Request<message::RateMeteringPointRequest>,
    ) -> Result<Response<message::RateMeteringPointResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, point) = name::metering_point("name", &request.name)?;
        let month: Month = fields::required("month", request.month)?;
        let known_at = fields::instant("as_of_time", request.as_of_time)?;
        let command = Command::Rate { month, known_at };
        let Reply::Rated(rated) = self.question(&context, &tenant, point, command).await? else {
            return Err(status::internal("a rating was asked for and not given"));
        };
        let contracts = rated.iter().map(message::RatedContract::from).collect();
        Ok(Response::new(message::RateMeteringPointResponse { contracts }))
    }

    async fn import_document(
        &self,
        request: Request<message::ImportDocumentRequest>,
    ) -> Result<Response<message::Document>, Status> {
        let (context, request) = Context::open(request)?;
        documents::import(&self.gateway, &context, request).await.map(Response::new)
    }

    async fn get_document(
        &self,
        request: Request<message::GetDocumentRequest>,
    ) -> Result<Response<message::Document>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, key) = name::resource(&DOCUMENT, "name", &request.name)?;
        documents::get(&self.gateway, &context, &tenant, &key).await.map(Response::new)
    }

    async fn list_documents(
        &self,
        request: Request<message::ListDocumentsRequest>,
    ) -> Result<Response<message::ListDocumentsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        documents::list(&self.gateway, &context, request).await.map(Response::new)
    }
}

fn state(reply: Reply) -> Result<Box<State>, Status> {
    match reply {
        Reply::State(state) => Ok(state),
        _ => Err(status::internal("the state of a metering point was asked for and not given")),
    }
}

fn without_data() -> Status {
    status::internal("a point without master data")
}

/// The resource with its names; `None` where the point is not registered.
fn named_point(tenant: &Tenant, state: &State) -> Option<message::MeteringPoint> {
    let point = state.details.as_ref()?.id;
    let mut resource = message::MeteringPoint::of_state(state)?;
    resource.etag = etag(&resource);
    resource.name = METERING_POINT.name([tenant.as_str(), &point.to_string()]);
    let contracts = std::mem::take(&mut resource.contracts);
    resource.contracts =
        contracts.into_iter().map(|contract| contracts::named(tenant, point, contract)).collect();
    Some(resource)
}

/// A place whose order as bytes is that of signed numbers.
fn shifted(mut place: Vec<u8>) -> Vec<u8> {
    if let Some(first) = place.first_mut() {
        *first ^= 0x80;
    }
    place
}
