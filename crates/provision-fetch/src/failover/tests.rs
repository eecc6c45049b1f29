use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

const RULES: Rules = Rules {
    order: Order::Staggered,
    on_error_answer: OnErrorAnswer::Next,
    attempt_limit: ms(10_000),
    run_limit: ms(60_000),
};

const SEQUENTIAL: Rules = Rules { order: Order::Sequential, ..RULES };

fn failover(urls: usize, rules: Rules) -> Failover {
    Failover::new(vec![Some(Scheme::Http); urls], rules)
}

#[test]
fn the_next_url_starts_at_once_after_a_failure() {
    for rules in [RULES, SEQUENTIAL] {
        let mut failover = failover(2, rules);
        assert_eq!(failover.next(ms(0)), Action::Start(0, StartReason::First));
        assert!(matches!(failover.next(ms(0)), Action::Wait { .. }));
        failover.report(0, Outcome::Failed);
        assert_eq!(failover.next(ms(7)), Action::Start(1, StartReason::Failure));
        assert_eq!(failover.next(ms(7)), Action::Wait { until: ms(10_007) });
        failover.report(1, Outcome::Accepted);
        assert_eq!(failover.next(ms(8)), Action::Finish(Finish::Won(1)));
    }
}

#[test]
fn starts_by_time_come_closer_and_closer() {
    let mut failover = failover(17, RULES);
    let mut starts = vec![0];
    let mut now = ms(0);
    assert_eq!(failover.next(now), Action::Start(0, StartReason::First));
    while starts.len() < 17 {
        match failover.next(now) {
            Action::Wait { until } => now = until,
            action => {
                assert_eq!(action, Action::Start(starts.len(), StartReason::Delay));
                starts.push(now.as_millis());
            }
        }
    }
    assert_eq!(starts[..6], [0, 1000, 1500, 1750, 1875, 1975]);
    assert_eq!(starts[15..], [2975, 3075]);
}

#[test]
fn every_start_begins_the_next_gap() {
    let mut failover = failover(4, RULES);
    assert_eq!(failover.next(ms(0)), Action::Start(0, StartReason::First));
    assert_eq!(failover.next(ms(1000)), Action::Start(1, StartReason::Delay));
    failover.report(1, Outcome::Failed);
    assert_eq!(failover.next(ms(1200)), Action::Start(2, StartReason::Failure));
    // One start by time so far: half a second after the last start, whatever that was for.
    assert_eq!(failover.next(ms(1200)), Action::Wait { until: ms(1700) });
    assert_eq!(failover.next(ms(1700)), Action::Start(3, StartReason::Delay));
}

#[test]
fn an_answer_is_held_for_an_earlier_url_and_no_longer() {
    let held = || {
        let mut failover = failover(3, RULES);
        assert_eq!(failover.next(ms(0)), Action::Start(0, StartReason::First));
        assert_eq!(failover.next(ms(1000)), Action::Start(1, StartReason::Delay));
        failover.report(1, Outcome::Accepted);
        // Nothing more is started meanwhile.
        assert_eq!(failover.next(ms(1100)), Action::Wait { until: ms(3000) });
        failover
    };
    let mut failover = held();
    failover.report(0, Outcome::Accepted);
    assert_eq!(failover.next(ms(2999)), Action::Finish(Finish::Won(0)));
    let mut failover = held();
    failover.report(0, Outcome::Failed);
    assert_eq!(failover.next(ms(1200)), Action::Finish(Finish::Won(1)));
    let mut failover = held();
    failover.report(0, Outcome::Settled);
    assert_eq!(failover.next(ms(1200)), Action::Finish(Finish::Won(1)));
    let mut failover = held();
    assert_eq!(failover.next(ms(3000)), Action::Finish(Finish::Won(1)));
}

#[test]
fn http_does_not_start_beside_https() {
    let schemes = [Scheme::Https, Scheme::Http, Scheme::Https].map(Some);
    let mut failover = Failover::new(schemes, RULES);
    assert_eq!(failover.next(ms(0)), Action::Start(0, StartReason::First));
    assert_eq!(failover.next(ms(5000)), Action::Wait { until: ms(10_000) });
    assert_eq!(failover.next(ms(10_000)), Action::Abandon(0));
    assert_eq!(failover.next(ms(10_000)), Action::Start(1, StartReason::Failure));
    assert_eq!(failover.next(ms(11_000)), Action::Start(2, StartReason::Delay));
}

