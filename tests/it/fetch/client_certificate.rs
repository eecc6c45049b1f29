//! Servers that want to know by a certificate who asks them (spec 3.14).

use std::fs;

use provision_fetch::{ClientCertificate, FetchErrorKind, Identity, Options};
use provision_tests::{Answer, Server, TestCa};
use tempfile::TempDir;

use super::https::{TRUSTED, trusting};
use super::{GOOD, run};

/// An authority for clients, a certificate of its, and its files.
struct Client {
    ca: TestCa,
    folder: TempDir,
    files: ClientCertificate,
}

fn client() -> Client {
    client_of("Clients")
}

fn client_of(authority: &str) -> Client {
    let ca = TestCa::named(authority);
    let folder = TempDir::new().expect("a temporary folder");
    let (chain, key) =
        ca.client_certificate().write_pem(folder.path()).expect("files in the folder");
    Client { ca, folder, files: ClientCertificate { chain, key } }
}

fn showing(files: &ClientCertificate) -> Options {
    Options { client_certificate: Some(files.clone()), ..trusting() }
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_is_shown_it() {
    let client = client();
    for certificate in [TRUSTED.0.certificate(), TRUSTED.0.certificate().in_tls12()] {
        let server = Server::https(Answer::ok(GOOD), &certificate.for_clients_of(&client.ca));
        let run = run(&[server.url("/")], &Identity::Anonymous, &showing(&client.files)).await;
        assert_eq!(run.value(), GOOD);
    }
}

#[tokio::test]
async fn without_the_right_one_it_is_told() {
    let (client, stranger) = (client(), client_of("Strangers"));
    for options in [trusting(), showing(&stranger.files)] {
        for certificate in [TRUSTED.0.certificate(), TRUSTED.0.certificate().in_tls12()] {
            let certificate = certificate.for_clients_of(&client.ca);
            let server = Server::https(Answer::ok(GOOD), &certificate);
            let run = run(&[server.url("/")], &Identity::Anonymous, &options).await;
            assert_eq!(run.codes(), ["tls-client-certificate"], "{:?}", run.failures());
            assert!(server.requests().is_empty());
        }
    }
}

#[tokio::test]
async fn files_that_cannot_be_used_end_the_run_before_it_begins() {
    let server = Server::http(Answer::ok(GOOD));
    let (client, other) = (client(), client());
    let path = |name: &str| client.folder.path().join(name);
    let write = |name: &str, text: &str| fs::write(path(name), text).expect("a file in the folder");
    let certificate = fs::read_to_string(&client.files.chain).expect("it was written");
    let key = fs::read_to_string(&client.files.key).expect("it was written");
    write("empty.pem", "");
    write("cut.pem", &certificate[..certificate.len() / 2]);
    write("both.pem", &(key.clone() + &certificate));
    write("encrypted.pem", &key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
    write("cut-key.pem", &key[..key.len() / 2]);
    let line = key.lines().nth(1).expect("a line of the key");
    write("other-kind.pem", &key.replacen(line, "AAAA", 1));

    let both = ClientCertificate { chain: path("both.pem"), key: path("both.pem") };
    let good = run(&[server.url("/")], &Identity::Anonymous, &showing(&both)).await;
    assert_eq!(good.value(), GOOD);
    let asked = server.connection_count();

    let chain = |name: &str| ClientCertificate { chain: path(name), ..client.files.clone() };
    let keyed = |name: &str| ClientCertificate { key: path(name), ..client.files.clone() };
    for (files, code) in [
        (chain("absent.pem"), "client-certificate-unreadable"),
        (chain("empty.pem"), "client-certificate-empty"),
        (chain("key.pem"), "client-certificate-empty"),
        (chain("cut.pem"), "client-certificate-malformed"),
        (keyed("absent.pem"), "client-certificate-unreadable"),
        (keyed("empty.pem"), "client-key-empty"),
        (keyed("certificate.pem"), "client-key-empty"),
        (keyed("encrypted.pem"), "client-key-encrypted"),
        (keyed("cut-key.pem"), "client-key-malformed"),
        (keyed("other-kind.pem"), "client-key-malformed"),
        (
            ClientCertificate { key: other.files.key.clone(), ..client.files.clone() },
            "client-key-mismatch",
        ),
    ] {
        let run = run(&[server.url("/")], &Identity::Anonymous, &showing(&files)).await;
        let error = run.error();
        assert_eq!((error.kind(), error.code()), (FetchErrorKind::ClientCertificate, code));
        assert!(error.to_string().contains(".pem"), "{error}");
        assert!(error.hint().is_some());
        assert!(!format!("{error:?} {error}").contains(line), "{error:?}");
    }
    assert_eq!(server.connection_count(), asked);
}
