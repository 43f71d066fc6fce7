//! Fetching from a partner what changed: page after page, each object as if it had been pushed.
//!
//! How far it has got is the greatest time of change that was seen, by the partner's own clock; that time is asked for
//! again, since what is held already has no effect. A list that is not in order of time is only got over whole.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::cdr::Road;
use domain::entity::Recipient;
use domain::entity::partners::{Command, Contact, Partner, PartnerRole, Reply};
use domain::entity::roaming_object::{PutOutcome, RoamingModule};
use domain::instant::Instant;
use serde_json::value::RawValue;
use tokio::time::Instant as Moment;

use super::OcpiOptions;
use super::answer::{Code, Fault};
use super::calling::Caller;
use super::door::Door;
use super::intake::{Intake, Taken};
use super::list::MOST_LIMIT;
use super::merge::Object;
use super::object;
use super::sender::Sender;
use super::text::encoded;
use crate::gateway::Gateway;

/// How many bytes one fetch reads at most.
const MOST_BYTES: usize = 256 << 20;
/// How many objects a page may have: five times what is asked for, since not every partner keeps to that.
const MOST_OBJECTS: usize = 1_000;
/// How long one fetch goes on to the next page.
const MOST_TIME: Duration = Duration::from_secs(120);

/// Fetches.
#[derive(Clone)]
pub(crate) struct Fetcher {
    pub(crate) gateway: Gateway,
    pub(crate) intake: Intake,
    pub(crate) caller: Caller,
    pub(crate) options: OcpiOptions,
}

/// What was fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fetched {
    /// How many pages.
    pub(crate) pages: u32,
    /// How many objects were new or had changed.
    pub(crate) taken: u32,
    /// How many were held already.
    pub(crate) unchanged: u32,
    /// How many could not be taken.
    pub(crate) refused: u32,
    /// Whether there is more.
    pub(crate) has_more: bool,
    /// Up to when everything was fetched.
    pub(crate) until: Option<Instant>,
}

/// What is known on the way through the pages.
struct Way {
    fetched: Fetched,
    bytes: usize,
    last: Option<Instant>,
    is_in_order: bool,
}

/// What became of one object.
enum One {
    Taken,
    Unchanged,
    Refused,
}

impl Fetcher {
    /// Asks a partner for what has changed of a module since a time, or since it was asked last.
    pub(crate) async fn fetch(
        &self,
        sender: Sender<'_>,
        module: RoamingModule,
        from: Option<Instant>,
    ) -> Result<Fetched, Fault> {
        let Sender { tenant, partner, .. } = sender;
        let contact = partner.contact.as_ref();
        let contact =
            contact.ok_or_else(|| Fault::of(Code::Unreachable, "credentials were not exchanged yet"))?;
        let from = from.or_else(|| partner.cursors.get(&module).copied());
        let mut next = Some(self.first_page(contact, module, from).await?);
        let mut way = Way { fetched: Fetched::default(), bytes: 0, last: None, is_in_order: true };
        let mut seen = BTreeSet::new();
        let begun = Moment::now();
        while let Some(url) = next {
            let is_full = usize::try_from(way.fetched.pages).unwrap_or(usize::MAX) >= self.options.most_pages;
            if is_full || way.bytes >= MOST_BYTES || begun.elapsed() >= MOST_TIME {
                way.fetched.has_more = true;
                break;
            }
            if !seen.insert(url.clone()) {
                return Err(Fault::of(Code::Unreachable, format!("{url}: is its own next page")));
            }
            next = self.page(sender, (contact, module, &url), &mut way).await?;
        }
        way.fetched.until = way.last.filter(|_| way.is_in_order || !way.fetched.has_more);
        if let Some(until) = way.fetched.until {
            let command = Command::Fetched { id: partner.id.clone(), module, until };
            let told =
                self.gateway.ask(Door::ask(tenant, &partner.id, Recipient::Partners), &command).await?;
            debug_assert!(matches!(told, Reply::Partner(_)));
        }
        Ok(way.fetched)
    }

    async fn first_page(
        &self,
        contact: &Contact,
        module: RoamingModule,
        from: Option<Instant>,
    ) -> Result<String, Fault> {
        let endpoints = self.caller.endpoints(contact).await.map_err(unreachable)?;
        let url = endpoints.of(module.name(), Some("SENDER"));
        let missing = || {
            Fault::of(Code::Endpoints, format!("the partner has no address of {} as SENDER", module.name()))
        };
        let url = url.ok_or_else(missing)?;
        let separator = if url.contains('?') { '&' } else { '?' };
        let from = from.map(|from| format!("&date_from={}", encoded(&from.to_string()))).unwrap_or_default();
        Ok(format!("{url}{separator}offset=0&limit={MOST_LIMIT}{from}"))
    }

