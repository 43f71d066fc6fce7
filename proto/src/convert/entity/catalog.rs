//! The catalogue: its commands, answers, state and rows.

use domain::charge::Charge;
use domain::entity::Registered;
use domain::entity::catalog::{Command, IndexPrices, Reply, State, TenantSettings};
use domain::price_sheet::PriceSheet;
use domain::product::Product;
use domain::share::ShareAgreement;
use domain::tax::TaxRate;

use crate::convert::{FieldError, field, number, time};
use crate::store::catalog_command::Command as CommandWire;
use crate::store::catalog_reply::Reply as ReplyWire;
use crate::{store, types};

impl From<&Command> for store::CatalogCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::PutSettings(settings) => CommandWire::PutSettings(settings.as_ref().into()),
            Command::PutProduct(product) => CommandWire::PutProduct(product.into()),
            Command::PutTaxRates(rates) => {
                CommandWire::PutTaxRates(store::TaxRates { tax_rates: field::messages(rates) })
            }
            Command::PutPrices(prices) => CommandWire::PutPrices(prices.into()),
            Command::Get => CommandWire::Get(()),
            Command::GetProduct(id) => CommandWire::GetProduct(id.clone()),
            Command::GetCharge(key) => CommandWire::GetCharge(key.into()),
            Command::ListPrices { series, span } => CommandWire::ListPrices(store::ListPrices {
                series: Some(series.into()),
                span: Some(span.into()),
            }),
            Command::Message(message) => CommandWire::Message(message.into()),
            Command::PutPriceSheet { id, sheet } => CommandWire::PutPriceSheet(store::PutPriceSheet {
                price_sheet_id: id.clone(),
                price_sheet: Some(sheet.as_ref().into()),
            }),
            Command::GetPriceSheet(id) => CommandWire::GetPriceSheet(id.clone()),
            Command::PutShareAgreement(agreement) => {
                CommandWire::PutShareAgreement(agreement.as_ref().into())
            }
            Command::GetShareAgreement(id) => CommandWire::GetShareAgreement(id.clone()),
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::CatalogCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::CatalogCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::PutSettings(settings) => {
                let settings: TenantSettings = field::required("put_settings", Some(settings))?;
                Self::PutSettings(Box::new(settings))
            }
            CommandWire::PutProduct(product) => {
                Self::PutProduct(field::required("put_product", Some(product))?)
            }
            CommandWire::PutTaxRates(rates) => {
                Self::PutTaxRates(field::each("put_tax_rates.tax_rates", rates.tax_rates)?)
            }
            CommandWire::PutPrices(prices) => Self::PutPrices(field::required("put_prices", Some(prices))?),
            CommandWire::Get(()) => Self::Get,
            CommandWire::GetProduct(id) => Self::GetProduct(id),
            CommandWire::GetCharge(key) => Self::GetCharge(field::required("get_charge", Some(key))?),
            CommandWire::ListPrices(list) => Self::ListPrices {
                series: field::required("list_prices.series", list.series)?,
                span: field::required("list_prices.span", list.span)?,
            },
            CommandWire::Message(message) => Self::Message(field::required("message", Some(message))?),
            CommandWire::PutPriceSheet(put) => {
                let sheet: PriceSheet = field::required("put_price_sheet.price_sheet", put.price_sheet)?;
                Self::PutPriceSheet { id: put.price_sheet_id, sheet: Box::new(sheet) }
            }
            CommandWire::GetPriceSheet(id) => Self::GetPriceSheet(id),
            CommandWire::PutShareAgreement(agreement) => {
                let agreement: ShareAgreement = field::required("put_share_agreement", Some(agreement))?;
                Self::PutShareAgreement(Box::new(agreement))
            }
            CommandWire::GetShareAgreement(id) => Self::GetShareAgreement(id),
        })
    }
}

impl From<&IndexPrices> for store::IndexPrices {
    fn from(prices: &IndexPrices) -> Self {
        Self {
            index: prices.index.clone(),
            unit: field::number::<types::Unit, _>(prices.unit),
            currency_code: prices.currency.code().to_owned(),
            created_time: Some(time::timestamp(prices.created)),
            source: prices.source.clone(),
            column: Some((&prices.column).into()),
        }
    }
}

impl TryFrom<store::IndexPrices> for IndexPrices {
    type Error = FieldError;

