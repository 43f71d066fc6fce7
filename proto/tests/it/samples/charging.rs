//! Charging contracts, cards and sold sessions of every shape, by chance.

use domain::charging_contract::{
    Card, CardCounted, CardLimits, CardUse, ChargingContract, ChargingContractCommand, ChargingContractReply,
    ChargingContracts, Covers, EnergyKey, EnergyTally, HomeCharging, LatePolicy, Membership, OperatorGroup,
    SaleReversed, SaleRounding, Settled, Settles, SoldSession,
};
use domain::contract::Share;
use domain::session::{DayHours, IdleFee, MemberPrice, MemberPrices, RoundingPoint, SessionDimension};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::roaming::{cdr_key, evse, party, sale};
use super::tokens::token;
use super::values::*;

fn covers() -> impl Strategy<Value = Covers> {
    prop_oneof![
        Just(Covers::Held),
        btree_set(token(), 0..3).prop_map(Covers::Listed),
        party().prop_map(Covers::Party)
    ]
}

fn member_price() -> impl Strategy<Value = MemberPrice> {
    prop_oneof![
        (1_u32..=10_000).prop_filter_map("a share", |points| Share::new(points).map(MemberPrice::Discount)),
        price().prop_map(MemberPrice::Less),
        price().prop_map(MemberPrice::Instead),
    ]
}

fn group() -> impl Strategy<Value = OperatorGroup> {
    let prices = [member_price(), member_price(), member_price(), member_price()].map(option::of);
    (btree_set(party(), 0..3), option::of("[a-z]{1,9}"), prices).prop_map(
        |(operators, sheet, [energy, time, parking, flat])| OperatorGroup {
            operators,
            sheet,
            prices: MemberPrices { energy, time, parking, flat, ..MemberPrices::default() },
        },
    )
}

fn sale_rounding() -> impl Strategy<Value = SaleRounding> {
    let point = prop_oneof![Just(RoundingPoint::Component), Just(RoundingPoint::Sum)];
    (rounding(), point).prop_map(|(mode, point)| SaleRounding { mode, point })
}

fn idle_fee() -> impl Strategy<Value = IdleFee> {
    let hours = (0_u16..1_440, 0_u16..1_440)
        .prop_map(|(start_minute, end_minute)| DayHours { start_minute, end_minute });
    (price(), any::<u32>(), option::of(hours), option::of(price())).prop_map(
        |(price, grace_s, free, most_per_day)| IdleFee { price, vat: None, grace_s, free, most_per_day },
    )
}

fn late() -> impl Strategy<Value = LatePolicy> {
    prop_oneof![
        Just(LatePolicy::NextInvoice),
        Just(LatePolicy::SeparateInvoice),
        any::<u32>().prop_map(LatePolicy::RefuseAfter)
    ]
}

pub(crate) fn contract() -> BoxedStrategy<ChargingContract> {
    let membership = (option::of(price()), option::of(quantity()))
        .prop_map(|(fee_per_month, included_kwh)| Membership { fee_per_month, included_kwh });
    let settles = prop_oneof![Just(Settles::ByInvoice), Just(Settles::FromFunds)];
    let card_limits = (option::of(money()), option::of(money()))
        .prop_map(|(per_day, per_month)| CardLimits { per_day, per_month });
    let home = (price(), word()).prop_map(|(price, account)| HomeCharging { price, account });
    let names = (word(), word(), word(), word(), "[a-z]{1,9}");
    let prices = (vec(group(), 0..3), sale_rounding(), option::of(idle_fee()), membership);
    let rest = (settles, "[a-z]{1,9}", late(), card_limits, option::of(home));
    (names, span(), prices, covers(), rest)
        .prop_map(|(names, span, prices, covers, rest)| ChargingContract {
            id: names.0,
            name: names.1,
            span,
            sheet: names.2,
            groups: prices.0,
            covers,
            category: names.3,
            rounding: prices.1,
            idle_fee: prices.2,
            membership: prices.3,
            settles: rest.0,
            tax_class: domain::tax::TaxClass::new(&rest.1),
            revenue_role: names.4,
            late: rest.2,
            card_limits: rest.3,
            home: rest.4,
        })
        .boxed()
}

