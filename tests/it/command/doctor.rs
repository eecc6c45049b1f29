//! `provision doctor`: what a run would meet, with nothing changed (spec 8).

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use provision_tests::{Answer, Server, TestCa};

use super::json::object;
use crate::golden::fixture;
use crate::phone::{DIGEST, PASSWORD, Phone, Ran};

const DOCTOR: [&str; 5] = ["doctor", "--provision", "Provision.xml", "--profile", "profile"];

fn good() -> Answer {
    Answer::ok(fixture("answer/zoiper3.xml"))
}

/// `provision doctor` as alice, with her password on standard input.
fn doctor(phone: &Phone, arguments: &[&str]) -> Ran {
    let alice = ["--user", "alice", "--password-stdin"];
    phone.provision(&[&DOCTOR[..], &alice, arguments].concat(), PASSWORD)
}

/// Every name in a folder with what is in it, and when it was changed.
fn state(folder: &Path) -> Vec<(String, Vec<u8>, std::time::SystemTime)> {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let mut state: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("the folder is readable").path();
            let changed = fs::metadata(&path).and_then(|metadata| metadata.modified());
            let bytes = fs::read(&path).unwrap_or_default();
            (path.display().to_string(), bytes, changed.expect("it was listed"))
        })
        .collect();
    state.sort();
    state
}

#[test]
fn a_good_phone_is_told_so_and_left_as_it_is() {
    let ca = TestCa::new();
    let server = Server::https(good(), &ca.certificate());
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    ca.write_pem(phone.folder()).expect("the folder is writable");
    phone.run_as_alice(&["--ca-file", "test-ca.pem"]).expect(0);
    let before = (state(phone.folder()), state(&phone.profile()));

    let ran = doctor(&phone, &["--ca-file", "test-ca.pem", "-v"]).expect(0);
    assert_eq!((state(phone.folder()), state(&phone.profile())), before);
    ran.says("[ok]   discovery   Provision.xml (named)\n")
        .says("[warn] file        Provision.xml: Zoiper 3, ")
        .says("warning[bare-ampersand]: line 3, column ")
        .says("[ok]   credentials alice with the password that was given, in the URL")
        .says("[ok]   profile     profile can be written; Config.xml has ")
        .says("; starts without a server from what one sent ")
        .says("provision-last-good.xml: for a start without a server, ")
        .says("`provision forget` puts Config.xml back to the byte")
        .says(&format!("[ok]   server 1    {}/provision/?username=alice", server.origin()))
        .says("; has a configuration; TLS 1.3; certificate valid for ")
        .says(&format!("addresses {}\n", server.address()))
        .says("resolve ")
        .says("[ok]   clock       no server said what time it is\n");
    let next = "next: provision run --provision Provision.xml --profile profile --user alice --ca-file test-ca.pem --password-stdin";
    assert_eq!(ran.last_line(), next);
    assert!(ran.stdout.is_empty());
    assert_eq!(
        server.requests()[1].target(),
        format!("/provision/?username=alice&password={DIGEST}")
    );

    let short = doctor(&phone, &["--ca-file", "test-ca.pem"]).expect(0);
    assert!(!short.stderr.contains("addresses "), "{}", short.stderr);
    assert_eq!(doctor(&phone, &["--ca-file", "test-ca.pem", "-q"]).expect(0).stderr, "");
}

#[test]
fn every_server_is_asked_once_and_one_good_one_is_enough() {
    let refusing = Server::closed();
    let saying_no = Server::http(Answer::status(401).body(fixture("answer/error.xml")));
    let first = Server::http(good());
    let portal = Server::http(Answer::ok(fixture("answer/faulty/login-page.html")));
    let phone = Phone::new();
    phone.write_example(&[
        format!("http://{}", refusing.address()),
        saying_no.origin(),
        first.origin(),
        portal.origin(),
        first.origin(),
        "http://127.0.0.1:99999".to_owned(),
    ]);
    let ran = doctor(&phone, &[]).expect(0);
    for server in [&saying_no, &first, &portal] {
        assert_eq!(server.requests().len(), 1);
    }
    ran.says("[warn] server 1 ")
        .says("warning[connect-refused]: connect: no connection")
        .says("; the server says: Wrong username or password\n")
        .says("[ok]   server 3 ")
        .says("warning[web-page]: accept: ")
        .says("warning[url-repeated]: url: ")
        .says("warning[url-port]: url: ")
        .says(&format!("; a run would be provisioned from {}", first.origin()));

    phone.write_example(&[format!("http://{}", refusing.address()), portal.origin()]);
    let ran = doctor(&phone, &[]).expect(1);
    ran.says("[fail] server 1 ").says("next: provision explain connect-refused\n");
    let line = ran.last_line();
    assert!(
        line.starts_with("error: a run would fail: server 1: connect: no connection"),
        "{line}"
    );
    assert!(line.ends_with("(connect-refused) and 1 more (exit status 1)"), "{line}");
    let quiet = doctor(&phone, &["-q"]).expect(1);
    assert!(!quiet.stderr.contains("[ok]"), "{}", quiet.stderr);
    quiet.says("[fail] server 2 ");
}

