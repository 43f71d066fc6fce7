//! What the partners of a tenant answer.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Decided, Entity, Facts, Moment};
use super::{
    Command, Event, Introduced, MOST_PARTIES, MOST_PARTNERS, OwnProfile, Partner, PartnerRole,
    PartnerStanding, PartyRole, Rejection, Reply, RequestLimit, State, TokenHash, WantedPartner,
};
use crate::instant::Instant;

/// The partners of a tenant as an entity.
#[derive(Debug)]
pub struct Partners;

type Outcome = Result<Decided<Event, Reply>, Rejection>;

impl Entity for Partners {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, _: &Facts, moment: &Moment) -> Outcome {
        match command {
            Command::List => Ok(Decided::reply(Reply::All(Box::new(state.clone())))),
            Command::Get(id) => Ok(Decided::reply(Reply::Partner(Box::new(find(state, id)?.clone())))),
            Command::SetOwn(own) => set_own(state, own),
            Command::Set(wanted) => set(state, wanted, moment.now),
            Command::Rotate(id, token) => {
                let mut next = find(state, id)?.clone();
                check_token(state, id, token)?;
                // Whoever is given a token by hand registers with it (OCPI 2.2.1): what it had said of itself counts no more.
                (next.token, next.offered, next.contact) = (Some(*token), None, None);
                next.standing = standing(&next);
                changed(state, next)
            }
            Command::Offer(id, token) => {
                let mut next = admitted(find(state, id)?)?.clone();
                check_token(state, id, token)?;
                next.offered = Some(*token);
                changed(state, next)
            }
            Command::Withdraw(id, token) => {
                let mut next = find(state, id)?.clone();
                next.offered = next.offered.filter(|offered| !offered.is(token));
                changed(state, next)
            }
            Command::Suspend(id) => {
                let mut next = find(state, id)?.clone();
                next.standing = PartnerStanding::Suspended;
                changed(state, next)
            }
            Command::Resume(id) => {
                let mut next = find(state, id)?.clone();
                if next.standing == PartnerStanding::Suspended {
                    next.standing = exchanged(&next);
                }
                changed(state, next)
            }
            Command::Delete(id) => {
                let id = find(state, id)?.id.clone();
                Ok(Decided::with(vec![Event::Deleted(id)], Reply::Deleted))
            }
            Command::Introduce(introduced) => introduce(state, introduced),
            Command::Unregister(id, shown) => {
                let mut next = shown_by(state, id, shown)?.clone();
                if next.contact.is_none() {
                    return Err(Rejection::NotRegistered);
                }
                (next.token, next.offered, next.contact) = (None, None, None);
                next.standing = standing(&next);
                changed(state, next)
            }
            Command::Fetched { id, module, until } => {
                let mut next = find(state, id)?.clone();
                let before = next.cursors.get(module).copied().unwrap_or(Instant::MIN);
                next.cursors.insert(*module, before.max(*until));
                changed(state, next)
            }
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::OwnSet(own) => state.own = own.clone(),
            Event::Set(partner) => drop(state.by_id.insert(partner.id.clone(), Partner::clone(partner))),
            Event::Deleted(id) => drop(state.by_id.remove(id)),
        }
    }
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Partner, Rejection> {
    state.by_id.get(id).ok_or(Rejection::UnknownPartner)
}

/// The partner that shows a token it has.
fn shown_by<'a>(state: &'a State, id: &str, shown: &TokenHash) -> Result<&'a Partner, Rejection> {
    let partner = find(state, id)?;
    let is_its = tokens(partner).any(|token| token.is(shown));
    if is_its { Ok(partner) } else { Err(Rejection::OtherToken) }
}

fn tokens(partner: &Partner) -> impl Iterator<Item = &TokenHash> {
    partner.token.iter().chain(&partner.offered)
}

/// A partner that is not suspended: with one that is, no credentials are exchanged, from neither side.
fn admitted(partner: &Partner) -> Result<&Partner, Rejection> {
    match partner.standing {
        PartnerStanding::Suspended => Err(Rejection::Suspended),
        PartnerStanding::Registered | PartnerStanding::Connected => Ok(partner),
    }
}

/// What a partner is by its credentials, unless it is suspended: that ends by being resumed, and by nothing else.
fn standing(partner: &Partner) -> PartnerStanding {
    match partner.standing {
        PartnerStanding::Suspended => PartnerStanding::Suspended,
        PartnerStanding::Registered | PartnerStanding::Connected => exchanged(partner),
    }
}

/// What a partner is by its credentials.
fn exchanged(partner: &Partner) -> PartnerStanding {
    if partner.contact.is_some() { PartnerStanding::Connected } else { PartnerStanding::Registered }
}