fn card() -> impl Strategy<Value = Card> {
    (word(), word()).prop_map(|(cost_centre, home_account)| Card { cost_centre, home_account })
}

fn card_use() -> impl Strategy<Value = CardUse> {
    (day(), money(), money()).prop_map(|(day, of_day, of_month)| CardUse { day, of_day, of_month })
}

pub(crate) fn contracts() -> BoxedStrategy<ChargingContracts> {
    let key = (word(), span()).prop_map(|(contract, service)| EnergyKey { contract, service });
    let tally = (quantity(), amount(), vat_rate()).prop_map(|(energy_kwh, net, tax_rate)| EnergyTally {
        energy_kwh,
        net,
        tax_rate,
    });
    let cards = btree_map(token(), card(), 0..3);
    let uses = btree_map(token(), card_use(), 0..3);
    (vec(contract(), 0..2), cards, btree_map(key, tally, 0..3), uses)
        .prop_map(|(contracts, cards, energy, card_use)| ChargingContracts {
            contracts: contracts.into_iter().map(|contract| (contract.id.clone(), contract)).collect(),
            cards,
            energy,
            card_use,
        })
        .boxed()
}

pub(crate) fn command() -> BoxedStrategy<ChargingContractCommand> {
    prop_oneof![
        contract().prop_map(|contract| ChargingContractCommand::Set(Box::new(contract))),
        (word(), day()).prop_map(|(id, end)| ChargingContractCommand::End { id, end }),
        (token(), card()).prop_map(|(token, card)| ChargingContractCommand::SetCard(token, card)),
        Just(ChargingContractCommand::List),
    ]
    .boxed()
}

pub(crate) fn reply() -> BoxedStrategy<ChargingContractReply> {
    prop_oneof![
        contract().prop_map(|contract| ChargingContractReply::Contract(Box::new(contract))),
        (token(), card()).prop_map(|(token, card)| ChargingContractReply::Card(token, card)),
        (vec(contract(), 0..2), vec((token(), card()), 0..3))
            .prop_map(|(contracts, cards)| ChargingContractReply::All(contracts, cards)),
    ]
    .boxed()
}

fn settled() -> impl Strategy<Value = Settled> {
    prop_oneof![
        any::<bool>().prop_map(|is_apart| Settled::OnInvoice { is_apart }),
        operation().prop_map(Settled::Committed),
        operation().prop_map(Settled::Debited),
    ]
}

pub(crate) fn sold() -> BoxedStrategy<SoldSession> {
    let times = [instant(), instant(), instant(), instant()];
    let costs = btree_map(prop::sample::select(SessionDimension::ALL.to_vec()), amount(), 0..4);
    let reversed =
        (option::of(cdr_key()), instant()).prop_map(|(credit, received)| SaleReversed { credit, received });
    let counted =
        prop_oneof![Just(CardCounted::Nothing), Just(CardCounted::Month), Just(CardCounted::DayAndMonth)];
    let who = (cdr_key(), word(), token(), evse(), word());
    let prices = (sale(), word(), costs, amount(), amount());
    let tax = (word(), tax_class(), vat_rate(), money(), span());
    (who, times, prices, tax, (any::<bool>(), settled(), option::of(reversed), counted, 1_u32..))
        .prop_map(|(who, [start, end, received, sold_at], prices, tax, rest)| SoldSession {
            cdr: who.0,
            session_id: who.1,
            token: who.2,
            evse: who.3,
            location: who.4,
            start,
            end,
            received,
            sold_at,
            sale: prices.0,
            cost_centre: prices.1,
            costs: prices.2,
            adjustment: prices.3,
            energy_net: prices.4,
            revenue_role: tax.0,
            tax_class: tax.1,
            tax_rate: tax.2,
            tax: tax.3,
            service: tax.4,
            is_late: rest.0,
            settled: rest.1,
            counted: rest.3,
            times: rest.4,
            reversed: rest.2,
        })
        .boxed()
}
