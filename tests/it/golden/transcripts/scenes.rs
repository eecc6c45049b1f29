//! What happens in each transcript.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use provision_tests::{Answer, Certificate, Ending, Server, TestCa};

use super::Scene;
use crate::golden::fixture;
use crate::phone::{PASSWORD, program};

/// Plays a scene, and gives its transcript.
type Play = fn() -> String;

/// Every scene by its name in the pages.
pub(super) const ALL: &[(&str, Play)] = &[
    ("run", run),
    ("fetch", fetch),
    ("merge", merge),
    ("init", init),
    ("check", check),
    ("doctor", doctor),
    ("wrong-password", wrong_password),
    ("server-down", server_down),
    ("all-servers-down", all_servers_down),
    ("last-good", last_good),
    ("expired-certificate", || certificate(TestCa::expired)),
    ("not-yet-valid", || certificate(TestCa::not_yet_valid)),
    ("wrong-host-name", || certificate(|ca| ca.for_name("phones.example.com"))),
    ("unknown-issuer", || certificate(|_| TestCa::named("Company").certificate())),
    ("captive-portal", captive_portal),
    ("html-error-page", || {
        answer(Answer::status(502).body("<html><body>Bad gateway</body></html>"))
    }),
    ("empty-answer", || answer(Answer::ok(""))),
    ("truncated-answer", || {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 3376\r\n\r\n";
        answer(Answer::raw(format!("{head}<options>\n  <accounts>")).then(Ending::Close))
    }),
    ("misspelt-section", misspelt_section),
    ("bare-ampersand", bare_ampersand),
    ("config-as-provision", config_as_provision),
    ("no-permission", no_permission),
    ("disk-full", disk_full),
    ("second-run", second_run),
];

const NAMES: [&str; 4] =
    ["one.example.com", "two.example.com", "three.example.com", "four.example.com"];

/// A provisioning file for these addresses, with the user's password in it.
fn file(origins: &[String]) -> String {
    let url = |origin: &String| {
        format!("    <base_url>{origin}/phones/?user=[user]&amp;password=[pass]</base_url>\n")
    };
    let urls: String = origins.iter().map(url).collect();
    format!(
        "<provision>\n  <base_urls>\n{urls}  </base_urls>\n  <options>\n    \
         <use_authentication>1</use_authentication>\n    <user>alice</user>\n    \
         <password>{PASSWORD}</password>\n  </options>\n  \
         <significant_sections>accounts,codecs</significant_sections>\n</provision>\n"
    )
}

/// A scene in which a `Provision.xml` lists these servers.
fn with_servers(ca: &TestCa, servers: &[&Server]) -> Scene {
    let mut scene = Scene::new();
    ca.write_pem(scene.phone.folder()).expect("the folder is writable");
    for (server, name) in servers.iter().zip(NAMES) {
        scene.name(server.address(), name);
    }
    let origins: Vec<String> =
        servers.iter().map(|server| format!("https://{}", server.address())).collect();
    scene.phone.write("Provision.xml", file(&origins));
    scene
}

fn good(ca: &TestCa) -> Server {
    Server::https(Answer::ok(fixture("answer/zoiper3.xml")), &ca.certificate())
}

/// A server that is not there any more.
fn gone(scene: &mut Scene, name: &'static str) -> provision_tests::ClosedPort {
    let closed = Server::closed();
    scene.name(closed.address(), name);
    closed
}

const RUN: &str = "provision run --profile profile";

fn run() -> String {
    let ca = TestCa::new();
    let closed = Server::closed();
    let error = "<error>This server is closed for maintenance until 18:00</error>";
    let (error, good) = (Server::https(Answer::ok(error), &ca.certificate()), good(&ca));
    let mut scene = with_servers(&ca, &[]);
    let addresses = [closed.address(), error.address(), good.address()];
    for (address, name) in addresses.iter().zip(NAMES) {
        scene.name(*address, name);
    }
    let origins = addresses.map(|address| format!("https://{address}"));
    scene.phone.write("Provision.xml", file(&origins));
    scene.enter("provision run --profile profile --effective effective.xml");
    scene.text
}

