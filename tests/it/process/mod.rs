//! The program from outside: the real `keybin`, started, killed and stopped as an operator or a power failure does it,
//! over real sockets and real files.

mod adoption;
mod audit;
mod backup;
mod behind_nginx;
mod broken_off;
mod client;
mod commands;
mod doctor;
mod erasure;
mod health;
mod load;
mod logs;
mod manual;
mod metrics;
mod operating;
mod original;
mod outage;
mod prepared;
mod readme;
mod scale;
mod schemathesis;
mod secrets;
mod shell;
mod start;
mod stop;
mod torture;
mod transfer;

use crate::harness::Trials;

pub(crate) fn register(trials: &mut Trials) {
    start::register(trials);
    stop::register(trials);
    erasure::register(trials);
    adoption::register(trials);
    outage::register(trials);
    secrets::register(trials);
    audit::register(trials);
    logs::register(trials);
    metrics::register(trials);
    readme::register(trials);
    operating::register(trials);
    scale::register(trials);
    commands::register(trials);
    health::register(trials);
    manual::register(trials);
    shell::register(trials);
    transfer::register(trials);
    backup::register(trials);
    doctor::register(trials);
    broken_off::register(trials);
    torture::register(trials);
    behind_nginx::register(trials);
    schemathesis::register(trials);
}
