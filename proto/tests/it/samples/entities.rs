//! Commands, answers and states of every kind of entity, and what they tell one another.

mod runs;

use domain::entity::account::{self, AccountDetails, ClosedContract, OpenRun};
use domain::entity::catalog::{self, IndexPrices, TenantSettings};
use domain::entity::directory;
use domain::entity::invoice_run::{PartSummary, Sums};
use domain::entity::market_document::{self, DocumentItem, DocumentSeries, Outcome, Receipt, SeriesRefused};
use domain::entity::message::{Closing, FromDocument};
use domain::entity::metering_point::{self, StoredDays, Values, ValuesRefused};
use domain::entity::run_part::{AccountNotReady, AccountOutcome, FrozenInvoice, PointNotReady};
use domain::entity::{Message, Registered};
use domain::zone::Zone;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::billing::{invoice, issued_invoice, line, role, usage};
use super::metering::*;
use super::values::*;
use super::{charging, funds, prepaid, roaming, shares, statements, tokens};

pub(crate) use runs::*;

pub(crate) fn registered<T: std::fmt::Debug>(
    fact: impl Strategy<Value = T>,
) -> impl Strategy<Value = Registered<T>> {
    (instant(), fact).prop_map(|(at, fact)| Registered { at, fact })
}

pub(crate) fn settings() -> impl Strategy<Value = TenantSettings> {
    let texts = (word(), word(), word(), word(), word());
    (texts, address(), currency(), any::<u32>(), flag()).prop_map(
        |(texts, address, currency, payment_days, refuses_check_digits)| {
            let (seller_name, vat_id, iban, contact, invoice_prefix) = texts;
            TenantSettings {
                seller_name,
                address,
                vat_id,
                iban,
                contact,
                currency,
                zone: Zone::named("Europe/Amsterdam").unwrap(),
                payment_days,
                invoice_prefix,
                refuses_check_digits,
            }
        },
    )
}

fn closing() -> impl Strategy<Value = Closing> {
    (word(), month(), instant(), day()).prop_map(|(run, month, known_at, issue_date)| Closing {
        run,
        month,
        known_at,
        issue_date,
    })
}

fn closed_contract() -> impl Strategy<Value = ClosedContract> {
    let open = (vec(not_ready(), 0..2), btree_set(month(), 0..3));
    (contract(), word(), address(), vec(rated(), 0..2), open, vec(usage(), 0..2)).prop_map(
        |(contract, product, address, positions, (not_ready, not_ready_months), usage)| ClosedContract {
            contract,
            product,
            address,
            positions,
            not_ready,
            not_ready_months,
            usage,
        },
    )
}

fn account_outcome() -> impl Strategy<Value = AccountOutcome> {
    let frozen = (digest(), money(), money(), money()).prop_map(|(hash, net, vat, total)| FrozenInvoice {
        hash,
        net,
        vat,
        total,
    });
    let point = (point(), word(), vec(not_ready(), 0..2))
        .prop_map(|(metering_point, contract, reasons)| PointNotReady { metering_point, contract, reasons });
    let refused = prop_oneof![
        Just(AccountNotReady::NeverOpened),
        word().prop_map(AccountNotReady::HeldBy),
        Just(AccountNotReady::NoSettings),
        word().prop_map(AccountNotReady::CannotInvoice),
    ];
    (option::of(frozen), vec(point, 0..2), option::of(refused))
        .prop_map(|(frozen, not_ready, refused)| AccountOutcome { frozen, not_ready, refused })
}

fn summary() -> impl Strategy<Value = PartSummary> {
    let sums = any::<[i64; 3]>().prop_map(|[net_minor, vat_minor, total_minor]| Sums {
        net_minor,
        vat_minor,
        total_minor,
    });
    (any::<[u64; 3]>(), btree_map(currency(), sums, 0..3), digest()).prop_map(
        |([accounts, invoices, not_ready], sums, hash)| PartSummary {
            accounts,
            invoices,
            not_ready,
            sums,
            hash,
        },
    )
}

