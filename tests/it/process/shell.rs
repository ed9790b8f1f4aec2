//! `keybin shell` from a pipe: the same commands, one in a line.

use super::client::PASSWORD;
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both:
        the_shell_carries_out_the_commands_of_a_pipe,
        the_shell_goes_on_after_a_line_that_failed_and_tells_at_the_end,
    );
}

async fn the_shell_carries_out_the_commands_of_a_pipe(installation: &mut Installation) {
    let lines = format!(
        "# a comment, and an empty line\n\nuser add ann --admin\n{PASSWORD}\nuser show ann\n\
         token issue ann 'my phone'\ntoken list ann\nuser set ann --email ann@example.org\n\
         user remove ann --yes\nuser list\nhelp\nexit\nuser add bob\n{PASSWORD}\n"
    );
    let told = installation.command(["shell"]).stdin(&lines).output().await.good();
    for expected in ["registered ann as number 1", "admin    yes", "my phone", "changed ann", "removed ann"] {
        assert!(told.contains(expected), "{expected:?} is not in {told}");
    }
    // Nothing comes after `exit`.
    let list = installation.command(["user", "list"]).output().await.good();
    assert_eq!(list.lines().count(), 1, "{list}");
}

async fn the_shell_goes_on_after_a_line_that_failed_and_tells_at_the_end(installation: &mut Installation) {
    let lines = format!("user show nobody\nnonsense\nuser \"ann\nuser add ann\n{PASSWORD}\n");
    let output = installation.command(["shell"]).stdin(&lines).output().await;
    assert!(output.stdout.contains("registered ann"), "{output:?}");
    assert!(output.stderr.contains("there is no account named nobody"), "{output:?}");
    assert!(output.stderr.ends_with("3 of the commands failed\n"), "{output:?}");
}
