//! Back to before provisioning (spec 5.4).

use std::fs;
use std::path::Path;

use provision::{
    Context, CredentialSource, Discovery, Forgotten, GoneBack, Options, Outcome, RunError, forget,
    run,
};
use provision_tests::{Answer, Server};

use crate::golden::fixture;
use crate::phone::Phone;

async fn provision(phone: &Phone, answer: impl Into<Vec<u8>>, sections: &str) {
    let server = Server::http(Answer::ok(answer));
    let url = server.url("/");
    let file = phone.write(
        "Provision.xml",
        format!(
            "<provision><base_urls><base_url>{url}</base_url></base_urls>\
             <significant_sections>{sections}</significant_sections></provision>"
        ),
    );
    let context = Context { profile: phone.profile(), credentials: CredentialSource::Preset };
    let options = Options { discovery: Discovery::File(file), ..Options::default() };
    let outcome = run(context, &options, |_| {}).await;
    assert!(matches!(outcome, Ok(Outcome::Provisioned(_))), "{outcome:?}");
}

async fn undo(phone: &Phone) -> Forgotten {
    forget(&phone.profile(), |_| {}).await.expect("the profile is writable")
}

/// Every pair of the merge's fixtures, whatever line ends, encodings and layouts they have.
#[tokio::test]
async fn every_fixture_comes_back_to_the_byte() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/merge");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the fixtures are there") {
        let path = entry.expect("readable").path();
        let (Ok(local), Ok(remote)) =
            (fs::read(path.join("local.xml")), fs::read(path.join("remote.xml")))
        else {
            continue;
        };
        let phone = Phone::with_config(&local);
        let names = "accounts,codecs,general,audio,network,chat,video,fax,popup,a,b,c";
        provision(&phone, remote.clone(), names).await;
        provision(&phone, remote, names).await;
        let is_changed = phone.config() != local;
        let forgotten = undo(&phone).await;
        assert_eq!(phone.config(), local, "{}", path.display());
        assert_eq!(forgotten.config.changed, is_changed, "{}", path.display());
        let how = if is_changed { GoneBack::ToTheByte } else { GoneBack::Untouched };
        assert_eq!(forgotten.how, how, "{}", path.display());
        assert_eq!(phone.files(), ["Config.xml"], "{}", path.display());
        count += 1;
    }
    assert!(count > 20, "{count} fixtures");
}

#[tokio::test]
async fn it_comes_back_to_the_byte_whatever_the_server_owned_meanwhile() {
    let local = fixture("config/zoiper3.xml");
    let answer = || fixture("answer/zoiper3.xml");
    for owned in [
        &["accounts", "accounts,codecs", "accounts,codecs,general"][..],
        &["accounts,codecs", "codecs", "general"],
        &["accounts,codecs", "", "accounts"],
        &["", "accounts", ""],
    ] {
        let phone = Phone::with_config(&local);
        for sections in owned {
            provision(&phone, answer(), sections).await;
        }
        let forgotten = undo(&phone).await;
        assert_eq!(phone.config(), local, "{owned:?}");
        assert_eq!(phone.files(), ["Config.xml"], "{owned:?}");
        assert!(forgotten.superseded.is_none());
        // There is nothing left to be forgotten.
        assert_eq!(undo(&phone).await.how, GoneBack::Untouched);
    }
}

/// The files as they are when a first run dies just before it replaces `Config.xml`.
#[tokio::test]
async fn it_comes_back_to_the_byte_when_the_first_run_died() {
    let local = fixture("config/zoiper3.xml");
    let phone = Phone::with_config(&local);
    let provision = || provision(&phone, fixture("answer/zoiper3.xml"), "accounts,codecs");
    provision().await;
    fs::write(phone.profile().join("Config.xml"), &local).expect("it is ours");
    provision().await;
    assert_ne!(phone.config(), local);
    assert_eq!(undo(&phone).await.how, GoneBack::ToTheByte);
    assert_eq!(phone.config(), local);
}

#[tokio::test]
async fn what_the_phone_wrote_since_stays() {
    let phone = Phone::with_config(b"<options>\n <a>1</a>\n <b>2</b>\n</options>\n");
    provision(&phone, "<options><a>s</a></options>", "a").await;
    let written = "<options>\n <b>3</b>\n</options>\n";
    fs::write(phone.profile().join("Config.xml"), written).expect("it is ours");
    let forgotten = undo(&phone).await;
    assert_eq!(
        (forgotten.how, &forgotten.given_back[..]),
        (GoneBack::BySections, &["a".to_owned()][..])
    );
    assert_eq!(phone.config(), b"<options>\n <b>3</b>\n <a>1</a>\n</options>\n");
    assert_eq!(phone.files(), ["Config.xml"]);
}

#[tokio::test]
async fn what_the_phone_wrote_between_two_runs_is_what_it_goes_back_to() {
    let phone = Phone::with_config(b"<options>\n <b>2</b>\n</options>\n");
    provision(&phone, "<options><a>s</a></options>", "a").await;
    // A phone that stores what it runs with, against the rules, and then has it taken out again.
    let written = b"<options>\n <b>3</b><a>mine</a>\n</options>\n";
    fs::write(phone.profile().join("Config.xml"), written).expect("it is ours");
    provision(&phone, "<options><a>s</a></options>", "a").await;
    assert_eq!(phone.config(), b"<options>\n <b>3</b>\n</options>\n");
    assert_eq!(undo(&phone).await.how, GoneBack::ToTheByte);
    assert_eq!(phone.config(), written);
}