#[test]
fn a_run_that_would_go_on_without_a_server_is_foretold() {
    let server = Server::http(good());
    let origin = server.origin();
    let phone = Phone::new();
    phone.write_example(&[origin]);
    phone.run_as_alice(&[]).expect(0);
    drop(server);
    let ran = doctor(&phone, &[]).expect(1);
    let line = ran.last_line();
    assert!(line.starts_with("error: a run would go on with what a server sent "), "{line}");
    let bob = ["--user", "bob", "--password-stdin"];
    let ran = phone.provision(&[&DOCTOR[..], &bob].concat(), PASSWORD).expect(1);
    ran.says("warning[last-good-not-ours]: ");
    assert!(ran.last_line().starts_with("error: a run would fail: "), "{ran:?}");
    phone.write("profile/provision-last-good.xml", "<options>");
    doctor(&phone, &[]).expect(1).says("warning[last-good-damaged]: ").says("a run would fail");
}

#[test]
fn without_credentials_servers_are_connected_to_and_not_asked() {
    let ca = TestCa::new();
    let (plain, secured) = (Server::http(good()), Server::https(good(), &ca.certificate()));
    let phone = Phone::new();
    ca.write_pem(phone.folder()).expect("the folder is writable");
    phone.write_example(&[plain.origin(), secured.origin()]);
    let ran = phone.provision(&[&DOCTOR[..], &["--ca-file", "test-ca.pem"]].concat(), "").expect(0);
    ran.says("[warn] credentials missing\n")
        .says("warning[credentials-missing]: ")
        .says("/provision/?username=&password=; can be reached; ")
        .says("; can be reached; TLS 1.3; ")
        .says("the servers can be reached, and were not asked\n");
    let next = ran.last_line();
    assert!(next.starts_with("next: provision doctor --provision Provision.xml"), "{next}");
    assert!(next.ends_with(" --user NAME --password-file FILE"), "{next}");
    assert_eq!((plain.requests().len(), secured.requests().len()), (0, 0));
    assert_eq!((plain.connection_count(), secured.connection_count()), (1, 1));
}

#[test]
fn what_cannot_be_sent_or_read_is_an_error() {
    let server = Server::http(good());
    let file = |options: &str| {
        format!(
            "<provision><base_urls><base_url>{}</base_url></base_urls><options><use_authentication>1</use_authentication>{options}</options><significant_sections>accounts</significant_sections></provision>",
            server.url("/")
        )
    };
    let phone = Phone::new();
    for (options, code) in [
        ("", "credentials-missing"),
        (
            "<authentication_type>basic</authentication_type><user>a:b</user><password>x</password>",
            "basic-user-colon",
        ),
        (
            "<user>a</user><password_format>0</password_format><password>x</password>",
            "password-no-digest",
        ),
    ] {
        phone.write("Provision.xml", file(options));
        let ran = phone.provision(&DOCTOR, "").expect(1);
        ran.says("[fail] credentials ").says(&format!("error[{code}]: "));
        ran.says(&format!("next: provision explain {code}\n"));
    }
    assert!(server.requests().is_empty());

    phone.write_example(&[server.origin()]);
    doctor(&phone, &["--ca-file", "gone.pem"]).expect(5).says("error[ca-file-unreadable]: ");
    phone.write("Provision.xml", "<provision><base_urls>");
    let ran = doctor(&phone, &[]).expect(1);
    ran.says("[fail] file        Provision.xml\n").says("next: provision check Provision.xml\n");
    phone.provision(&["doctor", "--provision", "gone.xml", "--profile", "profile"], "").expect(5);
    let ran =
        phone.provision(&["doctor", "--provision", "gone.xml", "--profile", "gone"], "").expect(5);
    ran.says("error[file-unreadable]: gone.xml").says("error[profile-folder]: ");
}

