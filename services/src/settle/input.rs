//! The input tables of a scenario: each column read by its rule or refused by file, line and column.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use domain::charge::{ChargeKey, ChargeKind};
use domain::document::{MeteringPointKind, SettlementMethod};
use domain::identity::MeteringPointId;
use domain::price::Price;
use domain::quantity::Quantity;
use domain::resolution::Resolution;
use domain::series::Quality;
use domain::settlement::{
    Calculation, ChargeInformation, ChargeLink, ChargePrice, Charges, GridArea, InputTable,
    MeteringPointPeriod, ParticipantId, Reading, Refusal, Scope, Settlement, kind_word,
};

use super::arguments_file::CalculationArguments;
use super::csv_file::{Column, CsvFile, Row};
use super::error::SettleError;

/// Reads the tables in the folder and settles them.
pub(super) fn settle(folder: &Path, scenario: &CalculationArguments) -> Result<Settlement, SettleError> {
    let points = metering_point_periods(&folder.join("metering_point_periods.csv"))?;
    let grid_loss_points = grid_loss_points(&folder.join("grid_loss_metering_points.csv"))?;
    let charges = match scenario.settlement.scope {
        Scope::Energy => Charges::default(),
        Scope::EnergyAndCharges => charges(folder)?,
    };
    let refused = |refusal| refused(folder, refusal);
    let arguments = scenario.settlement.clone();
    let mut calculation = Calculation::new(arguments, points, &grid_loss_points).map_err(refused)?;
    add_readings(&folder.join("time_series_points.csv"), &mut calculation, refused)?;
    calculation.settle(&charges).map_err(refused)
}

fn refused(folder: &Path, refusal: Refusal) -> SettleError {
    let file = |table| match table {
        InputTable::Arguments => "calculation_arguments.yml",
        InputTable::MeteringPointPeriods => "metering_point_periods.csv",
        InputTable::TimeSeriesPoints => "time_series_points.csv",
        InputTable::ChargePriceInformationPeriods => "charge_price_information_periods.csv",
        InputTable::ChargePricePoints => "charge_price_points.csv",
    };
    let path: Option<PathBuf> = refusal.place.map(|(table, _)| folder.join(file(table)));
    let line = refusal.place.and_then(|(_, row)| row);
    SettleError::Refused { path, line, refusal: Box::new(refusal) }
}

fn metering_point_periods(path: &Path) -> Result<Vec<MeteringPointPeriod>, SettleError> {
    let mut file = CsvFile::open(path)?;
    let metering_point = file.column("metering_point_id", &[])?;
    let kind = file.column("type", &["metering_point_type"])?;
    let method = file.column("settlement_method", &[])?;
    let grid_area = file.column("grid_area_code", &["grid_area"])?;
    let resolution = file.column("resolution", &[])?;
    let from_area = file.column("from_grid_area_code", &["from_grid_area"])?;
    let to_area = file.column("to_grid_area_code", &["to_grid_area"])?;
    let parent = file.column("parent_metering_point_id", &[])?;
    let supplier = file.column("energy_supplier_id", &[])?;
    let responsible = file.column("balance_responsible_party_id", &["balance_responsible_id"])?;
    let (from, to) = (file.column("from_date", &[])?, file.column("to_date", &[])?);
    let mut periods = Vec::new();
    while let Some(row) = file.next_row()? {
        periods.push(MeteringPointPeriod {
            row: row.line(),
            metering_point: row.metering_point(metering_point)?,
            metering_point_kind: row.value(kind, KINDS, settled_kind)?,
            settlement_method: row.optional(
                method,
                "D01 (flex), E02 (non-profiled) or empty",
                SettlementMethod::from_code,
            )?,
            grid_area: row.value(grid_area, "the code of a grid area", GridArea::new)?,
            resolution: row.value(resolution, "PT1H or PT15M", point_resolution)?,
            from_grid_area: GridArea::new(row.text(from_area)),
            to_grid_area: GridArea::new(row.text(to_area)),
            parent: row.optional(
                parent,
                "a metering point id of 18 digits, or empty",
                MeteringPointId::parse,
            )?,
            energy_supplier: ParticipantId::new(row.text(supplier)),
            balance_responsible: ParticipantId::new(row.text(responsible)),
            period: row.period(from, to)?,
        });
    }
    Ok(periods)
}

const KINDS: &str = "a type of metering point: E17, E18, E20, D01, D05 to D12, D14, D15 or D19";

fn settled_kind(code: &str) -> Option<MeteringPointKind> {
    MeteringPointKind::from_code(code).filter(|kind| kind_word(*kind).is_some())
}

fn point_resolution(code: &str) -> Option<Resolution> {
    let known = [Resolution::Hour, Resolution::Minutes15];
    Resolution::from_code(code).filter(|resolution| known.contains(resolution))
}

fn grid_loss_points(path: &Path) -> Result<BTreeSet<MeteringPointId>, SettleError> {
    let mut file = CsvFile::open(path)?;
    let metering_point = file.column("metering_point_id", &[])?;
    let mut points = BTreeSet::new();
    while let Some(row) = file.next_row()? {
        points.insert(row.metering_point(metering_point)?);
    }
    Ok(points)
}