#[test]
fn an_attempt_is_abandoned_when_its_time_is_over() {
    let mut failover = failover(2, SEQUENTIAL);
    assert_eq!(failover.next(ms(0)), Action::Start(0, StartReason::First));
    assert_eq!(failover.next(ms(9_999)), Action::Wait { until: ms(10_000) });
    assert_eq!(failover.next(ms(10_000)), Action::Abandon(0));
    assert_eq!(failover.next(ms(10_000)), Action::Start(1, StartReason::Failure));
    // What the abandoned attempt still says is stale.
    failover.report(0, Outcome::Accepted);
    assert_eq!(failover.next(ms(10_001)), Action::Wait { until: ms(20_000) });
}

#[test]
fn the_run_ends_in_time() {
    let rules = Rules { run_limit: ms(2500), ..RULES };
    let mut failover = failover(2, rules);
    assert_eq!(failover.next(ms(0)), Action::Start(0, StartReason::First));
    assert_eq!(failover.next(ms(1000)), Action::Start(1, StartReason::Delay));
    assert_eq!(failover.next(ms(1000)), Action::Wait { until: ms(2500) });
    assert_eq!(failover.next(ms(2500)), Action::Finish(Finish::Deadline));
    // An answer that is held then counts.
    failover.report(1, Outcome::Accepted);
    assert_eq!(failover.next(ms(2500)), Action::Finish(Finish::Won(1)));
}

#[test]
fn an_error_answer_stops_only_by_policy() {
    for (on_error_answer, next) in [
        (OnErrorAnswer::Next, Action::Start(1, StartReason::Failure)),
        (OnErrorAnswer::Stop, Action::Finish(Finish::Stopped)),
    ] {
        for order in [Order::Staggered, Order::Sequential] {
            let mut failover = failover(2, Rules { order, on_error_answer, ..RULES });
            assert_eq!(failover.next(ms(0)), Action::Start(0, StartReason::First));
            failover.report(0, Outcome::ErrorAnswer);
            assert_eq!(failover.next(ms(1)), next);
        }
    }
}

#[test]
fn a_message_is_waited_for_beside_the_next_url() {
    let mut failover = failover(2, RULES);
    assert_eq!(failover.next(ms(0)), Action::Start(0, StartReason::First));
    failover.report(0, Outcome::Settled);
    assert_eq!(failover.next(ms(1)), Action::Start(1, StartReason::Failure));
    failover.report(1, Outcome::Failed);
    // The run does not end before the message is there, or its time is over.
    assert_eq!(failover.next(ms(2)), Action::Wait { until: ms(10_000) });
    failover.report(0, Outcome::ErrorAnswer);
    assert_eq!(failover.next(ms(3)), Action::Finish(Finish::AllFailed));
}

#[test]
fn a_message_that_may_end_the_run_is_waited_for_alone() {
    let rules = Rules { on_error_answer: OnErrorAnswer::Stop, ..RULES };
    for (outcome, next) in [
        (Outcome::ErrorAnswer, Action::Finish(Finish::Stopped)),
        (Outcome::Failed, Action::Start(1, StartReason::Failure)),
    ] {
        let mut failover = failover(2, rules);
        assert_eq!(failover.next(ms(0)), Action::Start(0, StartReason::First));
        failover.report(0, Outcome::Settled);
        assert_eq!(failover.next(ms(1)), Action::Wait { until: ms(1000) });
        failover.report(0, outcome);
        assert_eq!(failover.next(ms(2)), next);
    }
}

#[test]
fn limits_without_end_do_not_overflow() {
    let rules = Rules { attempt_limit: Duration::MAX, run_limit: Duration::MAX, ..SEQUENTIAL };
    let mut failover = failover(1, rules);
    assert_eq!(failover.next(ms(5)), Action::Start(0, StartReason::First));
    assert_eq!(failover.next(ms(6)), Action::Wait { until: Duration::MAX });
}

