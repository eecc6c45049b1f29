//! Every command that has credentials, at every verbosity, in front of servers that repeat what they get (spec 3.8, 7.2).
//!
//! Here only the runs are made. The phone looks through what each of them got as an argument, printed and wrote.

use provision_tests::{Answer, Request, Server};

use crate::canaries;
use crate::golden::fixture;
use crate::phone::{DIGEST, PASSWORD, Phone};

/// How a person gives the credentials, and how they are sent.
struct Way {
    /// What of the options says so in the file, beside that there are credentials.
    options: String,
    path: &'static str,
    arguments: &'static [&'static str],
    stdin: &'static str,
}

const ALICE: &str = "<user>alice</user>";
const ASK: &str = "<user_input_authentication>1</user_input_authentication>";
const BASIC: &str = "<authentication_type>basic</authentication_type>";
const IN_PATH: &str = "/[user]/[pass]";

fn ways() -> Vec<Way> {
    let preset = format!("{ALICE}<password>{PASSWORD}</password>");
    let digest = format!("<password>{DIGEST}</password><password_format>0</password_format>");
    let stdin = &["--user", "alice", "--password-stdin"];
    let file = &["--user", "bob", "--password-file", "password.txt", "--pass", "plain"];
    vec![
        Way { options: preset.clone(), path: IN_PATH, arguments: &[], stdin: "" },
        Way { options: preset.clone() + BASIC, path: "/p", arguments: &[], stdin: "" },
        Way { options: format!("{ALICE}{digest}"), path: IN_PATH, arguments: &[], stdin: "" },
        Way { options: ASK.into(), path: "/p?q=[pass]", arguments: stdin, stdin: PASSWORD },
        Way { options: format!("{ASK}{BASIC}"), path: "/p", arguments: stdin, stdin: PASSWORD },
        Way { options: format!("{ALICE}{ASK}"), path: IN_PATH, arguments: file, stdin: "" },
    ]
}

/// A server that answers with all that it was asked, in a form for each path.
fn echo() -> Server {
    let elsewhere = "http://elsewhere.example.com";
    Server::answering(move |request: &Request| {
        let all = request.raw.replace('&', "&amp;").replace('<', "&lt;");
        let one_line = all.replace("\r\n", " ");
        let given = request.header("authorization").unwrap_or(request.target()).to_owned();
        let target = request.target();
        let (_, form) = target.rsplit_once('~').expect("every path has its form behind this");
        match form {
            "error" => Answer::ok(format!("<error code='{given}'>You sent {all}</error>")),
            "refusal" => Answer::status(401)
                .header("WWW-Authenticate", &format!("Basic realm=\"{given}\""))
                .body(format!("<error>{one_line}</error>")),
            "refused" => Answer::status(403).header("X-Echo", &given).body(all),
            "page" => Answer::status(500).body(format!("<html><title>{all}</title></html>")),
            "broken" => Answer::ok(format!("<options><password>{all}</passwort></options>")),
            "name" => Answer::ok(format!("<options><a{}/></options>", given.replace('/', ""))),
            "value" => Answer::ok(format!("<options a='{one_line}' a='{one_line}'/>")),
            "redirect" => Answer::redirect(302, &format!("{elsewhere}{target}?{given}")),
            "encoding" => Answer::ok(all).header("Content-Encoding", &given),
            "head" => Answer::raw(format!("HTTP/1.1 {given}\r\n\r\n")),
            _ => Answer::ok(fixture("answer/zoiper3.xml")),
        }
    })
}

const FORMS: [&str; 10] = [
    "error", "refusal", "refused", "page", "broken", "name", "value", "redirect", "encoding",
    "head",
];

/// A provisioning file whose URLs ask for these forms.
fn file(server: &Server, way: &Way, forms: &[&str]) -> String {
    let url = |form: &&str| format!("<base_url>{}~{form}</base_url>", server.url(way.path));
    format!(
        "<provision><base_urls>{}</base_urls><options>\
         <use_authentication>1</use_authentication>{}</options>\
         <significant_sections>accounts,codecs</significant_sections></provision>",
        forms.iter().map(url).collect::<String>(),
        way.options
    )
}

/// The rest of the arguments: every verbosity for people, in colour or not, and for programs.
const FORMATS: [&[&str]; 5] = [
    &["-q"],
    &[],
    &["-v", "--color", "always"],
    &["--format", "json"],
    &["-v", "--format", "json"],
];

