//! `provision fetch`: the servers asked as `run` asks them, and nothing done with the answer (spec 8).

use std::fs;
use std::path::Path;

use provision_tests::{Answer, Ending, Server, TestCa};

use super::json::object;
use crate::golden::fixture;
use crate::phone::{DIGEST, PASSWORD, Phone, Ran};

fn good() -> Server {
    Server::http(Answer::ok(fixture("answer/zoiper3.xml")))
}

/// `provision fetch` as alice, with her password on standard input.
fn fetch_as_alice(phone: &Phone, arguments: &[&str]) -> Ran {
    let mut all = vec!["fetch", "--provision", "Provision.xml"];
    all.extend(["--user", "alice", "--password-stdin"]);
    all.extend(arguments);
    phone.provision(&all, &format!("{PASSWORD}\n"))
}

#[test]
fn the_document_comes_byte_for_byte_and_nothing_else_changes() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let before = phone.config();

    let ran = fetch_as_alice(&phone, &[]).expect(0);
    assert_eq!(ran.stdout, fixture("answer/zoiper3.xml"));
    assert!(ran.last_line().starts_with("done: fetched 3376 bytes from http://127.0.0.1:"));
    let target = format!("/provision/?username=alice&password={DIGEST}");
    assert_eq!(server.requests()[0].target(), target);

    let quiet = fetch_as_alice(&phone, &["-q", "-o", "-"]).expect(0);
    assert_eq!(quiet.stdout, fixture("answer/zoiper3.xml"));
    assert_eq!(quiet.stderr, "");
    assert_eq!(phone.config(), before);
    assert_eq!(phone.files(), ["Config.xml"]);
}

/// Neither line ends, nor a byte order mark, nor an encoding is touched.
#[test]
fn the_document_is_not_written_anew() {
    let text = "<?xml version='1.0'?>\r\n<options>\t<a b='c'/>é</options>\r\n";
    let utf16: Vec<u8> = "\u{feff}<options/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for document in [text.as_bytes().to_vec(), [b"\xef\xbb\xbf", text.as_bytes()].concat(), utf16] {
        let server = Server::http(Answer::ok(document.clone()));
        let phone = Phone::new();
        phone.write_example(&[server.origin()]);
        assert_eq!(fetch_as_alice(&phone, &[]).expect(0).stdout, document);
    }
}

#[test]
fn the_document_goes_into_a_file_of_its_owners_only() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let output = phone.folder().join("answer.xml");

    let ran = fetch_as_alice(&phone, &["-o", "answer.xml"]).expect(0);
    assert!(ran.stdout.is_empty());
    ran.says("store     wrote answer.xml");
    assert_eq!(fs::read(&output).expect("it was written"), fixture("answer/zoiper3.xml"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&output).expect("it was written").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    fetch_as_alice(&phone, &["--output", "answer.xml"]).expect(0).says("as it was: answer.xml");
}

#[test]
fn a_file_that_cannot_be_written_is_named_before_anybody_is_asked() {
    let server = good();
    let phone = Phone::new();
    let provision = phone.write_example(&[server.origin()]);
    let before = fs::read(&provision).expect("it was written");
    fetch_as_alice(&phone, &["-o", "gone/answer.xml"]).expect(5).says("gone/answer.xml cannot be");
    for same in ["Provision.xml", "profile/../Provision.xml"] {
        fetch_as_alice(&phone, &["-o", same]).expect(2).says("must not be written over");
    }
    assert_eq!(server.connection_count(), 0);
    assert_eq!(fs::read(&provision).expect("it is there"), before);
    fetch_as_alice(&phone, &["-o", "profile"]).expect(5).says("profile cannot be written");
}

