//! What is sent for one webhook: the events behind its cursor, one at a time, each until it was acknowledged.
//!
//! How far it has got stands in the entity and nowhere else. An attempt names where the webhook stood; the entity moves it
//! from there or not at all. So whatever happens to this task, the next one goes on where this one was last acknowledged,
//! and at most sends the same event with the same id again.

use std::sync::Arc;
use std::time::Duration;

use actors::shell::{Caller, Class, Consistency, EntityId, Tenant};
use cluster::Clock;
use domain::entity::Recipient;
use domain::entity::event_log::Cursor;
use domain::entity::webhooks::{AttemptFailure, Command, GONE, Held, Place, Reply, Standing};
use proto::events::AccountEvent;
use tokio::sync::watch;
use tokio::time::sleep;

use super::json::{NoJson, Protocol};
use super::pace::pause;
use super::post::{Failed, Line, Message};
use super::signature::signatures;
use super::{CLIENT, WebhookOptions};
use crate::chance::Chance;
use crate::events::{Log, Part, Placed};
use crate::gateway::{Ask, Failure, Gateway};
use crate::metrics::{Attempt, Attempts};

/// How many entries of the log are looked at at once.
const MOST_ENTRIES: usize = 32;
/// After how many entries that were not wanted the cursor is moved past them.
const MOST_PASSED_OVER: usize = 1_000;
/// How long a question to the entity may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often what became of an attempt is told before it is left, and how long it is until it is told again.
const MOST_TELLINGS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// What all deliveries of a node share.
#[derive(Clone)]
pub(super) struct Means {
    pub(super) gateway: Gateway,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) protocol: Arc<Protocol>,
    pub(super) options: WebhookOptions,
    pub(super) attempts: Attempts,
    /// Counts changes of webhooks that were made through this node.
    pub(super) changes: watch::Receiver<u64>,
    pub(super) stopped: watch::Receiver<bool>,
}

/// The sending for one webhook.
pub(super) struct Delivery {
    pub(super) means: Means,
    pub(super) tenant: Tenant,
    pub(super) entity: EntityId,
    /// The webhook's id.
    pub(super) id: String,
    pub(super) chance: Chance,
    pub(super) line: Line,
}

/// How far was looked beyond where the webhook stands, since nothing of that was wanted.
struct Ahead {
    of: Held,
    cursor: Cursor,
    entries: usize,
}

impl Delivery {
    /// Sends until the webhook is paused or gone, this node does not run it any more, or stops.
    pub(super) async fn run(mut self) {
        let mut ahead: Option<Ahead> = None;
        while self.goes_on() {
            // What is changed after this ends the next pause.
            self.means.changes.mark_unchanged();
            let held = match self.ask(Consistency::Lease, &Command::Work(self.id.clone())).await {
                Ok((held, wait)) if wait.is_zero() => held,
                Ok((held, _)) if held.webhook.standing != Standing::Active => return,
                Ok((_, wait)) => {
                    self.line.hang_up();
                    self.pause(wait.min(self.means.options.look)).await;
                    continue;
                }
                Err(Failure::Rejected(_)) => return,
                Err(failure) => {
                    tracing::debug!(?failure, "a webhook could not be asked what it has to send");
                    self.pause(self.means.options.look).await;
                    continue;
                }
            };
            if held.webhook.standing != Standing::Active {
                return;
            }
            let from = ahead.take().filter(|ahead| ahead.of.webhook == held.webhook);
            ahead = self.send_behind(held, from).await;
        }
    }

    /// Sends what is behind the webhook's place, or how far was looked.
    async fn send_behind(&mut self, held: Held, ahead: Option<Ahead>) -> Option<Ahead> {
        let log = Log::new(self.means.gateway.clone(), self.tenant.clone(), held.webhook.choice.clone());
        let from = ahead.as_ref().map_or(&held.webhook.cursor, |ahead| &ahead.cursor);
        match log.part(from, MOST_ENTRIES).await {
            Ok(part) if part.events.is_empty() => self.pass_over(held, part, ahead).await,
            Ok(part) => {
                self.send(held, part.events).await;
                None
            }
            Err(failure) => {
                tracing::debug!(?failure, "the log of events could not be read for a webhook");
                self.pause(self.means.options.look).await;
                ahead
            }
        }
    }

    /// Nothing of this part was wanted. The webhook is moved past it only now and then.
    async fn pass_over(&mut self, held: Held, part: Part, ahead: Option<Ahead>) -> Option<Ahead> {
        let entries = ahead.map_or(0, |ahead| ahead.entries).saturating_add(part.looked_at);
        if entries >= MOST_PASSED_OVER {
            let from = place(&held);
            self.tell(&Command::Advance { from, to: part.cursor, is_acknowledged: false }).await;
            return None;
        }
        if part.is_last {
            self.line.hang_up();
            self.pause(self.means.options.poll).await;
        }
        Some(Ahead { of: held, cursor: part.cursor, entries })
    }

