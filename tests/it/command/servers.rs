//! What is asked of the servers, and which of them counts (spec 3).

use provision_tests::{Answer, Server, TestCa};

use super::json::object;
use super::watch::lines;
use crate::golden::{fixture, merged};
use crate::phone::{DIGEST, PASSWORD, Phone};

fn good() -> Answer {
    Answer::ok(fixture("answer/zoiper3.xml"))
}

#[test]
fn the_example_of_the_document_works_to_the_byte() {
    let server = Server::http(good());
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);

    let ran = phone.run_as_alice(&["--effective", "effective.xml"]).expect(0);

    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let line = format!("GET /provision/?username=alice&password={DIGEST} HTTP/1.1");
    assert_eq!(requests[0].line, line);
    assert_eq!(requests[0].header("authorization"), None);
    assert_eq!(requests[0].header("host"), Some(server.address().to_string().as_str()));

    let expected =
        merged("config/zoiper3.xml", "answer/zoiper3.xml", "provision/document-example.xml");
    assert_eq!(phone.config(), expected.stored.text().as_bytes());
    let effective = std::fs::read(phone.folder().join("effective.xml")).expect("it was written");
    assert_eq!(effective, expected.effective.text().as_bytes());
    let displaced = expected.displaced.expect("the phone had an account").after;
    assert_eq!(phone.read("provision-displaced.xml"), displaced.text().as_bytes());
    assert!(ran.stdout.is_empty());
    ran.says("Provision.xml:3:").says("warning[bare-ampersand]");
    assert!(ran.last_line().starts_with("done: provisioned from http://127.0.0.1:"), "{ran:?}");
}

#[test]
fn the_first_server_that_works_wins() {
    let refusing = Server::closed();
    let saying_no = Server::http(Answer::ok(fixture("answer/error.xml")));
    let portal = Server::http(Answer::ok(fixture("answer/faulty/login-page.html")));
    let cut = Server::http(Answer::ok(fixture("answer/faulty/cut.xml")));
    let good_one = Server::http(good());
    let never_asked = Server::http(good());
    let phone = Phone::new();
    phone.write_example(&[
        format!("http://{}", refusing.address()),
        saying_no.origin(),
        portal.origin(),
        cut.origin(),
        good_one.origin(),
        never_asked.origin(),
    ]);

    let ran = phone.run_as_alice(&["-v"]).expect(0);

    for server in [&saying_no, &portal, &cut, &good_one] {
        assert_eq!(server.requests().len(), 1);
    }
    assert_eq!(never_asked.connection_count(), 0);
    ran.says("1. failed[connect-refused] at connect")
        .says("the server says: Wrong username or password")
        .says("3. failed[web-page] at accept")
        .says("4. failed[unclosed] at accept")
        .says("5. accepted after");
}

#[test]
fn https_needs_a_certificate_that_is_trusted() {
    let ca = TestCa::new();
    let server = Server::https(good(), &ca.certificate());
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let pem = ca.write_pem(phone.folder()).expect("the folder is writable");
    let before = phone.config();

    let ran = phone.run_as_alice(&[]).expect(1);
    assert!(server.requests().is_empty());
    assert_eq!(phone.config(), before);
    ran.says("https://127.0.0.1:").says("tls");

    let pem = pem.to_str().expect("a temporary path is text");
    phone.run_as_alice(&["--ca-file", pem]).expect(0);
    assert_eq!(server.requests().len(), 1);

    phone.run_as_alice(&["--ca-file", "gone.pem"]).expect(5).says("gone.pem");
}

#[test]
fn a_server_that_says_no_is_quoted_and_nothing_is_written() {
    let server = Server::http(Answer::ok(fixture("answer/error-code.xml")));
    let other = Server::closed();
    let phone = Phone::new();
    phone.write_example(&[format!("http://{}", other.address()), server.origin()]);
    let before = phone.config();

    let ran = phone.run_as_alice(&["--effective", "effective.xml"]).expect(3);

    // The line is about the server that spoke, not the one that was tried first.
    let line = ran.last_line();
    assert!(line.starts_with("error: the server says: "), "{line}");
    assert!(line.contains(&format!("[{}", server.origin())), "{line}");
    assert!(line.ends_with("(error-answer)] (exit status 3)"), "{line}");
    let helps = ran.stderr.lines().filter(|line| line.starts_with("help: ")).collect::<Vec<_>>();
    assert_eq!(
        helps,
        ["help: check the user name and the password, or ask the operator of the server"]
    );
    assert_eq!(phone.config(), before);
    assert_eq!(phone.files(), ["Config.xml"]);
    assert!(!phone.folder().join("effective.xml").exists());
}

