//! What members pay, as arguments.

use clap::Args;
use domain::contract::Share;
use domain::fixed;
use domain::quantity::Quantity;
use domain::session::{MemberPrice, MemberPrices};

use super::argument::{any_price, wrong};
use crate::cli::failure::Failure;

/// The prices of a member.
#[derive(Args, Clone, Debug)]
pub(super) struct MemberArguments {
    /// What a member pays for a kWh: 0.39, 10% less as -10%, or 0.05 less as -0.05
    #[arg(long, value_name = "PRICE", allow_hyphen_values = true)]
    member_energy: Option<String>,
    /// What a member pays for an hour of charging, likewise
    #[arg(long, value_name = "PRICE", allow_hyphen_values = true)]
    member_time: Option<String>,
    /// What a member pays for an hour of parking, likewise
    #[arg(long, value_name = "PRICE", allow_hyphen_values = true)]
    member_parking: Option<String>,
    /// What a member pays at once, likewise
    #[arg(long, value_name = "PRICE", allow_hyphen_values = true)]
    member_flat: Option<String>,
    /// The first kWh of the session that a subscription includes
    #[arg(long, value_name = "KWH")]
    included_kwh: Option<String>,
}

impl MemberArguments {
    /// The prices; those of the tariff where none are told.
    pub(super) fn prices(&self) -> Result<MemberPrices, Failure> {
        let of = |argument: &str, text: &Option<String>| {
            text.as_deref().map(|text| member_price(argument, text)).transpose()
        };
        let included = self.included_kwh.as_deref().map(|text| {
            let kwh = Quantity::parse(text).ok().filter(|kwh| *kwh >= Quantity::ZERO);
            kwh.ok_or_else(|| wrong("--included-kwh", text, "a number of kWh such as 20"))
        });
        Ok(MemberPrices {
            energy: of("--member-energy", &self.member_energy)?,
            time: of("--member-time", &self.member_time)?,
            parking: of("--member-parking", &self.member_parking)?,
            flat: of("--member-flat", &self.member_flat)?,
            included_kwh: included.transpose()?.unwrap_or_default(),
        })
    }
}

/// `0.39`, `-10%` or `-0.05`.
fn member_price(argument: &str, text: &str) -> Result<MemberPrice, Failure> {
    let price = match (text.strip_prefix('-'), text.strip_suffix('%')) {
        (Some(less), Some(_)) => {
            let percent = less.strip_suffix('%').and_then(|percent| fixed::parse(percent, 2).ok());
            let share = percent.and_then(|hundredths| Share::new(u32::try_from(hundredths).ok()?));
            share.map(MemberPrice::Discount)
        }
        (Some(less), None) => any_price(less).map(MemberPrice::Less),
        (None, None) => any_price(text).map(MemberPrice::Instead),
        (None, Some(_)) => None,
    };
    price.ok_or_else(|| wrong(argument, text, "a price such as 0.39, or less such as -10% or -0.05"))
}
