//! A client that sends records of charging sessions, and asks again until it knows that each was taken.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use actors::entity::entity_id;
use actors::shell::{Caller, Class, Consistency, Reply, Request};
use domain::cdr::{Cdr, CdrKey, EvseId, Registers, Road};
use domain::entity::Recipient;
use domain::entity::cdr_book::{self, Receipt};
use domain::instant::Instant;
use domain::money::Currency;
use domain::price::Price;
use domain::session::{ChargingPeriod, Session, Stated};
use domain::token::Token;
use prost::Message as _;
use proto::store as stored;

use super::{Manifest, world};
use crate::clock::START_MS;
use crate::dice::Dice;
use crate::session::Office;

/// An hour.
const HOUR_MS: i64 = 3_600_000;
/// How long before the start of the run the sessions of a client begin: each has an hour of its own in these.
const BEFORE_MS: i64 = 20_000 * HOUR_MS;

/// The client.
pub(super) struct Operator {
    office: Arc<Office>,
    number: usize,
    dice: Dice,
    manifest: Arc<Manifest>,
    /// What it sent, in order.
    sent: Vec<Receipt>,
    /// Originals whose credits were sent before them.
    owed: VecDeque<Receipt>,
}

impl Operator {
    pub(super) fn new(office: Arc<Office>, number: usize, dice: Dice, manifest: Arc<Manifest>) -> Operator {
        Operator { office, number, dice, manifest, sent: Vec::new(), owed: VecDeque::new() }
    }

    pub(super) async fn run(mut self) {
        if let Err(wrong) = self.work().await {
            *self.manifest.wrong.lock().unwrap_or_else(PoisonError::into_inner) = Some(wrong);
        }
        self.office.closed.fetch_add(1, Ordering::AcqRel);
    }

    async fn work(&mut self) -> Result<(), String> {
        for (to, command) in world::set_up().ok_or("a world that can't be")? {
            self.ask(&to, command).await?;
        }
        while !self.office.is_closing.load(Ordering::Acquire) {
            self.something().await?;
            let think_ms = self.dice.below(self.office.think_ms);
            tokio::time::sleep(Duration::from_millis(think_ms)).await;
        }
        while let Some(original) = self.owed.pop_front() {
            self.send(original, false).await?;
        }
        for receipt in self.sent.clone() {
            self.send(receipt, true).await?;
        }
        let mut ids = self.manifest.sent.lock().unwrap_or_else(PoisonError::into_inner);
        ids.extend(self.sent.iter().map(|receipt| receipt.cdr.key.id().to_owned()));
        Ok(())
    }

    /// Sends something: a record, one again, one with other content, a credit of one that came or is still to come, or one that
    /// replaces another.
    async fn something(&mut self) -> Result<(), String> {
        let earlier = self.dice.pick(&self.sent).cloned();
        match (self.dice.below(100), earlier) {
            (0..15, Some(earlier)) => self.send(earlier, true).await,
            (15..22, Some(mut earlier)) => {
                earlier.cdr.content[0] ^= 1;
                let (id, content) = (earlier.cdr.key.id().to_owned(), earlier.cdr.content);
                let (_, is_changed) = self.receive(&earlier).await?;
                match is_changed {
                    true => Ok(()),
                    false => Err(format!("record {id} was taken with other content {content:?}")),
                }
            }
            (22..40, Some(earlier)) if earlier.cdr.credit_of.is_none() => {
                let credit = self.credit(&earlier).ok_or("a credit that can't be")?;
                self.send(credit, false).await
            }
            (40..48, Some(earlier)) if earlier.cdr.credit_of.is_none() => {
                let mut replacement = self.record(&earlier.cdr.evse).ok_or("a record that can't be")?;
                let (start, end) = (earlier.cdr.session.start, earlier.cdr.session.end);
                (replacement.cdr.session.start, replacement.cdr.session.end) = (start, end);
                replacement.cdr.session.periods.iter_mut().for_each(|period| period.start = start);
                replacement.cdr.token = earlier.cdr.token;
                self.send(replacement, false).await
            }
            (48..56, _) => {
                let original = self.any_record().ok_or("a record that can't be")?;
                let credit = self.credit(&original).ok_or("a credit that can't be")?;
                self.owed.push_back(original);
                self.send(credit, false).await
            }
            (56..62, _) if !self.owed.is_empty() => match self.owed.pop_front() {
                Some(original) => self.send(original, false).await,
                None => Ok(()),
            },
            _ => {
                let record = self.any_record().ok_or("a record that can't be")?;
                self.send(record, false).await
            }
        }
    }

    /// Sends a record until it is known to be taken.
    async fn send(&mut self, receipt: Receipt, again: bool) -> Result<(), String> {
        let id = receipt.cdr.key.id().to_owned();
        let (is_repeat, is_changed) = self.receive(&receipt).await?;
        if is_changed || (again && !is_repeat) {
            return Err(format!("record {id} was answered repeat {is_repeat}, changed {is_changed}"));
        }
        if !again {
            self.sent.push(receipt);
        }
        Ok(())
    }

