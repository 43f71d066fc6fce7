//! The network between machines: everything that one tells another goes through here, and gets late, lost, doubled or
//! held up as the seed says.
//!
//! A letter is a closure that is run where it arrives. No letter arrives earlier than [`STEP_MS`] after it was sent, so
//! machines can be stepped one after the other by that much without missing anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::dice::Dice;
use crate::trace::Trace;

/// By how much machines are stepped, and the shortest way of a letter.
pub const STEP_MS: u64 = 2;

/// A machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A machine that runs nodes, one start after the other.
    Node(usize),
    /// Where the clients are.
    Clients,
    /// The store.
    Store,
}

/// To whom a letter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The machine.
    pub place: Place,
    /// Only this start of what runs there; `None` for whatever runs there when it arrives.
    pub start: Option<u64>,
}

/// How rough the way is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// A letter takes up to so much longer than the shortest way.
    pub spread_ms: u64,
    /// So many of a thousand letters take up to `straggle_ms`.
    pub straggle_per_mille: u32,
    /// How long stragglers take at most.
    pub straggle_ms: u64,
    /// So many of a thousand letters between machines that are not the store get lost.
    pub loss_per_mille: u32,
    /// So many of a thousand letters that may come twice do.
    pub double_per_mille: u32,
    /// What every way from and to the store takes in addition.
    pub store_ms: u64,
}

/// What arrives: run in the world's thread, outside of every machine.
pub type Delivery = Box<dyn FnOnce() + Send>;

/// The network of a run.
pub struct Network {
    state: Mutex<State>,
    /// What happens in the run.
    pub trace: Arc<Trace>,
}

struct State {
    now_ms: u64,
    next: u64,
    on_the_way: BTreeMap<(u64, u64), Letter>,
    /// What waits for machines that are paused, in the order it came.
    held: BTreeMap<Place, Vec<Letter>>,
    /// What runs on each machine.
    starts: BTreeMap<Place, u64>,
    paused: BTreeSet<Place>,
    /// Ways that are cut, in one direction each.
    cuts: BTreeSet<(Place, Place)>,
    weather: Weather,
    dice: Dice,
    lost: u64,
    delivered: u64,
}

struct Letter {
    to: Address,
    deliver: Delivery,
    refused: Option<Delivery>,
}

impl Network {
    /// A network in fair weather.
    #[must_use]
    pub fn new(dice: Dice, trace: Arc<Trace>) -> Network {
        let state = State {
            now_ms: 0,
            next: 0,
            on_the_way: BTreeMap::new(),
            held: BTreeMap::new(),
            starts: BTreeMap::from([(Place::Clients, 0), (Place::Store, 0)]),
            paused: BTreeSet::new(),
            cuts: BTreeSet::new(),
            weather: Weather::default(),
            dice,
            lost: 0,
            delivered: 0,
        };
        Network { state: Mutex::new(state), trace }
    }

    /// Sends a letter. `refused` is run instead where nothing runs at the address when it arrives.
    pub fn send(&self, from: Place, to: Address, deliver: Delivery, refused: Option<Delivery>) {
        let mut state = self.state();
        if state.is_lost(from, to.place) {
            return;
        }
        let delay_ms = state.delay_ms(from, to.place);
        state.post(delay_ms, Letter { to, deliver, refused });
    }

    /// Sends a letter that may come twice; `deliver` makes what is delivered each time.
    pub fn send_loose(&self, from: Place, to: Address, deliver: impl Fn() -> Delivery) {
        let mut state = self.state();
        let per_mille = state.weather.double_per_mille;
        let copies = if state.dice.chance(per_mille) { 2 } else { 1 };
        for _ in 0..copies {
            if !state.is_lost(from, to.place) {
                let delay_ms = state.delay_ms(from, to.place);
                state.post(delay_ms, Letter { to, deliver: deliver(), refused: None });
            }
        }
    }

    /// Runs `deliver` after so long, wherever letters go.
    pub fn later(&self, delay_ms: u64, place: Place, deliver: Delivery) {
        let to = Address { place, start: None };
        self.state().post(delay_ms, Letter { to, deliver, refused: None });
    }

    /// Delivers what has arrived by now.
    pub fn deliver(&self, now_ms: u64) {
        self.state().now_ms = now_ms;
        while let Some(delivery) = self.next_due(now_ms) {
            delivery();
        }
    }

