//! Commands and outcomes as lines of text, so that a case can be read aloud.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;

use domain::amount::Amount;
use domain::contract::Share;
use domain::day::{Day, Month};
use domain::funds::{
    Ask, Asked, BalanceTerms, ChargedPart, Debit, DebitMode, FundsCommand, FundsEvent, FundsReply, Origin,
    Payout, Reserve, Scope, Side, TopUp, Usage, Used,
};
use domain::identity::MeteringPointId;
use domain::instant::{Instant, Period};
use domain::ledger::{Asset, LedgerRole, PostingReason};
use domain::money::Currency;
use domain::prepaid::{
    CreditLevel, CreditView, DEBT_ROLE, Emergency, EmergencyCredit, FriendlyHours, FriendlyWindow,
    PrepaidCommand, PrepaidEvent, PrepaidReply, PrepaidTerms, RatedKey, RatedParts, RatedPeriod, RatedTotal,
    Reconnection, Recovery, ShownTopUp, Supply, SwitchedOn, TodayPrice,
};
use domain::product::Weekdays;
use domain::quantity::{Quantity, Unit};
use domain::tax::{TaxClass, VatRate};

use super::world::{World, amount, id};

/// Runs the lines `command -> outcome` of a case.
pub(crate) fn check(name: &str, lines: &str) {
    let mut world = World::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (command, expected) = line.split_once("->").unwrap_or((line, ""));
        let words: Vec<&str> = command.split_whitespace().collect();
        let outcome = run(&mut world, &words);
        assert_eq!(outcome.trim(), expected.trim(), "{name}: {line}");
    }
    for set in &world.ledger {
        assert_eq!(set.postings().iter().map(|posting| posting.amount.raw()).sum::<i128>(), 0, "{name}");
    }
}

fn run(world: &mut World, words: &[&str]) -> String {
    match words {
        ["at", time] => world.now = Instant::parse(time).unwrap(),
        ["price", each, rest @ ..] => {
            let per_day = amount(option(rest, "day=").unwrap_or("0"));
            world.today = Some(TodayPrice { unit: Unit::KilowattHour, each: amount(each), per_day });
        }
        ["restart"] => world.restart(),
        ["due"] => {
            let due = world.prepaid.next_due();
            return due.map_or("never".to_owned(), |due| due.to_string());
        }
        ["meter", point] => {
            let meter = world.meters.get(&point_of(point)).unwrap();
            let order = meter.orders.get("anna").unwrap();
            return format!("{order} {}", supply(order.supply));
        }
        _ => {
            let given = world.give(&command(words));
            return given.map_or_else(
                |refused| format!("bad {refused:?}"),
                |(reply, events)| text(&reply) + &told(&events),
            );
        }
    }
    String::new()
}

fn command(words: &[&str]) -> PrepaidCommand {
    match words {
        ["terms", rest @ ..] => {
            let first = option(rest, "first=").map(|day| Day::parse(day).unwrap());
            PrepaidCommand::SetTerms(terms(rest), first)
        }
        ["end"] => PrepaidCommand::EndTerms,
        ["debt", total] => PrepaidCommand::SetDebt(amount(total)),
        ["take", offer] => PrepaidCommand::TakeEmergency { offer: offer.parse().unwrap() },
        ["rated", point, period, version, parts, rest @ ..] => {
            PrepaidCommand::Rated(vec![rated(point, period, version, (parts, rest))])
        }
        ["elapse"] => PrepaidCommand::Elapse,
        ["view"] => PrepaidCommand::Get,
        _ => PrepaidCommand::Funds(funds_command(words)),
    }
}

