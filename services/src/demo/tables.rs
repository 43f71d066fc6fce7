//! Master data as CSV (`docs/reference/csv.md`).

use domain::address::Address;
use domain::day::Day;

use super::cast::{Cast, DemoPoint};
use super::profiles::Profile;
use super::terms::{GRID_AREA, SUPPLIER};

/// The prices of the month (`services/data/README.md`).
const SPOT: &str = include_str!("../../data/spot_nl_2024_10.csv");

const TENANT: &str = "\
seller_name,street,postal_code,city,country_code,vat_id,iban,contact,currency,zone,payment_days,invoice_number_prefix
Voorbeeld Energie B.V. (example),Modelkade 1,9901 AA,Voorbeelddam,NL,NL000000000B00,NL91ABNA0417164300,\
billing@example.com,EUR,Europe/Amsterdam,14,2024-
";

const TAX_RATES: &str = "\
tax_class,valid_from,rate_percent
standard,2012-10-01,21
";

/// All rates but spot are invented.
const PRODUCTS: &str = "\
product_id,product_name,currency,valid_from,component_id,component_name,quantity,unit,price,model,tax_class,group,bundled,revenue_role
dynamic,Dynamic (example),EUR,2024-01-01,energy,Energy at spot plus 1.8 cents (example),channel:consumption,kWh,\
index:spot-nl*1+0.018,per_unit,standard,Energy,no,energy
dynamic,Dynamic (example),EUR,2024-01-01,standing,Standing charge (example),days,day,constant:5.99,fixed,standard,Energy,no,\
standing
dynamic,Dynamic (example),EUR,2024-01-01,start,Start of supply (example),count,pcs,constant:10.00,fixed,standard,Energy,no,\
standing
dynamic,Dynamic (example),EUR,2024-01-01,network,Grid and taxes,linked_charges,kWh,linked_charge,per_unit,standard,\
Grid (example),yes,pass-through
fixed,Fixed (example),EUR,2024-01-01,energy,Energy at a fixed price (example),channel:consumption,kWh,\
constant:2024-01-01=0.1434|2024-10-15=0.1391,per_unit,standard,Energy,no,energy
fixed,Fixed (example),EUR,2024-01-01,green,Wind from here: 2 % on energy (example),amount_of:energy,pcs,constant:0.02,per_unit,\
standard,Energy,no,energy
fixed,Fixed (example),EUR,2024-01-01,standing,Standing charge (example),days,day,constant:6.20,fixed,standard,Energy,no,standing
fixed,Fixed (example),EUR,2024-01-01,network,Grid and taxes,linked_charges,kWh,linked_charge,per_unit,standard,\
Grid (example),yes,pass-through
feed-in,Feed-in (example),EUR,2024-01-01,feed-in,Feed-in at spot less 0.4 cents (example),channel:production,kWh,\
index:spot-nl*-1+0.004,per_unit,standard,Feed-in,no,purchase
";

/// The tables with the names of their files, in the order of import.
pub(super) fn tables(cast: &Cast) -> Vec<(String, String)> {
    let named = |name: &str, text: String| (format!("{name}.csv"), text);
    vec![
        named("tenant", TENANT.to_owned()),
        named("tax_rates", TAX_RATES.to_owned()),
        named("accounts", accounts(cast)),
        named("metering_points", metering_points(cast)),
        named("products", PRODUCTS.to_owned()),
        named("prices", prices()),
        named("contracts", contracts(cast)),
    ]
}

fn accounts(cast: &Cast) -> String {
    let mut text = "account_id,name,street,postal_code,city,country_code,email,vat_id,category\n".to_owned();
    for account in &cast.accounts {
        let address = address(&account.address);
        let (id, name, email) = (&account.id, &account.name, &account.email);
        text.push_str(&format!("{id},{name},{address},{email},{},{}\n", account.vat_id, account.category));
    }
    text
}

fn metering_points(cast: &Cast) -> String {
    let mut text =
        "metering_point_id,kind,unit,zone,street,postal_code,city,country_code,grid_area,resolution,\
                    settlement_method,supplier,first_day,end_day\n"
            .to_owned();
    for point in &cast.points {
        let (kind, method) = if point.profile == Profile::Sun { ("E18", "") } else { ("E17", "D01") };
        let ends = point.resolutions.iter().skip(1).map(|(first, _)| Some(*first));
        for ((first, resolution), end) in point.resolutions.iter().zip(ends.chain([None])) {
            text.push_str(&format!(
                "{},{kind},kWh,Europe/Amsterdam,{},{GRID_AREA},{resolution},{method},{SUPPLIER},{first},{}\n",
                point.id,
                address(&point.address),
                day_or_nothing(end),
            ));
        }
    }
    text
}

fn contracts(cast: &Cast) -> String {
    let mut text =
        "contract_id,metering_point_id,product_id,first_day,end_day,account_id,share_percent\n".to_owned();
    for point in &cast.points {
        for (account, share) in &point.payers {
            text.push_str(&contract(point, account, *share));
        }
    }
    text
}

fn contract(point: &DemoPoint, account: &str, share_percent: u32) -> String {
    let end = Some(point.span.end()).filter(|_| !point.span.is_open());
    format!(
        "C-{:04},{},{},{},{},{account},{share_percent}\n",
        point.number,
        point.id,
        point.product,
        point.span.first(),
        day_or_nothing(end),
    )
}

fn prices() -> String {
    let mut text = "index,unit,currency,resolution,created_utc,start_utc,price\n".to_owned();
    for (start, price) in SPOT.lines().skip(1).filter_map(|line| line.split_once(',')) {
        text.push_str(&format!("spot-nl,MWh,EUR,PT1H,2024-10-31T13:00:00Z,{start},{price}\n"));
    }
    text
}

fn address(address: &Address) -> String {
    let Address { street, postal_code, city, country } = address;
    format!("{street},{postal_code},{city},{country}")
}

fn day_or_nothing(day: Option<Day>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}
