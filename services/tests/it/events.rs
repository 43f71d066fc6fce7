//! What accounts tell whoever listens, over a connection: the same from every cursor, live, filtered, and every way to be
//! refused.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't have its answer has failed")]

use proto::charging::charging_service_client::ChargingServiceClient;
use proto::charging::{BlockAccountRequest, TopUpRequest, UnblockAccountRequest, WatchBalanceRequest};
use proto::events::event_service_client::EventServiceClient;
use proto::events::{
    AccountEvent, AccountEventKind as Kind, EventFilter, ListEventsRequest, ListEventsResponse,
    StreamEventsRequest, StreamEventsResponse,
};
use services::node::NodeOptions;
use services::store::StoreAddress;
use tonic::transport::Channel;
use tonic::{Code, Streaming};

use crate::grpc::supplier::{TENANT, account_name};
use crate::grpc::world::{World, fact, field, options, reason, run};

struct Given {
    world: World,
    events: EventServiceClient<Channel>,
    charging: ChargingServiceClient<Channel>,
}

impl Given {
    fn on(world: World) -> Self {
        let events = EventServiceClient::new(world.channel.clone());
        let charging = ChargingServiceClient::new(world.channel.clone());
        Self { world, events, charging }
    }

    /// Three accounts, each of which was topped up twice, blocked, and unblocked.
    async fn new() -> Self {
        Self::with(StoreAddress::Memory).await
    }

    async fn with(store: StoreAddress) -> Self {
        let mut given = Self::on(World::with(options(store)).await);
        for id in ["anna", "bert", "carl"] {
            given.world.open(TENANT, id).await;
        }
        for round in ["t1", "t2"] {
            for id in ["anna", "bert", "carl"] {
                given.top_up(id, round).await;
            }
        }
        for id in ["carl", "anna", "bert"] {
            let account = account_name(id);
            given.charging.block_account(BlockAccountRequest { account: account.clone() }).await.unwrap();
            given.charging.unblock_account(UnblockAccountRequest { account }).await.unwrap();
        }
        // A message is delivered a moment after the answer.
        given.first(ALL).await;
        given
    }

    async fn top_up(&mut self, id: &str, operation: &str) {
        let top_up = TopUpRequest {
            account: account_name(id),
            operation_id: operation.to_owned(),
            currency_code: "EUR".to_owned(),
            exact_amount: "7.5".to_owned(),
            ..TopUpRequest::default()
        };
        self.charging.top_up(top_up).await.unwrap();
    }

    async fn stream(&mut self, request: StreamEventsRequest) -> Streaming<StreamEventsResponse> {
        self.events.stream_events(request).await.unwrap().into_inner()
    }

    /// So many events of the tenant from the first on.
    async fn first(&mut self, count: usize) -> Vec<AccountEvent> {
        let mut stream = self.stream(behind("")).await;
        some(&mut stream, count).await
    }

    async fn page(&mut self, list: ListEventsRequest) -> ListEventsResponse {
        self.events.list_events(list).await.unwrap().into_inner()
    }

    /// Why a stream is refused.
    async fn refused(&mut self, request: StreamEventsRequest) -> (Code, String, String) {
        let status = self.events.stream_events(request).await.unwrap_err();
        let (code, name) = reason(&status);
        (code, name, field(&status))
    }
}

const ALL: usize = 12;

fn behind(cursor: &str) -> StreamEventsRequest {
    let (parent, cursor) = (TENANT.to_owned(), cursor.to_owned());
    StreamEventsRequest { parent, cursor, ..StreamEventsRequest::default() }
}

fn pages_of(page_size: i32, page_token: &str) -> ListEventsRequest {
    let (parent, page_token) = (TENANT.to_owned(), page_token.to_owned());
    ListEventsRequest { parent, page_size, page_token, filter: None }
}

/// Reads until there are so many events.
async fn some(stream: &mut Streaming<StreamEventsResponse>, count: usize) -> Vec<AccountEvent> {
    let mut events = Vec::new();
    while events.len() < count {
        events.extend(stream.message().await.unwrap().unwrap().events);
    }
    events
}