fn refused() -> impl Strategy<Value = ValuesRefused> {
    select(vec![
        ValuesRefused::UnknownMeteringPoint,
        ValuesRefused::Empty,
        ValuesRefused::FromTheFuture,
        ValuesRefused::OffTheGrid,
        ValuesRefused::TooManyDays,
        ValuesRefused::WrongUnit,
        ValuesRefused::WrongKind,
        ValuesRefused::Negative,
        ValuesRefused::Absurd,
        ValuesRefused::TooFarAhead,
    ])
}

fn stored_days() -> impl Strategy<Value = StoredDays> {
    any::<[u32; 2]>().prop_map(|[stored, unchanged]| StoredDays { stored, unchanged })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        stored_days().prop_map(Outcome::Stored),
        Just(Outcome::Done),
        Just(Outcome::Unchanged),
        word().prop_map(Outcome::Waiting),
        Just(Outcome::Recorded),
        refused().prop_map(|refused| Outcome::Refused(SeriesRefused::Values(refused))),
        Just(Outcome::Refused(SeriesRefused::NoSettings)),
        Just(Outcome::Refused(SeriesRefused::PricesOffTheGrid)),
    ]
}

pub(crate) fn document_series() -> impl Strategy<Value = DocumentSeries> {
    let item = prop_oneof![
        (point(), kind(), unit(), series()).prop_map(|(metering_point, kind, unit, values)| {
            DocumentItem::Values { metering_point, kind, unit, values }
        }),
        (point(), vec(charge_link(), 0..3))
            .prop_map(|(metering_point, links)| DocumentItem::Links { metering_point, links }),
        vec(charge(), 0..3).prop_map(DocumentItem::Charges),
        vec((series_id(), price_column()), 0..2).prop_map(DocumentItem::Prices),
        Just(DocumentItem::Recorded),
    ];
    (word(), digest(), item).prop_map(|(id, digest, item)| DocumentSeries { id, digest, item })
}

pub(crate) fn message() -> impl Strategy<Value = Message> {
    prop_oneof![message_about_document(), message_about_run(), tokens::message(), roaming::message()]
}

fn message_about_document() -> impl Strategy<Value = Message> {
    let from = || {
        (word(), any::<u32>(), instant()).prop_map(|(document, index, created)| FromDocument {
            document,
            index,
            created,
        })
    };
    prop_oneof![
        (from(), kind(), unit(), series())
            .prop_map(|(from, kind, unit, values)| { Message::ApplyValues { from, kind, unit, values } }),
        (from(), vec(charge_link(), 0..3)).prop_map(|(from, links)| Message::ApplyLinks { from, links }),
        (from(), vec(charge(), 0..3)).prop_map(|(from, charges)| Message::ApplyCharges { from, charges }),
        (from(), vec((series_id(), price_column()), 0..2))
            .prop_map(|(from, prices)| Message::ApplyPrices { from, prices }),
        (any::<u32>(), outcome()).prop_map(|(index, outcome)| Message::Applied { index, outcome }),
        (point(), contract())
            .prop_map(|(metering_point, contract)| Message::ContractChanged { metering_point, contract }),
    ]
}

