//! Which field of a request a refusal is about: the account knows what is wrong, the request where that stands.

use domain::funds::{Asked, FundsCommand, Used};
use domain::ledger::Asset;
use proto::store::Rejection;

/// The refusal of a command with the field that is at fault, as far as it is about one, and the decimals that fit.
pub(super) fn named(rejection: Rejection, command: &FundsCommand) -> Rejection {
    let code = rejection.reason.as_ref().map(|reason| reason.code.clone()).unwrap_or_default();
    let Some(field) = field(&code, command).filter(|_| !rejection.metadata.contains_key("field")) else {
        return rejection;
    };
    let mut rejection = rejection;
    let decimals = paid(command).filter(|_| code == "OTHER_SCALE").map(|asset| asset.decimals().to_string());
    if let Some(reason) = &mut rejection.reason {
        let most = decimals.as_ref().map(|most| format!(": {most}")).unwrap_or_default();
        reason.text = format!("{field}: {}{most}", reason.text);
    }
    rejection.metadata.insert("field".to_owned(), field);
    rejection.metadata.extend(decimals.map(|most| ("most".to_owned(), most)));
    rejection
}

fn field(code: &str, command: &FundsCommand) -> Option<String> {
    let inside = |field: &str| wanted(command).map(|wanted| format!("{wanted}.{field}"));
    match code {
        "QUANTITY_NOT_POSITIVE" | "QUANTITY_ABSURD" => inside("quantity"),
        "NOT_AN_ASSET" | "OTHER_UNIT" => inside("unit"),
        "OTHER_CURRENCY" => inside("currency_code"),
        "AMOUNT_NOT_POSITIVE" | "AMOUNT_ABSURD" | "OTHER_SCALE" => amount(command),
        "USED_TIME" => Some("used_time".to_owned()),
        "TIME_TO_LIVE" => Some("ttl".to_owned()),
        "VALIDITY_OVER" => Some("terms.validity".to_owned()),
        "MEMBER_NAME" => Some("member".to_owned()),
        "TOO_MANY_THRESHOLDS" => Some("exact_levels".to_owned()),
        "SAME_ACCOUNT" => Some("to_account".to_owned()),
        "ID_AHEAD" => Some(id(command).to_owned()),
        _ => None,
    }
}

/// Where it stands how much is wanted or was used.
fn wanted(command: &FundsCommand) -> Option<&'static str> {
    let of = |asked: &Asked, quantity, amount| match asked {
        Asked::Quantity(..) => quantity,
        Asked::Amount(..) => amount,
    };
    let used = |used: &Used| match used {
        Used::Quantity(..) => "used.quantity",
        Used::Charged(..) => "used.charged",
    };
    match command {
        FundsCommand::Authorize(ask) => Some(of(&ask.asked, "asked.quantity", "asked.amount")),
        FundsCommand::Reserve(reserve) => Some(of(&reserve.ask.asked, "asked.quantity", "asked.amount")),
        FundsCommand::Extend(extend) => Some(of(&extend.more, "more.quantity", "more.amount")),
        FundsCommand::Commit(commit) => Some(used(&commit.used)),
        FundsCommand::Debit(debit) => Some(used(&debit.used)),
        _ => None,
    }
}

/// Where an amount of money, or of what is paid in, stands.
fn amount(command: &FundsCommand) -> Option<String> {
    let field = match command {
        FundsCommand::TopUp(_) => "exact_amount",
        FundsCommand::Refund(_) | FundsCommand::TransferOut { .. } => "amount.exact_amount",
        FundsCommand::SetCreditLimit(..) => "credit_limit.exact_amount",
        FundsCommand::SetLimit(..) => "exact_most",
        FundsCommand::Commit(_) | FundsCommand::Debit(_) => "used.charged.parts",
        _ => return wanted(command).map(|wanted| format!("{wanted}.exact_amount")),
    };
    Some(field.to_owned())
}

/// What is paid in or out.
fn paid(command: &FundsCommand) -> Option<Asset> {
    match command {
        FundsCommand::TopUp(one) => Some(one.asset),
        FundsCommand::Refund(payout) | FundsCommand::TransferOut { payout, .. } => {
            Some(Asset::Money(payout.currency))
        }
        _ => None,
    }
}

fn id(command: &FundsCommand) -> &'static str {
    match command {
        FundsCommand::Reserve(_) | FundsCommand::Commit(_) | FundsCommand::Release(_) => "reservation_id",
        _ => "operation_id",
    }
}
