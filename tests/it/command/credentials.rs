//! Whose credentials are sent, and where they never show (spec 3.3 to 3.8, 7.2).

use provision_tests::{Answer, Request, Server};

use crate::golden::fixture;
use crate::phone::{DIGEST, PASSWORD, Phone};

fn file(server: &Server, path: &str, options: &str) -> String {
    format!(
        "<provision><base_urls><base_url>{}</base_url></base_urls><options>{options}</options>\
         <significant_sections>accounts</significant_sections></provision>",
        server.url(path).replace('&', "&amp;")
    )
}

fn good() -> Server {
    Server::http(Answer::ok(fixture("answer/zoiper3.xml")))
}

/// `alice:` and the password of the tests, as RFC 7617 sends them.
const BASIC: &str = "Basic YWxpY2U6YzRuYXJ5LXA0c3M=";

const PRESET: &str =
    "<use_authentication>1</use_authentication><user>alice</user><password>c4nary-p4ss</password>";

#[test]
fn preset_credentials_are_sent_as_the_file_says() {
    let server = good();
    let phone = Phone::new();
    let run = ["run", "--provision", "P.xml", "--profile", "profile", "-v"];

    let basic = format!("{PRESET}<authentication_type>basic</authentication_type>");
    phone.write("P.xml", file(&server, "/p", &basic));
    phone.provision(&run, "").expect(0);
    phone.write("P.xml", file(&server, "/p?u=[user]&p=[pass]", PRESET));
    phone.provision(&run, "").expect(0);
    let digest = PRESET.replace(PASSWORD, DIGEST) + "<password_format>0</password_format>";
    phone.write("P.xml", file(&server, "/p?u=[user]&p=[pass]", &digest));
    phone.provision(&run, "").expect(0);
    phone.write("P.xml", file(&server, "/p?u=[user]", "<user>alice</user>"));
    phone.provision(&run, "").expect(0).says("1. warning[url-placeholder-emptied]");

    let requests = server.requests();
    let lines: Vec<_> = requests.iter().map(|request| request.line.as_str()).collect();
    let with_digest = format!("GET /p?u=alice&p={DIGEST} HTTP/1.1");
    assert_eq!(lines, ["GET /p HTTP/1.1", &with_digest, &with_digest, "GET /p?u= HTTP/1.1"]);
    let authorizations: Vec<_> = requests.iter().map(|r| r.header("authorization")).collect();
    assert_eq!(authorizations, [Some(BASIC), None, None, None]);
}

#[test]
fn the_user_on_the_command_line_goes_before_a_preset() {
    let server = good();
    let phone = Phone::new();
    let preset = PRESET.replace("alice", "mallory").replace(PASSWORD, "other");
    phone.write("Provision.xml", file(&server, "/[user]/[pass]", &preset));
    phone.run_as_alice(&[]).expect(0).says("note: --user goes before");
    assert_eq!(server.requests()[0].target(), format!("/alice/{DIGEST}"));

    phone.run_as_alice(&["--pass", "plain"]).expect(0);
    assert_eq!(server.requests()[1].target(), format!("/alice/{PASSWORD}"));
}

