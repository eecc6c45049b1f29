//! `provision init`: what is written, what is refused, and what is never asked without a terminal.

use std::fs;

use provision_format::{
    Authentication, AuthenticationType, Dialect, PasswordFormat, ProvisionFile, UrlTemplate,
};
use serde_json::json;

use super::json::object;
use crate::phone::{DIGEST, PASSWORD, Phone};

const URL: &str = "https://example.com/?u=[user]&p=[pass]";

fn init(phone: &Phone, arguments: &[&str], stdin: &str, status: i32) -> crate::phone::Ran {
    phone.provision(&[&["init"], arguments].concat(), stdin).expect(status)
}

/// The file that was written, about which `check` has nothing to say.
fn written(phone: &Phone, name: &str) -> ProvisionFile {
    let checked = phone.provision(&["check", name], "").expect(0);
    assert!(checked.stderr.ends_with(": good\n"), "{}", checked.stderr);
    let bytes = fs::read(phone.folder().join(name)).expect("it was written");
    ProvisionFile::read(&bytes).expect("it is valid").value
}

#[test]
fn a_server_is_enough() {
    let phone = Phone::new();
    let ran = init(&phone, &["--url", "https://example.com/"], "", 0);
    ran.says("done: wrote Provision.xml, for Zoiper 5\n");
    ran.says("next: provision fetch -v -o answer.xml\n");
    assert!(ran.stdout.is_empty());
    let file = written(&phone, "Provision.xml");
    assert_eq!(file.options.authentication(), Authentication::Off);
    assert_eq!(file.dialect(), Dialect::Zoiper5);
}

#[test]
fn every_option_goes_into_the_file() {
    let phone = Phone::new();
    let one = ["--url", URL, "--url", "https://two.example.com/[user]/[pass]", "--ask-user"];
    let more = ["--user", "alice", "--refresh", "3600", "--sections", "accounts, codecs"];
    let book = ["--address-book", "--restrict", "add,delete", "-o", "a file.xml"];
    let ran = init(&phone, &[&one[..], &more, &book].concat(), "", 0);
    ran.says("next: provision fetch --provision 'a file.xml' --user alice --password-file FILE -v");
    let file = written(&phone, "a file.xml");
    let urls: Vec<_> = file.base_urls.iter().map(UrlTemplate::as_str).collect();
    assert_eq!(urls, [URL, "https://two.example.com/[user]/[pass]"]);
    assert_eq!(file.options.authentication(), Authentication::Ask(AuthenticationType::Url));
    assert_eq!((file.options.user.as_str(), file.options.refresh_rate), ("alice", 3600));
    assert_eq!(file.significant_sections.expect("listed").to_string(), "accounts,codecs");
    assert!(file.address_book.use_addressbook);
    let restrictions = file.address_book.restrictions;
    assert_eq!((restrictions.add, restrictions.update, restrictions.delete), (true, false, true));

    let url = ["--url", "https://example.com/", "--auth", "basic", "--ask-user", "-o", "b.xml"];
    let later = ["--keep-accounts", "--delete-contact-services"];
    init(&phone, &[&url[..], &later].concat(), "", 0);
    let options = written(&phone, "b.xml").options;
    assert_eq!(options.authentication(), Authentication::Ask(AuthenticationType::Basic));
    assert!(!options.delete_accounts_beforehand && options.delete_contact_services_beforehand);
}