    /// Whether nothing was done, and whether the content differs from the first.
    async fn receive(&mut self, receipt: &Receipt) -> Result<(bool, bool), String> {
        let party = world::party().ok_or("a party that can't be")?;
        let command = cdr_book::Command::Receive(Box::new(receipt.clone()));
        let command = stored::CdrBookCommand::from(&command).encode_to_vec();
        let reply = self.ask(&Recipient::CdrBook(party), command).await?;
        let reply = stored::CdrBookReply::decode(reply.as_slice()).map_err(|error| error.to_string())?;
        match cdr_book::Reply::try_from(reply).map_err(|error| error.to_string())? {
            cdr_book::Reply::Record { is_repeat, is_changed, .. } => Ok((is_repeat, is_changed)),
            other => Err(format!("a record was answered {other:?}")),
        }
    }

    fn any_record(&mut self) -> Option<Receipt> {
        let evse = self.dice.pick(&world::EVSES).copied()?;
        self.record(&EvseId::new(evse)?)
    }

    /// A record of the next of the client's own hours; every client has a connector of its own.
    fn record(&mut self, evse: &EvseId) -> Option<Receipt> {
        let place = self.sent.len().saturating_add(self.owed.len());
        let tenths = i64::try_from(self.dice.between(1, 600)).ok()?;
        let hour = i64::try_from(place).ok()?.checked_mul(HOUR_MS)?;
        let start = START_MS.checked_sub(BEFORE_MS)?.checked_add(hour)?;
        let (start, end) = (Instant::from_millis(start)?, Instant::from_millis(start.checked_add(HOUR_MS)?)?);
        let energy_kwh = world::energy(tenths);
        // 0.25 a kWh: exact to the fourth decimal.
        let cost = Price::from_raw(tenths.checked_mul(2_500_000)?);
        let id = format!("{}-{:012x}", self.number, self.dice.number() >> 16);
        let session = Session {
            id: id.clone(),
            currency: Currency::Eur,
            start,
            end,
            periods: vec![ChargingPeriod { energy_kwh: Some(energy_kwh), ..ChargingPeriod::from(start) }],
            is_credit: false,
            stated: Stated { excluding_vat: Some(cost), energy_kwh: Some(energy_kwh), ..Stated::default() },
        };
        let payer = self.dice.pick(&world::PAYERS).copied()?;
        let cdr = Cdr {
            key: CdrKey::new(world::party()?, &id)?,
            session,
            evse: evse.clone(),
            connector: self.number.to_string(),
            location: "L1".to_owned(),
            token: Token::new("rfid", &format!("{payer}{place}")).ok()?,
            contract_id: "NL-EMS-C1".to_owned(),
            session_id: String::new(),
            registers: None::<Registers>,
            credit_of: None,
            is_home: false,
            sheet: None,
            content: [u8::try_from(self.dice.below(256)).ok()?; 32],
        };
        Some(Receipt { cdr, road: Road::Api, payer: Some(payer.to_owned()), document: b"{}".to_vec() })
    }

    /// The record that takes another back.
    fn credit(&mut self, original: &Receipt) -> Option<Receipt> {
        let id = format!("c{}-{:012x}", self.number, self.dice.number() >> 16);
        let mut credit = original.clone();
        credit.cdr.key = CdrKey::new(world::party()?, &id)?;
        credit.cdr.credit_of = Some(original.cdr.key.id().to_owned());
        credit.cdr.content[1] ^= 1;
        credit.cdr.session.id = id;
        credit.cdr.session.is_credit = true;
        let cost = credit.cdr.session.stated.excluding_vat?;
        credit.cdr.session.stated.excluding_vat = Some(Price::from_raw(cost.raw().checked_neg()?));
        Some(credit)
    }

    /// Asks until there is an answer that takes it.
    async fn ask(&mut self, to: &Recipient, command: Vec<u8>) -> Result<Vec<u8>, String> {
        let request = Request {
            entity: entity_id(&world::tenant()?, to).map_err(|error| error.to_string())?,
            command: command.into(),
            caller: Caller::of(&format!("operator-{}", self.number)),
            request_id: None,
            timeout: None,
            class: Class::Interactive,
            repeatable: true,
            trace: None,
            consistency: Consistency::Strong,
        };
        let answered = self.office.ask_until_known(&request, &mut self.dice).await;
        match answered.map_err(|error| format!("{to:?}: {error}"))? {
            Reply::Accepted(reply) => Ok(reply.to_vec()),
            Reply::Rejected(reply) => {
                let refused = stored::Rejection::decode(reply).map_err(|error| error.to_string())?;
                Err(format!("{to:?} refused: {:?}", refused.reason))
            }
        }
    }
}
