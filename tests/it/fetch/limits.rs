//! Times and sizes (spec 3.9).

use std::time::{Duration, Instant};

use provision_fetch::{Answer as FetchAnswer, Identity, Limits, Options, Plan, Stage, Verdict};
use provision_tests::{Answer, Ending, Server};

use super::{GOOD, impatient, run};

fn with(limits: Limits) -> Options {
    Options { limits, ..Options::default() }
}

#[tokio::test]
async fn a_server_that_stalls_is_left_when_the_attempt_is_over() {
    let good = Server::http(Answer::ok(GOOD));
    for (answer, stage) in [
        (Answer::silence(), Stage::Request),
        (Answer::raw("HTTP/1.1 20").then(Ending::Hang), Stage::Request),
        (
            Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<opt").then(Ending::Hang),
            Stage::Body,
        ),
        (Answer::raw("HTTP/1.1 200 OK\r\n\r\n<options/>").then(Ending::Hang), Stage::Body),
    ] {
        let server = Server::http(answer);
        let urls = [server.url("/"), good.url("/")];
        let run = run(&urls, &Identity::Anonymous, &impatient()).await;
        assert_eq!(run.value(), GOOD);
        let failure = run.failures()[0];
        assert_eq!((failure.code, failure.stage), ("attempt-timeout", stage));
    }
}

#[tokio::test]
async fn connecting_and_the_handshake_share_one_limit() {
    // Accepts, and says nothing to the ClientHello.
    let server = Server::speaking_first("", Ending::Hang);
    let url = server.url("/").replace("http://", "https://");
    let options = Options {
        extra_ca_files: vec![super::https::trusted_file()],
        ..with(Limits { connect: Duration::from_millis(300), ..Limits::default() })
    };
    let run = run(&[url], &Identity::Anonymous, &options).await;
    let failure = run.failures()[0];
    assert_eq!((failure.code, failure.stage), ("tls-timeout", Stage::Tls));
    assert!(failure.message.contains("300 ms"), "{failure:?}");
}

#[tokio::test]
async fn every_interim_head_has_the_whole_limit() {
    let hint = format!("HTTP/1.1 103 Early Hints\r\nLink: {}\r\n\r\n", "x".repeat(60_000));
    let good = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{GOOD}", GOOD.len());
    for (hints, codes) in [(8, &[][..]), (9, &["interim-answers"])] {
        let server = Server::http(Answer::raw(hint.repeat(hints) + &good));
        let run = run(&[server.url("/")], &Identity::Anonymous, &Options::default()).await;
        assert_eq!(run.codes(), codes);
    }
}

#[tokio::test]
async fn sizes_are_exact() {
    let body = "<options/>".repeat(10);
    let server = Server::http(Answer::ok(body.as_str()));
    let chunked = Server::http(Answer::raw(format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{body}\r\n0\r\n\r\n"
    )));
    for server in [&server, &chunked] {
        for (limit, codes) in [(100, &[][..]), (99, &["body-too-large"])] {
            let options = with(Limits { body: limit, ..Limits::default() });
            let run = run(&[server.url("/")], &Identity::Anonymous, &options).await;
            assert_eq!(run.codes(), codes, "{limit}");
        }
    }

    let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nX: yyyyyyyyyy\r\n\r\n";
    let server = Server::http(Answer::raw(format!("{head}{GOOD}")));
    for (limit, codes) in [(head.len() + GOOD.len(), &[][..]), (20, &["head-too-large"])] {
        let options = with(Limits { head: limit, ..Limits::default() });
        let run = run(&[server.url("/")], &Identity::Anonymous, &options).await;
        assert_eq!(run.codes(), codes, "{limit}");
    }
}