    /// Sends events in order, as long as each is acknowledged and nobody changes what the webhook is to do.
    async fn send(&mut self, mut held: Held, events: Vec<Placed>) {
        for Placed { event, cursor } in events {
            let command = match self.attempt(&held, &event).await {
                None => return,
                Some(Ok(())) => Command::Advance { from: place(&held), to: cursor, is_acknowledged: true },
                Some(Err(Failed { failure, retry_after })) => {
                    let failures =
                        held.webhook.failing.map_or(0, |failing| failing.attempts).saturating_add(1);
                    let pause = pause(failures, retry_after, &self.means.options, &mut self.chance);
                    let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                    Command::Fail { from: place(&held), failure, pause_ms }
                }
            };
            let Some(next) = self.tell(&command).await else { return };
            let is_as_before = next.webhook.choice == held.webhook.choice;
            held = next;
            let is_well = held.webhook.standing == Standing::Active && held.webhook.failing.is_none();
            if !(is_as_before && is_well && self.goes_on()) {
                return;
            }
        }
    }

    /// Sends one event once; nothing where the node stops before it was begun.
    async fn attempt(&mut self, held: &Held, event: &AccountEvent) -> Option<Result<(), Failed>> {
        if *self.means.stopped.borrow() {
            return None;
        }
        let message = match self.message(event) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%error, "an event can't be sent");
                return Some(Err(Failed { failure: AttemptFailure::Unreachable, retry_after: None }));
            }
        };
        let seconds = self.means.clock.wall_ms().wrapping_div(1_000);
        let secrets = [Some(&held.secret), held.former.as_ref()].into_iter().flatten();
        let signatures = signatures(secrets, (&message.id, seconds), &message.body);
        let patience = self.means.options.patience;
        let sent = self.line.post(&held.webhook.url, &message, (seconds, &signatures), patience).await;
        self.means.attempts.count(match sent {
            Ok(()) => Attempt::Acknowledged,
            Err(Failed { failure: AttemptFailure::Unreachable, .. }) => Attempt::Unreachable,
            Err(Failed { failure: AttemptFailure::TimedOut, .. }) => Attempt::TimedOut,
            Err(Failed { failure: AttemptFailure::Answered(GONE), .. }) => Attempt::Gone,
            Err(Failed { failure: AttemptFailure::Answered(_), .. }) => Attempt::Refused,
        });
        Some(sent)
    }

    /// The id is the event's own, for ever: an event that is sent again has the one it had.
    fn message(&self, event: &AccountEvent) -> Result<Message, NoJson> {
        let body = self.means.protocol.json("kvarter.events.v1.AccountEvent", event)?;
        Ok(Message { id: format!("{}/{}", self.tenant, event.event_id), body: body.to_string().into() })
    }

    /// Tells the entity what became of an attempt, and answers with what there is to do then. Nothing where the webhook does
    /// not stand there any more, or could not be told: what it is to do is then asked anew.
    async fn tell(&mut self, command: &Command) -> Option<Held> {
        for _ in 0..MOST_TELLINGS {
            match self.ask(Consistency::Strong, command).await {
                Ok((held, _)) => {
                    if let Standing::Paused { reason, .. } = held.webhook.standing {
                        tracing::warn!(tenant = %self.tenant, webhook = self.id, ?reason, "a webhook is paused");
                    }
                    return Some(held);
                }
                Err(Failure::Rejected(_)) => return None,
                Err(failure) => tracing::debug!(?failure, "a webhook could not be told of an attempt"),
            }
            sleep(PAUSE).await;
        }
        None
    }

    async fn ask(&self, consistency: Consistency, command: &Command) -> Result<(Held, Duration), Failure> {
        let ask = Ask { consistency, ..ask(&self.tenant) };
        match self.means.gateway.ask(ask, command).await? {
            Reply::Work { held, wait_ms } => Ok((held, Duration::from_millis(wait_ms))),
            _ => Err(Failure::Unreadable("webhooks were asked for work and said something else".to_owned())),
        }
    }

    fn goes_on(&self) -> bool {
        !*self.means.stopped.borrow() && self.means.gateway.node().runs(&self.entity)
    }

    /// Waits, unless something is changed meanwhile.
    async fn pause(&mut self, pause: Duration) {
        tokio::select! {
            () = sleep(pause) => {}
            Ok(()) = self.means.changes.changed() => {}
            () = stopped(&mut self.means.stopped) => {}
        }
    }
}

/// Waits until the node stops.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Where nobody can say so any more, it has stopped.
    let _ = stop.wait_for(|stopped| *stopped).await;
}

/// A question of this node itself. Advancing from a place that a webhook has left has no effect, so all may be asked again.
pub(super) fn ask(tenant: &Tenant) -> Ask {
    Ask {
        tenant: tenant.clone(),
        entity: Recipient::Webhooks,
        caller: Caller::of(CLIENT),
        request_id: None,
        timeout: PATIENCE,
        class: Class::Interactive,
        repeatable: true,
        consistency: Consistency::Lease,
        trace: None,
        terms: None,
    }
}

fn place(held: &Held) -> Place {
    let webhook = &held.webhook;
    Place { id: webhook.id.clone(), number: webhook.number, cursor: webhook.cursor.clone() }
}
