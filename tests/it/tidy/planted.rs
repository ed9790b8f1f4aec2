//! The rules' own tests: each finds a planted violation of every kind, and lets its innocent neighbour be.

use super::rules::{self, Rule, SourceFile};
use super::tokens::tokens;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.plain:
        source_is_read_without_comments_and_strings,
        an_import_against_the_direction_is_found,
        an_import_in_the_direction_is_let_be,
        every_room_knows_what_it_may_use,
        a_reading_of_the_environment_is_found,
        a_reading_of_the_clock_is_found,
        a_global_is_found,
        a_long_file_is_found,
        a_file_without_a_header_is_found,
    );
}

/// How often a file with this text breaks the rule.
fn broken(rule: Rule, path: &str, text: &str) -> usize {
    rule(&SourceFile { path, text }).len()
}

fn assert_found(rule: Rule, planted: &[(&str, &str)]) {
    for (path, text) in planted {
        assert!(broken(rule, path, text) > 0, "not found in {path}: {text}");
    }
}

fn assert_let_be(rule: Rule, innocent: &[(&str, &str)]) {
    for (path, text) in innocent {
        assert_eq!(broken(rule, path, text), 0, "found in {path}: {text}");
    }
}

fn source_is_read_without_comments_and_strings() {
    let source = "a // b\n/* c /* d */ e */ \"f \\\" g\" r#\"h \" i\"# b'j' '\\'' 'k' &'l str br\"m\" n::<'o>(p)";
    let texts: Vec<_> = tokens(source).iter().map(|token| token.text).collect();
    let expected = [
        "a", "\"\"", "\"\"", "b", "\"\"", "\"\"", "\"\"", "&", "'l", "str", "\"\"", "n", "::", "<", "'o", ">", "(",
        "p", ")",
    ];
    assert_eq!(texts, expected);
    assert_eq!(tokens("a\n\n\"x\ny\" b").iter().map(|token| token.line).collect::<Vec<_>>(), [1, 3, 4]);
}

fn an_import_against_the_direction_is_found() {
    assert_found(
        rules::direction,
        &[
            ("src/domain/key.rs", "use crate::store::Store;"),
            ("src/domain/key.rs", "use keybin::store::Store;"),
            ("src/domain/key.rs", "use ::keybin::store::Store;"),
            ("src/domain/key.rs", "use super::super::store::Store;"),
            ("src/domain/mod.rs", "use super::store;"),
            ("src/domain/key.rs", "use self::super::super::store;"),
            ("src/domain/value/mod.rs", "use super::super::super::http::doors;"),
            ("src/domain/key.rs", "mod inner { use super::super::super::store::Store; }"),
            ("src/domain/key.rs", "use crate::{domain::Key, store::Store};"),
            ("src/domain/key.rs", "use crate::{\n    domain::{self, Key},\n    store,\n};"),
            ("src/domain/key.rs", "use super::{super::store::Store, Account};"),
            ("src/domain/key.rs", "use super::super::{domain::Key, store::{Store, Write}};"),
            ("src/domain/key.rs", "use super::super::*;"),
            ("src/domain/key.rs", "use crate::*;"),
            ("src/domain/key.rs", "use crate as house;"),
            ("src/domain/key.rs", "use {crate as house};"),
            ("src/domain/key.rs", "use crate::{self as house};"),
            ("src/domain/key.rs", "use keybin as house;"),
            ("src/domain/key.rs", "fn f() -> crate::store::Result<()> { todo() }"),
            ("src/domain/key.rs", "fn f() { let x = Vec::<crate::store::Write>::new(); }"),
            ("src/domain/key.rs", "macro_rules! m { () => { $crate::store::f() } }"),
            ("src/domain/key.rs", "impl<T: super::super::store::Store> A for T {}"),
            ("src/domain/key.rs", "pub use crate\n    ::\n    store;"),
            ("src/store/mod.rs", "use crate::auth::Principal;"),
            ("src/store/mongo/mod.rs", "use super::super::super::service::Limits;"),
            ("src/auth/mod.rs", "use crate::service::Documents;"),
            ("src/auth/mod.rs", "use crate::config::Config;"),
            ("src/service/mod.rs", "use crate::http;"),
            ("src/service/mod.rs", "use crate::config::Config;"),
            ("src/config/mod.rs", "use crate::auth::Password;"),
            ("src/http/mod.rs", "use crate::store::StoreError;"),
            ("src/http/api/keybin.rs", "use crate::{auth::Principal, store::Store};"),
            ("src/http/mod.rs", "use crate::config::Config;"),
            ("src/http/mod.rs", "use crate::app;"),
            ("src/app.rs", "use crate::cli::Command;"),
            ("src/app.rs", "use super::cli;"),
            ("src/cellar/mod.rs", "//! A room that nobody knows."),
        ],
    );
    let grouped = "use crate::{domain::Key, store::Store, http};";
    assert_eq!(broken(rules::direction, "src/domain/key.rs", grouped), 2);
}

