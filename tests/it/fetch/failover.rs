//! Which answer counts, and who is asked next (spec 3.1, 3.2, 3.11, 3.12).

use std::time::Duration;

use provision_fetch::{Event, FetchErrorKind, Identity, Limits, OnErrorAnswer, Options, Stage};
use provision_tests::{Answer, Ending, Server};

use super::{GOOD, impatient, run, run_plain};

#[tokio::test]
async fn the_first_good_answer_ends_the_run() {
    let (one, two) = (Server::http(Answer::ok(GOOD)), Server::http(Answer::ok(GOOD)));
    let run = run_plain(&[one.url("/"), two.url("/")]).await;
    let fetched = run.result.as_ref().expect("both are good");
    assert_eq!(fetched.url_index, 0);
    assert_eq!(fetched.attempts.len(), 1);
    assert_eq!(two.connection_count(), 0);
}

#[tokio::test]
async fn every_failure_leads_to_the_next_url() {
    let large = Answer::ok("x".repeat(9 << 20));
    let head = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n{GOOD}", "x".repeat(65 << 10));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n{GOOD}", "X: y\r\n".repeat(200));
    let cases = [
        (Answer::status(503).body(GOOD), "http-status", Stage::Status),
        (Answer::status(404).body(GOOD), "http-status", Stage::Status),
        (Answer::status(206).body(GOOD), "http-status", Stage::Status),
        (Answer::status(204), "http-status", Stage::Status),
        (Answer::status(304), "http-status", Stage::Status),
        (
            Answer::raw(format!(
                "HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n{GOOD}"
            )),
            "http-status",
            Stage::Status,
        ),
        (
            Answer::raw(format!("HTTP/1.1 200 OK\r\nContent-Length: 1 0\r\n\r\n{GOOD}")),
            "head-malformed",
            Stage::Request,
        ),
        (Answer::status(999).body(GOOD), "http-status", Stage::Status),
        (Answer::ok("<html>portal</html>"), "not-good", Stage::Accept),
        (Answer::ok(""), "not-good", Stage::Accept),
        (
            Answer::raw(format!("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{GOOD}")),
            "body-truncated",
            Stage::Body,
        ),
        (
            Answer::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n<options/>\r\n"),
            "body-truncated",
            Stage::Body,
        ),
        (
            Answer::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n<options/>"),
            "body-malformed",
            Stage::Body,
        ),
        (Answer::ok(GOOD).header("Content-Encoding", "gzip"), "content-encoding", Stage::Status),
        (
            Answer::raw(format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\na\r\n{GOOD}\r\n0\r\n\r\n"
            )),
            "transfer-encoding",
            Stage::Status,
        ),
        (large, "body-too-large", Stage::Status),
        (
            Answer::endless("HTTP/1.1 200 OK\r\n\r\n<options/>", " ".repeat(4096)),
            "body-too-large",
            Stage::Body,
        ),
        (Answer::raw(head), "head-too-large", Stage::Request),
        (Answer::endless("HTTP/1.1 200 OK\r\nX: ", "xxxxxxxx"), "head-too-large", Stage::Request),
        (Answer::raw(many), "head-malformed", Stage::Request),
        (
            Answer::endless("", "HTTP/1.1 103 Early Hints\r\n\r\n"),
            "interim-answers",
            Stage::Request,
        ),
        (Answer::raw("HTTP/1.1 100 Continue\r\n\r\n"), "request-closed", Stage::Request),
        (Answer::raw("ICY 200 OK\r\n\r\n"), "head-malformed", Stage::Request),
        (Answer::raw(GOOD), "head-malformed", Stage::Request),
        (Answer::raw("HTTP/1.1 200 OK\r\nContent-Le"), "request-closed", Stage::Request),
        (Answer::raw(""), "request-closed", Stage::Request),
        (Answer::raw("").then(Ending::Reset), "request-reset", Stage::Request),
    ];
    let good = Server::http(Answer::ok(GOOD));
    for (index, (answer, code, stage)) in cases.into_iter().enumerate() {
        let bad = Server::http(answer);
        let run = run_plain(&[bad.url("/"), good.url("/")]).await;
        assert_eq!(run.value(), GOOD, "case {index}");
        assert_eq!(run.codes(), [code], "case {index}: {:?}", run.failures());
        let failure = run.failures()[0];
        assert_eq!(failure.stage, stage, "case {index}: {failure:?}");
        assert!(failure.hint.is_some(), "case {index}: {failure:?}");
        assert!(!failure.message.contains("Reason"), "case {index}: {failure:?}");
    }
}

/// Whether their number or their size is noticed first depends on how the bytes arrive.
#[tokio::test]
async fn fields_without_end_lead_to_the_next_url() {
    let bad = Server::http(Answer::endless("HTTP/1.1 200 OK\r\n", "X: y\r\n"));
    let good = Server::http(Answer::ok(GOOD));
    let run = run_plain(&[bad.url("/"), good.url("/")]).await;
    assert_eq!(run.value(), GOOD);
    let failure = run.failures()[0];
    assert!(matches!(failure.code, "head-malformed" | "head-too-large"), "{failure:?}");
    assert_eq!(failure.stage, Stage::Request);
}

