//! What a charge detail record says.

use domain::cdr::{Cdr, Registers};
use domain::quantity::Quantity;
use domain::token::Token;

use crate::convert::{FieldError, FieldFault, field, leg};
use crate::roaming;

impl From<&Cdr> for roaming::CdrContent {
    fn from(cdr: &Cdr) -> Self {
        let register = |of: fn(&Registers) -> Quantity| cdr.registers.as_ref().map(|held| (&of(held)).into());
        Self {
            key: Some((&cdr.key).into()),
            session: Some((&cdr.session).into()),
            evse_id: cdr.evse.text().to_owned(),
            connector_id: cdr.connector.clone(),
            location_id: cdr.location.clone(),
            token_type: cdr.token.kind().name().to_owned(),
            token_value: cdr.token.value().to_owned(),
            contract_id: cdr.contract_id.clone(),
            session_id: cdr.session_id.clone(),
            register_start_kwh: register(|held| held.start_kwh),
            register_end_kwh: register(|held| held.end_kwh),
            credit_of_cdr_id: cdr.credit_of.clone().unwrap_or_default(),
            is_home: cdr.is_home,
            price_sheet_id: cdr.sheet.clone().unwrap_or_default(),
            content_digest: cdr.content.to_vec(),
        }
    }
}

impl TryFrom<roaming::CdrContent> for Cdr {
    type Error = FieldError;

    fn try_from(cdr: roaming::CdrContent) -> Result<Self, FieldError> {
        let start = field::optional("register_start_kwh", cdr.register_start_kwh)?;
        let end = field::optional("register_end_kwh", cdr.register_end_kwh)?;
        let registers = match (start, end) {
            (Some(start_kwh), Some(end_kwh)) => Some(Registers { start_kwh, end_kwh }),
            (None, None) => None,
            _ => return Err(FieldError::at("register_end_kwh", FieldFault::Contradiction)),
        };
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let token = Token::new(&cdr.token_type, &cdr.token_value).ok();
        Ok(Self {
            key: field::required("key", cdr.key)?,
            session: field::required("session", cdr.session)?,
            evse: leg::evse("evse_id", &cdr.evse_id)?,
            connector: cdr.connector_id,
            location: cdr.location_id,
            token: token
                .filter(|token| token.value() == cdr.token_value)
                .ok_or_else(|| FieldError::at("token_value", FieldFault::Unknown))?,
            contract_id: cdr.contract_id,
            session_id: cdr.session_id,
            registers,
            credit_of: some(cdr.credit_of_cdr_id),
            is_home: cdr.is_home,
            sheet: some(cdr.price_sheet_id),
            content: field::digest("content_digest", cdr.content_digest)?,
        })
    }
}
