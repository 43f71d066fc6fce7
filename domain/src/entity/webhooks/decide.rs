//! What the webhooks of a tenant answer.

use super::super::{Decided, Entity, Facts, Moment};
use super::{
    AttemptFailure, Command, Event, Failing, GONE, Held, MOST_FAILING_MS, MOST_WEBHOOKS, PauseReason, Place,
    Rejection, Reply, Standing, State, Wanted, Webhook,
};
use crate::entity::event_log::Cursor;
use crate::instant::Instant;
use crate::webhook::WebhookSecret;

/// The webhooks of a tenant as an entity.
#[derive(Debug)]
pub struct Webhooks;

type Outcome = Result<Decided<Event, Reply>, Rejection>;

impl Entity for Webhooks {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, _: &Facts, moment: &Moment) -> Outcome {
        let now = moment.now;
        match command {
            Command::List => {
                let webhooks = state.by_id.values().map(|held| held.webhook.clone());
                Ok(Decided::reply(Reply::List(webhooks.collect())))
            }
            Command::Get(id) => Ok(Decided::reply(Reply::Webhook(find(state, id)?.webhook.clone()))),
            Command::Set(wanted) => set(state, wanted, now),
            Command::Pause(id) => {
                let held = find(state, id)?;
                Ok(changed(held, paused(held.clone(), PauseReason::ByPerson, now)))
            }
            Command::Resume(id) => {
                let held = find(state, id)?;
                Ok(changed(held, attempted_anew(held.clone(), Standing::Active)))
            }
            Command::Rotate(id, secret) => rotate(find(state, id)?, secret),
            Command::DropFormerSecret(id) => {
                let held = find(state, id)?;
                Ok(changed(held, signed(held.clone(), held.secret.clone(), None)))
            }
            Command::Delete(id) => {
                let id = find(state, id)?.webhook.id.clone();
                Ok(Decided::with(vec![Event::Deleted(id)], Reply::Deleted))
            }
            Command::Work(id) => Ok(Decided::reply(work(find(state, id)?.clone(), now))),
            Command::Advance { from, to, is_acknowledged } => {
                advance(stands_at(state, from)?, (to, *is_acknowledged), now)
            }
            Command::Fail { from, failure, pause_ms } => {
                Ok(fail(stands_at(state, from)?, *failure, *pause_ms, now))
            }
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::Set(held) => {
                state.made = state.made.max(held.webhook.number);
                state.by_id.insert(held.webhook.id.clone(), Held::clone(held));
            }
            Event::Deleted(id) => drop(state.by_id.remove(id)),
        }
    }
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Held, Rejection> {
    state.by_id.get(id).ok_or(Rejection::UnknownWebhook)
}

/// The webhook, if it is the one from which was sent and still stands there.
fn stands_at<'a>(state: &'a State, from: &Place) -> Result<&'a Held, Rejection> {
    let held = state.by_id.get(&from.id).filter(|held| held.webhook.number == from.number);
    let held = held.ok_or(Rejection::UnknownWebhook)?;
    if held.webhook.cursor == from.cursor { Ok(held) } else { Err(Rejection::MovedOn) }
}

fn set(state: &State, wanted: &Wanted, now: Instant) -> Outcome {
    let Wanted { id, url, choice, secret, start } = wanted;
    let Some(held) = state.by_id.get(id) else {
        if state.by_id.len() >= MOST_WEBHOOKS {
            return Err(Rejection::TooMany);
        }
        let secret = secret.clone().ok_or(Rejection::NoSecret)?;
        let webhook = Webhook {
            id: id.clone(),
            number: state.made.saturating_add(1),
            url: url.clone(),
            choice: choice.clone(),
            fingerprints: vec![secret.fingerprint()],
            standing: Standing::Active,
            cursor: start.clone(),
            failing: None,
            made_at: now,
        };
        let reply = Reply::Webhook(webhook.clone());
        return Ok(Decided::with(vec![Event::Set(Box::new(Held { webhook, secret, former: None }))], reply));
    };
    if secret.as_ref().is_some_and(|secret| *secret != held.secret) {
        return Err(Rejection::OtherSecret);
    }
    let mut next = held.clone();
    next.webhook.choice = choice.clone();
    if held.webhook.url != *url {
        next.webhook.url = url.clone();
        next.webhook.failing = None;
    }
    Ok(changed(held, next))
}

fn rotate(held: &Held, secret: &WebhookSecret) -> Outcome {
    if held.secret == *secret {
        return Ok(changed(held, held.clone()));
    }
    match held.former {
        Some(_) => Err(Rejection::RotationUnderWay),
        None => Ok(changed(held, signed(held.clone(), secret.clone(), Some(held.secret.clone())))),
    }
}

fn advance(held: &Held, (to, is_acknowledged): (&Cursor, bool), now: Instant) -> Outcome {
    if held.webhook.cursor.is_beyond(to) || held.webhook.cursor == *to {
        return Err(Rejection::MovedOn);
    }
    let mut next = held.clone();
    next.webhook.cursor = to.clone();
    if is_acknowledged {
        next.webhook.failing = None;
    }
    Ok(Decided::with(vec![Event::Set(Box::new(next.clone()))], work(next, now)))
}

/// One that was paused meanwhile is not made to fail as well.
fn fail(held: &Held, failure: AttemptFailure, pause_ms: u64, now: Instant) -> Decided<Event, Reply> {
    if held.webhook.standing != Standing::Active {
        return Decided::reply(work(held.clone(), now));
    }
    let since = held.webhook.failing.map_or(now, |failing| failing.since);
    let attempts = held.webhook.failing.map_or(0, |failing| failing.attempts).saturating_add(1);
    let pause_ms = i64::try_from(pause_ms).unwrap_or(i64::MAX);
    let next_attempt = now.plus_millis(pause_ms).unwrap_or(Instant::MAX);
    let mut next = held.clone();
    next.webhook.failing = Some(Failing { attempts, since, last: failure, next_attempt });
    let next = match failure {
        AttemptFailure::Answered(GONE) => paused(next, PauseReason::Gone, now),
        _ if now.millis_since(since) >= MOST_FAILING_MS => paused(next, PauseReason::Failing, now),
        _ => next,
    };
    Decided::with(vec![Event::Set(Box::new(next.clone()))], work(next, now))
}

/// The webhook with its secrets, and how long it is until an attempt is due.
fn work(held: Held, now: Instant) -> Reply {
    let wait_ms = held.webhook.failing.map_or(0, |failing| failing.next_attempt.millis_since(now));
    Reply::Work { held, wait_ms: u64::try_from(wait_ms).unwrap_or_default() }
}

/// What was paused before keeps its reason.
fn paused(mut held: Held, reason: PauseReason, since: Instant) -> Held {
    if held.webhook.standing == Standing::Active {
        held.webhook.standing = Standing::Paused { reason, since };
    }
    held
}

fn attempted_anew(mut held: Held, standing: Standing) -> Held {
    held.webhook.standing = standing;
    held.webhook.failing = None;
    held
}

fn signed(mut held: Held, secret: WebhookSecret, former: Option<WebhookSecret>) -> Held {
    let secrets = [Some(&secret), former.as_ref()];
    held.webhook.fingerprints = secrets.into_iter().flatten().map(WebhookSecret::fingerprint).collect();
    Held { secret, former, ..held }
}

/// The answer to a person; nothing happened where nothing is different.
fn changed(held: &Held, next: Held) -> Decided<Event, Reply> {
    let reply = Reply::Webhook(next.webhook.clone());
    let events = if *held == next { Vec::new() } else { vec![Event::Set(Box::new(next))] };
    Decided::with(events, reply)
}