/// Whether the first bytes arrive before the reset does is the system's choice.
#[tokio::test]
async fn a_reset_in_the_middle_leads_to_the_next_url() {
    let answer = Answer::raw(format!("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{GOOD}"));
    let bad = Server::http(answer.then(Ending::Reset));
    let good = Server::http(Answer::ok(GOOD));
    let run = run_plain(&[bad.url("/"), good.url("/")]).await;
    assert_eq!(run.value(), GOOD);
    let failure = run.failures()[0];
    assert!(matches!(failure.code, "body-truncated" | "request-reset"), "{failure:?}");
    assert!(failure.message.contains("reset"), "{failure:?}");
    assert!(failure.retry_can_help);
}

#[tokio::test]
async fn odd_but_whole_answers_are_good() {
    for answer in [
        Answer::raw(format!("HTTP/1.0 200 OK\r\n\r\n{GOOD}")),
        Answer::raw(format!("HTTP/1.1 200 OK\r\n\r\n{GOOD}")),
        Answer::raw(format!(
            "HTTP/1.1 103 Hints\r\nLink: <http://x/>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{GOOD}"
        )),
        Answer::raw(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na;x=y\r\n{GOOD}\r\n0\r\nTrailer: x\r\n\r\n"
        )),
        Answer::ok(GOOD).header("Content-Type", "text/html"),
        Answer::ok(GOOD).header("Content-Encoding", "identity"),
        Answer::ok(GOOD).header("Refresh", "0; url=http://other.example/"),
    ] {
        let server = Server::http(answer);
        let run = run_plain(&[server.url("/")]).await;
        assert_eq!(run.value(), GOOD);
        assert_eq!(server.connection_count(), 1);
    }
}

#[tokio::test]
async fn servers_that_speak_something_else_fail() {
    for bytes in [
        b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(),
        b"220 mail.example ESMTP\r\n".to_vec(),
        b"\x15\x03\x01\x00\x02\x02\x28".to_vec(),
        vec![0xA5; 32 << 10],
    ] {
        let server = Server::speaking_first(bytes, Ending::Close);
        let run = run_plain(&[server.url("/")]).await;
        let failure = run.failures()[0];
        assert_eq!(
            (failure.code, failure.stage),
            ("head-malformed", Stage::Request),
            "{failure:?}"
        );
    }
}

#[tokio::test]
async fn a_refused_connection_is_named_and_the_next_url_asked() {
    let closed = Server::closed();
    let good = Server::http(Answer::ok(GOOD));
    let run = run_plain(&[closed.url("/"), good.url("/")]).await;
    assert_eq!(run.value(), GOOD);
    let failure = run.failures()[0];
    assert_eq!((failure.stage, failure.code), (Stage::Connect, "connect-refused"));
    assert!(failure.message.contains(&closed.address().to_string()), "{failure:?}");
    assert!(failure.retry_can_help);
    let fetched = run.result.as_ref().expect("it was good");
    assert_eq!(fetched.url_index, 1);
    assert_eq!(fetched.attempts[0].address, Some(closed.address()));
    assert_eq!(fetched.attempts[1].address, Some(good.address()));
}

#[tokio::test]
async fn the_trace_tells_every_stage_in_order() {
    let bad = Server::http(Answer::status(500));
    let good = Server::http(Answer::ok(GOOD));
    let run = run_plain(&[bad.url("/"), good.url("/")]).await;
    let fetched = run.result.as_ref().expect("it was good");
    let stages = |attempt: usize| -> Vec<Stage> {
        fetched.attempts[attempt].stages.iter().map(|timing| timing.stage).collect()
    };
    assert_eq!(stages(0), [Stage::Resolve, Stage::Connect, Stage::Request]);
    assert_eq!(
        stages(1),
        [Stage::Resolve, Stage::Connect, Stage::Request, Stage::Status, Stage::Body, Stage::Accept]
    );
    let told: Vec<String> = run
        .events
        .iter()
        .map(|event| match event {
            Event::AttemptStarted { url_index, .. } => format!("start {url_index}"),
            Event::StageFinished { url_index, stage, .. } => format!("{stage} {url_index}"),
            Event::AttemptEnded(attempt) => {
                format!("end {} {}", attempt.url_index, attempt.outcome.is_ok())
            }
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            "start 0",
            "resolve 0",
            "connect 0",
            "request 0",
            "end 0 false",
            "start 1",
            "resolve 1",
            "connect 1",
            "request 1",
            "status 1",
            "body 1",
            "accept 1",
            "end 1 true",
        ]
    );
    for attempt in &fetched.attempts {
        let stages: Duration = attempt.stages.iter().map(|timing| timing.elapsed).sum();
        assert!(stages <= attempt.elapsed, "{attempt:?}");
    }
}