fn set_own(state: &State, own: &OwnProfile) -> Outcome {
    if own.parties.len() > MOST_PARTIES {
        return Err(Rejection::TooManyParties);
    }
    if state.by_id.values().any(|partner| !partner.parties.is_disjoint(&own.parties)) {
        return Err(Rejection::PartyInUse);
    }
    let mut next = state.clone();
    next.own = own.clone();
    let events = if state.own == *own { Vec::new() } else { vec![Event::OwnSet(own.clone())] };
    Ok(Decided::with(events, Reply::All(Box::new(next))))
}

fn set(state: &State, wanted: &WantedPartner, now: Instant) -> Outcome {
    let mut next = match state.by_id.get(&wanted.id) {
        Some(partner) => partner.clone(),
        None => made(state, wanted, now)?,
    };
    if let Some(parties) = &wanted.parties {
        check_parties(state, &wanted.id, parties)?;
        next.parties.clone_from(parties);
    }
    if let Some(account) = &wanted.account {
        next.account = Some(account.clone()).filter(|account| !account.is_empty());
    }
    next.limit = wanted.limit.unwrap_or(next.limit);
    if let Some(contact) = &wanted.contact {
        next.contact = Some(contact.clone());
    }
    next.standing = standing(&next);
    changed(state, next)
}

fn made(state: &State, wanted: &WantedPartner, now: Instant) -> Result<Partner, Rejection> {
    if state.by_id.len() >= MOST_PARTNERS {
        return Err(Rejection::TooMany);
    }
    let token = wanted.token.ok_or(Rejection::NoToken)?;
    check_token(state, &wanted.id, &token)?;
    Ok(Partner {
        id: wanted.id.clone(),
        parties: BTreeSet::new(),
        account: None,
        limit: RequestLimit::USUAL,
        standing: PartnerStanding::Registered,
        token: Some(token),
        offered: None,
        contact: None,
        cursors: BTreeMap::new(),
        made_at: now,
    })
}

fn introduce(state: &State, introduced: &Introduced) -> Outcome {
    let Introduced { id, shown, token, contact, parties, is_first } = introduced;
    let mut next = admitted(shown_by(state, id, shown)?)?.clone();
    match (is_first, next.contact.is_some()) {
        (true, true) => return Err(Rejection::AlreadyRegistered),
        (false, false) => return Err(Rejection::NotRegistered),
        _ => {}
    }
    check_token(state, id, token)?;
    if next.parties.is_empty() {
        check_introduced(state, id, parties)?;
        next.parties.clone_from(parties);
    } else if let Some(beyond) = parties.difference(&next.parties).next() {
        return Err(Rejection::NotAgreed(*beyond));
    }
    (next.token, next.offered) = (Some(*token), None);
    next.contact = Some(contact.clone());
    next.standing = standing(&next);
    changed(state, next)
}

/// A token belongs to one partner.
fn check_token(state: &State, id: &str, token: &TokenHash) -> Result<(), Rejection> {
    let is_others = |partner: &Partner| partner.id != id && tokens(partner).any(|held| held == token);
    if state.by_id.values().any(is_others) { Err(Rejection::TokenInUse) } else { Ok(()) }
}

/// A party in a role belongs to one partner, and not to the tenant as well.
fn check_parties(state: &State, id: &str, parties: &BTreeSet<PartyRole>) -> Result<(), Rejection> {
    if parties.len() > MOST_PARTIES {
        return Err(Rejection::TooManyParties);
    }
    let others = state.by_id.values().filter(|partner| partner.id != id).map(|partner| &partner.parties);
    let is_used = others.chain([&state.own.parties]).any(|used| !used.is_disjoint(parties));
    if is_used { Err(Rejection::PartyInUse) } else { Ok(()) }
}

/// Whom a partner with which nothing was agreed may say to be: nobody that is known in any role, and no hub, since a hub
/// speaks for everybody.
fn check_introduced(state: &State, id: &str, parties: &BTreeSet<PartyRole>) -> Result<(), Rejection> {
    if let Some(hub) = parties.iter().find(|one| one.role == PartnerRole::Hub) {
        return Err(Rejection::NotAgreed(*hub));
    }
    check_parties(state, id, parties)?;
    let others = state.by_id.values().filter(|partner| partner.id != id).map(|partner| &partner.parties);
    let known: BTreeSet<_> = others.chain([&state.own.parties]).flatten().map(|one| one.party).collect();
    let beyond = parties.iter().find(|one| known.contains(&one.party));
    beyond.map_or(Ok(()), |one| Err(Rejection::NotAgreed(*one)))
}

/// The answer with the partner as it is then; nothing happened where nothing is different.
fn changed(state: &State, next: Partner) -> Outcome {
    let is_same = state.by_id.get(&next.id) == Some(&next);
    let reply = Reply::Partner(Box::new(next.clone()));
    let events = if is_same { Vec::new() } else { vec![Event::Set(Box::new(next))] };
    Ok(Decided::with(events, reply))
}