#[test]
fn the_trace_tells_every_attempt_and_stage() {
    let ca = TestCa::new();
    let refusing = Server::closed();
    let busy = Server::http(Answer::status(503));
    let cut = Server::http(
        Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<options>").then(Ending::Close),
    );
    let good_one = Server::https(Answer::ok("<options/>"), &ca.certificate());
    let phone = Phone::new();
    let pem = ca.write_pem(phone.folder()).expect("the folder is writable");
    phone.write_example(&[
        format!("http://{}", refusing.address()),
        busy.origin(),
        cut.origin(),
        good_one.origin(),
    ]);
    let pem = pem.to_str().expect("a temporary path is text");
    let ran = fetch_as_alice(&phone, &["-v", "--ca-file", pem]).expect(0);
    assert_eq!(ran.stdout, b"<options/>");
    ran.says(&format!("fetch     1. http://{}/provision/", refusing.address()))
        .says("1. failed[connect-refused] at connect after ")
        .says("2. request  ")
        .says("2. failed[http-status] at status after ")
        .says("help: the server has a fault of its own; try again later")
        .says("3. failed[body-truncated] at body after ")
        .says("4. tls      ")
        .says("4. accept   ")
        .says("4. accepted after ");
    for (number, address) in [(2, busy.address()), (3, cut.address()), (4, good_one.address())] {
        let connect = format!("          {number}. connect  ");
        let line = ran.stderr.lines().find(|line| line.starts_with(&connect)).unwrap_or_default();
        assert!(line.ends_with(&format!(" ms  {address}")), "{line}");
        ran.says(&format!("{address}/provision/?username=alice&password=[masked] (one before"));
    }

    let short = fetch_as_alice(&phone, &["--ca-file", pem]).expect(0);
    assert!(!short.stderr.contains("4. connect  "), "{}", short.stderr);
    short.says("2. failed[http-status] at status after ");
}

#[test]
fn the_exit_status_tells_why_there_is_no_document() {
    let refusing = Server::closed();
    let refusing = format!("http://{}", refusing.address());
    let saying_no = Server::http(Answer::ok(fixture("answer/error.xml")));
    let portal = Server::http(Answer::ok(fixture("answer/faulty/login-page.html")));
    let phone = Phone::new();
    for (origins, status, code, last) in [
        (
            vec![refusing.clone()],
            1,
            "all-urls-failed",
            "error: the only URL brought no usable answer [",
        ),
        (
            vec![portal.origin(), refusing.clone()],
            1,
            "all-urls-failed",
            "error: none of the 2 URLs",
        ),
        (
            vec![refusing, saying_no.origin()],
            3,
            "all-urls-failed",
            "error: the server says: Wrong username or password",
        ),
    ] {
        phone.write_example(&origins);
        let ran = fetch_as_alice(&phone, &["-o", "answer.xml"]).expect(status);
        assert!(ran.last_line().starts_with(last), "{ran:?}");
        assert!(ran.last_line().ends_with(&format!("(exit status {status})")), "{ran:?}");
        ran.says("help: ");
        assert!(ran.stdout.is_empty());

        let quiet = fetch_as_alice(&phone, &["-q"]).expect(status);
        assert_eq!(quiet.last_line(), ran.last_line());
        assert!(!quiet.stderr.contains("fetch  "), "{quiet:?}");

        let ran = fetch_as_alice(&phone, &["--format", "json", "-o", "answer.xml"]).expect(status);
        let object = object(&ran);
        assert_eq!(object["error"]["code"], code);
        assert_eq!(object["error"]["step"], "fetch");
        assert_eq!(object["attempts"].as_array().map(Vec::len), Some(origins.len()));
        assert_eq!(object["summary"]["exit_status"], status);
        let ticket = object["summary"]["failure"].as_str().expect("it says why");
        assert_eq!(format!("error: {ticket} (exit status {status})"), quiet.last_line());
        assert!(object["winner"].is_null() && object["document"].is_null());
        assert!(!phone.folder().join("answer.xml").exists());
    }
    assert_eq!(saying_no.requests().len(), 3);
}

#[test]
fn without_a_provisioning_file_there_is_nothing_to_fetch() {
    let phone = Phone::new();
    let ran = phone.provision(&["fetch"], "").expect(5);
    ran.says("no file    ").says("(application data)\n").says("\nhelp: name the file with");
    assert!(ran.last_line().starts_with("error: there is no Provision.xml"), "{ran:?}");

    let ran = phone.provision(&["fetch", "--format", "json", "-o", "answer.xml"], "").expect(5);
    let object = object(&ran);
    assert_eq!(object["error"]["code"], "no-provision-file");
    assert!(object["places"].as_array().is_some_and(|places| places.len() >= 4));
    assert_eq!(object["places"][0]["sighting"], "no file");

    phone.provision(&["fetch", "--provision", "gone.xml"], "").expect(5).says("gone.xml cannot be");
}