/// The other commands do so, too. The server refuses it, so that a watch ends.
#[test]
fn the_password_itself_is_sent_where_that_is_wanted() {
    let server = Server::http(Answer::status(401));
    let phone = Phone::new();
    phone.write("Provision.xml", file(&server, "/[user]/[pass]", PRESET));
    let options = ["--user", "alice", "--password-stdin", "--pass", "plain"];
    for command in [
        &["watch", "--profile", "profile"][..],
        &["fetch", "-o", "answer.xml"],
        &["doctor", "--profile", "profile"],
    ] {
        phone.provision(&[command, &options].concat(), PASSWORD).expect(1);
        let requests = server.requests();
        let target = requests.last().expect("the server is asked").target();
        assert_eq!(target, format!("/alice/{PASSWORD}"), "{command:?}");
    }
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_password_can_come_from_a_file() {
    let server = good();
    let phone = Phone::new();
    phone.write("password.txt", format!("{PASSWORD}\r\n"));
    phone.write("Provision.xml", file(&server, "/[pass]", PRESET));
    let arguments = ["run", "--provision", "Provision.xml", "--profile", "profile"];
    let password = ["--user", "bob", "--password-file", "password.txt"];
    phone.provision(&[&arguments[..], &password].concat(), "").expect(0);
    assert_eq!(server.requests()[0].target(), format!("/{DIGEST}"));
}

#[test]
fn nothing_is_asked_when_credentials_are_needed_and_there_are_none() {
    let server = good();
    let phone = Phone::new();
    let arguments = ["run", "--provision", "P.xml", "--profile", "profile"];
    let asks = "<use_authentication>1</use_authentication><user_input_authentication>1</user_input_authentication><user>alice</user>";
    for options in [asks, "<use_authentication>1</use_authentication>"] {
        phone.write("P.xml", file(&server, "/", options));
        phone.provision(&arguments, "").expect(4).says("help: give a user name");
    }
    assert_eq!(server.connection_count(), 0);
}

#[test]
fn credentials_that_cannot_be_sent_are_refused_before_any_request() {
    let server = good();
    let phone = Phone::new();
    let basic = "<use_authentication>1</use_authentication><authentication_type>basic</authentication_type>";
    for (rest, said) in [
        ("<user>al:ice</user><password>x</password>", "colon"),
        (
            "<user>alice</user><password_format>0</password_format><password>d80626962260420a9d3be8cf0c4fb534</password>",
            "digest",
        ),
        ("<user>alice</user><password_format>0</password_format><password>x</password>", "digest"),
    ] {
        phone.write("P.xml", file(&server, "/", &format!("{basic}{rest}")));
        let arguments = ["run", "--provision", "P.xml", "--profile", "profile"];
        phone.provision(&arguments, "").expect(1).says(said);
    }
    assert_eq!(server.connection_count(), 0);
}

/// A server that sends everything back that it was asked with.
fn echo(status: u16, wrap: fn(&str) -> String) -> Server {
    Server::answering(move |request: &Request| {
        let text = wrap(&request.raw.replace('&', "&amp;"));
        let field = request.header("authorization").unwrap_or("none").to_owned();
        Answer::status(status).header("X-Echo", &field).body(text)
    })
}

#[test]
fn a_server_that_echoes_credentials_does_not_make_us_print_them() {
    let wraps: [fn(&str) -> String; 3] = [
        |text| format!("<error>{text}</error>"),
        |text| format!("<options><password>{text}</passwort></options>"),
        |text| {
            format!(
                "<options><{}/></options>",
                text.split(' ').nth(1).unwrap_or("").replace('/', "")
            )
        },
    ];
    for status in [200, 401, 500] {
        for wrap in wraps {
            let server = echo(status, wrap);
            let phone = Phone::new();
            let before = phone.config();
            for options in ["", "<authentication_type>basic</authentication_type>"] {
                phone.write(
                    "Provision.xml",
                    file(&server, "/[user]/[pass]", &format!("{PRESET}{options}")),
                );
                // The phone looks through all that is printed. An answer that is good but for a
                // section of that name is accepted.
                let ran = phone.run_as_alice(&["-v", "--no-last-good"]);
                assert!([0, 1, 3].contains(&ran.status), "{ran:?}");
                assert!(!ran.stderr.contains(BASIC.trim_start_matches("Basic ")), "{}", ran.stderr);
            }
            assert_eq!(server.requests().len(), 2);
            assert_eq!(phone.config(), before);
            assert_eq!(phone.files(), ["Config.xml"]);
        }
    }
}

#[test]
fn a_password_with_white_space_is_masked_in_a_servers_words() {
    for password in [" c4nary-lead ", "c4nary-first\nc4nary-second", "c4nary\u{85}nel"] {
        let error = format!("<error>\n you sent{password}</error>");
        let server = Server::http(Answer::ok(error));
        let phone = Phone::new();
        phone.write("password.txt", password);
        phone.write("Provision.xml", file(&server, "/[pass]", PRESET));
        let arguments = ["run", "--provision", "Provision.xml", "--profile", "profile", "-v"];
        let credentials = ["--user", "bob", "--password-file", "password.txt"];
        let ran = phone.provision(&[&arguments[..], &credentials].concat(), "").expect(3);
        assert!(!ran.stderr.contains("c4nary"), "{}", ran.stderr);
        ran.says("you sent");
    }
}

#[test]
fn a_password_in_the_phones_encoded_form_is_used_with_a_warning() {
    let server = good();
    let phone = Phone::new();
    let preset = PRESET.replace(PASSWORD, "c4nary+AAAAAAAAAAAAAAA==");
    phone.write("P.xml", file(&server, "/[pass]", &preset));
    let ran = phone.provision(&["run", "--provision", "P.xml", "--profile", "profile"], "");
    ran.expect(0).says("warning[password-looks-encoded]");
}

#[test]
fn credentials_do_not_follow_a_redirect_elsewhere() {
    let elsewhere = good();
    for code in [301, 302, 303, 307, 308] {
        let server = Server::http(Answer::redirect(code, &elsewhere.url("/?x")));
        let phone = Phone::new();
        let options = format!("{PRESET}<authentication_type>basic</authentication_type>");
        phone.write("Provision.xml", file(&server, "/", &options));
        let ran = phone.run_as_alice(&[]).expect(1);
        ran.says(&elsewhere.origin());
    }
    assert_eq!(elsewhere.connection_count(), 0);
}
