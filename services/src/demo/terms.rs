//! What is fixed in the demo: its month, its participants, its instants. The month's prices but spot are invented.

use domain::day::{Day, DayRule, Month};
use domain::document::{DocumentHeader, DocumentKind, Participant};
use domain::instant::Instant;
use domain::zone::Zone;

/// The grid area, invented.
pub(super) const GRID_AREA: &str = "990";
/// The supplier: the demo's tenant.
pub(super) const SUPPLIER: &str = "8716990000013";
/// The grid company.
pub(super) const GRID_COMPANY: &str = "8716990000020";
/// Who levies the tax on electricity.
pub(super) const TAX_OFFICE: &str = "8716990000037";
/// Through whom documents go.
pub(super) const HUB: &str = "8716990000044";

/// A day of the demo.
pub(super) fn day(year: i16, month: i8, of_month: i8) -> Day {
    Day::new(year, month, of_month).unwrap_or_else(|| unreachable!("the demo names days that exist"))
}

/// The month that is billed.
pub(super) fn october() -> Month {
    day(2024, 10, 1).month()
}

/// The rule of civil days in the Netherlands.
pub(super) fn rule() -> DayRule {
    let zone = Zone::named("Europe/Amsterdam");
    DayRule::civil(zone.unwrap_or_else(|| unreachable!("the table of zones is part of the program")))
}

/// An instant of the demo, in UTC.
pub(super) fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap_or_else(|| unreachable!("the demo names instants that exist"))
}

/// The head of a document.
pub(super) fn header(id: &str, kind: DocumentKind, process: &str, created: Instant) -> DocumentHeader {
    let participant = |id: &str, role: &str| Participant { id: id.to_owned(), role: Some(role.to_owned()) };
    let (sender, receiver) = match kind {
        DocumentKind::MeasuredData => (participant(HUB, "MDR"), participant(SUPPLIER, "DDQ")),
        _ => (participant(GRID_COMPANY, "DDM"), participant(HUB, "DDZ")),
    };
    DocumentHeader {
        id: id.to_owned(),
        kind,
        process: process.to_owned(),
        business_sector: Some("23".to_owned()),
        sender,
        receiver,
        created,
    }
}
