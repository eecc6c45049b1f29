//! Through proxies: what they are told, and what they may do (spec 3.14).

use std::time::Duration;

use provision_fetch::{
    Failure, Identity, Limits, Options, Proxies, ProxySettings, ProxyUrl, Stage, TlsVersion,
};
use provision_tests::{Answer, Ending, Server, TestCa};

use super::https::{TRUSTED, trusting};
use super::{GOOD, PASSWORD, Run, alice, run};

/// A host that no name server knows.
const HOST: &str = "origin.invalid";

/// `proxy-user:c4nary-proxy`, as RFC 7617 sends them.
const PROXY_BASIC: &str = "Basic cHJveHktdXNlcjpjNG5hcnktcHJveHk=";

fn with_login(proxy: &Server) -> ProxyUrl {
    ProxyUrl::new(format!("http://proxy-user:c4nary-proxy@{}", proxy.address()))
}

fn through(proxy: ProxyUrl) -> Options {
    let settings =
        ProxySettings { http: Some(proxy.clone()), https: Some(proxy), no_proxy: String::new() };
    Options { proxies: Proxies::Settings(settings), ..trusting() }
}

/// What becomes of a URL of this scheme at a proxy that answers like this.
async fn failure(scheme: &str, answer: Answer) -> Failure {
    let proxy = Server::http(answer);
    let options = through(ProxyUrl::new(proxy.origin()));
    let run = run_one(&format!("{scheme}://{HOST}/"), &options).await;
    run.failures()[0].clone()
}

