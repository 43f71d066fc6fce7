//! Supply in advance: `kvarter supply set|end|terms|debt|emergency|credit|order`.

mod terms;

use clap::{Args, Subcommand};
use proto::charging::{
    EmergencyState, EndPrepaidTermsRequest, GetPrepaidTermsRequest, GetSupplyCreditRequest,
    ListSupplyOrdersRequest, SetDebtRequest, SetPrepaidTermsRequest, SupplyCredit, SupplyOrder, SupplyState,
    TakeEmergencyCreditRequest, UnitQuantity,
};
use proto::name;
use proto::types::Unit;

use super::asking::Asking;
use super::client::{Client, ask};
use super::failure::Failure;
use super::sheet::Sheet;
use super::show;
use terms::TermsArguments;

/// What `kvarter supply` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "Supply that lasts as long as an account has credit: its terms, what the customer is shown, the order to the \
                  meter. Money comes in by `kvarter charging top-up`.",
    after_help = "Examples:\n  kvarter supply set K-1 --point 571313180000000005 --currency EUR --low 5 --zero 0 --friendly \
                  mon,tue@17:00-09:00 --tenant example\n  kvarter supply credit K-1 --tenant example\n\nExit codes: 0 done; 1 \
                  the node refused; 2 the command is wrong."
)]
pub struct SupplyArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Set all terms of an account; points that join are paid in advance from today on, or an earlier first day
    Set {
        /// The account
        account: String,
        #[command(flatten)]
        terms: Box<TermsArguments>,
    },
    /// End supply in advance: from tomorrow on its points are billed
    End(Named),
    /// Show the terms of an account
    Terms(Named),
    /// Set the sum of all old debt that is to be paid off, what was paid off already included
    Debt {
        #[command(flatten)]
        named: Named,
        /// How much in all, such as 8.00
        total: String,
    },
    /// Take the emergency credit that is offered
    Emergency {
        #[command(flatten)]
        named: Named,
        /// The number of the offer
        offer: u32,
    },
    /// Show the credit of an account, and how long it lasts
    Credit(Named),
    /// Show the order to the meter of a metering point: of the account that alone pays for it today
    Order {
        /// The metering point
        point: String,
    },
}

#[derive(Args, Clone, Debug)]
struct Named {
    /// The account
    account: String,
}

/// Does one step and prints what there is then.
pub(super) async fn run(arguments: &SupplyArguments) -> Result<(), Failure> {
    let client = arguments.asking.client().await?;
    let name = |account: &str| name::ACCOUNT.name([client.tenant(), account]);
    let sheet = match &arguments.step {
        Step::Set { account, terms } => {
            let first_day = terms.first_day();
            let set = SetPrepaidTermsRequest {
                account: name(account),
                terms: Some(terms.read().map_err(Failure::Usage)?),
                first_day,
                ..SetPrepaidTermsRequest::default()
            };
            let set = ask(set, async |request| client.supply().set_prepaid_terms(request).await).await;
            set.map_err(Failure::refused(account.clone()))?;
            terms_of(&client, name(account)).await?
        }
        Step::End(Named { account }) => {
            let end = EndPrepaidTermsRequest { account: name(account), ..Default::default() };
            let end = ask(end, async |request| client.supply().end_prepaid_terms(request).await).await;
            end.map_err(Failure::refused(account.clone()))?;
            Sheet::one(&["account", "supply"], vec![account.clone(), "no longer in advance".to_owned()])
        }
        Step::Terms(Named { account }) => terms_of(&client, name(account)).await?,
        Step::Debt { named: Named { account }, total } => {
            let (account, exact_total) = (name(account), total.clone());
            let set = SetDebtRequest { account: account.clone(), exact_total, ..Default::default() };
            let set = ask(set, async |request| client.supply().set_debt(request).await).await;
            set.map_err(Failure::refused(account.clone()))?;
            credit_of(&client, account).await?
        }
        Step::Emergency { named: Named { account }, offer } => {
            let take = TakeEmergencyCreditRequest { account: name(account), offer: *offer };
            let take = ask(take, async |request| client.supply().take_emergency_credit(request).await).await;
            take.map_err(Failure::refused(account.clone()))?;
            credit_of(&client, name(account)).await?
        }
        Step::Credit(Named { account }) => credit_of(&client, name(account)).await?,
        Step::Order { point } => order_of(&client, point).await?,
    };
    sheet.print(arguments.asking.output)
}

async fn terms_of(client: &Client, account: String) -> Result<Sheet, Failure> {
    let get = GetPrepaidTermsRequest { account: account.clone() };
    let terms = ask(get, async |request| client.supply().get_prepaid_terms(request).await).await;
    terms.map(terms::shown).map_err(Failure::refused(account))
}

async fn credit_of(client: &Client, account: String) -> Result<Sheet, Failure> {
    let get = GetSupplyCreditRequest { account: account.clone() };
    let credit = ask(get, async |request| client.supply().get_supply_credit(request).await).await;
    credit.map(credit_sheet).map_err(Failure::refused(account))
}

fn credit_sheet(credit: SupplyCredit) -> Sheet {
    let supply = supply(credit.supply());
    let emergency = credit.emergency.as_ref().map(|emergency| match emergency.state() {
        EmergencyState::Offered => format!("offer {}", emergency.offer),
        EmergencyState::InUse => format!("in use, {} to repay", credit.exact_emergency_used),
        EmergencyState::Spent => format!("spent, {} to repay", credit.exact_emergency_used),
        EmergencyState::Unspecified => String::new(),
    });
    let row = vec![
        format!("{} {}", credit.exact_credit, credit.currency_code),
        credit.exact_left,
        energy(credit.energy_left),
        credit.days_left.map(|days| days.to_string()).unwrap_or_default(),
        emergency.unwrap_or_default(),
        credit.exact_debt,
        supply,
        credit.version.to_string(),
        show::time(credit.disconnect_time.as_ref()),
    ];
    Sheet::one(
        &["credit", "left", "energy left", "days left", "emergency", "debt", "supply", "order", "off at"],
        row,
    )
}

async fn order_of(client: &Client, point: &str) -> Result<Sheet, Failure> {
    let parent = name::METERING_POINT.name([client.tenant(), point]);
    let list = ListSupplyOrdersRequest { parent };
    let orders = ask(list, async |request| client.supply().list_supply_orders(request).await).await;
    let orders = orders.map_err(Failure::refused(point.to_owned()))?.supply_orders;
    let rows = orders.into_iter().map(|order: SupplyOrder| {
        let state = supply(order.supply());
        let prepaid = if order.prepaid { "yes" } else { "no" }.to_owned();
        let version = order.version.to_string();
        vec![order.account_id, version, state, prepaid, show::day(order.day.as_ref())]
    });
    let columns = &["account", "version", "supply", "in advance", "day"];
    Ok(Sheet::new(columns, &["version"]).with(rows).or_else_say("no order"))
}

fn supply(supply: SupplyState) -> String {
    show::word(supply.as_str_name(), "SUPPLY_STATE_").to_lowercase()
}

fn energy(energy: Option<UnitQuantity>) -> String {
    let Some(energy) = energy else { return String::new() };
    let unit = show::word(energy.unit().as_str_name(), "UNIT_").to_lowercase().replace('_', " ");
    let unit = match energy.unit() {
        Unit::KilowattHour => "kWh".to_owned(),
        Unit::CubicMetre => "m3".to_owned(),
        Unit::Gigajoule => "GJ".to_owned(),
        _ => unit,
    };
    format!("{} {unit}", energy.quantity.map(|quantity| quantity.value).unwrap_or_default())
}
