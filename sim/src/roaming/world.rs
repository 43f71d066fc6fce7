//! What the network is told before its first record: who sells, buys and shares, and at what price.

use std::collections::BTreeMap;

use actors::shell::Tenant;
use domain::address::Address;
use domain::cdr::{EvseId, EvseSite, Party};
use domain::charging_contract::{ChargingContract, ChargingContractCommand, Covers};
use domain::day::Day;
use domain::day_span::DaySpan;
use domain::entity::Recipient;
use domain::entity::account::{self, AccountDetails};
use domain::entity::catalog::{self, TenantSettings};
use domain::entity::cdr_book::{self, PartyTerms, WhosePrice};
use domain::entity::evse::{self, EvseDetails};
use domain::instant::Instant;
use domain::instant::Period;
use domain::leg::LegKind;
use domain::money::Currency;
use domain::price::Price;
use domain::price_sheet::{Dimension, Element, Limit, PriceComponent, PriceSheet};
use domain::quantity::Quantity;
use domain::share::{MonthTerms, SessionTerms, ShareAgreement, ShareBase, ShareRule};
use domain::tax::{TaxClass, TaxRate, VatRate};
use domain::zone::Zone;
use prost::Message as _;
use proto::store as stored;

/// Everybody: who pays, who sold, who shares.
pub(super) const ACCOUNTS: [&str; 5] = ["anna", "bert", "carl", "operator", "owner"];
/// Those who pay.
pub(super) const PAYERS: [&str; 3] = ["anna", "bert", "carl"];
/// The charging points.
pub(super) const EVSES: [&str; 3] = ["NL*SIM*E1", "NL*SIM*E2", "NL*SIM*E3"];
/// The sheet of all contracts.
const SHEET: &str = "public";
/// The agreement of all charging points.
const AGREEMENT: &str = "site";

/// A command and whom it is for.
pub(super) type Told = (Recipient, Vec<u8>);

/// The tenant.
pub(super) fn tenant() -> Result<Tenant, String> {
    Tenant::parse("example").map_err(|error| error.to_string())
}

/// Whose records come.
pub(super) fn party() -> Option<Party> {
    Party::new("NL", "SIM")
}

/// Everything that is told first; any client may, and more than once.
pub(super) fn set_up() -> Option<Vec<Told>> {
    let mut told = Vec::new();
    let catalog = |command: catalog::Command| {
        (Recipient::Catalog, stored::CatalogCommand::from(&command).encode_to_vec())
    };
    let from = Day::new(2020, 1, 1)?;
    let rate = TaxRate { class: TaxClass::new("standard"), valid_from: from, rate: VatRate::new(2_100)? };
    told.push(catalog(catalog::Command::PutSettings(Box::new(settings()?))));
    told.push(catalog(catalog::Command::PutTaxRates(vec![rate])));
    told.push(catalog(catalog::Command::PutPriceSheet { id: SHEET.to_owned(), sheet: Box::new(sheet()?) }));
    told.push(catalog(catalog::Command::PutShareAgreement(Box::new(agreement(from)?))));
    for id in ACCOUNTS {
        told.push(account(id, &account::Command::Open(details(id))));
    }
    for id in PAYERS {
        let covers = Covers::Party(Party::new("NL", "EMS")?);
        let contract =
            ChargingContract { covers, ..ChargingContract::new("card", DaySpan::since(from)?, SHEET) };
        let set = ChargingContractCommand::Set(Box::new(contract));
        told.push(account(id, &account::Command::Charging(set)));
    }
    for id in EVSES {
        let id = EvseId::new(id)?;
        let site = EvseSite { location: "L1".to_owned(), zone: None, agreement: Some(AGREEMENT.to_owned()) };
        let details = EvseDetails { site, is_own: false, ..EvseDetails::default() };
        let describe = evse::Command::Describe(details);
        told.push((Recipient::Evse(id), stored::EvseCommand::from(&describe).encode_to_vec()));
    }
    let terms = cdr_book::Command::SetTerms(Box::new(terms()));
    told.push((Recipient::CdrBook(party()?), stored::CdrBookCommand::from(&terms).encode_to_vec()));
    Some(told)
}

fn account(id: &str, command: &account::Command) -> Told {
    (Recipient::Account(id.to_owned()), stored::AccountCommand::from(command).encode_to_vec())
}

fn details(id: &str) -> AccountDetails {
    AccountDetails { id: id.to_owned(), name: id.to_owned(), ..AccountDetails::default() }
}

fn settings() -> Option<TenantSettings> {
    Some(TenantSettings {
        seller_name: "Example Energy".to_owned(),
        address: Address::default(),
        vat_id: String::new(),
        iban: String::new(),
        contact: String::new(),
        currency: Currency::Eur,
        zone: Zone::named("Europe/Amsterdam")?,
        payment_days: 14,
        invoice_prefix: "2024-".to_owned(),
        refuses_check_digits: false,
    })
}

/// 0.39 a session and 0.437 a kWh.
fn sheet() -> Option<PriceSheet> {
    let component = |dimension, price: &str| {
        let price = Price::parse(price).ok()?;
        Some(PriceComponent { dimension, price, vat: None, step_size: 0 })
    };
    let components = vec![component(Dimension::Flat, "0.39")?, component(Dimension::Energy, "0.437")?];
    Some(PriceSheet {
        id: SHEET.to_owned(),
        currency: Currency::Eur,
        valid: Period::new(Instant::MIN, Instant::MAX)?,
        least: Limit::default(),
        most: Limit::default(),
        includes_vat: false,
        elements: vec![Element { components, ..Element::default() }],
    })
}

/// A seventh of the margin to the owner of the site.
fn agreement(from: Day) -> Option<ShareAgreement> {
    let rate = Price::parse("0.142857").ok()?;
    let session = SessionTerms { base: ShareBase::Margin, rate, ..SessionTerms::default() };
    let rule = ShareRule {
        recipient: "owner".to_owned(),
        kind: LegKind::Share("site_owner".to_owned()),
        session,
        month: MonthTerms::default(),
        rounding: None,
    };
    Some(ShareAgreement {
        id: AGREEMENT.to_owned(),
        version: 1,
        name: AGREEMENT.to_owned(),
        currency: Currency::Eur,
        span: DaySpan::since(from)?,
        rules: vec![rule],
    })
}

fn terms() -> PartyTerms {
    PartyTerms {
        is_own: false,
        account: Some("operator".to_owned()),
        is_settled_elsewhere: false,
        currency: Currency::Eur,
        zone: None,
        price: WhosePrice::Theirs,
        sheet: None,
        tolerance_minor: 0,
        most_days_late: None,
        agreement: None,
        rules: BTreeMap::new(),
    }
}

/// So many tenths of a kWh.
pub(super) fn energy(tenths: i64) -> Quantity {
    Quantity::from_micros(tenths.saturating_mul(100_000))
}
