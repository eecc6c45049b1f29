//! What signals do to `run` and `watch` (spec 8, 8.5).

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use provision_tests::{Answer, Request, Server};
use serde_json::Value;

use crate::command::json::object;
use crate::golden::fixture;
use crate::phone::{DIGEST, PASSWORD, Phone, Running};

fn send(running: &Running<'_>, signal: Signal) {
    let id = i32::try_from(running.id()).expect("it is the id of a process");
    kill(Pid::from_raw(id), signal).expect("it is running");
}

/// Reads lines up to one with this event.
fn wait_for(running: &mut Running<'_>, event: &str) -> Value {
    loop {
        let line: Value = serde_json::from_slice(&running.line()).expect("it is an object");
        if line["event"] == event {
            return line;
        }
        assert_ne!(line["event"], "ended", "{line}");
    }
}

fn provisioning_file(url: &str, options: &str) -> String {
    format!(
        "<provision><base_urls><base_url>{url}</base_url></base_urls><options>{options}</options>\
         <significant_sections>accounts</significant_sections></provision>"
    )
}

const RATE: &str = "<refresh_rate>3600</refresh_rate>";

#[test]
fn an_interrupted_run_changes_nothing() {
    let server = Server::http(Answer::silence());
    let phone = Phone::new();
    let before = phone.config();
    phone.write("Provision.xml", provisioning_file(&server.url("/"), ""));
    for signal in ENDING {
        let mut run = phone.start(&["run", "--profile", "profile", "--effective", "e.xml", "-v"]);
        // The connection stands, and the server says nothing.
        run.wait_for("1. connect");
        send(&run, signal);
        let ran = run.end().expect(130);
        assert!(ran.last_line().ends_with("(exit status 130)"), "{}", ran.stderr);
        assert_eq!(phone.config(), before);
        assert_eq!(phone.files(), ["Config.xml"]);
        assert!(!phone.folder().join("e.xml").exists());
    }
}

#[test]
fn an_interrupted_run_says_so_to_programs() {
    let (server, asked) = silent_server();
    let phone = Phone::new();
    phone.write("Provision.xml", provisioning_file(&server.url("/"), ""));
    let run = phone.start(&["run", "--profile", "profile", "--format", "json"]);
    asked.recv().expect("the server is asked");
    let said = end_for_programs(run, Signal::SIGINT);
    assert_eq!(said["error"]["code"], "interrupted");
}

/// A server that never answers, and what is told whenever it is asked.
fn silent_server() -> (Server, Receiver<()>) {
    let (sender, asked) = channel();
    let sender = Mutex::new(sender);
    let server = Server::answering(move |_: &Request| {
        let _ = sender.lock().expect("nobody panics").send(());
        Answer::silence()
    });
    (server, asked)
}

const ENDING: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// Lets a signal end what waits, and looks at what it says to people.
fn end_for_people(running: Running<'_>, signal: Signal) {
    send(&running, signal);
    let ran = running.end().expect(130);
    assert!(ran.last_line().starts_with("error: interrupted"), "{}", ran.stderr);
    assert!(ran.last_line().ends_with(" (exit status 130)"), "{}", ran.stderr);
    assert_eq!(ran.stdout, b"");
}

/// The same for programs; the object is given back.
fn end_for_programs(running: Running<'_>, signal: Signal) -> Value {
    send(&running, signal);
    let said = object(&running.end().expect(130));
    assert_eq!(said["summary"]["exit_status"], 130);
    assert!(said["summary"]["failure"].as_str().is_some_and(|it| it.starts_with("interrupted")));
    said
}

#[test]
fn an_interrupted_fetch_or_examination_changes_nothing() {
    let (server, asked) = silent_server();
    let phone = Phone::new();
    let before = phone.config();
    phone.write("Provision.xml", provisioning_file(&server.url("/"), ""));
    for signal in ENDING {
        for arguments in [&["fetch", "-o", "answer.xml"][..], &["doctor", "--profile", "profile"]] {
            let running = phone.start(arguments);
            asked.recv().expect("the server is asked");
            end_for_people(running, signal);

            let running = phone.start(&[arguments, &["--format", "json"]].concat());
            asked.recv().expect("the server is asked");
            assert_eq!(end_for_programs(running, signal)["command"], arguments[0]);
        }
    }
    assert_eq!(phone.config(), before);
    assert_eq!(phone.files(), ["Config.xml"]);
    assert!(!phone.folder().join("answer.xml").exists());
}

