//! Starting: when a server says that it listens, and why it would not.

use std::net::{Ipv4Addr, TcpListener};

use serde_json::json;

use super::client::Client;
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both: the_first_request_finds_the_store_ready, what_was_kept_is_there_after_a_restart);
    cases!(trials.in_embedded:
        serving_is_what_happens_without_a_command,
        a_second_program_on_one_file_is_refused,
        a_port_in_use_is_told,
        a_directory_that_is_not_there_is_told,
        a_reason_comes_with_its_cause,
        a_file_of_something_else_is_left_alone,
    );
}

async fn the_first_request_finds_the_store_ready(installation: &mut Installation) {
    let program = installation.listen().await;
    Client::new(program.address()).register("ann").await.good();
}

async fn what_was_kept_is_there_after_a_restart(installation: &mut Installation) {
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    client.put(&token, "k", &json!({ "n": 1 })).await.good();
    assert!(program.terminate().await.success());

    let program = installation.serve().await;
    let client = Client::new(program.address());
    assert_eq!(client.value(&token, "k").await, json!({ "n": 1 }));
    client.log_in("ann", "phone").await.good();
}

/// Why a server does not start on this file.
async fn refused(installation: &Installation, file: &str) -> String {
    let store = format!("embedded:{file}");
    installation.command(["serve", "--port", "0", "--store", &store]).output().await.reason()
}

async fn serving_is_what_happens_without_a_command(installation: &mut Installation) {
    installation.set("KEYBIN_APP_PORT", "0");
    let mut program = installation.launch_with::<&str>([]);
    let client = Client::new(program.listen().await);
    client.register("ann").await.good();
    assert!(program.terminate().await.success());
}

async fn a_second_program_on_one_file_is_refused(installation: &mut Installation) {
    let program = installation.serve().await;
    let reason = installation.command(["serve", "--port", "0"]).output().await.reason();
    assert!(reason.ends_with("keybin.redb is in use by another Keybin\n"), "{reason}");

    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    client.put(&token, "k", &json!(1)).await.good();
}

async fn a_port_in_use_is_told(installation: &mut Installation) {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let reason = installation.command(["serve", "--port", &port]).output().await.reason();
    assert!(reason.starts_with(&format!("keybin: cannot listen on 127.0.0.1:{port}: ")), "{reason}");
}

async fn a_directory_that_is_not_there_is_told(installation: &mut Installation) {
    let reason = refused(installation, "no/such/file.redb").await;
    assert!(reason.contains("no/such") && reason.contains("does not exist"), "{reason}");
}

async fn a_reason_comes_with_its_cause(installation: &mut Installation) {
    std::fs::create_dir(installation.directory().join("folder")).expect("makes a directory");
    let reason = refused(installation, "folder").await;
    assert!(reason.contains("folder cannot be opened: Is a directory"), "{reason}");
}

async fn a_file_of_something_else_is_left_alone(installation: &mut Installation) {
    let file = installation.directory().join("letter.txt");
    for text in ["Dear Ann,\n", &"x".repeat(10_000)] {
        std::fs::write(&file, text).expect("writes");
        let reason = refused(installation, "letter.txt").await;
        assert!(reason.contains("letter.txt is no Keybin store"), "{reason}");
        assert_eq!(std::fs::read_to_string(&file).expect("reads"), text);
    }
}
