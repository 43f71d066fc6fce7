//! The stored form of an account: the root holds who it is, and of its balances and funds what is small; contracts, lines,
//! the open run, what each point told it, what was issued, tokens, agreements and charging contracts are parts of their own;
//! postings, invoices, records of operations and sold sessions are rows.

mod charging;
mod funds;
mod partner;
mod prepaid;

use domain::agreement::AgreementEvent;
use domain::entity::account::{
    Account, Command, Event, IssuedInvoice, LineKey, OpenRun, Posted, Rejection, Reply, State,
};
use domain::entity::tokens::TokenEvent;
use domain::entity::{Entity as _, Facts, Message, Moment};
use domain::funds::{FundsCommand, FundsEvent};
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::invoice::Invoice;
use domain::ledger::PostingReason;
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::listing::{self, Listing};
use super::{etag, row, tokens};

/// The largest piece of an invoice's row in bytes.
const PIECE_BYTES: usize = 60_000;
/// A command about funds whose names and lists are within their bounds is smaller than this; a larger one is looked at more
/// closely before it is taken.
const MOST_FUNDS_COMMAND_BYTES: usize = 16_000;

impl Binding for Account {
    type StoredCommand = stored::AccountCommand;
    type StoredState = stored::AccountState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        Some(Command::Continue)
    }

    fn due(state: &State) -> Option<Instant> {
        state.funds.next_due().into_iter().chain(state.prepaid.next_due()).min()
    }

    fn elapse() -> Option<Command> {
        Some(Command::Funds(FundsCommand::Elapse))
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::AccountReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    /// An account's etag names its details, which are what a request can change.
    fn etag(state: &State, command: &Command, _: &Facts) -> Option<String> {
        let details = state.details.as_ref().filter(|_| matches!(command, Command::ChangeDetails(_)))?;
        Some(etag(&proto::account::Account::from(details)))
    }

    /// The funds bound what a command about them may lead to (`domain::funds`), as long as it is small itself.
    fn may_be_too_much(command: &Command, command_bytes: usize) -> bool {
        !matches!(command, Command::Funds(_) | Command::FundsByToken(..))
            || command_bytes > MOST_FUNDS_COMMAND_BYTES
    }

    /// The record of an operation says all that the log would.
    fn is_logged(command: &Command) -> bool {
        !matches!(
            command,
            Command::Funds(command) | Command::FundsByToken(_, command) if command.key().is_some()
        )
    }

    fn carry(state: &mut State, events: &[Event], moment: &Moment, writes: &mut Writes) {
        let moves = |event: &Event| matches!(event, Event::Booked(_) | Event::Funds(_) | Event::Prepaid(_));
        let before = events.iter().any(moves).then(|| funds::Before::of(state, events));
        for event in events {
            Self::apply(state, event);
        }
        for event in events {
            Self::write(event, state, moment, writes);
            writes.next();
        }
        if let Some(before) = before {
            put_root(state, writes);
            before.write(state, writes);
        }
    }

    fn write(event: &Event, state: &State, moment: &Moment, writes: &mut Writes) {
        match event {
            Event::Opened(details) => {
                put_root(state, writes);
                roll(writes);
                writes.list(Listing::Accounts, listing::by_text(&details.id), Vec::new());
            }
            Event::DetailsChanged(_) => put_root(state, writes),
            Event::ContractSet { metering_point, contract } => {
                roll(writes);
                let key = (*metering_point, contract.id.clone());
                let part = State { contracts: [(key, contract.clone())].into(), ..State::default() };
                let name =
                    [b"c", metering_point.number().to_be_bytes().as_slice(), contract.id.as_bytes()].concat();
                writes.part(&name, Some(&stored::AccountState::from(&part)));
            }
            Event::RunSet(_) => put_run(state, writes),
            Event::PointClosed(point, _) => {
                put_run(state, writes);
                put_closed(state, *point, writes);
            }
            Event::RunDropped { .. } => drop_run(state, writes),
            Event::LineSet { key, .. } => put_line(state, key, writes),
            Event::Booked(posted) => book(posted, writes),
            Event::SuspenseCleared(sequence) => {
                writes.part(&suspense_part(*sequence), None::<&stored::AccountState>);
                let account = String::from_utf8_lossy(&writes.entity).into_owned();
                writes.unlist(Listing::Suspense, listing::by_counted(&account, *sequence));
            }
            Event::Agreements(AgreementEvent::Set(agreement)) => {
                let part = stored::AccountState {
                    agreements: vec![agreement.into()],
                    ..stored::AccountState::default()
                };
                writes.part(&[b"a", agreement.id.as_bytes()].concat(), Some(&part));
            }
            Event::Funds(FundsEvent::Remembered(key, record)) => funds::record(key, record, moment, writes),
            // Root and parts follow after all events.
            Event::Funds(_) => {}
            Event::Issued(invoice, issued) => {
                let part =
                    State { issued: [(issued.run.clone(), issued.clone())].into(), ..State::default() };
                let name = [b"i", issued.run.as_bytes()].concat();
                writes.part(&name, Some(&stored::AccountState::from(&part)));
                put_invoice(invoice, issued, writes);
            }
            Event::Tokens(event) => put_token(event, state, writes),
            Event::Prepaid(event) => prepaid::write(event, state, writes),
            Event::Partner(event) => partner::write(event, state, writes),
            Event::Charging(event) => charging::write(event, state, writes),
        }
    }
}