fn fetch() -> String {
    let ca = TestCa::new();
    let busy = Server::https(Answer::status(503), &ca.certificate());
    let good = good(&ca);
    let mut scene = with_servers(&ca, &[&busy, &good]);
    scene.enter("provision fetch -o answer.xml -v");
    scene.text
}

fn merge() -> String {
    let mut scene = Scene::new();
    let account = |name: &str, host: &str| {
        format!(
            "<account><name>{name}</name><host>{host}</host><password>{host}</password></account>"
        )
    };
    let (old, new) = ("old.example.com", "pbx.example.com");
    let local = format!("{}{}", account("Home", old), account("Office", old));
    scene.phone.write(
        "Config.xml",
        format!("<options>\n  <audio/>\n  <accounts>{local}</accounts>\n  <codecs/>\n</options>\n"),
    );
    let remote = account("Office", new);
    scene.phone.write(
        "answer.xml",
        format!("<options>\n  <accounts>{remote}</accounts>\n  <codecs/>\n</options>\n"),
    );
    scene.phone.write("Provision.xml", file(&["https://one.example.com".to_owned()]));
    scene.enter(
        "provision merge --local Config.xml --remote answer.xml --provision Provision.xml --plan",
    );
    scene.text
}

fn init() -> String {
    let mut scene = Scene::new();
    scene.enter("provision init --url 'https://example.com/?u=[user]&p=[pass]' --ask-user --sections accounts,codecs");
    scene.text
}

fn check() -> String {
    let mut scene = Scene::new();
    let text = file(&["https://provision.example.com".to_owned()]);
    let text = text
        .replace("&amp;", "&")
        .replace("<use_authentication>1", "<use_authentication>yes")
        .replace("accounts,", "acounts,");
    scene.phone.write("Provision.xml", text);
    scene.enter("provision check Provision.xml");
    scene.text
}

fn doctor() -> String {
    let ca = TestCa::new();
    let busy = Server::https(Answer::status(503), &ca.certificate());
    let good = good(&ca);
    let mut scene = with_servers(&ca, &[&busy, &good]);
    scene.enter("provision doctor --profile profile");
    // It has one year in 4096, as certificates of the tests have, and a computer its own trust.
    let text = &scene.text;
    let days = "certificate valid for ";
    let (before, after) = text.split_once(days).expect("the server has a certificate");
    let (_, after) = after.split_once(" days").expect("it is valid for some");
    format!("{before}{days}61 days{after}")
}

fn wrong_password() -> String {
    answer(Answer::status(401).body("<error>Wrong username or password</error>"))
}

/// Only over plain http can a portal pass for a server.
fn captive_portal() -> String {
    let portal = Server::http(Answer::ok(fixture("answer/faulty/login-page.html")));
    let mut scene = with_servers(&TestCa::new(), &[&portal]);
    scene.phone.write("Provision.xml", file(&[portal.origin()]));
    scene.enter(RUN);
    scene.text
}

/// A run in front of one server.
fn answer(answer: Answer) -> String {
    let ca = TestCa::new();
    let server = Server::https(answer, &ca.certificate());
    let mut scene = with_servers(&ca, &[&server]);
    scene.enter(RUN);
    scene.text
}

fn certificate(certificate: impl Fn(&TestCa) -> Certificate) -> String {
    let ca = TestCa::new();
    let server = Server::https(Answer::ok("<options/>"), &certificate(&ca));
    let mut scene = with_servers(&ca, &[&server]);
    scene.enter(RUN);
    scene.text
}

fn server_down() -> String {
    let ca = TestCa::new();
    let good = good(&ca);
    let mut scene = with_servers(&ca, &[]);
    let closed = gone(&mut scene, NAMES[0]);
    scene.name(good.address(), NAMES[1]);
    let origins = [closed.address(), good.address()].map(|address| format!("https://{address}"));
    scene.phone.write("Provision.xml", file(&origins));
    scene.enter(RUN);
    scene.text
}

fn all_servers_down() -> String {
    let ca = TestCa::new();
    let mut scene = with_servers(&ca, &[]);
    let (one, two) = (gone(&mut scene, NAMES[0]), gone(&mut scene, NAMES[1]));
    let origins = [one.address(), two.address()].map(|address| format!("https://{address}"));
    scene.phone.write("Provision.xml", file(&origins));
    scene.enter(RUN);
    scene.text
}

