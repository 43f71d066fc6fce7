//! What the tenant shows of its own: lists in pages, and single locations (OCPI 2.2.1, pagination).
//!
//! Entries stand in order of their last change. All that match are counted with every page, so that the number told is
//! right; a list of more than so many has to be narrowed by time. A link to the next page says behind which entry it begins:
//! one that changes meanwhile moves to the end, and by an offset alone another would be passed over.

use actors::entity::listing::{Listing, by_object};
use axum::http::header::{HeaderName, LINK};
use domain::cdr::Party;
use domain::entity::Recipient;
use domain::entity::partners::PartnerRole;
use domain::entity::roaming_object::{Command, ObjectKey, Reply, RoamingModule};
use domain::instant::Instant;

use super::answer::{Answer, Fault};
use super::request::{Call, VERSION};
use super::text::encoded;
use super::{cdrs, object, objects};

/// The usual and the greatest number of objects of a page.
const USUAL_LIMIT: usize = 50;
pub(super) const MOST_LIMIT: usize = 200;
/// The most objects of a list.
pub(super) const MOST_MATCHES: usize = 100_000;
/// How many entries are read at once.
const AT_ONCE: usize = 2_000;

/// The parameter of a link that says behind which entry the page begins.
const BEHIND: &str = "behind";

/// Where an entry stands in a list: by the time of its change, and by what tells it from others of that time.
pub(super) type Place = (Instant, String);

/// Which part of a list is asked for.
#[derive(Clone, Debug)]
pub(super) struct Paging {
    pub(super) from: Option<Instant>,
    pub(super) to: Option<Instant>,
    /// Behind which entry, where a link says so; else from which on, counted from zero.
    behind: Option<Place>,
    offset: usize,
    limit: usize,
}

/// A page of a list.
#[derive(Debug)]
pub(super) struct Page<T> {
    /// What stands on it.
    pub(super) entries: Vec<T>,
    /// How many entries the list has.
    total: usize,
    /// How many stand up to its end, and the last of them, where there are more.
    next: Option<(usize, Place)>,
}

/// GET of the tokens of the tenant as a provider.
pub(super) async fn tokens(call: Call) -> Result<Answer, Fault> {
    list(&call, RoamingModule::Tokens, PartnerRole::Operator).await
}

/// GET of what the tenant has as an operator.
pub(super) async fn own(call: Call) -> Result<Answer, Fault> {
    let module = RoamingModule::of_name(call.segment(2)).filter(|module| *module != RoamingModule::Tokens);
    let module = module.ok_or_else(|| Fault::not_found("there is nothing at this address"))?;
    match module {
        RoamingModule::Cdrs => cdrs::list(&call).await,
        module => list(&call, module, PartnerRole::Provider).await,
    }
}

/// GET of one location of the tenant, or of a part of it.
pub(super) async fn location(call: Call) -> Result<Answer, Fault> {
    call.check(PartnerRole::Provider)?;
    let parts = call.path.get(4..).unwrap_or_default();
    for party in call.guest.own.parties_as(PartnerRole::Operator) {
        let key = object::new_key(RoamingModule::Locations, party, call.segment(3))?;
        let ask = call.ask(Recipient::RoamingObject(key));
        if let Some(held) = object::held(&call.edge.gateway, ask).await? {
            return objects::part(&held.text, parts).map(Answer::json);
        }
    }
    Err(Fault::not_found(format!("there is no location {}", call.segment(3))))
}

impl Paging {
    /// What a request asks for.
    pub(super) fn of(call: &Call) -> Result<Self, Fault> {
        let limit = call.count("limit")?.unwrap_or(USUAL_LIMIT);
        Ok(Self {
            from: call.time("date_from")?,
            to: call.time("date_to")?,
            behind: call.parameter(BEHIND).map(read_place).transpose()?,
            offset: call.count("offset")?.unwrap_or_default(),
            limit: limit.clamp(1, MOST_LIMIT),
        })
    }

    /// Whether a time lies in the part.
    pub(super) fn contains(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }

    /// The page of all that match.
    pub(super) fn page<T>(&self, mut found: Vec<T>, place: impl Fn(&T) -> Place) -> Page<T> {
        found.sort_by_cached_key(&place);
        let total = found.len();
        let begin = match &self.behind {
            Some(behind) => found.partition_point(|entry| place(entry) <= *behind),
            None => self.offset.min(total),
        };
        let end = begin.saturating_add(self.limit).min(total);
        found.truncate(end);
        let last = found.last().filter(|_| end < total);
        let next = last.map(|last| (end, place(last)));
        found.drain(..begin);
        Page { entries: found, total, next }
    }
}

