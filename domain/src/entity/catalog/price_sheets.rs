//! Price sheets in the catalogue: OCPI tariffs by which the tenant sells sessions, or buys them.

use super::{CatalogDecided, Event, MOST_PRICE_SHEET_VERSIONS, Rejection, Reply};
use crate::entity::{Decided, Facts, Moment, Registered};
use crate::instant::Instant;
use crate::price_sheet::PriceSheet;

/// Adds a version, unless the latest says the same.
pub(super) fn put(
    id: &str,
    sheet: &PriceSheet,
    facts: &Facts,
    moment: &Moment,
) -> Result<CatalogDecided, Rejection> {
    if sheet.elements.is_empty() {
        return Err(Rejection::EmptyPriceSheet);
    }
    let held = facts.price_sheets.get(id).map(Vec::as_slice).unwrap_or_default();
    let latest = held.last().map(|last| &last.fact);
    let version = u32::try_from(held.len()).unwrap_or(u32::MAX);
    if latest == Some(sheet) {
        return Ok(Decided::reply(Reply::PriceSheetVersion(version)));
    }
    if latest.is_some_and(|latest| latest.currency != sheet.currency) {
        return Err(Rejection::OtherCurrency);
    }
    if held.len() >= MOST_PRICE_SHEET_VERSIONS {
        return Err(Rejection::TooManyPriceSheetVersions);
    }
    let version = version.saturating_add(1);
    let sheet = Box::new(Registered { at: moment.now, fact: sheet.clone() });
    let event = Event::PriceSheetAdded { id: id.to_owned(), version, sheet };
    Ok(Decided::with(vec![event], Reply::PriceSheetVersion(version)))
}

/// All versions.
pub(super) fn get(id: &str, facts: &Facts) -> Result<CatalogDecided, Rejection> {
    let versions = facts.price_sheets.get(id).filter(|versions| !versions.is_empty());
    Ok(Decided::reply(Reply::PriceSheets(versions.ok_or(Rejection::NotFound)?.clone())))
}

impl Registered<PriceSheet> {
    /// The version that prices a session which starts then, with its number from 1: of those that are valid at the start,
    /// the last one that was registered by then, or else the first that was registered later. `versions` are in order of
    /// registration.
    #[must_use]
    pub fn at_start(versions: &[Self], start: Instant) -> Option<(u32, &Self)> {
        let valid = || (1..).zip(versions).filter(|(_, version)| version.fact.is_valid_at(start));
        valid().take_while(|(_, version)| version.at <= start).last().or_else(|| valid().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant::Period;
    use crate::money::Currency;
    use crate::price_sheet::{Element, Limit, Restrictions};

    fn sheet(id: usize) -> PriceSheet {
        let element = Element { components: Vec::new(), restrictions: Restrictions::default() };
        PriceSheet {
            id: id.to_string(),
            currency: Currency::Eur,
            valid: Period::ALWAYS,
            includes_vat: false,
            least: Limit::default(),
            most: Limit::default(),
            elements: vec![element],
        }
    }

    #[test]
    fn a_price_sheet_has_so_many_versions() {
        let moment = Moment { now: Instant::MIN, shard: 0, subject: String::new() };
        let mut facts = Facts::default();
        let version = |fact| Registered { at: Instant::MIN, fact };
        let held = (1..MOST_PRICE_SHEET_VERSIONS).map(|id| version(sheet(id))).collect();
        facts.price_sheets.insert("sheet".to_owned(), held);
        let next = sheet(MOST_PRICE_SHEET_VERSIONS);
        let decided = put("sheet", &next, &facts, &moment).unwrap();
        assert_eq!(decided.reply, Reply::PriceSheetVersion(1_000));
        facts.price_sheets.get_mut("sheet").unwrap().push(version(next.clone()));
        // What is said already is no version more.
        assert_eq!(put("sheet", &next, &facts, &moment).unwrap().reply, Reply::PriceSheetVersion(1_000));
        let refused = put("sheet", &sheet(0), &facts, &moment);
        assert_eq!(refused.err(), Some(Rejection::TooManyPriceSheetVersions));
    }
}