fn kinds<'a>(events: impl IntoIterator<Item = &'a AccountEvent>, account: &str) -> Vec<Kind> {
    let of_account = events.into_iter().filter(|event| event.account_id == account);
    of_account.map(|event| Kind::try_from(event.kind).unwrap()).collect()
}

#[test]
fn the_same_follows_from_every_cursor() {
    run(async {
        let mut given = Given::new().await;
        let all = given.first(ALL).await;
        for account in ["anna", "bert", "carl"] {
            let expected = [Kind::ToppedUp, Kind::ToppedUp, Kind::Blocked, Kind::Unblocked];
            assert_eq!(kinds(&all, account), expected, "{account}");
        }
        for size in 1..=13 {
            let (mut listed, mut token) = (Vec::new(), String::new());
            loop {
                let page = given.page(pages_of(size, &token)).await;
                assert!(page.events.len() <= usize::try_from(size).unwrap());
                listed.extend(page.events);
                // Whoever was given so much goes on behind it by the cursor, in any size.
                let rest = all.get(listed.len()..).unwrap();
                let mut stream = given.stream(behind(&page.cursor)).await;
                assert_eq!(some(&mut stream, rest.len()).await, rest, "behind {}", listed.len());
                if page.next_page_token.is_empty() {
                    break;
                }
                token = page.next_page_token;
            }
            assert_eq!(listed, all, "pages of {size}");
        }
    });
}

/// More than is read of a partition at once.
#[test]
fn a_busy_account_and_a_quiet_one_are_read_in_their_order() {
    run(async {
        let mut given = Given::on(World::new().await);
        for id in ["anna", "bert"] {
            given.world.open(TENANT, id).await;
        }
        given.top_up("bert", "first").await;
        for number in 0..40 {
            given.top_up("anna", &format!("t{number}")).await;
        }
        given.top_up("bert", "last").await;
        let all = given.first(42).await;
        for size in [1, 7, 8, 9, 41, 42, 1_000] {
            let (mut listed, mut token) = (Vec::new(), String::new());
            loop {
                let page = given.page(pages_of(size, &token)).await;
                listed.extend(page.events);
                if page.next_page_token.is_empty() {
                    break;
                }
                token = page.next_page_token;
            }
            assert_eq!(listed, all, "pages of {size}");
        }
        let of_anna = all.iter().filter(|event| event.account_id == "anna");
        let operations: Vec<String> = of_anna.map(operation).collect();
        assert_eq!(operations, (0..40).map(|number| format!("t{number}")).collect::<Vec<_>>());
        given.world.node.stop().await.unwrap();
    });
}

