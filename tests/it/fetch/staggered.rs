//! Slow servers: who is asked beside whom, and whose answer is waited for (spec 3.10).

use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use provision_fetch::{Event, Identity, Options, Order, StartReason};
use provision_tests::{Answer, Ending, Server};

use super::{GOOD, Run, impatient, run, run_plain};

/// The starts, in their order.
fn starts(run: &Run) -> Vec<(usize, StartReason)> {
    run.events
        .iter()
        .filter_map(|event| match event {
            Event::AttemptStarted { url_index, reason, .. } => Some((*url_index, *reason)),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn a_silent_server_costs_three_seconds() {
    let (silent, good) = (Server::http(Answer::silence()), Server::http(Answer::ok(GOOD)));
    let began = Instant::now();
    let run = run_plain(&[silent.url("/"), good.url("/"), good.url("/never")]).await;
    let elapsed = began.elapsed();
    assert_eq!(run.value(), GOOD);
    assert_eq!(starts(&run), [(0, StartReason::First), (1, StartReason::Delay)]);
    assert_eq!(run.codes(), ["outrun"]);
    assert!(elapsed >= Duration::from_secs(3), "{elapsed:?}");
    assert!(elapsed < Duration::from_millis(3900), "{elapsed:?}");
}

#[tokio::test]
async fn an_earlier_server_that_answers_in_time_wins() {
    // The first server answers as soon as the second one has.
    let (answered, second_has_answered) = channel();
    let second_has_answered = Mutex::new(second_has_answered);
    let slow = Server::answering(move |_| {
        let waiting = second_has_answered.lock().expect("only this server waits");
        waiting.recv_timeout(Duration::from_secs(10)).expect("the second server is asked");
        Answer::ok(format!("{GOOD}<!--slow-->"))
    });
    let quick = Server::answering(move |_| {
        answered.send(()).expect("the first server waits");
        Answer::ok(format!("{GOOD}<!--quick-->"))
    });
    let run = run_plain(&[slow.url("/"), quick.url("/")]).await;
    assert_eq!(run.value(), format!("{GOOD}<!--slow-->"));
    let fetched = run.result.as_ref().expect("both are good");
    assert_eq!((fetched.url_index, fetched.attempts.len()), (0, 2));
}

#[tokio::test]
async fn a_message_that_does_not_come_holds_nobody_up() {
    let refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 99\r\n\r\n<error>";
    let bad = Server::http(Answer::raw(refusal).then(Ending::Hang));
    let good = Server::http(Answer::ok(GOOD));
    let began = Instant::now();
    let run = run_plain(&[bad.url("/"), good.url("/")]).await;
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
    assert_eq!(run.value(), GOOD);
    assert_eq!(starts(&run), [(0, StartReason::First), (1, StartReason::Failure)]);
    assert_eq!(run.codes(), ["http-status"]);
}

#[tokio::test]
async fn a_late_message_is_still_shown() {
    // The refusal's text comes when the second server has refused as well.
    let (refused, second_has_refused) = channel();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("it is bound"));
    let first = thread::spawn(move || -> io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        let mut request = [0; 4096];
        assert!(stream.read(&mut request)? > 0);
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 17\r\n\r\n")?;
        second_has_refused.recv_timeout(Duration::from_secs(10)).expect("the second is asked");
        stream.write_all(b"<error>no</error>")
    });
    let second = Server::answering(move |_| {
        refused.send(()).expect("the first server waits");
        Answer::status(404)
    });
    let run = run_plain(&[url, second.url("/")]).await;
    first.join().expect("it does not panic").expect("the client waits for the text");
    let message = run.error().server_message().expect("the first one said something");
    assert_eq!(message.text, "no");
}

#[tokio::test]
async fn in_sequential_order_nothing_runs_beside() {
    let (silent, good) = (Server::http(Answer::silence()), Server::http(Answer::ok(GOOD)));
    let options = Options { order: Order::Sequential, ..impatient() };
    let run = run(&[silent.url("/"), good.url("/")], &Identity::Anonymous, &options).await;
    assert_eq!(run.value(), GOOD);
    assert_eq!(starts(&run), [(0, StartReason::First), (1, StartReason::Failure)]);
    assert_eq!(run.codes(), ["attempt-timeout"]);
}
