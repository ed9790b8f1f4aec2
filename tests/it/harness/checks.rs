//! The harness's own tests: a MongoDB that is taken away and comes back.

use std::net::TcpStream;

use bson::{Document, doc};

use super::mongod::Mongod;
use super::{Harness, Trials, browser, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_harness: a_server_keeps_its_port_and_its_data, nothing_expires_by_itself);
    browser::register(trials);
}

async fn a_server_keeps_its_port_and_its_data(harness: &Harness) {
    let mut mongod = Mongod::start(harness.mongod_binary()).await.expect("starts");
    let uri = mongod.uri();
    let things = |mongod: &Mongod| mongod.client().database("checks").collection::<Document>("things");
    things(&mongod).insert_one(doc! { "_id": 1 }).await.expect("writes");

    mongod.kill();
    assert!(TcpStream::connect(mongod.address()).is_err(), "a killed server listens");
    mongod.restart().await.expect("starts again");
    assert_eq!(things(&mongod).count_documents(doc! {}).await.expect("reads"), 1);

    mongod.stop().await;
    mongod.restart().await.expect("starts once more");
    assert_eq!(things(&mongod).count_documents(doc! {}).await.expect("reads"), 1);
    assert_eq!(mongod.uri(), uri);
}

async fn nothing_expires_by_itself(harness: &Harness) {
    let asked = doc! { "getParameter": 1, "ttlMonitorEnabled": 1 };
    let answer = harness.mongod().client().database("admin").run_command(asked).await.expect("answers");
    assert!(matches!(answer.get_bool("ttlMonitorEnabled"), Ok(false)), "{answer}");
}