#[test]
fn going_back_can_be_interrupted_while_another_run_is_at_work() {
    let server = Server::http(Answer::ok(fixture("answer/zoiper3.xml")));
    let (silent, asked) = silent_server();
    let phone = Phone::new();
    phone.write("Provision.xml", provisioning_file(&server.url("/"), ""));
    phone.provision(&["run", "--profile", "profile"], "").expect(0);
    let (before, files) = (phone.config(), phone.files());
    // A run has the lock while it waits for its server.
    phone.write("other.xml", provisioning_file(&silent.url("/"), ""));
    let run = phone.start(&["run", "--profile", "profile", "--provision", "other.xml"]);
    asked.recv().expect("the server is asked");
    let arguments = ["forget", "--profile", "profile"];
    for signal in ENDING {
        for wanted in [&[][..], &["--last-change"]] {
            let mut forget = phone.start(&[&arguments[..], wanted].concat());
            forget.wait_for("another run is at work");
            end_for_people(forget, signal);
        }
    }
    send(&run, Signal::SIGTERM);
    run.end().expect(130);
    assert_eq!(phone.config(), before);
    assert_eq!(phone.files(), files);
}

#[test]
fn a_document_that_never_comes_does_not_hold_the_command() {
    let phone = Phone::new();
    phone.write("local.xml", "<options/>");
    let merge = ["merge", "--sections", "accounts", "--effective", "effective.xml"];
    let documents = ["--local", "local.xml", "--remote", "-"];
    for signal in ENDING {
        for arguments in [&[&merge[..], &documents].concat(), &["check", "-"][..]] {
            let mut running = phone.start(arguments);
            running.overfill();
            end_for_people(running, signal);

            let mut running = phone.start(&[arguments, &["--format", "json"]].concat());
            running.overfill();
            assert_eq!(end_for_programs(running, signal)["command"], arguments[0]);
        }
    }
    assert!(!phone.folder().join("effective.xml").exists());
}

#[test]
fn a_password_that_never_comes_does_not_hold_the_command() {
    let server = Server::http(Answer::silence());
    let phone = Phone::new();
    phone.write("Provision.xml", provisioning_file(&server.url("/"), ""));
    let pipe = pipe(&phone);
    let credentials = ["--user", "alice", "--password-file", "pipe"];
    for signal in ENDING {
        for command in [&["run", "--profile", "profile"][..], &["fetch"], &["doctor"]] {
            let running = phone.start(&[command, &credentials].concat());
            // It is open for writing as soon as the command opens it for reading.
            let _writer = File::options().write(true).open(&pipe).expect("the command reads it");
            end_for_people(running, signal);
        }
    }
    assert_eq!(server.connection_count(), 0);
}

/// A pipe in the phone's folder.
fn pipe(phone: &Phone) -> PathBuf {
    let pipe = phone.folder().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("the system has it");
    assert!(made.success());
    pipe
}

#[test]
fn a_watch_ends_by_signals() {
    let server = Server::http(Answer::ok(fixture("answer/zoiper3.xml")));
    let phone = Phone::new();
    phone.write("Provision.xml", provisioning_file(&server.url("/"), RATE));
    for (signal, status, cause) in
        [(Signal::SIGTERM, 0, "terminated"), (Signal::SIGINT, 130, "interrupted")]
    {
        let mut watch = phone.start(&["watch", "--profile", "profile"]);
        watch.wait_for("next      in 1 h 0");
        send(&watch, signal);
        watch.end().expect(status).says("Z done: ");

        let mut watch = phone.start(&["watch", "--profile", "profile", "--format", "json"]);
        let next = wait_for(&mut watch, "next-run");
        assert_eq!(next["cause"], "period");
        assert!(next["after_s"].as_f64().is_some_and(|s| (3599.0..3961.0).contains(&s)), "{next}");
        send(&watch, signal);
        let ended = wait_for(&mut watch, "ended");
        assert_eq!((&ended["cause"], &ended["exit_status"]), (&cause.into(), &status.into()));
        watch.end().expect(status);
    }
}

#[test]
fn a_run_of_a_watch_is_given_up() {
    let server = Server::http(Answer::silence());
    let phone = Phone::new();
    let before = phone.config();
    phone.write("Provision.xml", provisioning_file(&server.url("/"), RATE));
    let mut watch = phone.start(&["watch", "--profile", "profile", "-v"]);
    watch.wait_for("1. connect");
    send(&watch, Signal::SIGTERM);
    watch.end().expect(0).says("note: the run is given up; files are as they were");
    assert_eq!(phone.config(), before);
    assert_eq!(phone.files(), ["Config.xml"]);
}