#[test]
fn a_phone_that_is_not_provisioned_is_no_fault() {
    let phone = Phone::new();
    let ran = phone.provision(&["doctor", "--profile", "gone"], "").expect(0);
    ran.says("[warn] discovery   no Provision.xml in ")
        .says("[warn] profile     gone cannot be used");
    assert_eq!(ran.last_line(), "next: provision init");
    let verbose = phone.provision(&["doctor", "-v", "--profile", "profile"], "").expect(0);
    verbose.says("no file    ").says("(application data)\n");
}

#[test]
fn the_phones_folder_is_looked_through() {
    let server = Server::http(good());
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    phone.run_as_alice(&[]).expect(0);

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str, mode| {
            let path = phone.profile().join(name);
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
        };
        mode("provision-displaced.xml", 0o644);
        let exposed = doctor(&phone, &[]).expect(0);
        exposed.says("warning[file-exposed]: profile/provision-displaced.xml may hold passwords");
        mode("provision-displaced.xml", 0o600);
        mode("Config.xml", 0o644);
        assert!(!doctor(&phone, &[]).expect(0).stderr.contains("file-exposed"));
    }

    phone.write("profile/Config.xml", "<options><a>R&D</a></options>");
    doctor(&phone, &[])
        .expect(1)
        .says("[fail] profile ")
        .says("error[bare-ampersand]: line 1, column 14");
    fs::remove_file(phone.profile().join("Config.xml")).expect("it is ours");
    doctor(&phone, &[]).expect(0).says("warning[no-local-config]: ");
    fs::create_dir(phone.profile().join("Config.xml")).expect("the folder is writable");
    doctor(&phone, &[]).expect(5).says("error[file-unreadable]: profile/Config.xml cannot be read");
}

#[test]
fn a_run_that_is_at_work_is_seen() {
    let told = Arc::new(Mutex::new(None));
    let phone = Arc::new(Phone::new());
    let other = Server::http(good());
    let file = fs::read(phone.write_example(&[other.origin()])).expect("it was written");
    phone.write("other.xml", file);
    // While the run waits for its answer, it has the lock.
    let server = Server::answering({
        let (told, phone) = (Arc::clone(&told), Arc::clone(&phone));
        move |_| {
            let arguments = ["doctor", "--provision", "other.xml", "--profile", "profile"];
            let alice = ["--user", "alice", "--password-stdin"];
            let ran = phone.provision(&[&arguments[..], &alice].concat(), PASSWORD);
            *told.lock().expect("nobody panics") = Some(ran);
            good()
        }
    });
    phone.write_example(&[server.origin()]);
    phone.run_as_alice(&[]).expect(0);
    let ran = told.lock().expect("nobody panics").take().expect("the server was asked").expect(0);
    ran.says("; a run is at work\n").says("warning[profile-busy]: ");
}

#[test]
fn a_clock_that_differs_from_the_servers_is_told() {
    let wrong = Server::http(good().header("Date", "Sun, 06 Nov 1994 08:49:37 GMT"));
    let phone = Phone::new();
    phone.write_example(&[wrong.origin()]);
    let ran = doctor(&phone, &[]).expect(0);
    ran.says("[warn] clock ")
        .says("warning[clock-wrong]: this clock is ")
        .says(" seconds ahead of that of server 1\n");
}

#[test]
fn proxies_and_exemptions_are_told() {
    let server = Server::http(good());
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let proxy = Server::closed();
    let url = format!("http://proxy-user:{PASSWORD}-2@{}", proxy.address());
    let alice = ["--user", "alice", "--password-stdin", "-v"];
    let arguments = [&DOCTOR[..], &alice].concat();
    let run = |variables: &[(&str, &str)]| phone.provision_with(variables, &arguments, PASSWORD);
    run(&[("http_proxy", &url)]).expect(1).says("error[connect-refused]: connect: proxy: ");
    let exempt = run(&[("http_proxy", &url), ("no_proxy", "127.0.0.1")]).expect(0);
    exempt.says(&format!("asked directly: no_proxy exempts it from the proxy {}", proxy.address()));
}

