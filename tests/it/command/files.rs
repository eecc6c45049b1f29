//! Which files are found, read and written (spec 2, 4 and 5).

use std::fs;

use provision_tests::{Answer, Server};

use crate::golden::{fixture, merged};
use crate::phone::Phone;

fn good() -> Server {
    Server::http(Answer::ok(fixture("answer/zoiper3.xml")))
}

#[test]
fn without_a_provisioning_file_nothing_is_done_and_that_is_fine() {
    let phone = Phone::new();
    let before = phone.config();
    let ran = phone.provision(&["run", "--profile", "profile"], "").expect(0);
    ran.says("provisioning is off").says(".Zoiper5").says(".config/Zoiper");
    assert_eq!(phone.config(), before);
}

#[test]
fn the_places_are_searched_in_their_order() {
    let server = good();
    let phone = Phone::new();
    let anonymous = |path: &str| {
        let text = format!(
            "<provision><base_urls><base_url>{}</base_url></base_urls>\
             <significant_sections>accounts</significant_sections></provision>",
            server.url(path)
        );
        text.into_bytes()
    };
    // From the last place to the first, each takes over.
    for (folder, path) in [(".config/Zoiper", "/data"), (".Zoiper", "/installed"), (".", "/here")] {
        let folder = phone.folder().join(folder);
        fs::create_dir_all(&folder).expect("the folder is writable");
        fs::write(folder.join("Provision.xml"), anonymous(path)).expect("the folder is writable");
        phone.provision(&["run", "--profile", "profile"], "").expect(0);
    }
    let targets: Vec<_> = server.requests().iter().map(|r| r.target().to_owned()).collect();
    assert_eq!(targets, ["/data", "/installed", "/here"]);

    // The first file decides, even when it is not valid (spec 2.2).
    phone.write("Provision.xml", "<provision>");
    phone.provision(&["run", "--profile", "profile"], "").expect(1).says("[unclosed]");
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn the_usual_profile_is_the_application_data_folder() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let data = phone.folder().join(".config/Zoiper");
    fs::create_dir_all(&data).expect("the folder is writable");
    fs::copy(phone.profile().join("Config.xml"), data.join("Config.xml")).expect("it is writable");
    let arguments = ["run", "--user", "alice", "--password-stdin"];
    phone.provision(&arguments, "x").expect(0);
    let stored = fs::read(data.join("Config.xml")).expect("it exists");
    assert!(stored != phone.config(), "the application data folder was not provisioned");
}

#[test]
fn an_unchanged_run_writes_nothing() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let run = || phone.run_as_alice(&["--effective", "effective.xml"]).expect(0);
    run();
    run();
    let modified = |path| fs::metadata(path).and_then(|meta| meta.modified()).expect("it exists");
    let files = [
        phone.profile().join("Config.xml"),
        phone.profile().join("provision-displaced.xml"),
        phone.profile().join("provision-last-good.xml"),
        phone.profile().join("provision-original"),
        phone.folder().join("effective.xml"),
    ];
    let before: Vec<_> = files.iter().map(modified).collect();
    let ran = run();
    assert!(!ran.stderr.contains("wrote"), "{}", ran.stderr);
    let after: Vec<_> = files.iter().map(modified).collect();
    assert_eq!(before, after);
    assert_eq!(
        phone.files(),
        ["Config.xml", "provision-displaced.xml", "provision-last-good.xml", "provision-original"]
    );
}

#[test]
fn a_phone_without_a_configuration_begins_with_an_empty_one() {
    let server = good();
    let phone = Phone::new();
    fs::remove_file(phone.profile().join("Config.xml")).expect("it is ours");
    phone.write_example(&[server.origin()]);
    let ran = phone.run_as_alice(&["--effective", "-"]).expect(0);
    ran.says("there is no Config.xml yet");
    let effective = String::from_utf8(ran.stdout).expect("UTF-8");
    assert!(effective.contains("<name>Example Office</name>"), "{effective}");
    assert_eq!(
        phone.config(),
        b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<options>\n</options>\n"
    );
    assert_eq!(phone.files(), ["Config.xml", "provision-last-good.xml", "provision-original"]);
}

#[test]
fn standard_output_holds_the_effective_configuration_and_nothing_else() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let ran = phone.run_as_alice(&["--effective", "-", "-v"]).expect(0);
    let expected =
        merged("config/zoiper3.xml", "answer/zoiper3.xml", "provision/document-example.xml");
    assert_eq!(ran.stdout, expected.effective.text().as_bytes());
}

