//! `provision run`: what it would do, and what it says to programs (spec 8.2, 8.4, 8.5).

use std::fs;

use provision_tests::{Answer, Request, Server};
use serde_json::Value;

use crate::command::json::object;
use crate::golden::{fixture, merged};
use crate::phone::{DIGEST, PASSWORD, Phone, Ran};

fn good() -> Server {
    Server::http(Answer::ok(fixture("answer/zoiper3.xml")))
}

/// A file that provisions `accounts` and asks for nothing.
fn anonymous(phone: &Phone, server: &Server) {
    let url = server.url("/");
    phone.write(
        "Provision.xml",
        format!(
            "<provision><base_urls><base_url>{url}</base_url></base_urls><options>\
             <refresh_rate>3600</refresh_rate></options>\
             <significant_sections>accounts</significant_sections></provision>"
        ),
    );
}

fn run(phone: &Phone, arguments: &[&str]) -> Ran {
    let all = [&["run", "--profile", "profile"], arguments].concat();
    phone.provision(&all, "")
}

#[test]
fn a_plan_shows_what_a_run_would_do_and_writes_nothing() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let before = phone.config();
    let ran = phone.run_as_alice(&["--plan"]).expect(0);
    assert!(ran.stdout.is_empty());
    ran.says("merge     ~ accounts         replaced\n")
        .says("            - accounts/account[\"Local line\"]: 20 keys\n")
        .says("note: drops ")
        .says("done: planned with http://127.0.0.1:");
    assert_eq!(phone.config(), before);
    // Not even the lock is made.
    assert_eq!(fs::read_dir(phone.profile()).expect("it is there").count(), 1);
    assert_eq!(phone.run_as_alice(&["--plan", "--exit-code"]).status, 10);

    // Once that is done, there is nothing to do.
    phone.run_as_alice(&[]).expect(0);
    let ran = phone.run_as_alice(&["--plan", "--exit-code"]).expect(0);
    assert!(!ran.stderr.contains("replaced\n"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("\n            "), "{}", ran.stderr);
}

#[test]
fn a_plan_says_it_to_programs() {
    let server = Server::http(Answer::ok(
        "<options><accounts><account><name>Office</name></account></accounts><chat/></options>",
    ));
    let phone = Phone::with_config(
        b"<options><accounts><account><name>Home</name></account></accounts></options>",
    );
    anonymous(&phone, &server);
    let ran = run(&phone, &["--plan", "--exit-code", "--format", "json"]).expect(10);
    let said = object(&ran);
    assert_eq!(said["command"], "run");
    assert_eq!(said["would_change"], true);
    assert_eq!(said["files"], Value::Array(Vec::new()));
    assert_eq!(said["sections"][0]["outcome"], "replaced");
    let keys = &said["sections"][0]["keys"];
    assert_eq!(keys[0]["path"], "accounts/account[\"Home\"]");
    assert_eq!(keys[1]["change"], "added");
    assert_eq!(said["sections"][1]["outcome"], "ignored");
    assert_eq!(said["supplier"]["kind"], "server");
    assert_eq!(said["summary"]["exit_status"], 10);
    run(&phone, &[]).expect(0);
    let said = object(&run(&phone, &["--plan", "--exit-code", "--format", "json"]).expect(0));
    assert_eq!(said["would_change"], false);
}

/// The order of accounts is what a phone shows; how they are written is not.
#[test]
fn another_order_would_change_something_and_another_writing_would_not() {
    let config = |order: [&str; 2]| {
        let items = order.map(|name| format!("<account><name>{name}</name></account>"));
        format!("<options><accounts>{}</accounts></options>", items.concat())
    };
    let [local, swapped] = [["Home", "Office"], ["Office", "Home"]].map(config);
    let written = local.replace("<name>", "<name ><!-- the same -->");
    for (remote, status, difference) in [(swapped, 10, "order"), (written, 0, "writing")] {
        let server = Server::http(Answer::ok(remote.as_str()));
        let phone = Phone::with_config(local.as_bytes());
        anonymous(&phone, &server);
        let ran = run(&phone, &["--plan", "--exit-code", "--format", "json"]).expect(status);
        let said = object(&ran);
        assert_eq!(said["would_change"], status == 10);
        assert_eq!(said["sections"][0]["outcome"], "replaced");
        assert_eq!(said["sections"][0]["difference"], difference);
    }
}

