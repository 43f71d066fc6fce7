//! The results of a settlement as tables with the names and columns of the market's result files.

use domain::charge::ChargeKey;
use domain::fixed;
use domain::instant::Instant;
use domain::settlement::{
    ChargeGroup, ChargeResults, ChargeSeries, ChargeTable, EnergySeries, EnergyTable, GridArea,
    MonthlyAmount, ParticipantId, QualitySet, RowAmount, Settlement, TotalAmount, kind_word, method_word,
};

use super::arguments_file::CalculationArguments;
use super::result_table::{ResultTable, result_id};

const ENERGY_FOLDER: &str = "energy_results";
const ENERGY_COLUMNS: &[&str] = &[
    "grid_area_code",
    "energy_supplier_id",
    "balance_responsible_party_id",
    "quantity",
    "quantity_qualities",
    "time",
    "time_series_type",
    "calculation_id",
    "calculation_type",
    "calculation_execution_time_start",
    "neighbor_grid_area_code",
    "result_id",
    "metering_point_id",
    "resolution",
];
const CHARGE_FOLDER: &str = "wholesale_results";
const CHARGE_COLUMNS: &[&str] = &[
    "calculation_id",
    "result_id",
    "grid_area_code",
    "energy_supplier_id",
    "quantity",
    "quantity_unit",
    "quantity_qualities",
    "time",
    "resolution",
    "metering_point_type",
    "settlement_method",
    "price",
    "amount",
    "is_tax",
    "charge_code",
    "charge_type",
    "charge_owner_id",
];
const MONTHLY_COLUMNS: &[&str] = &[
    "calculation_id",
    "result_id",
    "grid_area_code",
    "energy_supplier_id",
    "quantity_unit",
    "time",
    "amount",
    "is_tax",
    "charge_code",
    "charge_type",
    "charge_owner_id",
];
const TOTAL_COLUMNS: &[&str] = &[
    "calculation_id",
    "result_id",
    "grid_area_code",
    "energy_supplier_id",
    "time",
    "amount",
    "charge_owner_id",
];

/// Every table of the settlement.
pub(super) fn of(settlement: &Settlement, scenario: &CalculationArguments) -> Vec<ResultTable> {
    let energy = settlement.energy.iter();
    let energy = energy.map(|(table, series)| energy_table(*table, series, settlement, scenario));
    let charges = settlement.charges.iter();
    let charges = charges.flat_map(|charges| charge_tables(charges, settlement.period.start(), scenario));
    energy.chain(charges).collect()
}

/// The file's name and the type its rows bear.
fn energy_names(table: EnergyTable) -> (&'static str, &'static str) {
    match table {
        EnergyTable::Exchange => ("exchange", "net_exchange_per_ga"),
        EnergyTable::ExchangePerNeighbour => ("exchange_per_neighbor", "net_exchange_per_neighboring_ga"),
        EnergyTable::TemporaryProduction => ("temporary_production", "temp_production"),
        EnergyTable::TemporaryFlexConsumption => ("temporary_flex_consumption", "temp_flex_consumption"),
        EnergyTable::GridLoss => ("grid_loss", "grid_loss"),
        EnergyTable::PositiveGridLoss => ("positive_grid_loss", "positive_grid_loss"),
        EnergyTable::NegativeGridLoss => ("negative_grid_loss", "negative_grid_loss"),
        EnergyTable::NonProfiledConsumption => ("non_profiled_consumption", "non_profiled_consumption"),
        EnergyTable::NonProfiledConsumptionPerSupplier => {
            ("non_profiled_consumption_per_es", "non_profiled_consumption")
        }
        EnergyTable::NonProfiledConsumptionPerBalanceResponsible => {
            ("non_profiled_consumption_per_brp", "non_profiled_consumption")
        }
        EnergyTable::FlexConsumption => ("flex_consumption", "flex_consumption"),
        EnergyTable::FlexConsumptionPerSupplier => ("flex_consumption_per_es", "flex_consumption"),
        EnergyTable::FlexConsumptionPerBalanceResponsible => ("flex_consumption_per_brp", "flex_consumption"),
        EnergyTable::Production => ("production", "production"),
        EnergyTable::ProductionPerSupplier => ("production_per_es", "production"),
        EnergyTable::ProductionPerBalanceResponsible => ("production_per_brp", "production"),
        EnergyTable::TotalConsumption => ("total_consumption", "total_consumption"),
    }
}

