//! Invented people and places.

use crate::chance::Chance;
use domain::address::Address;

const GIVEN_NAMES: [&str; 24] = [
    "Anna", "Bram", "Carlijn", "Daan", "Eva", "Finn", "Greetje", "Hugo", "Iris", "Jasper", "Karin", "Lars",
    "Maartje", "Niels", "Olga", "Pieter", "Quirine", "Ruben", "Sanne", "Teun", "Ursula", "Vera", "Wouter",
    "Yara",
];
const SURNAMES: [&str; 24] = [
    "Aalders",
    "Bakker",
    "Claassen",
    "Dekker",
    "Evers",
    "de Groot",
    "Hendriks",
    "IJsbrandy",
    "Jansen",
    "Kuiper",
    "Lammers",
    "Mulder",
    "Nijland",
    "Oosterhuis",
    "Peters",
    "Roos",
    "Smit",
    "Timmer",
    "Visser",
    "de Vries",
    "van Wijk",
    "Wolters",
    "Zijlstra",
    "van Zanten",
];
const TRADES: [&str; 10] = [
    "Bakkerij",
    "Bloemenhuis",
    "Drukkerij",
    "Fietsenwinkel",
    "Garage",
    "Kapsalon",
    "Meubelmakerij",
    "Slagerij",
    "Timmerwerken",
    "Viswinkel",
];
const STREETS: [&str; 16] = [
    "Dorpsstraat",
    "Kerkstraat",
    "Molenweg",
    "Julianastraat",
    "Beatrixlaan",
    "Schoolstraat",
    "Nieuwstraat",
    "Eikenlaan",
    "Beukenlaan",
    "Stationsweg",
    "Havenkade",
    "Singel",
    "Lindenlaan",
    "Parkweg",
    "Marktplein",
    "Kastanjehof",
];
const TOWNS: [(&str, u64); 4] =
    [("Voorbeelddam", 9901), ("Modelstad", 9921), ("Proefdorp", 9941), ("Testum", 9961)];

/// The name of a person.
pub(super) fn person(chance: &mut Chance) -> String {
    let given = chance.of(&GIVEN_NAMES).copied().unwrap_or_default();
    let surname = chance.of(&SURNAMES).copied().unwrap_or_default();
    format!("{given} {surname}")
}

/// The name of a trade.
pub(super) fn trade(chance: &mut Chance) -> String {
    let trade = chance.of(&TRADES).copied().unwrap_or_default();
    let surname = chance.of(&SURNAMES).copied().unwrap_or_default();
    format!("{trade} {surname}")
}

/// The name of a farm.
pub(super) fn farm(chance: &mut Chance) -> String {
    let surname = chance.of(&SURNAMES).copied().unwrap_or_default();
    format!("Boerderij {surname}")
}

/// An address; the towns do not exist.
pub(super) fn address(chance: &mut Chance) -> Address {
    let street = chance.of(&STREETS).copied().unwrap_or_default();
    let (city, district) = chance.of(&TOWNS).copied().unwrap_or_default();
    let number = chance.between(1, 180);
    let letter = |chance: &mut Chance| chance.of(b"ABCDEFGHJKLMNPRSTVWXZ").copied().map_or('A', char::from);
    let letters = format!("{}{}", letter(chance), letter(chance));
    Address {
        street: format!("{street} {number}"),
        postal_code: format!("{district} {letters}"),
        city: city.to_owned(),
        country: "NL".to_owned(),
    }
}