    /// Something was started on a machine.
    pub fn started(&self, place: Place, start: u64) {
        self.state().starts.insert(place, start);
    }

    /// What ran on a machine is gone: what waited for it is refused.
    pub fn stopped(&self, place: Place) {
        let mut state = self.state();
        state.starts.remove(&place);
        state.resume(place);
    }

    /// A machine stands still: what arrives waits.
    pub fn pause(&self, place: Place) {
        self.state().paused.insert(place);
    }

    /// It goes on.
    pub fn resume(&self, place: Place) {
        self.state().resume(place);
    }

    /// Cuts the way in one direction.
    pub fn cut(&self, from: Place, to: Place) {
        self.state().cuts.insert((from, to));
    }

    /// All ways are whole again.
    pub fn mend(&self) {
        self.state().cuts.clear();
    }

    /// One way is whole again.
    pub fn mend_way(&self, from: Place, to: Place) {
        self.state().cuts.remove(&(from, to));
    }

    /// Whether letters go in both directions and both machines run.
    pub fn is_open(&self, one: Place, other: Place) -> bool {
        let state = self.state();
        let runs = |place| state.starts.contains_key(&place) && !state.paused.contains(&place);
        let cut = state.cuts.contains(&(one, other)) || state.cuts.contains(&(other, one));
        runs(one) && runs(other) && !cut
    }

    /// Whether this start is what runs there.
    pub fn runs(&self, place: Place, start: u64) -> bool {
        self.state().starts.get(&place) == Some(&start)
    }

    /// Changes the weather.
    pub fn set_weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    /// The weather.
    pub fn weather(&self) -> Weather {
        self.state().weather
    }

    /// The time of the last delivery.
    pub fn now_ms(&self) -> u64 {
        self.state().now_ms
    }

    /// Letters delivered and lost.
    pub fn counts(&self) -> (u64, u64) {
        let state = self.state();
        (state.delivered, state.lost)
    }

    fn next_due(&self, now_ms: u64) -> Option<Delivery> {
        let mut state = self.state();
        loop {
            let first = state.on_the_way.first_entry().filter(|first| first.key().0 <= now_ms)?;
            let letter = first.remove();
            let place = letter.to.place;
            if state.paused.contains(&place) {
                state.held.entry(place).or_default().push(letter);
                continue;
            }
            let runs = state.starts.get(&place);
            if runs.is_some_and(|start| letter.to.start.is_none_or(|wanted| wanted == *start)) {
                state.delivered = state.delivered.saturating_add(1);
                return Some(letter.deliver);
            }
            if let Some(refused) = letter.refused {
                return Some(refused);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_lost(&mut self, from: Place, to: Place) -> bool {
        let is_storage = from == Place::Store || to == Place::Store;
        let per_mille = if is_storage { 0 } else { self.weather.loss_per_mille };
        let lost = self.cuts.contains(&(from, to)) || self.dice.chance(per_mille);
        self.lost = self.lost.saturating_add(u64::from(lost));
        lost
    }

    fn delay_ms(&mut self, from: Place, to: Place) -> u64 {
        let Weather { spread_ms, straggle_per_mille, straggle_ms, store_ms, .. } = self.weather;
        let straggles = self.dice.chance(straggle_per_mille);
        let spread_ms = self.dice.between(0, if straggles { straggle_ms } else { spread_ms });
        let is_storage = from == Place::Store || to == Place::Store;
        STEP_MS.saturating_add(spread_ms).saturating_add(if is_storage { store_ms } else { 0 })
    }

    fn post(&mut self, delay_ms: u64, letter: Letter) {
        let at_ms = self.now_ms.saturating_add(delay_ms.max(STEP_MS));
        self.next = self.next.saturating_add(1);
        self.on_the_way.insert((at_ms, self.next), letter);
    }

    fn resume(&mut self, place: Place) {
        self.paused.remove(&place);
        for letter in self.held.remove(&place).unwrap_or_default() {
            self.post(STEP_MS, letter);
        }
    }
}

impl Address {
    /// Whatever runs there.
    #[must_use]
    pub fn of(place: Place) -> Address {
        Address { place, start: None }
    }

    /// Only this start.
    #[must_use]
    pub fn start(place: Place, start: u64) -> Address {
        Address { place, start: Some(start) }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Network").finish_non_exhaustive()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Node(index) => write!(formatter, "node {index}"),
            Place::Clients => formatter.write_str("clients"),
            Place::Store => formatter.write_str("store"),
        }
    }
}
