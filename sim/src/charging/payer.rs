//! A client that has accounts charged, and asks again until it knows.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use actors::entity::entity_id;
use actors::shell::{Caller, Class, Consistency, Reply, Request, Tenant};
use domain::amount::Amount;
use domain::entity::Recipient;
use domain::entity::account::{self, AccountDetails};
use domain::funds::{
    Ask, Asked, ChargedPart, Commit, Debit, DebitMode, FundsCommand, FundsReply, Payout, Reserve, TopUp,
    Usage, Used,
};
use domain::ledger::Asset;
use domain::money::Currency;
use domain::operation::OperationId;
use domain::price::Price;
use domain::quantity::Quantity;
use domain::tax::{TaxClass, VatRate};
use prost::Message as _;
use proto::store as stored;

use super::{ACCOUNTS, Slip, TENANT, Till};
use crate::clock::START_MS;
use crate::dice::Dice;
use crate::session::Office;

/// The client.
pub(super) struct Payer {
    office: Arc<Office>,
    number: usize,
    dice: Dice,
    till: Arc<Till>,
    /// Reservations that it has to end.
    open: Vec<(&'static str, OperationId)>,
    /// What it was answered.
    own: Vec<Slip>,
}

/// Refusals that change nothing: of a commit of more than is held, and of the release of a reservation that is over.
const PASSING: [&str; 2] = ["COMMIT_ABOVE_HOLD", "RESERVATION_EXPIRED"];
/// A reservation that lasts, and one that may be over before it is committed.
const LONG_MS: i64 = 3_600_000;
const SHORT_MS: i64 = 1_000;

impl Payer {
    pub(super) fn new(office: Arc<Office>, number: usize, dice: Dice, till: Arc<Till>) -> Payer {
        Payer { office, number, dice, till, open: Vec::new(), own: Vec::new() }
    }

    pub(super) async fn run(mut self) {
        if let Err(wrong) = self.work().await {
            *self.till.wrong.lock().unwrap_or_else(PoisonError::into_inner) = Some(wrong);
        }
        self.office.closed.fetch_add(1, Ordering::AcqRel);
    }

    async fn work(&mut self) -> Result<(), String> {
        for account in ACCOUNTS {
            let details = AccountDetails { id: account.to_owned(), ..AccountDetails::default() };
            self.ask(account, &account::Command::Open(details))
                .await?
                .map_err(|code| format!("{account}: {code}"))?;
        }
        while !self.office.is_closing.load(Ordering::Acquire) {
            let account = self.account();
            let command = self.command(account).ok_or("a command that can't be")?;
            self.charge(account, command).await?;
            let think_ms = self.dice.below(self.office.think_ms);
            tokio::time::sleep(Duration::from_millis(think_ms)).await;
        }
        while let Some((account, reservation)) = self.open.pop() {
            self.charge(account, FundsCommand::Release(reservation)).await?;
        }
        for slip in &self.own.clone() {
            let again = self.funds(slip.account, &slip.command).await?;
            if again.as_ref() != Some(&slip.reply) {
                return Err(format!("{slip:?} was answered {again:?} the second time"));
            }
        }
        self.till.slips.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.own);
        Ok(())
    }

    /// Has a command carried out and keeps the answer.
    async fn charge(&mut self, account: &'static str, command: FundsCommand) -> Result<(), String> {
        let Some(reply) = self.funds(account, &command).await? else {
            // A commit above what is held leaves the reservation open.
            if let FundsCommand::Commit(commit) = command {
                self.open.push((account, commit.reservation));
            }
            return Ok(());
        };
        if let (FundsCommand::Reserve(reserve), FundsReply::Granted(_)) = (&command, &reply) {
            self.open.push((account, reserve.reservation.clone()));
        }
        self.own.push(Slip { account, command, reply });
        Ok(())
    }