fn add_readings(
    path: &Path,
    calculation: &mut Calculation,
    refused: impl Fn(Refusal) -> SettleError,
) -> Result<(), SettleError> {
    let mut file = CsvFile::open(path)?;
    let metering_point = file.column("metering_point_id", &[])?;
    let quantity = file.column("quantity", &[])?;
    let quality = file.column("quality", &[])?;
    let time = file.column("observation_time", &[])?;
    while let Some(row) = file.next_row()? {
        let reading = Reading {
            row: row.line(),
            metering_point: row.metering_point(metering_point)?,
            time: row.instant(time)?,
            quantity: row.optional(
                quantity,
                "a number of kWh with at most three decimals, or empty",
                |text| Quantity::parse(text).ok(),
            )?,
            quality: row.value(
                quality,
                "measured, estimated, calculated, incomplete or missing",
                read_quality,
            )?,
        };
        calculation.add(reading).map_err(&refused)?;
    }
    Ok(())
}

/// A quality by its word or by the market's code.
fn read_quality(text: &str) -> Option<Quality> {
    match text {
        "A02" => Some(Quality::Missing),
        "A03" => Some(Quality::Estimated),
        "A04" | "E01" => Some(Quality::Measured),
        "A05" => Some(Quality::Incomplete),
        "A06" => Some(Quality::Calculated),
        word => Quality::from_word(word),
    }
}

fn charges(folder: &Path) -> Result<Charges, SettleError> {
    Ok(Charges {
        links: charge_links(&folder.join("charge_link_periods.csv"))?,
        information: charge_information(&folder.join("charge_price_information_periods.csv"))?,
        prices: charge_prices(&folder.join("charge_price_points.csv"))?,
    })
}

/// The columns that identify a charge.
struct ChargeColumns {
    code: Column,
    kind: Column,
    owner: Column,
}

impl ChargeColumns {
    fn of(file: &CsvFile) -> Result<Self, SettleError> {
        Ok(Self {
            code: file.column("charge_code", &["charge_id"])?,
            kind: file.column("charge_type", &[])?,
            owner: file.column("charge_owner_id", &["charge_owner"])?,
        })
    }

    fn read(&self, row: &Row<'_>) -> Result<ChargeKey, SettleError> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(ChargeKey {
            code: row.value(self.code, "the code of a charge", text)?,
            owner: row.value(self.owner, "the id of a charge owner", text)?,
            kind: row.value(self.kind, "subscription, fee or tariff", ChargeKind::from_word)?,
        })
    }
}

fn charge_links(path: &Path) -> Result<Vec<ChargeLink>, SettleError> {
    let mut file = CsvFile::open(path)?;
    let charge = ChargeColumns::of(&file)?;
    let metering_point = file.column("metering_point_id", &[])?;
    let quantity = file.column("quantity", &["charge_quantity"])?;
    let (from, to) = (file.column("from_date", &[])?, file.column("to_date", &[])?);
    let mut links = Vec::new();
    while let Some(row) = file.next_row()? {
        links.push(ChargeLink {
            row: row.line(),
            charge: charge.read(&row)?,
            metering_point: row.metering_point(metering_point)?,
            quantity: row.value(quantity, "a number of pieces", |text| Quantity::parse(text).ok())?,
            period: row.period(from, to)?,
        });
    }
    Ok(links)
}

fn charge_information(path: &Path) -> Result<Vec<ChargeInformation>, SettleError> {
    let mut file = CsvFile::open(path)?;
    let charge = ChargeColumns::of(&file)?;
    let resolution = file.column("resolution", &[])?;
    let is_tax = file.column("is_tax", &[])?;
    let (from, to) = (file.column("from_date", &[])?, file.column("to_date", &[])?);
    let mut information = Vec::new();
    while let Some(row) = file.next_row()? {
        information.push(ChargeInformation {
            row: row.line(),
            charge: charge.read(&row)?,
            resolution: row.value(resolution, "PT1H, P1D or P1M", charge_resolution)?,
            is_tax: row.value(is_tax, "true or false", |text| text.to_lowercase().parse().ok())?,
            period: row.period(from, to)?,
        });
    }
    Ok(information)
}

fn charge_resolution(code: &str) -> Option<Resolution> {
    let known = [Resolution::Hour, Resolution::Day, Resolution::Month];
    Resolution::from_code(code).filter(|resolution| known.contains(resolution))
}

fn charge_prices(path: &Path) -> Result<Vec<ChargePrice>, SettleError> {
    let mut file = CsvFile::open(path)?;
    let charge = ChargeColumns::of(&file)?;
    let price = file.column("charge_price", &[])?;
    let time = file.column("charge_time", &[])?;
    let mut prices = Vec::new();
    while let Some(row) = file.next_row()? {
        prices.push(ChargePrice {
            row: row.line(),
            charge: charge.read(&row)?,
            price: row
                .value(price, "a price in DKK with at most six decimals", |text| Price::parse(text).ok())?,
            time: row.instant(time)?,
        });
    }
    Ok(prices)
}
