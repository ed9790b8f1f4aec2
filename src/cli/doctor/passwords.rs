//! Passwords: what guessing one costs whoever stole a hash, and what checking one costs this machine.

use std::time::Duration;

use super::finding::Finding;
use crate::auth::time_of_hashing;

/// Below this, the hashes are too cheap on any machine.
const LEAST_COST: u32 = 10;

/// A verification should take longer than this, and no longer than that.
const FAST: Duration = Duration::from_millis(50);
const SLOW: Duration = Duration::from_secs(1);

/// What is aimed at where a cost is to be recommended.
const AIM: Duration = Duration::from_millis(200);

pub(super) fn check(cost: u32) -> Option<Finding> {
    let time = time_of_hashing(cost)?;
    let text = format!("with bcrypt_cost {cost}, a password takes {} on this machine", shown(time));
    Some(if cost < LEAST_COST || time < FAST {
        let better = better_cost(cost, time);
        Finding::warning(
            "passwords",
            format!("{text}, which is cheap to guess"),
            format!("set [PASSWORD] bcrypt_cost={better}"),
        )
    } else if time > SLOW {
        let better = better_cost(cost, time);
        Finding::warning(
            "passwords",
            format!("{text}, and few people can log in at once"),
            format!("set [PASSWORD] bcrypt_cost={better}"),
        )
    } else {
        Finding::ok("passwords", text)
    })
}

/// The cost with which it takes about as long as it should: one more takes twice as long.
fn better_cost(cost: u32, time: Duration) -> u32 {
    let steps = (AIM.as_secs_f64() / time.as_secs_f64().max(1e-9)).log2().floor();
    (f64::from(cost) + steps).clamp(f64::from(LEAST_COST), 31.0) as u32
}

fn shown(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_better_cost_takes_about_as_long_as_it_should() {
        let ms = Duration::from_millis;
        for (cost, time, better) in
            [(4, ms(1), 11), (12, ms(12_800), 10), (12, ms(25), 15), (14, ms(1600), 11), (4, ms(900), 10)]
        {
            assert_eq!(better_cost(cost, time), better, "{cost} {time:?}");
        }
        assert_eq!(better_cost(31, Duration::ZERO), 31);
    }
}
