//! The code lists of the documents that are no enums of the domain.

use domain::charge::ChargeKind;
use domain::quantity::Unit;
use domain::series::Quality;

/// Units by their code (UN/ECE recommendation 20, as the market's code list has them).
const UNITS: [(&str, Unit); 8] = [
    ("KWH", Unit::KilowattHour),
    ("MWH", Unit::MegawattHour),
    ("GV", Unit::Gigajoule),
    ("MTQ", Unit::CubicMetre),
    ("KWT", Unit::Kilowatt),
    ("H87", Unit::Piece),
    ("DAY", Unit::Day),
    ("HUR", Unit::Hour),
];

/// Qualities of CIM documents. A value without one is measured.
const QUALITIES: [(&str, Quality); 5] = [
    ("A02", Quality::Missing),
    ("A03", Quality::Estimated),
    ("A04", Quality::Measured),
    ("A05", Quality::Incomplete),
    ("A06", Quality::Calculated),
];

/// Qualities of ebIX documents. A missing value is told by an element of its own.
const EBIX_QUALITIES: [(&str, Quality); 3] =
    [("E01", Quality::Measured), ("56", Quality::Estimated), ("D01", Quality::Calculated)];

/// Kinds of charges by their code.
const CHARGE_KINDS: [(&str, ChargeKind); 3] =
    [("D01", ChargeKind::Subscription), ("D02", ChargeKind::Fee), ("D03", ChargeKind::Tariff)];

/// Roles of market participants.
const ROLES: [&str; 11] = ["DDK", "DDM", "DDQ", "DDX", "DDZ", "DEA", "DGL", "EZ", "MDR", "STS", "Z06"];

/// Sectors: electricity, gas.
const SECTORS: [&str; 2] = ["23", "27"];

/// Corrections of a settlement: first, second, third.
const SETTLEMENT_VERSIONS: [&str; 10] =
    ["D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08", "D09", "D10"];

/// Business processes beside D02 to D46.
const PROCESSES: [&str; 21] = [
    "D48", "E01", "E02", "E03", "E05", "E06", "E0G", "E20", "E23", "E30", "E32", "E34", "E53", "E56", "E65",
    "E66", "E67", "E75", "E79", "E80", "E84",
];

pub(super) fn unit(code: &str) -> Option<Unit> {
    UNITS.iter().find(|(known, _)| *known == code).map(|(_, unit)| *unit)
}

pub(super) fn unit_code(unit: Unit) -> &'static str {
    UNITS.iter().find(|(_, known)| *known == unit).map_or("", |(code, _)| code)
}

pub(super) fn quality(code: &str) -> Option<Quality> {
    QUALITIES.iter().find(|(known, _)| *known == code).map(|(_, quality)| *quality)
}

pub(super) fn quality_code(quality: Quality) -> &'static str {
    QUALITIES.iter().find(|(_, known)| *known == quality).map_or("", |(code, _)| code)
}

pub(super) fn ebix_quality(code: &str) -> Option<Quality> {
    EBIX_QUALITIES.iter().find(|(known, _)| *known == code).map(|(_, quality)| *quality)
}

pub(super) fn role(code: &str) -> Option<String> {
    listed(&ROLES, code)
}

pub(super) fn sector(code: &str) -> Option<String> {
    listed(&SECTORS, code)
}

pub(super) fn settlement_version(code: &str) -> Option<String> {
    listed(&SETTLEMENT_VERSIONS, code)
}

pub(super) fn charge_kind(code: &str) -> Option<ChargeKind> {
    CHARGE_KINDS.iter().find(|(known, _)| *known == code).map(|(_, kind)| *kind)
}

pub(super) fn charge_kind_code(kind: ChargeKind) -> &'static str {
    CHARGE_KINDS.iter().find(|(_, known)| *known == kind).map_or("", |(code, _)| code)
}

/// Whether VAT is due on a charge, by the code of its VAT payer.
pub(super) fn has_vat(code: &str) -> Option<bool> {
    match code {
        "D01" => Some(false),
        "D02" => Some(true),
        _ => None,
    }
}

pub(super) fn vat_payer_code(has_vat: bool) -> &'static str {
    if has_vat { "D02" } else { "D01" }
}

/// A code of the market's list of processes.
pub(super) fn process(code: &str) -> Option<String> {
    let number =
        code.strip_prefix('D').filter(|digits| digits.len() == 2).and_then(|digits| digits.parse().ok());
    let numbered = number.is_some_and(|number: u8| (2..=46).contains(&number));
    if numbered { Some(code.to_owned()) } else { listed(&PROCESSES, code) }
}

/// Whether ids and codes may be of this scheme: GS1, EIC, a national one, a registration number; ebIX agencies.
pub(super) fn is_scheme(code: &str) -> bool {
    let is_national =
        code.len() == 3 && code.starts_with('N') && code.bytes().all(|byte| byte.is_ascii_uppercase());
    is_national || ["9", "6", "260", "305", "330", "A01", "A02", "A10", "ARR", "VAT"].contains(&code)
}

/// The scheme of a participant's id: EIC for sixteen characters, else GS1.
pub(super) fn party_scheme(id: &str) -> &'static str {
    if id.len() == 16 { "A01" } else { "A10" }
}

fn listed(list: &[&str], code: &str) -> Option<String> {
    list.contains(&code).then(|| code.to_owned())
}
