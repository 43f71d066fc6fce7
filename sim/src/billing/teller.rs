//! The client of the supplier: tells it everything, has October billed, and asks again until it knows.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actors::entity::entity_id;
use actors::shell::{Caller, Class, Consistency, Reply, Request, Tenant};
use cluster::ShardCount;
use domain::entity::Recipient;
use domain::entity::invoice_run::{self, Stage};
use prost::Message as _;
use proto::store as stored;
use uuid::Uuid;

use super::supplier;
use crate::audit;
use crate::depot::Depot;
use crate::dice::Dice;
use crate::session::Office;

/// The client of the supplier.
pub(super) struct Teller {
    pub(super) office: Arc<Office>,
    pub(super) depot: Arc<Depot>,
    pub(super) count: ShardCount,
    pub(super) dice: Dice,
    /// What is wrong, if anything.
    pub(super) wrong: Arc<Mutex<Option<String>>>,
}

/// Longer than clocks jump.
const CLOCKS_APART: Duration = Duration::from_secs(9);
const PAUSE: Duration = Duration::from_millis(100);

impl Teller {
    pub(super) async fn run(mut self) {
        if let Err(wrong) = self.bill().await {
            *self.wrong.lock().unwrap_or_else(PoisonError::into_inner) = Some(wrong);
        }
        self.office.closed.fetch_add(1, Ordering::AcqRel);
    }

    async fn bill(&mut self) -> Result<(), String> {
        for (to, command) in supplier::set_up().ok_or("a supplier that can't be")? {
            self.ask(&to, command, true).await?;
        }
        // A contract is billed by who has heard of it.
        while !audit::is_quiet(&self.depot, self.count)? {
            tokio::time::sleep(PAUSE).await;
        }
        // What counts is what was known by the clock of the run's shard. That of a point may be ahead by a jump.
        tokio::time::sleep(CLOCKS_APART).await;
        let create = supplier::create_run(self.count.number()).ok_or("a run that can't be")?;
        self.tell_run(&create, true).await?;
        let previewed = self.until(Stage::Previewed).await?;
        let hash = previewed.preview().hash;
        self.tell_run(&invoice_run::Command::Approve { hash }, true).await?;
        self.until(Stage::Issued).await?;
        Ok(())
    }

    async fn until(&mut self, stage: Stage) -> Result<invoice_run::State, String> {
        loop {
            let state = self.tell_run(&invoice_run::Command::Get, false).await?;
            if let Some(state) = state.filter(|state| state.stage == stage) {
                return Ok(state);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn tell_run(
        &mut self,
        command: &invoice_run::Command,
        has_effect: bool,
    ) -> Result<Option<invoice_run::State>, String> {
        let to = Recipient::InvoiceRun(super::RUN.to_owned());
        let bytes = stored::InvoiceRunCommand::from(command).encode_to_vec();
        let reply = self.ask(&to, bytes, has_effect).await?;
        let reply = stored::InvoiceRunReply::decode(reply).map_err(|error| error.to_string())?;
        match invoice_run::Reply::try_from(reply).map_err(|error| format!("{error:?}"))? {
            invoice_run::Reply::State(state) => Ok(Some(*state)),
            invoice_run::Reply::Done | invoice_run::Reply::Run(_) => Ok(None),
        }
    }

    /// Asks until there is an answer, which has to be a yes.
    async fn ask(
        &mut self,
        to: &Recipient,
        command: Vec<u8>,
        has_effect: bool,
    ) -> Result<bytes::Bytes, String> {
        let tenant = Tenant::parse(super::TENANT).map_err(|error| error.to_string())?;
        let request = Request {
            entity: entity_id(&tenant, to).map_err(|error| error.to_string())?,
            command: command.into(),
            caller: Caller::of("teller"),
            request_id: has_effect.then(|| self.id()),
            timeout: None,
            class: Class::Interactive,
            repeatable: true,
            trace: None,
            consistency: Consistency::Strong,
        };
        let answered = self.office.ask_until_known(&request, &mut self.dice).await;
        match answered.map_err(|error| format!("{to:?}: {error}"))? {
            Reply::Accepted(reply) => Ok(reply),
            Reply::Rejected(reply) => Err(format!("{to:?} refuses: {:?}", stored::Rejection::decode(reply))),
        }
    }

    fn id(&mut self) -> Uuid {
        let made_ms = crate::clock::START_MS.unsigned_abs().saturating_add(self.office.network.now_ms());
        let random = u128::from(self.dice.number() >> 2);
        Uuid::from_u128((u128::from(made_ms) << 80) | (7 << 76) | (2 << 62) | random)
    }
}
