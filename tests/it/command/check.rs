//! `provision check`: what is said about documents (spec 8).

use std::fs;
use std::path::Path;

use super::json::object;
use crate::golden::{check, fixture, fixtures};
use crate::phone::{Phone, Ran};

/// A phone with a folder of the fixtures beside its profile.
fn with_fixtures(folder: &str) -> Phone {
    let phone = Phone::new();
    copy(&fixtures().join(folder), &phone.folder().join(folder));
    phone
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder is writable");
    for entry in fs::read_dir(from).expect("the folder is readable") {
        let entry = entry.expect("the folder is readable");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("the folder is writable");
        }
    }
}

/// Compares what people read with `fixtures/check/NAME.txt`; the status is its last line.
fn check_text(name: &str, ran: &Ran) {
    assert!(ran.stdout.is_empty());
    let text = format!("{}exit status {}\n", ran.stderr, ran.status);
    check(&fixtures().join("check").join(name).with_extension("txt"), text.as_bytes());
}

fn check_data(name: &str, ran: &Ran) {
    check(&fixtures().join("check").join(name), &ran.stdout);
}

#[test]
fn the_findings_on_the_fixtures_are_the_expected_ones() {
    for (folder, kind) in [("provision", "provision"), ("config", "config"), ("answer", "answer")] {
        let phone = with_fixtures(folder);
        check_text(folder, &phone.provision(&["check", "--as", kind, folder], ""));
    }
}

#[test]
fn more_or_less_is_said_as_wanted() {
    let phone = with_fixtures("provision");
    let files = ["provision/document-example.xml", "provision/faulty/five-mistakes.xml"];
    for (name, option) in [("verbose", "-v"), ("quiet", "-q"), ("coloured", "--color=always")] {
        let ran = phone.provision(&[&["check", option], &files[..]].concat(), "");
        check_text(name, &ran.expect(1));
    }
}

#[test]
fn a_program_reads_the_same() {
    let phone = with_fixtures("provision");
    let files = ["provision/document-example.xml", "provision/faulty/five-mistakes.xml"];
    let ran = phone.provision(&[&["check", "--format", "json"], &files[..]].concat(), "").expect(1);
    check_data("check.json", &ran);
    let object = object(&ran);
    assert_eq!(object["summary"]["exit_status"], 1);
    assert_eq!(object["files"][0]["valid"], true);
    assert_eq!(object["files"][1]["valid"], false);
}

#[test]
fn the_exit_status_tells_the_worst() {
    let phone = Phone::new();
    phone.write("good.xml", fixture("provision/preset-basic.xml"));
    phone.write("warning.xml", fixture("answer/error-bare-ampersand.xml"));
    phone.write("error.xml", "<options>");
    for (files, status, last) in [
        (&["good.xml"][..], 0, "good.xml: provisioning file of the Zoiper 3 dialect"),
        (&["good.xml", "warning.xml"], 0, "help: --fix mends 2 findings, --diff shows how"),
        (&["error.xml"], 1, "error: error.xml is not valid: line 1, column 10: "),
        (
            &["good.xml", "error.xml"],
            1,
            "error: 1 of 2 files is not valid, the first: error.xml: line",
        ),
        (&["gone.xml"], 5, "error: gone.xml cannot be read: "),
        (&["error.xml", "gone.xml"], 5, "error: 1 of 2 files is inaccessible, the first: gone.xml"),
    ] {
        for option in ["-v", "-q", "--color=auto"] {
            let ran = phone.provision(&[&["check", option], files].concat(), "").expect(status);
            if option != "-q" || status > 0 {
                assert!(ran.last_line().starts_with(last), "{files:?}: {}", ran.stderr);
            }
            if status > 0 {
                assert!(ran.last_line().ends_with(&format!("(exit status {status})")), "{ran:?}");
            }
        }
        let ran = phone.provision(&[&["check", "--format", "json"], files].concat(), "");
        let object = object(&ran.expect(status));
        assert_eq!(object["summary"]["exit_status"], status);
        assert_eq!(object["summary"]["failure"].is_string(), status > 0);
    }
}

