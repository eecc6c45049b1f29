//! TLS: who is believed and what is said about the others (spec 3.2, 3.14).

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use provision_fetch::{FetchErrorKind, Identity, Options, Stage, TlsVersion, tls_provider};
use provision_tests::{Answer, Certificate, Ending, Server, TestCa};
use tempfile::TempDir;

use super::{GOOD, Run, run, run_plain};

/// The authority that the tests trust, and a folder with its file.
pub(super) static TRUSTED: LazyLock<(TestCa, TempDir, PathBuf)> = LazyLock::new(|| {
    let ca = TestCa::new();
    let folder = TempDir::new().expect("a temporary folder");
    let file = ca.write_pem(folder.path()).expect("a file in it");
    (ca, folder, file)
});

/// The trusted authority's file.
pub(super) fn trusted_file() -> PathBuf {
    TRUSTED.2.clone()
}

pub(super) fn trusting() -> Options {
    Options { extra_ca_files: vec![trusted_file()], ..Options::default() }
}

async fn run_https(certificate: &Certificate) -> Run {
    let server = Server::https(Answer::ok(GOOD), certificate);
    run(&[server.url("/")], &Identity::Anonymous, &trusting()).await
}

#[tokio::test]
async fn a_server_of_a_trusted_authority_is_good() {
    let server = Server::https(Answer::ok(GOOD), &TRUSTED.0.certificate());
    let by_address = server.url("/");
    let by_name = by_address.replace("127.0.0.1", "localhost");
    for url in [by_address, by_name] {
        let run = run(&[url], &Identity::Anonymous, &trusting()).await;
        assert_eq!(run.value(), GOOD);
        let fetched = run.result.as_ref().expect("it was good");
        let stages: Vec<Stage> =
            fetched.attempts[0].stages.iter().map(|timing| timing.stage).collect();
        // The trust store comes first.
        let expected = [Stage::Trust, Stage::Resolve, Stage::Connect, Stage::Tls, Stage::Request];
        assert_eq!(stages[..5], expected);
    }
}

#[tokio::test]
async fn the_version_of_tls_is_told() {
    for (certificate, version) in [
        (TRUSTED.0.certificate(), TlsVersion::Tls13),
        (TRUSTED.0.certificate().in_tls12(), TlsVersion::Tls12),
    ] {
        let run = run_https(&certificate).await;
        let fetched = run.result.as_ref().expect("it was good");
        assert_eq!(fetched.attempts[0].tls, Some(version));
    }
}

#[tokio::test]
async fn nothing_but_http1_is_spoken_over_tls() {
    let run = run_https(&TRUSTED.0.certificate().speaking("h2")).await;
    let failure = run.failures()[0];
    assert_eq!((failure.code, failure.stage), ("tls-protocol", Stage::Tls));
}

#[test]
fn one_provider_is_chosen_where_there_are_two() {
    let expected = if cfg!(feature = "aws-lc-rs") { "aws-lc-rs" } else { "ring" };
    assert_eq!(tls_provider(), Some(expected));
}

#[tokio::test]
async fn a_host_that_no_certificate_can_name_is_not_asked() {
    let server = Server::https(Answer::ok(GOOD), &TRUSTED.0.certificate());
    for host in ["2130706433", "127.1", "-a.example"] {
        let url = server.url("/").replace("127.0.0.1", host);
        let run = run(&[url], &Identity::Anonymous, &trusting()).await;
        let failure = run.failures()[0];
        assert_eq!((failure.stage, failure.code), (Stage::Url, "url-host"), "{host}");
    }
    assert_eq!(server.connection_count(), 0);
}

#[tokio::test]
async fn each_fault_of_a_certificate_is_named() {
    for (certificate, code) in [
        (TestCa::named("Stranger").certificate(), "tls-untrusted"),
        (TestCa::new().certificate(), "tls-untrusted"),
        (TRUSTED.0.expired(), "tls-expired"),
        (TRUSTED.0.not_yet_valid(), "tls-not-yet-valid"),
        (TRUSTED.0.for_name("other.example"), "tls-name"),
    ] {
        let run = run_https(&certificate).await;
        let failure = run.failures()[0];
        assert_eq!((failure.code, failure.stage), (code, Stage::Tls), "{failure:?}");
        assert!(failure.hint.is_some());
        assert!(!failure.message.contains("other.example"), "{failure:?}");
        assert!(!failure.retry_can_help);
    }
}

