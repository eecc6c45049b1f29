//! What goes out to a server, to the byte (spec 3.3–3.6).

use provision_fetch::{
    Credentials, FetchErrorKind, Identity, Md5Digest, Options, Password, Secret, UrlPassword,
};
use provision_tests::{Answer, Server};

use super::{DIGEST, GOOD, PASSWORD, alice, run, run_plain};

#[tokio::test]
async fn a_plain_request_says_this_and_nothing_else() {
    let server = Server::http(Answer::ok(GOOD));
    let run = run_plain(&[server.url("/provision/?a=b")]).await;
    assert_eq!(run.value(), GOOD);
    let expected = format!(
        "GET /provision/?a=b HTTP/1.1\r\n\
         host: {}\r\n\
         user-agent: provision/{}\r\n\
         accept: */*\r\n\
         connection: close\r\n\
         \r\n",
        server.address(),
        env!("CARGO_PKG_VERSION"),
    );
    assert_eq!(server.requests()[0].raw, expected);
}

#[tokio::test]
async fn basic_goes_with_the_first_request() {
    let server = Server::http(Answer::ok(GOOD));
    let run = run(&[server.url("/p")], &Identity::Basic(alice()), &Options::default()).await;
    assert_eq!(run.value(), GOOD);
    let expected = format!(
        "GET /p HTTP/1.1\r\n\
         host: {}\r\n\
         user-agent: provision/{}\r\n\
         accept: */*\r\n\
         authorization: Basic YWxpY2U6YzRuYXJ5L3Bhc3Mgd8O2cmQ=\r\n\
         connection: close\r\n\
         \r\n",
        server.address(),
        env!("CARGO_PKG_VERSION"),
    );
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].raw, expected);
}

#[tokio::test]
async fn url_credentials_go_into_the_query() {
    let server = Server::http(Answer::ok(GOOD));
    let urls = [server.url("/p/?username=[user]&password=[pass]&v=[version]")];
    let identity =
        Identity::Url(Credentials::new("alice & bob", Password::Plain(Secret::new(PASSWORD))));
    let by_digest = run(&urls, &identity, &Options::default()).await;
    assert_eq!(by_digest.value(), GOOD);
    assert_eq!(
        server.requests()[0].line,
        format!("GET /p/?username=alice%20%26%20bob&password={DIGEST}&v=1.14 HTTP/1.1")
    );
    assert_eq!(server.requests()[0].header("authorization"), None);
    let fetched = by_digest.result.as_ref().expect("it was good");
    assert_eq!(
        fetched.url.to_string(),
        server.url("/p/?username=alice%20%26%20bob&password=[masked]&v=1.14")
    );

    let plain = Options { url_password: UrlPassword::Plain, ..Options::default() };
    run(&urls, &identity, &plain).await;
    assert_eq!(
        server.requests()[1].line,
        "GET /p/?username=alice%20%26%20bob&password=c4nary%2Fpass%20w%C3%B6rd&v=1.14 HTTP/1.1"
    );
}

#[tokio::test]
async fn a_digest_goes_into_the_url_as_it_stands() {
    let server = Server::http(Answer::ok(GOOD));
    let digest = DIGEST.to_uppercase();
    let password = Password::Md5Digest(Md5Digest::parse(&digest).expect("32 digits"));
    let identity = Identity::Url(Credentials::new("alice", password));
    for url_password in [UrlPassword::Md5, UrlPassword::Plain] {
        let options = Options { url_password, ..Options::default() };
        run(&[server.url("/[pass]")], &identity, &options).await;
    }
    let paths: Vec<String> =
        server.requests().iter().map(|request| request.path().to_owned()).collect();
    assert_eq!(paths, [format!("/{digest}"), format!("/{digest}")]);
}

#[tokio::test]
async fn without_credentials_in_the_url_placeholders_are_empty() {
    let server = Server::http(Answer::ok(GOOD));
    for identity in [Identity::Anonymous, Identity::Basic(alice())] {
        let run = run(&[server.url("/?u=[user]&p=[pass]")], &identity, &Options::default()).await;
        assert_eq!(run.warnings(), ["url-placeholder-emptied"]);
    }
    for request in server.requests() {
        assert_eq!(request.target(), "/?u=&p=");
    }
}

#[tokio::test]
async fn what_basic_cannot_send_is_refused_before_any_connection() {
    let server = Server::http(Answer::ok(GOOD));
    let plain = Password::Plain(Secret::new(PASSWORD));
    let digest = Password::Md5Digest(Md5Digest::of(PASSWORD));
    for (credentials, code) in [
        (Credentials::new("al:ice", plain), "basic-user-colon"),
        (Credentials::new("alice", digest), "basic-digest"),
    ] {
        let identity = Identity::Basic(credentials);
        let run = run(&[server.url("/")], &identity, &Options::default()).await;
        assert_eq!(run.error().kind(), FetchErrorKind::UnusableCredentials);
        assert_eq!(run.error().code(), code);
        assert!(run.error().attempts().is_empty());
        assert!(run.events.is_empty());
    }
    assert_eq!(server.connection_count(), 0);
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_before_any_connection() {
    let server = Server::http(Answer::ok(GOOD));
    let port = server.address().port();
    let urls = [
        format!("http://127.0.0.1:{port}x/"),
        format!("http://alice@127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}/#fragment"),
        format!("http://127.0.0.1:{port}/a b"),
        format!("ftp://127.0.0.1:{port}/"),
        format!("http://[user].example:{port}/"),
        format!("http://127.0.0.1:{}/", u32::from(port) + 65536),
    ];
    let run = run(&urls, &Identity::Url(alice()), &Options::default()).await;
    assert_eq!(run.error().kind(), FetchErrorKind::AllFailed);
    assert_eq!(
        run.codes(),
        [
            "url-port",
            "url-user-information",
            "url-fragment",
            "url-white-space",
            "url-scheme",
            "url-placeholder",
            "url-port",
        ]
    );
    assert!(!run.error().retry_can_help());
    assert_eq!(server.connection_count(), 0);
}
