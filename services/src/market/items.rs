//! From a document to what entities take: each of its series with its digest, and the key of the whole.

use domain::document::{ChargePrices, DocumentContent, DocumentHeader, MarketDocument};
use domain::entity::market_document::{DocumentItem, DocumentSeries};
use domain::price_series::{PriceColumn, SeriesId};

use super::digest::series_digests;

/// The key of a document: its sender and the sender's id of it, with a dot between. A dot in the sender's id is written
/// `%2E`, and `%` as `%25`, so that two documents have the same key only if they agree in both.
#[must_use]
pub fn document_key(header: &DocumentHeader) -> String {
    let sender = header.sender.id.replace('%', "%25").replace('.', "%2E");
    format!("{sender}.{}", header.id)
}

/// The series of a document as the entities they are about take them, in the document's order. What only has to be kept for
/// reading is recorded.
#[must_use]
pub fn document_series(document: &MarketDocument) -> Vec<DocumentSeries> {
    let digests = series_digests(document);
    let items = items(&document.content, digests.len());
    let series = digests.into_iter().zip(items);
    series.map(|(digest, item)| DocumentSeries { id: digest.series, digest: digest.digest.0, item }).collect()
}

fn items(content: &DocumentContent, count: usize) -> Vec<DocumentItem> {
    match content {
        DocumentContent::MeasuredData(series) => {
            let values = series.iter().map(|one| DocumentItem::Values {
                metering_point: one.metering_point,
                kind: one.kind,
                unit: one.unit,
                values: one.series.clone(),
            });
            values.collect()
        }
        DocumentContent::ChargeLinks(points) => {
            let links = points.iter().map(|point| DocumentItem::Links {
                metering_point: point.metering_point,
                links: point.links.clone(),
            });
            links.collect()
        }
        DocumentContent::ChargeInformation(groups) => {
            groups.iter().map(|group| DocumentItem::Charges(group.charges.clone())).collect()
        }
        DocumentContent::ChargePrices(groups) => {
            let priced = |prices: &ChargePrices| (SeriesId::Charge(prices.charge.clone()), column(prices));
            groups
                .iter()
                .map(|group| DocumentItem::Prices(group.charges.iter().map(priced).collect()))
                .collect()
        }
        DocumentContent::StartOfSupply(_)
        | DocumentContent::EndOfSupply(_)
        | DocumentContent::Notices(_)
        | DocumentContent::AggregatedResults(_)
        | DocumentContent::WholesaleResults(_)
        | DocumentContent::MeasuredDataRequests(_)
        | DocumentContent::AggregatedRequests(_)
        | DocumentContent::WholesaleRequests(_) => vec![DocumentItem::Recorded; count],
    }
}

/// The prices as a column, which begins where the document's period does.
fn column(prices: &ChargePrices) -> PriceColumn {
    let column = prices.prices.iter().copied().map(Some).collect();
    PriceColumn { start: prices.period.start(), resolution: prices.resolution, prices: column }
}

#[cfg(test)]
mod tests {
    use domain::document::{DocumentKind, Participant};
    use domain::instant::Instant;

    use super::*;

    fn key(sender: &str, id: &str) -> String {
        let participant = |id: &str| Participant { id: id.to_owned(), role: None };
        document_key(&DocumentHeader {
            id: id.to_owned(),
            kind: DocumentKind::Notice,
            process: "E44".to_owned(),
            business_sector: None,
            sender: participant(sender),
            receiver: participant("5790001330552"),
            created: Instant::from_millis(0).unwrap(),
        })
    }

    #[test]
    fn keys_agree_only_where_sender_and_id_do() {
        assert_eq!(key("5790001330552", "a-1"), "5790001330552.a-1");
        assert_eq!(key("a.b", "c"), "a%2Eb.c");
        assert_eq!(key("a", "b.c"), "a.b.c");
        assert_eq!(key("a%2Eb", "c"), "a%252Eb.c");
    }
}