#[tokio::test]
async fn a_refused_server_sees_no_request() {
    let server = Server::https(Answer::ok(GOOD), &TestCa::new().certificate());
    let run = run(&[server.url("/")], &Identity::Anonymous, &trusting()).await;
    assert_eq!(run.codes(), ["tls-untrusted"]);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn plain_http_at_an_https_url_is_told() {
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{GOOD}");
    let server = Server::speaking_first(answer, Ending::Close);
    let url = server.url("/").replace("http://", "https://");
    let run = run(&[url], &Identity::Anonymous, &trusting()).await;
    let failure = run.failures()[0];
    assert_eq!((failure.code, failure.stage), ("tls-not-spoken", Stage::Tls));
    assert!(failure.hint.as_ref().is_some_and(|hint| hint.contains("http://")));
}

#[tokio::test]
async fn a_handshake_that_is_cut_is_told() {
    let server = Server::speaking_first(b"\x16\x03\x03\x00\x40".to_vec(), Ending::Close);
    let url = server.url("/").replace("http://", "https://");
    let run = run(&[url], &Identity::Anonymous, &trusting()).await;
    assert_eq!(run.codes(), ["tls-closed"]);
}

#[tokio::test]
async fn https_at_an_http_url_is_told() {
    let server = Server::https(Answer::ok(GOOD), &TRUSTED.0.certificate());
    let run = run_plain(&[server.url("/").replace("https://", "http://")]).await;
    let failure = run.failures()[0];
    assert_eq!(failure.stage, Stage::Request);
    assert!(failure.hint.as_ref().is_some_and(|hint| hint.contains("https://")), "{failure:?}");
}

#[tokio::test]
async fn a_body_that_ends_without_the_end_of_tls_is_cut_short() {
    let answer = Answer::raw(format!("HTTP/1.1 200 OK\r\n\r\n{GOOD}")).then(Ending::Cut);
    let server = Server::https(answer, &TRUSTED.0.certificate());
    let run = run(&[server.url("/")], &Identity::Anonymous, &trusting()).await;
    assert_eq!(run.codes(), ["body-truncated"]);
}

#[tokio::test]
async fn never_from_https_to_http() {
    let server =
        Server::https(Answer::redirect(302, "http://127.0.0.1/"), &TRUSTED.0.certificate());
    let run = run(&[server.url("/")], &Identity::Anonymous, &trusting()).await;
    assert_eq!(run.codes(), ["redirect-origin"]);
}

#[tokio::test]
async fn an_extra_ca_file_that_cannot_be_used_ends_the_run_before_it_begins() {
    let server = Server::http(Answer::ok(GOOD));
    let folder = TempDir::new().expect("a temporary folder");
    let good = fs::read_to_string(trusted_file()).expect("the file is there");
    let body = good.lines().nth(1).expect("a line of the certificate");
    for (name, content, code) in [
        ("absent.pem", None, "ca-file-unreadable"),
        ("empty.pem", Some(String::new()), "ca-file-empty"),
        ("text.pem", Some("no certificate".to_owned()), "ca-file-empty"),
        ("second.pem", Some(good.clone() + &good.replacen(body, "AAAA", 1)), "ca-file-malformed"),
        ("cut.pem", Some(good[..good.len() / 2].to_owned()), "ca-file-malformed"),
    ] {
        let path = folder.path().join(name);
        if let Some(content) = content {
            fs::write(&path, content).expect("a file in the folder");
        }
        let options = Options { extra_ca_files: vec![trusted_file(), path], ..Options::default() };
        let run = run(&[server.url("/")], &Identity::Anonymous, &options).await;
        assert_eq!(run.error().kind(), FetchErrorKind::Trust, "{name}");
        assert_eq!(run.error().code(), code, "{name}");
        assert!(run.error().to_string().contains(name), "{}", run.error());
    }
    assert_eq!(server.connection_count(), 0);
}
