//! `provision merge`: a merge without a server, as an operator looks at it (spec 8.3).

use std::fs;

use crate::command::json::object;
use crate::golden::{fixture, merged};
use crate::phone::{Phone, Ran};

const LOCAL: &str = "<options>\n  <accounts>\n    <account><name>Home</name><password>old-s3cret</password></account>\n  </accounts>\n  <audio/>\n</options>\n";
const REMOTE: &str = "<options><accounts><account><name>Office</name><password>new-s3cret</password></account></accounts><audio>x</audio></options>";

/// A phone's folder with both documents.
fn phone() -> Phone {
    let phone = Phone::new();
    phone.write("local.xml", LOCAL);
    phone.write("remote.xml", REMOTE);
    phone
}

fn merge(phone: &Phone, arguments: &[&str]) -> Ran {
    let mut all = vec!["merge", "--local", "local.xml", "--remote", "remote.xml"];
    all.extend(arguments);
    let ran = phone.provision(&all, "");
    let said = format!("{}{}", ran.stderr, String::from_utf8_lossy(&ran.stdout));
    let is_data = arguments.iter().all(|argument| *argument != "--plan" && *argument != "json");
    assert!(is_data || !said.contains("s3cret"), "{said}");
    ran
}

#[test]
fn the_results_are_those_of_a_run() {
    let phone = Phone::new();
    phone.write("local.xml", fixture("config/zoiper3.xml"));
    phone.write("remote.xml", fixture("answer/zoiper3.xml"));
    phone.write("Provision.xml", fixture("provision/document-example.xml"));
    let expected =
        merged("config/zoiper3.xml", "answer/zoiper3.xml", "provision/document-example.xml");
    let mode = ["--provision", "Provision.xml"];
    let ran = merge(&phone, &mode).expect(0);
    assert_eq!(ran.stdout, expected.effective.text().as_bytes());
    let files = ["--effective", "effective.xml", "--stored", "stored.xml"];
    let ran = merge(&phone, &[&mode[..], &files].concat()).expect(0);
    assert!(ran.stdout.is_empty());
    ran.says("wrote effective.xml").says("wrote stored.xml");
    let read = |name: &str| fs::read(phone.folder().join(name)).expect(name);
    assert_eq!(read("effective.xml"), expected.effective.text().as_bytes());
    assert_eq!(read("stored.xml"), expected.stored.text().as_bytes());
    merge(&phone, &[&mode[..], &files].concat()).expect(0).says("as it was: stored.xml");
}

