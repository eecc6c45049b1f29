//! `provision watch`, where it ends by itself (spec 2.3, 8.5).

use provision_tests::{Answer, Server};
use serde_json::Value;

use crate::phone::{Phone, Ran};

fn watch(phone: &Phone, arguments: &[&str]) -> Ran {
    phone.provision(&[&["watch", "--profile", "profile"], arguments].concat(), "")
}

/// The lines, one object each.
pub(crate) fn lines(ran: &Ran) -> Vec<Value> {
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    let lines = ran.stdout.split_inclusive(|byte| *byte == b'\n');
    lines.map(|line| serde_json::from_slice(line).expect("each line is an object")).collect()
}

#[test]
fn without_a_provisioning_file_there_is_nothing_to_watch() {
    let phone = Phone::new();
    let before = phone.config();
    watch(&phone, &[]).expect(0).says("provisioning is off").says(".config/Zoiper");
    let said = lines(&watch(&phone, &["--format", "json"]).expect(0));
    let events: Vec<_> = said.iter().map(|line| line["event"].as_str().unwrap_or("")).collect();
    assert_eq!(events, ["run-started", "run-ended", "ended"]);
    assert_eq!((&said[2]["cause"], &said[2]["exit_status"]), (&"off".into(), &0.into()));
    assert_eq!(said[1]["run"]["places"][0]["sighting"], "no file");
    assert_eq!(phone.config(), before);
}

#[test]
fn what_is_wrong_here_ends_it_at_once() {
    let phone = Phone::new();
    let ran = watch(&phone, &["--provision", "gone.xml"]).expect(5);
    assert!(ran.last_line().contains("gone.xml cannot be read"), "{}", ran.stderr);
    phone.write("Provision.xml", "<provision>");
    watch(&phone, &[]).expect(1).says("[unclosed]");
    phone.write(
        "Provision.xml",
        "<provision><base_urls><base_url>http://127.0.0.1:9/</base_url></base_urls><options>\
         <use_authentication>1</use_authentication><refresh_rate>60</refresh_rate></options></provision>",
    );
    let ran = watch(&phone, &[]).expect(4);
    assert_eq!(ran.stderr.matches("(exit status 4)").count(), 1, "{}", ran.stderr);
    let said = lines(&watch(&phone, &["--format", "json"]).expect(4));
    let last = said.last().expect("there are lines");
    assert_eq!(last["error"]["code"], "credentials-missing");
    assert_eq!(last["exit_status"], 4);
    // Nothing is said but that.
    let ran = watch(&phone, &["-q"]).expect(4);
    assert!(!ran.stderr.contains("run  "), "{}", ran.stderr);
}

fn provisioning_file(phone: &Phone, url: &str, options: &str) {
    let file = format!(
        "<provision><base_urls><base_url>{url}</base_url></base_urls><options>{options}</options></provision>"
    );
    phone.write("Provision.xml", file);
}

#[test]
fn a_first_run_that_fails_ends_it_if_no_other_is_to_come() {
    let phone = Phone::new();
    let server = Server::http(Answer::status(503));
    provisioning_file(&phone, &server.url("/"), "");
    let ran = watch(&phone, &[]).expect(1);
    assert!(ran.last_line().contains("no run is to come after the first: "), "{}", ran.stderr);
    let said = lines(&watch(&phone, &["--format", "json"]).expect(1));
    let events: Vec<_> = said.iter().map(|line| line["event"].as_str().unwrap_or("")).collect();
    assert_eq!(events, ["run-started", "run-ended", "no-next-run", "ended"]);
    assert_eq!(said[1]["run"]["attempts"][0]["failure"]["code"], "http-status");
    assert_eq!(said[3]["exit_status"], 1);
}

/// Spec 3.12: they are not sent again, so there is nothing to wait for. It ends as `run` would (spec 8.5, 8.6).
#[test]
fn refused_credentials_end_it_as_they_end_a_run() {
    let wrong = || Answer::ok("<error>Wrong password</error>");
    for (answer, status) in [(wrong(), 3), (Answer::status(401), 1), (Answer::status(403), 1)] {
        let phone = Phone::new();
        let server = Server::http(answer);
        let options = "<use_authentication>1</use_authentication><user>a</user>\
                       <password>b</password><refresh_rate>60</refresh_rate>";
        provisioning_file(&phone, &server.url("/[pass]"), options);
        let run = phone.provision(&["run", "--profile", "profile"], "").expect(status);
        assert_eq!(run.last_line().contains("Wrong password"), status == 3, "{}", run.stderr);
        let ran = watch(&phone, &[]).expect(status);
        let (_, text) = ran.last_line().split_once(' ').expect("a time comes first");
        assert_eq!(text, run.last_line());
        assert_eq!(server.requests().len(), 2);

        let said = lines(&watch(&phone, &["--format", "json"]).expect(status));
        let events: Vec<_> = said.iter().map(|line| line["event"].as_str().unwrap_or("")).collect();
        assert_eq!(events, ["run-started", "run-ended", "held", "ended"]);
        assert_eq!(said[3]["cause"], "refused");
        for field in ["code", "help"] {
            assert_eq!(said[3]["error"][field], said[1]["run"]["error"][field], "{field}");
        }
        let message = said[3]["error"]["message"].as_str().expect("it is text");
        assert_eq!(run.last_line(), format!("error: {message} (exit status {status})"));
    }
}

#[test]
fn every_line_for_people_has_its_time() {
    let phone = Phone::new();
    let ran = watch(&phone, &["--provision", "gone.xml", "-v"]).expect(5);
    for line in ran.stderr.lines() {
        let (time, text) = line.split_once(' ').expect("a time comes first");
        assert_eq!(time.len(), "2026-11-23T17:08:24Z".len(), "{line}");
        assert!(time.ends_with('Z') && time.as_bytes()[10] == b'T', "{line}");
        assert!(!text.is_empty(), "{line}");
    }
}

#[test]
fn standard_output_is_no_place_for_many_configurations() {
    let phone = Phone::new();
    watch(&phone, &["--effective", "-"]).expect(2).says("--effective");
    let said = lines(&watch(&phone, &["--effective", "-", "--format", "json"]).expect(2));
    assert_eq!(said[0]["error"]["code"], "usage");
}