#[test]
fn the_provisioning_file_is_found_and_judged_as_in_a_run() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let arguments = ["fetch", "--user", "alice", "--password-stdin"];
    phone.provision(&arguments, PASSWORD).expect(0).says("warning[bare-ampersand]");

    // Whatever is provisioned, the document is the same: the later dialect will do.
    phone.write("Provision.xml", fixture("provision/later-dialect.xml"));
    let url = format!("<base_urls><base_url>{}</base_url></base_urls>", server.url("/"));
    phone.write("Provision.xml", format!("<provision>{url}</provision>"));
    phone.provision(&["fetch"], "").expect(0);

    phone.write("Provision.xml", fixture("provision/faulty/five-mistakes.xml"));
    let ran = phone.provision(&["fetch", "--color", "always"], "").expect(1);
    ran.says("error[bad-value]").says("\u{1b}[");
    assert!(ran.last_line().contains("Provision.xml is not valid: line 7, column 25: "), "{ran:?}");
    let ran = phone.provision(&["fetch", "--format", "json", "-o", "answer.xml"], "").expect(1);
    let object = object(&ran);
    assert_eq!(object["error"]["code"], "file-invalid");
    let findings = object["provision_file"]["diagnostics"].as_array().expect("they are listed");
    assert!(findings.iter().any(|finding| finding["code"] == "bad-value"), "{findings:?}");

    let asks = "<options><use_authentication>1</use_authentication></options>";
    phone.write("Provision.xml", format!("<provision>{url}{asks}</provision>"));
    phone.provision(&["fetch"], "").expect(4).says("help: give a user name and a password");
    let basic = "<options><use_authentication>1</use_authentication><user>a:b</user>\
                 <authentication_type>basic</authentication_type></options>";
    phone.write("Provision.xml", format!("<provision>{url}{basic}</provision>"));
    phone.provision(&["fetch"], "").expect(1).says("colon");
    let missing = ["fetch", "--user", "alice", "--password-file", "gone.txt"];
    phone.provision(&missing, "").expect(5).says("gone.txt");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_slow_server_is_waited_for_only_if_that_is_asked_for() {
    let silent = Server::http(Answer::silence());
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[silent.origin(), server.origin()]);
    for (arguments, reason) in [
        (&["--attempt-timeout", "1.2"][..], "delay"),
        (&["--attempt-timeout", "0.1", "--sequential"], "failure"),
    ] {
        let json = ["--format", "json", "-o", "answer.xml"];
        let ran = fetch_as_alice(&phone, &[arguments, &json].concat()).expect(0);
        let object = object(&ran);
        assert_eq!(object["attempts"][0]["start_reason"], "first");
        assert_eq!(object["attempts"][0]["failure"]["code"], "attempt-timeout");
        assert_eq!(object["attempts"][1]["start_reason"], reason);
    }
}

#[test]
fn what_makes_no_sense_together_is_wrong_usage() {
    let server = good();
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    for arguments in [&["--format", "json"][..], &["--format", "json", "-o", "-"]] {
        let ran = fetch_as_alice(&phone, arguments).expect(2);
        ran.says("help: name a file for the document with --output");
        assert!(ran.stdout.is_empty());
    }
    for arguments in [&["fetch", "--profile", "profile"][..], &["fetch", "--password", "x"]] {
        phone.provision(arguments, "").expect(2).says("--help");
    }
    assert_eq!(server.connection_count(), 0);
}

