//! Redirects against real servers (spec 3.7).

use provision_fetch::{Event, Identity, Options};
use provision_tests::{Answer, Server};

use super::{DIGEST, GOOD, alice, run, run_plain};

#[tokio::test]
async fn within_the_origin_credentials_go_along() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::routes([
            ("/a", Answer::redirect(status, "b/../c?x=1")),
            ("/c", Answer::ok(GOOD)),
        ]);
        let run = run(&[server.url("/a")], &Identity::Basic(alice()), &Options::default()).await;
        assert_eq!(run.value(), GOOD);
        let requests = server.requests();
        assert_eq!(requests[1].line, "GET /c?x=1 HTTP/1.1");
        assert_eq!(requests[0].headers, requests[1].headers);
        assert!(requests[1].header("authorization").is_some());
        assert_eq!(requests[1].header("referer"), None);
        let redirected: Vec<_> = run
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Redirected { status, origin, .. } => Some((status.as_u16(), origin.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(redirected, [(status, server.origin())]);
        // What is shown is the URL of the list.
        let fetched = run.result.as_ref().expect("it was good");
        assert_eq!(fetched.url.to_string(), server.url("/a"));
    }
}

#[tokio::test]
async fn nothing_is_substituted_in_a_redirect() {
    let server =
        Server::routes([("/a", Answer::redirect(302, "/b?p=[pass]")), ("/b", Answer::ok(GOOD))]);
    let run = run(&[server.url("/a?p=[pass]")], &Identity::Url(alice()), &Options::default()).await;
    assert_eq!(run.value(), GOOD);
    assert_eq!(server.requests()[0].target(), format!("/a?p={DIGEST}"));
    assert_eq!(server.requests()[1].target(), "/b?p=[pass]");
}

#[tokio::test]
async fn another_origin_is_named_and_sees_no_request() {
    let other = Server::http(Answer::ok(GOOD));
    let good = Server::http(Answer::ok(GOOD));
    let port = other.address().port();
    for location in [
        other.url("/p?password=stolen"),
        format!("//127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("https://127.0.0.1:{port}/"),
    ] {
        let server = Server::http(Answer::redirect(302, &location).body(GOOD));
        // That the list names the target makes no difference.
        let urls = [server.url("/?p=[pass]"), good.url("/")];
        for identity in [Identity::Url(alice()), Identity::Basic(alice())] {
            let run = run(&urls, &identity, &Options::default()).await;
            assert_eq!(run.value(), GOOD);
            let failure = run.failures()[0];
            assert_eq!(failure.code, "redirect-origin", "{location}");
            assert!(failure.message.contains(&port.to_string()), "{failure:?}");
            assert!(!failure.message.contains("stolen"), "{failure:?}");
            assert!(failure.hint.as_ref().is_some_and(|hint| hint.contains("base_urls")));
        }
    }
    assert_eq!(other.connection_count(), 0);
}

#[tokio::test]
async fn a_target_in_the_list_is_asked_in_its_own_turn_only() {
    let two = Server::http(Answer::ok(GOOD));
    let one = Server::http(Answer::redirect(302, &two.url("/from-one")));
    let run = run_plain(&[one.url("/"), two.url("/own")]).await;
    assert_eq!(run.value(), GOOD);
    let targets: Vec<String> =
        two.requests().iter().map(|request| request.target().to_owned()).collect();
    assert_eq!(targets, ["/own"]);
}

#[tokio::test]
async fn locations_that_lead_nowhere_fail() {
    let unusable =
        ["", "ftp://127.0.0.1/", "http://", "http://u:p@127.0.0.1/", "javascript:x", "/\u{fc}"];
    for location in unusable {
        let server = Server::http(Answer::redirect(302, location));
        assert_eq!(
            run_plain(&[server.url("/")]).await.codes(),
            ["redirect-location"],
            "{location}"
        );
        assert_eq!(server.requests().len(), 1);
    }
    for answer in
        [Answer::status(302).body(GOOD), Answer::redirect(302, "/a").header("Location", "/b")]
    {
        let server = Server::http(answer);
        assert_eq!(run_plain(&[server.url("/")]).await.codes(), ["redirect-location"]);
    }
    // 300, 304 and 305 are no redirects of ours.
    for status in [300, 304, 305] {
        let server = Server::http(Answer::redirect(status, "/b"));
        assert_eq!(run_plain(&[server.url("/a")]).await.codes(), ["http-status"]);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn circles_and_long_chains_end() {
    let circle =
        Server::routes([("/a", Answer::redirect(302, "/b")), ("/b", Answer::redirect(302, "/a"))]);
    assert_eq!(run_plain(&[circle.url("/a")]).await.codes(), ["redirect-loop"]);
    assert_eq!(circle.requests().len(), 2);

    let chain = Server::answering(|request| {
        let hop: u32 = request.path()[1..].parse().expect("a number");
        Answer::redirect(302, &format!("/{}", hop + 1))
    });
    assert_eq!(run_plain(&[chain.url("/0")]).await.codes(), ["redirect-limit"]);
    assert_eq!(chain.requests().len(), 6);
}

#[tokio::test]
async fn redirect_targets_count_as_tried() {
    let server = Server::routes([
        ("/a", Answer::redirect(302, "/c")),
        ("/b", Answer::redirect(302, "/c")),
        ("/c", Answer::status(403)),
    ]);
    let run = run_plain(&[server.url("/a"), server.url("/b"), server.url("/c")]).await;
    assert_eq!(run.codes(), ["http-status", "redirect-repeat", "url-repeated"]);
    let paths: Vec<String> =
        server.requests().iter().map(|request| request.path().to_owned()).collect();
    assert_eq!(paths, ["/a", "/c", "/b"]);
}