#[test]
fn no_command_says_or_writes_a_secret_that_servers_repeat() {
    std::thread::scope(|scope| {
        for way in ways() {
            scope.spawn(move || try_way(&way));
        }
    });
}

fn try_way(way: &Way) {
    let server = echo();
    let phone = Phone::new();
    phone.write("password.txt", PASSWORD);
    let good: Vec<&str> = FORMS.into_iter().chain(["good"]).collect();
    phone.write("good.xml", file(&server, way, &good));
    phone.write("refused.xml", file(&server, way, &FORMS));
    let mut asked = 0;
    for format in FORMATS {
        let mut play = |words: &[&str], statuses: &[i32]| {
            let all = [words, way.arguments, format].concat();
            let ran = phone.provision(&all, way.stdin);
            assert!(statuses.contains(&ran.status), "{all:?}: {}", ran.stderr);
            let requests = server.requests();
            assert!(requests.len() >= asked + FORMS.len(), "{all:?} asked too little");
            asked = requests.len();
        };
        let profile = &["--profile", "profile"][..];
        play(&[&["run", "--provision", "refused.xml"], profile].concat(), &[3]);
        // With a password file it goes on, and waits for another password.
        if !way.arguments.contains(&"--password-file") {
            play(&[&["watch", "--provision", "refused.xml"], profile].concat(), &[3]);
        }
        play(&["fetch", "--provision", "refused.xml", "-o", "answer.xml"], &[3]);
        play(&[&["doctor", "--provision", "refused.xml"], profile].concat(), &[1]);
        play(&[&["run", "--provision", "good.xml", "--plan"], profile].concat(), &[0]);
        let effective = ["--effective", "effective.xml"];
        play(&[&["run", "--provision", "good.xml"], profile, &effective].concat(), &[0]);
        play(&["fetch", "--provision", "good.xml", "-o", "answer.xml"], &[0]);
        play(&[&["doctor", "--provision", "good.xml"], profile].concat(), &[0]);
        phone.provision(&[&["forget"], profile, format].concat(), "").expect(0);
    }
    // They have had something to repeat.
    let sent = |request: &Request| !canaries::found_in(request.raw.as_bytes()).is_empty();
    assert!(server.requests().iter().all(sent));
}

/// The phone's and the server's own passwords, where two configurations are compared.
#[test]
fn a_plan_of_a_merge_shows_no_secret() {
    let phone = Phone::new();
    let config = |password: &str, more: &str| {
        format!(
            "<options><accounts><account><name>Home</name><password>{password}</password>\
             {more}</account></accounts><note secret='{password}'/></options>"
        )
    };
    let more = format!("<SIP_Password>{PASSWORD}</SIP_Password><auth token='x'>y</auth>");
    phone.write("local.xml", config("c4nary-old", ""));
    phone.write("remote.xml", config(PASSWORD, &more));
    phone.write("broken.xml", config(PASSWORD, "<password>c4nary"));
    phone.write("P.xml", "<provision/>");
    for format in FORMATS {
        for sections in [["--sections", "accounts"], ["--provision", "P.xml"]] {
            let merge = ["merge", "--local", "local.xml", "--plan"];
            for (remote, status) in [("remote.xml", 0), ("broken.xml", 1)] {
                let all = [&merge[..], &["--remote", remote], &sections, format].concat();
                phone.provision(&all, "").expect(status);
            }
        }
    }
}

/// Where a password is to be written, that alone is where it goes.
#[test]
fn what_is_said_of_a_new_file_has_no_secret() {
    let phone = Phone::new();
    phone.write("password.txt", PASSWORD);
    let url = ["init", "--url", "https://example.com/?u=[user]&p=[pass]", "--user", "alice"];
    for format in FORMATS {
        let play = |words: &[&str], status| {
            phone.provision(&[&url, words, format].concat(), PASSWORD).expect(status)
        };
        play(&["--password-stdin", "--force"], 0);
        play(&["--password-file", "password.txt", "--force"], 0);
        play(&["--password-stdin"], 5);
        play(&["--password-stdin", "--url", "ftp://[pass]/", "-o", "other.xml"], 2);
        play(&["--password-stdin", "--sections", "acounts", "-o", "no/where.xml"], 2);
        // Basic authentication cannot send a digest.
        let digest = ["--password-stdin", "--auth", "basic", "--password-format", "md5"];
        let all = [&url, &digest[..], &["-o", "other.xml"], format].concat();
        phone.provision(&all, DIGEST).expect(2);
    }
}