    /// Takes a page, and says where the next is.
    async fn page(
        &self,
        sender: Sender<'_>,
        (contact, module, url): (&Contact, RoamingModule, &str),
        way: &mut Way,
    ) -> Result<Option<String>, Fault> {
        let called = self.caller.get(contact, url).await.map_err(unreachable)?;
        let text = called.data.as_ref().map_or("[]", |data| data.get());
        let items: Vec<&RawValue> = serde_json::from_str(text)
            .map_err(|_| Fault::of(Code::Unreachable, format!("{url}: answered no list")))?;
        if items.len() > MOST_OBJECTS {
            let text = format!("{url}: a page of {} objects where {MOST_LIMIT} were asked for", items.len());
            return Err(Fault::of(Code::Unreachable, text));
        }
        way.fetched.pages = way.fetched.pages.saturating_add(1);
        way.bytes = way.bytes.saturating_add(called.bytes);
        for item in items {
            let at = Object::read(item.get()).and_then(|object| object::last_updated(&object)).ok();
            if let Some(at) = at {
                way.is_in_order &= way.last.is_none_or(|last| last <= at);
                way.last = way.last.max(Some(at));
            }
            let count = match self.one(sender, module, item.get()).await? {
                One::Taken => &mut way.fetched.taken,
                One::Unchanged => &mut way.fetched.unchanged,
                One::Refused => &mut way.fetched.refused,
            };
            *count = count.saturating_add(1);
        }
        Ok(called.next)
    }

    /// Takes one object. What is wrong with it stops nothing; that the node can't take it now does.
    async fn one(&self, sender: Sender<'_>, module: RoamingModule, text: &str) -> Result<One, Fault> {
        let Sender { tenant, partner, .. } = sender;
        let taken = match module {
            RoamingModule::Cdrs => {
                let road = Road::Ocpi(partner.id.clone());
                let taken = self.intake.receive(sender, road, text.as_bytes()).await;
                taken.map(|taken| match taken {
                    Taken { is_repeat: true, .. } => One::Unchanged,
                    _ => One::Taken,
                })
            }
            module => self.object(sender, module, text).await,
        };
        match taken {
            Err(fault) if !fault.status.is_server_error() && fault.code != Code::Server => {
                tracing::debug!(%tenant, partner = partner.id, reason = fault.text, "an object is refused");
                Ok(One::Refused)
            }
            taken => taken,
        }
    }

    async fn object(&self, sender: Sender<'_>, module: RoamingModule, text: &str) -> Result<One, Fault> {
        let given = Object::read(text)?;
        object::check(&given, object::required(module))?;
        object::readable(module, &given)?;
        let key = object::key_in(module, &given)?;
        if !sender.may_tell(object::owner_role(module), key.party) {
            return Err(Fault::parameters(format!("the partner does not speak for {}", key.party)));
        }
        let ask = |entity| Door::ask(sender.tenant, &sender.partner.id, entity);
        let to = ask(Recipient::RoamingObject(key.clone()));
        let outcome = object::put(&self.gateway, to, (&given, &key), None).await?;
        match outcome.unwrap_or(PutOutcome::Older) {
            PutOutcome::Older => Ok(One::Unchanged),
            outcome => {
                object::tell(&self.gateway, ask, (module, &given), Some(sender)).await?;
                Ok(if outcome == PutOutcome::Unchanged { One::Unchanged } else { One::Taken })
            }
        }
    }
}

/// What a partner is asked for by itself, for what it is.
pub(super) fn modules(partner: &Partner) -> Vec<RoamingModule> {
    let of = |role| match role {
        PartnerRole::Provider => vec![RoamingModule::Tokens],
        _ => vec![
            RoamingModule::Locations,
            RoamingModule::Tariffs,
            RoamingModule::Sessions,
            RoamingModule::Cdrs,
        ],
    };
    let roles: BTreeSet<PartnerRole> = partner.parties.iter().map(|one| one.role).collect();
    let mut modules: Vec<RoamingModule> = roles.into_iter().flat_map(of).collect();
    modules.dedup();
    modules
}

fn unreachable(error: super::calling::NotCalled) -> Fault {
    Fault::of(Code::Unreachable, error.0)
}