#[test]
fn a_password_comes_from_where_it_cannot_be_seen() {
    let phone = Phone::new();
    phone.write("password.txt", format!("{PASSWORD}\n"));
    let arguments = ["--url", URL, "--user", "alice", "--password-file", "password.txt"];
    init(&phone, &arguments, "", 0).says("; it holds a password\n");
    let file = written(&phone, "Provision.xml");
    assert_eq!(file.options.password.reveal(), PASSWORD);
    assert_eq!(file.options.authentication(), Authentication::Preset(AuthenticationType::Url));
    assert_eq!(file.password_format(), PasswordFormat::Plain);

    let digest = ["--url", URL, "--user", "alice", "--password-stdin", "--password-format", "md5"];
    init(&phone, &[&digest[..], &["-o", "digest.xml"]].concat(), DIGEST, 0);
    let file = written(&phone, "digest.xml");
    assert_eq!(file.options.password.reveal(), DIGEST);
    assert_eq!(file.password_format(), PasswordFormat::Md5Digest);
    // The same digits are a password, if they are said to be.
    let plain = ["--password-format", "plain", "-o", "plain.xml"];
    init(&phone, &[&digest[..5], &plain].concat(), DIGEST, 0);
    assert_eq!(written(&phone, "plain.xml").password_format(), PasswordFormat::Plain);

    let gone = ["--url", URL, "--user", "alice", "--password-file", "gone.txt", "-o", "c.xml"];
    init(&phone, &gone, "", 5).says("gone.txt");
    assert!(!phone.folder().join("c.xml").exists());
}

#[test]
fn what_is_written_says_the_servers_are_asked_as_meant() {
    let server = provision_tests::Server::http(provision_tests::Answer::ok("<options/>"));
    let phone = Phone::new();
    let url = server.url("/?u=[user]&p=[pass]");
    let arguments = ["--url", &url, "--user", "alice", "--password-stdin"];
    init(&phone, &arguments, PASSWORD, 0);
    phone.provision(&["fetch", "-v", "-o", "answer.xml"], "").expect(0);
    assert_eq!(server.requests()[0].target(), format!("/?u=alice&p={DIGEST}"));
}

#[test]
fn nothing_is_replaced_unasked() {
    let phone = Phone::new();
    phone.write("Provision.xml", "mine");
    let ran = init(&phone, &["--url", "https://example.com/"], "", 5);
    ran.says("help: name another place with --output, or replace it with --force\n");
    ran.says("error: Provision.xml exists, and is left as it is (exit status 5)\n");
    assert_eq!(fs::read(phone.folder().join("Provision.xml")).expect("it is there"), b"mine");
    init(&phone, &["--url", "https://example.com/", "--force"], "", 0);
    written(&phone, "Provision.xml");
    let again = init(&phone, &["--url", "https://example.com/", "--force"], "", 0);
    again.says("done: as it was: Provision.xml");
}

#[cfg(unix)]
#[test]
fn a_password_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt;

    let phone = Phone::new();
    let file = phone.write("Provision.xml", "mine");
    let mode = || fs::metadata(&file).expect("it is there").permissions().mode() & 0o777;
    let open = || fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("ours");
    open();
    init(&phone, &["--url", "https://example.com/", "--force"], "", 0);
    assert_eq!(mode(), 0o644);
    let preset = ["--url", URL, "--user", "alice", "--password-stdin", "--force"];
    init(&phone, &preset, PASSWORD, 0);
    assert_eq!(mode(), 0o600);
    open();
    init(&phone, &preset, PASSWORD, 0);
    assert_eq!(mode(), 0o600);
    fs::remove_file(&file).expect("it is there");
    init(&phone, &preset[..5], PASSWORD, 0);
    assert_eq!(mode(), 0o600);
}

#[test]
fn what_check_warns_of_is_not_written_unless_it_is_accepted() {
    let phone = Phone::new();
    for (arguments, code, said) in [
        (&["--sections", "acounts"][..], "unknown-section", "help: did you mean `accounts`?"),
        (&["--sections", "audio"], "machine-local", "names sound devices of one machine"),
        (&["--sections", ""], "nothing-provisioned", "so nothing is provisioned"),
        (&["--refresh", "5"], "short-refresh", "30 s are taken instead"),
        (&["--url", "ftp://example.com/"], "bad-server", "no http or https address"),
        (&["--url", "http://example.com/"], "http-after-https", "plain http"),
        (&["--url", "https://example.com/[usr]"], "unknown-placeholder", "did you mean `[user]`?"),
        (&["--ask-user", "--auth", "url"], "placeholders-missing", "no place for them"),
    ] {
        let all = [&["--url", "https://example.com/"], arguments].concat();
        let ran = init(&phone, &all, "", 2);
        ran.says(&format!("warning[{code}]: ")).says(said).says("--accept-warnings\n");
        assert!(ran.last_line().starts_with("error: Provision.xml is not written: "), "{ran:?}");
        assert!(!phone.folder().join("Provision.xml").exists());
        let accepted = [&all[..], &["--accept-warnings", "--force", "-o", "accepted.xml"]].concat();
        init(&phone, &accepted, "", 0).says(code);
        let checked = phone.provision(&["check", "accepted.xml"], "").expect(0);
        checked.says(&format!("warning[{code}]: "));
    }
}