#[test]
fn an_error_answer_can_end_the_search() {
    let saying_no = Server::http(Answer::status(403).body(fixture("answer/error.xml")));
    let good_one = Server::http(good());
    let phone = Phone::new();
    phone.write_example(&[saying_no.origin(), good_one.origin()]);
    phone.run_as_alice(&["--on-error-answer", "stop"]).expect(3);
    assert_eq!(good_one.connection_count(), 0);
    phone.run_as_alice(&[]).expect(0);
    assert_eq!(good_one.requests().len(), 1);
}

#[test]
fn a_silent_server_is_left_in_time() {
    let silent = Server::http(Answer::silence());
    let good_one = Server::http(good());
    let phone = Phone::new();
    phone.write_example(&[silent.origin(), good_one.origin()]);
    let ran = phone.run_as_alice(&["--attempt-timeout", "0.2"]).expect(0);
    ran.says("1. failed[attempt-timeout] at request");

    phone.write_example(&[silent.origin()]);
    phone.run_as_alice(&["--deadline", "0.2"]).expect(1).says("within 200 ms");
}

#[test]
fn an_answer_over_the_limit_is_refused() {
    let server = Server::http(good());
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    phone.run_as_alice(&["--max-body", "100"]).expect(1).says("100 bytes");
}

#[test]
fn controls_in_a_servers_words_do_not_reach_the_terminal() {
    let error = "<error>\u{9b}2J\u{202e}txt.exe</error>";
    let server = Server::http(Answer::ok(error));
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let ran = phone.run_as_alice(&["-v"]).expect(3);
    ran.says(r"the server says: \u{9b}2J\u{202e}txt.exe");
    assert!(!ran.stderr.contains(['\u{9b}', '\u{202e}']));
}

#[test]
fn the_variables_for_certificates_stand_in_place_of_the_systems() {
    let ca = TestCa::new();
    let server = Server::https(good(), &ca.certificate());
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let pem = ca.write_pem(phone.folder()).expect("the folder is writable");
    let folder = phone.folder().join("certificates");
    std::fs::create_dir(&folder).expect("the folder is new");
    std::fs::copy(pem, folder.join("one.pem")).expect("both folders are there");
    let arguments = [
        "run",
        "--provision",
        "Provision.xml",
        "--profile",
        "profile",
        "--user",
        "alice",
        "--no-last-good",
    ];
    let arguments = [&arguments[..], &["--password-stdin"]].concat();
    for (variables, status) in [
        (&[("SSL_CERT_FILE", "test-ca.pem")][..], 0),
        (&[("SSL_CERT_DIR", "certificates")], 0),
        (&[("SSL_CERT_FILE", "absent.pem"), ("SSL_CERT_DIR", "certificates")], 0),
        (&[("SSL_CERT_FILE", "absent.pem")], 1),
        (&[], 1),
    ] {
        phone.provision_with(variables, &arguments, PASSWORD).expect(status);
    }
}

#[test]
fn the_proxies_of_the_environment_are_used() {
    let proxy = Server::http(good());
    let server = Server::http(good());
    let phone = Phone::new();
    phone.write_example(&["http://origin.invalid".to_owned()]);
    let arguments =
        ["run", "--provision", "Provision.xml", "--profile", "profile", "-v", "--no-last-good"];
    let with_user = [&arguments[..], &["--user", "alice", "--password-stdin"]].concat();
    let url = format!("http://proxy-user:{PASSWORD}-2@{}", proxy.address());
    let run = |variables: &[(&str, &str)]| phone.provision_with(variables, &with_user, PASSWORD);

    let address = proxy.address().to_string();
    run(&[("http_proxy", &url)]).expect(0).says(&format!("1. through the proxy {address}"));
    let line =
        format!("GET http://origin.invalid/provision/?username=alice&password={DIGEST} HTTP/1.1");
    assert_eq!(proxy.requests()[0].line, line);

    run(&[("http_proxy", "socks5://127.0.0.1:9")]).expect(1).says("failed[proxy-scheme] at url");

    phone.write_example(&[server.origin()]);
    run(&[("HTTP_PROXY", &url), ("no_proxy", "127.0.0.1")]).expect(0);
    assert_eq!((proxy.requests().len(), server.requests().len()), (1, 1));
}

