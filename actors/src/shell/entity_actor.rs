//! The entity actor: one active entity of any kind, deciding what its shard hands it.
//!
//! It touches no store and waits for nothing. A run of commands comes in, decisions go out; where a command needs
//! facts, the run stops there and goes on when the shard has brought them. A panic of the machine ends the actor: what
//! was decided before it stands, the shard charges the command and rebuilds the entity from the store.

use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use cluster::ShardId;
use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::decision::{Decision, Outcome};
use super::encode::{Encoded, encode};
use super::entity_id::EntityId;
use super::fact::{Fact, Facts, Need};
use super::keys::TimerId;
use super::machine::{Input, MAX_ROUNDS_OF_NEEDS, Machine, Machines, Moment, Origin, Part};
use super::shard_actor::ShardMessage;

pub(crate) struct EntityActor;

/// What the shard sends.
pub(crate) enum EntityMessage {
    /// Decide these.
    Decide(Box<Run>),
    /// The facts that were asked for: go on.
    Facts(Box<FactsFound>),
}

/// Commands to decide, one after the other.
pub(crate) struct Run {
    pub(crate) inputs: VecDeque<Input>,
    pub(crate) moment: RunMoment,
}

/// When a run is decided.
#[derive(Clone, Copy)]
pub(crate) struct RunMoment {
    pub(crate) shard_time_ms: i64,
    pub(crate) settled_time_ms: i64,
}

pub(crate) struct FactsFound {
    pub(crate) facts: Vec<Fact>,
    pub(crate) moment: RunMoment,
}

/// What the actor tells its shard.
pub(crate) struct Report {
    pub(crate) entity: EntityId,
    /// Which activation of the entity says this.
    pub(crate) activation: u64,
    /// The decisions on the first commands of the run.
    pub(crate) decided: Vec<Encoded>,
    pub(crate) then: Then,
}

/// What follows after the decisions.
#[derive(Debug)]
pub(crate) enum Then {
    /// The run is over, or ended early by the refusal of a message, which nothing may overtake.
    Done,
    /// The next command needs these.
    Needs(Vec<Need>),
    /// The entity could not be activated.
    NotActivated(String),
    /// The next command broke the machine.
    Failed(String),
}

/// A sleeping entity and who wants to hear of it.
pub(crate) struct Sleeper {
    pub(crate) entity: EntityId,
    pub(crate) shard: ShardId,
    pub(crate) activation: u64,
    pub(crate) log_sequence: u64,
    pub(crate) parts: Vec<Part>,
    pub(crate) machines: Arc<dyn Machines>,
    pub(crate) reports: ActorRef<ShardMessage>,
}

pub(crate) struct Awake {
    sleeper: Sleeper,
    machine: Option<Box<dyn Machine>>,
    inputs: VecDeque<Input>,
    facts: Facts,
    rounds: usize,
    /// Timers that this run has cancelled, by due time and key: they may be among its commands.
    cancelled: BTreeSet<(i64, Bytes)>,
}

impl Actor for EntityActor {
    type Msg = EntityMessage;
    type State = Awake;
    type Arguments = Sleeper;

