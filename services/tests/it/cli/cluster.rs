//! `kvarter cluster` on a node, and where none is.

use super::program::{Node, command, run, succeed};

#[test]
fn a_cluster_of_one_answers_and_refuses_in_names() {
    let (data, served) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (data, served) = (data.path().to_str().unwrap(), served.path().to_str().unwrap());
    let anywhere = ["--listen", "127.0.0.1:0"];
    let node = [&["node", "--data", data, "--shards", "4", "--name", "one"], &anywhere[..]].concat();
    let (node, _) = Node::watched(command(&node));
    let (store, _) = Node::watched(command(&[&["store", "--data", served], &anywhere[..]].concat()));
    let at_store = store.server.replace("grpc://", "http://");
    let as_store = node.server.replace("http://", "grpc://");

    let told = succeed(&["cluster", "status", "--server", &node.server]);
    assert!(told.contains("4 shards, 0 without an owner, 0 moving; version "), "{told}");
    let told = succeed(&["cluster", "move", "3", "one", "--server", &node.server, "--output", "csv"]);
    assert_eq!(told, "shard,node,moves_to\n3,one,\n", "it is there and stays there");

    let refusals: [(&[&str], &str); 6] = [
        (&["cluster", "drain", "two", "--server", &node.server], "there is no node two (NOT_FOUND)"),
        (&["cluster", "drain", "two", "--server", &node.server], "`kvarter cluster status`"),
        (&["cluster", "move", "4", "one", "--server", &node.server], "`kvarter cluster status --shards`"),
        (
            &["unpark", "account.41", "--tenant", "t", "--server", &node.server],
            "look for what there is with `kvarter list parked`",
        ),
        (&["cluster", "status", "--server", &at_store], "what answers there is no node"),
        (
            &["node", "--store", &as_store, "--listen", "127.0.0.1:0"],
            "is no store server (Operation is not implemented or not supported)",
        ),
    ];
    for (arguments, words) in refusals {
        let ran = run(arguments);
        assert_eq!(ran.code, Some(1), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {}\n  lacks: {words}", ran.err);
    }
}
