//! A grid of metering points: households that register and store a month by the quarter of an hour. What the benches of
//! nodes have in common.
#![expect(dead_code, reason = "no bench uses all of it")]

use std::sync::Arc;
use std::time::Duration;

use actors::entity::{Kinds, entity_id};
use actors::shell::{
    CallError, Caller, Class, Consistency, EntityId, Node, NodeOptions, Reply, Request, Tenant,
};
use bytes::Bytes;
use cluster::{Clock, Incarnation, ShardCount};
use domain::address::Address;
use domain::day::{DayRule, Month};
use domain::day_span::DaySpan;
use domain::document::MeteringPointKind;
use domain::entity::Recipient;
use domain::entity::metering_point::{Command, PointDetails, PointPeriod, Values};
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::quantity::{Quantity, Unit};
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, TimeSeries, Value};
use domain::zone::Zone;
use prost::Message as _;
use proto::store as stored;
use storage::Store;
use tokio::task::JoinSet;

pub(crate) const SHARDS: u16 = 1_024;

/// The clocks of this machine.
#[derive(Debug)]
pub(crate) struct MachineClock(std::time::Instant);

/// What a household of some 3,000 kWh a year takes in a quarter of each hour, in Wh; an invented shape.
const HOUSEHOLD_WH: [i64; 24] =
    [50, 42, 38, 36, 36, 42, 62, 86, 90, 86, 84, 88, 96, 92, 84, 80, 84, 104, 128, 136, 128, 112, 90, 66];
/// The commands of so many points are under way at once while a grid is built.
const BUILD_AT_ONCE: usize = 256;

pub(crate) fn tenant() -> Tenant {
    Tenant::parse("example").unwrap()
}

/// The point of this number, with 18 digits.
pub(crate) fn point(number: u64) -> MeteringPointId {
    MeteringPointId::new(571_313_000_000_000_000 + number * 10).unwrap()
}

pub(crate) fn entity(number: u64) -> EntityId {
    entity_id(&tenant(), &Recipient::MeteringPoint(point(number))).unwrap()
}

pub(crate) fn request(number: u64, command: &Command) -> Request {
    Request {
        entity: entity(number),
        command: Bytes::from(stored::MeteringPointCommand::from(command).encode_to_vec()),
        caller: Caller::of("bench"),
        request_id: None,
        timeout: None,
        class: Class::Interactive,
        repeatable: true,
        trace: None,
        consistency: Consistency::Strong,
    }
}

pub(crate) fn register(number: u64) -> Command {
    let period = PointPeriod {
        span: DaySpan::since(month().first_day()).unwrap(),
        resolution: Resolution::Minutes15,
        supplier: "5790001330552".to_owned(),
        settlement_method: None,
    };
    Command::Register(PointDetails {
        id: point(number),
        kind: MeteringPointKind::Consumption,
        unit: Unit::KilowattHour,
        rule: rule(),
        address: Address::default(),
        grid_area: "344".to_owned(),
        parent: None,
        periods: vec![period],
    })
}

/// A month of values, each between half and one and a half of the shape's.
pub(crate) fn month_of_values(number: u64) -> Command {
    let mut random = Random(number + 1);
    let period = rule().month_period(month()).unwrap();
    let hours = HOUSEHOLD_WH.iter().cycle().take(30 * 24);
    let values = hours.flat_map(|wh| [*wh; 4]).map(|wh| {
        let percent = 50 + i64::try_from(random.next() % 101).unwrap();
        Value { quantity: Quantity::from_micros(wh * percent / 100 * 1_000), quality: Quality::Measured }
    });
    Command::StoreValues(vec![Values {
        direction: Direction::Consumption,
        created: period.end(),
        source: "5790001330552.f81d4fae-7dec-11d0-a765-00a0c91e6bf6".to_owned(),
        series: TimeSeries::new(period.start(), Resolution::Minutes15, values),
    }])
}

/// A day of values of its month, by chance, which no other has.
pub(crate) fn day_of_values(random: &mut Random) -> Command {
    let day = usize::try_from(random.next() % 30).unwrap();
    let values = HOUSEHOLD_WH.iter().flat_map(|wh| [*wh; 4]).map(|wh| {
        let percent = 50 + i64::try_from(random.next() % 101).unwrap();
        Value { quantity: Quantity::from_micros(wh * percent / 100 * 1_000), quality: Quality::Measured }
    });
    let day = month().first_day().until(month().next().first_day()).nth(day).unwrap();
    Command::StoreValues(vec![Values {
        direction: Direction::Consumption,
        created: Instant::from_millis(MachineClock::new().wall_ms()).unwrap(),
        source: "5790001330552.f81d4fae-7dec-11d0-a765-00a0c91e6bf6".to_owned(),
        series: TimeSeries::new(rule().start(day), Resolution::Minutes15, values),
    }])
}

/// A node alone on its store.
pub(crate) async fn start(
    store: &Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    number: u128,
    set: impl FnOnce(&mut NodeOptions),
) -> Node {
    let mut options = NodeOptions::new(Incarnation::new(number), ShardCount::new(SHARDS).unwrap());
    set(&mut options);
    Node::start(Arc::clone(store), Arc::new(Kinds), clock, options).await.unwrap()
}

/// Registers the points and stores a month of values for each.
pub(crate) async fn build(node: &Arc<Node>, points: impl Iterator<Item = u64>) {
    let mut tasks = JoinSet::new();
    for number in points {
        if tasks.len() >= BUILD_AT_ONCE {
            tasks.join_next().await.unwrap().unwrap();
        }
        let node = Arc::clone(node);
        tasks.spawn(async move {
            accepted(&node, request(number, &register(number))).await;
            accepted(&node, request(number, &month_of_values(number))).await;
        });
    }
    tasks.join_all().await;
}

pub(crate) async fn accepted(node: &Node, request: Request) -> Bytes {
    loop {
        match node.call(request.clone()).await {
            Ok(Reply::Accepted(reply)) => return reply,
            Err(CallError::Overloaded { retry_after, .. }) => tokio::time::sleep(retry_after).await,
            other => panic!("not accepted: {other:?}"),
        }
    }
}

/// Memory of this process that lies in RAM, in bytes.
pub(crate) fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
}

/// The time this process has had a processor, in all its threads. Steps of 10 ms.
pub(crate) fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// The value below which so many of a thousand lie.
pub(crate) fn per_mille(times: &mut [Duration], per_mille: usize) -> Duration {
    times.sort_unstable();
    times
        .get((times.len() * per_mille / 1_000).min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// A number from the environment.
pub(crate) fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.replace('_', "").parse().unwrap())
}

/// A directory for a store: under the one that `KVARTER_BENCH_DIR` names, else a temporary one.
pub(crate) fn directory() -> tempfile::TempDir {
    match std::env::var_os("KVARTER_BENCH_DIR") {
        Some(path) => tempfile::TempDir::new_in(path).unwrap(),
        None => tempfile::TempDir::new().unwrap(),
    }
}

/// A sequence that is the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl MachineClock {
    pub(crate) fn new() -> Arc<MachineClock> {
        Arc::new(MachineClock(std::time::Instant::now()))
    }
}

impl Clock for MachineClock {
    fn wall_ms(&self) -> i64 {
        let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        i64::try_from(elapsed.as_millis()).unwrap()
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
}

fn month() -> Month {
    Month::new(2024, 9).unwrap()
}

fn rule() -> DayRule {
    DayRule::civil(Zone::named("Europe/Copenhagen").unwrap())
}