#[test]
fn displaced_sections_are_kept_and_given_back_when_the_server_stops_sending_them() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    phone.run_as_alice(&[]).expect(0);
    phone.run_as_alice(&[]).expect(0);
    let account = b"<name>Local line</name>";
    let has_account = |bytes: &[u8]| bytes.windows(account.len()).any(|window| window == account);
    assert!(!has_account(&phone.config()));
    assert!(has_account(&phone.read("provision-displaced.xml")));

    let nothing = Server::http(Answer::ok("<options></options>"));
    phone.write_example(&[nothing.origin()]);
    let ran = phone.run_as_alice(&["-v"]).expect(0);
    assert!(has_account(&phone.config()));
    ran.says("accounts         given back").says("note: the earlier local `accounts` is back");
}

#[test]
fn what_the_phone_wrote_in_the_meantime_is_not_lost() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    phone.run_as_alice(&[]).expect(0);
    // Provisioning was off for a while, and the user has set up an account.
    let config = String::from_utf8(phone.config()).expect("UTF-8");
    let config = config.replace("</options>", "<accounts>typed by hand</accounts></options>");
    fs::write(phone.profile().join("Config.xml"), &config).expect("it is ours");
    let ran = phone.run_as_alice(&[]).expect(0);
    ran.says("warning: Config.xml holds another `accounts`").says("provision-superseded.xml");
    assert_eq!(phone.read("provision-superseded.xml"), config.as_bytes());
    let files = [
        "Config.xml",
        "provision-displaced.xml",
        "provision-last-good.xml",
        "provision-superseded.xml",
    ];
    assert_eq!(phone.files(), files);
    // The next run has nothing new to keep, and leaves what is kept alone.
    let again = phone.run_as_alice(&[]).expect(0);
    assert!(!again.stderr.contains("superseded"), "{}", again.stderr);
    assert_eq!(phone.read("provision-superseded.xml"), config.as_bytes());
}

#[test]
fn what_a_server_sends_again_is_nothing_new() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let first = phone.run_as_alice(&[]).expect(0);
    assert!(!first.stderr.contains("nothing new"), "{}", first.stderr);
    let again = phone.run_as_alice(&[]).expect(0);
    assert!(again.last_line().contains(" (nothing new); "), "{}", again.stderr);
}

#[test]
fn a_section_that_leaves_the_list_comes_back() {
    let server = good();
    let phone = Phone::new();
    let file = |sections: &str| {
        format!(
            "<provision><base_urls><base_url>{}</base_url></base_urls>\
             <significant_sections>{sections}</significant_sections></provision>",
            server.url("/")
        )
    };
    let run = || phone.provision(&["run", "--provision", "P.xml", "--profile", "profile"], "");
    let before = phone.config();
    phone.write("P.xml", file("accounts"));
    run().expect(0);
    assert!(phone.config() != before);
    phone.write("P.xml", file("codecs"));
    run().expect(0).says("note: the earlier local `accounts` is back");
    phone.write("P.xml", file(""));
    run().expect(0).says("note: the earlier local `codecs` is back");
    let [before, after] = [before, phone.config()].map(|bytes| {
        let config = provision::format::Config::read(&bytes).expect("valid").value;
        let mut texts: Vec<_> = config.sections().map(|s| s.text().to_owned()).collect();
        texts.sort();
        texts
    });
    assert_eq!(before, after);
}

#[cfg(unix)]
#[test]
fn files_with_secrets_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt;

    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    phone.run_as_alice(&["--effective", "effective.xml"]).expect(0);
    for file in [
        "effective.xml",
        "profile/provision-displaced.xml",
        "profile/provision-last-good.xml",
        "profile/provision-original",
        "profile/provision-lock",
    ] {
        let metadata = fs::metadata(phone.folder().join(file)).expect("it exists");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
    }
}

/// Spec 4.9: what is stored is what the phone runs with, and the server's next answer is laid over that.
#[test]
fn the_later_dialect_is_laid_over_and_stored() {
    let local = "<options>\n  <audio>own</audio>\n  <accounts>\n    <account><ident>1</ident></account>\n  </accounts>\n</options>\n";
    let answer = "<options><accounts><account><ident>2</ident></account></accounts></options>";
    let server = Server::http(Answer::ok(answer));
    let phone = Phone::with_config(local.as_bytes());
    let url = server.url("/");
    phone.write(
        "Provision.xml",
        format!("<provision><base_urls><base_url>{url}</base_url></base_urls></provision>"),
    );
    let run = ["run", "--profile", "profile", "--effective", "effective.xml"];
    phone.provision(&run, "").expect(0).says("1 overlaid, 1 kept");
    let expected = local.replace("<ident>1</ident>", "<ident>2</ident>");
    assert_eq!(phone.config(), expected.as_bytes());
    assert_eq!(fs::read(phone.folder().join("effective.xml")).expect("written"), phone.config());
    // What was replaced is kept until a run has succeeded after it.
    assert_eq!(phone.files(), ["Config.xml", "provision-previous-config.xml"]);
    assert_eq!(phone.read("provision-previous-config.xml"), local.as_bytes());
    phone.provision(&run, "").expect(0).says("as it was: profile/Config.xml");
    assert_eq!(phone.files(), ["Config.xml"]);
}