#[tokio::test]
async fn an_error_answer_leads_on_and_the_first_text_is_shown() {
    for status in [200, 500] {
        let one = Server::http(Answer::status(status).body("<error>first words</error>"));
        let two = Server::http(Answer::ok("<error>second words</error>"));
        let run = run_plain(&[one.url("/"), two.url("/")]).await;
        let error = run.error();
        assert_eq!(error.kind(), FetchErrorKind::AllFailed);
        let message = error.server_message().expect("both servers said something");
        assert_eq!(message.text, "first words");
        assert!(error.is_authentication());
        let first = if status == 200 { "error-answer" } else { "http-status" };
        assert_eq!(run.codes(), [first, "error-answer"]);
        assert_eq!(two.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_error_answer_is_forgotten_when_another_server_is_good() {
    let one = Server::http(Answer::ok("<error>words</error>"));
    let two = Server::http(Answer::ok(GOOD));
    assert_eq!(run_plain(&[one.url("/"), two.url("/")]).await.value(), GOOD);
}

#[tokio::test]
async fn an_error_answer_stops_if_told_so() {
    let options = Options { on_error_answer: OnErrorAnswer::Stop, ..Options::default() };
    for status in [200, 500] {
        let one = Server::http(Answer::status(status).body("<error>words</error>"));
        let two = Server::http(Answer::ok(GOOD));
        let run = run(&[one.url("/"), two.url("/")], &Identity::Anonymous, &options).await;
        let error = run.error();
        assert_eq!(error.kind(), FetchErrorKind::StoppedAtErrorAnswer);
        assert_eq!(error.server_message().map(|message| message.text.as_str()), Some("words"));
        assert_eq!(two.connection_count(), 0);
    }
}

#[tokio::test]
async fn the_body_of_a_bad_status_never_becomes_a_second_failure() {
    let hanging = "HTTP/1.1 403 Forbidden\r\nContent-Length: 99\r\n\r\n<error>";
    for (answer, words) in [
        (Answer::raw(hanging).then(Ending::Hang), None),
        (Answer::raw(hanging), None),
        (Answer::endless("HTTP/1.1 403 Forbidden\r\n\r\n", "x".repeat(1024)), None),
        (Answer::status(403).header("Content-Encoding", "gzip").body("<error>no</error>"), None),
        (Answer::status(403).body("<error>no</error>"), Some("no")),
        (Answer::redirect(302, "http://other.example/").body("<error>no</error>"), Some("no")),
    ] {
        let server = Server::http(answer);
        let run = run(&[server.url("/")], &Identity::Anonymous, &impatient()).await;
        let failure = run.failures()[0];
        assert_eq!(failure.stage, Stage::Status, "{failure:?}");
        assert!(matches!(failure.code, "http-status" | "redirect-origin"), "{failure:?}");
        let message = failure.server_message.as_ref().map(|message| message.text.as_str());
        assert_eq!(message, words);
    }
}

#[tokio::test]
async fn statuses_that_ask_for_other_credentials_say_so() {
    for (status, is_authentication, retry_can_help) in
        [(401, true, false), (403, true, false), (404, false, false), (503, false, true)]
    {
        let server = Server::http(Answer::status(status).header("WWW-Authenticate", "Negotiate"));
        let run = run_plain(&[server.url("/")]).await;
        assert_eq!(run.error().is_authentication(), is_authentication, "{status}");
        assert_eq!(run.error().retry_can_help(), retry_can_help, "{status}");
        // No challenge is answered.
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_url_is_asked_once_per_run() {
    let server = Server::http(Answer::status(403));
    let port = server.address().port();
    let urls = [
        server.url("/a"),
        server.url("/a"),
        format!("HTTP://127.0.0.1:0{port}/a"),
        server.url("/b"),
    ];
    let run = run_plain(&urls).await;
    assert_eq!(run.codes(), ["http-status", "url-repeated", "url-repeated", "http-status"]);
    let paths: Vec<String> =
        server.requests().iter().map(|request| request.path().to_owned()).collect();
    assert_eq!(paths, ["/a", "/b"]);
}

#[tokio::test]
async fn the_run_has_a_deadline() {
    let servers: Vec<Server> = (0..4).map(|_| Server::http(Answer::silence())).collect();
    let urls: Vec<String> = servers.iter().map(|server| server.url("/")).collect();
    let options = Options {
        limits: Limits {
            attempt: Duration::from_millis(200),
            run: Duration::from_millis(500),
            ..Limits::default()
        },
        ..Options::default()
    };
    let run = run(&urls, &Identity::Anonymous, &options).await;
    assert_eq!(run.error().kind(), FetchErrorKind::Deadline);
    assert!(run.error().retry_can_help());
    assert_eq!(run.codes(), ["attempt-timeout", "attempt-timeout", "run-deadline"]);
    assert_eq!(servers[3].connection_count(), 0);
}

#[tokio::test]
async fn an_empty_list_is_told() {
    assert_eq!(run_plain(&[]).await.error().kind(), FetchErrorKind::NoUrls);
}
