//! `kvarter rate cdr`: prices a charge detail record under price sheets.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use domain::fixed::Rounding;
use domain::price_sheet::PriceSheet;
use domain::session::{
    self, PricedSession, ReservationOutcome, RoundingPoint, RoundingPolicy, SessionDimension, SessionTerms,
};
use domain::zone::Zone;

use super::Form;
use super::idle::IdleArguments;
use super::member::MemberArguments;
use super::spot::SpotArguments;
use crate::cli::failure::Failure;
use crate::cli::sheet::{Sheet, say};
use crate::ocpi::{self, OcpiError};

/// What `kvarter rate cdr` is told.
#[derive(Args, Clone, Debug)]
pub(super) struct CdrArguments {
    /// The tariff, or an array of tariffs, as OCPI has it
    #[arg(long, value_name = "FILE")]
    tariff: PathBuf,
    /// The charge detail record, as OCPI has it
    #[arg(long, value_name = "FILE")]
    cdr: PathBuf,
    /// The time zone of the location: Europe/Amsterdam
    #[arg(long, value_name = "ZONE")]
    timezone: String,
    /// The reservation expired: nobody came in time
    #[arg(long)]
    reservation_expired: bool,
    /// Round amounts to so many decimals; without it they stay exact
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(0..=18))]
    decimals: Option<u32>,
    /// Which way to round
    #[arg(long, value_enum, value_name = "MODE", default_value_t, requires = "decimals")]
    rounding: Mode,
    /// What to round
    #[arg(long, value_enum, value_name = "POINT", default_value_t, requires = "decimals")]
    rounding_point: Point,
    #[command(flatten)]
    idle: IdleArguments,
    #[command(flatten)]
    member: MemberArguments,
    #[command(flatten)]
    spot: SpotArguments,
    /// How to print it
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    format: Form,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// To the nearest, a tie away from zero
    #[default]
    HalfAwayFromZero,
    /// To the nearest, a tie to the even neighbour
    HalfEven,
    /// Towards zero
    TowardsZero,
    /// Away from zero
    AwayFromZero,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Point {
    /// The total alone
    #[default]
    Sum,
    /// The cost of each component
    Component,
}

/// Prices a record as told.
pub(super) fn run(arguments: &CdrArguments) -> Result<(), Failure> {
    let zone = Zone::named(&arguments.timezone)
        .ok_or_else(|| Failure::Usage(format!("--timezone: {} is no time zone", arguments.timezone)))?;
    let terms = arguments.terms()?;
    let sheets = read(&arguments.tariff, ocpi::read_tariffs)?;
    let record = read(&arguments.cdr, ocpi::read_cdr)?;
    let priced = session::price(&record, &sheets, &zone, &terms)
        .map_err(|fault| Failure::Usage(format!("{}: {fault}", arguments.cdr.display())))?;
    match arguments.format {
        Form::Json => say(ocpi::priced_json(&record, &sheets, &zone, &priced)),
        Form::Table => say(tables(&sheets, record.currency.code(), &priced)),
    }
}

impl CdrArguments {
    fn terms(&self) -> Result<SessionTerms, Failure> {
        let idle_fee = self.idle.fee()?;
        let reservation =
            if self.reservation_expired { ReservationOutcome::Expired } else { ReservationOutcome::Used };
        let mode = match self.rounding {
            Mode::HalfAwayFromZero => Rounding::HalfAwayFromZero,
            Mode::HalfEven => Rounding::HalfEven,
            Mode::TowardsZero => Rounding::TowardsZero,
            Mode::AwayFromZero => Rounding::AwayFromZero,
        };
        let point = match self.rounding_point {
            Point::Sum => RoundingPoint::Sum,
            Point::Component => RoundingPoint::Component,
        };
        let rounding = self.decimals.map(|decimals| RoundingPolicy { mode, decimals, point });
        let (member, spot) = (self.member.prices()?, self.spot.energy()?);
        Ok(SessionTerms { rounding, reservation, idle_fee, member, spot })
    }
}

fn read<T>(path: &Path, read: impl Fn(&str) -> Result<T, OcpiError>) -> Result<T, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::file(path))?;
    read(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}

