//! How numbers, dates and names read on the page.

use std::fmt;

use domain::address::Address;
use domain::day::{Day, Month};
use domain::day_span::DaySpan;
use domain::fixed::Rounding;
use domain::money::{Currency, Money};
use domain::price::Price;
use domain::quantity::{Quantity, Unit};
use domain::tax::{TaxClass, VatRate};

/// A minus that is as wide as a digit.
const MINUS: &str = "\u{2212}";
/// A space at which no line is broken.
const SPACE: &str = "\u{a0}";

/// Text with the characters that mean something in markup written as references.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // Control characters are no text in any form of markup.
                control if control.is_control() => f.write_str(" ")?,
                character => write!(f, "{character}")?,
            }
        }
        Ok(())
    }
}

/// `€ 1,234.50`, `−€ 3.00`, `DKK 12.00`.
pub(super) fn money(money: Money) -> String {
    signed(&money.to_text(), |digits| format!("{}{SPACE}{digits}", symbol(money.currency())))
}

/// `€ 0.108800`: at least two decimals, and as many as it has.
pub(super) fn price(price: Price, least_decimals: u32, currency: Currency) -> String {
    let text = price.to_text(least_decimals.max(currency.decimals()));
    signed(&text, |digits| format!("{}{SPACE}{digits}", symbol(currency)))
}

/// `412.345 kWh`, `31 days`: at most three decimals.
pub(super) fn quantity(quantity: Quantity, unit: Unit) -> String {
    let rounded = quantity.rounded(3, Rounding::HalfAwayFromZero).unwrap_or(quantity);
    let is_one = rounded == Quantity::ONE;
    let name = match unit {
        Unit::Day if is_one => "day",
        Unit::Day => "days",
        Unit::Piece => "×",
        Unit::CubicMetre => "m³",
        unit => unit.symbol(),
    };
    let least_decimals = if matches!(unit, Unit::Day | Unit::Piece) { 0 } else { 3 };
    signed(&rounded.to_text(least_decimals), |digits| format!("{digits}{SPACE}{name}"))
}

/// `1,900`.
pub(super) fn count(count: u32) -> String {
    signed(&count.to_string(), str::to_owned)
}

/// What a class of tax is called: `Standard`, `Not subject to VAT`.
pub(super) fn tax_class(class: &TaxClass) -> String {
    if class.name() == TaxClass::OUTSIDE {
        return "Not subject to VAT".to_owned();
    }
    let mut letters = class.name().chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    Escaped(&format!("{first}{}", letters.as_str())).to_string()
}

/// The rate of a line; a dash where no tax is due on its class.
pub(super) fn rate(class: &TaxClass, rate: VatRate) -> String {
    if class.name() == TaxClass::OUTSIDE {
        "–".to_owned()
    } else {
        format!("{}{SPACE}%", rate.percent_text())
    }
}

/// What a price is stated per: `kWh`, `day`.
pub(super) fn per(unit: Unit) -> &'static str {
    match unit {
        Unit::Piece => "piece",
        Unit::CubicMetre => "m³",
        unit => unit.symbol(),
    }
}

/// `5 %` of a factor of 0.05.
pub(super) fn percent(factor: Price) -> String {
    let hundredfold = domain::fixed::format(i128::from(factor.raw()), Price::SCALE.saturating_sub(2), 0);
    format!("{hundredfold}{SPACE}%")
}

/// `4 November 2024`.
pub(super) fn long_day(day: Day) -> String {
    format!("{} {} {}", day.of_month(), month_name(day.month()), day.month().year())
}

/// `4 Nov 2024`.
pub(super) fn short_day(day: Day) -> String {
    format!("{}{SPACE}{}{SPACE}{}", day.of_month(), short_month(day.month()), day.month().year())
}

/// `October 2024`.
pub(super) fn month(month: Month) -> String {
    format!("{} {}", month_name(month), month.year())
}

