//! The codes and words of what a person should know about a priced session.

use domain::session::{CostPart, Micros, Warning};

use super::priced::quantity_text;

/// A warning's code and its words.
#[must_use]
pub fn warning_words(warning: &Warning) -> (&'static str, String) {
    match warning {
        Warning::UnsplitPeriod { period, at } => (
            "UNSPLIT_PERIOD",
            format!("charging_periods[{period}]: another price holds from {at}, where no period begins"),
        ),
        Warning::UnsplitDraw { period } => (
            "UNSPLIT_DRAW",
            format!("charging_periods[{period}]: current or power lies on both sides of a restriction"),
        ),
        Warning::UnknownDimension { period, name } => {
            ("UNKNOWN_DIMENSION", format!("charging_periods[{period}]: {name} is not priced"))
        }
        Warning::UnknownSheet { period, id } => {
            ("UNKNOWN_TARIFF", format!("charging_periods[{period}]: the tariff {id} is not given"))
        }
        Warning::NothingPriced => ("NOTHING_PRICED", "no element prices anything of the session".to_owned()),
        Warning::TaxRateUnknown => (
            "TAX_RATE_UNKNOWN",
            "prices include taxes of which no rate is given: they are in what is without tax as well"
                .to_owned(),
        ),
        stated => of_stated(stated),
    }
}

/// Of what the record states otherwise.
fn of_stated(warning: &Warning) -> (&'static str, String) {
    match warning {
        Warning::StatedTotalDiffers { stated, priced } => {
            ("STATED_TOTAL_DIFFERS", format!("total_cost: {stated} excluding VAT, priced {priced}"))
        }
        Warning::StatedTotalWithVatDiffers { stated, priced } => {
            ("STATED_TOTAL_DIFFERS", format!("total_cost: {stated} including VAT, priced {priced}"))
        }
        Warning::StatedCostDiffers { part, with_vat, stated, priced } => {
            let vat = if *with_vat { "including" } else { "excluding" };
            ("STATED_COST_DIFFERS", format!("{}: {stated} {vat} VAT, priced {priced}", cost_field(*part)))
        }
        Warning::StatedTimeDiffers { stated, counted } => {
            ("STATED_TIME_DIFFERS", format!("total_time: {stated} h, the periods have {}", seconds(*counted)))
        }
        Warning::StatedParkingTimeDiffers { stated, counted } => (
            "STATED_TIME_DIFFERS",
            format!("total_parking_time: {stated} h, the periods have {}", seconds(*counted)),
        ),
        Warning::StatedEnergyDiffers { stated, counted } => {
            ("STATED_ENERGY_DIFFERS", format!("total_energy: {stated} kWh, the periods have {counted} kWh"))
        }
        _ => ("", String::new()),
    }
}

/// The field of a record that states a cost.
#[must_use]
pub fn cost_field(part: CostPart) -> &'static str {
    match part {
        CostPart::Energy => "total_energy_cost",
        CostPart::Time => "total_time_cost",
        CostPart::Parking => "total_parking_cost",
        CostPart::Fixed => "total_fixed_cost",
        CostPart::Reservation => "total_reservation_cost",
    }
}

fn seconds(counted: Micros) -> String {
    format!("{} s", quantity_text(domain::session::SessionDimension::Time, counted))
}