#[test]
fn hanging_up_asks_for_a_run() {
    let server = Server::http(Answer::ok(fixture("answer/zoiper3.xml")));
    let phone = Phone::new();
    // Without a rate there is no other run by itself.
    phone.write("Provision.xml", provisioning_file(&server.url("/"), ""));
    let effective = ["--effective", "effective.xml", "--format", "json"];
    let mut watch = phone.start(&[&["watch", "--profile", "profile"][..], &effective].concat());
    wait_for(&mut watch, "no-next-run");
    send(&watch, Signal::SIGHUP);
    assert_eq!(wait_for(&mut watch, "run-started")["cause"], "requested");
    let ended = wait_for(&mut watch, "run-ended");
    assert_eq!(ended["cause"], "requested");
    assert_eq!(ended["run"]["summary"]["exit_status"], 0);
    wait_for(&mut watch, "no-next-run");
    // The file that was there is looked for as long as it goes on.
    std::fs::remove_file(phone.folder().join("Provision.xml")).expect("it is ours");
    send(&watch, Signal::SIGHUP);
    let ended = wait_for(&mut watch, "run-ended");
    assert_eq!(ended["run"]["provision_file"], Value::Null);
    wait_for(&mut watch, "no-next-run");
    send(&watch, Signal::SIGTERM);
    watch.end().expect(0);
    assert!(phone.folder().join("effective.xml").exists());
}

#[test]
fn servers_that_fail_do_not_end_a_watch() {
    let server = Server::http(Answer::status(503));
    let phone = Phone::new();
    let rate = "<refresh_rate>5</refresh_rate>";
    phone.write("Provision.xml", provisioning_file(&server.url("/"), rate));
    let mut watch = phone.start(&["watch", "--profile", "profile"]);
    watch.wait_for("error: the only URL brought no usable answer");
    watch.wait_for("the refresh rate of 5 s is taken as 30 s");
    send(&watch, Signal::SIGTERM);
    watch.end().expect(0);

    let mut watch = phone.start(&["watch", "--profile", "profile", "--format", "json"]);
    assert_eq!(wait_for(&mut watch, "run-ended")["run"]["summary"]["exit_status"], 1);
    assert_eq!(wait_for(&mut watch, "rate-raised")["refresh_rate"], 5);
    send(&watch, Signal::SIGTERM);
    watch.end().expect(0);
}

/// Spec 3.12: credentials that were refused are not sent again; others in the password file are.
#[test]
fn a_changed_password_file_counts_after_hanging_up() {
    let server = Server::answering(|request: &Request| match request.target().contains(DIGEST) {
        true => Answer::ok("<options/>"),
        false => Answer::status(401),
    });
    let phone = Phone::new();
    let asks = "<use_authentication>1</use_authentication>\
                <user_input_authentication>1</user_input_authentication>";
    let url = server.url("/?p=[pass]");
    phone.write("Provision.xml", provisioning_file(&url, &format!("{asks}{RATE}")));
    phone.write("password.txt", "wrong");
    let credentials = ["--user", "alice", "--password-file", "password.txt", "--format", "json"];
    let mut watch = phone.start(&[&["watch", "--profile", "profile"][..], &credentials].concat());
    assert_eq!(wait_for(&mut watch, "held")["cause"], "refused");
    send(&watch, Signal::SIGHUP);
    // Asked for by a person, they are sent once more: the account may have been unlocked.
    assert_eq!(wait_for(&mut watch, "run-started")["cause"], "requested");
    assert_eq!(wait_for(&mut watch, "held")["cause"], "refused");
    assert_eq!(server.requests().len(), 2);

    std::fs::remove_file(phone.folder().join("password.txt")).expect("it is ours");
    send(&watch, Signal::SIGHUP);
    assert_eq!(wait_for(&mut watch, "warning")["error"]["code"], "password-unreadable");
    phone.write("password.txt", PASSWORD);
    send(&watch, Signal::SIGHUP);
    assert_eq!(wait_for(&mut watch, "run-started")["cause"], "new-credentials");
    assert_eq!(wait_for(&mut watch, "run-ended")["run"]["summary"]["exit_status"], 0);
    assert_eq!(server.requests().len(), 3);
    send(&watch, Signal::SIGTERM);
    watch.end().expect(0);
}

/// A pipe gives its password once: nobody writes to it again.
#[test]
fn a_password_out_of_a_pipe_is_read_once() {
    let phone = Phone::new();
    let server = Server::http(Answer::ok("<options/>"));
    let options = "<use_authentication>1</use_authentication><refresh_rate>3600</refresh_rate>\
                   <user_input_authentication>1</user_input_authentication>";
    phone.write("Provision.xml", provisioning_file(&server.url("/?p=[pass]"), options));
    let pipe = pipe(&phone);
    let arguments = ["watch", "--profile", "profile", "--user", "alice", "--password-file", "pipe"];
    let mut watch = phone.start(&arguments);
    // It is open for writing as soon as the command opens it for reading.
    std::fs::write(&pipe, PASSWORD).expect("the command reads it");
    watch.wait_for("next      in 1 h");
    send(&watch, Signal::SIGHUP);
    watch.wait_for("since it was asked for");
    watch.wait_for("next      in 1 h");
    send(&watch, Signal::SIGTERM);
    watch.end().expect(0);
    assert_eq!(server.requests().len(), 2);
}
