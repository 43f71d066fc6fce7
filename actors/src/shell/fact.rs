//! Rows an entity owns, and what it asks to see of rows before it decides.

use bytes::Bytes;

use super::entity_id::EntityId;

/// The part of a shard's keys a row belongs to. Each has its letter in the key layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Versions of days of values.
    Series,
    /// Immutable records: rated positions, documents.
    Record,
    /// Ledger rows.
    Ledger,
    /// Integers that rows add to. They can be added to, never put or deleted, and never asked for as a fact: an entity
    /// that needs a sum before it decides keeps it in its state.
    Total,
}

/// The name of a row an entity writes. The shell puts shard and tenant in front of it, so that no entity can
/// write outside its own tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// `s/<shard>/<section>/<tenant>/<kind>/<key>/<suffix>`: under the entity's own name.
    Own {
        /// Where.
        section: Section,
        /// The rest of the key; orders the rows of one entity and section.
        suffix: Bytes,
    },
    /// `s/<shard>/<section>/<tenant>/0/<suffix>`: in an order that the entities of a shard share, a day before
    /// its points for instance. The suffix has to name the entity, unless it is a total of all of them.
    Shared {
        /// Where.
        section: Section,
        /// The rest of the key.
        suffix: Bytes,
    },
    /// `idx/<tenant>/<index>/<order>/<kind>/<key>`: for listing across shards, never for uniqueness. The
    /// entity's own name is appended, so that no two shards write the same key.
    Index {
        /// Which listing.
        index: u8,
        /// What the listing is ordered by.
        order: Bytes,
    },
}

/// One thing to see before deciding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// The value of one row.
    Row {
        /// Whose row: `None` is the entity's own, as it stands after everything it decided before. Rows of
        /// another entity must be immutable, since they are read as they are stored.
        of: Option<EntityId>,
        /// Which row.
        key: RowKey,
    },
    /// Rows under an entity's name ([`RowKey::Own`]) whose suffix lies in a half-open range.
    Rows {
        /// Whose rows, as in [`Need::Row`].
        of: Option<EntityId>,
        /// Where.
        section: Section,
        /// The first suffix.
        from: Bytes,
        /// The suffix after the last, `None` for the end of the section.
        until: Option<Bytes>,
        /// At most so many rows; fewer where they are large, which the answer says.
        limit_rows: usize,
        /// From the end of the range downwards.
        reverse: bool,
    },
    /// Rows that the entities of the asker's tenant and shard share ([`RowKey::Shared`]), as they are stored: what is
    /// not durable yet is not among them.
    Shared {
        /// Where.
        section: Section,
        /// The first suffix.
        from: Bytes,
        /// The suffix after the last.
        until: Bytes,
        /// At most so many rows; fewer where they are large, which the answer says.
        limit_rows: usize,
    },
}

/// What was found for a [`Need`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// For [`Need::Row`]: its value, `None` where there is no such row.
    Row(Option<Bytes>),
    /// For [`Need::Rows`] and [`Need::Shared`].
    Rows {
        /// In the order asked for.
        rows: Vec<FactRow>,
        /// Whether the range goes on after the last row given.
        more: bool,
    },
}

/// One row of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRow {
    /// The key below the entity's name.
    pub suffix: Bytes,
    /// The content.
    pub value: Bytes,
}

/// A need and what was found for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What was asked.
    pub need: Need,
    /// What was found.
    pub answer: Answer,
}

/// Everything read for one command so far: the needs of the first round in the order asked, then those of the
/// second, and so on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    facts: Vec<Fact>,
}

impl Facts {
    /// Facts in the order they were asked for.
    pub fn new(facts: Vec<Fact>) -> Facts {
        Facts { facts }
    }

    /// The facts of a further round.
    pub fn extend(&mut self, facts: impl IntoIterator<Item = Fact>) {
        self.facts.extend(facts);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// All of them in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Fact> {
        self.facts.iter()
    }

    /// What was found for the need asked at this place.
    pub fn answer(&self, index: usize) -> Option<&Answer> {
        self.facts.get(index).map(|fact| &fact.answer)
    }

    /// What was found for a need equal to this one; `None` if it was not asked.
    pub fn answer_to(&self, need: &Need) -> Option<&Answer> {
        self.facts.iter().find(|fact| fact.need == *need).map(|fact| &fact.answer)
    }
}