/// Runs walk the account from the first contract that names it on, opened or not, so that what nobody can be billed for
/// is listed.
fn roll(writes: &mut Writes) {
    let account = String::from_utf8_lossy(&writes.entity).into_owned();
    writes.bytes(row::roll(&account), Vec::new());
}

fn put_root(state: &State, writes: &mut Writes) {
    let root = stored::AccountState {
        details: state.details.as_ref().map(Into::into),
        balances: state.balances.iter().take(funds::MOST_LEDGER).map(Into::into).collect(),
        posting_sets: state.posting_sets,
        tokens: (state.tokens.claims > 0).then(|| (&tokens::root(&state.tokens)).into()),
        funds: funds::root(&state.funds),
        prepaid: prepaid::root(&state.prepaid),
        partner: partner::root(&state.partner),
        ..stored::AccountState::default()
    };
    writes.root(&root);
}

fn put_token(event: &TokenEvent, state: &State, writes: &mut Writes) {
    put_root(state, writes);
    let (name, tokens) = tokens::part(event, &state.tokens);
    let part = tokens.map(|tokens| stored::AccountState { tokens: Some(tokens), ..Default::default() });
    writes.part(&name, part.as_ref());
}

/// The open run as it stands after all events, without what each point told. Nothing where the decision dropped it.
fn put_run(state: &State, writes: &mut Writes) {
    let Some(run) = &state.open_run else { return };
    if run.frozen.is_some() {
        charging::put_frozen(run, writes);
    }
    let run = OpenRun { closed: [].into(), sales: Vec::new(), ..run.clone() };
    let part = State { open_run: Some(run), ..State::default() };
    writes.part(b"o", Some(&stored::AccountState::from(&part)));
}

/// What a point told the open run. The part says nothing else of the run, so that both merge into one.
fn put_closed(state: &State, point: MeteringPointId, writes: &mut Writes) {
    let Some(run) = &state.open_run else { return };
    let closed = run.closed.get(&point).map(|contracts| (point, contracts.clone()));
    let closed = OpenRun { closed: closed.into_iter().collect(), ..run.clone() };
    let closed = stored::OpenRun::from(&closed).closed;
    let run = stored::OpenRun { closed, ..stored::OpenRun::default() };
    let part = stored::AccountState { open_run: Some(run), ..stored::AccountState::default() };
    writes.part(&closed_part(point), Some(&part));
}

/// Every point that can have told something has a contract.
fn drop_run(state: &State, writes: &mut Writes) {
    writes.part(b"o", None::<&stored::AccountState>);
    charging::drop_frozen(state, writes);
    for (point, _) in state.contracts.keys() {
        writes.part(&closed_part(*point), None::<&stored::AccountState>);
    }
}

fn closed_part(point: MeteringPointId) -> Vec<u8> {
    [b"o", point.number().to_be_bytes().as_slice()].concat()
}

/// The line as it stands after all events of the decision.
fn put_line(state: &State, key: &LineKey, writes: &mut Writes) {
    let line = state.lines.get(key).map(|line| (key.clone(), line.clone()));
    let part = State { lines: line.into_iter().collect(), ..State::default() };
    let position = row::position_digest(&proto::metering::PositionKey::from(&key.position).encode_to_vec());
    let name = [b"l", key.metering_point.number().to_be_bytes().as_slice(), position.as_slice()].concat();
    writes.part(&name, Some(&stored::AccountState::from(&part)));
}

fn book(posted: &Posted, writes: &mut Writes) {
    writes.row(row::postings(posted.sequence), &proto::account::PostingSet::from(posted));
    for posting in posted.set.postings() {
        let key = row::total(&posting.role.total_name(), posted.set.asset().code());
        writes.add(key, posting.amount.raw());
    }
    if posted.set.reason() == PostingReason::Suspended {
        let part = stored::AccountState { suspense: vec![posted.into()], ..Default::default() };
        writes.part(&suspense_part(posted.sequence), Some(&part));
        let account = String::from_utf8_lossy(&writes.entity).into_owned();
        let entry = proto::account::PostingSet::from(posted).encode_to_vec();
        writes.list(Listing::Suspense, listing::by_counted(&account, posted.sequence), entry);
    }
}

fn suspense_part(sequence: u64) -> Vec<u8> {
    [b"s".as_slice(), &sequence.to_be_bytes()].concat()
}

fn put_invoice(invoice: &Invoice, issued: &IssuedInvoice, writes: &mut Writes) {
    let row = stored::StoredInvoice {
        invoice: Some(proto::invoicing::Invoice::from(invoice)),
        invoice_run_id: issued.run.clone(),
    };
    for (piece, bytes) in (0_u16..).zip(row.encode_to_vec().chunks(PIECE_BYTES)) {
        writes.bytes(row::invoice(&issued.number, piece), bytes.to_vec());
    }
    let entry = proto::account::IssuedInvoice::from(issued).encode_to_vec();
    let (number, account) = (&issued.number, &invoice.payer.account);
    writes.list(Listing::Invoices, listing::by_text(number), entry.clone());
    writes.list(Listing::InvoicesOfRun, listing::by_texts(&issued.run, number), entry.clone());
    writes.list(Listing::InvoicesOfAccount, listing::by_texts(account, number), entry);
}