#[test]
fn an_error_answer_that_is_to_end_a_run_counts() {
    let refusing = Server::closed();
    let saying_no = Server::http(Answer::ok("<error>Closed until 18:00</error>"));
    let (first, last) = (Server::http(good()), Server::http(good()));
    let phone = Phone::new();
    let refused = format!("http://{}", refusing.address());
    phone.write_example(&[refused.clone(), saying_no.origin(), last.origin(), refused]);
    let stop = ["--on-error-answer", "stop"];
    let ran = doctor(&phone, &[]).expect(0);
    ran.says(&format!("would be provisioned from {}", last.origin()));
    let ran = doctor(&phone, &stop).expect(1);
    ran.says("[fail] server 1 ").says("[fail] server 2 ").says("[ok]   server 3 ");
    // A run would not come to this one.
    ran.says("[warn] server 4 ");
    assert!(ran.last_line().ends_with(" and 1 more (exit status 1)"), "{ran:?}");

    phone.write_example(&[first.origin(), saying_no.origin()]);
    let ran = doctor(&phone, &stop).expect(0);
    ran.says(&format!("would be provisioned from {}", first.origin()));
    assert!(ran.last_line().contains(" --on-error-answer stop"), "{ran:?}");
    let told = object(&doctor(&phone, &[&stop[..], &["--format", "json"]].concat()).expect(0));
    assert_eq!((&told["supplier"], &told["summary"]["exit_status"]), (&0.into(), &0.into()));
}

/// What is suggested asks the servers as they were asked.
#[test]
fn the_run_that_is_suggested_has_the_same_options() {
    let server = Server::http(good());
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let line = |options: &[&str]| doctor(&phone, options).expect(0).last_line().to_owned();
    for options in [
        &["--sequential"][..],
        &["--connect-timeout", "2.5"],
        &["--attempt-timeout", "7"],
        &["--deadline", "30"],
        &["--max-body", "50000"],
        &["--no-input"],
    ] {
        let wanted = format!(" {}", options.join(" "));
        assert!(
            line(options).starts_with("next: provision run ") && line(options).contains(&wanted)
        );
        assert!(!line(&[]).contains(&wanted));
    }
}

#[test]
fn a_deadline_ends_the_asking() {
    let server = Server::http(Answer::silence());
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    // By itself a server has ten seconds, and that is another code.
    doctor(&phone, &["--deadline", "0.2"]).expect(1).says("error[run-deadline]: ");
}

#[test]
fn programs_are_told_the_same() {
    let server = Server::http(Answer::ok(fixture("answer/error-code.xml")));
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let told = object(&doctor(&phone, &["--format", "json"]).expect(1));
    assert_eq!(told["command"], "doctor");
    assert_eq!(told["credentials"]["user"], "alice");
    assert_eq!(told["servers"][0]["good"], false);
    assert_eq!(told["summary"]["exit_status"], 1);
    let findings = told["findings"].as_array().expect("a list");
    let error = findings.iter().find(|found| found["severity"] == "error").expect("one is");
    assert_eq!((&error["part"], &error["server"]), (&"server".into(), &0.into()));
    assert_eq!(error["code"], "error-answer");
    assert_eq!(told["next"], "provision explain error-answer");

    let unreadable = ["--user", "a", "--password-file", "gone", "--format", "json"];
    let told = object(&phone.provision(&[&DOCTOR[..], &unreadable].concat(), "").expect(5));
    assert_eq!(told["summary"]["exit_status"], 5);
}

#[test]
fn a_server_that_echoes_credentials_does_not_make_us_print_them() {
    let server = Server::answering(|request| {
        let text = request.raw.replace('&', "&amp;");
        Answer::status(401)
            .header("X-Echo", request.target())
            .body(format!("<error>{text}</error>"))
    });
    for way in ["url", "basic"] {
        let phone = Phone::new();
        phone.write(
            "Provision.xml",
            format!(
                "<provision><base_urls><base_url>{}</base_url></base_urls><options><use_authentication>1</use_authentication><authentication_type>{way}</authentication_type><user>alice</user><password>{PASSWORD}</password></options></provision>",
                server.url("/[user]/[pass]")
            ),
        );
        // The phone looks through all that is printed.
        phone.provision(&[&DOCTOR[..], &["-v"]].concat(), "").expect(1).says("the server says: ");
        let json = phone.provision(&[&DOCTOR[..], &["--format", "json"]].concat(), "").expect(1);
        let text = String::from_utf8(json.stdout).expect("UTF-8");
        assert!(!text.contains("YWxpY2U6"), "{text}");
    }
}
