//! The courier of a shard: its outbox in memory, and which message of which channel is on its way.
//!
//! Plain code: messages come in when they are durable, units to send come out. A channel has one unit on its way at a
//! time; the next goes when the receiver has taken it. So no message can overtake another, whatever gets lost, and the
//! receiver tells a repeat by its sequence.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use super::entity_id::EntityId;
use super::parcel::{Channel, HoldReason};
use super::resident::places;

#[derive(Debug, Default)]
pub(crate) struct Courier {
    channels: BTreeMap<Channel, Lane>,
    /// Channels with something to send that wait for the window.
    ready: VecDeque<Channel>,
    depth: usize,
    places: usize,
    on_the_way: usize,
}

/// One channel.
#[derive(Debug, Default)]
struct Lane {
    messages: VecDeque<(u64, Bytes)>,
    state: LaneState,
    /// Since when nothing was taken because the receiver can't.
    held_since_ms: Option<u64>,
}

#[derive(Debug, Default)]
enum LaneState {
    #[default]
    Quiet,
    /// In `ready`.
    Ready,
    /// A unit was sent then.
    Sent { at_ms: u64 },
    /// Stands still; tried last then.
    Held { tried_ms: u64, reason: HoldReason },
}

/// Messages that travel together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) channel: Channel,
    pub(crate) messages: Vec<(u64, Bytes)>,
}

/// A channel that stands still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldChannel {
    /// Which one.
    pub channel: Channel,
    /// Why.
    pub reason: HoldReason,
    /// For how long, in milliseconds.
    pub held_ms: u64,
    /// How many messages wait in it.
    pub messages: usize,
}

/// Units on their way at once.
const WINDOW: usize = 256;
const UNIT_MESSAGES: usize = 32;
const UNIT_BYTES: usize = 256 * 1024;
/// A unit that was neither taken nor held by then got lost, with the owner of the receiver's shard for instance.
const LOST_AFTER_MS: u64 = 5_000;
const RETRY_BUSY_AFTER_MS: u64 = 200;
const RETRY_HELD_AFTER_MS: u64 = 30_000;

impl Courier {
    /// How many messages wait or are on their way.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// What they take of the bound of the outbox.
    pub(crate) fn places(&self) -> usize {
        self.places
    }

    /// A message that is on record. Messages of a channel come in the order of their sequences.
    pub(crate) fn push(&mut self, channel: Channel, sequence: u64, command: Bytes) {
        self.depth = self.depth.saturating_add(1);
        self.places = self.places.saturating_add(places(&command));
        let lane = self.channels.entry(channel.clone()).or_default();
        lane.messages.push_back((sequence, command));
        if matches!(lane.state, LaneState::Quiet) {
            lane.state = LaneState::Ready;
            self.ready.push_back(channel);
        }
    }

    /// The next unit to send, if there is one and the window is open.
    pub(crate) fn next_unit(&mut self, now_ms: u64) -> Option<Unit> {
        while self.on_the_way < WINDOW {
            let channel = self.ready.pop_front()?;
            let Some(lane) = self.channels.get_mut(&channel) else { continue };
            if !matches!(lane.state, LaneState::Ready) {
                continue;
            }
            lane.state = LaneState::Sent { at_ms: now_ms };
            self.on_the_way = self.on_the_way.saturating_add(1);
            return Some(Unit { messages: lane.first_unit(), channel });
        }
        None
    }

    /// The receiver took everything up to `sequence`; the sequences of the rows that can go.
    pub(crate) fn taken(&mut self, channel: &Channel, sequence: u64) -> Vec<u64> {
        let Some(lane) = self.channels.get_mut(channel) else { return Vec::new() };
        let mut gone = Vec::new();
        while let Some((first, command)) = lane.messages.front().filter(|(first, _)| *first <= sequence) {
            gone.push(*first);
            self.places = self.places.saturating_sub(places(command));
            lane.messages.pop_front();
            lane.held_since_ms = None;
        }
        self.depth = self.depth.saturating_sub(gone.len());
        if gone.is_empty() {
            return gone;
        }
        if lane.messages.is_empty() {
            self.leave(channel);
            self.channels.remove(channel);
        } else {
            self.make_ready(channel);
        }
        gone
    }

