//! What `docs/json.md` says about the JSON of every command.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use provision_tests::{Answer, Server, TestCa};
use serde_json::Value;

use crate::command::watch::lines;
use crate::golden::fixture;
use crate::phone::{PASSWORD, Phone, Ran};

/// The object on standard output, if there is nothing beside it.
pub(crate) fn object(ran: &Ran) -> Value {
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    serde_json::from_slice(&ran.stdout).expect("one JSON document is on standard output")
}

/// The paths of all fields, such as `files[].path`.
fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                fields(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(list) => {
            for value in list {
                fields(value, &format!("{path}[]"), found);
            }
        }
        _ => {}
    }
}

/// The fields that the document describes: those of every object, and those below a heading.
fn documented(heading: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/json.md");
    let text = fs::read_to_string(path).expect("it is there");
    let rows = |section: &str| -> Vec<(String, String)> {
        let cells = |line: &str| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            Some((cells.next()?.trim_end_matches('`').to_owned(), cells.next()?.to_owned()))
        };
        section.lines().filter_map(cells).collect()
    };
    let (start, rest) = text.split_once("\nA *place* is").expect("the document describes places");
    let (place, rest) = rest.split_once("\nA *finding* ").expect("it describes findings");
    let (finding, _) = rest.split_once("\n## ").expect("commands come behind them");
    let (_, section) = rest.split_once(&format!("\n## {heading}\n")).expect("it has a section");
    let section = section.split("\n## ").next().unwrap_or(section);
    let mut fields = BTreeSet::new();
    let mut pending: Vec<_> = rows(start).into_iter().chain(rows(section)).collect();
    while let Some((field, kind)) = pending.pop() {
        let inner = match kind.as_str() {
            "place" => rows(place).into_iter().map(|row| (".", row)).collect(),
            "findings" => rows(finding).into_iter().map(|row| ("[].", row)).collect(),
            "run or null" => {
                let own = documented("run").into_iter().filter(|field| !COMMON.contains(&&**field));
                fields.extend(own.map(|name| format!("{field}.{name}")));
                Vec::new()
            }
            _ => Vec::new(),
        };
        pending.extend(
            inner.into_iter().map(|(dot, (name, kind))| (format!("{field}{dot}{name}"), kind)),
        );
        fields.insert(field);
    }
    fields
}

/// What every object begins with, but for one in another.
const COMMON: [&str; 2] = ["schema", "command"];

#[test]
fn check_writes_exactly_the_documented_fields() {
    let phone = Phone::new();
    for name in ["provision/document-example.xml", "answer/error-code.xml", "config/zoiper3.xml"] {
        phone.write(
            Path::new(name).file_name().and_then(|n| n.to_str()).expect("text"),
            fixture(name),
        );
    }
    phone.write("labels.xml", "<options><a></b></options>");
    let ran = phone.provision(&["check", "--format", "json", ".", "gone.xml"], "").expect(5);
    let mut found = BTreeSet::new();
    fields(&object(&ran), "", &mut found);
    assert_eq!(found, documented("check"));
}

#[test]
fn fetch_writes_exactly_the_documented_fields() {
    let server = Server::routes([
        ("/moved", Answer::redirect(302, "/")),
        ("/", Answer::ok("<options/>")),
        ("/error", Answer::ok(fixture("answer/error-code.xml"))),
    ]);
    let phone = Phone::new();
    let arguments = ["fetch", "--user", "alice", "--password-stdin", "--format", "json"];
    let arguments = [&arguments[..], &["-o", "answer.xml"]].concat();
    let mut found = BTreeSet::new();
    for (paths, status) in [(["/error", "/moved"], 0), (["/error", "/gone"], 3)] {
        let urls = paths.map(|path| format!("<base_url>{}?a&b</base_url>", server.url(path)));
        let options = "<use_authentication>1</use_authentication><user>b</user><user>c</user>";
        phone.write(
            "Provision.xml",
            format!(
                "<provision><base_urls>{}</base_urls><options>{options}</options></provision>",
                urls.concat()
            ),
        );
        let ran = phone.provision(&arguments, PASSWORD).expect(status);
        fields(&object(&ran), "", &mut found);
    }
    assert_eq!(found, documented("fetch"));
}

