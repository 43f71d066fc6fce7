//! Price sheets of the catalogue: `kvarter price-sheet import|get|list`.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use proto::name;
use proto::roaming::{CreatePriceSheetRequest, GetPriceSheetRequest, ListPriceSheetsRequest, PriceSheet};

use super::asking::Asking;
use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::sheet::Sheet;
use super::show;
use super::subject::Subject;

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;
/// What price sheets are in the words of this command.
const SUBJECT: Subject = Subject {
    options: &[("price_sheet_id", "--id"), ("tariff", "")],
    list: "kvarter price-sheet list",
    advice: &[],
};

/// What `kvarter price-sheet` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "A price sheet is an OCPI tariff by which sessions are sold or bought: docs/reference/price-sheets.md.",
    after_help = "Examples:\n  kvarter price-sheet import tariff.json --tenant example\n  kvarter price-sheet list --tenant \
                  example\n\nExit codes: 0 done; 1 the node refused; 2 the command or the file is wrong."
)]
pub struct PriceSheetArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Add a version: one OCPI tariff as JSON; the same again has no effect
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The id in the catalogue; that of the tariff where it is left out
        #[arg(long, default_value = "", hide_default_value = true)]
        id: String,
    },
    /// Show the latest version
    Get {
        /// The id in the catalogue
        id: String,
    },
    /// Every version of every price sheet
    List,
}

/// Does one step and prints what there is then.
pub(super) async fn run(arguments: &PriceSheetArguments) -> Result<(), Failure> {
    let client = arguments.asking.client().await?;
    let sheets = match &arguments.step {
        Step::Import { file, id } => {
            let tariff = fs::read(file).map_err(Failure::file(file))?;
            let (parent, price_sheet_id) = (client.parent(), id.clone());
            let message = CreatePriceSheetRequest { parent, price_sheet_id, tariff, ..Default::default() };
            let service = async |request| client.price_sheets().create_price_sheet(request).await;
            vec![
                ask(message, service)
                    .await
                    .map_err(Failure::refused_as(&SUBJECT, file.display().to_string()))?,
            ]
        }
        Step::Get { id } => {
            let message = GetPriceSheetRequest { name: name::PRICE_SHEET.name([client.tenant(), id]) };
            let service = async |request| client.price_sheets().get_price_sheet(request).await;
            vec![ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, id.clone()))?]
        }
        Step::List => list(&client).await?,
    };
    let columns = &["price sheet", "version", "tariff", "currency", "elements", "registered"];
    let rows = sheets.into_iter().map(|sheet| {
        let (version, elements) = (sheet.version.to_string(), sheet.elements.len().to_string());
        let registered = show::time(sheet.registered_time.as_ref());
        vec![sheet.price_sheet_id, version, sheet.tariff_id, sheet.currency_code, elements, registered]
    });
    let table = Sheet::new(columns, &["version", "elements"]).with(rows);
    table.or_else_say("there are no price sheets").print(arguments.asking.output)
}

async fn list(client: &Client) -> Result<Vec<PriceSheet>, Failure> {
    let parent = client.parent();
    every_page(async |page_token| {
        let message = ListPriceSheetsRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let service = async |request| client.price_sheets().list_price_sheets(request).await;
        let page = ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, "price sheets"))?;
        Ok((page.price_sheets, page.next_page_token))
    })
    .await
}