    fn try_from(prices: store::IndexPrices) -> Result<Self, FieldError> {
        Ok(Self {
            index: prices.index,
            unit: field::known::<types::Unit, _>("unit", prices.unit)?,
            currency: number::currency("currency_code", &prices.currency_code)?,
            created: time::required_instant("created_time", prices.created_time)?,
            source: prices.source,
            column: field::required("column", prices.column)?,
        })
    }
}

impl From<&Reply> for store::CatalogReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Done => ReplyWire::Done(()),
            Reply::ProductVersion(version) => ReplyWire::ProductVersion(*version),
            Reply::PriceMonths(count) => ReplyWire::PriceMonths(*count),
            Reply::State(state) => ReplyWire::State(state.as_ref().into()),
            Reply::Products(products) => {
                ReplyWire::Products(store::RegisteredProducts { products: field::messages(products) })
            }
            Reply::Charges(charges) => {
                ReplyWire::Charges(store::RegisteredCharges { charges: field::messages(charges) })
            }
            Reply::Prices(months) => {
                ReplyWire::Prices(store::PriceMonths { price_months: field::messages(months) })
            }
            Reply::PriceSheetVersion(version) => ReplyWire::PriceSheetVersion(*version),
            Reply::ShareAgreementVersion(version) => ReplyWire::ShareAgreementVersion(*version),
            Reply::PriceSheets(sheets) => {
                let price_sheets = field::messages(sheets);
                ReplyWire::PriceSheets(store::RegisteredPriceSheets { price_sheets })
            }
            Reply::ShareAgreements(agreements) => {
                let share_agreements = field::messages(agreements);
                ReplyWire::ShareAgreements(store::RegisteredShareAgreements { share_agreements })
            }
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::CatalogReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::CatalogReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::ProductVersion(version) => Self::ProductVersion(version),
            ReplyWire::PriceMonths(count) => Self::PriceMonths(count),
            ReplyWire::State(state) => Self::State(Box::new(field::required("state", Some(state))?)),
            ReplyWire::Products(versions) => {
                Self::Products(field::each("products.products", versions.products)?)
            }
            ReplyWire::Charges(known) => Self::Charges(field::each("charges.charges", known.charges)?),
            ReplyWire::Prices(months) => {
                Self::Prices(field::each("prices.price_months", months.price_months)?)
            }
            ReplyWire::PriceSheetVersion(version) => Self::PriceSheetVersion(version),
            ReplyWire::ShareAgreementVersion(version) => Self::ShareAgreementVersion(version),
            ReplyWire::PriceSheets(sheets) => {
                Self::PriceSheets(field::each("price_sheets.price_sheets", sheets.price_sheets)?)
            }
            ReplyWire::ShareAgreements(agreements) => Self::ShareAgreements(field::each(
                "share_agreements.share_agreements",
                agreements.share_agreements,
            )?),
        })
    }
}

impl From<&State> for store::CatalogState {
    fn from(state: &State) -> Self {
        Self { settings: state.settings.as_ref().map(Into::into), tax_rates: field::messages(&state.taxes) }
    }
}

impl TryFrom<store::CatalogState> for State {
    type Error = FieldError;

    fn try_from(state: store::CatalogState) -> Result<Self, FieldError> {
        Ok(Self {
            settings: field::optional("settings", state.settings)?,
            taxes: field::each("tax_rates", state.tax_rates)?,
        })
    }
}

/// Both ways between a fact with its registration time and its message.
macro_rules! registered {
    ($fact:ty, $message:ty, $field:ident) => {
        impl From<&Registered<$fact>> for $message {
            fn from(registered: &Registered<$fact>) -> Self {
                Self {
                    registered_time: Some(time::timestamp(registered.at)),
                    $field: Some((&registered.fact).into()),
                }
            }
        }

        impl TryFrom<$message> for Registered<$fact> {
            type Error = FieldError;

            fn try_from(registered: $message) -> Result<Self, FieldError> {
                Ok(Self {
                    at: time::required_instant("registered_time", registered.registered_time)?,
                    fact: field::required(stringify!($field), registered.$field)?,
                })
            }
        }
    };
}

registered!(TaxRate, store::RegisteredTaxRate, tax_rate);
registered!(Product, store::RegisteredProduct, product);
registered!(Charge, store::RegisteredCharge, charge);
registered!(PriceSheet, store::RegisteredPriceSheet, price_sheet);
registered!(ShareAgreement, store::RegisteredShareAgreement, share_agreement);
