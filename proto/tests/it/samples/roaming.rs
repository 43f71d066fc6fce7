//! Charging sessions, their records and legs, and what is said about them.

use domain::cdr::{
    CdrKey, EvseId, EvseSite, Party, Registers, Reimbursement, Sale, SaleRefused, SaleReversal, SeenSession,
    SessionSale, Suspicion,
};
use domain::entity::Message;
use domain::leg::{Leg, LegKind};
use domain::price_sheet::Draw;
use domain::session::{ChargingPeriod, Session, Stated, StatedCost, StatedParts};
use domain::zone::Zone;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::tokens::token;
use super::values::*;

pub(crate) fn party() -> impl Strategy<Value = Party> {
    ("[A-Z]{2}", "[A-Z0-9]{3}").prop_filter_map("a party", |(country, id)| Party::new(&country, &id))
}

pub(crate) fn cdr_key() -> impl Strategy<Value = CdrKey> {
    (party(), "[ -~]{1,39}").prop_filter_map("a key", |(party, id)| CdrKey::new(party, &id))
}

pub(crate) fn evse() -> impl Strategy<Value = EvseId> {
    "[A-Z]{2}[*]?[A-Z0-9]{3}[*]?E[A-Z0-9*]{1,20}".prop_filter_map("an id", |id| EvseId::new(&id))
}

pub(crate) fn registers() -> impl Strategy<Value = Registers> {
    (quantity(), quantity()).prop_map(|(start_kwh, end_kwh)| Registers { start_kwh, end_kwh })
}

fn zone() -> impl Strategy<Value = Zone> {
    prop_oneof![Just("UTC"), Just("Europe/Amsterdam")].prop_filter_map("a zone", Zone::named)
}

fn draw() -> impl Strategy<Value = Draw> {
    (option::of(quantity()), option::of(quantity())).prop_map(|(least, most)| Draw { least, most })
}

fn charging_period() -> impl Strategy<Value = ChargingPeriod> {
    let volumes = [option::of(quantity()), option::of(quantity()), option::of(quantity())];
    let rest = (option::of(quantity()), draw(), draw(), option::of(word_of_some()), vec(word(), 0..2));
    (instant(), volumes, rest).prop_map(
        |(
            start,
            [energy_kwh, time, parking],
            (reservation, current_a, power_kw, sheet, unknown_dimensions),
        )| {
            ChargingPeriod {
                start,
                energy_kwh,
                time,
                parking,
                reservation,
                current_a,
                power_kw,
                sheet,
                unknown_dimensions,
            }
        },
    )
}

/// A word that is not empty.
fn word_of_some() -> impl Strategy<Value = String> {
    "[a-z]{1,8}"
}

fn stated_cost() -> impl Strategy<Value = StatedCost> {
    (option::of(price()), option::of(price()))
        .prop_map(|(excluding_vat, including_vat)| StatedCost { excluding_vat, including_vat })
}

fn stated() -> impl Strategy<Value = Stated> {
    let counts = (option::of(quantity()), option::of(quantity()), option::of(quantity()));
    let parts = (stated_cost(), stated_cost(), stated_cost(), stated_cost(), stated_cost());
    (stated_cost(), counts, parts).prop_map(
        |(total, (energy_kwh, hours, parking_hours), (energy, time, parking, fixed, reservation))| Stated {
            excluding_vat: total.excluding_vat,
            including_vat: total.including_vat,
            energy_kwh,
            time: hours,
            parking: parking_hours,
            parts: StatedParts { energy, time, parking, fixed, reservation },
        },
    )
}

pub(crate) fn session() -> BoxedStrategy<Session> {
    let times = (instant(), instant());
    (word(), currency(), times, vec(charging_period(), 0..3), any::<bool>(), stated())
        .prop_map(|(id, currency, (start, end), periods, is_credit, stated)| Session {
            id,
            currency,
            start,
            end,
            periods,
            is_credit,
            stated,
        })
        .boxed()
}

pub(crate) fn seen() -> impl Strategy<Value = SeenSession> {
    let what = (word(), token(), quantity(), option::of(registers()));
    (cdr_key(), instant(), instant(), what).prop_map(
        |(cdr, start, end, (connector, token, energy_kwh, registers))| SeenSession {
            cdr,
            start,
            end,
            connector,
            token,
            energy_kwh,
            registers,
        },
    )
}

pub(crate) fn site() -> impl Strategy<Value = EvseSite> {
    (word(), option::of(zone()), option::of(word_of_some()))
        .prop_map(|(location, zone, agreement)| EvseSite { location, zone, agreement })
}

