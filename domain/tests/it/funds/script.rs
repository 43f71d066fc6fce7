//! Commands and outcomes as lines of text, so that a case can be read aloud.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;

use domain::funds::{
    Ask, Asked, BalanceTerms, ChargedPart, Commit, Correct, Debit, DebitMode, Extend, FundsCommand,
    FundsEvent, FundsRefused, FundsReply, LimitKey, LimitWindow, MemberStanding, Origin, Part, Payout,
    Reserve, Resolution, Scope, Shortage, Side, Standing, TopUp, Usage, Used,
};
use domain::identity::MeteringPointId;
use domain::instant::{Instant, Period};
use domain::ledger::{Asset, LedgerRole, PostingReason, PostingSource};
use domain::money::Currency;
use domain::price::Price;
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
    for set in world.sets() {
        assert_eq!(set.postings().iter().map(|posting| posting.amount.raw()).sum::<i128>(), 0, "{name}");
    }
}

fn run(world: &mut World, words: &[&str]) -> String {
    match words {
        ["at", time] => world.now = time_of(time),
        ["price", each, rest @ ..] => {
            world.started.each = Price::parse(each).unwrap();
            world.started.start = Price::parse(option(rest, "start=").unwrap_or("0")).unwrap();
            let rate = option(rest, "vat=").map_or(0, |percent| percent.parse::<u32>().unwrap() * 100);
            world.rate = VatRate::new(rate).unwrap();
        }
        ["overuse"] => world.allows_overuse = true,
        ["restart"] => world.restart(),
        ["due"] => return world.funds.next_due().map_or("never".to_owned(), |due| due.to_string()),
        ["funds"] => return balances(world),
        _ => {
            let given = world.give(&command(words));
            return given.map_or_else(
                |refused| format!("bad {}", refusal(&refused)),
                |(reply, events)| text(&reply) + &told(&events),
            );
        }
    }
    String::new()
}

pub(crate) fn command(words: &[&str]) -> FundsCommand {
    match words {
        ["credit", limit] => FundsCommand::SetCreditLimit(Currency::Eur, amount(limit)),
        ["limit", window, most, unit, rest @ ..] => {
            let member = rest.first().map(|member| (*member).to_owned());
            let window = match *window {
                "day" => LimitWindow::Day,
                "month" => LimitWindow::Month,
                _ => LimitWindow::Ever,
            };
            let key = LimitKey { member, asset: Asset::from_code(unit).unwrap(), window };
            FundsCommand::SetLimit(key, (*most != "none").then(|| amount(most)))
        }
        ["thresholds", unit, levels @ ..] => FundsCommand::SetThresholds(
            Asset::from_code(unit).unwrap(),
            levels.iter().map(|level| amount(level)).collect(),
        ),
        ["member", name, rest @ ..] => {
            let standing = match rest {
                ["blocked"] => Some(MemberStanding::Blocked),
                ["gone"] => None,
                _ => Some(MemberStanding::Active),
            };
            FundsCommand::SetMember((*name).to_owned(), standing)
        }
        ["account", "blocked"] => FundsCommand::SetStanding(Standing::Blocked),
        ["account", "suspended"] => FundsCommand::SetStanding(Standing::Suspended),
        ["account", _] => FundsCommand::SetStanding(Standing::Active),
        ["elapse"] => FundsCommand::Elapse,
        ["topup", operation, much, unit, rest @ ..] => FundsCommand::TopUp(TopUp {
            operation: id(operation),
            asset: Asset::from_code(unit).unwrap(),
            amount: amount(much),
            terms: terms(rest),
        }),
        ["ask", much, unit, rest @ ..] => FundsCommand::Authorize(ask(much, unit, rest)),
        ["reserve", reservation, much, unit, ttl, rest @ ..] => FundsCommand::Reserve(Reserve {
            reservation: id(reservation),
            ask: ask(much, unit, rest),
            ttl_ms: ttl.parse::<i64>().unwrap() * 1_000,
        }),
        ["extend", operation, reservation, much, unit, rest @ ..] => FundsCommand::Extend(Extend {
            operation: id(operation),
            reservation: id(reservation),
            more: asked(much, unit),
            ttl_ms: rest.first().map_or(0, |ttl| ttl.parse::<i64>().unwrap() * 1_000),
        }),
        ["commit", reservation, much, unit, rest @ ..] => FundsCommand::Commit(Commit {
            reservation: id(reservation),
            used: used(much, unit),
            used_at: option(rest, "at=").map(time_of),
        }),
        ["release", reservation] => FundsCommand::Release(id(reservation)),
        [mode @ ("debit" | "force" | "left"), operation, much, unit, rest @ ..] => {
            let mode = match *mode {
                "debit" => DebitMode::Voluntary,
                "force" => DebitMode::Forced,
                _ => DebitMode::Balancing,
            };
            let Ask { member, usage, .. } = ask(much, unit, rest);
            FundsCommand::Debit(Debit {
                operation: id(operation),
                mode,
                member,
                usage,
                used: used(much, unit),
                used_at: option(rest, "at=").map(time_of),
            })
        }
        ["correct", operation, corrects, much] => FundsCommand::Correct(Correct {
            operation: id(operation),
            corrects: PostingSource::Operation(id(corrects)),
            currency: Currency::Eur,
            parts: vec![part(much)],
        }),
        ["refund", operation, much] => FundsCommand::Refund(payout(operation, much)),
        ["send", operation, to, much] => {
            FundsCommand::TransferOut { to: (*to).to_owned(), payout: payout(operation, much) }
        }
        ["receive", operation, from, much] => {
            FundsCommand::TransferIn { from: (*from).to_owned(), payout: payout(operation, much) }
        }
        _ => panic!("{words:?} is no command"),
    }
}