fn funds_command(words: &[&str]) -> FundsCommand {
    let usage = |dimension: &str| Usage { dimension: dimension.to_owned(), ..Usage::default() };
    match words {
        ["topup", operation, much, rest @ ..] => FundsCommand::TopUp(TopUp {
            operation: id(operation),
            asset: Asset::from_code(option(rest, "in=").unwrap_or("EUR")).unwrap(),
            amount: amount(much),
            terms: balance_terms(rest),
        }),
        ["debit", operation, much] => FundsCommand::Debit(Debit {
            operation: id(operation),
            mode: DebitMode::Voluntary,
            member: None,
            usage: usage("time"),
            used: Used::Charged(Currency::Eur, vec![part("energy", much, 0)]),
            used_at: None,
        }),
        ["reserve", reservation, much] => FundsCommand::Reserve(Reserve {
            reservation: id(reservation),
            ask: Ask {
                member: None,
                usage: usage("time"),
                asked: Asked::Amount(amount(much), Currency::Eur),
            },
            ttl_ms: 3_600_000,
        }),
        ["release", reservation] => FundsCommand::Release(id(reservation)),
        ["receive", operation, from, much] => FundsCommand::TransferIn {
            from: (*from).to_owned(),
            payout: Payout { operation: id(operation), currency: Currency::Eur, amount: amount(much) },
        },
        _ => panic!("{words:?} is no command"),
    }
}

fn balance_terms(words: &[&str]) -> Option<BalanceTerms> {
    let point = option(words, "point=").map(point_of);
    let dimension = option(words, "dimension=").map(str::to_owned);
    let (from, until) = (option(words, "from="), option(words, "until="));
    let has_terms = point.is_some() || dimension.is_some() || from.is_some() || until.is_some();
    has_terms.then(|| BalanceTerms {
        priority: 0,
        scope: Scope {
            metering_points: point.into_iter().collect(),
            dimensions: dimension.into_iter().collect(),
            products: BTreeSet::new(),
        },
        validity: Period::new(
            from.map_or(Instant::MIN, |from| Instant::parse(from).unwrap()),
            until.map_or(Instant::MAX, |until| Instant::parse(until).unwrap()),
        )
        .unwrap(),
        origin: Origin::Granted,
    })
}

/// `low=5 zero=0 friendly=12345@17:00-09:00+67@00:00-24:00 holidays=2026-04-06 emergency=10@2 share=25 weekly=3@2026-03-09
/// least=1 meter average=7 points=1,2 in=EUR`.
pub(crate) fn terms(words: &[&str]) -> PrepaidTerms {
    let emergency = option(words, "emergency=").map(|text| {
        let (much, at) = text.split_once('@').unwrap();
        EmergencyCredit { amount: amount(much), offered_at: amount(at) }
    });
    let share = option(words, "share=").map(|percent| {
        let hundredths = Quantity::parse(percent).unwrap().micros() / 10_000;
        Recovery::ShareOfTopUp(Share::new(u32::try_from(hundredths).unwrap()).unwrap())
    });
    let weekly = option(words, "weekly=").map(|text| {
        let (much, first) = text.split_once('@').unwrap();
        Recovery::PerWeek { amount: amount(much), first: Day::parse(first).unwrap() }
    });
    PrepaidTerms {
        points: option(words, "points=")
            .unwrap_or("1")
            .split(',')
            .filter(|text| !text.is_empty())
            .map(point_of)
            .collect(),
        currency: Currency::from_code(option(words, "in=").unwrap_or("EUR")).unwrap(),
        low_credit: amount(option(words, "low=").unwrap_or("5")),
        zero_credit: amount(option(words, "zero=").unwrap_or("0")),
        friendly: FriendlyHours {
            windows: option(words, "friendly=")
                .map(|text| text.split('+').map(window).collect())
                .unwrap_or_default(),
            holidays: option(words, "holidays=")
                .map(|text| text.split(',').map(|day| Day::parse(day).unwrap()).collect())
                .unwrap_or_default(),
        },
        emergency,
        recovery: share.or(weekly),
        reconnection: Reconnection {
            least: amount(option(words, "least=").unwrap_or("0")),
            switched_on: if words.contains(&"meter") { SwitchedOn::AtMeter } else { SwitchedOn::ByOrder },
        },
        average_days: option(words, "average=").map_or(7, |days| days.parse().unwrap()),
    }
}