#[test]
fn a_program_reads_the_same() {
    let redirecting = Server::routes([
        ("/", Answer::redirect(302, "/second")),
        ("/second", Answer::ok("<options/>")),
    ]);
    let saying_no = Server::http(Answer::status(403).body(fixture("answer/error-code.xml")));
    let never_asked = good();
    let phone = Phone::new();
    let url = |url: &str| format!("<base_url>{}</base_url>", url.replace('&', "&amp;"));
    let urls = url(&saying_no.url("/?u=[user]&p=[pass]")) + &url(&redirecting.url("/"));
    let urls = urls + &url(&never_asked.url("/"));
    let options =
        "<use_authentication>1</use_authentication><user>bob</user><password>x</password>";
    let text =
        format!("<provision><base_urls>{urls}</base_urls><options>{options}</options></provision>");
    phone.write("Provision.xml", text);
    let ran = fetch_as_alice(&phone, &["--format", "json", "-o", "answer.xml"]).expect(0);
    let object = object(&ran);

    assert_eq!(object["command"], "fetch");
    assert_eq!(object["provision_file"]["path"], "Provision.xml");
    assert_eq!(object["notes"][0]["code"], "preset-overridden");
    let attempts = object["attempts"].as_array().expect("a list");
    assert_eq!(attempts.len(), 2);
    let masked = saying_no.url("/?u=alice&p=[masked]");
    assert_eq!(attempts[0]["url"].as_str(), Some(masked.as_str()));
    assert_eq!(attempts[0]["address"].as_str(), Some(saying_no.address().to_string().as_str()));
    let failure = &attempts[0]["failure"];
    assert_eq!((&failure["code"], &failure["stage"]), (&"http-status".into(), &"status".into()));
    assert_eq!(failure["is_authentication"], true);
    assert_eq!(failure["retry_can_help"], false);
    assert!(failure["server_message"]["code"].is_string(), "{failure}");
    assert_eq!(attempts[1]["accepted"], true);
    assert_eq!(attempts[1]["warnings"][0]["code"], "url-without-password");
    assert_eq!(attempts[1]["redirects"][0]["status"], 302);
    let stages = attempts[1]["stages"].as_array().expect("a list");
    let names: Vec<_> = stages.iter().filter_map(|stage| stage["stage"].as_str()).collect();
    let request = ["resolve", "connect", "request", "status"];
    assert_eq!(names, [&request[..], &request, &["body", "accept"]].concat());
    assert!(stages.iter().all(|stage| stage["elapsed_ms"].as_f64().is_some_and(|ms| ms >= 0.0)));
    assert_eq!(object["winner"]["url_index"], 1);
    assert_eq!(object["document"]["bytes"], 10);
    assert_eq!(object["document"]["changed"], true);
    assert_eq!(object["summary"]["exit_status"], 0);
    let written = fs::read(phone.folder().join("answer.xml")).expect("it was written");
    assert_eq!(written, b"<options/>");
    assert_eq!(never_asked.connection_count(), 0);

    // Without the file there is the failure, and what led to it.
    let output = Path::new("profile");
    let arguments = ["--format", "json", "-o", output.to_str().expect("text")];
    let object = super::json::object(&fetch_as_alice(&phone, &arguments).expect(5));
    assert_eq!(object["error"]["code"], "file-unwritable");
    assert_eq!(object["attempts"].as_array().map(Vec::len), Some(2));
}

/// The phone of the tests looks through standard error and standard output.
#[test]
fn no_secret_shows_that_a_server_echoes() {
    for status in [200, 403, 500] {
        let server = Server::answering(move |request| {
            let asked = request.raw.replace('&', "&amp;").replace('<', "");
            Answer::status(status).body(format!("<error code=\"{asked}\">{asked}</error>"))
        });
        let phone = Phone::new();
        for kind in ["basic", "url"] {
            let url = server.url("/[user]?p=[pass]");
            phone.write(
                "Provision.xml",
                format!(
                    "<provision><base_urls><base_url>{url}</base_url></base_urls><options>\
                 <use_authentication>1</use_authentication>\
                 <authentication_type>{kind}</authentication_type></options></provision>"
                ),
            );
            for arguments in [&["-v"][..], &["-q"], &["--format", "json", "-o", "answer.xml"]] {
                let ran = fetch_as_alice(&phone, arguments).expect(3);
                let said = format!("{}{}", ran.stderr, String::from_utf8_lossy(&ran.stdout));
                // `alice:` and the password, as RFC 7617 sends them.
                assert!(!said.contains("YWxpY2U6YzRuYXJ5LXA0c3M"), "{said}");
                assert!(said.contains("[masked]"), "{said}");
            }
        }
    }
}
