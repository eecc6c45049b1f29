//! The transcripts in the documentation: what the command says in front of real servers, put between two
//! marks of a page, so that no page can say something else than the command does.

mod scenes;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{check, repository};
use crate::canaries;
use crate::phone::{PASSWORD, Phone, Purpose, program};

/// A phone in front of some servers, and what was typed and said so far.
struct Scene {
    phone: Phone,
    /// The servers' names in the transcript, in the order of the list.
    servers: Vec<(SocketAddr, &'static str)>,
    text: String,
}

impl Scene {
    fn new() -> Self {
        let phone = Phone::new();
        phone.write("password.txt", PASSWORD);
        Self { phone, servers: Vec::new(), text: String::new() }
    }

    /// From now on a server has a name.
    fn name(&mut self, address: SocketAddr, name: &'static str) {
        self.servers.push((address, name));
    }

    /// Types a line into a shell in the phone's folder.
    fn enter(&mut self, line: &str) {
        self.enter_under("", line);
    }

    /// The same under a condition, which the shell makes first and the transcript does not show.
    fn enter_under(&mut self, condition: &str, line: &str) {
        let output = self.shell(condition, line).output().expect("there is a shell");
        self.phone.look_through(Purpose::Other);
        let said = [output.stdout, output.stderr].concat();
        self.said(line, &String::from_utf8(said).expect("text"));
    }

    /// The same, and calls `waiting` when the command has said its first line.
    fn enter_and_wait(&self, line: &str, waiting: impl FnOnce()) -> String {
        let mut child =
            self.shell("", line).stderr(Stdio::piped()).spawn().expect("there is a shell");
        let mut said = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut text = String::new();
        while !text.contains("waiting") {
            let count = said.read_line(&mut text).expect("it is text");
            assert!(count > 0, "it did not wait: {text}");
        }
        waiting();
        said.read_to_string(&mut text).expect("it is text");
        child.wait().expect("it ends");
        self.phone.look_through(Purpose::Other);
        text
    }

    fn shell(&self, condition: &str, line: &str) -> Command {
        let program = program();
        let folder = program.parent().expect("it lies in a folder").display().to_string();
        self.phone.note_contents();
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &format!("{condition}\n{line}")])
            .current_dir(self.phone.folder())
            .env_clear()
            .env("HOME", self.phone.folder())
            .env("PATH", format!("{folder}:/usr/bin:/bin"))
            .env("SSL_CERT_FILE", self.phone.folder().join("test-ca.pem"))
            .stdin(Stdio::null());
        command
    }

    fn said(&mut self, line: &str, said: &str) {
        assert_eq!(canaries::found_in(said.as_bytes()), [""; 0], "{said}");
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text += &format!("$ {line}\n{}", self.normalised(said));
    }

    /// The text with everything in it that is another one each time replaced by what a user might see.
    fn normalised(&self, said: &str) -> String {
        let folder = self.phone.folder().display().to_string();
        let mut text = said.replace(&folder, "/phones/alice");
        for (index, (address, name)) in self.servers.iter().enumerate() {
            let public = format!("192.0.2.{}:443", index + 1);
            text = text
                .replace(&format!("({address}"), &format!("({public}"))
                .replace(&format!("  {address}\n"), &format!("  {public}\n"))
                .replace(&format!("addresses {address}"), &format!("addresses {public}"))
                .replace(&address.to_string(), name);
        }
        if let Some((_, name)) = self.servers.last() {
            text = text.replace("127.0.0.1", name);
        }
        without_random_names(&without_ages(&without_times(&text)))
    }
}

/// Every time in milliseconds becomes the same one, in as many columns.
fn without_times(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pieces: Vec<&str> = text.split(" ms").collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let number = piece.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let label = number.trim_end_matches(' ');
        out += label;
        // A column of a table, or a part of a sentence.
        match number.len() - label.len() {
            0 | 1 => out += &number[label.len()..],
            _ => {
                let width = piece.len() - label.len();
                out += &" ".repeat(width - TIME.len());
            }
        }
        out += &format!("{TIME} ms");
    }
    out + last
}

/// Every age becomes the same one.
fn without_ages(text: &str) -> String {
    let words = ["seconds ago", "second ago"];
    words.iter().fold(text.to_owned(), |text, word| {
        let mut pieces = text.split(*word);
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let before = out.trim_end().trim_end_matches(|c: char| c.is_ascii_digit()).len();
            out.truncate(before);
            out += &format!("{AGE} ago{piece}");
        }
        out
    })
}

/// Every temporary file of ours gets the same name.
fn without_random_names(text: &str) -> String {
    let mut pieces: Vec<&str> = text.split(".tmp").collect();
    let last = pieces.pop().unwrap_or_default();
    let named = pieces.iter().map(|piece| {
        let end = piece.len().saturating_sub(RANDOM.len());
        format!("{}{RANDOM}.tmp", piece.get(..end).unwrap_or(piece))
    });
    named.collect::<String>() + last
}

/// As long as the part of a temporary file's name that chance makes.
const RANDOM: &str = "8gTq2x";
const TIME: &str = "4.2";
const AGE: &str = "2 days";

/// A page with its transcripts made anew.
fn page(path: &Path) -> (String, Vec<String>) {
    let text = fs::read_to_string(path).expect("the page is there");
    let mut names = Vec::new();
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, marked)) = rest.split_once(BEGIN) {
        let (name, marked) = marked.split_once(" -->\n").expect("the mark is whole");
        let (_, after) = marked.split_once(END).expect("the transcript has an end");
        let scene = scenes::ALL.iter().find(|(known, _)| *known == name);
        let (_, play) = scene.unwrap_or_else(|| panic!("there is no scene {name}"));
        let transcript = play();
        out += &format!("{before}{BEGIN}{name} -->\n```console\n{transcript}```\n{END}");
        names.push(name.to_owned());
        rest = after;
    }
    (out + rest, names)
}

const BEGIN: &str = "<!-- transcript: ";
const END: &str = "<!-- end of transcript -->";

#[test]
fn the_transcripts_are_what_the_command_says_and_each_stands_in_a_page() {
    let mut shown = Vec::new();
    for name in ["README.md", "docs/troubleshooting.md"] {
        let path = repository().join(name);
        let (page, names) = page(&path);
        check(&path, page.as_bytes());
        shown.extend(names);
    }
    for (name, _) in scenes::ALL {
        assert!(shown.iter().any(|shown| shown == name), "{name} stands nowhere");
    }
}

#[test]
fn times_and_ages_are_the_same_each_time() {
    assert_eq!(without_times("1. tls      12345.6 ms  a\n"), "1. tls          4.2 ms  a\n");
    assert_eq!(without_times("failed after 0.4 ms: x; 12.0 ms"), "failed after 4.2 ms: x; 4.2 ms");
    assert_eq!(without_ages("sent 0 seconds ago, 1 second ago."), "sent 2 days ago, 2 days ago.");
}
