//! Master data to a node: every row a request of its own, all of them with the same effect once or twice.

use domain::contract::Contract;
use domain::day::{DayRule, Month};
use domain::entity::catalog::{IndexPrices, TenantSettings};
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::price::Price;
use domain::price_series::{PriceColumn, PriceMonth, SeriesId};
use proto::account::CreateAccountRequest;
use proto::catalog::{
    CreateProductRequest, GetTenantSettingsRequest, PutPricesRequest, PutTaxRatesRequest,
    PutTenantSettingsRequest,
};
use proto::metering::{CreateContractRequest, CreateMeteringPointRequest};
use proto::name;

use super::{cdrs, tokens};
use crate::cli::at_once;
use crate::cli::client::{Client, ask};
use crate::cli::failure::Failure;
use crate::cli::progress::Progress;
use crate::import::MasterData;

/// Sends what a file says and tells in words what became of it.
pub(super) async fn send(client: &Client, data: &MasterData, progress: &Progress) -> Result<String, Failure> {
    let count = data.len();
    match data {
        MasterData::Settings(settings) => {
            put_settings(client, settings).await?;
            return Ok("settings taken".to_owned());
        }
        MasterData::TaxRates(rates) => {
            let message = PutTaxRatesRequest {
                parent: client.parent(),
                tax_rates: rates.iter().map(Into::into).collect(),
                ..Default::default()
            };
            let put = ask(message, async |request| client.catalog().put_tax_rates(request).await).await;
            put.map_err(Failure::refused("tax rates"))?;
        }
        MasterData::Prices(prices) => return put_prices(client, prices, progress).await,
        MasterData::Products(products) => {
            // Versions of one product follow one another.
            for product in products {
                let message = CreateProductRequest {
                    parent: client.parent(),
                    product: Some(product.into()),
                    ..Default::default()
                };
                let put = ask(message, async |request| client.catalog().create_product(request).await).await;
                put.map_err(Failure::refused(format!("product {}", product.id)))?;
                progress.step();
            }
        }
        MasterData::Accounts(accounts) => {
            let requests = accounts.iter().map(|account| {
                let message = CreateAccountRequest {
                    parent: client.parent(),
                    account: Some(account.into()),
                    ..Default::default()
                };
                (format!("account {}", account.id), message)
            });
            create_accounts(client, requests.collect(), progress).await?;
        }
        MasterData::MeteringPoints(points) => {
            let requests = points.iter().map(|point| CreateMeteringPointRequest {
                parent: client.parent(),
                metering_point: Some(point.into()),
                ..Default::default()
            });
            create_points(client, requests.collect(), progress).await?;
        }
        MasterData::Contracts(contracts) => create_contracts(client, contracts, progress).await?,
        MasterData::Tokens(wanted) => tokens::claim(client, wanted, progress).await?,
        MasterData::Cdrs(documents) => return cdrs::receive(client, documents, progress).await,
    }
    Ok(format!("{count} taken"))
}

async fn put_settings(client: &Client, settings: &TenantSettings) -> Result<(), Failure> {
    let message = PutTenantSettingsRequest {
        parent: client.parent(),
        settings: Some(settings.into()),
        ..Default::default()
    };
    let put = ask(message, async |request| client.catalog().put_tenant_settings(request).await).await;
    put.map(drop).map_err(Failure::refused(format!("settings of tenant {}", client.tenant())))
}

async fn create_accounts(
    client: &Client,
    requests: Vec<(String, CreateAccountRequest)>,
    progress: &Progress,
) -> Result<(), Failure> {
    let made = at_once::each(requests, |(what, message)| {
        let (client, progress) = (client.clone(), progress.clone());
        async move {
            let made = ask(message, async |request| client.accounts().create_account(request).await).await;
            made.map_err(Failure::refused(what))?;
            progress.step();
            Ok(())
        }
    });
    made.await.map(drop)
}

async fn create_points(
    client: &Client,
    requests: Vec<CreateMeteringPointRequest>,
    progress: &Progress,
) -> Result<(), Failure> {
    let made = at_once::each(requests, |message| {
        let (client, progress) = (client.clone(), progress.clone());
        async move {
            let id = message.metering_point.as_ref().map(|point| point.metering_point_id.clone());
            let made =
                ask(message, async |request| client.metering().create_metering_point(request).await).await;
            made.map_err(Failure::refused(format!("metering point {}", id.unwrap_or_default())))?;
            progress.step();
            Ok(())
        }
    });
    made.await.map(drop)
}

async fn create_contracts(
    client: &Client,
    contracts: &[(MeteringPointId, Contract)],
    progress: &Progress,
) -> Result<(), Failure> {
    let requests = contracts.iter().map(|(point, contract)| CreateContractRequest {
        parent: name::METERING_POINT.name([client.tenant(), &point.to_string()]),
        contract: Some(contract.into()),
        ..Default::default()
    });
    let made = at_once::each(requests.collect(), |message| {
        let (client, progress) = (client.clone(), progress.clone());
        async move {
            let id =
                message.contract.as_ref().map(|contract| contract.contract_id.clone()).unwrap_or_default();
            let what = format!("contract {id} of {}", message.parent);
            let made = ask(message, async |request| client.metering().create_contract(request).await).await;
            made.map_err(Failure::refused(what))?;
            progress.step();
            Ok(())
        }
    });
    made.await.map(drop)
}

/// Prices are stored by local months, so that the tenant's zone says where they are cut.
async fn put_prices(client: &Client, prices: &[IndexPrices], progress: &Progress) -> Result<String, Failure> {
    let message = GetTenantSettingsRequest { name: name::SETTINGS.name([client.tenant()]) };
    let settings = ask(message, async |request| client.catalog().get_tenant_settings(request).await).await;
    let settings = settings.map_err(Failure::refused(format!("settings of tenant {}", client.tenant())))?;
    let rule = DayRule::civil(TenantSettings::try_from(settings)?.zone);
    let (mut stored, mut unchanged) = (0_u32, 0_u32);
    for prices in prices {
        let months = months(prices, &rule);
        let message = PutPricesRequest {
            parent: client.parent(),
            price_months: months.iter().map(Into::into).collect(),
            ..Default::default()
        };
        let put = ask(message, async |request| client.catalog().put_prices(request).await).await;
        let put = put.map_err(Failure::refused(format!("prices of index {}", prices.index)))?;
        stored = stored.saturating_add(put.stored_months);
        unchanged = unchanged.saturating_add(put.unchanged_months);
        (0..prices.column.prices.len()).for_each(|_| progress.step());
    }
    Ok(format!("{stored} months stored, {unchanged} held already"))
}

/// A column cut where a local month begins.
fn months(prices: &IndexPrices, rule: &DayRule) -> Vec<PriceMonth> {
    let mut months: Vec<(Month, Instant, Vec<Option<Price>>)> = Vec::new();
    for (interval, price) in prices.column.intervals(rule) {
        let month = rule.day_of(interval.start()).month();
        match months.last_mut() {
            Some((last, _, held)) if *last == month => held.push(price),
            _ => months.push((month, interval.start(), vec![price])),
        }
    }
    let month = |(month, start, held)| PriceMonth {
        series: SeriesId::Index(prices.index.clone()),
        month,
        version: 0,
        created: prices.created,
        received: prices.created,
        source: prices.source.clone(),
        unit: prices.unit,
        currency: prices.currency,
        prices: PriceColumn { start, resolution: prices.column.resolution, prices: held },
    };
    months.into_iter().map(month).collect()
}