fn last_good() -> String {
    let ca = TestCa::new();
    let is_over = Arc::new(AtomicBool::new(false));
    let server = Server::answering({
        let is_over = Arc::clone(&is_over);
        move |_| match is_over.load(Ordering::SeqCst) {
            false => Answer::ok(fixture("answer/zoiper3.xml")),
            true => Answer::status(503),
        }
    });
    let mut scene = with_servers(&ca, &[&server]);
    // One that changes its answer speaks no TLS.
    scene.phone.write("Provision.xml", file(&[server.origin()]));
    scene.enter(RUN);
    scene.text.clear();
    is_over.store(true, Ordering::SeqCst);
    scene.enter(RUN);
    scene.text
}

fn misspelt_section() -> String {
    let mut scene = Scene::new();
    let text = file(&["https://one.example.com".to_owned()]).replace("accounts,", "acounts,");
    scene.phone.write("Provision.xml", text);
    scene.enter("provision check Provision.xml");
    scene.text
}

fn bare_ampersand() -> String {
    let mut scene = Scene::new();
    let text = file(&["https://one.example.com".to_owned()]).replace("&amp;", "&");
    scene.phone.write("Provision.xml", text);
    scene.enter("provision check Provision.xml");
    scene.enter("provision check --fix Provision.xml");
    scene.text
}

fn config_as_provision() -> String {
    let mut scene = Scene::new();
    scene.phone.write("Provision.xml", "<options>\n  <accounts/>\n</options>\n");
    scene.enter(RUN);
    scene.text
}

/// Whoever may do everything becomes nobody first.
fn no_permission() -> String {
    let ca = TestCa::new();
    let server = good(&ca);
    let mut scene = with_servers(&ca, &[&server]);
    let mode = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    };
    let profile = scene.phone.profile();
    mode(scene.phone.folder(), 0o755);
    for name in ["Provision.xml", "test-ca.pem", "profile/Config.xml"] {
        mode(&scene.phone.folder().join(name), 0o644);
    }
    mode(&profile, 0o555);
    let owner = fs::metadata(&profile).expect("it is there").uid();
    let line = "provision doctor --profile profile -q";
    let output = {
        use std::os::unix::process::CommandExt;
        let mut shell = scene.shell("", line);
        if owner == 0 {
            // Nobody may not look into root's folders, where the command may lie.
            let copy = scene.phone.folder().join("provision");
            fs::copy(program(), &copy).expect("the folder is writable");
            mode(&copy, 0o755);
            shell.uid(NOBODY).env("PATH", scene.phone.folder());
        }
        shell.output().expect("there is a shell")
    };
    mode(&profile, 0o755);
    scene.said(line, &String::from_utf8(output.stderr).expect("text"));
    scene.text
}

const NOBODY: u32 = 65_534;

/// No file may grow beyond a kilobyte, which is as near to a full disk as anybody gets.
fn disk_full() -> String {
    let ca = TestCa::new();
    let server = good(&ca);
    let mut scene = with_servers(&ca, &[&server]);
    scene.enter_under("trap '' XFSZ; ulimit -f 1", RUN);
    scene.text
}

/// The second one is begun while the first one waits for its answer.
fn second_run() -> String {
    let (told, waiting) = std::sync::mpsc::channel();
    let (release, released) = std::sync::mpsc::channel();
    let held = Mutex::new(Some((told, released)));
    let server = Server::answering(move |_| {
        let first = held.lock().expect("nobody panics").take();
        if let Some((told, released)) = first {
            told.send(()).expect("the scene waits");
            let _ = released.recv();
        }
        Answer::ok(fixture("answer/zoiper3.xml"))
    });
    let ca = TestCa::new();
    let mut scene = with_servers(&ca, &[&server]);
    scene.phone.write("Provision.xml", file(&[server.origin()]));
    let mut first = scene.shell("", "provision run --profile profile -q").spawn().expect("a shell");
    waiting.recv().expect("the first run asks");
    let said = scene.enter_and_wait(RUN, || release.send(()).expect("the server waits"));
    first.wait().expect("it ends");
    scene.said(RUN, &said);
    scene.text
}
