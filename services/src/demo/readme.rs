//! What the folder of inputs says about itself.

use super::DemoOptions;
use super::cast::{Cast, Part};

pub(super) fn text(cast: &Cast, options: DemoOptions) -> String {
    let mut text = format!(
        "# Input of the demo\n\n\
         October 2024 of an invented Dutch supplier: {} metering points, {} accounts, made from the seed {}.\n\n\
         Profiles (BDEW, by way of demandlib, MIT) and spot prices of the Netherlands (ENTSO-E, by way of ev2gym, MIT) \
         are real. People, places, ids and values are invented. **Every rate but spot is invented and an example**, the \
         tax on electricity too.\n\n\
         The CSVs hold master data; `charges/` and `measured/` hold market documents. Import the CSVs first.\n\n\
         | metering point | account | what it shows |\n|---|---|---|\n",
        cast.points.len(),
        cast.accounts.len(),
        options.seed,
    );
    for point in cast.points.iter().filter(|point| point.part != Part::Ordinary) {
        let accounts: Vec<&str> = point.payers.iter().map(|(account, _)| account.as_str()).collect();
        text.push_str(&format!("| {} | {} | {} |\n", point.id, accounts.join(", "), point.part.shows()));
    }
    text
}
