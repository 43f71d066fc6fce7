//! The stored form of a catalogue: the root holds settings and tax rates, which are a row as well, so that others can
//! read them; products, price sheets, agreements on shares, charges and prices are rows.

use domain::entity::catalog::{Catalog, Command, Event, Rejection, Reply, State};
use domain::entity::{Facts, Message, Moment, Need};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::listing::{self, Listing};
use super::{etag, row};

impl Binding for Catalog {
    type StoredCommand = stored::CatalogCommand;
    type StoredState = stored::CatalogState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        None
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::CatalogReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    /// The etag of the settings, or of the latest version of the product.
    fn etag(state: &State, command: &Command, facts: &Facts) -> Option<String> {
        match command {
            Command::PutSettings(_) => {
                state.settings.as_ref().map(|settings| etag(&proto::catalog::TenantSettings::from(settings)))
            }
            Command::PutProduct(product) => {
                let latest = facts.products.get(&product.id)?.last()?;
                Some(etag(&proto::catalog::Product::from(&latest.fact)))
            }
            _ => None,
        }
    }

    fn write(event: &Event, state: &State, moment: &Moment, writes: &mut Writes) {
        match event {
            Event::SettingsSet(_) | Event::TaxRatesAdded(_) => {
                let stored = stored::CatalogState::from(state);
                writes.root(&stored);
                writes.row(row::tenant(moment.now.millis(), writes.sequence), &stored);
            }
            Event::ProductAdded(product) => {
                let (id, version) = (&product.fact.id, product.fact.version);
                writes.row(row::product(id, version), &stored::RegisteredProduct::from(product));
                writes.list(Listing::Products, listing::by_text(id), id.clone());
            }
            Event::PriceSheetAdded { id, version, sheet } => {
                let stored = stored::RegisteredPriceSheet::from(sheet.as_ref());
                writes.row(row::price_sheet(id, *version), &stored);
                writes.list(Listing::PriceSheets, listing::by_text(id), id.clone());
            }
            Event::ShareAgreementAdded(agreement) => {
                let (id, version) = (&agreement.fact.id, agreement.fact.version);
                let stored = stored::RegisteredShareAgreement::from(agreement.as_ref());
                writes.row(row::share_agreement(id, version), &stored);
                writes.list(Listing::ShareAgreements, listing::by_text(id), id.clone());
            }
            Event::ChargeAdded(charge) => {
                let key = &charge.fact.key;
                let at = row::charge(key, moment.now.millis(), writes.sequence);
                writes.row(at, &stored::RegisteredCharge::from(charge));
                let entry = proto::catalog::ChargeKey::from(key).encode_to_vec();
                writes.list(Listing::Charges, listing::by_charge(key), entry);
            }
            Event::PricesAdded(month) => {
                let key = row::price_month(&month.series, month.month, month.version);
                writes.row(key, &proto::catalog::PriceMonth::from(month));
            }
        }
    }

    fn owns(_: &Need) -> bool {
        true
    }
}
