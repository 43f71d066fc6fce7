//! Books of records and charging points among the other entities of a world.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use domain::cdr::{CdrKey, EvseId, Party};
use domain::entity::cdr_book::{self, CdrBook, Entry};
use domain::entity::evse::{self, Evse};
use domain::entity::{Entity, Facts, Need, Recipient};

use super::world::{World, gather};

/// What books and charging points remember, and the rows of books.
#[derive(Default)]
pub(crate) struct Roaming {
    pub(crate) books: BTreeMap<Party, cdr_book::State>,
    pub(crate) entries: BTreeMap<(Party, String), Entry>,
    pub(crate) evses: BTreeMap<EvseId, evse::State>,
}

impl World {
    pub(crate) fn book(
        &mut self,
        party: Party,
        command: &cdr_book::Command,
    ) -> Result<cdr_book::Reply, cdr_book::Rejection> {
        let moment = self.moment();
        let state = self.roaming.books.entry(party).or_default();
        let entries = &self.roaming.entries;
        let facts = gather(
            |facts| CdrBook::needs(state, command, facts),
            |need, facts: &mut Facts| match need {
                Need::Cdr(id) => {
                    let entry = entries.get(&(party, CdrKey::compared(id)));
                    facts.cdrs.extend(entry.map(|entry| (id.clone(), entry.clone())));
                }
                need => self.rows.answer_catalog(&self.catalog, need, facts),
            },
        );
        let decided = CdrBook::decide(state, command, &facts, &moment)?;
        for event in &decided.events {
            CdrBook::apply(state, event);
            if let cdr_book::Event::EntrySet { id, entry } = event {
                self.roaming.entries.insert((party, CdrKey::compared(id)), entry.clone());
            }
        }
        Ok(self.send(Recipient::CdrBook(party), decided))
    }

    pub(crate) fn evse(
        &mut self,
        id: EvseId,
        command: &evse::Command,
    ) -> Result<evse::Reply, evse::Rejection> {
        let moment = self.moment();
        let state = self.roaming.evses.entry(id.clone()).or_default();
        let decided = Evse::decide(state, command, &Facts::default(), &moment)?;
        decided.events.iter().for_each(|event| Evse::apply(state, event));
        Ok(self.send(Recipient::Evse(id), decided))
    }

    /// The record under an id, as it stands.
    pub(crate) fn record(&self, party: Party, id: &str) -> &cdr_book::CdrRecord {
        self.roaming.entries.get(&(party, CdrKey::compared(id))).and_then(Entry::record).unwrap()
    }
}