fn terms(words: &[&str]) -> Option<BalanceTerms> {
    (!words.is_empty()).then(|| {
        let set = |name| option(words, name).map(str::to_owned).into_iter().collect::<BTreeSet<String>>();
        let point =
            option(words, "point=").map(|point| MeteringPointId::new(point.parse().unwrap()).unwrap());
        let from = option(words, "from=").map_or(Instant::MIN, time_of);
        let until = option(words, "until=").map_or(Instant::MAX, time_of);
        BalanceTerms {
            priority: option(words, "prio=").map_or(0, |priority| priority.parse().unwrap()),
            scope: Scope {
                metering_points: point.into_iter().collect(),
                dimensions: set("dimension="),
                products: set("product="),
            },
            validity: Period::new(from, until).unwrap(),
            origin: if words.contains(&"given") { Origin::Granted } else { Origin::Purchased },
        }
    })
}

fn ask(much: &str, unit: &str, words: &[&str]) -> Ask {
    let point = option(words, "point=").map(|point| MeteringPointId::new(point.parse().unwrap()).unwrap());
    let text = |name| option(words, name).unwrap_or_default().to_owned();
    let (dimension, product) = (text("dimension="), text("product="));
    let usage = Usage { metering_point: point, dimension, product, ..Usage::default() };
    Ask { member: option(words, "by=").map(str::to_owned), usage, asked: asked(much, unit) }
}

fn asked(much: &str, unit: &str) -> Asked {
    match Unit::from_symbol(unit) {
        Some(unit) => Asked::Quantity(Quantity::parse(much).unwrap(), unit),
        None => Asked::Amount(amount(much), Currency::from_code(unit).unwrap()),
    }
}

fn used(much: &str, unit: &str) -> Used {
    match Unit::from_symbol(unit) {
        Some(unit) => Used::Quantity(Quantity::parse(much).unwrap(), unit),
        None => Used::Charged(Currency::from_code(unit).unwrap(), vec![part(much)]),
    }
}

fn part(much: &str) -> ChargedPart {
    ChargedPart {
        revenue_role: "energy".to_owned(),
        tax_class: TaxClass::outside(),
        rate: VatRate::default(),
        net: amount(much),
        tax: amount("0"),
    }
}

