//! The head of a document.

use domain::document::{DocumentHeader, Participant};

use super::{Field, Fields};
use crate::market::profile::Profile;

pub(super) fn fields(header: &DocumentHeader, profile: &Profile) -> Fields {
    let mut fields = vec![
        ("mRID", Field::plain(&header.id)),
        ("type", Field::code(profile.type_code)),
        ("process.processType", Field::code(&header.process)),
    ];
    if let Some(sector) = &header.business_sector {
        fields.push(("businessSector.type", Field::code(sector)));
    }
    let names = ("sender_MarketParticipant.mRID", "sender_MarketParticipant.marketRole.type");
    participant(&mut fields, names, &header.sender);
    let names = ("receiver_MarketParticipant.mRID", "receiver_MarketParticipant.marketRole.type");
    participant(&mut fields, names, &header.receiver);
    fields.push(("createdDateTime", Field::plain(header.created)));
    fields
}

fn participant(fields: &mut Fields, names: (&'static str, &'static str), participant: &Participant) {
    fields.push((names.0, Field::party(&participant.id)));
    if let Some(role) = &participant.role {
        fields.push((names.1, Field::code(role)));
    }
}
