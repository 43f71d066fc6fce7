//! The head of a CIM document.

use domain::document::{DocumentHeader, Participant, RefusalReason};

use super::fields::{Fields, Read};
use super::reading::Reading;
use crate::market::codes;
use crate::market::profile::Profile;

/// Reads the head; the document's id first, so that every later fault names it.
pub(super) fn read(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    profile: &Profile,
) -> Read<DocumentHeader> {
    let id = fields.id(reading, "mRID")?;
    reading.document = Some(id.clone());
    fields.code(reading, "type", |code| (code == profile.type_code).then_some(()))?;
    let process = fields.code(reading, "process.processType", |code| {
        codes::process(code).filter(|process| profile.takes(process))
    })?;
    let sender = participant(
        reading,
        fields,
        "sender_MarketParticipant.mRID",
        "sender_MarketParticipant.marketRole.type",
    )?;
    let receiver = participant(
        reading,
        fields,
        "receiver_MarketParticipant.mRID",
        "receiver_MarketParticipant.marketRole.type",
    )?;
    let business_sector = fields.optional_code(reading, "businessSector.type", codes::sector)?;
    let created = fields.instant(reading, "createdDateTime")?;
    Ok(DocumentHeader { id, kind: profile.kind, process, business_sector, sender, receiver, created })
}

fn participant(
    reading: &Reading<'_>,
    fields: &mut Fields<'_>,
    id_name: &'static str,
    role_name: &'static str,
) -> Read<Participant> {
    let id = fields.participant(reading, id_name)?;
    let role = fields.optional_code(reading, role_name, codes::role)?;
    let role = role.ok_or_else(|| reading.fault(role_name, RefusalReason::MissingField))?;
    Ok(Participant { id, role: Some(role) })
}