fn message_about_run() -> impl Strategy<Value = Message> {
    prop_oneof![
        (closing(), any::<u32>()).prop_map(|(closing, shard)| Message::StartPart { closing, shard }),
        (closing(), any::<u32>(), word()).prop_map(|(closing, shard, account)| Message::CloseAccount {
            closing,
            shard,
            account
        }),
        (closing(), word()).prop_map(|(closing, account)| Message::ClosePoint { closing, account }),
        (word(), point(), vec(closed_contract(), 0..2), any::<bool>()).prop_map(
            |(run, metering_point, contracts, more_follows)| Message::PointClosed {
                run,
                metering_point,
                contracts,
                more_follows
            }
        ),
        (word(), account_outcome())
            .prop_map(|(account, outcome)| Message::AccountClosed { account, outcome }),
        (any::<u32>(), summary()).prop_map(|(shard, summary)| Message::PartClosed { shard, summary }),
        (word(), any::<u64>()).prop_map(|(run, count)| Message::TakeNumbers { run, count }),
        any::<u64>().prop_map(|first| Message::NumbersTaken { first }),
        (digest(), any::<u64>(), word()).prop_map(|(hash, first_number, number_prefix)| {
            Message::IssuePart { hash, first_number, number_prefix }
        }),
        Just(Message::CancelPart),
        word().prop_map(|run| Message::ReleaseAccount { run }),
        (word(), word()).prop_map(|(run, number)| Message::IssueInvoice { run, number }),
        word().prop_map(|account| Message::InvoiceIssued { account }),
        any::<u32>().prop_map(|shard| Message::PartIssued { shard }),
        (word(), vec(prepaid::total(), 0..3), vec(prepaid::key(), 0..3))
            .prop_map(|(account, totals, forgotten)| Message::PrepaidRated { account, totals, forgotten }),
        prepaid::order().prop_map(|order| Message::SupplyOrdered { order }),
        (word(), word(), funds::payout()).prop_map(|(from, to, payout)| Message::FundsTransferred {
            from,
            to,
            payout
        }),
    ]
}

pub(crate) fn point_command() -> impl Strategy<Value = metering_point::Command> {
    use metering_point::Command;
    let values = (direction(), instant(), word(), series())
        .prop_map(|(direction, created, source, series)| Values { direction, created, source, series });
    prop_oneof![
        details().prop_map(Command::Register),
        contract().prop_map(Command::AddContract),
        (word(), day()).prop_map(|(id, end)| Command::EndContract { id, end }),
        vec(values, 0..3).prop_map(Command::StoreValues),
        Just(Command::Get),
        Just(Command::GetSupplyOrder),
        Just(Command::Continue),
        (direction(), span(), option::of(instant()))
            .prop_map(|(direction, span, known_at)| Command::ListDays { direction, span, known_at }),
        (month(), option::of(instant())).prop_map(|(month, known_at)| Command::Rate { month, known_at }),
        tokens::command().prop_map(Command::Tokens),
        message().prop_map(Command::Message),
    ]
}

pub(crate) fn point_state() -> impl Strategy<Value = metering_point::State> {
    let contracts = vec(contract(), 0..3)
        .prop_map(|contracts| contracts.into_iter().map(|one| (one.id.clone(), one)).collect());
    let details = (option::of(details()), tokens::tokens(), prepaid::point_supply());
    (details, vec(charge_link(), 0..3), contracts, btree_set(month(), 0..3)).prop_map(
        |((details, tokens, supply), links, contracts, rated_months)| metering_point::State {
            details,
            links,
            contracts,
            rated_months,
            tokens,
            supply,
        },
    )
}

pub(crate) fn point_reply() -> impl Strategy<Value = metering_point::Reply> {
    use metering_point::Reply;
    let outcome = prop_oneof![stored_days().prop_map(Ok), refused().prop_map(Err)];
    prop_oneof![
        Just(Reply::Done),
        details().prop_map(Reply::Details),
        contract().prop_map(Reply::Contract),
        vec(outcome, 0..3).prop_map(Reply::Stored),
        point_state().prop_map(|state| Reply::State(Box::new(state))),
        vec(day_version(), 0..3).prop_map(Reply::Days),
        vec(rated_contract(), 0..2).prop_map(Reply::Rated),
        tokens::reply().prop_map(Reply::Tokens),
        option::of(prepaid::order()).prop_map(Reply::SupplyOrder),
    ]
}

