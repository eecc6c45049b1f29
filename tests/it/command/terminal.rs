//! Questions at a terminal, answered or not: whatever ends them, the terminal shows again what is typed (spec 8.5, 8.7).

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::Pid;
use provision_tests::{Answer, Server};

use crate::canaries;
use crate::golden::fixture;
use crate::phone::{DIGEST, PASSWORD, Phone, Purpose, program};

/// The command in a shell of its own, at a terminal of its own.
struct Terminal<'a> {
    phone: &'a Phone,
    keyboard: File,
    screen: File,
    shell: Child,
    /// What was on the screen so far.
    seen: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typing {
    Shown,
    Hidden,
}

/// Starts the command, and tells what it leaves.
const SHELL: &str = r#"
trap : INT HUP TERM
sh -c 'echo "process $$ "; exec "$@"' sh "$@"
echo "status $? "
stty -a
"#;

impl<'a> Terminal<'a> {
    /// One that breaks no line, and shows no colours.
    fn new(phone: &'a Phone, arguments: &[&str]) -> Self {
        Self::of_width(0, phone, &[("NO_COLOR", "1")], arguments)
    }

    fn of_width(
        columns: u16,
        phone: &'a Phone,
        variables: &[(&str, &str)],
        arguments: &[&str],
    ) -> Self {
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(Some(&size), None).expect("there is a terminal to be had");
        // The shell is the first process of a session, and this its terminal.
        let mut command = Command::new("setsid");
        command.args(["-c", "sh", "-c", SHELL, "sh"]).arg(program());
        let slave = || pair.slave.try_clone().expect("it is open");
        let path = std::env::var("PATH").expect("the tests have one");
        let variables = [&[("PATH", path.as_str()), ("TERM", "xterm")], variables].concat();
        let shell = phone
            .command_by(command, &variables, arguments)
            .stdin(slave())
            .stdout(slave())
            .stderr(slave())
            .spawn()
            .expect("the system has it");
        let screen = File::from(pair.master);
        let keyboard = screen.try_clone().expect("it is open");
        Self { phone, keyboard, screen, shell, seen: String::new() }
    }

