//! A session of a client: asks one thing after the other, of any node, and keeps asking under the same id until it knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use actors::shell::{CallError, Caller, Class, Consistency, EntityId, Reply, Request};
use uuid::Uuid;

use crate::bank;
use crate::clock::START_MS;
use crate::diary::{Asked, Diary, is_passing};
use crate::dice::Dice;
use crate::door::Doors;
use crate::network::{Address, Network, Place};
use crate::post::{call, wait};

/// What all sessions share.
#[derive(Debug)]
pub struct Office {
    /// The way to the nodes.
    pub network: Arc<Network>,
    /// All machines.
    pub doors: Doors,
    /// What is asked and answered.
    pub diary: Arc<Diary>,
    /// The accounts of the bank.
    pub accounts: Vec<String>,
    /// How long a session waits at most between two commands, in milliseconds.
    pub think_ms: u64,
    /// Nothing new is begun: what is open is settled, and everything is asked once more.
    pub is_closing: AtomicBool,
    /// How many sessions are through with that.
    pub closed: AtomicUsize,
}

/// One session.
#[derive(Debug)]
pub struct Session {
    office: Arc<Office>,
    number: usize,
    dice: Dice,
    /// What it asked, by place in the diary.
    own: Vec<usize>,
    /// What it gave up for good.
    forgotten: Vec<usize>,
    /// Timers it set: account, place in the log.
    timers: Vec<(String, String)>,
}

/// The longest that a session waits for one attempt.
const PATIENCE_MS: u64 = 4_000;

impl Session {
    /// A session with a number of its own.
    #[must_use]
    pub fn new(office: Arc<Office>, number: usize, dice: Dice) -> Session {
        Session { office, number, dice, own: Vec::new(), forgotten: Vec::new(), timers: Vec::new() }
    }

    /// Asks until the office closes, then settles what is open and asks everything once more.
    pub async fn run(mut self) {
        while !self.is_closing() {
            self.next_command().await;
            let think_ms = self.dice.below(self.office.think_ms);
            tokio::time::sleep(Duration::from_millis(think_ms)).await;
        }
        for index in std::mem::take(&mut self.own) {
            let Some(asked) = self.office.diary.asked(index) else { continue };
            if asked.id.is_some() && !self.forgotten.contains(&index) {
                // What has an answer is asked once more and has to get the same.
                self.ask(index, &asked).await;
            }
        }
        self.office.closed.fetch_add(1, Ordering::AcqRel);
    }

    async fn next_command(&mut self) {
        let answered = |office: &Office, index: usize| {
            office.diary.asked(index).filter(|asked| asked.reply.is_some() && asked.id.is_some())
        };
        let earlier = self.dice.pick(&self.own).copied();
        let earlier = earlier.and_then(|index| Some((index, answered(&self.office, index)?)));
        let asked = match (self.dice.below(100), earlier) {
            (0..4, Some((index, asked))) => {
                self.ask(index, &asked).await;
                return;
            }
            (4..8, Some((_, asked))) => Asked {
                is_conflicting: true,
                command: "add 1 conflict".to_owned(),
                ..self.fresh(asked.account, asked.id)
            },
            _ => self.command(),
        };
        let is_conflicting = asked.is_conflicting;
        let index = self.office.diary.begin(asked.clone());
        if !is_conflicting {
            self.own.push(index);
        }
        self.ask(index, &asked).await;
        self.remember_timer(index);
        if asked.id.is_some() && self.dice.chance(100) && !self.is_closing() {
            self.forgotten.push(index);
        }
    }

    /// A command for some account.
    fn command(&mut self) -> Asked {
        let account = self.account();
        let amount = self.dice.between(1, 100);
        let (with_id, command) = match self.dice.below(100) {
            0..18 => (true, format!("add {amount}")),
            18..28 => (true, format!("take {amount}")),
            28..58 => (true, format!("transfer {amount} {}", self.account())),
            58..64 => (true, format!("spread {amount} {} {}", self.account(), self.account())),
            64..76 => (false, "get".to_owned()),
            76..82 => (false, "history".to_owned()),
            82..90 => (true, format!("timer {} {amount}", self.dice.below(3_000))),
            90..95 => match self.timers.pop() {
                Some((account, set_at)) => {
                    let id = self.id();
                    return Asked { command: format!("cancel {set_at}"), ..self.fresh(account, Some(id)) };
                }
                None => (true, format!("add {amount}")),
            },
            // Without an id it can't be asked again; the mark tells it from others.
            _ => (false, format!("add {amount} once-{}-{}", self.number, self.own.len())),
        };
        let id = if with_id { Some(self.id()) } else { None };
        Asked { command, ..self.fresh(account, id) }
    }

