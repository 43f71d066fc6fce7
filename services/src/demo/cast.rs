//! Who takes part: the metering points that show something, and the many beside them.

use domain::address::Address;
use domain::day::Day;
use domain::day_span::DaySpan;
use domain::entity::account::AccountDetails;
use domain::identity::MeteringPointId;
use domain::resolution::Resolution;

use super::people;
use super::profiles::Profile;
use super::terms::day;
use crate::chance::Chance;

/// What a metering point shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Somebody moves in on the 12th and pays a fee of the grid company.
    MoveIn,
    /// Somebody moves out: the 20th is the last day.
    MoveOut,
    /// Hours become quarters of an hour on the 16th.
    FinerFromMidMonth,
    /// The 18th is first estimated, then restated by a second document.
    Restated,
    /// Five hours of the 9th are missing: it can't be billed.
    Gap,
    /// The consumption of a home that also produces.
    ProsumerConsumption,
    /// The production of that home, paid by spot, also where spot is negative.
    ProsumerProduction,
    /// Two accounts pay 70 and 30 percent.
    TwoPayers,
    /// A roof that only produces: its document is a credit note.
    SolarRoof,
    /// A fixed price that changes on the 15th, a surcharge, and a link whose quantity changes on the 16th.
    FixedPrice,
    /// One of the many.
    Ordinary,
}

impl Part {
    /// Those that show something, in the order of their metering points.
    pub(super) const SPECIAL: [Self; 10] = [
        Self::MoveIn,
        Self::MoveOut,
        Self::FinerFromMidMonth,
        Self::Restated,
        Self::Gap,
        Self::ProsumerConsumption,
        Self::ProsumerProduction,
        Self::TwoPayers,
        Self::SolarRoof,
        Self::FixedPrice,
    ];

    /// What it shows, for the readers of the inputs.
    pub(super) fn shows(self) -> &'static str {
        match self {
            Self::MoveIn => "moves in on the 12th; a fee of the grid company on that day",
            Self::MoveOut => "moves out; the 20th is the last day",
            Self::FinerFromMidMonth => {
                "values by the hour until the 15th, by the quarter of an hour from the 16th"
            }
            Self::Restated => "the 18th is estimated at first, and restated by a second document",
            Self::Gap => "five hours of the 9th are missing, so that it is not billed but listed",
            Self::ProsumerConsumption => "a home that also produces: consumption",
            Self::ProsumerProduction => {
                "the same home: production at spot, negative hours among them; one invoice for both"
            }
            Self::TwoPayers => "two accounts pay 70 % and 30 %",
            Self::SolarRoof => "only production: a credit note",
            Self::FixedPrice => {
                "a fixed price that changes on the 15th, a surcharge of 2 %, a subscription that counts twice from the 16th"
            }
            Self::Ordinary => "",
        }
    }
}

/// A metering point of the demo with its contract.
pub(super) struct DemoPoint {
    pub(super) id: MeteringPointId,
    /// Its place, from 1.
    pub(super) number: u64,
    pub(super) part: Part,
    pub(super) profile: Profile,
    pub(super) yearly_kwh: u64,
    pub(super) address: Address,
    /// When the contract holds.
    pub(super) span: DaySpan,
    pub(super) product: &'static str,
    /// Accounts with their shares in percent.
    pub(super) payers: Vec<(String, u32)>,
    /// The resolutions of its values, each from a day on.
    pub(super) resolutions: Vec<(Day, Resolution)>,
}

/// Everybody.
pub(super) struct Cast {
    pub(super) accounts: Vec<AccountDetails>,
    pub(super) points: Vec<DemoPoint>,
}

impl Cast {
    /// The cast of a seed: at least those that show something.
    pub(super) fn new(seed: u64, count: u64) -> Self {
        let mut cast = Self { accounts: Vec::new(), points: Vec::new() };
        let ordinary = std::iter::repeat(Part::Ordinary);
        let least = Part::SPECIAL.len();
        let count = usize::try_from(count).unwrap_or(usize::MAX).max(least);
        for (number, part) in (1..).zip(Part::SPECIAL.into_iter().chain(ordinary).take(count)) {
            cast.add(number, part, Chance::new(seed, number));
        }
        cast
    }

