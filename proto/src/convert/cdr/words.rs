//! Why a record is held back, why a credit has no effect, what else a person is to decide, for machines and for people.

use domain::cdr::{Cdr, SaleRefused, Suspicion};
use domain::entity::cdr_book::{CdrRecord, CreditRefused, Standing};
use domain::money::Money;
use domain::quantity::QuantitySum;
use domain::verification::Dispute;

use crate::types::Reason;

/// Why a person is to look at a record, or was, each with its code and words: what is suspect, why a credit has no effect,
/// and what of it nobody has decided about yet.
#[must_use]
pub fn record_reasons(record: &CdrRecord) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = match record.standing {
        Standing::Refused(refused) => vec![credit_reason(refused)],
        Standing::AwaitingOriginal => vec![Reason {
            code: "AWAITING_ORIGINAL".to_owned(),
            text: format!(
                "{}, which it takes back, did not come",
                record.cdr.credit_of.as_deref().unwrap_or_default()
            ),
        }],
        _ => record.suspicions.iter().map(|suspicion| told(&record.cdr, suspicion)).collect(),
    };
    if record.has_open_change() {
        reasons.push(suspicion_reason(&Suspicion::ChangedContent));
    }
    if record.has_open_dispute() {
        let text = "what its partner states and what its price sheet gives differ by more than was agreed";
        let both = record.dispute.as_ref().and_then(prices);
        let text = both.map_or_else(|| text.to_owned(), |both| format!("{text}: {both}"));
        reasons.push(Reason { code: "PRICE_DISPUTED".to_owned(), text });
    }
    reasons
}

/// A suspicion with what the record itself tells of it.
fn told(cdr: &Cdr, suspicion: &Suspicion) -> Reason {
    let Reason { code, text } = suspicion_reason(suspicion);
    let text = match figures(cdr, suspicion) {
        Some(figures) => format!("{text}: {figures}"),
        None => text,
    };
    Reason { code, text }
}

/// What the record has of what is suspect; none where the words say all.
fn figures(cdr: &Cdr, suspicion: &Suspicion) -> Option<String> {
    let session = &cdr.session;
    let periods = session.periods.iter().filter_map(|period| period.energy_kwh).sum::<QuantitySum>();
    let periods = periods.quantity();
    let energy = session.stated.energy_kwh.or(periods);
    let span = || format!("from {} to {}", session.start, session.end);
    match suspicion {
        Suspicion::ClockNotSet
        | Suspicion::FromTheFuture
        | Suspicion::EndsBeforeStart
        | Suspicion::Overlaps(_)
        | Suspicion::TooLate => Some(span()),
        Suspicion::RegisterWentBack => {
            cdr.registers.map(|read| format!("{} kWh, then {} kWh", read.start_kwh, read.end_kwh))
        }
        Suspicion::RegisterDiffers => cdr.registers.zip(energy).map(|(read, energy)| {
            format!("{energy} kWh, read {} kWh and then {} kWh", read.start_kwh, read.end_kwh)
        }),
        Suspicion::EnergyDiffers => session.stated.energy_kwh.zip(periods).map(|(stated, periods)| {
            format!("it states {stated} kWh, its periods have {periods} kWh, which is billed")
        }),
        Suspicion::OverPower => energy.map(|energy| format!("{energy} kWh {}", span())),
        Suspicion::UnknownParty => Some(cdr.key.party().named()),
        Suspicion::UnknownToken => Some(match cdr.contract_id.as_str() {
            "" => token(cdr),
            contract => format!("{}, contract {contract}", token(cdr)),
        }),
        Suspicion::SaleRefused(SaleRefused::TokenNotHeld | SaleRefused::NoChargingContract) => {
            Some(format!("{}, {}", token(cdr), span()))
        }
        Suspicion::OtherCurrency => Some(session.currency.code().to_owned()),
        _ => None,
    }
}

/// The token as it is claimed: `rfid 04A22B3C`.
fn token(cdr: &Cdr) -> String {
    format!("{} {}", cdr.token.kind().name(), cdr.token.value())
}

/// Both prices of a dispute: with tax where it is the tax alone that differs.
fn prices(dispute: &Dispute) -> Option<String> {
    let text = |money: Money| format!("{} {}", money.to_text(), money.currency().code());
    let (theirs, ours) = dispute.theirs.zip(dispute.ours)?;
    let with_tax = dispute.with_tax.theirs.zip(dispute.with_tax.ours);
    Some(match with_tax.filter(|_| theirs == ours) {
        Some((theirs, ours)) => format!("{} and {} with tax", text(theirs), text(ours)),
        None => format!("{} and {}", text(theirs), text(ours)),
    })
}