/// `12345@17:00-09:00`.
fn window(text: &str) -> FriendlyWindow {
    let (days, times) = text.split_once('@').unwrap();
    let (from, to) = times.split_once('-').unwrap();
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':').unwrap();
        hour.parse::<u16>().unwrap() * 60 + minute.parse::<u16>().unwrap()
    };
    let weekdays = days.chars().map(|day| i8::try_from(day.to_digit(10).unwrap()).unwrap());
    let weekdays = Weekdays::of(weekdays).unwrap();
    FriendlyWindow { weekdays, from_minute: minute(from), to_minute: minute(to) }
}

/// `1 2026-03-02 v1 3` or `1 2026-03 v2 energy=3,tax=1 vat=21 used=2026-03-01:10,2026-03-02:12 in=DKK`.
fn rated(point: &str, period: &str, version: &str, (amounts, rest): (&str, &[&str])) -> RatedTotal {
    let vat = option(rest, "vat=").map_or(0, |percent| percent.parse::<u32>().unwrap() * 100);
    let parts = amounts.split(',').map(|text| match text.split_once('=') {
        Some((role, much)) => part(role, much, vat),
        None => part("energy", text, vat),
    });
    let used = option(rest, "used=").map(|text| text.split(',').map(used).collect());
    let period = match Month::parse(period) {
        Some(month) => RatedPeriod::Month(month),
        None => RatedPeriod::Day(Day::parse(period).unwrap()),
    };
    let currency = Currency::from_code(option(rest, "in=").unwrap_or("EUR")).unwrap();
    RatedTotal {
        key: RatedKey { metering_point: point_of(point), contract: "c1".to_owned(), period, currency },
        version: version.strip_prefix('v').unwrap().parse().unwrap(),
        rated: RatedParts {
            parts: parts.filter(|part| part.net != Amount::ZERO).collect(),
            used: used.unwrap_or_default(),
        },
    }
}

fn used(text: &str) -> (Day, Quantity) {
    let (day, much) = text.split_once(':').unwrap();
    (Day::parse(day).unwrap(), Quantity::parse(much).unwrap())
}

pub(crate) fn part(role: &str, net: &str, rate: u32) -> ChargedPart {
    let net = amount(net);
    let tax = net.fraction(i64::from(rate), 10_000).unwrap();
    let (revenue_role, tax_class) = (role.to_owned(), TaxClass::new("standard"));
    ChargedPart { revenue_role, tax_class, rate: VatRate::new(rate).unwrap(), net, tax }
}

pub(crate) fn point_of(text: &str) -> MeteringPointId {
    MeteringPointId::new(text.parse().unwrap()).unwrap()
}

fn option<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(name))
}

fn text(reply: &PrepaidReply) -> String {
    match reply {
        PrepaidReply::Done => "ok".to_owned(),
        PrepaidReply::Funds(FundsReply::ToppedUp(balance)) => format!("on {balance}"),
        PrepaidReply::Funds(FundsReply::Taken(_)) => "taken".to_owned(),
        PrepaidReply::Funds(FundsReply::Granted(_)) => "granted".to_owned(),
        PrepaidReply::Funds(FundsReply::Released(_)) => "returned".to_owned(),
        PrepaidReply::Funds(reply) => format!("{reply:?}"),
        PrepaidReply::ToppedUp(shown) => shown_text(shown),
        PrepaidReply::Credit(view) => view_text(view),
    }
}

/// `anna/1: 20 = debt 5 + credit 15, emergency 3, now 12, 40 kWh, v3`.
fn shown_text(shown: &ShownTopUp) -> String {
    let mut text = format!("{}/{}: {}", shown.account, shown.number, shown.amount);
    assert_eq!(shown.to_debt.checked_add(shown.credited), Some(shown.amount));
    if shown.to_debt != Amount::ZERO {
        text += &format!(" = debt {} + credit {}", shown.to_debt, shown.credited);
    }
    if shown.to_emergency != Amount::ZERO {
        text += &format!(", emergency {}", shown.to_emergency);
    }
    text += &format!(", now {}", shown.credit);
    if let Some((quantity, unit)) = shown.energy {
        text += &format!(", {quantity} {unit}");
    }
    text + &shown.supply_version.map(|version| format!(", v{version}")).unwrap_or_default()
}

