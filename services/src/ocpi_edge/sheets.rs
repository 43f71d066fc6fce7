//! Tariffs of operators as price sheets of the catalogue.
//!
//! An operator's id of a tariff says nothing beyond the operator: in the catalogue it stands under the operator's party, so
//! that no partner can say what another's tariff is, or one of the tenant's own.

use domain::entity::Recipient;
use domain::entity::catalog::Command;
use domain::price_sheet::PriceSheet;

use super::answer::{Code, Fault};
use super::merge::Object;
use super::object;
use crate::gateway::{Ask, Failure, Gateway};
use crate::ocpi::read_tariffs;
use domain::entity::roaming_object::RoamingModule;

/// How many elements a tariff may have: each session is priced by looking at them.
const MOST_ELEMENTS: usize = 1_000;

/// The tariff, if it can be priced by.
pub(super) fn read(object: &Object) -> Result<PriceSheet, Fault> {
    let sheets = read_tariffs(&object.write()?).map_err(|error| Fault::parameters(error.to_string()))?;
    let sheet = sheets.into_iter().next().ok_or_else(|| Fault::parameters("the document is no tariff"))?;
    if sheet.elements.len() > MOST_ELEMENTS {
        return Err(Fault::parameters(format!("elements: are more than {MOST_ELEMENTS}")));
    }
    Ok(sheet)
}

/// Puts it into the catalogue.
pub(super) async fn tell(
    gateway: &Gateway,
    ask: impl Fn(Recipient) -> Ask,
    object: &Object,
) -> Result<(), Fault> {
    let sheet = read(object)?;
    let key = object::key_in(RoamingModule::Tariffs, object)?;
    let id = key.party.sheet_id(&key.id);
    let put = Command::PutPriceSheet { id, sheet: Box::new(sheet) };
    match gateway.ask(ask(Recipient::Catalog), &put).await {
        Ok(_) => Ok(()),
        // What the catalogue refuses is the tariff as it is told.
        Err(failure @ Failure::Rejected(_)) => Err(Fault::from(failure).coded(Code::Parameters)),
        Err(failure) => Err(failure.into()),
    }
}
