//! What an account remembers and does as a partner.

use domain::day::Month;
use domain::share::MonthTotals;
use domain::statement::{
    IssuedStatement, MonthBook, Partner, PartnerCommand, PartnerPayment, PartnerRefused, PartnerReply,
    PartnerStatement, ShareKey,
};

use super::rejection::{hexadecimal, refused};
use crate::convert::{FieldError, field, leg, statement};
use crate::store::partner_command::Command as CommandWire;
use crate::store::partner_reply::Reply as ReplyWire;
use crate::store::{Rejection, RejectionKind};
use crate::{roaming, store};

impl From<&Partner> for store::PartnerState {
    fn from(partner: &Partner) -> Self {
        Self {
            legs: partner.legs,
            months: partner.months.iter().map(Into::into).collect(),
            share_agreement_ids: partner.agreements.iter().cloned().collect(),
            statements: field::messages(partner.statements.values()),
            payments: field::messages(partner.payments.values()),
        }
    }
}

impl TryFrom<store::PartnerState> for Partner {
    type Error = FieldError;

    fn try_from(state: store::PartnerState) -> Result<Self, FieldError> {
        let statements: Vec<IssuedStatement> = field::each("statements", state.statements)?;
        let payments: Vec<PartnerPayment> = field::each("payments", state.payments)?;
        Ok(Self {
            legs: state.legs,
            months: field::each_by("months", state.months, month)?,
            agreements: state.share_agreement_ids.into_iter().collect(),
            statements: statements.into_iter().map(|issued| (issued.month, issued)).collect(),
            payments: payments.into_iter().map(|payment| (payment.operation.clone(), payment)).collect(),
        })
    }
}

impl From<(&(ShareKey, Month), &MonthBook)> for store::ServiceMonth {
    fn from(((key, month), book): (&(ShareKey, Month), &MonthBook)) -> Self {
        let (kind, role) = leg::kind(&key.kind);
        let components = book.components.iter().map(|(component, amount)| store::StatedComponent {
            component: field::number::<roaming::MonthComponent, _>(*component),
            amount: Some(amount.into()),
        });
        Self {
            share_agreement_id: key.agreement.clone(),
            kind: kind.into(),
            role,
            month: Some(month.into()),
            current: Some((&book.current).into()),
            stated: Some((&book.stated).into()),
            components: components.collect(),
        }
    }
}

fn month(month: store::ServiceMonth) -> Result<((ShareKey, Month), MonthBook), FieldError> {
    let kind = statement::kind("kind", month.kind, month.role)?;
    let key = ShareKey { agreement: month.share_agreement_id, kind };
    let components = field::each_by("components", month.components, |stated| {
        let component = field::known::<roaming::MonthComponent, _>("component", stated.component)?;
        Ok((component, field::required("amount", stated.amount)?))
    });
    let book = MonthBook {
        current: field::required("current", month.current)?,
        stated: field::required("stated", month.stated)?,
        components: components?,
    };
    Ok(((key, field::required("month", month.month)?), book))
}

impl From<&MonthTotals> for store::MonthTotals {
    fn from(totals: &MonthTotals) -> Self {
        Self {
            sessions: totals.sessions,
            energy_kwh: Some((&totals.energy_kwh).into()),
            base: Some((&totals.base).into()),
            shares: Some((&totals.shares).into()),
        }
    }
}

impl TryFrom<store::MonthTotals> for MonthTotals {
    type Error = FieldError;

    fn try_from(totals: store::MonthTotals) -> Result<Self, FieldError> {
        Ok(Self {
            sessions: totals.sessions,
            energy_kwh: field::required("energy_kwh", totals.energy_kwh)?,
            base: field::required("base", totals.base)?,
            shares: field::required("shares", totals.shares)?,
        })
    }
}

impl From<&PartnerCommand> for store::PartnerCommand {
    fn from(command: &PartnerCommand) -> Self {
        let terms = |month: &Month, issued_on: &domain::day::Day| store::StatementTerms {
            month: Some(month.into()),
            issue_date: Some(issued_on.into()),
        };
        let command = match command {
            PartnerCommand::Preview { month, issued_on } => CommandWire::Preview(terms(month, issued_on)),
            PartnerCommand::Issue { month, issued_on, hash } => CommandWire::Issue(store::IssueStatement {
                terms: Some(terms(month, issued_on)),
                hash: hash.to_vec(),
            }),
            PartnerCommand::Clear(bundle) => CommandWire::Clear(bundle.as_ref().into()),
            PartnerCommand::Pay { operation, amount, paid_on } => {
                let (operation, amount, paid_on) = (operation.clone(), *amount, *paid_on);
                CommandWire::Pay((&PartnerPayment { operation, amount, paid_on, stated_in: None }).into())
            }
        };
        Self { command: Some(command) }
    }
}