fn energy_table(
    table: EnergyTable,
    series: &[EnergySeries],
    settlement: &Settlement,
    scenario: &CalculationArguments,
) -> ResultTable {
    let (name, series_type) = energy_names(table);
    let started = scenario.started.map(|instant| instant.to_string()).unwrap_or_default();
    let mut rows = Vec::new();
    for series in series {
        let key = &series.key;
        let area = key.grid_area.to_string();
        let supplier = text(key.energy_supplier.as_ref());
        let responsible = text(key.balance_responsible.as_ref());
        let neighbour = key.neighbour.as_ref().map(GridArea::to_string).unwrap_or_default();
        let point = key.metering_point.map(|point| point.to_string()).unwrap_or_default();
        let parts = [area.as_str(), &supplier, &responsible, &neighbour, &point];
        let id = result_id(&scenario.calculation_id, name, parts);
        for (index, value) in series.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let rule = &scenario.settlement.day_rule;
            let time = settlement.resolution.start_of(index, settlement.period.start(), rule);
            rows.push(vec![
                area.clone(),
                supplier.clone(),
                responsible.clone(),
                value.quantity.to_text(3),
                qualities_text(value.qualities),
                time.map(|time| time.to_string()).unwrap_or_default(),
                series_type.to_owned(),
                scenario.calculation_id.clone(),
                scenario.calculation_type.clone(),
                started.clone(),
                neighbour.clone(),
                id.clone(),
                point.clone(),
                settlement.resolution.code().to_owned(),
            ]);
        }
    }
    ResultTable { folder: ENERGY_FOLDER, name, columns: ENERGY_COLUMNS, rows }
}

fn charge_tables(
    charges: &ChargeResults,
    start: Instant,
    scenario: &CalculationArguments,
) -> Vec<ResultTable> {
    let mut tables = Vec::new();
    for (table, series) in &charges.rows {
        let name = match table {
            ChargeTable::HourlyTariff => "hourly_tariff_per_co_es",
            ChargeTable::DailyTariff => "daily_tariff_per_co_es",
            ChargeTable::Subscription => "subscription_per_co_es",
            ChargeTable::Fee => "fee_per_co_es",
        };
        let rows = series.iter().flat_map(|series| charge_rows(*table, name, series, scenario)).collect();
        tables.push(ResultTable { folder: CHARGE_FOLDER, name, columns: CHARGE_COLUMNS, rows });
    }
    for (table, amounts) in &charges.monthly {
        let name = match table {
            ChargeTable::HourlyTariff => "monthly_tariff_from_hourly_per_co_es",
            ChargeTable::DailyTariff => "monthly_tariff_from_daily_per_co_es",
            ChargeTable::Subscription => "monthly_subscription_per_co_es",
            ChargeTable::Fee => "monthly_fee_per_co_es",
        };
        let row = |amount| monthly_row(*table, name, amount, start, scenario);
        let rows = amounts.iter().map(row).collect();
        tables.push(ResultTable { folder: CHARGE_FOLDER, name, columns: MONTHLY_COLUMNS, rows });
    }
    let totals = [
        ("total_monthly_amounts_per_co_es", &charges.totals_per_owner),
        ("total_monthly_amounts_per_es", &charges.totals_per_supplier),
    ];
    for (name, amounts) in totals {
        let rows = amounts.iter().map(|amount| total_row(name, amount, start, scenario)).collect();
        tables.push(ResultTable { folder: CHARGE_FOLDER, name, columns: TOTAL_COLUMNS, rows });
    }
    tables
}