/// Spec 7.2: the server's document is shown here, so what it repeats of the credentials must not be.
#[test]
fn a_plan_shows_no_credentials_that_a_server_has_repeated() {
    let server = Server::answering(|request: &Request| {
        let digest = request.target().rsplit('/').next().unwrap_or_default();
        assert_eq!(digest, DIGEST);
        let account = |name: &str| {
            format!(
                "<account><name>{name}</name><host>{digest}</host><note a='{PASSWORD}'>{PASSWORD}</note></account>"
            )
        };
        Answer::ok(format!(
            "<options><accounts>{}{}</accounts><s{digest}/></options>",
            account("Home"),
            account(digest)
        ))
    });
    let phone = Phone::with_config(
        b"<options><accounts><account><name>Home</name><host>h</host><note>n</note></account></accounts></options>",
    );
    for sections in ["<significant_sections>accounts</significant_sections>", ""] {
        let options = "<use_authentication>1</use_authentication><user>alice</user><password>x</password>\
             <delete_accounts_beforehand>0</delete_accounts_beforehand>";
        phone.write(
            "Provision.xml",
            format!(
                "<provision><base_urls><base_url>{}</base_url></base_urls><options>{options}</options>{sections}</provision>",
                server.url("/[pass]")
            ),
        );
        // The phone looks through all that is printed.
        phone.run_as_alice(&["--plan", "-v"]).expect(0).says("[masked]");
        let ran = phone.run_as_alice(&["--plan", "--format", "json"]).expect(0);
        assert!(String::from_utf8_lossy(&ran.stdout).contains("[masked]"));
    }
}

#[test]
fn a_plan_without_a_provisioning_file_has_nothing_to_show() {
    let phone = Phone::new();
    run(&phone, &["--plan", "--exit-code"]).expect(0).says("provisioning is off");
    let said = object(&run(&phone, &["--format", "json"]).expect(0));
    assert_eq!(said["provision_file"], Value::Null);
    assert_eq!(said["places"][0]["sighting"], "no file");
}

#[test]
fn json_says_what_a_run_did() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let form = ["--format", "json", "--effective", "effective.xml"];
    let said = object(&phone.run_as_alice(&form).expect(0));
    assert_eq!(said["supplier"]["kind"], "server");
    assert_eq!(said["supplier"]["url"], said["attempts"][0]["url"]);
    assert_eq!(said["error"], Value::Null);
    assert_eq!(said["would_change"], Value::Null);
    let file = |role: &str| {
        let files = said["files"].as_array().expect("it is a list");
        files.iter().find(|file| file["role"] == role).unwrap_or(&Value::Null).clone()
    };
    assert_eq!(file("config")["path"], "profile/Config.xml");
    assert_eq!(file("config")["changed"], true);
    assert_eq!(file("effective")["path"], "effective.xml");
    assert_eq!(file("last good")["path"], "profile/provision-last-good.xml");
    let outcomes = said["sections"].as_array().expect("it is a list").iter();
    assert_eq!(outcomes.filter(|section| section["outcome"] == "replaced").count(), 6);
    let written = fs::read(phone.folder().join("effective.xml")).expect("it was written");
    let expected =
        merged("config/zoiper3.xml", "answer/zoiper3.xml", "provision/document-example.xml");
    assert_eq!(written, expected.effective.text().as_bytes());
}

#[test]
fn json_tells_of_what_a_server_sent_last() {
    let phone = Phone::new();
    let server = good();
    anonymous(&phone, &server);
    run(&phone, &[]).expect(0);
    drop(server);
    let said = object(&run(&phone, &["--format", "json"]).expect(0));
    assert_eq!(said["supplier"]["kind"], "last good");
    assert!(said["supplier"]["age_s"].as_u64().is_some_and(|age| age < 3600), "{said}");
    assert_eq!(said["refresh_rate"], 3600);
    assert_eq!(said["attempts"][0]["failure"]["code"], "connect-refused");
}