fn payout(operation: &str, much: &str) -> Payout {
    Payout { operation: id(operation), currency: Currency::Eur, amount: amount(much) }
}

fn option<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(name))
}

fn time_of(text: &str) -> Instant {
    Instant::parse(text).unwrap_or_else(|| panic!("{text} is no instant"))
}

/// `1=9.5 EUR held 2, 2=5 kWh`.
fn balances(world: &World) -> String {
    let balances = world.funds.balances.iter().map(|(number, balance)| {
        let held = match balance.reserved {
            reserved if reserved == amount("0") => String::new(),
            reserved => format!(" held {reserved}"),
        };
        format!("{number}={} {}{held}", balance.amount, balance.asset)
    });
    balances.collect::<Vec<_>>().join(", ")
}

fn parts(parts: &[Part]) -> String {
    let parts = parts.iter().map(|part| format!("{}={} {}", part.balance, part.amount, part.asset));
    parts.collect::<Vec<_>>().join(", ")
}

fn text(reply: &FundsReply) -> String {
    match reply {
        FundsReply::Done => "ok".to_owned(),
        FundsReply::ToppedUp(balance) => format!("on {balance}"),
        FundsReply::Granted(grant) => {
            let granted = match grant.granted {
                Asked::Quantity(quantity, unit) => format!("{quantity} {unit}"),
                Asked::Amount(amount, currency) => format!("{amount} {currency}"),
            };
            format!("{granted}: {}{}", parts(&grant.parts), shortage(grant.shortage.as_ref()))
        }
        FundsReply::Taken(taken) => {
            let late = if taken.is_late { "late " } else { "" };
            let beyond = match taken.beyond_hold {
                beyond if beyond == amount("0") => String::new(),
                beyond => format!(" beyond {beyond}"),
            };
            let parts = if taken.parts.is_empty() { "nothing".to_owned() } else { parts(&taken.parts) };
            format!("{late}{parts}{beyond}{}", shortage(taken.shortage.as_ref()))
        }
        FundsReply::Released(held) => format!("returned {}", parts(held)),
        FundsReply::State(_) => "state".to_owned(),
        FundsReply::Refused(refused) => format!("refused {}", refusal(refused)),
    }
}

fn shortage(shortage: Option<&Shortage>) -> String {
    match shortage {
        None => String::new(),
        Some(Shortage::Funds) => ", no more funds".to_owned(),
        Some(Shortage::Limit(key)) => format!(", limit of {}", limit(key)),
    }
}

fn limit(key: &LimitKey) -> String {
    let window = match key.window {
        LimitWindow::Day => "day",
        LimitWindow::Month => "month",
        LimitWindow::Ever => "ever",
    };
    key.member.as_ref().map_or(window.to_owned(), |member| format!("{window} {member}"))
}

fn refusal(refused: &FundsRefused) -> String {
    match refused {
        FundsRefused::IdReused { field } => format!("IdReused {field}"),
        FundsRefused::LimitReached(key) => format!("LimitReached {}", limit(key)),
        FundsRefused::CommitAboveHold { missing } => format!("CommitAboveHold {missing}"),
        refused => format!("{refused:?}"),
    }
}

/// What is told beside the answer, in order.
fn told(events: &[FundsEvent]) -> String {
    let told = events.iter().filter_map(|event| match event {
        FundsEvent::Crossed { level, side, .. } => {
            Some(format!("{} {level}", if *side == Side::Below { "below" } else { "above" }))
        }
        FundsEvent::OverUsed(over) => Some(format!("over-use {} {}", over.beyond_hold, over.beyond_limit)),
        FundsEvent::ReservationGone(id, Resolution::Expired) => Some(format!("{id} expired")),
        FundsEvent::Booked(set) if set.reason() == PostingReason::Expired => {
            Some(format!("expired {} {}", set.amount(&LedgerRole::Expired).checked_neg()?, set.asset()))
        }
        _ => None,
    });
    told.map(|event| format!(" | {event}")).collect()
}
