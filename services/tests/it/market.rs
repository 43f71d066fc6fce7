//! Market documents: the samples, what must be refused, and that writing and reading agree.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't read its own data has failed")]

mod civil_time;
mod digests;
mod generated;
mod limits;
mod mutations;
mod refusals;
mod round_trip;
mod samples;
mod writing;

use std::fs;
use std::path::PathBuf;

use domain::day::DayRule;
use domain::zone::Zone;
use services::market::ParseOptions;

/// Every file that is taken, in its order in the folder.
const TAKEN: [&str; 17] = [
    "D17_RequestChangeBillingMasterData_chargelink_subscription.cim.xml",
    "DERIVED_RSM-019_NotifyWholesaleServices.cim.json",
    "RSM-001_RequestChangeOfSupplier.cim.xml",
    "RSM-004_GenericNotification.cim.xml",
    "RSM-012_DK_MeteredDataTimeSeries.ebix.xml",
    "RSM-015_RequestValidatedMeasureData.cim.json",
    "RSM-016_RequestAggregatedMeasureData.cim.json",
    "RSM-017_RequestWholesaleSettlement.cim.json",
    "RSM-033_D08_ChargePriceSeries_subscription_monthly.cim.xml",
    "RSM-033_D08_ChargePriceSeries_tariff_hourly.cim.xml",
    "RSM-033_D18_ChargeInformation_tariff.cim.xml",
    "derived_RSM-014_NotifyAggregatedMeasureData.cim.json",
    "derived_RSM-031_NotifyBillingMasterData.cim.xml",
    "derived_RSM-034_D08_NotifyPriceList.cim.xml",
    "derived_RSM-034_D18_NotifyPriceList.cim.xml",
    "valid_RSM-012.cim.json",
    "valid_RSM-012.cim.xml",
];

fn sample(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/cim").join(name);
    fs::read_to_string(path).unwrap()
}

fn days() -> DayRule {
    DayRule::civil(Zone::named("Europe/Copenhagen").unwrap())
}

fn options() -> ParseOptions {
    ParseOptions::new(days())
}
