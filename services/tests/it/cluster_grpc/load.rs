//! Clients that open accounts through some nodes without a pause, each under a request id, and stop at the first refusal.
//! An account that was opened twice would be refused the second time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use proto::account::account_service_client::AccountServiceClient;
use proto::account::{CreateAccountRequest, GetAccountRequest};
use tokio::task::JoinSet;
use tonic::Status;

use super::nodes::channel;
use crate::grpc::supplier::{TENANT, account, account_name};
use crate::grpc::world::request_id;

/// Clients at work.
pub(super) struct Load {
    opened: Arc<AtomicUsize>,
    ends: Arc<AtomicBool>,
    clients: JoinSet<Result<Vec<String>, (String, Status)>>,
}

/// Clients of each node.
const CLIENTS: usize = 3;
/// How many accounts have to be opened until the load has gone on.
const ENOUGH: usize = 50;

impl Load {
    pub(super) fn start(addresses: &[SocketAddr]) -> Load {
        let mut load = Load { opened: Arc::default(), ends: Arc::default(), clients: JoinSet::new() };
        for (node, address) in addresses.iter().enumerate() {
            for client in 0..CLIENTS {
                let (opened, ends) = (Arc::clone(&load.opened), Arc::clone(&load.ends));
                load.clients.spawn(open(*address, format!("{node}-{client}"), opened, ends));
            }
        }
        load
    }

    /// Waits until some more are opened, or a client was refused.
    pub(super) async fn goes_on(&self) {
        let enough = self.opened.load(Ordering::SeqCst) + ENOUGH;
        while self.opened.load(Ordering::SeqCst) < enough && !self.ends.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    }

    /// Ends it; no client was refused, and every account that was opened is there through every node.
    pub(super) async fn end(mut self, addresses: &[SocketAddr]) {
        self.ends.store(true, Ordering::SeqCst);
        let mut accounts = Vec::new();
        while let Some(client) = self.clients.join_next().await {
            match client.unwrap() {
                Ok(opened) => accounts.extend(opened),
                Err((account, status)) => panic!("{account} was refused: {status:?}"),
            }
        }
        for (number, account) in accounts.iter().enumerate() {
            let mut client = AccountServiceClient::new(channel(addresses[number % addresses.len()]));
            let get = GetAccountRequest { name: account_name(account) };
            assert_eq!(client.get_account(get).await.unwrap().get_ref().account_id, *account);
        }
    }
}

async fn open(
    address: SocketAddr,
    client: String,
    opened: Arc<AtomicUsize>,
    ends: Arc<AtomicBool>,
) -> Result<Vec<String>, (String, Status)> {
    let mut accounts = AccountServiceClient::new(channel(address));
    let mut names = Vec::new();
    while !ends.load(Ordering::SeqCst) {
        let name = format!("{client}-{}", names.len());
        let create = CreateAccountRequest {
            parent: TENANT.to_owned(),
            account: Some(account(&name)),
            request_id: request_id(),
            ..Default::default()
        };
        if let Err(status) = accounts.create_account(create).await {
            ends.store(true, Ordering::SeqCst);
            return Err((name, status));
        }
        opened.fetch_add(1, Ordering::SeqCst);
        names.push(name);
    }
    Ok(names)
}