/// The code of a suspicion and words for it.
#[must_use]
pub fn suspicion_reason(suspicion: &Suspicion) -> Reason {
    let text = match suspicion {
        Suspicion::ChangedContent => "other content came under its key".to_owned(),
        Suspicion::ClockNotSet => "the session lies before 2010: the station's clock was not set".to_owned(),
        Suspicion::FromTheFuture => {
            "the session ends more than five minutes after it was received".to_owned()
        }
        Suspicion::EndsBeforeStart => "the session ends before it starts".to_owned(),
        Suspicion::Malformed => {
            "the session has no period, one out of order, a volume below zero, or more than 366 days"
                .to_owned()
        }
        Suspicion::RegisterWentBack => "the station's meter went back".to_owned(),
        Suspicion::RegisterDiffers => "the energy is not what the meter's readings differ by".to_owned(),
        Suspicion::EnergyDiffers => {
            "the energy that it states is not the sum of what its periods have".to_owned()
        }
        Suspicion::OverPower => "the energy is more than the charging point can give in the time".to_owned(),
        Suspicion::Overlaps(other) => {
            format!("it was at the connector at the same time as {}", other.named())
        }
        Suspicion::SuspectedDuplicate(other) => format!("{} tells of the same session", other.named()),
        Suspicion::UnknownParty => "nothing was agreed with its party".to_owned(),
        Suspicion::UnknownToken => "nobody is known to pay for the token".to_owned(),
        Suspicion::OtherCurrency => "it is in another currency than was agreed".to_owned(),
        Suspicion::NoPrice => "it states no price, and no price sheet gives one".to_owned(),
        Suspicion::UnknownAgreement => {
            "the agreement by which it is shared does not hold on its day".to_owned()
        }
        Suspicion::TooLate => "it came later than was agreed".to_owned(),
        Suspicion::CreditRefused => "a credit that can't be".to_owned(),
        Suspicion::SaleRefused(refused) => refusal(refused),
    };
    Reason { code: suspicion.code().to_owned(), text }
}

/// The code of why a credit has no effect, and words for it.
fn credit_reason(refused: CreditRefused) -> Reason {
    let text = match refused {
        CreditRefused::CreditOfCredit => "what it would take back is a credit itself",
        CreditRefused::SecondCredit => "another credit took the record back",
        CreditRefused::OtherCurrency => "it is in another currency than the record",
        CreditRefused::OtherAmount => "it does not state the negated cost of the record",
        CreditRefused::TooMany => "as many other credits wait for the same record as are kept waiting",
    };
    Reason { code: refused.code().to_owned(), text: text.to_owned() }
}

fn refusal(refused: &SaleRefused) -> String {
    let text = match refused {
        SaleRefused::UnknownAccount => "the account that pays was never opened",
        SaleRefused::NoSettings => "the tenant has no settings",
        SaleRefused::TokenNotHeld => "the account did not hold the token when the session began",
        SaleRefused::NoChargingContract => "no charging contract of the account covers the session",
        SaleRefused::SeveralChargingContracts => {
            "several charging contracts of the account cover the session"
        }
        SaleRefused::TooLate => "the account's contract takes no session so late",
        SaleRefused::UnknownPriceSheet => "the price sheet of the account's contract is not in the catalogue",
        SaleRefused::OtherCurrency => "the account's price sheet has another currency",
        SaleRefused::CannotPrice(why) => return format!("the session can't be priced: {why}"),
        SaleRefused::OutOfRange => "an amount is out of range",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use domain::instant::Instant;
    use domain::money::Currency;
    use domain::verification::{DisputeState, WithTax};

    use super::*;

    #[test]
    fn the_prices_that_differ_are_the_ones_that_are_told() {
        let euro = |minor| Some(Money::new(minor, Currency::Eur));
        let dispute = |theirs, with_tax| Dispute {
            opened: Instant::MIN,
            reasons: Vec::new(),
            theirs,
            ours: euro(5_81),
            with_tax,
            price: Money::new(5_81, Currency::Eur),
            state: DisputeState::Open,
            decisions: Vec::new(),
        };
        let with_tax = WithTax { theirs: euro(7_05), ours: euro(7_04) };
        let told = |theirs, with_tax| prices(&dispute(theirs, with_tax));
        assert_eq!(told(euro(6_00), with_tax).as_deref(), Some("6.00 EUR and 5.81 EUR"));
        assert_eq!(told(euro(5_81), with_tax).as_deref(), Some("7.05 EUR and 7.04 EUR with tax"));
        assert_eq!(told(None, with_tax), None);
    }
}