#[test]
fn a_plan_shows_every_key_and_writes_nothing() {
    let phone = phone();
    let ran = merge(&phone, &["--sections", "accounts, chat", "--plan"]).expect(0);
    assert!(ran.stdout.is_empty());
    let expected = "\
merge     ~ accounts         replaced
            - accounts/account[\"Home\"]: 2 keys
            + accounts/account[\"Office\"]: 2 keys
merge     . audio            ignored
merge     ! chat             missing
note: drops 1 local item: accounts/account[\"Home\"]
warning: the server owns `chat` and did not send it
done: planned; 1 replaced, 1 missing, 1 ignored
";
    assert!(ran.stderr.ends_with(expected), "{}", ran.stderr);
    assert_eq!(fs::read(phone.folder().join("local.xml")).expect("it is there"), LOCAL.as_bytes());
}

/// A section under which nothing stands would be a riddle.
#[test]
fn a_plan_says_what_is_different_where_no_key_is() {
    let phone = Phone::new();
    for name in ["local", "remote", "provision"] {
        phone.write(&format!("{name}.xml"), fixture(&format!("merge/same-keys/{name}.xml")));
    }
    let plan = ["--provision", "provision.xml", "--plan"];
    let ran = merge(&phone, &plan).expect(0);
    let expected = "\
merge     ~ general          replaced
            same keys, in another order
merge     ~ accounts         replaced
            same keys, in another order
merge     ~ codecs           replaced
            same keys, with other text between them
merge     ~ audio            replaced
            same keys, only written in another way
merge     = stun_options     unchanged
merge     ~ network          replaced
            ~ network/mtu: \"1400\" -> \"1300\"
";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    let said = object(&merge(&phone, &[&plan[..], &["--format", "json"]].concat()).expect(0));
    let told = said["sections"].as_array().expect("a list").iter();
    let told: Vec<_> = told.map(|section| section["difference"].as_str()).collect();
    assert_eq!(told, [Some("order"), Some("order"), Some("text"), Some("writing"), None, None]);
}

#[test]
fn secrets_are_told_as_changed() {
    let phone = phone();
    phone.write("remote.xml", LOCAL.replace("old-s3cret", "new-s3cret"));
    let plan = ["--sections", "accounts", "--plan"];
    merge(&phone, &plan).expect(0).says("~ accounts/account[\"Home\"]/password: changed\n");
}

#[test]
fn the_status_says_whether_something_would_change() {
    let phone = phone();
    let plan =
        |sections: &str| merge(&phone, &["--sections", sections, "--plan", "--exit-code"]).status;
    assert_eq!(plan("accounts"), 10);
    assert_eq!(plan("chat"), 0);
    phone.write("later.xml", "<provision/>");
    let overlay = ["--provision", "later.xml", "--plan", "--exit-code"];
    merge(&phone, &overlay).expect(10).says("overlaid");
    phone.write("remote.xml", LOCAL);
    merge(&phone, &overlay).expect(0).says("unchanged");
}

#[test]
fn a_document_can_come_from_standard_input() {
    let phone = phone();
    let arguments = ["merge", "--local", "local.xml", "--remote", "-", "--sections", "audio"];
    let ran = phone.provision(&arguments, REMOTE).expect(0);
    assert_eq!(ran.stdout, LOCAL.replace("<audio/>", "<audio>x</audio>").as_bytes());
}

#[test]
fn what_cannot_be_is_told() {
    let phone = phone();
    phone.write("bad.xml", "<options><a></options>");
    phone.write("error.xml", "<error>no</error>");
    let ran = |arguments: &[&str]| phone.provision(&[&["merge"], arguments].concat(), "");
    let both = ["--local", "local.xml", "--remote", "remote.xml"];
    let with = |more: &[&str]| ran(&[&both[..], more].concat());
    with(&[]).expect(2).says("--sections");
    with(&["--sections", "a", "--plan", "--effective", "x"]).expect(2);
    with(&["--sections", "a", "--effective", "-", "--stored", "-"]).expect(2).says("both results");
    with(&["--sections", "a", "--effective", "-", "--format", "json"]).expect(2);
    with(&["--sections", "a", "--effective", "remote.xml"]).expect(2).says("written over");
    with(&["--sections", "a", "--effective", "no/where.xml"]).expect(5).says("cannot be written");
    with(&["--provision", "gone.xml"]).expect(5).says("gone.xml cannot be read");
    let sections = ["--sections", "a"];
    ran(&[&["--local", "-", "--remote", "-"][..], &sections].concat()).expect(2);
    ran(&[&["--local", "local.xml", "--remote", "bad.xml"][..], &sections].concat())
        .expect(1)
        .says("bad.xml:1:11");
    ran(&[&["--local", "local.xml", "--remote", "error.xml"][..], &sections].concat())
        .expect(1)
        .says("[error-answer-found]");
}

#[test]
fn json_says_it_all() {
    let phone = phone();
    let form = ["--format", "json", "--plan", "--exit-code"];
    let ran = merge(&phone, &[&["--sections", "accounts"][..], &form].concat()).expect(10);
    let said = object(&ran);
    assert_eq!(said["mode"], "sections");
    assert_eq!(said["would_change"], true);
    assert_eq!(said["sections"][0]["outcome"], "replaced");
    assert_eq!(said["sections"][0]["source"], "server");
    let key = &said["sections"][0]["keys"][0];
    assert_eq!(key["path"], "accounts/account[\"Home\"]");
    assert_eq!((&key["change"], &key["from"]["leaves"]), (&"removed".into(), &2.into()));
    assert_eq!(said["summary"]["exit_status"], 10);
}
