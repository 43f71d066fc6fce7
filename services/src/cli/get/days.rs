//! Days of values with their versions.

use domain::day::DayRule;
use domain::day_span::DaySpan;
use domain::day_version::DayVersion;
use domain::entity::metering_point::PointDetails;
use domain::fixed;
use domain::quantity::Quantity;
use domain::series::Quality;
use proto::convert::timestamp;
use proto::metering::{GetMeteringPointRequest, ListDayVersionsRequest};
use proto::name;
use proto::types::Direction;

use super::DaysArguments;
use crate::cli::client::{Client, ask, every_page};
use crate::cli::failure::Failure;
use crate::cli::sheet::Sheet;

pub(super) async fn sheet(client: &Client, wanted: &DaysArguments) -> Result<Sheet, Failure> {
    let span = DaySpan::new(wanted.from, wanted.to);
    let span = span.ok_or_else(|| Failure::Usage("--to must be a day after --from".to_owned()))?;
    let point = name::METERING_POINT.name([client.tenant(), &wanted.id]);
    let what = format!("days of {}", wanted.id);
    let message = ListDayVersionsRequest {
        parent: point.clone(),
        direction: Direction::from(wanted.channel).into(),
        span: Some((&span).into()),
        as_of_time: wanted.as_of.map(timestamp),
        page_size: 400,
        page_token: String::new(),
    };
    let versions = every_page(async |page_token| {
        let message = ListDayVersionsRequest { page_token, ..message.clone() };
        let page = ask(message, async |request| client.metering().list_day_versions(request).await).await;
        let page = page.map_err(Failure::refused(what.as_str()))?;
        Ok((page.day_versions, page.next_page_token))
    });
    let versions: Result<Vec<DayVersion>, _> =
        versions.await?.into_iter().map(DayVersion::try_from).collect();
    let versions = versions?;
    if !wanted.values {
        let columns =
            &["day", "version", "created", "received", "resolution", "values", "missing", "total", "source"];
        return Ok(Sheet::new(columns, &["version", "values", "missing", "total"])
            .with(versions.iter().map(day_row)));
    }
    let message = GetMeteringPointRequest { name: point };
    let point = ask(message, async |request| client.metering().get_metering_point(request).await).await;
    let rule = PointDetails::try_from(point.map_err(Failure::refused(what))?)?.rule;
    let columns = &["day", "version", "start", "quantity", "quality"];
    Ok(Sheet::new(columns, &["version", "quantity"])
        .with(versions.iter().flat_map(|day| value_rows(day, &rule))))
}

fn day_row(version: &DayVersion) -> Vec<String> {
    let values = &version.values;
    let missing = values.values().filter(|value| value.quality == Quality::Missing).count();
    vec![
        version.day.to_string(),
        version.version.to_string(),
        version.created.to_string(),
        version.received.to_string(),
        values.resolution().to_string(),
        values.len().to_string(),
        missing.to_string(),
        fixed::format(values.total().micros(), Quantity::SCALE, 3),
        version.source.clone(),
    ]
}

fn value_rows(version: &DayVersion, rule: &DayRule) -> Vec<Vec<String>> {
    let values = &version.values;
    let start = |index| values.resolution().start_of(index, values.start(), rule);
    let rows = values.values().enumerate().map(|(index, value)| {
        let is_missing = value.quality == Quality::Missing;
        vec![
            version.day.to_string(),
            version.version.to_string(),
            start(index).map(|start| start.to_string()).unwrap_or_default(),
            if is_missing { String::new() } else { value.quantity.to_text(3) },
            value.quality.word().to_owned(),
        ]
    });
    rows.collect()
}
