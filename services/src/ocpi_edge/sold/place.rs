//! Where a session was, as a record of OCPI 2.2.1 has to say it (`CdrLocation`): what came with the record counts, then what
//! the tenant has published of the location. What nobody said has a stand-in that the page of this edge names.

use domain::cdr::{Cdr, EvseId};

use super::super::merge::Object;
use crate::ocpi::country::three_letters;
use crate::ocpi::written::Written;

/// What stands for an id that is not known (OCPI 2.2.1, `CdrLocation.evse_uid`).
pub(super) const NOT_AVAILABLE: &str = "#NA";
/// The longest id, `CiString(36)`.
pub(super) const MOST_ID: usize = 36;
/// The longest id of a charging point.
const MOST_EVSE_ID: usize = 48;
/// The longest address, the longest name of a city.
const MOST_ADDRESS: usize = 45;
/// What stands for an address that is not known.
const UNKNOWN: &str = "unknown";
/// What stands for coordinates that are not known.
const NOWHERE: &str = "0.00000";
/// `ConnectorType`; the first stands where none is known.
const STANDARDS: &str = "IEC_62196_T2 IEC_62196_T2_COMBO IEC_62196_T1 IEC_62196_T1_COMBO IEC_62196_T3A IEC_62196_T3C \
    CHADEMO CHAOJI GBT_AC GBT_DC TESLA_R TESLA_S PANTOGRAPH_BOTTOM_UP PANTOGRAPH_TOP_DOWN \
    IEC_60309_2_single_16 IEC_60309_2_three_16 IEC_60309_2_three_32 IEC_60309_2_three_64 \
    DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G DOMESTIC_H DOMESTIC_I \
    DOMESTIC_J DOMESTIC_K DOMESTIC_L DOMESTIC_M DOMESTIC_N DOMESTIC_O \
    NEMA_5_20 NEMA_6_30 NEMA_6_50 NEMA_10_30 NEMA_10_50 NEMA_14_30 NEMA_14_50";
/// `ConnectorFormat`; the first stands where none is known.
const FORMATS: &str = "SOCKET CABLE";
/// `PowerType`; the first stands where none is known.
const POWER_TYPES: &str = "AC_3_PHASE AC_1_PHASE AC_2_PHASE AC_2_PHASE_SPLIT DC";

/// What is said of the place of a session, nearest first; of each location the charging point and the connector.
struct Sources {
    /// `cdr_location` of the record.
    frozen: Object,
    /// That of a record of 2.1.1, that which was published.
    whole: Vec<[Object; 3]>,
}

/// `CdrLocation` of a record.
pub(super) fn place(cdr: &Cdr, document: &Object, published: Option<&Object>) -> Written {
    let inner = [object(document, "location"), published.cloned()];
    let sources = Sources {
        frozen: object(document, "cdr_location").unwrap_or_default(),
        whole: inner.into_iter().flatten().map(|location| parts(location, cdr)).collect(),
    };
    let at = |name: &str, most| sources.said((name, 0, name), |text| fits(text, most));
    let known = |name: &str| at(name, MOST_ADDRESS).unwrap_or_else(|| UNKNOWN.to_owned());
    let id = |frozen: &str, part: usize, name: &str, most| {
        sources.said((frozen, part, name), |text| is_id(text, most))
    };
    let one_of = |frozen: &str, name: &str, known: &'static str| {
        let said = sources.said((frozen, 2, name), |text| known.split(' ').any(|one| one == text));
        said.unwrap_or_else(|| known.split(' ').next().unwrap_or_default().to_owned())
    };
    let is_country = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let country = sources.said(("country", 0, "country"), is_country);
    let missing = || NOT_AVAILABLE.to_owned();
    let own = |text: &str| Some(text.to_owned()).filter(|text| is_id(text, MOST_ID));
    Written::default()
        .with("id", own(&cdr.location).or_else(|| id("id", 0, "id", MOST_ID)).unwrap_or_else(missing))
        .with_any("name", at("name", 255))
        .with("address", known("address"))
        .with("city", known("city"))
        .with_any("postal_code", at("postal_code", 10))
        .with_any("state", at("state", 20))
        .with("country", country.unwrap_or_else(|| three_letters(cdr.key.party().country()).to_owned()))
        .with("coordinates", sources.coordinates())
        .with(
            "evse_uid",
            id("evse_uid", 1, "uid", MOST_ID).or_else(|| own(cdr.evse.text())).unwrap_or_else(missing),
        )
        .with("evse_id", id("evse_id", 1, "evse_id", MOST_EVSE_ID).unwrap_or_else(|| spelled(&cdr.evse)))
        .with(
            "connector_id",
            own(&cdr.connector).or_else(|| id("connector_id", 2, "id", MOST_ID)).unwrap_or_else(missing),
        )
        .with("connector_standard", one_of("connector_standard", "standard", STANDARDS))
        .with("connector_format", one_of("connector_format", "format", FORMATS))
        .with("connector_power_type", one_of("connector_power_type", "power_type", POWER_TYPES))
}

