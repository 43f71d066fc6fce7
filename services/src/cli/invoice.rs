//! `kvarter invoice`: one issued invoice, as lines or as its document.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::invoice::{Invoice, LinePart, LinePrice};
use proto::invoicing::{GetInvoiceRequest, InvoiceFormat, RenderInvoiceRequest};
use proto::name;

use super::client::{Client, Connection, ask};
use super::failure::Failure;
use super::sheet::{Output, Sheet, say};
use super::show;

/// What `kvarter invoice` is told.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  kvarter invoice show 2024-000001 --tenant example\n  kvarter invoice render 2024-000001 \
                  --format html --to invoice.html --tenant example\n\nExit codes: 0 done; 1 the node refused; 2 the command \
                  is wrong."
)]
pub struct InvoiceArguments {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Subcommand, Clone, Debug)]
enum Action {
    /// Show the lines of an invoice
    Show {
        /// Its number
        number: String,
        /// How to print it
        #[arg(long, value_enum, value_name = "FORM", default_value_t)]
        output: Output,
    },
    /// Write an invoice as its document
    Render {
        /// Its number
        number: String,
        /// The form of the document
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// The file to write; standard output where it is left out
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
}

/// The form of an invoice's document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// JSON, for machines
    #[default]
    Json,
    /// A page with a chart, for people
    Html,
}

/// Shows or renders an invoice.
pub(super) async fn run(arguments: &InvoiceArguments) -> Result<(), Failure> {
    let client = Client::connect(&arguments.connection).await?;
    match &arguments.action {
        Action::Show { number, output } => print(&get(&client, number).await?, *output),
        Action::Render { number, format, to } => {
            let document = render(&client, number, *format).await?;
            match to {
                Some(path) => fs::write(path, document).map_err(Failure::file(path)),
                None => say(document),
            }
        }
    }
}

/// An issued invoice.
pub(super) async fn get(client: &Client, number: &str) -> Result<Invoice, Failure> {
    let message = GetInvoiceRequest { name: name::INVOICE.name([client.tenant(), number]) };
    let invoice = ask(message, async |request| client.invoicing().get_invoice(request).await).await;
    Ok(invoice.map_err(Failure::refused(format!("invoice {number}")))?.try_into()?)
}

/// The document of an issued invoice.
pub(super) async fn render(client: &Client, number: &str, format: Format) -> Result<Vec<u8>, Failure> {
    let format = match format {
        Format::Json => InvoiceFormat::Json,
        Format::Html => InvoiceFormat::Html,
    };
    let name = name::INVOICE.name([client.tenant(), number]);
    let message = RenderInvoiceRequest { name, format: format.into() };
    let rendered = ask(message, async |request| client.invoicing().render_invoice(request).await).await;
    Ok(rendered.map_err(Failure::refused(format!("invoice {number}")))?.content)
}

fn print(invoice: &Invoice, output: Output) -> Result<(), Failure> {
    if output == Output::Table {
        let (payer, total) = (&invoice.payer, invoice.total.to_text());
        say(format!(
            "{} {} of {}, {} ({}), due {} on {}\n\n",
            invoice.kind.word(),
            invoice.number,
            invoice.issued_on,
            payer.name,
            payer.account,
            invoice.due.to_text(),
            invoice.due_on,
        ))?;
        lines(invoice).print(output)?;
        say(format!(
            "\nnet {}, VAT {}, total {total} {}\n",
            invoice.net.to_text(),
            invoice.vat_total.to_text(),
            invoice.currency.code()
        ))?;
        return Ok(());
    }
    lines(invoice).print(output)
}

fn lines(invoice: &Invoice) -> Sheet {
    let rows = invoice.points.iter().flat_map(|point| {
        point.lines.iter().map(move |line| {
            let single = if let [part] = line.parts.as_slice() { Some(part) } else { None };
            let (quantity, price) = single.map(quantity_and_price).unwrap_or_default();
            vec![
                point.metering_point.to_string(),
                line.name.clone(),
                show::span(line.service),
                quantity,
                price,
                line.net.to_text(),
                line.vat_rate.percent_text(),
            ]
        })
    });
    Sheet::new(
        &["metering_point", "line", "service", "quantity", "price", "net", "vat_percent"],
        &["net", "quantity"],
    )
    .with(rows)
}

fn quantity_and_price(part: &LinePart) -> (String, String) {
    let price = match part.price {
        LinePrice::PerUnit(price) => price.to_text(2),
        LinePrice::Monthly { price, .. } => format!("{} a month", price.to_text(2)),
        LinePrice::Factor(factor) => format!("x {factor}"),
        LinePrice::Average { price, intervals } => {
            let price = price.map(|price| price.to_text(6)).unwrap_or_default();
            if intervals == 0 {
                format!("{price} average")
            } else {
                format!("{price} average of {intervals}")
            }
        }
    };
    (format!("{} {}", part.quantity, part.rated.position.unit), price)
}
