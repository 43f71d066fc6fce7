//! Entries of lists that are set aside: named, and in nobody's way.

use std::sync::Arc;

use bytes::Bytes;
use proto::account::ListAccountsRequest;
use proto::admin::{ListParkedEntitiesRequest, UnparkEntityRequest};
use services::node::RunningNode;
use services::store::{Opened, StoreAddress, StoreKind};
use storage::{Commit, Faults, KeyRange, MemoryStore, Scan, Store as _, StoreExt as _, Write};
use tonic::Code;

use super::supplier::{TENANT, account_name};
use super::world::{World, options, reason, run};

/// Makes the state of an account something that nobody can read.
async fn damage(store: &MemoryStore, account: &[u8]) {
    let page = store.scan(Scan::new(KeyRange::all())).await.unwrap();
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let state = page.rows.iter().find(|row| {
        let key = row.key.as_bytes();
        key.starts_with(b"s/") && key.get(4) == Some(&b'e') && has(key, account)
    });
    let key = state.unwrap().key.clone();
    let writes = vec![Write::Put { key, value: Bytes::from_static(b"\xff damaged") }];
    store.commit(Commit { expectations: Vec::new(), writes }).await.unwrap();
}

#[test]
fn a_list_names_what_is_set_aside_and_goes_on() {
    run(async {
        let store = MemoryStore::new();
        let opened = || Opened {
            store: Arc::new(store.handle(Faults::none())),
            exclusive: true,
            kind: StoreKind::Memory,
        };
        let options = options(StoreAddress::Memory);
        let node = RunningNode::start_on(opened(), &options).await.unwrap();
        let mut world = World::of(node).await;
        for id in ["anna", "bert", "carl", "dora"] {
            world.open(TENANT, id).await;
        }
        world.node.stop().await.unwrap();
        damage(&store.handle(Faults::none()), b"bert").await;

        let node = RunningNode::start_on(opened(), &options).await.unwrap();
        let mut world = World::of(node).await;
        let (mut seen, mut unreachable, mut page_token) = (Vec::new(), Vec::new(), String::new());
        loop {
            let list = ListAccountsRequest { parent: TENANT.to_owned(), page_size: 2, page_token };
            let page = world.accounts.list_accounts(list).await.unwrap().into_inner();
            seen.extend(page.accounts.into_iter().map(|account| account.account_id));
            unreachable.extend(page.unreachable);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, ["anna", "carl", "dora"]);
        assert_eq!(unreachable, [account_name("bert")]);
        let get = proto::account::GetAccountRequest { name: account_name("bert") };
        let parked = world.accounts.get_account(get).await.unwrap_err();
        assert_eq!(reason(&parked), (Code::FailedPrecondition, "PARKED".to_owned()));
        let list = ListParkedEntitiesRequest { parent: TENANT.to_owned(), ..Default::default() };
        let listed = world.admin.list_parked_entities(list).await.unwrap().into_inner().parked_entities;
        let name = listed[0].name.clone();
        let unpark = UnparkEntityRequest { name, validate_only: true, ..Default::default() };
        world.admin.unpark_entity(unpark).await.unwrap();
        let list = ListParkedEntitiesRequest { parent: TENANT.to_owned(), ..Default::default() };
        assert_eq!(
            world.admin.list_parked_entities(list).await.unwrap().into_inner().parked_entities,
            listed
        );
    });
}
