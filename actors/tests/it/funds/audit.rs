//! What the store holds, read row by row and folded again: invariants I1 to I4 of every account, and the trial balance.

use std::collections::{BTreeMap, BTreeSet};

use actors::entity::{entity_id, listing::Listing, row};
use actors::shell::Section;
use domain::amount::Amount;
use domain::entity::Recipient;
use domain::entity::account::{self, Posted};
use domain::funds::{FundsReply, OperationKey, Record, Recorded};
use domain::ledger::{Asset, LedgerRole};
use prost::Message as _;
use proto::account::PostingSet;
use proto::store as stored;

use super::world::{World, tenant};

impl World {
    /// Every posting set of an account. That each sums to zero is what makes it readable (I1).
    pub(super) async fn posted(&self, id: &str) -> Vec<Posted> {
        let entity = entity_id(&tenant(), &Recipient::Account(id.to_owned())).unwrap();
        let range = row::postings_from(0);
        let rows =
            self.node.rows(&entity, Section::Ledger, (&range.from, &range.until), 10_000).await.unwrap();
        rows.iter().map(|row| PostingSet::decode(row.value.clone()).unwrap().try_into().unwrap()).collect()
    }

    pub(super) async fn record(&self, id: &str, key: &OperationKey) -> Option<Record> {
        let entity = entity_id(&tenant(), &Recipient::Account(id.to_owned())).unwrap();
        let value = self.node.row(&entity, &row::funds_record(key)).await.unwrap()?;
        Some(stored::FundsRecord::decode(value).unwrap().try_into().unwrap())
    }

    /// What could not be placed, by account.
    pub(super) async fn suspended(&self) -> Vec<(String, Posted)> {
        let listing = Listing::Suspense.number();
        let rows = self.node.list(&tenant(), listing, (&[], None), None, 1_000).await.unwrap();
        let entry = |row: actors::shell::IndexRow| {
            let account = String::from_utf8(row.entity.key().to_vec()).unwrap();
            (account, PostingSet::decode(row.value).unwrap().try_into().unwrap())
        };
        rows.into_iter().map(entry).collect()
    }

    /// The tenant's totals by asset and role.
    pub(super) async fn totals(&self) -> BTreeMap<(String, String), Amount> {
        let range = row::totals();
        let totals = self.node.totals(&tenant(), (&range.from, &range.until)).await.unwrap();
        totals
            .into_iter()
            .map(|(suffix, sum)| (row::read_total(&suffix).unwrap(), Amount::from_raw(sum)))
            .collect()
    }

    /// Holds what the accounts remember against their rows, and the totals against all of them. Call it when nothing is
    /// under way.
    pub(super) async fn audit(&self, accounts: &[&str]) {
        let mut totals: BTreeMap<(String, String), Amount> = BTreeMap::new();
        for id in accounts {
            let posted = self.posted(id).await;
            for set in &posted {
                for posting in set.set.postings() {
                    let key = (set.set.asset().code().to_owned(), posting.role.total_name());
                    add(totals.entry(key).or_default(), posting.amount);
                }
            }
            if let Ok(account::Reply::State(state)) = self.account(id, &account::Command::Get).await {
                self.audit_account(id, &state, &posted).await;
            }
        }
        let told = self.totals().await;
        assert_eq!(told, totals, "totals are the sums of all postings");
        for ((asset, role), sum) in &told {
            assert!(role != "transit" || *sum == Amount::ZERO, "{sum} {asset} is still on its way");
        }
        let mut by_asset: BTreeMap<&str, Amount> = BTreeMap::new();
        for ((asset, _), sum) in &told {
            add(by_asset.entry(asset).or_default(), *sum);
        }
        assert!(by_asset.values().all(|sum| *sum == Amount::ZERO), "the trial balance is {by_asset:?}");
    }

    async fn audit_account(&self, id: &str, state: &account::State, posted: &[Posted]) {
        let sequences: Vec<u64> = posted.iter().map(|set| set.sequence).collect();
        assert_eq!(sequences, (1..=state.posting_sets).collect::<Vec<_>>(), "{id} has every set once");
        let mut ledger: BTreeMap<(LedgerRole, Asset), Amount> = BTreeMap::new();
        for set in posted {
            for posting in set.set.postings() {
                let sum = ledger.entry((posting.role.clone(), set.set.asset())).or_default();
                add(sum, posting.amount);
            }
        }
        let open = |ledger: BTreeMap<(LedgerRole, Asset), Amount>| {
            ledger.into_iter().filter(|(_, sum)| *sum != Amount::ZERO).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(open(state.ledger()), open(ledger), "I2 of {id}");

        let mut reserved: BTreeMap<_, Amount> = BTreeMap::new();
        for hold in state.funds.reservations.values().flat_map(|one| &one.holds) {
            add(reserved.entry(hold.balance).or_default(), hold.amount);
        }
        for (number, balance) in &state.funds.balances {
            assert_eq!(balance.reserved, reserved.get(number).copied().unwrap_or_default(), "I3 of {id}");
        }
        self.audit_reservations(id, state, posted).await;
    }

    /// I4: what was reserved is open or ended once.
    async fn audit_reservations(&self, id: &str, state: &account::State, posted: &[Posted]) {
        let entity = entity_id(&tenant(), &Recipient::Account(id.to_owned())).unwrap();
        let rows = self.node.rows(&entity, Section::Record, (b"f", b"g"), 10_000).await.unwrap();
        let mut granted = BTreeSet::new();
        for row in rows {
            let record: Record = stored::FundsRecord::decode(row.value).unwrap().try_into().unwrap();
            if let Recorded::Answered(command, reply) = record.outcome
                && let (Some(OperationKey::Reserve(id)), FundsReply::Granted(_)) =
                    (command.key(), reply.as_ref())
            {
                granted.insert(id);
            }
        }
        for reservation in granted {
            let is_open = state.funds.reservations.contains_key(&reservation);
            let ended = self.record(id, &OperationKey::Resolve(reservation.clone())).await;
            assert_ne!(is_open, ended.is_some(), "{reservation} of {id} is open or ended");
            let source = domain::ledger::PostingSource::Reservation(reservation.clone());
            let sets = posted.iter().filter(|set| *set.set.source() == source);
            let assets: Vec<Asset> = sets.map(|set| set.set.asset()).collect();
            let once: BTreeSet<Asset> = assets.iter().copied().collect();
            assert_eq!(assets.len(), once.len(), "{reservation} of {id} was booked once per asset");
        }
    }
}

fn add(sum: &mut Amount, amount: Amount) {
    *sum = sum.checked_add(amount).unwrap();
}
