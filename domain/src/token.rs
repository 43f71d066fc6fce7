//! Tokens: by what somebody or something is recognised at the roadside, in a meter, in a roaming message.
//!
//! A token is a type and a value: the UID of an RFID card, the id of a contract for roaming, the serial number of a meter,
//! the id of a charging point. The types are open: whoever brings a new one just uses it.

use std::fmt;

/// The type of a token: a lower-case identifier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenType(String);

/// A token with its value in the one spelling that is compared.
///
/// Spellings of one value differ in case, white space and, where a standard makes them optional, separators. The value
/// held has capital letters and no white space; one of `rfid` lacks `:` and `-` as well (the UID's bytes, OCPI
/// `Token.uid`), one of `contract_id` and `evse_id` lacks `-` and `*` (ISO 15118-2, annex H).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    kind: TokenType,
    value: String,
}

/// Why there is no such token, in order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The type is no lower-case letter followed by at most 23 lower-case letters, digits and underscores.
    Type,
    /// The value has, after what does not count is left out, no or more than 64 characters, or one that is not
    /// printable ASCII.
    Value,
}

/// The longest type.
pub const MOST_TYPE_BYTES: usize = 24;

/// The longest value, as it is compared.
pub const MOST_VALUE_BYTES: usize = 64;

impl TokenType {
    /// The type of this name.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let is_first = |byte: &u8| byte.is_ascii_lowercase();
        let is_next = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let is_type = name.len() <= MOST_TYPE_BYTES
            && name.as_bytes().first().is_some_and(is_first)
            && name.bytes().all(is_next);
        is_type.then(|| Self(name.to_owned()))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The characters that may stand in a value of this type or not.
    fn separators(&self) -> &'static [char] {
        match self.name() {
            "rfid" => &[':', '-'],
            "contract_id" | "evse_id" => &['-', '*'],
            _ => &[],
        }
    }
}

impl Token {
    /// The token of a type with a value in any spelling.
    ///
    /// # Errors
    /// [`TokenError`] where type or value can't be.
    pub fn new(kind: &str, value: &str) -> Result<Self, TokenError> {
        let kind = TokenType::new(kind).ok_or(TokenError::Type)?;
        let separators = kind.separators();
        let counts = |character: &char| !character.is_whitespace() && !separators.contains(character);
        let value: String =
            value.chars().filter(counts).map(|character| character.to_ascii_uppercase()).collect();
        let is_value = (1..=MOST_VALUE_BYTES).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_graphic());
        if is_value { Ok(Self { kind, value }) } else { Err(TokenError::Value) }
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> &TokenType {
        &self.kind
    }

    /// Its value as it is compared.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The token that [`Display`](fmt::Display) writes, in this very spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, value) = text.split_once('.')?;
        Self::new(kind, value).ok().filter(|token| token.value == value)
    }
}

/// Type and value with a full stop between, which no type holds: `rfid.04A22B3C`.
impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind.0, self.value)
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type => write!(
                f,
                "is no type of token: a lower-case letter, then at most 23 lower-case letters, digits, underscores"
            ),
            Self::Value => write!(f, "is no value of a token: 1 to 64 printable characters of ASCII"),
        }
    }
}

impl std::error::Error for TokenError {}