    /// Something for an account; a reservation that is to be committed may be another's.
    fn command(&mut self, account: &str) -> Option<FundsCommand> {
        let cents = i64::try_from(self.dice.between(1, 2_000)).ok()?;
        let money = euros(cents * 10)?;
        let command = match self.dice.below(100) {
            0..25 => {
                let (operation, asset) = (self.id()?, Asset::Money(Currency::Eur));
                FundsCommand::TopUp(TopUp { operation, asset, amount: money, terms: None })
            }
            25..50 => {
                let asked = Asked::Amount(money, Currency::Eur);
                let ask = Ask { member: None, usage: Usage::default(), asked };
                let ttl_ms = if self.dice.chance(700) { LONG_MS } else { SHORT_MS };
                FundsCommand::Reserve(Reserve { reservation: self.id()?, ask, ttl_ms })
            }
            50..68 => {
                let place = self.open.iter().position(|(held, _)| *held == account);
                match place.map(|place| self.open.remove(place)) {
                    Some((_, reservation)) => {
                        FundsCommand::Commit(Commit { reservation, used: used(cents)?, used_at: None })
                    }
                    None => self.debit(DebitMode::Forced, cents)?,
                }
            }
            68..76 => self.debit(DebitMode::Voluntary, cents)?,
            76..82 => self.debit(DebitMode::Balancing, cents)?,
            82..86 => self.debit(DebitMode::Forced, cents)?,
            _ => {
                let to = self.account();
                let payout = Payout { operation: self.id()?, currency: Currency::Eur, amount: money };
                match to == account {
                    true => self.debit(DebitMode::Voluntary, cents)?,
                    false => FundsCommand::TransferOut { to: to.to_owned(), payout },
                }
            }
        };
        Some(command)
    }

    fn debit(&mut self, mode: DebitMode, cents: i64) -> Option<FundsCommand> {
        let (operation, usage, used) = (self.id()?, Usage::default(), used(cents)?);
        Some(FundsCommand::Debit(Debit { operation, mode, member: None, usage, used, used_at: None }))
    }

    async fn funds(&mut self, account: &str, command: &FundsCommand) -> Result<Option<FundsReply>, String> {
        match self.ask(account, &account::Command::Funds(command.clone())).await? {
            Ok(account::Reply::Funds(reply)) => Ok(Some(reply)),
            Ok(other) => Err(format!("{command:?} was answered {other:?}")),
            Err(_) => Ok(None),
        }
    }

    /// Asks until there is an answer; the code of a refusal that changes nothing and is not remembered.
    async fn ask(
        &mut self,
        account: &str,
        command: &account::Command,
    ) -> Result<Result<account::Reply, String>, String> {
        let tenant = Tenant::parse(TENANT).map_err(|error| error.to_string())?;
        let request = Request {
            entity: entity_id(&tenant, &Recipient::Account(account.to_owned()))
                .map_err(|error| error.to_string())?,
            command: stored::AccountCommand::from(command).encode_to_vec().into(),
            caller: Caller::of(&format!("payer-{}", self.number)),
            request_id: None,
            timeout: None,
            class: Class::Interactive,
            repeatable: true,
            trace: None,
            consistency: Consistency::Strong,
        };
        let answered = self.office.ask_until_known(&request, &mut self.dice).await;
        match answered.map_err(|error| format!("{command:?}: {error}"))? {
            Reply::Accepted(reply) => {
                let reply = stored::AccountReply::decode(reply).map_err(|error| error.to_string())?;
                account::Reply::try_from(reply).map(Ok).map_err(|error| error.to_string())
            }
            Reply::Rejected(reply) => {
                let refused = stored::Rejection::decode(reply).map_err(|error| error.to_string())?;
                let code = refused.reason.map(|reason| reason.code).unwrap_or_default();
                match PASSING.contains(&code.as_str()) {
                    true => Ok(Err(code)),
                    false => Err(format!("{command:?} was refused: {code}")),
                }
            }
        }
    }

    fn account(&mut self) -> &'static str {
        self.dice.pick(&ACCOUNTS).copied().unwrap_or(ACCOUNTS[0])
    }

    /// Some ids are UUIDs of version 7, of which the account knows that they are new, others are texts.
    fn id(&mut self) -> Option<OperationId> {
        if self.dice.chance(500) {
            return OperationId::new(&format!("payer-{}-{:016x}", self.number, self.dice.number()));
        }
        let made_ms = START_MS.unsigned_abs().saturating_add(self.office.network.now_ms());
        let random = u128::from(self.dice.number() >> 2);
        let id = uuid::Uuid::from_u128((u128::from(made_ms) << 80) | (7 << 76) | (2 << 62) | random);
        OperationId::new(&id.to_string())
    }
}

/// So many cents.
fn euros(cents: i64) -> Option<Amount> {
    Amount::of(Quantity::ONE, Price::from_raw(cents.checked_mul(1_000_000)?))
}

/// What costs so many cents, and 21 % of tax.
fn used(cents: i64) -> Option<Used> {
    let net = euros(cents)?;
    let part = ChargedPart {
        revenue_role: "charging".to_owned(),
        tax_class: TaxClass::new("standard"),
        rate: VatRate::new(2_100)?,
        net,
        tax: net.fraction(21, 100)?,
    };
    Some(Used::Charged(Currency::Eur, vec![part]))
}
