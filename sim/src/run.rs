//! One run: a cluster from a seed, its storm, its rest, and the audit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use actors::entity::Kinds;
use actors::shell::Machines;

use crate::audit::{self, AuditCounts};
use crate::bank::Bank;
use crate::billing;
use crate::charging::{self, Till};
use crate::defect::Defect;
use crate::depot::StoreCounts;
use crate::diary::{AnswerCounts, Diary};
use crate::dice::Dice;
use crate::door::Inbound;
use crate::ether::{Ether, EtherCounts};
use crate::panics;
use crate::plan::Plan;
use crate::roaming::{self, Manifest};
use crate::session::{Office, Session};
use crate::storm::{Storm, StormCounts};
use crate::trace::Trace;
use crate::world::{Mode, World};

/// What to run.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunOptions {
    /// How nodes talk with each other.
    pub mode: Mode,
    /// What is broken on purpose.
    pub defect: Defect,
    /// What the clients do; `None` leaves it to the seed.
    pub workload: Option<Workload>,
    /// How many of the last lines of the trace to keep.
    pub tail: usize,
}

/// What the clients of a run do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// They move money between the accounts of a toy bank.
    Bank,
    /// One of them has a month of a small supplier billed.
    Billing,
    /// They have accounts charged in real time.
    Charging,
    /// They send records of charging sessions.
    Roaming,
}

/// What became of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// What is wrong; `None` if nothing is.
    pub failure: Option<String>,
    /// The same for two runs in which the same happened.
    pub trace_hash: u64,
    /// The end of the trace.
    pub tail: Vec<String>,
    /// What happened.
    pub figures: Figures,
}

/// What happened in a run or in many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Runs.
    pub runs: u64,
    /// Simulated time.
    pub virtual_ms: u64,
    /// Events in the trace.
    pub events: u64,
    /// Letters delivered.
    pub letters: u64,
    /// Letters lost.
    pub lost_letters: u64,
    /// What went over turmoil's network.
    pub ether: EtherCounts,
    /// Shards that passed from one node to another.
    pub takeovers: u64,
    /// What befell the cluster.
    pub storm: StormCounts,
    /// What the store saw.
    pub store: StoreCounts,
    /// How requests ended.
    pub answers: AnswerCounts,
    /// What the auditor compared.
    pub audit: AuditCounts,
    /// Invoices issued, as they are owed.
    pub invoices: u64,
}

/// How long everything may take to come to rest after the storm, in simulated time.
const REST_MS: u64 = 180_000;
/// How long nodes get to say what goes on in them.
const INSPECTION_STEPS: u64 = 50;
/// Between two looks for something wrong, in simulated time.
const LOOK_MS: u64 = 100;

/// The month is billed in one of so many seeds, accounts are charged in two, and records come in one.
const TURNS: u64 = 8;

impl Workload {
    fn of(seed: u64) -> Workload {
        match seed % TURNS {
            7 => Workload::Billing,
            3 | 6 => Workload::Charging,
            5 => Workload::Roaming,
            _ => Workload::Bank,
        }
    }
}

/// Runs a cluster from a seed.
#[must_use]
pub fn run(seed: u64, options: RunOptions) -> Outcome {
    panics::listen();
    let trace = Arc::new(Trace::new(options.tail));
    let mut dice = Dice::new(seed);
    let plan = Plan::draw(&mut dice);
    trace.note(format_args!("seed {seed}: {plan:?}"));
    let workload = options.workload.unwrap_or_else(|| Workload::of(seed));
    let kinds: Arc<dyn Machines> = match workload {
        Workload::Bank => Arc::new(Bank),
        Workload::Billing if options.defect.is_hasty => Arc::new(billing::HastyKinds),
        Workload::Billing | Workload::Charging | Workload::Roaming => Arc::new(Kinds),
    };
    let mut figures = Figures { runs: 1, ..Figures::default() };
    // A panic is kept by who listens; what it leaves half done is dropped.
    let result = catch_unwind(AssertUnwindSafe(|| {
        let (mode, seeded) = ((options.mode, options.defect.shell), (dice.fork(), Arc::clone(&trace)));
        let world = World::new(plan, kinds, mode, seeded);
        world
            .map_err(|error| error.to_string())
            .and_then(|world| Run::new(world, workload, dice).play(&mut figures))
    }));
    let result = result.unwrap_or_else(|_| Err("panic".to_owned()));
    let failure = panics::first().map(|panic| format!("panic: {panic}")).or(result.err());
    panics::stop();
    if let Some(failure) = &failure {
        trace.note(format_args!("FAILED: {failure}"));
    }
    figures.events = trace.count();
    Outcome { seed, failure, trace_hash: trace.hash(), tail: trace.tail(), figures }
}