impl TryFrom<store::PartnerCommand> for PartnerCommand {
    type Error = FieldError;

    fn try_from(command: store::PartnerCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Preview(terms) => Self::Preview {
                month: field::required("preview.month", terms.month)?,
                issued_on: field::required("preview.issue_date", terms.issue_date)?,
            },
            CommandWire::Issue(issue) => {
                let terms = field::chosen("issue.terms", issue.terms)?;
                Self::Issue {
                    month: field::required("issue.terms.month", terms.month)?,
                    issued_on: field::required("issue.terms.issue_date", terms.issue_date)?,
                    hash: field::digest("issue.hash", issue.hash)?,
                }
            }
            CommandWire::Clear(bundle) => Self::Clear(Box::new(field::required("clear", Some(bundle))?)),
            CommandWire::Pay(payment) => {
                let payment: PartnerPayment = field::required("pay", Some(payment))?;
                let PartnerPayment { operation, amount, paid_on, .. } = payment;
                Self::Pay { operation, amount, paid_on }
            }
        })
    }
}

impl From<&PartnerReply> for store::PartnerReply {
    fn from(reply: &PartnerReply) -> Self {
        let reply = match reply {
            PartnerReply::Preview(preview) => ReplyWire::Preview(store::StatementPreview {
                statement: preview.as_ref().map(|(statement, _)| statement.as_ref().into()),
                hash: preview.as_ref().map(|(_, hash)| hash.to_vec()).unwrap_or_default(),
            }),
            PartnerReply::Issued(issued) => ReplyWire::Issued(issued.into()),
            PartnerReply::Cleared(cleared) => ReplyWire::Cleared(cleared.into()),
            PartnerReply::Paid { balance } => ReplyWire::Balance(balance.into()),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::PartnerReply> for PartnerReply {
    type Error = FieldError;

    fn try_from(reply: store::PartnerReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Preview(preview) => {
                let statement: Option<PartnerStatement> =
                    field::optional("preview.statement", preview.statement)?;
                let hash =
                    statement.is_some().then(|| field::digest("preview.hash", preview.hash)).transpose()?;
                Self::Preview(statement.map(Box::new).zip(hash))
            }
            ReplyWire::Cleared(cleared) => Self::Cleared(field::required("cleared", Some(cleared))?),
            ReplyWire::Issued(issued) => Self::Issued(field::required("issued", Some(issued))?),
            ReplyWire::Balance(balance) => Self::Paid { balance: field::required("balance", Some(balance))? },
        })
    }
}

impl From<&PartnerRefused> for Rejection {
    fn from(rejection: &PartnerRefused) -> Self {
        use RejectionKind::{AlreadyExists, FailedPrecondition, Invalid};
        match rejection {
            PartnerRefused::NoSettings => {
                refused(FailedPrecondition, "NO_SETTINGS", "the tenant has no settings")
            }
            PartnerRefused::AlreadyIssued(number) => refused(
                FailedPrecondition,
                "STATEMENT_ISSUED",
                "the statement of this month, or of a later one, was issued",
            )
            .knowing("statement", number),
            PartnerRefused::NothingToState => {
                refused(FailedPrecondition, "NOTHING_TO_STATE", "there is nothing to state or to pay")
            }
            PartnerRefused::PreviewChanged(hash) => {
                refused(FailedPrecondition, "PREVIEW_CHANGED", "the hash is not that of the preview")
                    .knowing("preview_hash", &hexadecimal(hash))
            }
            PartnerRefused::Fault(fault) => refused(FailedPrecondition, "CANNOT_STATE", &fault.to_string()),
            PartnerRefused::BadClaims => refused(
                Invalid,
                "BAD_CLAIMS",
                "a bundle has at most 60 claims, none of the account that sold it",
            ),
            PartnerRefused::Clearing(refusal) => refused(Invalid, "CANNOT_CLEAR", &refusal.to_string()),
            PartnerRefused::AlreadyCleared => {
                refused(FailedPrecondition, "BUNDLE_CLEARED", "a bundle of this id was cleared")
            }
            PartnerRefused::NothingPaid => refused(Invalid, "NOTHING_PAID", "a payment of nothing"),
            PartnerRefused::OtherPayment => {
                refused(AlreadyExists, "OTHER_PAYMENT", "the id was used for another payment")
            }
            PartnerRefused::OtherCurrency => {
                refused(Invalid, "OTHER_CURRENCY", "the currency is not that of the tenant")
            }
        }
    }
}
