//! Parties of roaming and the ids of their charging points.

use std::fmt;

/// The longest id of a charging point, without separators (eMI3: 2 + 3 + 1 + at most 30; OCPI allows 48 with them).
const MOST_EVSE_BYTES: usize = 48;

/// A charge point operator or mobility provider: its country and its id there.
///
/// Both are compared in capitals: ISO 3166-1 alpha-2 and three letters or digits (eMI3, ISO 15118-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Party {
    country: [u8; 2],
    id: [u8; 3],
}

/// The id of a charging point (EVSE) in the spelling that is compared: capitals, without `*`, `-` and white space.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvseId(String);

impl Party {
    /// The party of a country's code and its id in any case; `None` where they are none.
    #[must_use]
    pub fn new(country: &str, id: &str) -> Option<Self> {
        let country: [u8; 2] = country.to_ascii_uppercase().as_bytes().try_into().ok()?;
        let id: [u8; 3] = id.to_ascii_uppercase().as_bytes().try_into().ok()?;
        let is_party = country.iter().all(u8::is_ascii_uppercase)
            && id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        is_party.then_some(Self { country, id })
    }

    /// The party as people write it and clients name it: `NL-TNM`.
    #[must_use]
    pub fn named(&self) -> String {
        format!("{}-{}", self.country(), self.id())
    }

    /// Reads a party with a star or a hyphen between country and id, in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (country, id) = text.split_once(['*', '-'])?;
        Self::new(country, id)
    }

    /// The party whose country and id an id of roaming begins with: of a contract (`NL-TNM-C12345678-X`) or of a charging
    /// point (`NL*TNM*E1234`), with or without separators.
    #[must_use]
    pub fn leading(text: &str) -> Option<Self> {
        let mut letters = text.chars().filter(|letter| letter.is_ascii_alphanumeric());
        let country: String = letters.by_ref().take(2).collect();
        let id: String = letters.take(3).collect();
        Self::new(&country, &id)
    }

    /// The id in the catalogue of a tariff by the party's id of it: `NL*TNM*T1`. A party's ids say nothing beyond the party,
    /// and are the same in any case (OCPI 2.2.1, `CiString`): here they stand in capitals.
    #[must_use]
    pub fn sheet_id(&self, tariff: &str) -> String {
        format!("{self}*{}", tariff.to_ascii_uppercase())
    }

    /// The country's code.
    #[must_use]
    pub fn country(&self) -> &str {
        str::from_utf8(&self.country).unwrap_or_default()
    }

    /// The id in the country.
    #[must_use]
    pub fn id(&self) -> &str {
        str::from_utf8(&self.id).unwrap_or_default()
    }
}

/// Country and id with a star between, as ids are made of them: `NL*TNM`. People read [`named`](Party::named).
impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}*{}", self.country(), self.id())
    }
}

impl EvseId {
    /// The id in any spelling; `None` where it is empty, longer than 48 characters, or has others than letters, digits and
    /// separators.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_separator = |letter: char| letter == '*' || letter == '-' || letter.is_whitespace();
        let id: String = text.chars().filter(|letter| !is_separator(*letter)).collect();
        let is_id =
            (1..=MOST_EVSE_BYTES).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_id.then(|| Self(id.to_ascii_uppercase()))
    }

    /// The id as it is compared.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The operator that it names; `None` where it is no id of eMI3.
    #[must_use]
    pub fn operator(&self) -> Option<Party> {
        Party::leading(&self.0)
    }
}

impl fmt::Display for EvseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