/// Whatever stands between pieces of a body is bounded as a head is, and no limit of the body's counts it.
#[tokio::test]
async fn framing_without_data_ends() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("{head}a\r\n{GOOD}\r\n");
    for (begin, repeated) in [
        (head.to_owned(), "0"),
        (chunk.clone(), "0"),
        (format!("{chunk}1;a="), "a"),
        (format!("{chunk}0\r\n"), "X-Trailer: value\r\n"),
    ] {
        let server = Server::http(Answer::endless(begin.clone(), repeated.repeat(1000)));
        let run = run(&[server.url("/")], &Identity::Anonymous, &Options::default()).await;
        assert_eq!(run.codes(), ["body-malformed"], "{begin:?} and {repeated:?}");
    }

    // What comes together with data is no such thing, nor is a body that follows close upon a large head.
    let body = format!("{GOOD}{}", " ".repeat(2 << 20));
    let whole = format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let small = format!("{chunk}{}0\r\n\r\n", "1\r\n \r\n".repeat(100_000));
    let long = format!("HTTP/1.1 200 OK\r\nX-Field: {}\r\n\r\n{body}", "x".repeat(65_400));
    for answer in [whole, small, long] {
        let server = Server::http(Answer::raw(answer));
        let run = run(&[server.url("/")], &Identity::Anonymous, &Options::default()).await;
        assert!(run.value().starts_with(GOOD));
    }
}

#[tokio::test]
async fn interim_answers_are_counted() {
    let interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
    for (count, codes) in [(8, &[][..]), (9, &["interim-answers"])] {
        let answer = format!("{}HTTP/1.1 200 OK\r\n\r\n{GOOD}", interim.repeat(count));
        let server = Server::http(Answer::raw(answer));
        let run = run(&[server.url("/")], &Identity::Anonymous, &Options::default()).await;
        assert_eq!(run.codes(), codes, "{count}");
    }
}

#[tokio::test]
async fn limits_of_any_size_are_taken() {
    let server = Server::http(Answer::ok(GOOD));
    let endless = Limits {
        connect: Duration::MAX,
        attempt: Duration::MAX,
        run: Duration::MAX,
        body: usize::MAX,
        head: usize::MAX,
        redirects: usize::MAX,
        interim_answers: usize::MAX,
    };
    let good = run(&[server.url("/")], &Identity::Anonymous, &with(endless)).await;
    assert_eq!(good.value(), GOOD);

    let none = Limits {
        connect: Duration::ZERO,
        attempt: Duration::ZERO,
        run: Duration::ZERO,
        body: 0,
        head: 0,
        redirects: 0,
        interim_answers: 0,
    };
    let bad = run(&[server.url("/")], &Identity::Anonymous, &with(none)).await;
    assert!(bad.result.is_err());
}

#[tokio::test]
async fn dropping_the_future_ends_the_connection() {
    let server = Server::http(Answer::silence());
    let urls = [server.url("/")];
    let plan = Plan { urls: &urls, identity: &Identity::Anonymous };
    let options = Options::default();
    let judge = |_: FetchAnswer<'_>| Verdict::Accept(());
    let fetch = provision_fetch::fetch(&plan, &options, judge, |_| {});
    assert!(tokio::time::timeout(Duration::from_millis(300), fetch).await.is_err());
    assert_eq!(server.connection_count(), 1);
    // The server's own patience is far longer.
    let begin = Instant::now();
    while server.open_connections() > 0 {
        assert!(begin.elapsed() < Duration::from_secs(5), "the connection is still open");
        tokio::task::yield_now().await;
    }
}

/// A fetch can be spawned, and runs where only I/O and time are switched on.
#[test]
fn a_bare_current_thread_runtime_will_do() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let server = Server::http(Answer::ok(GOOD));
    let urls = [server.url("/").replace("127.0.0.1", "localhost")];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .expect("a runtime");
    let plan = Plan { urls: &urls, identity: &Identity::Anonymous };
    let options = Options::default();
    let fetch = provision_fetch::fetch(&plan, &options, super::judge, |_| {});
    let fetched = runtime.block_on(is_send(fetch)).expect("it is good");
    assert_eq!(fetched.value, GOOD);
    assert_eq!(
        server.requests()[0].header("host"),
        Some(&*format!("localhost:{}", server.address().port()))
    );
}
