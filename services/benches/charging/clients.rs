//! Clients of the charging service: one call per operation, or many operations over a stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use proto::charging::charge_request::Request;
use proto::charging::charge_response::Outcome;
use proto::charging::charging_service_client::ChargingServiceClient;
use proto::charging::{
    Asked, ChargeRequest, Charged, ChargedPart, CommitRequest, DebitMode, DebitRequest, ExactMoney, Payer,
    ReserveRequest, Usage, Used, asked, payer, used,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use uuid::Uuid;

use super::{ACCOUNTS, Run, Samples, Spread, TENANT, Work};
use crate::process::NodeProcess;

/// At most so many connections, and streams.
const CONNECTIONS: u64 = 4;

/// A call per operation.
pub(crate) async fn unary(node: &NodeProcess, run: &Run) -> Samples {
    let channels: Vec<_> = (0..run.at_once.min(CONNECTIONS)).map(|_| node.channel()).collect();
    each(run, |caller| {
        let client = ChargingServiceClient::new(channel(&channels, caller));
        let run = run.clone();
        move |number| {
            let (mut client, run) = (client.clone(), run.clone());
            async move {
                match run.work {
                    Work::Debit => drop(client.debit(debit(&run, number)).await.unwrap()),
                    Work::Pair => {
                        let reserve = reserve(&run, number);
                        let commit = commit(&reserve, number);
                        client.reserve(reserve).await.unwrap();
                        client.commit(commit).await.unwrap();
                    }
                }
            }
        }
    })
    .await
}

/// Calls that do nothing: what gRPC takes by itself.
pub(crate) async fn bare(node: &NodeProcess, run: &Run) -> Samples {
    let channels: Vec<_> = (0..run.at_once.min(CONNECTIONS)).map(|_| node.channel()).collect();
    each(run, |caller| {
        let client = HealthClient::new(channel(&channels, caller));
        move |_| {
            let mut client = client.clone();
            async move { drop(client.check(HealthCheckRequest::default()).await.unwrap()) }
        }
    })
    .await
}

fn channel(channels: &[Channel], caller: u64) -> Channel {
    channels[usize::try_from(caller).unwrap() % channels.len()].clone()
}

/// So many callers, each with one operation after the other until the time is over.
async fn each<C, F>(run: &Run, caller: impl Fn(u64) -> C) -> Samples
where
    C: Fn(u64) -> F + Send + 'static,
    F: Future<Output = ()> + Send,
{
    let begun = Instant::now();
    let numbers = Arc::new(AtomicU64::new(0));
    let mut callers = JoinSet::new();
    for number in 0..run.at_once {
        let (caller, numbers, duration) = (caller(number), Arc::clone(&numbers), run.duration);
        callers.spawn(async move {
            let mut times = Vec::new();
            while begun.elapsed() < duration {
                let asked = Instant::now();
                caller(numbers.fetch_add(1, Ordering::Relaxed)).await;
                times.push(asked.elapsed());
            }
            times
        });
    }
    let times = callers.join_all().await.into_iter().flatten().collect();
    Samples { times, took: begun.elapsed() }
}

/// Many operations under way over few streams.
pub(crate) async fn streamed(node: &NodeProcess, run: &Run) -> Samples {
    let begun = Instant::now();
    let streams = run.at_once.div_ceil(64).min(CONNECTIONS);
    let mut open = JoinSet::new();
    for number in 0..streams {
        let part = Run { at_once: run.at_once / streams, ..run.clone() };
        open.spawn(stream(node.channel(), part, number));
    }
    let times = open.join_all().await.into_iter().flatten().collect();
    Samples { times, took: begun.elapsed() }
}

async fn stream(channel: Channel, run: Run, stream: u64) -> Vec<std::time::Duration> {
    let begun = Instant::now();
    let places = usize::try_from(run.at_once).unwrap();
    let (requests, sent) = mpsc::channel(places.max(1));
    let mut client = ChargingServiceClient::new(channel);
    let next = |correlation: u64, number: u64| {
        let number = number * CONNECTIONS + stream;
        let (request, then) = match run.work {
            Work::Debit => (Request::Debit(debit(&run, number)), None),
            Work::Pair => {
                let reserve = reserve(&run, number);
                let commit = commit(&reserve, number);
                (Request::Reserve(reserve), Some(Request::Commit(commit)))
            }
        };
        (ChargeRequest { correlation, request: Some(request) }, then)
    };
    let (mut times, mut under_way, mut numbers, mut open) = (Vec::new(), Vec::new(), 0, 0);
    for place in 0..run.at_once {
        let (request, then) = next(place, numbers);
        numbers += 1;
        open += 1;
        under_way.push((Instant::now(), then));
        requests.send(request).await.unwrap();
    }
    let mut answers = client.charge(ReceiverStream::new(sent)).await.unwrap().into_inner();
    while open > 0 {
        let answer = answers.message().await.unwrap().unwrap();
        assert!(!matches!(answer.outcome, None | Some(Outcome::Error(_))), "{answer:?}");
        let (began, then) = &mut under_way[usize::try_from(answer.correlation).unwrap()];
        if let Some(then) = then.take() {
            requests
                .send(ChargeRequest { correlation: answer.correlation, request: Some(then) })
                .await
                .unwrap();
            continue;
        }
        times.push(began.elapsed());
        if begun.elapsed() >= run.duration {
            open -= 1;
            continue;
        }
        let (request, then) = next(answer.correlation, numbers);
        numbers += 1;
        under_way[usize::try_from(answer.correlation).unwrap()] = (Instant::now(), then);
        requests.send(request).await.unwrap();
    }
    times
}

fn payer(run: &Run, number: u64) -> Option<Payer> {
    // A step that has no common factor with the number of accounts goes over all of them.
    let account = match run.spread {
        Spread::Many => number.wrapping_mul(7_919) % ACCOUNTS,
        Spread::Hot => 0,
    };
    Some(Payer { payer: Some(payer::Payer::Account(format!("{TENANT}/accounts/{account}"))) })
}

/// Ids with a time in them: the node knows of those that they were never used, without a look at its records.
fn id() -> String {
    Uuid::now_v7().to_string()
}

fn amount(number: u64) -> Option<Used> {
    let part = ChargedPart {
        revenue_role: "energy".to_owned(),
        tax_class: "standard".to_owned(),
        vat_basis_points: 2_100,
        exact_net: format!("0.{:02}", number % 80 + 1),
        // 21 % of the net.
        exact_tax: format!("0.{:04}", (number % 80 + 1) * 21),
    };
    Some(Used {
        used: Some(used::Used::Charged(Charged { currency_code: "EUR".to_owned(), parts: vec![part] })),
    })
}

fn debit(run: &Run, number: u64) -> DebitRequest {
    DebitRequest {
        payer: payer(run, number),
        operation_id: id(),
        mode: DebitMode::Voluntary.into(),
        usage: Some(Usage::default()),
        used: amount(number),
        ..DebitRequest::default()
    }
}

fn reserve(run: &Run, number: u64) -> ReserveRequest {
    let euro = ExactMoney { currency_code: "EUR".to_owned(), exact_amount: "1".to_owned() };
    ReserveRequest {
        payer: payer(run, number),
        reservation_id: id(),
        usage: Some(Usage::default()),
        asked: Some(Asked { asked: Some(asked::Asked::Amount(euro)) }),
        ttl: Some(prost_types::Duration { seconds: 3_600, nanos: 0 }),
        ..ReserveRequest::default()
    }
}

fn commit(reserve: &ReserveRequest, number: u64) -> CommitRequest {
    CommitRequest {
        payer: reserve.payer.clone(),
        reservation_id: reserve.reservation_id.clone(),
        used: amount(number),
        used_time: None,
    }
}