fn an_import_in_the_direction_is_let_be() {
    assert_let_be(
        rules::direction,
        &[
            ("src/domain/key.rs", "use super::{Account, value::Value};\nuse std::{fmt, io};"),
            ("src/domain/value/parse.rs", "use super::super::Timestamp;\nuse crate::domain::Key;"),
            ("src/domain/key.rs", "mod tests { use super::*; mod deep { use super::super::*; } }"),
            ("src/domain/key.rs", "mod tests { } use super::account::Account;"),
            ("src/domain/key.rs", "// use crate::store::Store;\n/* crate::http */ const A: &str = \"crate::app::b\";"),
            ("src/domain/key.rs", "pub(crate) fn store(self) -> u8 { self.store.http::<u8>(crates::store::x) }"),
            ("src/domain/key.rs", "fn f<'a>(x: &'a str) { let c = 'c'; let q = '\\''; x::store::y() }"),
            ("src/store/mongo/mod.rs", "use crate::domain::{Key, Page};\nuse super::{Result, error::StoreError};"),
            ("src/http/mod.rs", "use crate::{auth::Principal, domain::Key, service::Documents};"),
            ("src/app.rs", "use crate::{config, http, store};\nuse super::service;"),
            ("src/cli/shell.rs", "use crate::app;\nuse super::Command;"),
            ("src/main.rs", "use keybin::{app, cli, store};"),
            ("src/lib.rs", "pub mod domain;\npub use domain::Key;"),
            ("tests/it/main.rs", "use keybin::store;"),
        ],
    );
}

fn every_room_knows_what_it_may_use() {
    let rooms = ["domain", "store", "auth", "service", "config", "http", "app", "cli", "fuzzing"];
    let expected = [
        ("domain", ""),
        ("store", "domain"),
        ("auth", "domain store"),
        ("service", "domain store auth"),
        ("config", "domain store"),
        ("http", "domain auth service"),
        ("app", "domain store auth service config http"),
        ("cli", "domain store auth service config http app"),
        ("fuzzing", "domain auth service config http"),
    ];
    for (room, used) in expected {
        let path = format!("src/{room}/mod.rs");
        let may = |other: &&str| broken(rules::direction, &path, &format!("use crate::{other}::x;")) == 0;
        let may: Vec<_> = rooms.into_iter().filter(|other| *other != room).filter(may).collect();
        assert_eq!(may.join(" "), used, "{room}");
    }
}

fn a_reading_of_the_environment_is_found() {
    assert_found(
        rules::environment,
        &[
            ("src/store/mod.rs", "use std::env;"),
            ("src/store/mod.rs", "use std::{env, fmt};"),
            ("src/store/mod.rs", "use std::{fmt, env::{self, var}};"),
            ("src/app.rs", "fn f() { std::env::var(\"A\").ok(); }"),
            ("src/cli/mod.rs", "fn f() { ::std::env::args(); }"),
        ],
    );
    assert_let_be(
        rules::environment,
        &[
            ("src/config/mod.rs", "use std::env;"),
            ("src/config/env.rs", "use std::env;"),
            ("src/main.rs", "use std::env;"),
            ("tests/it/main.rs", "use std::env;"),
            ("src/cli/mod.rs", "const A: &str = env!(\"CARGO_PKG_VERSION\"); // std::env"),
            ("src/cli/mod.rs", "use crate::config::env;"),
        ],
    );
}

fn a_reading_of_the_clock_is_found() {
    assert_found(
        rules::clock,
        &[
            ("src/store/mod.rs", "fn f() { Utc::now(); }"),
            ("src/store/mod.rs", "fn f() { let now = chrono::Utc::now().timestamp(); }"),
            ("src/http/log.rs", "fn f() { std::time::SystemTime::now() }"),
            ("src/http/log.rs", "fn f() { list.map(SystemTime::now) }"),
        ],
    );
    assert_let_be(
        rules::clock,
        &[
            ("src/domain/time.rs", "fn f() { Utc::now(); }"),
            ("src/store/mod.rs", "fn f() { clock.now(); Instant::now(); \"Utc::now\" }"),
            ("tests/it/main.rs", "fn f() { SystemTime::now(); }"),
        ],
    );
}

fn a_global_is_found() {
    assert_found(
        rules::globals,
        &[
            ("src/app.rs", "static mut COUNT: u8 = 0;"),
            ("src/app.rs", "static CONFIG: OnceLock<Config> = OnceLock::new();"),
            ("src/app.rs", "pub static CONFIG: std::sync::LazyLock<Config> = LazyLock::new(f);"),
            ("src/app.rs", "static COUNT: AtomicU64 = AtomicU64::new(0);"),
            ("src/app.rs", "static LIST: Mutex<Vec<u8>> = Mutex::new(Vec::new());"),
            ("src/app.rs", "lazy_static! { static ref A: u8 = 1; }"),
            ("src/app.rs", "use lazy_static::lazy_static;"),
            ("src/app.rs", "fn f() { thread_local! { static A: u8 = 1 } }"),
        ],
    );
    assert_let_be(
        rules::globals,
        &[
            ("src/app.rs", "static NAMES: [&str; 2] = [\"Mutex\", \"static mut\"];"),
            ("src/app.rs", "fn f(a: &'static Mutex<u8>) { let m = OnceLock::new(); }"),
            ("src/app.rs", "const MUTEX: u8 = 1; // static mut"),
            ("tests/it/main.rs", "static COUNT: AtomicU64 = AtomicU64::new(0);"),
        ],
    );
}

fn a_long_file_is_found() {
    let (longest, too_long) = ("x\n".repeat(400), "x\n".repeat(401));
    for path in ["src/app.rs", "tests/it/main.rs", "xtask/src/main.rs"] {
        assert_let_be(rules::length, &[(path, &longest)]);
        assert_found(rules::length, &[(path, &too_long)]);
    }
}

fn a_file_without_a_header_is_found() {
    assert_found(
        rules::header,
        &[("src/app.rs", "use a;\n//! Late."), ("src/main.rs", ""), ("xtask/src/main.rs", "// Not for readers.\n")],
    );
    assert_let_be(rules::header, &[("src/app.rs", "//! The app.\n"), ("src/domain/value/tests.rs", "use super::*;\n")]);
}