    async fn pre_start(
        &self,
        _myself: ActorRef<EntityMessage>,
        sleeper: Sleeper,
    ) -> Result<Awake, ActorProcessingErr> {
        Ok(Awake {
            sleeper,
            machine: None,
            inputs: VecDeque::new(),
            facts: Facts::default(),
            rounds: 0,
            cancelled: BTreeSet::new(),
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<EntityMessage>,
        message: EntityMessage,
        awake: &mut Awake,
    ) -> Result<(), ActorProcessingErr> {
        let moment = match message {
            EntityMessage::Decide(run) => {
                awake.inputs = run.inputs;
                awake.cancelled.clear();
                run.moment
            }
            EntityMessage::Facts(found) => {
                awake.facts.extend(found.facts);
                found.moment
            }
        };
        if awake.machine.is_none() {
            // Starting has woken the shard on this thread, where nobody else can take it over: let it go first, so that a
            // long decision does not hold it up.
            tokio::task::yield_now().await;
        }
        let mut decided = Vec::new();
        let then = awake.run(moment, &mut decided);
        if matches!(then, Then::NotActivated(_) | Then::Failed(_)) {
            // Its state can't be trusted any more.
            myself.stop(None);
        }
        if awake.inputs.is_empty() {
            // An actor that waits keeps no room.
            awake.inputs = VecDeque::new();
        }
        let (entity, activation) = (awake.sleeper.entity.clone(), awake.sleeper.activation);
        let report = Report { entity, activation, decided, then };
        // A shard that is gone needs no report.
        let _ = awake.sleeper.reports.cast(ShardMessage::Report(Box::new(report)));
        Ok(())
    }
}

impl Awake {
    fn run(&mut self, moment: RunMoment, decided: &mut Vec<Encoded>) -> Then {
        if let Err(reason) = self.wake() {
            return Then::NotActivated(reason);
        }
        while let Some(input) = self.inputs.pop_front() {
            match self.step(&input, moment) {
                Ok(Step::Needs(needs)) => {
                    self.inputs.push_front(input);
                    return Then::Needs(needs);
                }
                Ok(Step::Decided(encoded)) => {
                    self.facts = Facts::default();
                    self.rounds = 0;
                    let refused_message = matches!(input.origin, Origin::Message { .. })
                        && matches!(encoded.outcome, Outcome::Rejected { .. });
                    decided.push(*encoded);
                    if refused_message {
                        self.inputs.clear();
                        return Then::Done;
                    }
                }
                Err(reason) => return Then::Failed(reason),
            }
        }
        Then::Done
    }

    /// Activates the machine at its first run.
    fn wake(&mut self) -> Result<(), String> {
        if self.machine.is_some() {
            return Ok(());
        }
        let parts = std::mem::take(&mut self.sleeper.parts);
        let Sleeper { entity, machines, .. } = &self.sleeper;
        let activated = unwind(|| machines.activate(entity, parts))?;
        self.machine = Some(activated.map_err(|error| error.to_string())?);
        Ok(())
    }

    fn step(&mut self, input: &Input, moment: RunMoment) -> Result<Step, String> {
        if self.is_cancelled(input) {
            return self.encoded(Decision::accepted(Bytes::new()), false);
        }
        let Some(machine) = &mut self.machine else { return Err("the entity is not active".to_owned()) };
        let facts = &self.facts;
        let follows = self.sleeper.log_sequence;
        let moment = Moment {
            shard_time_ms: moment.shard_time_ms,
            settled_time_ms: moment.settled_time_ms,
            log_sequence: follows.saturating_add(1),
            shard: self.sleeper.shard,
        };
        let needs = unwind(|| machine.needs(input, facts, &moment))?;
        if !needs.is_empty() {
            self.rounds = self.rounds.saturating_add(1);
            if self.rounds > MAX_ROUNDS_OF_NEEDS {
                return Err(format!("facts were asked for more than {MAX_ROUNDS_OF_NEEDS} times"));
            }
            return Ok(Step::Needs(needs));
        }
        let decision: Decision = unwind(|| machine.decide(input, facts, &moment))?;
        let keeps_answer = matches!(input.origin, Origin::Request { request_id: Some(_), .. });
        self.encoded(decision, keeps_answer)
    }

    fn encoded(&mut self, decision: Decision, keeps_answer: bool) -> Result<Step, String> {
        let Sleeper { shard, entity, log_sequence: follows, .. } = &self.sleeper;
        let encoded = encode(*shard, entity, decision, *follows, keeps_answer);
        let encoded = encoded.map_err(|error| error.to_string())?;
        self.sleeper.log_sequence = encoded.log_sequence;
        let id = |timer: &TimerId| (timer.due_ms, timer.key.clone());
        self.cancelled.extend(encoded.timers_cancelled.iter().map(id));
        encoded.timers_set.iter().for_each(|timer| {
            self.cancelled.remove(&id(timer));
        });
        Ok(Step::Decided(Box::new(encoded)))
    }

    /// Whether this is a timer that a command before it in the run has cancelled.
    fn is_cancelled(&self, input: &Input) -> bool {
        match &input.origin {
            Origin::Timer { due_ms, key } => self.cancelled.contains(&(*due_ms, key.clone())),
            Origin::Request { .. } | Origin::Message { .. } => false,
        }
    }
}

enum Step {
    Needs(Vec<Need>),
    Decided(Box<Encoded>),
}

/// Calls the machine; a panic becomes its message.
fn unwind<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    // What a panic leaves half done is dropped with the actor.
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        format!("panic: {}", text.unwrap_or("without a message"))
    })
}