pub(crate) fn account_details() -> impl Strategy<Value = AccountDetails> {
    (word(), word(), address(), word(), word(), word()).prop_map(
        |(id, name, address, email, vat_id, category)| AccountDetails {
            id,
            name,
            address,
            email,
            vat_id,
            category,
        },
    )
}

pub(crate) fn account_command() -> impl Strategy<Value = account::Command> {
    use account::Command;
    prop_oneof![
        account_details().prop_map(Command::Open),
        account_details().prop_map(Command::ChangeDetails),
        Just(Command::Get),
        Just(Command::Preview),
        tokens::command().prop_map(Command::Tokens),
        funds::agreement_command().prop_map(Command::Agreements),
        charging::command().prop_map(Command::Charging),
        funds::command().prop_map(Command::Funds),
        (tokens::token(), funds::command())
            .prop_map(|(token, command)| Command::FundsByToken(token, command)),
        prepaid::command().prop_map(Command::Prepaid),
        statements::command().prop_map(Command::Partner),
        message().prop_map(Command::Message),
        Just(Command::Continue),
    ]
}

/// Boxed, as its parts are: all of it at once is more than the stack of a test has room for.
pub(crate) fn account_state() -> BoxedStrategy<account::State> {
    let contracts = vec((point(), contract()), 0..3).prop_map(|contracts| {
        contracts.into_iter().map(|(point, one)| ((point, one.id.clone()), one)).collect()
    });
    let lines = vec(line(), 0..2).prop_map(|lines| lines.into_iter().collect());
    let balances = btree_map((role(), asset()), amount(), 0..3);
    let points = || btree_set(point(), 0..3);
    let closed = btree_map(point(), vec(closed_contract(), 0..2), 0..2);
    let frozen = (option::of(digest()), vec(rated(), 0..2));
    let run = (closing(), any::<u32>(), points(), points(), closed, frozen).prop_map(
        |(closing, shard, to_ask, waiting, closed, (frozen, sales))| OpenRun {
            closing,
            shard,
            to_ask,
            waiting,
            closed,
            sales,
            frozen,
        },
    );
    let issued = vec(issued_invoice(), 0..2)
        .prop_map(|issued| issued.into_iter().map(|one| (one.run.clone(), one)).collect());
    let suspense = vec(super::billing::posted(), 0..2);
    let spends =
        (funds::funds(), vec(funds::agreement(), 0..3), prepaid::prepaid(), suspense, charging::contracts())
            .boxed();
    let owed = (spends, statements::partner()).boxed();
    let details = (option::of(account_details()), tokens::tokens(), owed).boxed();
    (details, contracts, lines, balances, any::<u64>(), option::of(run), issued)
        .prop_map(
            |(
                (details, tokens, (spends, partner)),
                contracts,
                lines,
                balances,
                posting_sets,
                open_run,
                issued,
            )| {
                account::State {
                    funds: spends.0,
                    agreements: spends.1.into_iter().collect(),
                    prepaid: spends.2,
                    charging: spends.4,
                    partner,
                    suspense: spends.3.into_iter().map(|posted| (posted.sequence, posted)).collect(),
                    details,
                    contracts,
                    lines,
                    balances,
                    posting_sets,
                    open_run,
                    issued,
                    tokens,
                }
            },
        )
        .boxed()
}

pub(crate) fn account_reply() -> BoxedStrategy<account::Reply> {
    use account::Reply;
    prop_oneof![
        Just(Reply::Done),
        account_details().prop_map(Reply::Details),
        funds::agreement().prop_map(Reply::Agreement),
        charging::reply().prop_map(Reply::Charging),
        funds::reply().prop_map(Reply::Funds),
        prepaid::reply().prop_map(Reply::Prepaid),
        statements::reply().prop_map(Reply::Partner),
        account_state().prop_map(|state| Reply::State(Box::new(state))),
        option::of(invoice()).prop_map(|invoice| Reply::Preview(invoice.map(Box::new))),
        tokens::reply().prop_map(Reply::Tokens),
    ]
    .boxed()
}