/// `1 – 31 Oct 2024`, `28 Sep – 3 Oct 2024`, `1 Oct 2024`.
pub(super) fn days(span: DaySpan) -> String {
    let (first, last) = (span.first(), span.end().previous());
    if first == last {
        return short_day(first);
    }
    let of = |day: Day| (day.month() != last.month()).then(|| format!("{SPACE}{}", short_month(day.month())));
    let year =
        (first.month().year() != last.month().year()).then(|| format!("{SPACE}{}", first.month().year()));
    let first = format!("{}{}{}", first.of_month(), of(first).unwrap_or_default(), year.unwrap_or_default());
    format!("{first} – {}", short_day(last))
}

/// The lines of an address, escaped; empty ones are left out.
pub(super) fn address_lines(address: &Address) -> Vec<String> {
    let town = format!("{} {}", address.postal_code, address.city);
    let lines = [address.street.as_str(), town.trim(), address.country.as_str()];
    lines.into_iter().filter(|line| !line.is_empty()).map(|line| Escaped(line).to_string()).collect()
}

/// An IBAN in groups of four.
pub(super) fn iban(text: &str) -> String {
    let letters: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Escaped(&groups.join(SPACE)).to_string()
}

/// Decimal text with thousands set apart and its sign before whatever `place` puts around the digits.
fn signed(text: &str, place: impl Fn(&str) -> String) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| (MINUS, digits));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len().saturating_sub(index);
        if index > 0 && left.is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{}", place(&format!("{grouped}{fraction}")))
}

fn symbol(currency: Currency) -> &'static str {
    match currency {
        Currency::Eur => "€",
        Currency::Gbp => "£",
        Currency::Usd => "$",
        currency => currency.code(),
    }
}

fn month_name(month: Month) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let index = usize::try_from(month.of_year()).unwrap_or_default().saturating_sub(1);
    NAMES.get(index).copied().unwrap_or_default()
}

fn short_month(month: Month) -> &'static str {
    let name = month_name(month);
    name.get(..3).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(first: &str, end: &str) -> DaySpan {
        DaySpan::new(Day::parse(first).unwrap(), Day::parse(end).unwrap()).unwrap()
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        let euro = |text| money(Money::parse(text, Currency::Eur).unwrap()).replace(SPACE, " ");
        assert_eq!(euro("1234567.5"), "€ 1,234,567.50");
        assert_eq!(euro("-3"), "−€ 3.00");
        assert_eq!(euro("999.99"), "€ 999.99");
        assert_eq!(money(Money::new(5, Currency::Jpy)).replace(SPACE, " "), "JPY 5");
        let many = |text, unit| quantity(Quantity::parse(text).unwrap(), unit).replace(SPACE, " ");
        assert_eq!(many("1234.5", Unit::KilowattHour), "1,234.500 kWh");
        assert_eq!(many("-0.0005", Unit::KilowattHour), "−0.001 kWh");
        assert_eq!(many("31", Unit::Day), "31 days");
        assert_eq!(many("1", Unit::Day), "1 day");
        assert_eq!(percent(Price::parse("0.0725").unwrap()).replace(SPACE, " "), "7.25 %");
        assert_eq!(price(Price::parse("0.1").unwrap(), 6, Currency::Eur).replace(SPACE, " "), "€ 0.100000");
    }

    #[test]
    fn days_read_as_people_write_them() {
        let read = |first, end| days(span(first, end)).replace(SPACE, " ");
        assert_eq!(read("2024-10-01", "2024-11-01"), "1 – 31 Oct 2024");
        assert_eq!(read("2024-10-27", "2024-10-28"), "27 Oct 2024");
        assert_eq!(read("2024-09-28", "2024-10-04"), "28 Sep – 3 Oct 2024");
        assert_eq!(read("2023-12-15", "2024-01-15"), "15 Dec 2023 – 14 Jan 2024");
        assert_eq!(long_day(Day::parse("2024-03-04").unwrap()), "4 March 2024");
    }

    #[test]
    fn text_can_not_become_markup() {
        let text = "<b onclick='x'>\"Café\" & Zn.</b>\u{7}";
        let expected = "&lt;b onclick=&#39;x&#39;&gt;&quot;Café&quot; &amp; Zn.&lt;/b&gt; ";
        assert_eq!(Escaped(text).to_string(), expected);
    }
}
