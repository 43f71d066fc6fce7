//! What months give beside their sessions comes to the same, whatever months are stated and whenever it was agreed.

use domain::day::{Day, Month};
use domain::day_span::DaySpan;
use domain::entity::account::{Command, Rejection, Reply};
use domain::money::Currency;
use domain::price::Price;
use domain::share::{MonthComponent, MonthTerms, ShareAgreement};
use domain::statement::{
    PartnerCommand, PartnerRefused, PartnerReply, PartnerStatement, StatementFault, StatementSection,
};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::given::{Owner, agreement, day, leg};

/// The month so many after January 2026.
fn month(number: i32) -> Month {
    let (year, of_year) = (2026 + number.div_euclid(12), 1 + number.rem_euclid(12));
    Month::new(i16::try_from(year).unwrap(), i8::try_from(of_year).unwrap()).unwrap()
}

/// An agreement on nothing but months: fixed amount and guaranteed least in main units.
fn agreed(id: &str, (first, last): (Month, Option<Month>), (fixed, least): (i64, i64)) -> ShareAgreement {
    let price = |units: i64| Price::parse(&units.to_string()).unwrap();
    let (mut made, end) = (agreement(), last.map(|last| last.next().first_day()));
    made.id = id.to_owned();
    made.span = match end {
        Some(end) => DaySpan::new(first.first_day(), end).unwrap(),
        None => DaySpan::since(first.first_day()).unwrap(),
    };
    let month = MonthTerms { fixed: price(fixed), least: Some(price(least)), ..MonthTerms::default() };
    made.rules.iter_mut().for_each(|rule| rule.month = month.clone());
    made
}

/// Previews and issues the statement of a month.
fn issued(owner: &mut Owner, of: Month) -> Result<Option<PartnerStatement>, PartnerRefused> {
    let issued_on = of.next().first_day();
    let asked = owner.ask(Command::Partner(PartnerCommand::Preview { month: of, issued_on }));
    let (statement, hash) = match asked {
        Ok(Reply::Partner(PartnerReply::Preview(Some(previewed)))) => previewed,
        Ok(_) => return Ok(None),
        Err(Rejection::Partner(refused)) => return Err(refused),
        Err(_) => unreachable!("a partner refuses as one"),
    };
    owner.ask(Command::Partner(PartnerCommand::Issue { month: of, issued_on, hash })).unwrap();
    Ok(Some(*statement))
}

/// Month, section and amount of each line.
fn lines(statement: &PartnerStatement) -> Vec<(String, StatementSection, i64)> {
    let line = |line: &domain::statement::StatementLine| {
        assert_ne!(line.component, None);
        (line.month.to_string(), line.section, line.net.minor())
    };
    statement.lines.iter().map(line).collect()
}

#[test]
fn a_first_statement_makes_up_for_the_months_before_it() {
    use StatementSection::{Correction, Monthly};
    let mut owner = Owner::opened("", agreement());
    owner.agree(agreed("G", (month(8), None), (0, 50)));
    let statement = issued(&mut owner, month(10)).unwrap().unwrap();
    let line = |of: i32, section| (month(of).to_string(), section, 5_000);
    assert_eq!(lines(&statement), [line(10, Monthly), line(8, Correction), line(9, Correction)]);
    assert!(statement.lines.iter().all(|line| line.component == Some(MonthComponent::Least)));
    assert_eq!(statement.net.minor(), 15_000);
    assert_eq!(lines(&issued(&mut owner, month(11)).unwrap().unwrap()), [line(11, Monthly)]);
    owner.check_sums();
}

#[test]
fn an_agreement_that_comes_late_is_made_up_for() {
    for sessions in [None, Some(day(8, 5)), Some(day(9, 5)), Some(day(10, 5))] {
        let mut owner = Owner::opened("", agreement());
        owner.agree(agreed("A", (month(0), None), (0, 60)));
        if let Some(service) = sessions {
            owner.book(leg(0, service, 300));
        }
        issued(&mut owner, month(8)).unwrap().unwrap();
        owner.agree(agreed("G", (month(7), None), (30, 0)));
        let statement = issued(&mut owner, month(9)).unwrap().unwrap();
        let of_late: Vec<_> = statement.lines.iter().filter(|line| line.agreement == "G").collect();
        let months: Vec<_> = of_late.iter().map(|line| line.month).collect();
        assert_eq!(months, [month(9), month(7), month(8)], "{sessions:?}");
        assert!(of_late.iter().all(|line| line.net.minor() == 3_000));
    }
}

