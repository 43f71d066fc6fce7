//! Charging contracts and cards in JSON, as the API has them: `{"charging_contracts": [...], "cards": [...]}`.

use domain::charging_contract::{Card, ChargingContract};
use domain::token::Token;
use proto::roaming::ListChargingContractsResponse;

use crate::usage::{UsageError, read_message};

/// Charging contracts and cards of an account, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChargingContractFile {
    /// The contracts.
    pub contracts: Vec<ChargingContract>,
    /// The cards.
    pub cards: Vec<(Token, Card)>,
}

impl ChargingContractFile {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`UsageError`] where it is no such message, by the path of the field.
    pub fn read(text: &str) -> Result<Self, UsageError> {
        let value = serde_json::from_str(text).map_err(UsageError::Malformed)?;
        let message: ListChargingContractsResponse =
            read_message("kvarter.roaming.v1.ListChargingContractsResponse", &value)
                .map_err(UsageError::Message)?;
        let mut file = Self::default();
        for (number, contract) in message.charging_contracts.into_iter().enumerate() {
            let contract = ChargingContract::try_from(contract);
            let at =
                |error: proto::convert::FieldError| error.within(&format!("charging_contracts[{number}]"));
            file.contracts.push(contract.map_err(|error| UsageError::Field(at(error)))?);
        }
        for (number, card) in message.cards.into_iter().enumerate() {
            let card = <(Token, Card)>::try_from(card);
            let at = |error: proto::convert::FieldError| error.within(&format!("cards[{number}]"));
            file.cards.push(card.map_err(|error| UsageError::Field(at(error)))?);
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use domain::charging_contract::{Covers, Settles};

    use super::*;

    #[test]
    fn a_file_has_contracts_and_cards() {
        let text = r#"{
            "charging_contracts": [{
                "charging_contract_id": "fleet", "display_name": "Fleet", "price_sheet_id": "public",
                "span": { "first_day": "2026-01-01" }, "listed_tokens": { "tokens": [
                    { "token_type": "rfid", "value": "04:a2" }
                ] },
                "fee_per_month": "9.90", "card_limit_per_day": "50.00 EUR"
            }],
            "cards": [{ "token_type": "rfid", "value": "04A2", "cost_centre": "Sales" }]
        }"#;
        let file = ChargingContractFile::read(text).unwrap();
        let contract = &file.contracts[0];
        assert_eq!((contract.settles, contract.tax_class.name()), (Settles::ByInvoice, "standard"));
        assert_eq!(contract.card_limits.per_day.unwrap().to_string(), "50.00 EUR");
        let Covers::Listed(tokens) = &contract.covers else { unreachable!("it lists a token") };
        assert!(tokens.contains(&file.cards[0].0));
    }

    #[test]
    fn what_can_t_be_is_named_by_its_path() {
        let contract = |rest: &str| {
            format!(
                r#"{{"charging_contracts": [{{"charging_contract_id": "c", "price_sheet_id": "p", {rest}}}]}}"#
            )
        };
        let cases = [
            ("{".to_owned(), "EOF"),
            (contract(r#""span": {"first_day": "2026-13-01"}"#), "charging_contracts[0].span.first_day"),
            (contract(r#""span": {"first_day": "2026-01-01"}"#), "charging_contracts[0].covers"),
            (contract(r#""colour": "red""#), "charging_contracts[0].colour"),
            (contract(r#""card_limit_per_day": "5.005 EUR""#), "charging_contracts[0].card_limit_per_day"),
            (r#"{"cards": [{"token_type": "RFID", "value": "1"}]}"#.to_owned(), "cards[0].value"),
        ];
        for (text, path) in cases {
            let error = ChargingContractFile::read(&text).unwrap_err().to_string();
            assert!(error.contains(path), "{error} names {path}");
        }
    }
}