/// What a server does with whoever asks it.
#[derive(Clone, Debug)]
struct Server {
    scheme: Option<Scheme>,
    /// From the start of its attempt to the outcome; none for a server that hangs.
    delay: Option<Duration>,
    outcome: Outcome,
    /// From the outcome `Settled`, if that is its first, to the second.
    message: Duration,
}

/// What was seen of a run.
#[derive(Debug)]
struct Seen {
    starts: Vec<Duration>,
    finish: Finish,
    at: Duration,
}

/// Runs the machine against the servers, checking on the way what must hold at every moment.
fn play(servers: &[Server], rules: Rules) -> Seen {
    let mut failover = Failover::new(servers.iter().map(|server| server.scheme), rules);
    let mut starts = Vec::new();
    let mut news: BTreeSet<(Duration, usize, bool)> = BTreeSet::new();
    let mut pending: BTreeSet<usize> = BTreeSet::new();
    let mut now = ms(0);
    for _ in 0..10_000 {
        match failover.next(now) {
            Action::Start(url, _) => {
                let server = &servers[url];
                assert_eq!(url, starts.len(), "in their order, each once");
                let is_https = |url: &usize| servers[*url].scheme == Some(Scheme::Https);
                assert!(server.scheme != Some(Scheme::Http) || !pending.iter().any(is_https));
                assert!(rules.order == Order::Staggered || pending.is_empty());
                starts.push(now);
                pending.insert(url);
                news.extend(server.delay.map(|delay| (now + delay, url, false)));
            }
            Action::Abandon(url) => {
                assert_eq!(now, starts[url] + rules.attempt_limit);
                pending.remove(&url);
            }
            Action::Wait { until } => {
                assert!(until > now);
                match news.first().copied() {
                    Some((at, url, is_second)) if at <= until => {
                        news.pop_first();
                        now = at;
                        let server = &servers[url];
                        pending.remove(&url);
                        match server.outcome {
                            Outcome::Settled if is_second => failover.report(url, Outcome::Failed),
                            Outcome::Settled => {
                                news.insert((at + server.message, url, true));
                                failover.report(url, Outcome::Settled);
                            }
                            outcome => failover.report(url, outcome),
                        }
                    }
                    _ => now = until,
                }
            }
            Action::Finish(finish) => return Seen { starts, finish, at: now },
        }
    }
    panic!("the run did not end");
}

/// The winner of strict order, and when it answers: one URL after the other, nothing beside it.
fn strict_winner(servers: &[Server], rules: Rules) -> Option<(usize, Duration)> {
    let mut now = ms(0);
    for (index, server) in servers.iter().enumerate() {
        let limit = rules.attempt_limit;
        match server.delay {
            Some(delay) if delay < limit && server.outcome == Outcome::Accepted => {
                return Some((index, now + delay)).filter(|(_, at)| *at < rules.run_limit);
            }
            Some(delay) => now += delay.min(limit),
            None => now += limit,
        }
    }
    None
}

fn a_server() -> impl Strategy<Value = Server> {
    let scheme = prop::sample::select(vec![Some(Scheme::Http), Some(Scheme::Https), None]);
    let delay = prop_oneof![
        2 => (0_u64..50).prop_map(|delay| Some(ms(delay))),
        2 => (0_u64..4000).prop_map(|delay| Some(ms(delay))),
        1 => (0_u64..12_000).prop_map(|delay| Some(ms(delay))),
        1 => Just(None),
    ];
    let outcome = prop::sample::select(vec![
        Outcome::Accepted,
        Outcome::Failed,
        Outcome::ErrorAnswer,
        Outcome::Settled,
    ]);
    (scheme, delay, outcome, 0_u64..3000).prop_map(|(scheme, delay, outcome, message)| Server {
        scheme,
        delay: if scheme.is_none() { Some(ms(0)) } else { delay },
        outcome: if scheme.is_none() { Outcome::Failed } else { outcome },
        message: ms(message),
    })
}

