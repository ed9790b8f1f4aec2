//! `keybin man`: the manual tells every command.

use std::collections::BTreeSet;
use std::fs;

use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_embedded: the_manual_has_a_page_for_each_command, a_folder_that_cannot_be_is_told);
}

/// The commands that the help names, below this one.
async fn commands(installation: &Installation, above: &[&str]) -> Vec<String> {
    let help = installation.command(above.iter().chain(&["--help"])).output().await.good();
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    listed.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

async fn the_manual_has_a_page_for_each_command(installation: &mut Installation) {
    // It is asked for where nothing is set up yet.
    installation.set("KEYBIN_APP_PORT", "none");
    let written = installation.command(["man", "--output", "pages/man1"]).output().await.good();
    assert_eq!(written, "");
    let folder = installation.directory().join("pages/man1");
    let pages = fs::read_dir(&folder).expect("a folder").map(|page| page.expect("a page").file_name());
    let pages: BTreeSet<String> = pages.map(|page| page.to_string_lossy().into_owned()).collect();

    let mut expected = BTreeSet::from(["keybin.1".to_owned()]);
    for command in commands(installation, &[]).await {
        expected.insert(format!("keybin-{command}.1"));
        for below in commands(installation, &[&command]).await {
            expected.insert(format!("keybin-{command}-{below}.1"));
        }
    }
    assert!(expected.contains("keybin-serve.1") && expected.contains("keybin-user-add.1"), "{expected:?}");
    assert_eq!(pages, expected);

    let printed = installation.command(["man"]).output().await.good();
    assert_eq!(printed, fs::read_to_string(folder.join("keybin.1")).expect("the page"));
    for part in [".TH keybin 1", "keybin\\-serve(1)", "KEYBIN_APP_PORT"] {
        assert!(printed.contains(part), "{part} is not in\n{printed}");
    }
    assert!(!installation.directory().join("keybin.redb").exists());
}

async fn a_folder_that_cannot_be_is_told(installation: &mut Installation) {
    fs::write(installation.directory().join("file"), "").expect("writes");
    let reason = installation.command(["man", "--output", "file/man1"]).output().await.reason();
    assert!(reason.starts_with("keybin: cannot write to file/man1: "), "{reason}");
}
