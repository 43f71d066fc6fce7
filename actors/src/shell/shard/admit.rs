//! Admission: what is refused at once, what was answered before, what waits.

use std::time::Duration;

use super::Shard;
use crate::shell::entity_id::EntityId;
use crate::shell::journal::Ticket;
use crate::shell::machine::Origin;
use crate::shell::request::{Bound, CallError, Request, Waiter};
use crate::shell::request_id::{Identified, Known};
use crate::shell::resident::{Cause, Resident, Work};
use crate::shell::shard_actor::Call;
use crate::shell::{keys, shard_reads::Purpose};
use storage::{Read, Scan};

/// When to come again where a queue is full.
pub(crate) const RETRY_AFTER: Duration = Duration::from_millis(100);

impl Shard {
    pub(super) fn call(&mut self, call: Call) {
        let Call { request, waiter } = call;
        if let Err(refused) = self.admit(request, waiter) {
            let (waiter, error) = *refused;
            waiter.answer(Err(error));
        }
    }

    fn admit(&mut self, request: Request, waiter: Waiter) -> Result<(), Box<(Waiter, CallError)>> {
        if let Err(error) = self.check_admission(&request.entity) {
            return Err(Box::new((waiter, error)));
        }
        let identified = match self.identify(&request) {
            Ok(identified) => identified,
            Err(error) => return Err(Box::new((waiter, error))),
        };
        let bound = self.shared.options.bounds.entity_commands;
        let resident = self.resident(&request.entity);
        let Some(waiter) = join_repeat(resident, identified.as_ref(), waiter) else {
            self.counts.repeats = self.counts.repeats.saturating_add(1);
            return Ok(());
        };
        let waiter = match waiter {
            Waiting::New(waiter) => waiter,
            Waiting::On(ticket, waiter) => {
                self.join_ticket(ticket, waiter);
                return Ok(());
            }
            Waiting::Not(waiter, error) => return Err(Box::new((waiter, error))),
        };
        if resident.waiting_requests() >= bound {
            let error = CallError::Overloaded { bound: Bound::Entity, retry_after: RETRY_AFTER };
            return Err(Box::new((waiter, error)));
        }
        self.numbers.ticket = self.numbers.ticket.saturating_add(1);
        let ticket = Ticket(self.numbers.ticket);
        self.tickets.insert(ticket, vec![waiter]);
        let Request { entity, command, caller, request_id, class, consistency, .. } = request;
        let origin = Origin::Request { caller, request_id };
        let resident = self.resident(&entity);
        if let Some(identified) = &identified {
            resident.requests.pending(identified, ticket);
        }
        let cause = Cause::Request { ticket, origin, identified, class, consistency };
        resident.push(Work { command, cause, looked_up: false });
        self.pump(&entity);
        Ok(())
    }

    fn check_admission(&self, entity: &EntityId) -> Result<(), CallError> {
        if !self.draining.is_empty() {
            return Err(self.routes.not_owner(self.id));
        }
        if let Some(parked) = self.parked.get(entity) {
            return Err(CallError::Parked { reason: parked.reason.clone() });
        }
        if self.courier.places() >= self.shared.options.bounds.outbox {
            return Err(CallError::Overloaded { bound: Bound::Outbox, retry_after: RETRY_AFTER });
        }
        Ok(())
    }

    fn identify(&mut self, request: &Request) -> Result<Option<Identified>, CallError> {
        let Some(id) = request.request_id else { return Ok(None) };
        let shard_time_ms = self.issue_time();
        Identified::judge(&request.caller, id, &request.command, shard_time_ms).map(Some)
    }

    /// Another caller waits for the same answer.
    fn join_ticket(&mut self, ticket: Ticket, waiter: Waiter) {
        self.counts.repeats = self.counts.repeats.saturating_add(1);
        let waiters = self.tickets.entry(ticket).or_default();
        // Where the command was begun, giving up leaves its outcome unknown to this one as well.
        if waiters.iter().any(|first| first.admission.was_begun()) {
            waiter.admission.begin();
        }
        waiters.push(waiter);
    }

    /// The resident with this name; its state is read if it is not there.
    pub(super) fn resident(&mut self, entity: &EntityId) -> &mut Resident {
        let used_ms = self.shared.clock.monotonic_ms();
        if !self.residents.contains_key(entity) {
            let activation = self.next_activation();
            self.residents.insert(entity.clone(), Resident::loading(activation, used_ms));
            self.load(entity, activation);
        }
        let resident = self.residents.entry(entity.clone()).or_insert_with(|| Resident::loading(0, used_ms));
        resident.used_ms = used_ms;
        resident
    }

    pub(super) fn next_activation(&mut self) -> u64 {
        self.numbers.activation = self.numbers.activation.saturating_add(1);
        self.numbers.activation
    }

    /// Reads the state of an entity. Nothing of it may be unsettled.
    pub(super) fn load(&mut self, entity: &EntityId, activation: u64) {
        let scan = Scan::new(keys::state_range(self.id, entity));
        let purpose = Purpose::Load { entity: entity.clone(), activation };
        self.reads.push(purpose, vec![Read::Scan(scan)]);
    }
}

/// What a request means beside those known.
enum Waiting {
    /// It is to be carried out.
    New(Waiter),
    /// The same is under way.
    On(Ticket, Waiter),
    /// It is refused.
    Not(Waiter, CallError),
}

/// Compares a request with those the entity remembers; `None` if it was answered from memory.
fn join_repeat(resident: &Resident, identified: Option<&Identified>, waiter: Waiter) -> Option<Waiting> {
    let known = identified.and_then(|request| Some((request, resident.requests.get(&request.key)?)));
    let Some((request, known)) = known else { return Some(Waiting::New(waiter)) };
    match known {
        Known::Pending { digest, .. } | Known::Answered { digest, .. } if *digest != request.digest => {
            Some(Waiting::Not(waiter, CallError::RequestIdReused))
        }
        Known::Pending { ticket, .. } => Some(Waiting::On(*ticket, waiter)),
        Known::Answered { answered, .. } => {
            waiter.answer(answered.clone());
            None
        }
    }
}