proptest! {
    /// The winner is that of strict order whenever that one answers within 3 s of the first start; no run takes longer than
    /// strict order does; every run ends in time.
    #[test]
    fn staggering_changes_no_winner_that_is_quick(
        servers in prop::collection::vec(a_server(), 0..20),
        run_limit in prop::sample::select(vec![500_u64, 2900, 8000, 60_000]),
    ) {
        let rules = Rules { run_limit: ms(run_limit), ..RULES };
        let strict = strict_winner(&servers, rules);
        let seen = play(&servers, rules);
        prop_assert!(seen.at <= rules.run_limit);
        if let Some((winner, at)) = strict {
            prop_assert!(seen.at <= at, "{seen:?}, {strict:?}");
            prop_assert!(matches!(seen.finish, Finish::Won(_)));
            if at <= LONGEST_HOLD {
                prop_assert_eq!(seen.finish, Finish::Won(winner));
            }
        }
        // Whoever answered within 3 s in this very run went before every later one.
        let quick = seen.starts.iter().zip(&servers).position(|(start, server)| {
            let is_good = server.outcome == Outcome::Accepted;
            let ends = server.delay.filter(|_| is_good).map(|delay| *start + delay);
            ends.is_some_and(|ends| ends <= LONGEST_HOLD && ends <= seen.at)
        });
        if let (Some(quick), Finish::Won(winner)) = (quick, seen.finish) {
            prop_assert!(winner <= quick, "{seen:?}");
        }
        if let Finish::Won(winner) = seen.finish {
            prop_assert_eq!(servers[winner].outcome, Outcome::Accepted);
        }
    }

    /// The alternative is strict order, to the moment.
    #[test]
    fn sequential_order_is_strict(servers in prop::collection::vec(a_server(), 0..8)) {
        let silent = |server: &Server| server.outcome != Outcome::Settled;
        let servers: Vec<Server> = servers.into_iter().filter(silent).collect();
        let seen = play(&servers, SEQUENTIAL);
        match strict_winner(&servers, SEQUENTIAL) {
            Some((winner, at)) => {
                prop_assert_eq!((seen.finish, seen.at), (Finish::Won(winner), at));
            }
            None => prop_assert!(matches!(seen.finish, Finish::AllFailed | Finish::Deadline)),
        }
    }

    #[test]
    fn a_primary_that_answers_within_a_second_sees_the_only_request(
        delay in 0_u64..1000,
        mut servers in prop::collection::vec(a_server(), 1..20),
    ) {
        servers[0].outcome = Outcome::Accepted;
        servers[0].delay = Some(ms(delay));
        let seen = play(&servers, RULES);
        prop_assert_eq!((seen.finish, seen.at), (Finish::Won(0), ms(delay)));
        prop_assert_eq!(seen.starts.len(), 1);
    }

    #[test]
    fn fifteen_hung_servers_cost_three_seconds(
        scheme in prop::sample::select(vec![Scheme::Http, Scheme::Https]),
        hung in 1_usize..=15,
        delay in 0_u64..25,
    ) {
        let scheme = Some(scheme);
        let hanging =
            Server { scheme, delay: None, outcome: Outcome::Failed, message: ms(0) };
        let mut servers = vec![hanging; hung];
        let outcome = Outcome::Accepted;
        servers.push(Server { scheme, delay: Some(ms(delay)), outcome, message: ms(0) });
        let seen = play(&servers, RULES);
        prop_assert_eq!((seen.finish, seen.at), (Finish::Won(hung), LONGEST_HOLD));
    }

    /// By the policy to stop, no URL behind one with an error message wins, unless that came late.
    #[test]
    fn an_error_message_can_be_the_end(servers in prop::collection::vec(a_server(), 0..12)) {
        let rules = Rules { on_error_answer: OnErrorAnswer::Stop, ..RULES };
        let seen = play(&servers, rules);
        let said = seen.starts.iter().zip(&servers).position(|(start, server)| {
            let is_message = server.outcome == Outcome::ErrorAnswer;
            let ends = server.delay.filter(|_| is_message).map(|delay| *start + delay);
            ends.is_some_and(|ends| ends <= LONGEST_HOLD && ends <= seen.at)
        });
        if let (Some(said), Finish::Won(winner)) = (said, seen.finish) {
            prop_assert!(winner < said, "{seen:?}");
        }
    }
}