pub(crate) fn suspicion() -> impl Strategy<Value = Suspicion> {
    prop_oneof![
        Just(Suspicion::ChangedContent),
        Just(Suspicion::ClockNotSet),
        Just(Suspicion::FromTheFuture),
        Just(Suspicion::EndsBeforeStart),
        Just(Suspicion::Malformed),
        Just(Suspicion::RegisterWentBack),
        Just(Suspicion::RegisterDiffers),
        Just(Suspicion::OverPower),
        cdr_key().prop_map(Suspicion::Overlaps),
        cdr_key().prop_map(Suspicion::SuspectedDuplicate),
        Just(Suspicion::UnknownParty),
        Just(Suspicion::UnknownToken),
        Just(Suspicion::UnknownAgreement),
        Just(Suspicion::OtherCurrency),
        Just(Suspicion::NoPrice),
        Just(Suspicion::TooLate),
        Just(Suspicion::CreditRefused),
        Just(Suspicion::EnergyDiffers),
        refused().prop_map(Suspicion::SaleRefused),
    ]
}

fn refused() -> impl Strategy<Value = SaleRefused> {
    prop_oneof![
        Just(SaleRefused::UnknownAccount),
        Just(SaleRefused::NoSettings),
        Just(SaleRefused::TokenNotHeld),
        Just(SaleRefused::NoChargingContract),
        Just(SaleRefused::SeveralChargingContracts),
        Just(SaleRefused::TooLate),
        Just(SaleRefused::UnknownPriceSheet),
        Just(SaleRefused::OtherCurrency),
        word().prop_map(SaleRefused::CannotPrice),
        Just(SaleRefused::OutOfRange),
    ]
}

pub(crate) fn session_sale() -> impl Strategy<Value = SessionSale> {
    let place = (evse(), word(), option::of(zone()));
    let who = (token(), word(), word());
    (cdr_key(), session(), place, who, instant(), any::<bool>()).prop_map(
        |(cdr, session, (evse, location, zone), (token, contract_id, session_id), received, is_home)| {
            SessionSale {
                cdr,
                session,
                evse,
                location,
                zone,
                token,
                contract_id,
                session_id,
                received,
                is_home,
            }
        },
    )
}

pub(crate) fn sale() -> impl Strategy<Value = Sale> {
    let reimbursement = (word(), money()).prop_map(|(account, amount)| Reimbursement { account, amount });
    (word(), (word(), any::<u32>()), money(), quantity(), day(), option::of(reimbursement)).prop_map(
        |(contract, sheet, net, energy_kwh, service, reimbursement)| Sale {
            contract,
            sheet,
            net,
            energy_kwh,
            service,
            reimbursement,
        },
    )
}

pub(crate) fn reversal() -> impl Strategy<Value = SaleReversal> {
    (cdr_key(), option::of(cdr_key()), instant()).prop_map(|(cdr, credit, received)| SaleReversal {
        cdr,
        credit,
        received,
    })
}

pub(crate) fn leg_kind() -> impl Strategy<Value = LegKind> {
    prop_oneof![
        Just(LegKind::Purchase),
        word().prop_map(LegKind::Share),
        Just(LegKind::PlatformFee),
        Just(LegKind::RoamingFee),
        Just(LegKind::HomeCharging),
    ]
}

pub(crate) fn leg() -> impl Strategy<Value = Leg> {
    let numbers = (option::of(word_of_some()), any::<u32>(), option::of(any::<u32>()));
    let what = (leg_kind(), word(), money(), money(), quantity());
    (cdr_key(), numbers, what, day(), instant()).prop_map(
        |(
            cdr,
            (seller, number, reverses),
            (kind, agreement, amount, base, energy_kwh),
            service,
            received,
        )| Leg {
            cdr,
            seller,
            number,
            reverses,
            kind,
            agreement,
            amount,
            base,
            energy_kwh,
            service,
            received,
        },
    )
}

/// Boxed: it stands within many others, and all of it would be laid out on the stack there.
pub(crate) fn message() -> BoxedStrategy<Message> {
    let outcome = prop_oneof![sale().prop_map(|sale| Ok(Box::new(sale))), refused().prop_map(Err)];
    prop_oneof![
        seen().prop_map(Message::CheckSession),
        (cdr_key(), site(), vec(suspicion(), 0..3))
            .prop_map(|(cdr, site, suspicions)| Message::SessionChecked { cdr, site, suspicions }),
        cdr_key().prop_map(Message::WithdrawSession),
        (word(), session_sale())
            .prop_map(|(account, sale)| Message::RateSale { account, sale: Box::new(sale) }),
        (word(), cdr_key(), outcome).prop_map(|(account, cdr, outcome)| Message::SaleRated {
            account,
            cdr,
            outcome
        }),
        (word(), reversal()).prop_map(|(account, reversal)| Message::ReverseSale { account, reversal }),
        (word(), leg()).prop_map(|(account, leg)| Message::BookLeg { account, leg }),
        (word(), word()).prop_map(|(account, agreement)| Message::ShareAgreed { account, agreement }),
    ]
    .boxed()
}