/// A phone whose runs have everything to say, with a server that has.
fn talkative() -> (Server, Phone) {
    let server = Server::routes([
        ("/moved", Answer::redirect(302, "/")),
        ("/", Answer::ok("<options><a>2</a><a/><b><c/></b><d/></options>")),
        ("/error", Answer::ok(fixture("answer/error-code.xml"))),
    ]);
    let phone = Phone::with_config(b"<options><a x='1'>1</a><b>1</b><a/></options>");
    (server, phone)
}

fn talkative_file(server: &Server, phone: &Phone, paths: [&str; 2]) {
    let urls = paths.map(|path| format!("<base_url>{}?a&b</base_url>", server.url(path)));
    let options = "<use_authentication>1</use_authentication><user>b</user><user>c</user>";
    phone.write(
        "Provision.xml",
        format!(
            "<provision><base_urls>{}</base_urls><options>{options}</options>\
             <significant_sections>a,b</significant_sections></provision>",
            urls.concat()
        ),
    );
}

#[test]
fn run_writes_exactly_the_documented_fields() {
    let (server, phone) = talkative();
    let arguments = ["run", "--profile", "profile", "--format", "json", "--user", "alice"];
    let arguments = [&arguments[..], &["--password-stdin"]].concat();
    let mut found = BTreeSet::new();
    let mut runs = |paths, more: &[&str], status| {
        talkative_file(&server, &phone, paths);
        let ran = phone.provision(&[&arguments[..], more].concat(), PASSWORD).expect(status);
        fields(&object(&ran), "", &mut found);
    };
    runs(["/error", "/moved"], &["--plan"], 0);
    fs::write(phone.profile().join("provision-abc123.tmp"), "").expect("it is writable");
    runs(["/error", "/moved"], &[], 0);
    runs(["/error", "/moved"], &["--no-last-good"], 0);
    runs(["/error", "/gone"], &[], 3);
    // Of a configuration nothing is said that a machine can mend.
    let mut documented = documented("run");
    documented.retain(|field| !field.starts_with("local.diagnostics[].fix."));
    assert_eq!(found, documented);
}

#[test]
fn forget_writes_exactly_the_documented_fields() {
    let (server, phone) = talkative();
    talkative_file(&server, &phone, ["/", "/"]);
    let mut found = BTreeSet::new();
    let forget = ["forget", "--profile", "profile", "--format", "json"];
    let mut forgets = |more: &[&str], status| {
        let ran = phone.provision(&[&forget[..], more].concat(), "").expect(status);
        fields(&object(&ran), "", &mut found);
    };
    let run = || {
        let arguments = ["run", "--profile", "profile", "--user", "alice", "--password-stdin"];
        phone.provision(&arguments, PASSWORD).expect(0)
    };
    run();
    let config = phone.config();
    // The phone writes a section that is displaced, and the server has other news.
    let other =
        String::from_utf8(config).expect("UTF-8").replace("</options>", "<a>own</a></options>");
    fs::write(phone.profile().join("Config.xml"), other).expect("it is ours");
    run();
    let file = phone.profile().join("provision-last-good.xml");
    fs::copy(&file, phone.profile().join("provision-previous-good.xml")).expect("it is there");
    forgets(&["--last-change"], 0);
    forgets(&[], 0);
    fs::write(phone.profile().join("Config.xml"), "<options><a></options>").expect("it is ours");
    forgets(&[], 1);
    let mut documented = documented("forget");
    let rare = ["document.diagnostics[].", "notes[]."];
    documented.retain(|field| !rare.iter().any(|start| field.starts_with(start)));
    found.retain(|field| !rare.iter().any(|start| field.starts_with(start)));
    assert_eq!(found, documented);
}