/// What each component costs, what each period was priced by, and what is to be known.
fn tables(sheets: &[PriceSheet], currency: &str, priced: &PricedSession) -> String {
    let mut text = costs(currency, priced).table();
    text.push('\n');
    text.push_str(&periods(sheets, priced).table());
    if !priced.spot.is_empty() {
        text.push('\n');
        text.push_str(&spot(priced).table());
    }
    let warnings = priced.warnings.iter().map(ocpi::warning_words);
    let warnings: Vec<_> = warnings.map(|(code, words)| vec![code.to_owned(), words]).collect();
    if !warnings.is_empty() {
        text.push('\n');
        text.push_str(&Sheet::new(&["warning", "about"], &[]).with(warnings).table());
    }
    text
}

fn costs(currency: &str, priced: &PricedSession) -> Sheet {
    let columns = &[
        "dimension",
        "quantity",
        "step_surplus",
        "unit",
        "price",
        "vat_percent",
        "excluding_vat",
        "including_vat",
    ];
    let numbers = &["quantity", "step_surplus", "price", "vat_percent", "excluding_vat", "including_vat"];
    let rows = priced.components.iter().map(|component| {
        let of = component.position.dimension;
        vec![
            ocpi::dimension_name(of).to_owned(),
            ocpi::quantity_text(of, component.used),
            ocpi::quantity_text(of, component.surplus),
            ocpi::unit(of).to_owned(),
            component.price.to_string(),
            component.vat.map(|vat| vat.percent_text()).unwrap_or_default(),
            component.cost.excluding_vat.to_string(),
            component.cost.including_vat.to_string(),
        ]
    });
    let sum = |name: &str, cost: session::Cost| {
        let empty = String::new;
        let (excluding_vat, including_vat) = (cost.excluding_vat.to_string(), cost.including_vat.to_string());
        let row = [empty(), empty(), empty(), currency.to_owned(), empty(), excluding_vat, including_vat];
        std::iter::once(name.to_owned()).chain(row).collect::<Vec<_>>()
    };
    let own = |of: SessionDimension| {
        (ocpi::dimension_name(of), priced.dimensions.get(&of).copied().unwrap_or_default())
    };
    let adjustments = [
        own(SessionDimension::MemberDiscount),
        ("limits", priced.limits),
        own(SessionDimension::SpotEnergy),
        own(SessionDimension::IdleFee),
        ("rounding", priced.rounding),
    ];
    let adjustments = adjustments.into_iter().filter(|(_, cost)| *cost != session::Cost::ZERO);
    let sums = adjustments.chain([("total", priced.total)]).map(|(name, cost)| sum(name, cost));
    Sheet::new(columns, numbers).with(rows).with(sums)
}

fn spot(priced: &PricedSession) -> Sheet {
    let columns = &["spot", "until", "quantity", "included", "index", "price", "excluding_vat"];
    let numbers = &["quantity", "included", "index", "price", "excluding_vat"];
    let rows = priced.spot.iter().map(|part| {
        vec![
            part.start.to_string(),
            part.end.to_string(),
            part.energy_kwh.to_string(),
            part.included_kwh.to_string(),
            part.index.to_string(),
            part.price.to_string(),
            part.amount.to_string(),
        ]
    });
    Sheet::new(columns, numbers).with(rows)
}

fn periods(sheets: &[PriceSheet], priced: &PricedSession) -> Sheet {
    let columns = &[
        "period",
        "start",
        "end",
        "dimension",
        "quantity",
        "unit",
        "tariff",
        "element",
        "price",
        "excluding_vat",
    ];
    let numbers = &["period", "quantity", "element", "price", "excluding_vat"];
    let rows = priced.periods.iter().flat_map(|period| {
        let when = [period.period.to_string(), period.start.to_string(), period.end.to_string()];
        let free = period.parts.is_empty().then(|| {
            let none = ["free".to_owned()].into_iter().chain(std::iter::repeat_n(String::new(), 6));
            when.clone().into_iter().chain(none).collect::<Vec<_>>()
        });
        let parts = period.parts.iter().map(move |part| {
            let of = part.position.dimension;
            let priced_by = [
                ocpi::dimension_name(of).to_owned(),
                ocpi::quantity_text(of, part.quantity),
                ocpi::unit(of).to_owned(),
                ocpi::sheet_id(part.position, sheets).to_owned(),
                part.position.element.to_string(),
                part.price.to_string(),
                part.amount.to_string(),
            ];
            when.clone().into_iter().chain(priced_by).collect::<Vec<_>>()
        });
        free.into_iter().chain(parts)
    });
    Sheet::new(columns, numbers).with(rows)
}