/// The top-up that an event tells.
fn operation(event: &AccountEvent) -> String {
    match &event.event {
        Some(proto::events::account_event::Event::ToppedUp(topped)) => topped.operation_id.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_cursor_outlives_the_node_that_gave_it() {
    run(async {
        let directory = tempfile::tempdir().unwrap();
        let store = StoreAddress::Directory(directory.path().to_owned());
        let mut given = Given::with(store.clone()).await;
        let all = given.first(ALL).await;
        let page = given.page(pages_of(5, "")).await;
        given.world.node.stop().await.unwrap();

        let mut given = Given::on(World::with(options(store)).await);
        assert_eq!(given.first(ALL).await, all);
        let mut stream = given.stream(behind(&page.cursor)).await;
        let rest = all.get(5..).unwrap();
        assert_eq!(some(&mut stream, rest.len()).await, rest);
        given.top_up("anna", "t3").await;
        assert_eq!(kinds(&some(&mut stream, 1).await, "anna"), [Kind::ToppedUp]);
        drop(stream);
        given.world.node.stop().await.unwrap();
    });
}

#[test]
fn what_is_added_comes_by_itself_and_only_what_is_wanted() {
    run(async {
        let mut given = Given::new().await;
        let filter = EventFilter { account: account_name("anna"), kinds: vec![Kind::ToppedUp.into()] };
        let filtered = StreamEventsRequest { filter: Some(filter.clone()), ..behind("") };
        let mut wanted = given.stream(filtered).await;
        let mut new = given.stream(StreamEventsRequest { from_now: true, ..behind("") }).await;
        let first = new.message().await.unwrap().unwrap();
        assert_eq!(first.events, [], "begins behind what there is");
        assert_eq!(kinds(&some(&mut wanted, 2).await, "anna"), [Kind::ToppedUp; 2]);
        given.top_up("bert", "t3").await;
        given.top_up("anna", "t3").await;
        let next = some(&mut wanted, 1).await;
        assert_eq!(kinds(&next, "anna"), [Kind::ToppedUp]);
        let both = some(&mut new, 2).await;
        assert_eq!(
            (kinds(&both, "anna"), kinds(&both, "bert")),
            (vec![Kind::ToppedUp], vec![Kind::ToppedUp])
        );
        // From where it began the same follows again.
        let mut again = given.stream(behind(&first.cursor)).await;
        assert_eq!(some(&mut again, 2).await.len(), 2);
        let list = ListEventsRequest { filter: Some(filter), ..pages_of(0, "") };
        assert_eq!(given.page(list).await.events.len(), 3);
        // The node stops: streams end in order.
        let stopped = tokio::spawn(given.world.node.stop());
        assert!(matches!(wanted.message().await, Ok(None)));
        stopped.await.unwrap().unwrap();
    });
}

#[test]
fn what_is_no_place_in_the_log_is_refused() {
    run(async {
        let mut given = Given::new().await;
        let cursor = given.page(pages_of(ALL.try_into().unwrap(), "")).await.cursor;
        let kinds = EventFilter { kinds: vec![99], ..EventFilter::default() };
        let stranger =
            EventFilter { account: "tenants/heavy/accounts/anna".to_owned(), ..EventFilter::default() };
        let invalid =
            |reason: &str, field: &str| (Code::InvalidArgument, reason.to_owned(), field.to_owned());
        let elsewhere = StreamEventsRequest { parent: "tenants/heavy".to_owned(), ..behind(&cursor) };
        // The place in the last partition, one byte, is far beyond what any account told.
        let beyond = format!("{}7f", cursor.get(..cursor.len() - 2).unwrap());
        for (request, expected) in [
            (behind("now"), invalid("CURSOR_MALFORMED", "cursor")),
            (behind(cursor.get(2..).unwrap()), invalid("CURSOR_MALFORMED", "cursor")),
            (elsewhere, invalid("CURSOR_MALFORMED", "cursor")),
            (behind(&beyond), invalid("CURSOR_BEYOND_END", "cursor")),
            (StreamEventsRequest { from_now: true, ..behind(&cursor) }, invalid("INVALID", "from_now")),
            (StreamEventsRequest { filter: Some(kinds), ..behind("") }, invalid("INVALID", "filter.kinds")),
            (
                StreamEventsRequest { filter: Some(stranger), ..behind("") },
                invalid("INVALID", "filter.account"),
            ),
            (StreamEventsRequest::default(), invalid("INVALID", "parent")),
        ] {
            let told = format!("{request:?}");
            assert_eq!(given.refused(request).await, expected, "{told}");
        }
        let other = given.events.list_events(pages_of(1, &cursor)).await.unwrap_err();
        assert_eq!(reason(&other), (Code::InvalidArgument, "INVALID".to_owned()));
    });
}

#[test]
fn streams_that_give_have_a_bound_of_their_own() {
    run(async {
        let bounded = NodeOptions { streams: 2, requests: 4, ..options(StoreAddress::Memory) };
        let mut given = Given::on(World::with(bounded).await);
        given.world.open(TENANT, "anna").await;
        let watch = || WatchBalanceRequest { account: account_name("anna") };
        let stream = given.stream(behind("")).await;
        let watched = given.charging.watch_balance(watch()).await.unwrap();
        for _ in 0..2 {
            let full = (Code::ResourceExhausted, "OVERLOADED".to_owned());
            let refused = given.events.stream_events(behind("")).await.unwrap_err();
            assert_eq!((reason(&refused), fact(&refused, "bound")), (full.clone(), "streams".to_owned()));
            let refused = given.charging.watch_balance(watch()).await.unwrap_err();
            assert_eq!(reason(&refused), full);
        }
        // They take nobody's place.
        given.top_up("anna", "t1").await;
        drop((stream, watched));
        // A place is free again as soon as the node has seen that its client is gone.
        while given.events.stream_events(behind("")).await.is_err() {
            tokio::task::yield_now().await;
        }
        given.world.node.stop().await.unwrap();
    });
}
