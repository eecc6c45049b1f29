//! What is said when something is wrong, and what is left alone (spec 8.5, 8.6).

use std::fs;

use provision_tests::{Answer, Server};

use crate::golden::fixture;
use crate::phone::Phone;

fn good() -> Server {
    Server::http(Answer::ok(fixture("answer/zoiper3.xml")))
}

#[test]
fn an_invalid_provisioning_file_is_explained_at_once_and_nothing_is_asked() {
    let server = good();
    let phone = Phone::new();
    let mistakes = String::from_utf8(fixture("provision/faulty/five-mistakes.xml")).expect("UTF-8");
    let address = format!("<base_url>{}</base_url>", server.url("/"));
    phone.write("Provision.xml", mistakes.replace("  <options>", &format!("  {address}<options>")));
    let ran = phone.run_as_alice(&[]).expect(1);
    assert_eq!(server.connection_count(), 0);
    ran.says("warning[unknown-element]: ")
        .says("--> Provision.xml:4:6\n")
        .says("error[bad-value]: `yes` is no value of `use_authentication`\n --> Provision.xml:7:25\n")
        .says("    <use_authentication>yes</use_authentication>\n")
        .says("did you mean `basic`?")
        .says("--> Provision.xml:9:19\n")
        .says("did you mean `accounts`?");
    assert!(ran.last_line().starts_with("error: Provision.xml is not valid"), "{ran:?}");
    let quiet = phone.run_as_alice(&["-q"]).expect(1);
    assert!(!quiet.stderr.contains("warning"), "{}", quiet.stderr);
}

#[test]
fn a_configuration_in_place_of_the_provisioning_file_is_named() {
    let phone = Phone::new();
    phone.write("Provision.xml", fixture("config/zoiper3.xml"));
    phone.run_as_alice(&[]).expect(1).says("this is a phone's configuration");
}

#[test]
fn an_invalid_configuration_of_the_phone_is_left_as_it_is() {
    let server = good();
    for (config, said) in [
        (&b"<options><a>R&D</a></options>"[..], "Config.xml:1:14\n"),
        (b"", "[empty]"),
        (b"<provision/>", "[provision-file-found]"),
    ] {
        let phone = Phone::with_config(config);
        phone.write_example(&[server.origin()]);
        phone.run_as_alice(&["--effective", "effective.xml"]).expect(1).says(said);
        assert_eq!(phone.config(), config);
        assert_eq!(phone.files(), ["Config.xml"]);
        assert!(!phone.folder().join("effective.xml").exists());
    }
}

#[test]
fn what_helps_is_said_once() {
    let server = Server::http(Answer::status(503));
    let phone = Phone::new();
    let url = server.url("/");
    let file = format!("<base_urls><base_url>{url}</base_url></base_urls>");
    let sections = "<significant_sections>accounts</significant_sections>";
    phone.write("Provision.xml", format!("<provision>{file}{sections}</provision>"));
    for options in [&[][..], &["-v"], &["-q"]] {
        let arguments = [&["run", "--profile", "profile"], options].concat();
        let ran = phone.provision(&arguments, "").expect(1);
        assert_eq!(ran.stderr.matches("help: ").count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let run = |arguments: &[&str]| {
        let common = ["run", "--user", "alice", "--password-stdin"];
        phone.provision(&[&common, arguments].concat(), "x")
    };
    let provision = ["--provision", "Provision.xml"];
    run(&["--provision", "gone.xml", "--profile", "profile"]).expect(5).says("gone.xml");
    run(&["--provision", "profile", "--profile", "profile"]).expect(5).says("not a regular file");
    run(&[&provision[..], &["--profile", "gone"]].concat())
        .expect(5)
        .says("gone cannot be used")
        .says("--profile");
    run(&[&provision[..], &["--profile", "Provision.xml"]].concat()).expect(5).says("not a folder");
    assert_eq!(server.connection_count(), 0);

    let before = phone.config();
    let effective = |out| [&provision[..], &["--profile", "profile", "--effective", out]].concat();
    run(&effective("gone/out.xml")).expect(5).says("gone/out.xml cannot be written");
    assert_eq!(server.connection_count(), 0);
    run(&effective("profile")).expect(5).says("profile cannot be written");
    assert_eq!(phone.config(), before);
    assert_eq!(phone.files(), ["Config.xml"]);

    fs::remove_file(phone.profile().join("Config.xml")).expect("it is ours");
    fs::create_dir(phone.profile().join("Config.xml")).expect("the folder is writable");
    run(&[&provision[..], &["--profile", "profile"]].concat()).expect(5).says("Config.xml");
}

#[test]
fn the_effective_configuration_does_not_overwrite_what_the_run_needs() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let before = phone.config();
    for file in ["profile/Config.xml", "profile/../profile/Config.xml", "Provision.xml"] {
        phone.run_as_alice(&["--effective", file]).expect(2).says("another file");
    }
    assert_eq!(phone.config(), before);
    assert_eq!(server.connection_count(), 0);
}

#[test]
fn names_of_sections_do_not_reach_the_terminal_raw() {
    let server = Server::http(Answer::ok("<options><a\u{61c}b/></options>"));
    let phone = Phone::new();
    let sections = "acc&#x9b;2J&#x202e;\nerror: forged";
    let text = format!(
        "<provision><base_urls><base_url>{}</base_url></base_urls>\
         <significant_sections>{sections}</significant_sections></provision>",
        server.url("/")
    );
    phone.write("Provision.xml", text);
    let ran =
        phone.provision(&["run", "--provision", "Provision.xml", "--profile", "profile", "-v"], "");
    let ran = ran.expect(0);
    assert!(!ran.stderr.contains(['\u{9b}', '\u{202e}', '\u{61c}']), "{}", ran.stderr);
    assert!(!ran.stderr.contains("\nerror: forged"), "{}", ran.stderr);
    ran.says(r"a\u{61c}b");
}

#[test]
fn an_answer_with_more_sections_than_any_phone_has_is_left() {
    let server = Server::http(Answer::ok(format!("<options>{}</options>", "<a/>".repeat(100_000))));
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    phone.run_as_alice(&[]).expect(1).says("failed[too-complex] at accept");
}

#[test]
fn every_attempt_is_told_when_none_succeeds() {
    let first = Server::closed();
    let second = Server::http(Answer::status(503));
    let phone = Phone::new();
    phone.write_example(&[
        format!("http://{}", first.address()),
        second.origin(),
        "ftp://127.0.0.1".to_owned(),
        "http://127.0.0.1:99999".to_owned(),
    ]);
    let ran = phone.run_as_alice(&[]).expect(1);
    ran.says("[connect-refused]").says("status 503").says("[url-scheme]").says("[url-port]");
    // The ticket line names the first of them, also where it is the only line.
    let quiet = phone.run_as_alice(&["-q"]).expect(1);
    for ran in [&ran, &quiet] {
        let line = ran.last_line();
        assert!(line.contains(&format!("[http://{}", first.address())), "{line}");
        assert!(line.contains("password=[masked]; connect: no connection"), "{line}");
        assert!(line.ends_with("(connect-refused)] (exit status 1)"), "{line}");
        ran.says("help: check host and port");
    }
}

#[test]
fn a_broken_file_of_displaced_sections_is_explained() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    phone.run_as_alice(&[]).expect(0);
    fs::write(phone.profile().join("provision-displaced.xml"), "<options>").expect("it is ours");
    let before = phone.config();
    let ran = phone.run_as_alice(&[]).expect(1);
    ran.says("provision-displaced.xml:1:10\n").says("the phone's own sections");
    assert_eq!(phone.config(), before);
}