/// Whether it is a text of OCPI of at most so many characters.
pub(super) fn fits(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Whether it is an id of OCPI (`CiString`) of at most so many characters.
pub(super) fn is_id(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7F).contains(&byte))
}

/// A field that is an object.
pub(super) fn object(of: &Object, name: &str) -> Option<Object> {
    Object::read(of.raw(name)?).ok()
}

/// A location with the charging point and the connector of the session, as far as it has them.
fn parts(location: Object, cdr: &Cdr) -> [Object; 3] {
    let is_point = |point: &Object| {
        let id = point.text("evse_id").or_else(|| point.text("uid"));
        id.and_then(|id| EvseId::new(&id)).as_ref() == Some(&cdr.evse)
    };
    let point = location.list("evses").unwrap_or_default().into_iter().find(is_point).unwrap_or_default();
    let connectors = point.list("connectors").unwrap_or_default();
    let is_only = connectors.len() == 1 && cdr.connector.is_empty();
    let is_connector = |connector: &Object| {
        is_only || connector.text("id").is_some_and(|id| id.eq_ignore_ascii_case(&cdr.connector))
    };
    let connector = connectors.into_iter().find(is_connector).unwrap_or_default();
    [location, point, connector]
}

/// The id of a charging point with the separators of eMI3.
fn spelled(evse: &EvseId) -> String {
    let outlet = evse.operator().and_then(|operator| Some((operator, evse.text().get(5..)?)));
    let spelled = outlet
        .filter(|(_, outlet)| !outlet.is_empty())
        .map(|(operator, outlet)| format!("{operator}*{outlet}"));
    spelled.filter(|text| text.len() <= MOST_EVSE_ID).unwrap_or_else(|| evse.text().to_owned())
}

impl Sources {
    /// What the nearest source says that says something which can be: by the name in a record, or else by the part of a
    /// location and the name there.
    fn said(
        &self,
        (frozen, part, name): (&str, usize, &str),
        can_be: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let frozen = self.frozen.text(frozen);
        let whole = self.whole.iter().filter_map(|parts| parts.get(part)?.text(name));
        frozen.into_iter().chain(whole).find(|text| can_be(text))
    }

    fn coordinates(&self) -> Written {
        let locations = self.whole.iter().filter_map(|parts| parts.first());
        let read = |location: &Object| {
            let at = object(location, "coordinates")?;
            let latitude = at.text("latitude").filter(|text| is_coordinate(text, 2))?;
            Some((latitude, at.text("longitude").filter(|text| is_coordinate(text, 3))?))
        };
        let found = [&self.frozen].into_iter().chain(locations).find_map(read);
        let (latitude, longitude) = found.unwrap_or_else(|| (NOWHERE.to_owned(), NOWHERE.to_owned()));
        Written::default().with("latitude", latitude).with("longitude", longitude)
    }
}

/// Whether it is a coordinate of OCPI: so many digits at most before the point, five to seven behind it.
fn is_coordinate(text: &str, most: usize) -> bool {
    let parts = text.strip_prefix('-').unwrap_or(text).split_once('.');
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    parts.is_some_and(|(whole, decimals)| {
        (1..=most).contains(&whole.len())
            && (5..=7).contains(&decimals.len())
            && are_digits(whole)
            && are_digits(decimals)
    })
}