#[test]
fn a_document_is_told_by_its_root_unless_it_is_named() {
    let phone = Phone::new();
    let check = |kind: Option<&str>, text: &str| {
        let kind = kind.map(|kind| format!("--as={kind}"));
        let arguments: Vec<_> = ["check"].into_iter().chain(kind.as_deref()).chain(["-"]).collect();
        phone.provision(&arguments, text)
    };
    check(None, "<options/>").expect(0).says("standard input: configuration with 0 sections");
    check(Some("config"), "<options/>").expect(0).says("configuration");
    check(Some("answer"), "<options/>").expect(0).says("server's answer, a configuration");
    check(Some("provision"), "<options/>").expect(1).says("standard input:1:2").says("-found]");
    check(Some("xml"), "<a/>").expect(0).says("standard input: XML document: good");
    check(None, "<a/>").expect(1).says("error[wrong-root]");
    check(None, "").expect(1).says("error[empty]");
}

#[test]
fn colours_are_for_terminals_unless_they_are_asked_for() {
    let phone = Phone::new();
    for (option, is_coloured) in [("auto", false), ("always", true), ("never", false)] {
        let ran = phone.provision(&["check", "--color", option, "-"], "<options>").expect(1);
        assert_eq!(ran.stderr.contains('\u{1b}'), is_coloured, "{}", ran.stderr);

        let ran =
            phone.provision(&["check", "--diff", "--color", option, "-"], "<options>&</options>");
        let goes = if is_coloured {
            "\u{1b}[31m-<options>&</options>\u{1b}[0m\n"
        } else {
            "-<options>&</options>\n"
        };
        let difference = String::from_utf8(ran.expect(1).stdout).expect("it is text");
        assert!(difference.contains(goes), "{difference}");
        assert_eq!(difference.contains('\u{1b}'), is_coloured, "{difference}");
    }
}

#[test]
fn what_a_document_says_to_a_terminal_does_not_reach_it() {
    let phone = Phone::new();
    let text = "<options>\u{9b}2J\u{202e}<a\u{85}>\rerror: forged</options>";
    let ran = phone.provision(&["check", "-v", "-"], text).expect(1);
    assert!(!ran.stderr.contains(['\u{9b}', '\u{202e}', '\u{85}', '\r']), "{}", ran.stderr);
    assert!(!ran.stderr.contains("\nerror: forged"), "{}", ran.stderr);
    let name = phone.write("a\u{202e}b.xml", "<options>");
    let ran = phone.provision(&[Path::new("check"), &name], "").expect(1);
    ran.says(r"a\u{202e}b.xml:1:10");
    assert!(!ran.stderr.contains('\u{202e}'), "{}", ran.stderr);
}

/// The phone of the tests looks for the password in everything that is printed.
#[test]
fn no_password_shows_in_any_form() {
    let phone = Phone::new();
    let secrets = "<account password='c4nary-p4ss'><password>c4nary-p4ss & more</password></account>\
                   <base_url>https://a:c4nary-p4ss@example.com/?p=c4nary-p4ss&amp;x&y</base_url>";
    for (name, text) in [
        ("open.xml", format!("<options>{secrets}")),
        ("entity.xml", format!("<options>&nbsp;{secrets}</options>")),
        ("one.xml", format!("<provision><options>{secrets}</options>&</provision>")),
        ("page.xml", format!("<!DOCTYPE html><html>{secrets}</html>")),
        ("no-tag.xml", format!("password='c4nary-p4ss'/> {secrets}")),
        ("json.xml", "{\"password\": \"c4nary-p4ss\"}".to_owned()),
        ("error.xml", format!("<error>no{secrets}</error>")),
        (
            "latin1.xml",
            format!("<?xml version='1.0' encoding='US-ASCII'?><options>é{secrets}</options>"),
        ),
    ] {
        phone.write(name, text);
    }
    for kind in ["provision", "config", "answer", "xml"] {
        for option in ["-v", "-q", "--diff", "--format=json", "--color=always"] {
            phone.provision(&["check", option, "--as", kind, "."], "").expect(1);
        }
    }
    phone.provision(&["check", "-v", "--fix", "."], "").expect(1);
}