struct Run {
    world: World,
    storm: Storm,
    office: Arc<Office>,
    diary: Arc<Diary>,
    workload: Workload,
    sessions: usize,
    wrong: billing::Wrong,
    till: Arc<Till>,
    manifest: Arc<Manifest>,
}

impl Run {
    fn new(mut world: World, workload: Workload, mut dice: Dice) -> Run {
        let diary = Arc::new(Diary::default());
        let office = Arc::new(Office {
            network: Arc::clone(&world.network),
            doors: Arc::clone(&world.doors),
            diary: Arc::clone(&diary),
            accounts: (0..world.plan.accounts).map(|number| format!("a{number}")).collect(),
            think_ms: world.plan.think_ms,
            is_closing: AtomicBool::new(false),
            closed: AtomicUsize::new(0),
        });
        let storm = Storm::begin(&mut world, dice.fork());
        let (wrong, till, manifest) = (billing::Wrong::default(), Arc::default(), Arc::default());
        let sessions = match workload {
            Workload::Bank | Workload::Charging | Workload::Roaming => world.plan.sessions,
            Workload::Billing => 1,
        };
        for number in 0..sessions {
            let (office, dice) = (Arc::clone(&office), dice.fork());
            match workload {
                Workload::Bank => world.spawn(Session::new(office, number, dice).run()),
                Workload::Billing => {
                    let depot = Arc::clone(&world.depot);
                    world.spawn(billing::client((office, depot), world.count, dice, Arc::clone(&wrong)));
                }
                Workload::Charging => world.spawn(charging::client(office, number, dice, Arc::clone(&till))),
                Workload::Roaming => {
                    world.spawn(roaming::client(office, number, dice, Arc::clone(&manifest)));
                }
            }
        }
        Run { world, storm, office, diary, workload, sessions, wrong, till, manifest }
    }

    fn play(mut self, figures: &mut Figures) -> Result<(), String> {
        let result = self.stages();
        figures.virtual_ms = self.world.now_ms;
        (figures.letters, figures.lost_letters) = self.world.network.counts();
        figures.ether = self.world.ether.as_ref().map(Ether::counts).unwrap_or_default();
        figures.takeovers = self.world.depot.takeovers();
        figures.storm = self.storm.counts();
        figures.store = self.world.depot.counts();
        figures.answers = self.diary.counts();
        (figures.audit, figures.invoices) = result?;
        Ok(())
    }

    fn stages(&mut self) -> Result<(AuditCounts, u64), String> {
        let storm_ms = self.world.plan.storm_ms;
        self.until(storm_ms, |_| false)?;
        self.storm.end(&mut self.world).map_err(|error| error.to_string())?;
        self.office.is_closing.store(true, Ordering::Release);
        if !self.until(REST_MS, |run| run.office.closed.load(Ordering::Acquire) == run.sessions)? {
            self.inspect()?;
            return Err("some requests were never answered".to_owned());
        }
        let is_quiet = |run: &Run| audit::is_quiet(&run.world.depot, run.world.count).unwrap_or(false);
        if !self.until(REST_MS, is_quiet)? {
            self.till.right()?;
            self.manifest.right()?;
            self.inspect()?;
            let left = audit::leftover(&self.world.depot, self.world.count)?;
            return Err(format!("it never came to rest: {}", left.unwrap_or_default()));
        }
        match self.workload {
            Workload::Bank => {
                let (world, office) = (&self.world, &self.office);
                let compared = audit::audit(&world.depot, world.count, &office.accounts, &self.diary)?;
                Ok((compared, 0))
            }
            Workload::Billing => {
                Ok((AuditCounts::default(), billing::audit(&self.world.depot, &self.wrong)?))
            }
            Workload::Charging => Ok((charging::audit(&self.world.depot, self.world.count, &self.till)?, 0)),
            Workload::Roaming => {
                Ok((roaming::audit(&self.world.depot, self.world.count, &self.manifest)?, 0))
            }
        }
    }

    /// Lets time go by, at most so much, until something is so; whether it came to be so.
    fn until(&mut self, most_ms: u64, is_so: impl Fn(&Run) -> bool) -> Result<bool, String> {
        let end_ms = self.world.now_ms.saturating_add(most_ms);
        while self.world.now_ms < end_ms {
            self.storm.step(&mut self.world).map_err(|error| error.to_string())?;
            self.world.step().map_err(|error| error.to_string())?;
            if self.world.now_ms.is_multiple_of(LOOK_MS) {
                self.look()?;
                if is_so(self) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Has every node say in the trace what goes on in it.
    fn inspect(&mut self) -> Result<(), String> {
        (0..self.world.plan.machines).for_each(|machine| self.world.tell(machine, Inbound::Inspect));
        for _ in 0..INSPECTION_STEPS {
            self.world.step().map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn look(&self) -> Result<(), String> {
        let offence = panics::first().or_else(|| self.world.depot.offence()).or_else(|| self.diary.offence());
        offence.map_or(Ok(()), Err)
    }
}