#[test]
fn a_server_that_wants_a_client_certificate_is_shown_it() {
    let (ca, clients) = (TestCa::new(), TestCa::named("Clients"));
    let server = Server::https(good(), &ca.certificate().for_clients_of(&clients));
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    ca.write_pem(phone.folder()).expect("the folder is writable");
    clients.client_certificate().write_pem(phone.folder()).expect("the folder is writable");
    let trusting = ["--ca-file", "test-ca.pem", "-v"];
    let shown = ["--client-cert", "certificate.pem", "--client-key", "key.pem"];

    phone.run_as_alice(&trusting).expect(1).says("failed[tls-client-certificate]");
    let swapped = ["--client-cert", "key.pem", "--client-key", "certificate.pem"];
    phone.run_as_alice(&swapped).expect(5).says("help: give a file of certificates");
    phone.run_as_alice(&shown[..2]).expect(2);
    phone.run_as_alice(&shown[2..]).expect(2);
    let ran = phone.run_as_alice(&[&trusting[..], &shown[..]].concat()).expect(0);
    ran.says("1. spoke TLS 1.3");
}

/// The commands that ask servers, on a file of ours without a refresh rate.
const ASKING: [&[&str]; 4] = [
    &["run", "--profile", "profile", "--no-last-good"],
    &["watch", "--profile", "profile", "--no-last-good"],
    &["fetch", "-o", "answer.xml"],
    &["doctor", "--profile", "profile"],
];

fn file(origins: &[String]) -> String {
    let url = |origin: &String| format!("<base_url>{origin}/</base_url>");
    let urls: String = origins.iter().map(url).collect();
    format!(
        "<provision><base_urls>{urls}</base_urls>\
         <significant_sections>accounts</significant_sections></provision>"
    )
}

/// Spec 8.1: every one of them takes the options, and hands them on.
#[test]
fn every_command_that_asks_servers_heeds_their_limits() {
    let silent = Server::http(Answer::silence());
    let server = Server::http(good());
    let phone = Phone::new();
    // A handshake with a server that speaks no TLS, and says nothing, is a part of the connection.
    let handshake = format!("https://{}", silent.address());
    for (origin, option, value, said) in [
        (server.origin(), "--max-body", "100", "100 bytes"),
        (silent.origin(), "--attempt-timeout", "0.2", "[attempt-timeout]"),
        (handshake, "--connect-timeout", "0.2", "[tls-timeout]"),
    ] {
        phone.write("Provision.xml", file(&[origin]));
        for command in ASKING {
            phone.provision(&[command, &[option, value]].concat(), "").expect(1).says(said);
        }
    }
    phone.write("Provision.xml", file(&[silent.origin()]));
    for command in &ASKING[..3] {
        let ran = phone.provision(&[command, &["--deadline", "0.2"][..]].concat(), "");
        ran.expect(1).says("within 200 ms");
    }
}

#[test]
fn every_command_that_asks_servers_heeds_their_order() {
    let silent = Server::http(Answer::silence());
    let saying_no = Server::http(Answer::ok(fixture("answer/error.xml")));
    let never_asked = Server::http(good());
    let phone = Phone::new();
    phone.write("Provision.xml", file(&[saying_no.origin(), never_asked.origin()]));
    for command in &ASKING[..3] {
        phone.provision(&[command, &["--on-error-answer", "stop"][..]].concat(), "").expect(3);
    }
    assert_eq!(never_asked.connection_count(), 0);

    phone.write("Provision.xml", file(&[silent.origin(), silent.origin()]));
    let options = ["--sequential", "--attempt-timeout", "0.1", "--format", "json"];
    let ran = |command: &[&str]| phone.provision(&[command, &options].concat(), "").expect(1);
    let watched = lines(&ran(ASKING[1]));
    for said in [&object(&ran(ASKING[0])), &watched[1]["run"], &object(&ran(ASKING[2]))] {
        assert_eq!(said["attempts"][1]["start_reason"], "failure", "{said}");
    }
}

#[test]
fn every_command_that_asks_servers_shows_and_trusts_certificates() {
    let (ca, clients) = (TestCa::new(), TestCa::named("Clients"));
    let server = Server::https(good(), &ca.certificate().for_clients_of(&clients));
    let phone = Phone::new();
    phone.write("Provision.xml", file(&[server.origin()]));
    ca.write_pem(phone.folder()).expect("the folder is writable");
    clients.client_certificate().write_pem(phone.folder()).expect("the folder is writable");
    let trusting = ["--ca-file", "test-ca.pem"];
    let shown = ["--client-cert", "certificate.pem", "--client-key", "key.pem"];
    let swapped = ["--client-cert", "key.pem", "--client-key", "certificate.pem"];
    for command in ASKING {
        let ran = |more: &[&str]| phone.provision(&[command, &trusting, more].concat(), "");
        ran(&[]).expect(1).says("[tls-client-certificate]");
        ran(&swapped).expect(5);
        // A watch that has succeeded does not end by itself.
        if command[0] != "watch" {
            ran(&shown).expect(0);
        }
    }
}