#[tokio::test]
async fn a_phone_that_had_no_configuration_has_none_again() {
    let phone = Phone::new();
    fs::remove_file(phone.profile().join("Config.xml")).expect("it is ours");
    provision(&phone, "<options><a>s</a></options>", "a").await;
    provision(&phone, "<options><a>t</a></options>", "a").await;
    assert_eq!(undo(&phone).await.how, GoneBack::ToNone);
    assert!(phone.files().is_empty(), "{:?}", phone.files());

    assert_eq!(undo(&phone).await.how, GoneBack::Untouched);
    assert!(phone.files().is_empty(), "{:?}", phone.files());
}

#[tokio::test]
async fn without_the_original_the_sections_are_given_back() {
    let phone = Phone::with_config(b"<options>\n <a>1</a>\n <b>2</b>\n</options>\n");
    provision(&phone, "<options><a>s</a></options>", "a").await;
    let original = phone.profile().join("provision-original");
    let whole = fs::read(&original).expect("it was written");
    for damaged in [&b""[..], b"provision original 1", &whole[..20], b"<options/>"] {
        let stored = phone.config();
        fs::write(&original, damaged).expect("it is ours");
        assert_eq!(undo(&phone).await.how, GoneBack::BySections);
        assert_eq!(phone.config(), b"<options>\n <b>2</b>\n <a>1</a>\n</options>\n");
        fs::write(phone.profile().join("Config.xml"), stored).expect("it is ours");
        let displaced = "<options>\n <a>1</a>\n</options>\n";
        fs::write(phone.profile().join("provision-displaced.xml"), displaced).expect("it is ours");
    }
}

#[tokio::test]
async fn a_file_that_is_not_valid_is_not_forgotten() {
    let phone = Phone::with_config(b"<options>\n <a>1</a>\n</options>\n");
    provision(&phone, "<options><a>s</a></options>", "a").await;
    fs::write(phone.profile().join("Config.xml"), "<options>").expect("it is ours");
    let before = phone.files();
    let refused = forget(&phone.profile(), |_| {}).await;
    assert!(matches!(refused, Err(RunError::InvalidFile { .. })), "{refused:?}");
    assert_eq!(phone.files(), before);
}

#[test]
fn the_command_says_what_it_did() {
    let server = Server::http(Answer::ok(fixture("answer/zoiper3.xml")));
    let phone = Phone::new();
    let local = phone.config();
    phone.write_example(&[server.origin()]);
    phone.run_as_alice(&[]).expect(0);
    let forget = ["forget", "--profile", "profile"];
    let ran = phone.provision(&forget, "").expect(0);
    ran.says("removed profile/provision-displaced.xml").says("to the byte");
    assert_eq!(phone.config(), local);
    let ran = phone.provision(&forget, "").expect(0);
    assert_eq!(ran.last_line(), "done: there was nothing to give back to profile/Config.xml");
    phone.provision(&["forget", "--profile", "gone"], "").expect(5);
    let last = ["forget", "--last-change", "--profile", "profile"];
    phone.provision(&last, "").expect(0).says("there is no change to take back");
}

/// A phone that saves what it runs with, against the rules.
#[tokio::test]
async fn the_phones_own_section_comes_back_though_it_saved_the_servers() {
    let phone = Phone::with_config(b"<options>\n <a>mine</a>\n</options>\n");
    provision(&phone, "<options><a>server</a></options>", "a").await;
    let saved = b"<options>\n <a>server</a>\n</options>\n";
    fs::write(phone.profile().join("Config.xml"), saved).expect("it is ours");
    let forgotten = undo(&phone).await;
    assert_eq!(
        (forgotten.how, &forgotten.given_back[..]),
        (GoneBack::BySections, &["a".to_owned()][..])
    );
    assert_eq!(phone.config(), b"<options>\n <a>mine</a>\n</options>\n");
    // What it saved may have been its own, too.
    assert_eq!(phone.files(), ["Config.xml", "provision-superseded.xml"]);
    assert_eq!(phone.read("provision-superseded.xml"), saved);
}

#[tokio::test]
async fn a_configuration_that_is_gone_comes_back_whole() {
    let local = b"<options>\n <a>mine</a>\n <b>too</b>\n</options>\n";
    let phone = Phone::with_config(local);
    provision(&phone, "<options><a>server</a></options>", "a").await;
    fs::remove_file(phone.profile().join("Config.xml")).expect("it is ours");
    assert_eq!(undo(&phone).await.how, GoneBack::ToTheByte);
    assert_eq!(phone.config(), local);
}

/// Each copy may hold what is nowhere else.
#[tokio::test]
async fn no_copy_of_what_gave_way_replaces_another() {
    let phone = Phone::with_config(b"<options>\n <a>mine</a>\n</options>\n");
    let run = async || provision(&phone, "<options><a>server</a></options>", "a").await;
    run().await;
    for typed in ["one", "two", "two"] {
        let config = format!("<options>\n <a>{typed}</a>\n</options>\n");
        fs::write(phone.profile().join("Config.xml"), config).expect("it is ours");
        run().await;
    }
    assert!(phone.read("provision-superseded.xml").windows(3).any(|word| word == b"one"));
    assert!(phone.read("provision-superseded-2.xml").windows(3).any(|word| word == b"two"));
    assert!(!phone.files().contains(&"provision-superseded-3.xml".to_owned()));
}
