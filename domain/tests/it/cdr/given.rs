//! Records as tests give them.

use domain::cdr::{Cdr, CdrKey, EvseId, Party};
use domain::entity::cdr_book::{PartyTerms, WhosePrice};
use domain::instant::Instant;
use domain::money::Currency;
use domain::price::Price;
use domain::quantity::Quantity;
use domain::session::{ChargingPeriod, Session, Stated};
use domain::token::Token;

pub(crate) fn party() -> Party {
    Party::parse("NL*TNM").unwrap()
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub(crate) fn kwh(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

/// A session of an hour with 10 kWh, at 12:00 on 1 October 2024, for 5.00.
pub(crate) fn cdr(id: &str) -> Cdr {
    let start = at("2024-10-01T12:00:00Z");
    let session = Session {
        id: id.to_owned(),
        currency: Currency::Eur,
        start,
        end: at("2024-10-01T13:00:00Z"),
        periods: vec![ChargingPeriod { energy_kwh: Some(kwh("10")), ..ChargingPeriod::from(start) }],
        is_credit: false,
        stated: Stated {
            excluding_vat: Some(Price::parse("5").unwrap()),
            energy_kwh: Some(kwh("10")),
            ..Stated::default()
        },
    };
    let mut content = [0; 32];
    content.iter_mut().zip(id.bytes()).for_each(|(target, source)| *target = source);
    Cdr {
        key: CdrKey::new(party(), id).unwrap(),
        session,
        evse: EvseId::new("NL*TNM*E1").unwrap(),
        connector: "1".to_owned(),
        location: "L1".to_owned(),
        token: Token::new("rfid", "04A22B3C").unwrap(),
        contract_id: "NL-TNM-C12345678-X".to_owned(),
        session_id: String::new(),
        registers: None,
        credit_of: None,
        is_home: false,
        sheet: None,
        content,
    }
}

/// The credit of a record.
pub(crate) fn credit(id: &str, of: &Cdr) -> Cdr {
    let mut credit = Cdr { key: CdrKey::new(of.key.party(), id).unwrap(), ..of.clone() };
    credit.credit_of = Some(of.key.id().to_owned());
    credit.session.is_credit = true;
    credit.session.stated.excluding_vat =
        of.session.stated.excluding_vat.map(|cost| Price::from_raw(-cost.raw()));
    credit.content = cdr(id).content;
    credit
}

/// The same session, costing so much.
pub(crate) fn costing(mut cdr: Cdr, cost: &str) -> Cdr {
    cdr.session.stated.excluding_vat = Some(Price::parse(cost).unwrap());
    cdr
}

/// A partner that is owed what it states.
pub(crate) fn terms() -> PartyTerms {
    PartyTerms {
        is_own: false,
        account: Some("tnm".to_owned()),
        is_settled_elsewhere: false,
        currency: Currency::Eur,
        zone: None,
        price: WhosePrice::Theirs,
        sheet: None,
        tolerance_minor: 0,
        most_days_late: None,
        agreement: None,
        rules: [].into(),
    }
}