async fn run_one(url: &str, options: &Options) -> Run {
    run(&[url.to_owned()], &Identity::Basic(alice()), options).await
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_whole_http_url() {
    let proxy = Server::http(Answer::ok(GOOD));
    let run = run_one(&format!("http://{HOST}:8080/p?a=1"), &through(with_login(&proxy))).await;

    assert_eq!(run.value(), GOOD);
    let request = &proxy.requests()[0];
    assert_eq!(request.line, format!("GET http://{HOST}:8080/p?a=1 HTTP/1.1"));
    assert_eq!(request.header("host"), Some(format!("{HOST}:8080").as_str()));
    assert_eq!(request.header("proxy-authorization"), Some(PROXY_BASIC));
    assert!(request.header("authorization").is_some());
    let attempt = &run.result.as_ref().expect("it was good").attempts[0];
    assert_eq!(attempt.proxy.as_deref(), Some(proxy.address().to_string().as_str()));
    assert_eq!(attempt.address, Some(proxy.address()));
    let stages: Vec<Stage> = attempt.stages.iter().map(|timing| timing.stage).collect();
    assert_eq!(stages[..3], [Stage::Resolve, Stage::Connect, Stage::Request]);
}

#[tokio::test]
async fn an_https_origin_is_reached_through_a_tunnel() {
    let origin = Server::https(Answer::ok(GOOD), &TRUSTED.0.for_name(HOST));
    let proxy = Server::proxy(origin.address());
    let run = run_one(&format!("https://{HOST}/p?a=1"), &through(with_login(&proxy))).await;

    assert_eq!(run.value(), GOOD);
    let asked = &proxy.requests()[0];
    assert_eq!(asked.line, format!("CONNECT {HOST}:443 HTTP/1.1"));
    assert_eq!(asked.header("host"), Some(format!("{HOST}:443").as_str()));
    assert_eq!(asked.header("proxy-authorization"), Some(PROXY_BASIC));
    assert_eq!(asked.header("authorization"), None);
    let request = &origin.requests()[0];
    assert_eq!(request.line, "GET /p?a=1 HTTP/1.1");
    assert_eq!(request.header("proxy-authorization"), None);
    assert!(request.header("authorization").is_some());

    let attempt = &run.result.as_ref().expect("it was good").attempts[0];
    assert_eq!(attempt.proxy.as_deref(), Some(proxy.address().to_string().as_str()));
    assert_eq!(attempt.tls, Some(TlsVersion::Tls13));
    let stages: Vec<Stage> = attempt.stages.iter().map(|timing| timing.stage).collect();
    let expected =
        [Stage::Trust, Stage::Resolve, Stage::Connect, Stage::Proxy, Stage::Tls, Stage::Request];
    assert_eq!(stages[..6], expected);
}

#[tokio::test]
async fn behind_a_tunnel_the_origin_is_who_must_prove_itself() {
    for (certificate, code) in
        [(TRUSTED.0.certificate(), "tls-name"), (TestCa::new().for_name(HOST), "tls-untrusted")]
    {
        let origin = Server::https(Answer::ok(GOOD), &certificate);
        let proxy = Server::proxy(origin.address());
        let url = format!("https://{HOST}/");
        let run = run_one(&url, &through(ProxyUrl::new(proxy.origin()))).await;
        assert_eq!(run.codes(), [code]);
        assert_eq!(run.failures()[0].stage, Stage::Tls);
        assert!(origin.requests().is_empty());
    }
}

#[tokio::test]
async fn a_proxy_that_wants_credentials_is_told_apart() {
    for scheme in ["http", "https"] {
        let failure = failure(scheme, Answer::status(407).body("<error>no</error>")).await;
        assert_eq!(failure.code, "proxy-authentication");
        assert!(failure.message.starts_with("proxy: 127.0.0.1:"), "{failure:?}");
        assert!(failure.message.ends_with("wants a user and a password"), "{failure:?}");
        assert!(!failure.is_authentication && !failure.retry_can_help);
        assert_eq!(failure.server_message, None);
    }
    let proxy = Server::http(Answer::status(407));
    let run = run_one(&format!("https://{HOST}/"), &through(with_login(&proxy))).await;
    let failure = run.failures()[0];
    assert_eq!((failure.code, failure.stage), ("proxy-authentication", Stage::Proxy));
    assert!(failure.message.ends_with("does not accept the user and the password"));
    assert!(!format!("{:?} {:?}", run.result, run.events).contains("c4nary-proxy"));
}

#[tokio::test]
async fn a_proxy_that_refuses_a_tunnel_is_named() {
    for (status, may_pass) in [(403, false), (301, false), (502, true), (101, false)] {
        let failure = failure("https", Answer::status(status)).await;
        assert_eq!((failure.code, failure.stage), ("proxy-refused", Stage::Proxy), "{failure:?}");
        assert_eq!(failure.retry_can_help, may_pass);
        assert!(failure.message.contains(&status.to_string()), "{failure:?}");
        assert!(!failure.message.contains("Reason"), "{failure:?}");
        assert!(failure.hint.is_some_and(|hint| hint.contains("the setting for https URLs")));
    }
}

#[tokio::test]
async fn a_proxy_is_bounded_as_a_server_is() {
    let raw = |text: String| Answer::raw(text).then(Ending::Hang);
    let interim = "HTTP/1.1 103 Early\r\n\r\n".repeat(9);
    let field = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(70_000));
    for (answer, code) in [
        (raw(interim), "interim-answers"),
        (raw(field), "head-too-large"),
        (raw("SSH-2.0-server\r\n\r\n".to_owned()), "head-malformed"),
        (raw("HTTP/1.1 200 OK\r\n\r\nwelcome".to_owned()), "proxy-answer"),
        (Answer::raw(""), "request-closed"),
    ] {
        let failure = failure("https", answer).await;
        assert_eq!((failure.code, failure.stage), (code, Stage::Proxy), "{failure:?}");
        assert!(failure.message.starts_with("proxy: "), "{failure:?}");
    }
}