/// `12 left 12, 40 kWh, 4 days, owes 5, emergency used 3, on v1, off at …`.
fn view_text(view: &CreditView) -> String {
    let mut text = format!("{} left {}", view.credit, view.left);
    if let Some((quantity, unit)) = view.energy_left {
        text += &format!(", {quantity} {unit}");
    }
    if let Some(days) = view.days_left {
        text += &format!(", {days} days");
    }
    if view.debt != Amount::ZERO {
        text += &format!(", owes {}", view.debt);
    }
    if view.emergency_used != Amount::ZERO {
        text += &format!(", emergency used {}", view.emergency_used);
    }
    text += &format!(", {} v{}", supply(view.supply), view.version);
    text + &view.disconnect_at.map(|at| format!(", off at {at}")).unwrap_or_default()
}

/// What happened besides, in order.
fn told(events: &[PrepaidEvent]) -> String {
    let told = events.iter().filter_map(|event| match event {
        PrepaidEvent::Funds(event) => booked(event),
        PrepaidEvent::Crossed { level, side, .. } => {
            let level = if *level == CreditLevel::Low { "low" } else { "zero" };
            Some(format!("{} {level}", if *side == Side::Below { "below" } else { "above" }))
        }
        PrepaidEvent::EmergencySet(Emergency::NotOffered) => Some("offer gone".to_owned()),
        PrepaidEvent::EmergencySet(Emergency::Offered(offer)) => Some(format!("offer {offer}")),
        PrepaidEvent::EmergencySet(Emergency::InUse(offer)) => Some(format!("took {offer}")),
        PrepaidEvent::EmergencySet(Emergency::Spent(offer)) => Some(format!("spent {offer}")),
        PrepaidEvent::DisconnectPostponed { until } => Some(format!("off at {until}")),
        PrepaidEvent::DisconnectCancelled => Some("stays on".to_owned()),
        PrepaidEvent::SupplyOrdered { order, points } => {
            let points: Vec<String> = points.iter().map(|point| point.number().to_string()).collect();
            let free = if order.is_prepaid { "" } else { " free" };
            Some(format!("v{} {}{free} at {}", order.version, supply(order.supply), points.join(",")))
        }
        _ => None,
    });
    told.map(|event| format!(" | {event}")).collect()
}

fn supply(supply: Supply) -> &'static str {
    match supply {
        Supply::On => "on",
        Supply::Ready => "ready",
        Supply::Off => "off",
    }
}

/// What a set took from the funds: `debit 3`, `debt 5`, `correct -1`, `expired 2`.
fn booked(event: &FundsEvent) -> Option<String> {
    let FundsEvent::Booked(set) = event else { return None };
    let taken = set.postings().iter().filter(|posting| matches!(posting.role, LedgerRole::Funds(_)));
    let taken = taken.fold(Amount::ZERO, |sum, posting| sum.checked_add(posting.amount).unwrap());
    let is_debt = set.postings().iter().any(|one| one.role == LedgerRole::Revenue(DEBT_ROLE.to_owned()));
    let what = match set.reason() {
        PostingReason::DebitedForced if is_debt => "debt",
        PostingReason::DebitedForced => "debit",
        PostingReason::Corrected => "correct",
        PostingReason::Expired => "expired",
        PostingReason::Suspended => {
            return Some(format!("suspended {}", set.amount(&LedgerRole::Suspense)));
        }
        _ => return None,
    };
    let currency = set.asset();
    let asset = if currency == Asset::Money(Currency::Eur) { String::new() } else { format!(" {currency}") };
    Some(format!("{what} {taken}{asset}"))
}
