//! What can be followed in the log: a request where it comes in and where its entity runs.

use proto::account::account_service_client::AccountServiceClient;
use proto::account::{CreateAccountRequest, GetAccountRequest};
use tonic::transport::Endpoint;
use tonic::{Request, Status};

use super::program::{Node, command};
use crate::grpc::supplier::{TENANT, account, account_name};
use crate::grpc::world::{request_id, run};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[test]
fn a_request_is_followed_in_the_log_of_level_debug() {
    run(async {
        let mut node = command(&["node", "--store", "memory", "--listen", "127.0.0.1:0", "--shards", "4"]);
        node.env("KVARTER_LOG", "debug");
        let (node, lines) = Node::watched(node);
        let server = Endpoint::from_shared(node.server.clone()).unwrap();
        let mut accounts = AccountServiceClient::new(server.connect_lazy());
        let id = request_id();
        let create = CreateAccountRequest {
            parent: TENANT.to_owned(),
            account: Some(account("anna")),
            request_id: id.clone(),
            ..Default::default()
        };
        accounts.create_account(in_trace(create)).await.unwrap();
        let get = GetAccountRequest { name: account_name("nobody") };
        let _refused: Status = accounts.get_account(in_trace(get)).await.unwrap_err();
        let said = |span: &str, words: &[&str]| {
            let begins = format!("{span}{{trace=\"{TRACE}\"");
            let is_meant = |line: &String| {
                line.contains(&begins)
                    && line.contains("answered")
                    && words.iter().all(|word| line.contains(word))
            };
            assert!(lines.iter().any(|line| is_meant(&line)), "{span} {words:?}");
        };
        let id = format!("request_id={id}");
        said("run", &[&id, "kind=1", "outcome=\"accepted\""]);
        said("request", &[&id, "kind=Account", "outcome=\"accepted\""]);
        said("run", &["outcome=\"rejected\""]);
        said("request", &["kind=Account", "outcome=\"rejected\""]);
        node.kill();
    });
}

fn in_trace<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    let trace = format!("00-{TRACE}-b7ad6b7169203331-01");
    request.metadata_mut().insert("traceparent", trace.parse().unwrap());
    request
}
