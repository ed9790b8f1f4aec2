//! Times: to the microsecond as clients give them, and what is older does not overwrite what is newer.

use keybin::domain::Clock;
use serde_json::{Value, json};

use super::super::{assert_message, assert_says};
use super::{STORED, store};
use crate::harness::ask::{get, put};
use crate::harness::http::Answer;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        times_come_back_to_the_microsecond,
        what_is_not_later_is_a_conflict,
        a_microsecond_makes_the_difference,
        a_write_without_a_time_is_of_now,
        an_entry_keeps_the_time_at_which_it_was_created,
        a_time_may_have_a_zone,
        a_time_of_a_deleted_entry_is_forgotten,
    );
}

const OLDER: &str = "The stored entry is as new or newer";
const NOW: &str = "2040-01-02T03:04:05.678000";

/// Stores the time itself as the value, as ann.
async fn store_at(server: &TestServer<'_>, key: &str, modified: &str) -> Answer {
    let body = json!({ "value": modified, "modified": modified });
    put(format!("/api/stow/{key}")).basic("ann", "pw").json(body).ask(server).await
}

async fn entry(server: &TestServer<'_>, key: &str) -> Value {
    get(format!("/api/stow/{key}")).basic("ann", "pw").ask(server).await.json()
}

async fn times_come_back_to_the_microsecond(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for (n, (given, told)) in [
        ("2018-03-10T10:25:35.576296", "2018-03-10T10:25:35.576296"),
        ("2018-03-10T10:25:35.000001", "2018-03-10T10:25:35.000001"),
        ("2018-03-10T10:25:35.5", "2018-03-10T10:25:35.500000"),
        ("2018-03-10T10:25:35", "2018-03-10T10:25:35.000000"),
        ("1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999"),
        ("1900-01-01T00:00:00", "1900-01-01T00:00:00.000000"),
        ("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999"),
        ("2016-02-29T00:00:00.123456", "2016-02-29T00:00:00.123456"),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("key{n}");
        assert_message(&store_at(server, &key, given).await, 200, STORED);
        let expected = json!({ "value": given, "modified": told, "created": NOW });
        assert_eq!(entry(server, &key).await, expected);
        let all = get("/api/stow").basic("ann", "pw").ask(server).await.json();
        assert_eq!(all["entries"][&key], expected);
    }
}

async fn what_is_not_later_is_a_conflict(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let stored = "2018-03-10T10:25:35.576296";
    assert_message(&store_at(server, "one", stored).await, 200, STORED);
    for older in
        ["2018-03-10T10:25:35.576296", "2018-03-10T10:25:35", "2017-12-31T23:59:59.999999", "0001-01-01T00:00:00"]
    {
        assert_message(&store_at(server, "one", older).await, 409, OLDER);
        let kept = json!({ "value": stored, "modified": stored, "created": NOW });
        assert_eq!(entry(server, "one").await, kept);
    }
    let later = "2018-03-11T00:00:00.000000";
    assert_message(&store_at(server, "one", later).await, 200, STORED);
    assert_eq!(entry(server, "one").await, json!({ "value": later, "modified": later, "created": NOW }));
    assert_message(&store_at(server, "one", stored).await, 409, OLDER);
}

async fn a_microsecond_makes_the_difference(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for modified in ["2018-03-10T10:25:35.576296", "2018-03-10T10:25:35.576297", "2018-03-10T10:25:35.577000"] {
        assert_message(&store_at(server, "one", modified).await, 200, STORED);
        assert_message(&store_at(server, "one", modified).await, 409, OLDER);
    }
    assert_message(&store_at(server, "one", "2018-03-10T10:25:35.576999").await, 409, OLDER);
}

async fn a_write_without_a_time_is_of_now(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    store(server, "one", r#"{"value":1}"#).await;
    assert_message(&store_at(server, "one", NOW).await, 409, OLDER);
    assert_message(&store_at(server, "one", "2040-01-02T03:04:05.677999").await, 409, OLDER);
    assert_message(&store_at(server, "one", "2040-01-02T03:04:05.678001").await, 200, STORED);
    // Without a time nothing is compared: who sends none wants to overwrite.
    assert_message(&store_at(server, "one", "2100-01-01T00:00:00").await, 200, STORED);
    store(server, "one", r#"{"value":2}"#).await;
    assert_eq!(entry(server, "one").await, json!({ "value": 2, "modified": NOW, "created": NOW }));
    store(server, "one", r#"{"value":3,"modified":null}"#).await;
    assert_eq!(entry(server, "one").await, json!({ "value": 3, "modified": NOW, "created": NOW }));
}

async fn an_entry_keeps_the_time_at_which_it_was_created(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    store(server, "one", r#"{"value":1}"#).await;
    let later = server.clock().set(server.clock().now().plus_seconds(3600));
    store(server, "one", r#"{"value":2}"#).await;
    let told = "2040-01-02T04:04:05.678000";
    assert_eq!(entry(server, "one").await, json!({ "value": 2, "modified": told, "created": NOW }));
    server.clock().set(later.plus_seconds(3600));
    assert_message(&store_at(server, "one", "2041-01-01T00:00:00.000000").await, 200, STORED);
    let modified = "2041-01-01T00:00:00.000000";
    assert_eq!(entry(server, "one").await, json!({ "value": modified, "modified": modified, "created": NOW }));
}

async fn a_time_may_have_a_zone(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    assert_message(&store_at(server, "one", "2018-03-10T12:25:35.576296+02:00").await, 200, STORED);
    assert_eq!(entry(server, "one").await["modified"], "2018-03-10T10:25:35.576296");
    for same in ["2018-03-10T10:25:35.576296Z", "2018-03-10T10:25:35.576296", "2018-03-10T05:25:35.576296-05:00"] {
        assert_message(&store_at(server, "one", same).await, 409, OLDER);
    }
}

async fn a_time_of_a_deleted_entry_is_forgotten(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    assert_message(&store_at(server, "one", "2100-01-01T00:00:00").await, 200, STORED);
    crate::harness::ask::delete("/api/stow/one").basic("ann", "pw").ask(server).await;
    assert_message(&store_at(server, "one", "2018-03-10T10:25:35.576296").await, 200, STORED);
    let told = "2018-03-10T10:25:35.576296";
    let answer = get("/api/stow/one").basic("ann", "pw").ask(server).await;
    assert_says(&answer, 200, &json!({ "value": told, "modified": told, "created": NOW }));
}
