//! Funds as they change.

use proto::charging::WatchBalanceRequest;
use tonic::Code;

use super::given::{Given, by_name, reserve, top_up};
use crate::grpc::supplier::account_name;
use crate::grpc::world::{reason, run};

#[test]
fn whoever_watches_sees_every_latest_state() {
    run(async {
        let mut given = Given::new().await;
        let watch = |id: &str| WatchBalanceRequest { account: account_name(id) };
        let nobody = given.client.watch_balance(watch("emil")).await.unwrap_err();
        assert_eq!(reason(&nobody), (Code::NotFound, "UNKNOWN_ACCOUNT".to_owned()));
        let mut states = given.client.watch_balance(watch("anna")).await.unwrap().into_inner();
        let first = states.message().await.unwrap().unwrap();
        assert_eq!((first.account.as_str(), first.balances.len()), (account_name("anna").as_str(), 1));
        given.client.top_up(top_up("anna", "t1", "11")).await.unwrap();
        let next = states.message().await.unwrap().unwrap();
        assert_eq!(next.balances.first().unwrap().exact_amount, "111");
        given.client.reserve(reserve(by_name("anna"), "r1", "10")).await.unwrap();
        let next = states.message().await.unwrap().unwrap();
        assert_eq!(next.reservations.first().unwrap().reservation_id, "r1");
        // The node stops: the stream ends in order.
        let stopped = tokio::spawn(given.world.node.stop());
        assert!(matches!(states.message().await, Ok(None)));
        stopped.await.unwrap().unwrap();
    });
}
