//! The command is killed at every stop (spec 5.1).

use std::io;

use super::clean::{Clean, State};
use super::random::Random;
use super::scenario::Scenario;
use super::snapshot::Snapshot;
use super::stage::Stage;
use super::tracer::{Status, Then, Timing, trace};
use nix::sys::signal::Signal;

/// Where and how the command is killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kill {
    /// The stop at which it happens.
    pub(crate) stop: usize,
    /// How often this stop had its turn before. From the second time on, threads are shuffled, and every other
    /// time the call goes on while the command is killed.
    pub(crate) round: usize,
}

/// What came of a kill.
#[derive(Debug)]
pub(crate) struct Struck {
    /// Whether the command died of it, and did not end by itself before.
    pub(crate) is_struck: bool,
    pub(crate) state: State,
    /// Whether something was left behind that the next run did not remove.
    pub(crate) leaves: bool,
    pub(crate) wrong: Vec<String>,
}

/// So many kills, spread evenly over the stops of a run; every stop has its turn before one has a second. The last round,
/// in which not every stop has one, begins with the stop `begin`.
pub(crate) fn kills(count: usize, stops: usize, begin: usize) -> impl Iterator<Item = Kill> {
    let whole = count / stops.max(1);
    let sweeps = (0..whole).flat_map(move |round| (0..stops).map(move |stop| Kill { stop, round }));
    let rest = count - whole * stops;
    let stop = move |at| (begin + at * stops / rest) % stops;
    sweeps.chain((0..rest).map(move |at| Kill { stop: stop(at), round: whole }))
}

impl Kill {
    pub(crate) fn strike(
        self,
        stage: &Stage<'_>,
        scenario: &Scenario,
        clean: &Clean,
    ) -> io::Result<Struck> {
        clean.before.restore(stage.profile())?;
        let mut timing = match self.round {
            0 => Timing::Natural,
            round => Timing::Shuffled(Random::new((round * clean.stops + self.stop) as u64)),
        };
        let blow = if self.round % 2 == 0 { Then::Kill } else { Then::GoOnAndKill };
        let ended = trace(&mut stage.traced(&scenario.run)?, &mut timing, |stop| {
            Ok(if stop.number == self.stop { blow } else { Then::GoOn })
        })?;
        let now = Snapshot::of(stage.profile())?;
        let mut wrong = clean.faults_of(scenario, &now);
        match ended.status {
            Status::Signaled(Signal::SIGKILL) => {}
            Status::Exited(status) if status == scenario.status => {}
            other => wrong.push(format!("it ended by itself, with {other:?}")),
        }
        let next = clean.follow(stage, scenario, &now)?;
        wrong.extend(next.wrong);
        let is_struck = ended.status == Status::Signaled(Signal::SIGKILL);
        Ok(Struck { is_struck, state: clean.state(&now), leaves: next.leaves, wrong })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stop_has_its_turn() {
        let stops = |count, stops, begin| {
            kills(count, stops, begin).map(|kill| (kill.round, kill.stop)).collect::<Vec<_>>()
        };
        assert_eq!(stops(2, 4, 0), [(0, 0), (0, 2)]);
        assert_eq!(stops(2, 4, 3), [(0, 3), (0, 1)]);
        assert_eq!(stops(3, 3, 1), [(0, 0), (0, 1), (0, 2)]);
        assert_eq!(stops(5, 3, 2), [(0, 0), (0, 1), (0, 2), (1, 2), (1, 0)]);
    }
}