    /// Reads what comes onto the screen. None: nobody writes there any more.
    fn read(&mut self) -> Option<()> {
        let mut bytes = [0; 1024];
        match self.screen.read(&mut bytes) {
            Ok(length) if length > 0 => {
                self.seen += &String::from_utf8_lossy(&bytes[..length]);
                Some(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Some(()),
            _ => None,
        }
    }

    fn wait_for(&mut self, text: &str) {
        while !self.seen.contains(text) {
            assert!(self.read().is_some(), "{text:?} is not in:\n{}", self.seen);
        }
    }

    /// Waits for a question. An answer that is not to be shown would not be, from its first letter.
    fn wait_for_question(&mut self, question: &str) {
        self.wait_for(question);
        if [HIDDEN, AGAIN].contains(&question) {
            assert_eq!(self.typing(), Typing::Hidden, "it shows what is typed: {}", self.seen);
        }
    }

    /// Whether the terminal shows now what is typed.
    fn typing(&self) -> Typing {
        let manners = tcgetattr(&self.screen).expect("it is a terminal");
        match manners.local_flags.contains(LocalFlags::ECHO) {
            true => Typing::Shown,
            false => Typing::Hidden,
        }
    }

    /// Waits until it does, or does not any more.
    fn wait_for_typing(&self, typing: Typing) {
        let begin = Instant::now();
        while self.typing() != typing {
            assert!(begin.elapsed() < PATIENCE, "it is not {typing:?}: {}", self.seen);
            std::thread::yield_now();
        }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal is open");
    }

    fn send(&mut self, signal: Signal) {
        let (_, behind) = self.seen.split_once("process ").expect("the shell has said it");
        let id = behind.split(' ').next().and_then(|id| id.parse().ok()).expect("it is a number");
        kill(Pid::from_raw(id), signal).expect("it is running");
    }

    /// What was on the screen, once the command has ended with this status, and the terminal is as it was.
    fn end(mut self, status: i32, purpose: Purpose) -> String {
        while self.read().is_some() {}
        self.shell.wait().expect("it ends");
        let seen = std::mem::take(&mut self.seen).replace('\r', "");
        assert!(seen.contains(&format!("\nstatus {status} ")), "{seen}");
        for manner in ["echo", "icanon", "isig"] {
            assert!(seen.split_whitespace().any(|word| word == manner), "not {manner}: {seen}");
        }
        assert_eq!(canaries::found_in(seen.as_bytes()), [""; 0], "{seen}");
        self.phone.look_through(purpose);
        seen
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        // It may have ended; the end of its terminal ends the command, too.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// A phone whose file asks the user, and a server that answers if it is asked rightly.
fn asking() -> (Server, Phone) {
    let server = Server::http(Answer::ok(fixture("answer/zoiper3.xml")));
    let phone = Phone::new();
    phone.write(
        "Provision.xml",
        format!(
            "<provision><base_urls><base_url>{}</base_url></base_urls><options>\
             <use_authentication>1</use_authentication><refresh_rate>3600</refresh_rate>\
             <user_input_authentication>1</user_input_authentication></options>\
             <significant_sections>accounts</significant_sections></provision>",
            server.url("/[user]/[pass]")
        ),
    );
    (server, phone)
}

const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";
/// Nothing more is written to the screen, and then all of it.
const CTRL_S: &str = "\u{13}";
const CTRL_Q: &str = "\u{11}";
const URL: &str = "https://example.com/?u=[user]&p=[pass]";

/// Every question, with what is typed to come to it, and the status of Ctrl-C and of TERM.
type Question =
    (&'static [&'static str], &'static [(&'static str, &'static str)], &'static str, [i32; 2]);

const NAME: &str = "User name: ";
const AGAIN: &str = "The same once more: ";
const PATIENCE: Duration = Duration::from_secs(60);
const HIDDEN: &str = "(it is not shown): ";
const RUN: &[&str] = &["run", "--profile", "profile"];
const FETCH: &[&str] = &["fetch", "-o", "answer.xml"];
const WATCH: &[&str] = &["watch", "--profile", "profile"];
const WATCH_ALICE: &[&str] = &["watch", "--profile", "profile", "--user", "alice"];
const INIT: &[&str] = &["init", "-o", "new.xml"];
const INIT_ALICE: &[&str] = &["init", "-o", "new.xml", "--url", URL, "--user", "alice"];

const DOCTOR: &[&str] = &["doctor", "--profile", "profile"];

const QUESTIONS: [Question; 12] = [
    (RUN, &[], NAME, [130, 130]),
    (RUN, &[(NAME, "alice\n")], HIDDEN, [130, 130]),
    (&["run", "--profile", "profile", "--user", "alice"], &[], HIDDEN, [130, 130]),
    (FETCH, &[(NAME, "alice\n")], HIDDEN, [130, 130]),
    (&["fetch", "-o", "answer.xml", "--user", "alice"], &[], HIDDEN, [130, 130]),
    (DOCTOR, &[], NAME, [130, 130]),
    (&["doctor", "--profile", "profile", "--user", "alice"], &[], HIDDEN, [130, 130]),
    (WATCH, &[], NAME, [130, 0]),
    (WATCH, &[(NAME, "alice\n")], HIDDEN, [130, 0]),
    (WATCH_ALICE, &[], HIDDEN, [130, 0]),
    (INIT, &[], "Address of the server: ", [130, 130]),
    (INIT_ALICE, &[], HIDDEN, [130, 130]),
];

#[test]
fn a_question_that_is_broken_off_leaves_the_terminal_as_it_was() {
    let (server, phone) = asking();
    let before = phone.config();
    for (arguments, answers, question, [interrupted, terminated]) in QUESTIONS {
        for (status, signal) in [(interrupted, None), (terminated, Some(Signal::SIGTERM))] {
            let mut terminal = Terminal::new(&phone, arguments);
            for (question, answer) in answers {
                terminal.wait_for_question(question);
                terminal.press(answer);
            }
            terminal.wait_for_question(question);
            match signal {
                None => terminal.press(CTRL_C),
                Some(signal) => terminal.send(signal),
            }
            let seen = terminal.end(status, Purpose::Other);
            let (said, _) = seen.split_once("\nstatus ").expect("the shell has said it");
            // What is said stands on a line of its own.
            let last = said.lines().last().unwrap_or_default();
            let known = ["error: ", "done: "].iter().any(|start| last.starts_with(start));
            assert!(known, "{arguments:?}: {seen}");
        }
    }
    assert_eq!(server.connection_count(), 0);
    assert_eq!(phone.config(), before);
    assert!(!phone.folder().join("new.xml").exists());
}

#[test]
fn what_is_typed_is_sent_and_not_shown() {
    let (server, phone) = asking();
    for arguments in [RUN, FETCH] {
        let mut terminal = Terminal::new(&phone, arguments);
        terminal.wait_for_question(NAME);
        terminal.press("alice\n");
        terminal.wait_for_question(HIDDEN);
        terminal.press(&format!("{PASSWORD}\n"));
        let seen = terminal.end(0, Purpose::Other);
        assert!(seen.contains("\ndone: "), "{seen}");
    }
    for request in server.requests() {
        assert_eq!(request.target(), format!("/alice/{DIGEST}"));
    }
    assert_eq!(server.requests().len(), 2);

    let mut terminal = Terminal::new(&phone, INIT_ALICE);
    terminal.wait_for_question(HIDDEN);
    terminal.press(&format!("{PASSWORD}\n"));
    // Between the two questions the terminal shows what is typed.
    terminal.wait_for_question(AGAIN);
    terminal.press(&format!("{PASSWORD}\n"));
    let seen = terminal.end(0, Purpose::Init);
    assert!(seen.contains("done: wrote new.xml"), "{seen}");
    let file = std::fs::read_to_string(phone.folder().join("new.xml")).expect("it was written");
    assert!(file.contains(PASSWORD));
}

#[test]
fn an_examination_asks_as_a_run_does_unless_that_is_not_wanted() {
    let (server, phone) = asking();
    let mut terminal = Terminal::new(&phone, DOCTOR);
    terminal.wait_for_question(NAME);
    terminal.press("alice\n");
    terminal.wait_for_question(HIDDEN);
    terminal.press(&format!("{PASSWORD}\n"));
    terminal.end(0, Purpose::Other);
    assert_eq!(server.requests()[0].target(), format!("/alice/{DIGEST}"));

    let seen = Terminal::new(&phone, &[DOCTOR, &["--no-input"]].concat()).end(0, Purpose::Other);
    assert!(seen.contains("credentials missing") && !seen.contains(NAME), "{seen}");
    assert_eq!(server.requests().len(), 1);
}

/// The screen is held, so the question cannot be written; what is typed is hidden all the same.
#[test]
fn what_is_typed_is_hidden_before_it_is_asked_for() {
    let (server, phone) = asking();
    let held = |arguments| {
        let mut terminal = Terminal::new(&phone, arguments);
        terminal.wait_for_question(NAME);
        assert_eq!(terminal.typing(), Typing::Shown);
        terminal.press(&format!("{CTRL_S}alice\n"));
        terminal.wait_for_typing(Typing::Hidden);
        assert!(!terminal.seen.contains(HIDDEN), "{}", terminal.seen);
        terminal
    };
    let mut terminal = held(RUN);
    terminal.press(&format!("{PASSWORD}{CTRL_Q}\n"));
    let seen = terminal.end(0, Purpose::Other);
    assert!(seen.contains(HIDDEN) && seen.contains("\ndone: "), "{seen}");
    assert_eq!(server.requests()[0].target(), format!("/alice/{DIGEST}"));

    // A signal in that instant makes the terminal as it was, and the question that goes on does not hide anything again.
    for (arguments, status) in [(RUN, 130), (WATCH, 0)] {
        let mut terminal = held(arguments);
        terminal.send(Signal::SIGTERM);
        terminal.wait_for_typing(Typing::Shown);
        terminal.press(CTRL_Q);
        terminal.end(status, Purpose::Other);
    }
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn no_answer_is_no_credentials() {
    let (server, phone) = asking();
    for arguments in [RUN, FETCH, WATCH] {
        let mut terminal = Terminal::new(&phone, arguments);
        terminal.wait_for_question(NAME);
        terminal.press(CTRL_D);
        let seen = terminal.end(4, Purpose::Other);
        assert!(seen.contains("(exit status 4)"), "{seen}");

        let mut terminal = Terminal::new(&phone, arguments);
        terminal.wait_for_question(NAME);
        terminal.press("alice\n");
        terminal.wait_for_question(HIDDEN);
        terminal.press(CTRL_D);
        let seen = terminal.end(4, Purpose::Other);
        // What is said next stands on a line of its own.
        assert!(seen.contains(&format!("{HIDDEN}\n")), "{seen}");
    }
    assert_eq!(server.connection_count(), 0);
}

#[test]
fn nothing_is_asked_where_that_is_not_wanted() {
    let (server, phone) = asking();
    for (arguments, status) in [(RUN, 4), (FETCH, 4), (WATCH, 4), (INIT, 2), (WATCH_ALICE, 2)] {
        let terminal = Terminal::new(&phone, &[arguments, &["--no-input"]].concat());
        let seen = terminal.end(status, Purpose::Other);
        let (said, _) = seen.split_once("\nstatus ").expect("the shell has said it");
        for question in [NAME, HIDDEN, "Address of the server"] {
            assert!(!said.contains(question), "{arguments:?}: {seen}");
        }
    }
    assert_eq!(server.connection_count(), 0);
}

/// Lines are broken at spaces, and go on below their text; the last ones stay whole, for a ticket.
#[test]
fn what_is_said_fits_the_screen() {
    let server = Server::http(Answer::ok("<error>Closed for maintenance until 18:00</error>"));
    let phone = Phone::new();
    let url = server.url("/phones");
    phone.write(
        "Provision.xml",
        format!(
            "<provision><base_urls><base_url>{url}</base_url></base_urls>\
             <significant_sections>accounts</significant_sections></provision>"
        ),
    );
    let seen = |variables: &[(&str, &str)]| {
        let seen = Terminal::of_width(60, &phone, variables, RUN).end(3, Purpose::Other);
        let (_, said) = seen.split_once("process ").expect("the shell has said it");
        let (said, _) = said.split_once("\nstatus ").expect("the shell has said it");
        said.to_owned()
    };
    let plain = seen(&[("NO_COLOR", "1")]);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    let (last, lines) = {
        let mut lines: Vec<_> = plain.lines().collect();
        (lines.pop().unwrap_or_default(), lines)
    };
    assert!(last.starts_with("error: the server says: ") && last.len() > 60, "{plain}");
    assert!(last.ends_with("(exit status 3)"), "{plain}");
    assert!(lines.iter().all(|line| line.len() <= 60), "{plain}");
    assert!(plain.contains("\n             the server says: Closed for maintenance"), "{plain}");

    let coloured = seen(&[]);
    for part in ["\u{1b}[91mfailed\u{1b}[0m[error-answer]", "\u{1b}[91merror\u{1b}[0m: the "] {
        assert!(coloured.contains(part), "{part:?} is not in {coloured:?}");
    }
}