pub(crate) fn directory_command() -> impl Strategy<Value = directory::Command> {
    use directory::Command;
    prop_oneof![Just(Command::Get), message().prop_map(Command::Message)]
}

pub(crate) fn catalog_command() -> impl Strategy<Value = catalog::Command> {
    use catalog::Command;
    let prices = (word(), unit(), currency(), instant(), word(), price_column()).prop_map(
        |(index, unit, currency, created, source, column)| IndexPrices {
            index,
            unit,
            currency,
            created,
            source,
            column,
        },
    );
    prop_oneof![
        settings().prop_map(|settings| Command::PutSettings(Box::new(settings))),
        product().prop_map(Command::PutProduct),
        vec(tax_rate(), 0..3).prop_map(Command::PutTaxRates),
        prices.prop_map(Command::PutPrices),
        Just(Command::Get),
        word().prop_map(Command::GetProduct),
        charge_key().prop_map(Command::GetCharge),
        (series_id(), span()).prop_map(|(series, span)| Command::ListPrices { series, span }),
        message().prop_map(Command::Message),
        (word(), shares::price_sheet())
            .prop_map(|(id, sheet)| Command::PutPriceSheet { id, sheet: Box::new(sheet) }),
        word().prop_map(Command::GetPriceSheet),
        shares::share_agreement().prop_map(|agreement| Command::PutShareAgreement(Box::new(agreement))),
        word().prop_map(Command::GetShareAgreement),
    ]
}

pub(crate) fn catalog_state() -> impl Strategy<Value = catalog::State> {
    (option::of(settings()), vec(registered(tax_rate()), 0..3))
        .prop_map(|(settings, taxes)| catalog::State { settings, taxes })
}

pub(crate) fn catalog_reply() -> impl Strategy<Value = catalog::Reply> {
    use catalog::Reply;
    prop_oneof![
        Just(Reply::Done),
        any::<u32>().prop_map(Reply::ProductVersion),
        any::<u32>().prop_map(Reply::PriceMonths),
        catalog_state().prop_map(|state| Reply::State(Box::new(state))),
        vec(registered(product()), 0..2).prop_map(Reply::Products),
        vec(registered(charge()), 0..2).prop_map(Reply::Charges),
        vec(price_month(), 0..2).prop_map(Reply::Prices),
        any::<u32>().prop_map(Reply::PriceSheetVersion),
        any::<u32>().prop_map(Reply::ShareAgreementVersion),
        vec(registered(shares::price_sheet()), 0..2).prop_map(Reply::PriceSheets),
        vec(registered(shares::share_agreement()), 0..2).prop_map(Reply::ShareAgreements),
    ]
}

pub(crate) fn document_command() -> impl Strategy<Value = market_document::Command> {
    use market_document::Command;
    prop_oneof![
        (word(), header(), vec(document_series(), 0..3), vec(word(), 0..2))
            .prop_map(|(key, header, series, warnings)| Command::Receive { key, header, series, warnings }),
        Just(Command::Get),
        message().prop_map(Command::Message),
        Just(Command::Continue),
    ]
}

pub(crate) fn document_reply() -> impl Strategy<Value = market_document::Reply> {
    use market_document::{Reply, State};
    let receipt = (word(), digest(), option::of(outcome())).prop_map(|(id, digest, outcome)| Receipt {
        id,
        digest,
        outcome,
    });
    let state = (
        word(),
        option::of(header()),
        option::of(instant()),
        vec(receipt, 0..3),
        vec(any::<u32>(), 0..3),
        vec(word(), 0..2),
    )
        .prop_map(|(key, header, received, receipts, to_hand_out, warnings)| State {
            key,
            header,
            received,
            receipts,
            to_hand_out,
            warnings,
        });
    prop_oneof![Just(Reply::Done), state.prop_map(|state| Reply::State(Box::new(state)))]
}