    fn add(&mut self, number: u64, part: Part, mut chance: Chance) {
        let profile = profile(part, &mut chance);
        let yearly_kwh = profile.yearly_kwh(&mut chance);
        let address = people::address(&mut chance);
        let payers = self.payers(number, part, profile, &address, &mut chance);
        self.points.push(DemoPoint {
            id: id(number),
            number,
            part,
            profile,
            yearly_kwh,
            address,
            span: span(part),
            product: product(part, &mut chance),
            payers,
            resolutions: resolutions(part, number),
        });
    }

    fn payers(
        &mut self,
        number: u64,
        part: Part,
        profile: Profile,
        address: &Address,
        chance: &mut Chance,
    ) -> Vec<(String, u32)> {
        // The production of a home belongs to its consumer; every 25th of the many to the account before it.
        let shares_account =
            part == Part::ProsumerProduction || (part == Part::Ordinary && number.is_multiple_of(25));
        if let (true, Some(before)) = (shares_account, self.accounts.last()) {
            return vec![(before.id.clone(), 100)];
        }
        let first = self.open_account(profile, address, chance);
        if part == Part::TwoPayers {
            let second = self.open_account(profile, address, chance);
            return vec![(first, 70), (second, 30)];
        }
        vec![(first, 100)]
    }

    fn open_account(&mut self, profile: Profile, address: &Address, chance: &mut Chance) -> String {
        let (name, category) = match profile {
            Profile::Trade => (people::trade(chance), "business"),
            Profile::Farm => (people::farm(chance), "business"),
            _ => (people::person(chance), "household"),
        };
        let id = format!("A-{:04}", self.accounts.len() + 1);
        self.accounts.push(AccountDetails {
            email: format!("{}@example.com", id.to_lowercase()),
            id: id.clone(),
            name,
            address: address.clone(),
            vat_id: String::new(),
            category: category.to_owned(),
        });
        id
    }
}

fn profile(part: Part, chance: &mut Chance) -> Profile {
    match part {
        Part::ProsumerConsumption => Profile::SolarHome,
        Part::ProsumerProduction | Part::SolarRoof => Profile::Sun,
        Part::FixedPrice => Profile::Trade,
        Part::Ordinary => match chance.below(100) {
            0..74 => Profile::Home,
            74..86 => Profile::Trade,
            86..90 => Profile::Farm,
            90..97 => Profile::SolarHome,
            _ => Profile::StorageHome,
        },
        _ => Profile::Home,
    }
}

fn span(part: Part) -> DaySpan {
    let since = day(2024, 1, 1);
    let span = match part {
        Part::MoveIn => DaySpan::since(day(2024, 10, 12)),
        Part::MoveOut => DaySpan::new(since, day(2024, 10, 21)),
        _ => DaySpan::since(since),
    };
    span.unwrap_or_else(|| unreachable!("the days of the demo are in order"))
}

fn product(part: Part, chance: &mut Chance) -> &'static str {
    match part {
        Part::ProsumerProduction | Part::SolarRoof => "feed-in",
        Part::FixedPrice | Part::MoveOut => "fixed",
        Part::Ordinary if chance.below(3) == 0 => "fixed",
        _ => "dynamic",
    }
}

fn resolutions(part: Part, number: u64) -> Vec<(Day, Resolution)> {
    let first = span(part).first().max(day(2024, 1, 1));
    match part {
        Part::FinerFromMidMonth => {
            vec![(first, Resolution::Hour), (day(2024, 10, 16), Resolution::Minutes15)]
        }
        Part::TwoPayers => vec![(first, Resolution::Minutes15)],
        Part::Ordinary if number.is_multiple_of(10) => vec![(first, Resolution::Minutes15)],
        _ => vec![(first, Resolution::Hour)],
    }
}

/// The id of a metering point: invented, with a right check digit.
fn id(number: u64) -> MeteringPointId {
    let stem = (87_169_900_000_000_000 + number) * 10;
    let ids = (0..10).filter_map(|digit| MeteringPointId::new(stem + digit));
    let mut right = ids.filter(|id| id.has_valid_check_digit());
    right.next().unwrap_or_else(|| unreachable!("one digit of ten is the check digit"))
}