#[test]
fn what_contradicts_itself_is_wrong_usage() {
    let phone = Phone::new();
    for (arguments, said) in [
        (&["--auth", "off", "--ask-user"][..], "--auth off sends no credentials"),
        (&["--auth", "basic"], "nothing says whose"),
        (&["--user", "alice"], "needs a password"),
        (&["--ask-user", "--password-stdin"], "--help"),
        (&["--password-stdin"], "--user"),
        (&["--password", "x"], "--help"),
        (&["--keep-accounts", "--sections", "accounts"], "--sections"),
        (&["--restrict", "ad"], "'add'"),
        (&["--refresh", "-1"], "--help"),
        (&["--refresh", "soon"], "--refresh"),
        (&["--user", "a\u{1}b", "--ask-user"], "U+0001, which XML cannot carry"),
    ] {
        let all = [&["--url", "https://example.com/"], arguments].concat();
        init(&phone, &all, "", 2).says(said);
        assert!(!phone.folder().join("Provision.xml").exists());
    }
    for arguments in [&[][..], &["--no-input"], &["--ask-user"]] {
        init(&phone, arguments, "https://example.com/\n", 2).says("error: no server is named");
    }
}

#[test]
fn places_that_cannot_be_written_are_told() {
    let phone = Phone::new();
    let ran = init(&phone, &["--url", "https://example.com/", "-o", "no/where.xml"], "", 5);
    ran.says("error: no/where.xml cannot be written: ");
    let ran = init(&phone, &["--url", "https://example.com/", "-o", "profile", "--force"], "", 5);
    ran.says("error: profile cannot be written: it is not a regular file");
}

#[test]
fn the_file_can_go_to_standard_output() {
    let phone = Phone::new();
    let ran = init(&phone, &["--url", "https://example.com/", "-o", "-"], "", 0);
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    let file = ProvisionFile::read(&ran.stdout).expect("it is valid").value;
    assert_eq!(file.base_urls[0].as_str(), "https://example.com/");
    assert_eq!(phone.files(), ["Config.xml"]);
}

#[test]
fn a_program_is_told_the_same() {
    let phone = Phone::new();
    let json = ["--url", URL, "--user", "alice", "--password-stdin", "--format", "json"];
    let ran = init(&phone, &json, PASSWORD, 0);
    let told = object(&ran);
    assert_eq!(
        told["file"],
        json!({"path": "Provision.xml", "path_bytes": null, "changed": true, "holds_password": true})
    );
    assert_eq!(told["dialect"]["name"], "Zoiper 5");
    assert_eq!(told["next"], "provision fetch -v -o answer.xml");
    assert_eq!(told["error"], json!(null));

    let told = object(&init(&phone, &json, PASSWORD, 5));
    assert_eq!((&told["error"]["code"], &told["file"]), (&json!("file-exists"), &json!(null)));
    assert_eq!(told["summary"]["exit_status"], 5);
    let sections = [&json[..1], &["https://example.com/", "--sections", "acounts"]].concat();
    let all = [&sections[..], &["--format", "json", "-o", "b.xml"]].concat();
    let told = object(&init(&phone, &all, "", 2));
    assert_eq!(told["diagnostics"][0]["code"], "unknown-section");
    assert_eq!(told["diagnostics"][0]["help"], "did you mean `accounts`?");
    assert_eq!(told["error"]["code"], "usage");
    let told = object(&init(&phone, &[&json[..], &["-o", "-"]].concat(), PASSWORD, 2));
    assert_eq!(told["error"]["code"], "usage");
}