/// A page with the headers that pages have; its entries as they are told.
pub(super) fn answer<T>(
    call: &Call,
    path: &str,
    (paging, page): (&Paging, &Page<T>),
    items: &[String],
) -> Answer {
    let answer = Answer::json(format!("[{}]", items.join(",")))
        .with(HeaderName::from_static("x-total-count"), &page.total.to_string())
        .with(HeaderName::from_static("x-limit"), &MOST_LIMIT.to_string());
    let Some((offset, (at, place))) = &page.next else { return answer };
    let behind = encoded(&format!("{} {place}", at.millis()));
    let limit = paging.limit;
    let mut url = format!("{}/{VERSION}/{path}?offset={offset}&limit={limit}&{BEHIND}={behind}", call.base);
    for name in ["date_from", "date_to"] {
        if let Some(value) = call.parameter(name) {
            url.push_str(&format!("&{name}={}", encoded(value)));
        }
    }
    answer.with(LINK, &format!("<{url}>; rel=\"next\""))
}

/// More matches than are listed.
pub(super) fn too_many() -> Fault {
    Fault::parameters(format!("more than {MOST_MATCHES} objects match; narrow them by date_from and date_to"))
}

async fn list(call: &Call, module: RoamingModule, asking: PartnerRole) -> Result<Answer, Fault> {
    call.check(asking)?;
    let paging = Paging::of(call)?;
    let partner = &call.guest.partner;
    let mut found = Vec::new();
    for owner in call.guest.own.parties_as(object::owner_role(module)) {
        matches(call, (module, owner, None), &paging, &mut found).await?;
        // What is for one party alone is shown to it, and to nobody else.
        let parties = partner.parties.iter().filter(|_| module == RoamingModule::Sessions);
        for one in parties.filter(|one| one.role == PartnerRole::Provider) {
            matches(call, (module, owner, Some(one.party)), &paging, &mut found).await?;
        }
    }
    let page = paging.page(found, Clone::clone);
    let asks = page.entries.iter().filter_map(|(_, key)| {
        let key = ObjectKey::parse(key)?;
        Some((call.ask(Recipient::RoamingObject(key)), Command::Get))
    });
    let mut items = Vec::new();
    for reply in call.edge.gateway.ask_each(asks.collect()).await {
        match reply {
            Ok(Reply::Object(object)) => items.push(object.text),
            Ok(_) => return Err(Fault::defect("an object was asked for and not given")),
            // It is gone since it was found.
            Err(crate::gateway::Failure::Rejected(_)) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    let side = if module == RoamingModule::Tokens { "emsp" } else { "cpo" };
    Ok(answer(call, &format!("{side}/{}", module.name()), (&paging, &page), &items))
}

/// The entries of a listing that match, with their times.
async fn matches(
    call: &Call,
    (module, owner, audience): (RoamingModule, Party, Option<Party>),
    paging: &Paging,
    found: &mut Vec<Place>,
) -> Result<(), Fault> {
    let within = by_object(module, owner, audience, None);
    let mut from =
        Some(by_object(module, owner, audience, Some((paging.from.unwrap_or(Instant::MIN), ""))).to_vec());
    loop {
        let range = (from.take(), AT_ONCE);
        let entries = call.edge.gateway.list(&call.tenant, Listing::RoamingObjects, &within, range).await?;
        for row in &entries.rows {
            let read = entry(&row.value);
            let (at, key) = read.ok_or_else(|| Fault::defect("an entry of objects can't be read"))?;
            if paging.to.is_some_and(|to| at >= to) {
                return Ok(());
            }
            if found.len() >= MOST_MATCHES {
                return Err(too_many());
            }
            found.push((at, key));
        }
        match entries.rows.last().filter(|_| entries.has_more) {
            Some(last) => from = Some(crate::gateway::behind(&last.order)),
            None => return Ok(()),
        }
    }
}

/// What an entry says: when the object was changed, and its key.
fn entry(value: &[u8]) -> Option<Place> {
    let (millis, key) = str::from_utf8(value).ok()?.split_once(' ')?;
    Some((Instant::from_millis(millis.parse().ok()?)?, key.to_owned()))
}

/// A place as a link has it.
fn read_place(text: &str) -> Result<Place, Fault> {
    let wrong = || Fault::parameters(format!("{BEHIND}: is not as the link to a page has it"));
    entry(text.as_bytes()).ok_or_else(wrong)
}
