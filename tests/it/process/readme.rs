//! The first walk through the README: what it says is what happens.
//!
//! Only the address, the token and the version may differ. The commands are read and sent as requests, so that no
//! `curl` is needed.

use std::collections::HashMap;
use std::iter::Peekable;
use std::str::Chars;

use reqwest::Method;

use super::client::Client;
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_embedded: the_first_walk_goes_as_it_is_written);
    cases!(trials.plain: words_are_split_as_a_shell_does_it);
}

const README: &str = include_str!("../../../README.md");

/// The address that the README uses.
const ADDRESS: &str = "http://127.0.0.1:5000";

async fn the_first_walk_goes_as_it_is_written(installation: &mut Installation) {
    let (_, run_it) = README.split_once("\n## Run it\n").expect("a chapter about running it");
    let blocks: Vec<&str> = run_it.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [start, walk, ..] = blocks[..] else { panic!("no start and no walk in\n{run_it}") };

    let program = installation.serve().await;
    let announced = program.announcement().expect("a line");
    let announced = announced.replace(&format!("http://{}", program.address()), ADDRESS);
    let written = start.lines().find(|line| !line.starts_with('$')).expect("what the start prints");
    let version = written.split(' ').nth(1).expect("a version");
    assert_eq!(announced.replacen(env!("CARGO_PKG_VERSION"), version, 1), written);

    let mut visitor =
        Visitor { client: Client::new(program.address()), tokens: HashMap::new(), variables: HashMap::new() };
    let (mut commands, mut lines) = (0, walk.lines().peekable());
    while let Some(line) = lines.next() {
        let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("no command: {line}"));
        let mut answer = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            answer.push_str(line);
        }
        visitor.carry_out(command, &answer).await;
        commands += 1;
    }
    assert!(commands >= 8, "only {commands} commands in\n{walk}");
}

/// Somebody who does what the README says.
struct Visitor {
    client: Client,
    /// The token in the README, and the one that came in its place.
    tokens: HashMap<String, String>,
    variables: HashMap<String, String>,
}

impl Visitor {
    /// Carries out a command, whose answer should be this one.
    async fn carry_out(&mut self, command: &str, written: &str) {
        let words = words(command, &self.variables);
        if let Some((name, value)) = words[0].split_once('=') {
            assert_eq!((words.len(), written), (1, ""), "{command}");
            let value = self.tokens.get(value).unwrap_or_else(|| panic!("where is {value} from? {command}"));
            self.variables.insert(name.to_owned(), value.clone());
            return;
        }
        assert_eq!(words[0], "curl", "{command}");
        let answer = self.curl(&words[1..]).await;
        if let Some(token) = token_in(&answer) {
            let in_readme = token_in(written).unwrap_or_else(|| panic!("{command}: no token in {written}"));
            self.tokens.insert(in_readme.to_owned(), token.to_owned());
            assert_eq!(answer.replace(token, in_readme), written, "{command}");
        } else {
            assert_eq!(answer, written, "{command}");
        }
    }

    /// Sends what curl would send for these arguments, and gives the body of the answer.
    async fn curl(&self, arguments: &[String]) -> String {
        let (mut method, mut url, mut headers, mut body) = (None, None, Vec::new(), None);
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().unwrap_or_else(|| panic!("nothing behind {argument}")).clone();
            match argument.as_str() {
                "-s" => {}
                "-X" => method = Some(value()),
                "-H" => headers.push(value()),
                "-d" => body = Some(value()),
                _ => url = Some(argument.clone()),
            }
        }
        let method = method.unwrap_or_else(|| if body.is_some() { "POST" } else { "GET" }.to_owned());
        let url = url.expect("an address");
        let path = url.strip_prefix(ADDRESS).unwrap_or_else(|| panic!("{url} is somewhere else"));
        let mut request = self.client.request(Method::from_bytes(method.as_bytes()).expect("a method"), path);
        for header in headers {
            let (name, value) = header.split_once(": ").unwrap_or_else(|| panic!("no header: {header}"));
            request = request.header(name, value);
        }
        let request = request.body(body.unwrap_or_default());
        self.client.try_request(request).await.expect("an answer").body
    }
}

/// The token in an answer to `/token`.
fn token_in(answer: &str) -> Option<&str> {
    answer.split_once("\"token\":\"")?.1.split('"').next()
}

/// Splits a command into words, by the rules of a shell for quotes, variables and comments.
pub(super) fn words(command: &str, variables: &HashMap<String, String>) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut rest = command.chars().peekable();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (None, ' ') => words.extend(word.take()),
            (None, '#') if word.is_none() => break,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(q), c) if q == c => quote = None,
            (None | Some('"'), '$') => word.get_or_insert_default().push_str(&variable(&mut rest, variables)),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    assert!(quote.is_none(), "a quote is open in {command}");
    words.extend(word);
    words
}

fn variable(rest: &mut Peekable<Chars<'_>>, variables: &HashMap<String, String>) -> String {
    let mut name = String::new();
    while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
        name.push(c);
    }
    variables.get(&name).unwrap_or_else(|| panic!("${name} is not set")).clone()
}

fn words_are_split_as_a_shell_does_it() {
    let variables = HashMap::from([("A".to_owned(), "x y".to_owned())]);
    for (command, expected) in [
        ("a  b", &["a", "b"][..]),
        ("a 'b \"$A\" c' # d", &["a", "b \"$A\" c"]),
        ("a/$A/b \"c $A\" '' d#e", &["a/x y/b", "c x y", "", "d#e"]),
    ] {
        assert_eq!(words(command, &variables), expected, "{command}");
    }
}