    /// Asks until there is an answer, or until the session gives up, which it never does once the office closes.
    async fn ask(&mut self, index: usize, asked: &Asked) {
        let Ok(entity) = bank::account(&asked.account) else { return };
        let is_repeatable = asked.id.is_some() || asked.is_read();
        let attempts = self.dice.between(1, 8);
        let mut attempt = 0_u64;
        loop {
            let (request, patience) = self.request(entity.clone(), asked, is_repeatable);
            let (office, machine) = (Arc::clone(&self.office), self.machine());
            office.diary.attempt(index, office.network.now_ms());
            let answered = office.attempt(machine, request, patience).await;
            let is_unknown = answered == Err(CallError::OutcomeUnknown);
            let is_answered = office.diary.end(index, answered, office.network.now_ms());
            attempt = attempt.saturating_add(1);
            let gives_up = attempt >= attempts && !self.is_closing();
            if is_answered || gives_up || (is_unknown && !is_repeatable) {
                return;
            }
            let pause_ms = self.dice.between(5, 200);
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        }
    }

    fn request(&mut self, entity: EntityId, asked: &Asked, repeatable: bool) -> (Request, Duration) {
        let (timeout_ms, patience_ms) = match self.dice.below(10) {
            0 => (Some(self.dice.between(1, 40)), PATIENCE_MS),
            1..4 => (Some(self.dice.between(200, 3_000)), PATIENCE_MS),
            4 => (None, self.dice.between(10, 300)),
            _ => (None, PATIENCE_MS),
        };
        let request = Request {
            entity,
            command: asked.command.clone().into(),
            caller: Caller::of(&format!("client-{}", self.number)),
            request_id: asked.id,
            timeout: timeout_ms.map(Duration::from_millis),
            class: if self.dice.chance(150) { Class::Bulk } else { Class::Interactive },
            repeatable,
            trace: None,
            consistency: Consistency::Strong,
        };
        (request, Duration::from_millis(patience_ms))
    }

    fn remember_timer(&mut self, index: usize) {
        let Some(asked) = self.office.diary.asked(index) else { return };
        if let Some(Reply::Accepted(reply)) = &asked.reply
            && asked.command.starts_with("timer ")
        {
            let set_at = String::from_utf8_lossy(reply).split(' ').next().unwrap_or_default().to_owned();
            self.timers.push((asked.account, set_at));
        }
    }

    fn fresh(&self, account: String, id: Option<Uuid>) -> Asked {
        Asked {
            session: self.number,
            account,
            command: String::new(),
            id,
            begun_ms: self.office.network.now_ms(),
            ended_ms: None,
            reply: None,
            is_open: false,
            is_conflicting: false,
        }
    }

    /// A UUIDv7 of now.
    fn id(&mut self) -> Uuid {
        let made_ms = START_MS.unsigned_abs().saturating_add(self.office.network.now_ms());
        let random = u128::from(self.dice.number() >> 2);
        Uuid::from_u128((u128::from(made_ms) << 80) | (7 << 76) | (2 << 62) | random)
    }

    fn account(&mut self) -> String {
        self.dice.pick(&self.office.accounts).cloned().unwrap_or_default()
    }

    fn machine(&mut self) -> usize {
        let machines = u64::try_from(self.office.doors.len()).unwrap_or(1);
        usize::try_from(self.dice.below(machines)).unwrap_or_default()
    }

    fn is_closing(&self) -> bool {
        self.office.is_closing.load(Ordering::Acquire)
    }
}

impl Office {
    /// Asks one node after the other until somebody knows what became of the request.
    pub(crate) async fn ask_until_known(
        &self,
        request: &Request,
        dice: &mut Dice,
    ) -> Result<Reply, CallError> {
        loop {
            let machines = u64::try_from(self.doors.len()).unwrap_or(1);
            let machine = usize::try_from(dice.below(machines)).unwrap_or_default();
            let patience = Duration::from_millis(PATIENCE_MS);
            match self.attempt(machine, request.clone(), patience).await {
                Err(error) if is_passing(&error) || error == CallError::OutcomeUnknown => {}
                answered => return answered,
            }
            let pause_ms = dice.between(5, 200);
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        }
    }

    /// Asks the node on a machine, whichever runs there.
    pub(crate) async fn attempt(
        &self,
        machine: usize,
        request: Request,
        patience: Duration,
    ) -> Result<Reply, CallError> {
        let Some(door) = self.doors.get(machine).map(Arc::clone) else { return Err(CallError::Unreachable) };
        let way = (Address::of(Place::Clients), Address::of(Place::Node(machine)));
        let answered = call(&self.network, way, move |tell| door.ask(request, false, tell));
        wait(answered, patience).await
    }
}
