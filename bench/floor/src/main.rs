//! What the benchmark holds Keybin against, on the same framework and the same driver.
//!
//! * `constant` is the limit: Rocket answers what it always answers.
//! * `plain` is the handler that one would write first: it asks the database one question after the other.
//! * `initiate` and `seed` make a database ready for them.

mod constant;
mod database;
mod plain;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use rocket::config::LogLevel;
use rocket::{Build, Config, Rocket};

type Failure = Box<dyn Error + Send + Sync>;

const HELP: &str = "\
bench-floor constant PORT BYTES              answers a value of so many bytes, whatever the key
bench-floor plain PORT URI DATABASE          asks MongoDB twice for each request
bench-floor initiate HOST:PORT               makes a mongod with --replSet rs0 a replica set of one
bench-floor seed URI DATABASE ACCOUNTS KEYS BYTES
                                             fills a database for `plain` and prints a token for each account
";

#[rocket::main]
async fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-floor: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &[&str]) -> Result<(), Failure> {
    match args {
        ["constant", port, bytes] => launch(constant::mounted(on(port)?, bytes.parse()?)).await,
        ["plain", port, uri, name] => launch(plain::mounted(on(port)?, uri, name).await?).await,
        ["initiate", address] => Ok(database::initiate(address).await?),
        ["seed", uri, name, accounts, keys, bytes] => {
            let tokens = database::seed(uri, name, accounts.parse()?, keys.parse()?, bytes.parse()?).await?;
            for token in tokens {
                println!("{token}");
            }
            Ok(())
        }
        _ => Err(HELP.into()),
    }
}

async fn launch(rocket: Rocket<Build>) -> Result<(), Failure> {
    rocket.launch().await?;
    Ok(())
}

/// Rocket as it is, without a log.
fn on(port: &str) -> Result<Rocket<Build>, Failure> {
    let config = Config { port: port.parse()?, log_level: LogLevel::Off, ..Config::release_default() };
    Ok(rocket::custom(config))
}