fn charge_rows(
    table: ChargeTable,
    name: &'static str,
    series: &ChargeSeries,
    scenario: &CalculationArguments,
) -> Vec<Vec<String>> {
    let ChargeGroup { grid_area, energy_supplier, charge, is_tax, metering_point_kind, settlement_method } =
        &series.group;
    let supplier = text(energy_supplier.as_ref());
    let kind = kind_word(*metering_point_kind).unwrap_or_default();
    let method = settlement_method.map_or("", method_word);
    let ChargeKey { code, owner, kind: charge_kind } = charge;
    let parts =
        [grid_area.as_str(), &supplier, code, charge_kind.word(), owner, tax_text(*is_tax), kind, method];
    let id = result_id(&scenario.calculation_id, name, parts);
    let row = |row: &domain::settlement::SettlementRow| {
        vec![
            scenario.calculation_id.clone(),
            id.clone(),
            grid_area.to_string(),
            supplier.clone(),
            row.quantity.to_text(3),
            unit(table).to_owned(),
            if table.counts_energy() { qualities_text(row.qualities) } else { String::new() },
            row.time.to_string(),
            table.resolution().code().to_owned(),
            kind.to_owned(),
            method.to_owned(),
            row.price.map(|price| price.to_text(6)).unwrap_or_default(),
            amount_text(row.amount),
            tax_text(*is_tax).to_owned(),
            code.clone(),
            charge_kind.word().to_owned(),
            owner.clone(),
        ]
    };
    series.rows.iter().map(row).collect()
}

fn monthly_row(
    table: ChargeTable,
    name: &'static str,
    amount: &MonthlyAmount,
    start: Instant,
    scenario: &CalculationArguments,
) -> Vec<String> {
    let supplier = text(amount.energy_supplier.as_ref());
    let ChargeKey { code, owner, kind } = &amount.charge;
    let is_tax = tax_text(amount.is_tax);
    let parts = [amount.grid_area.as_str(), &supplier, code, kind.word(), owner, is_tax];
    vec![
        scenario.calculation_id.clone(),
        result_id(&scenario.calculation_id, name, parts),
        amount.grid_area.to_string(),
        supplier.clone(),
        unit(table).to_owned(),
        start.to_string(),
        amount_text(amount.amount),
        is_tax.to_owned(),
        code.clone(),
        kind.word().to_owned(),
        owner.clone(),
    ]
}

fn total_row(
    name: &'static str,
    total: &TotalAmount,
    start: Instant,
    scenario: &CalculationArguments,
) -> Vec<String> {
    let supplier = text(total.energy_supplier.as_ref());
    let owner = total.charge_owner.as_deref().unwrap_or_default();
    let parts = [total.grid_area.as_str(), &supplier, owner];
    vec![
        scenario.calculation_id.clone(),
        result_id(&scenario.calculation_id, name, parts),
        total.grid_area.to_string(),
        supplier.clone(),
        start.to_string(),
        amount_text(total.amount),
        owner.to_owned(),
    ]
}

fn text(participant: Option<&ParticipantId>) -> String {
    participant.map(ParticipantId::to_string).unwrap_or_default()
}

fn unit(table: ChargeTable) -> &'static str {
    if table.counts_energy() { "kWh" } else { "pcs" }
}

fn tax_text(is_tax: bool) -> &'static str {
    if is_tax { "True" } else { "False" }
}

fn amount_text(amount: Option<RowAmount>) -> String {
    let text =
        |amount: RowAmount| fixed::format(i128::from(amount.micros()), RowAmount::SCALE, RowAmount::SCALE);
    amount.map(text).unwrap_or_default()
}

fn qualities_text(qualities: QualitySet) -> String {
    let words: Vec<String> = qualities.iter().map(|quality| format!("'{}'", quality.word())).collect();
    format!("[{}]", words.join(", "))
}
