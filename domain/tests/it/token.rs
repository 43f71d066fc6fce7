//! Spellings of tokens, and which of them are one.

use domain::token::{Token, TokenError};
use proptest::prelude::*;

#[test]
fn spellings_of_one_value_are_one_token() {
    let long = "A".repeat(64);
    let cases: [(&str, &str, Result<&str, TokenError>); 18] = [
        ("rfid", "04:a2:2b:3c", Ok("04A22B3C")),
        ("rfid", "04-A2-2B-3C", Ok("04A22B3C")),
        ("rfid", " 04a2 2b3c ", Ok("04A22B3C")),
        ("contract_id", "de-8aa-ca2b3c4d5-n", Ok("DE8AACA2B3C4D5N")),
        ("evse_id", "DE*AB7*E840*6487", Ok("DEAB7E8406487")),
        ("meter_serial", "lgz 00-471:1", Ok("LGZ00-471:1")),
        ("own_type_2", "ä", Err(TokenError::Value)),
        ("rfid", "", Err(TokenError::Value)),
        ("rfid", " :- ", Err(TokenError::Value)),
        ("rfid", "04\u{7}", Err(TokenError::Value)),
        ("rfid", &long, Ok(&long)),
        ("rfid", "04A\u{200b}", Err(TokenError::Value)),
        ("", "04", Err(TokenError::Type)),
        ("RFID", "04", Err(TokenError::Type)),
        ("2g", "04", Err(TokenError::Type)),
        ("rf-id", "04", Err(TokenError::Type)),
        ("a_type_with_24_characters", "04", Err(TokenError::Type)),
        ("a_type_of_24_characters_", "04", Ok("04")),
    ];
    for (kind, value, expected) in cases {
        let token = Token::new(kind, value);
        assert_eq!(token.as_ref().map(Token::value).map_err(|error| *error), expected, "{kind} {value:?}");
    }
    assert_eq!(Token::new("rfid", &"A".repeat(65)), Err(TokenError::Value));
}

#[test]
fn a_token_is_read_as_it_is_written() {
    let token = Token::new("meter_serial", "a.b").unwrap();
    assert_eq!(token.to_string(), "meter_serial.A.B");
    assert_eq!(Token::parse("meter_serial.A.B"), Some(token));
    for other in ["", "rfid", "rfid.", ".04", "rfid.04:a2", "rfid.04a2", "rfid. 04"] {
        assert_eq!(Token::parse(other), None, "{other}");
    }
}

proptest! {
    #[test]
    fn the_spelling_held_is_its_own(kind in "(rfid|contract_id|evse_id|other)", value in "\\PC{0,80}") {
        if let Ok(token) = Token::new(&kind, &value) {
            prop_assert_eq!(Token::new(&kind, token.value()), Ok(token.clone()));
            prop_assert_eq!(Token::new(&kind, &value.to_ascii_lowercase()), Ok(token.clone()));
            prop_assert_eq!(Token::parse(&token.to_string()), Some(token));
        }
    }
}