    /// The receiver can't take messages.
    pub(crate) fn held(&mut self, channel: &Channel, reason: HoldReason, now_ms: u64) {
        self.leave(channel);
        let Some(lane) = self.channels.get_mut(channel) else { return };
        lane.held_since_ms.get_or_insert(now_ms);
        lane.state = LaneState::Held { tried_ms: now_ms, reason };
    }

    /// Whatever is held for this receiver is tried again.
    pub(crate) fn retry(&mut self, receiver: &EntityId) {
        let held: Vec<Channel> = self
            .channels
            .iter()
            .filter(|(channel, lane)| {
                channel.receiver == *receiver && matches!(lane.state, LaneState::Held { .. })
            })
            .map(|(channel, _)| channel.clone())
            .collect();
        held.iter().for_each(|channel| self.make_ready(channel));
    }

    /// Whoever receives these may have moved: what is on its way to them may be lost, what had to wait may go.
    pub(crate) fn moved(&mut self, has_moved: impl Fn(&EntityId) -> bool) {
        let waits = |lane: &Lane| {
            matches!(&lane.state, LaneState::Sent { .. } | LaneState::Held { reason: HoldReason::Busy, .. })
        };
        let moved: Vec<Channel> = self
            .channels
            .iter()
            .filter(|(channel, lane)| waits(lane) && has_moved(&channel.receiver))
            .map(|(channel, _)| channel.clone())
            .collect();
        moved.iter().for_each(|channel| self.make_ready(channel));
    }

    /// Tries again what was lost or has been held for long enough.
    pub(crate) fn tick(&mut self, now_ms: u64) {
        let due: Vec<Channel> = self
            .channels
            .iter()
            .filter(|(_, lane)| lane.is_due(now_ms))
            .map(|(channel, _)| channel.clone())
            .collect();
        due.iter().for_each(|channel| self.make_ready(channel));
    }

    /// The channels that stand still for a reason somebody should look at.
    pub(crate) fn held_channels(&self, now_ms: u64) -> Vec<HeldChannel> {
        let held = |(channel, lane): (&Channel, &Lane)| match &lane.state {
            LaneState::Held { reason, .. } => Some(HeldChannel {
                channel: channel.clone(),
                reason: reason.clone(),
                held_ms: now_ms.saturating_sub(lane.held_since_ms.unwrap_or(now_ms)),
                messages: lane.messages.len(),
            }),
            _ => None,
        };
        self.channels.iter().filter_map(held).collect()
    }

    fn make_ready(&mut self, channel: &Channel) {
        self.leave(channel);
        if let Some(lane) = self.channels.get_mut(channel)
            && !matches!(lane.state, LaneState::Ready)
        {
            lane.state = LaneState::Ready;
            self.ready.push_back(channel.clone());
        }
    }

    /// A unit of the channel is not on its way any more.
    fn leave(&mut self, channel: &Channel) {
        if let Some(lane) = self.channels.get_mut(channel)
            && matches!(lane.state, LaneState::Sent { .. })
        {
            lane.state = LaneState::Quiet;
            self.on_the_way = self.on_the_way.saturating_sub(1);
        }
    }
}

impl Lane {
    fn first_unit(&self) -> Vec<(u64, Bytes)> {
        let mut size_bytes = 0_usize;
        let fits = |(_, command): &&(u64, Bytes)| {
            let fits = size_bytes < UNIT_BYTES;
            size_bytes = size_bytes.saturating_add(command.len());
            fits
        };
        self.messages.iter().take(UNIT_MESSAGES).take_while(fits).cloned().collect()
    }

    fn is_due(&self, now_ms: u64) -> bool {
        match &self.state {
            LaneState::Quiet | LaneState::Ready => false,
            LaneState::Sent { at_ms } => now_ms.saturating_sub(*at_ms) >= LOST_AFTER_MS,
            LaneState::Held { tried_ms, reason, .. } => {
                let pause_ms = match reason {
                    HoldReason::Busy => RETRY_BUSY_AFTER_MS,
                    HoldReason::Parked { .. } | HoldReason::Refused { .. } => RETRY_HELD_AFTER_MS,
                };
                now_ms.saturating_sub(*tried_ms) >= pause_ms
            }
        }
    }
}

#[cfg(test)]
mod tests;