#[test]
fn so_many_months_back_are_made_up_for() {
    // The months since the agreement began that no statement had, and how many of them one has.
    for (since, expected) in [(0, 1), (1, 2), (36, 37), (37, 37), (120, 37)] {
        let mut owner = Owner::opened("", agreement());
        owner.agree(agreed("G", (month(130 - since), None), (1, 0)));
        let statement = issued(&mut owner, month(130)).unwrap().unwrap();
        assert_eq!(statement.net.minor(), expected * 100, "{since}");
    }
    // A pause after a statement loses nothing, up to what one statement may change.
    for (paused, expected) in [(1, Ok(1)), (36, Ok(36)), (300, Ok(300)), (301, Err(()))] {
        let mut owner = Owner::opened("", agreement());
        owner.agree(agreed("G", (month(0), None), (1, 0)));
        issued(&mut owner, month(0)).unwrap().unwrap();
        let stated = issued(&mut owner, month(paused));
        let too_many = PartnerRefused::Fault(StatementFault::TooManyMonths);
        let stated = stated.map_err(|refused| assert_eq!(refused, too_many));
        let expected = expected.map(|months: i64| months * 100);
        assert_eq!(stated.map(|one| one.unwrap().net.minor()), expected, "{paused}");
    }
}

#[test]
fn the_last_month_of_the_calendar_comes_to_an_end() {
    let mut owner = Owner::opened("", agreement());
    let last = Month::new(9_999, 12).unwrap();
    owner.agree(agreed("G", (month(0), Some(month(2))), (1, 0)));
    assert_eq!(issued(&mut owner, last), Ok(None));
    owner.agree(agreed("H", (month(0), None), (1, 0)));
    // No day of the calendar comes after that month: it has 36 months before it and is none itself.
    assert_eq!(issued(&mut owner, last).unwrap().unwrap().net.minor(), 3_600);
}

#[test]
fn terms_of_another_currency_are_nobodys() {
    let mut owner = Owner::opened("", agreement());
    let mut dollars = agreed("D", (month(8), None), (30, 50));
    dollars.currency = Currency::Usd;
    owner.agree(dollars.clone());
    assert_eq!(issued(&mut owner, month(10)), Ok(None));
    owner.agree(agreed("E", (month(10), None), (0, 40)));
    assert_eq!(issued(&mut owner, month(10)).unwrap().unwrap().net.minor(), 4_000);
    // What they gave all the same is taken back: November's 40.00; December has nothing.
    dollars.id = "E".to_owned();
    owner.agree(dollars);
    let statement = issued(&mut owner, month(11)).unwrap().unwrap();
    assert_eq!(lines(&statement), [(month(10).to_string(), StatementSection::Correction, -4_000)]);
    owner.check_sums();
}

/// First month, how many months (none: without end), fixed, least; and after how many statements it is agreed.
type Late = ((i32, Option<i32>, i64, i64), usize);

fn late() -> impl Strategy<Value = Late> {
    ((0..30_i32, proptest::option::of(1..20_i32), 0..90_i64, 0..90_i64), 0..6_usize)
}

proptest! {
    /// Statements of whatever months come to the months of every span, each with the larger of its two amounts.
    #[test]
    fn all_statements_sum_to_the_months_of_the_spans(
        agreements in vec(late(), 1..4),
        stated in btree_set(0..36_i32, 0..8),
    ) {
        let mut owner = Owner::opened("", agreement());
        let (mut sum, mut expected) = (0, 0);
        let all: Vec<i32> = stated.into_iter().chain([36]).collect();
        for (count, of) in all.iter().enumerate() {
            for (number, ((first, months, fixed, least), after)) in agreements.iter().enumerate() {
                let last = months.map(|months| first + months - 1);
                if (*after).min(all.len() - 1) == count {
                    let span = (month(*first), last.map(month));
                    owner.agree(agreed(&format!("G-{number}"), span, (*fixed, *least)));
                    let whole = i64::from(last.unwrap_or(36).min(36) - first + 1);
                    expected += whole * (*fixed).max(*least) * 100;
                }
            }
            let statement = issued(&mut owner, month(*of)).unwrap();
            sum += statement.map_or(0, |statement| statement.net.minor());
        }
        prop_assert_eq!(sum, expected);
        owner.check_sums();
    }
}

/// A month is whole, however few of its days the agreement holds.
#[test]
fn a_day_of_a_month_is_a_month() {
    let mut owner = Owner::opened("", agreement());
    let mut made = agreed("G", (month(0), None), (10, 0));
    let of = |month: i8, of_month: i8| Day::new(2026, month, of_month).unwrap();
    made.span = DaySpan::new(of(3, 31), of(5, 2)).unwrap();
    owner.agree(made);
    assert_eq!(issued(&mut owner, month(10)).unwrap().unwrap().net.minor(), 3_000);
}
