//! The Debian package: what it takes is there, or made by `cargo xtask package`.

use super::{in_repository, shipped, strings};
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.plain: what_is_packed_is_there);
}

fn what_is_packed_is_there() {
    let manifest = shipped("Cargo.toml");
    let (_, packed) = manifest.split_once("[package.metadata.deb]").expect("a package");
    let (packed, _) = packed.split_once("\n\n").expect("an end");
    let (_, assets) = packed.split_once("\nassets = [\n").expect("a list");
    let mut count = 0;
    for asset in assets.lines().take_while(|line| *line != "]") {
        let [source, target, mode] = strings(asset)[..] else { panic!("{asset}") };
        let made = source.starts_with("target/release/") || source.starts_with("target/package/");
        let from = source.split_once('*').map_or(source, |(folder, _)| folder);
        assert!(made || in_repository(from).exists(), "there is no {source}");
        assert!(target.starts_with("usr/") || target.starts_with("etc/keybin/"), "{target}");
        assert!(["755", "644", "640"].contains(&mode), "{asset}");
        count += 1;
    }
    assert!(count > 8, "{count}");
    assert!(shipped("deploy/debian/copyright").contains(&shipped("LICENSE-MIT").lines().nth(4).expect("a text")[..40]));
    for script in ["postinst", "postrm"] {
        assert!(shipped(&format!("deploy/debian/{script}")).contains("\n#DEBHELPER#\n"), "{script}");
    }
    assert!(in_repository("deploy/systemd/keybin.service").exists());
}