#[test]
fn json_tells_why_there_is_nothing() {
    let server = Server::http(Answer::ok("<error code='7'>closed</error>"));
    let phone = Phone::new();
    anonymous(&phone, &server);
    let said = object(&run(&phone, &["--format", "json"]).expect(3));
    assert_eq!(said["error"]["server_message"]["text"], "closed");
    assert_eq!(said["error"]["server_message"]["code"], "7");
    assert_eq!(said["error"]["step"], "fetch");
    assert_eq!(said["summary"]["exit_status"], 3);
    // Without it nobody is asked, and with it neither.
    phone.write(
        "Provision.xml",
        "<provision><base_urls><base_url>http://127.0.0.1:9/</base_url></base_urls><options>\
         <use_authentication>1</use_authentication>\
         <user_input_authentication>1</user_input_authentication></options></provision>",
    );
    let said = object(&run(&phone, &["--format", "json"]).expect(4));
    assert_eq!(said["error"]["code"], "credentials-missing");
    run(&phone, &["--no-input"]).expect(4).says("help: give a user name");

    fs::write(phone.profile().join("Config.xml"), "<options>").expect("it is ours");
    let server = good();
    anonymous(&phone, &server);
    let said = object(&run(&phone, &["--format", "json"]).expect(1));
    assert_eq!(said["local"]["diagnostics"][0]["code"], "unclosed");
    assert_eq!(said["error"]["step"], "read");
}

#[test]
fn json_and_the_effective_configuration_do_not_share_standard_output() {
    let phone = Phone::new();
    let ran = run(&phone, &["--format", "json", "--effective", "-"]).expect(2);
    assert!(ran.stdout.is_empty());
    ran.says("standard output");
}

#[test]
fn a_user_alone_is_enough_at_a_terminal_only() {
    let phone = Phone::new();
    for more in [&[][..], &["--no-input"], &["--format", "json"]] {
        let arguments = [&["--user", "alice"], more].concat();
        let ran = run(&phone, &arguments).expect(2);
        match ran.stdout.is_empty() {
            true => ran.says("--password-file").says("nobody to be asked"),
            false => {
                assert_eq!(object(&ran)["error"]["code"], "usage");
                &ran
            }
        };
    }
}

/// The server has answered, so a phone can run, whatever its disk says.
#[cfg(unix)]
#[test]
fn what_cannot_be_stored_goes_to_standard_output_all_the_same() {
    let server = good();
    let phone = Phone::new();
    anonymous(&phone, &server);
    let expected = run(&phone, &["--effective", "-"]).expect(0).stdout;
    // The phone writes a section that is displaced, so `Config.xml` is to be kept as it was; but where a link leads nowhere
    // nothing can be written, whoever the user is.
    let config = String::from_utf8(phone.config()).expect("UTF-8");
    let config = config.replace("</options>", "<accounts>typed by hand</accounts></options>");
    fs::write(phone.profile().join("Config.xml"), config).expect("it is ours");
    let place = phone.profile().join("provision-superseded.xml");
    std::os::unix::fs::symlink("nowhere/copy.xml", place).expect("it is writable");
    let ran = run(&phone, &["--effective", "-"]).expect(5);
    ran.says("note: standard output has the effective configuration all the same\n");
    let texts = [&expected, &ran.stdout].map(|bytes| {
        let config = provision::format::Config::read(bytes).expect("valid").value;
        let mut texts: Vec<_> = config.sections().map(|s| s.text().to_owned()).collect();
        texts.sort();
        texts
    });
    assert_eq!(texts[0], texts[1]);
}

#[test]
fn forgetting_says_it_to_programs() {
    let server = good();
    let phone = Phone::new();
    let before = phone.config();
    anonymous(&phone, &server);
    run(&phone, &[]).expect(0);
    let forget = ["forget", "--profile", "profile", "--format", "json"];
    let change = [&forget[..], &["--last-change"]].concat();
    let said = object(&phone.provision(&change, "").expect(0));
    assert_eq!(said["how"], "untouched");
    let said = object(&phone.provision(&forget, "").expect(0));
    assert_eq!(said["how"], "to the byte");
    assert_eq!(said["given_back"], serde_json::json!(["accounts"]));
    assert_eq!(said["config"]["changed"], true);
    assert_eq!(said["removed"].as_array().map(Vec::len), Some(3));
    assert_eq!(phone.config(), before);

    fs::write(phone.profile().join("Config.xml"), "<options>").expect("it is ours");
    let said = object(&phone.provision(&forget, "").expect(1));
    assert_eq!(said["document"]["path"], "profile/Config.xml");
    assert_eq!(said["summary"]["exit_status"], 1);
    let said = object(
        &phone.provision(&["forget", "--profile", "gone", "--format", "json"], "").expect(5),
    );
    assert_eq!(said["error"]["step"], "read");
}