#[test]
fn watch_writes_exactly_the_documented_fields() {
    let (server, phone) = talkative();
    let mut found = BTreeSet::new();
    let watch = ["watch", "--profile", "profile", "--format", "json", "--user", "alice"];
    let arguments = [&watch[..], &["--password-stdin"]].concat();
    talkative_file(&server, &phone, ["/error", "/gone"]);
    for line in lines(&phone.provision(&arguments, PASSWORD).expect(3)) {
        fields(&line, "", &mut found);
    }
    let documented = documented("watch");
    assert!(documented.is_superset(&found), "{:?}", found.difference(&documented));
    // Those of a run are what `run` writes.
    let own = |fields: &BTreeSet<String>| -> Vec<String> {
        fields.iter().filter(|field| !field.starts_with("run.")).cloned().collect()
    };
    assert_eq!(own(&found), own(&documented));
}

#[test]
fn merge_writes_exactly_the_documented_fields() {
    let phone = Phone::new();
    phone.write("local.xml", "<options><a x='1'>1</a><b>1</b></options>");
    phone.write("remote.xml", "<options><a>2</a><b><c/></b><a/></options>");
    let mut found = BTreeSet::new();
    let documents = ["merge", "--local", "local.xml", "--remote", "remote.xml"];
    phone.write("bad.xml", "<provision><significant_sections>a</significant_section></provision>");
    phone.write(
        "ampersand.xml",
        "<provision><base_urls><base_url>http://h/?a=[user]&p=[pass]</base_url></base_urls></provision>",
    );
    for (more, status) in [
        (&["--sections", "a,b", "--stored", "stored.xml"][..], 0),
        (&["--sections", "a,b", "--stored", "no/where"], 5),
        (&["--provision", "bad.xml"], 1),
        (&["--provision", "ampersand.xml"], 0),
    ] {
        let form = ["--format", "json"];
        let ran = phone.provision(&[&documents, &form[..], more].concat(), "").expect(status);
        fields(&object(&ran), "", &mut found);
    }
    assert_eq!(found, documented("merge"));
}

#[test]
fn init_writes_exactly_the_documented_fields() {
    let phone = Phone::new();
    phone.write("there.xml", "");
    let mut found = BTreeSet::new();
    let init = ["init", "--url", "https://example.com/", "--format", "json"];
    for (more, status) in [
        (&[][..], 0),
        (&["--sections", "acounts", "--url", "http://example.com/", "-o", "b.xml"], 2),
        (&["-o", "there.xml"], 5),
    ] {
        let ran = phone.provision(&[&init, more].concat(), "").expect(status);
        fields(&object(&ran), "", &mut found);
    }
    // What is written from options has no fault that a machine can mend.
    let mut documented = documented("init");
    documented.retain(|field| !field.starts_with("diagnostics[].fix."));
    assert_eq!(found, documented);
}

#[test]
fn doctor_writes_exactly_the_documented_fields() {
    let ca = TestCa::new();
    let dated = Answer::ok("<options/>").header("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
    let server = Server::https(dated, &ca.certificate());
    let saying_no = Server::http(Answer::ok(fixture("answer/error-code.xml")));
    let phone = Phone::new();
    ca.write_pem(phone.folder()).expect("the folder is writable");
    phone.write_example(&[server.origin(), saying_no.origin()]);
    phone.run_as_alice(&["--ca-file", "test-ca.pem"]).expect(0);
    let arguments = ["doctor", "--profile", "profile", "--user", "alice", "--password-stdin"];
    let arguments = [&arguments[..], &["--ca-file", "test-ca.pem", "--format", "json"]].concat();
    let ran = phone.provision(&arguments, PASSWORD).expect(0);
    let mut found = BTreeSet::new();
    fields(&object(&ran), "", &mut found);
    assert_eq!(found, documented("doctor"));
}

#[test]
fn explain_writes_exactly_the_documented_fields() {
    let phone = Phone::new();
    let ran = phone.provision(&["explain", "--format", "json"], "").expect(0);
    let mut found = BTreeSet::new();
    fields(&object(&ran), "", &mut found);
    assert_eq!(found, documented("explain"));
}
