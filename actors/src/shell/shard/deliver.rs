//! Parcels between shards: messages come in and are taken once each, the outbox is emptied.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use cluster::ShardId;
use storage::Write;

use super::Shard;
use crate::shell::keys;
use crate::shell::parcel::{Channel, HoldReason, Parcel, ParcelContent};
use crate::shell::resident::{Cause, Work, places_of};

impl Shard {
    pub(super) fn receive(&mut self, parcel: Parcel) {
        if parcel.generation != self.shared.generation {
            return;
        }
        let now_ms = self.shared.clock.monotonic_ms();
        match parcel.content {
            ParcelContent::Deliver { channel, messages } => self.take_messages(channel, messages),
            ParcelContent::Taken { channel, sequence } => self.empty_outbox(&channel, sequence),
            ParcelContent::Held { channel, reason } => self.courier.held(&channel, reason, now_ms),
            ParcelContent::Retry { receiver } => self.courier.retry(&receiver),
        }
        self.send_units();
    }

    /// Sends what the courier has to send.
    pub(super) fn send_units(&mut self) {
        let now_ms = self.shared.clock.monotonic_ms();
        while let Some(unit) = self.courier.next_unit(now_ms) {
            let receiver = unit.channel.receiver.clone();
            let channel = unit.channel.clone();
            let content = ParcelContent::Deliver { channel: unit.channel, messages: unit.messages };
            if !self.post(&receiver, content) {
                self.courier.held(&channel, HoldReason::Busy, now_ms);
            }
        }
    }

    /// Sends what waits for entities of shards that run somewhere new, and what may have got lost on the way to them.
    pub(super) fn send_to_moved(&mut self, moved: &BTreeSet<ShardId>) {
        let (machines, count) = (Arc::clone(&self.shared.machines), self.shared.options.shard_count);
        self.courier.moved(|receiver| moved.contains(&machines.shard_of(receiver, count)));
        self.send_units();
    }

    /// Queues all messages of a unit, or none.
    fn take_messages(&mut self, channel: Channel, messages: Vec<(u64, Bytes)>) {
        if channel.sender.tenant() != channel.receiver.tenant() {
            return;
        }
        if let Some(parked) = self.parked.get(&channel.receiver) {
            let reason = Arc::clone(&parked.reason);
            return self.take_for_parked(channel, messages, reason);
        }
        let waiting = self.inbox_waiting.saturating_add(places_of(&messages));
        if waiting > self.shared.options.bounds.inbox || !self.draining.is_empty() {
            return self.hold(channel, HoldReason::Busy);
        }
        self.inbox_waiting = waiting;
        let resident = self.resident(&channel.receiver);
        for (sequence, command) in messages {
            let cause = Cause::Message { channel: channel.clone(), sequence };
            resident.push(Work { command, cause, looked_up: false });
        }
        self.pump(&channel.receiver);
    }

    /// The receiver refused a message: none behind it may be taken before it.
    pub(super) fn refuse_message(&mut self, channel: &Channel, reason: HoldReason) {
        self.counts.refused_messages = self.counts.refused_messages.saturating_add(1);
        if let Some(resident) = self.residents.get_mut(&channel.receiver) {
            let dropped = resident.drop_messages(&channel.sender);
            self.inbox_waiting = self.inbox_waiting.saturating_sub(dropped);
        }
        self.hold(channel.clone(), reason);
    }

    pub(super) fn hold(&self, channel: Channel, reason: HoldReason) {
        let sender = channel.sender.clone();
        self.post(&sender, ParcelContent::Held { channel, reason });
    }

    /// Messages were taken, durably: their rows go, with the next commit. If this owner is gone by then, the messages are
    /// delivered once more and taken for what they are.
    fn empty_outbox(&mut self, channel: &Channel, sequence: u64) {
        let gone = self.courier.taken(channel, sequence);
        if gone.is_empty() {
            return;
        }
        let delete = |sequence| Write::Delete { key: keys::outbox(self.id, &channel.sender, sequence) };
        self.journal.append_unhurried(gone.into_iter().map(delete));
        self.ask_to_seal();
    }
}