#[tokio::test]
async fn a_tunnel_is_opened_within_the_limit_for_connecting() {
    let silent = Server::http(Answer::silence());
    let mute = Server::speaking_first("", Ending::Hang);
    let to_mute = Server::proxy(mute.address());
    for (proxy, code, stage) in
        [(&silent, "proxy-timeout", Stage::Proxy), (&to_mute, "tls-timeout", Stage::Tls)]
    {
        let mut options = through(ProxyUrl::new(proxy.origin()));
        options.limits = Limits { connect: Duration::from_millis(300), ..Limits::default() };
        let run = run_one(&format!("https://{HOST}/"), &options).await;
        assert_eq!((run.failures()[0].code, run.failures()[0].stage), (code, stage));
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_and_who_named_it() {
    let closed = Server::closed();
    let options = through(ProxyUrl::new(closed.address().to_string()));
    for scheme in ["http", "https"] {
        let run = run_one(&format!("{scheme}://{HOST}/"), &options).await;
        let failure = run.failures()[0];
        assert_eq!((failure.code, failure.stage), ("connect-refused", Stage::Connect));
        let message = format!("proxy: no connection to {0} ({0}: refused)", closed.address());
        assert_eq!(failure.message, message);
        let setting = format!("the setting for {scheme} URLs");
        assert!(failure.hint.as_ref().is_some_and(|hint| hint.contains(&setting)), "{failure:?}");
        let attempt = &run.error().attempts()[0];
        assert_eq!(attempt.proxy, Some(closed.address().to_string()));
    }
}

#[tokio::test]
async fn a_proxy_of_another_kind_is_refused_before_any_connection() {
    let proxy = Server::http(Answer::ok(GOOD));
    for (scheme, code) in
        [("socks5", "proxy-scheme"), ("https", "proxy-scheme"), ("x", "proxy-scheme")]
    {
        let url = format!("{scheme}://u:c4nary-proxy@{}", proxy.address());
        let run = run_one(&format!("http://{HOST}/"), &through(ProxyUrl::new(url))).await;
        let failure = run.failures()[0];
        assert_eq!((failure.code, failure.stage), (code, Stage::Url));
        assert!(failure.hint.as_ref().is_some_and(|hint| hint.contains("http://host:port")));
        assert!(!format!("{:?}", run.result).contains("c4nary-proxy"));
    }
    assert_eq!(proxy.connection_count(), 0);
}

#[tokio::test]
async fn an_exempt_host_is_asked_directly() {
    let proxy = Server::http(Answer::status(500));
    let server = Server::http(Answer::ok(GOOD));
    let settings = ProxySettings {
        http: Some(ProxyUrl::new(proxy.origin())),
        https: None,
        no_proxy: "127.0.0.0/8".to_owned(),
    };
    let options = Options { proxies: Proxies::Settings(settings), ..Options::default() };
    let run = run_one(&server.url("/"), &options).await;
    assert_eq!(run.value(), GOOD);
    assert_eq!(run.result.as_ref().expect("it was good").attempts[0].proxy, None);
    assert_eq!(proxy.connection_count(), 0);
}

#[tokio::test]
async fn a_redirect_chooses_its_proxy_anew() {
    let for_http = Server::http(Answer::redirect(301, &format!("https://{HOST}/q")));
    let origin = Server::https(Answer::ok(GOOD), &TRUSTED.0.for_name(HOST));
    let for_https = Server::proxy(origin.address());
    let settings = ProxySettings {
        http: Some(with_login(&for_http)),
        https: Some(ProxyUrl::new(for_https.origin())),
        no_proxy: String::new(),
    };
    let options = Options { proxies: Proxies::Settings(settings), ..trusting() };
    let run = run_one(&format!("http://{HOST}/p"), &options).await;
    assert_eq!(run.value(), GOOD);
    assert_eq!(for_https.requests()[0].line, format!("CONNECT {HOST}:443 HTTP/1.1"));
    assert_eq!(for_https.requests()[0].header("proxy-authorization"), None);
    assert_eq!(origin.requests()[0].line, "GET /q HTTP/1.1");
    let attempt = &run.result.as_ref().expect("it was good").attempts[0];
    assert_eq!(attempt.proxy, Some(for_https.address().to_string()));
}

#[tokio::test]
async fn what_a_proxy_repeats_is_masked() {
    let proxy = Server::answering(|request| {
        let token = request.header("proxy-authorization").unwrap_or("").to_owned();
        Answer::ok(format!("<error>c4nary-proxy {token} {PASSWORD}</error>"))
    });
    let run = run_one(&format!("http://{HOST}/"), &through(with_login(&proxy))).await;
    let message = run.error().server_message().expect("it said something");
    assert_eq!(message.text, "[masked] Basic [masked] [masked]");
}
