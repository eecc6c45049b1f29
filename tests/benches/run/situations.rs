//! What a phone's start meets, and how long each candidate takes for it.

use std::error::Error;
use std::process::Stdio;
use std::time::Duration;

use provision_tests::Server;
use provision_tests::measuring::{
    Authentication, CHANGING, Comparison, Configurations, Effort, Goal, Measure, Phone, SAME,
    Table, Times, Unit, answer3, interleaved,
};

use crate::candidate::{Candidate, Programs, XSLTPROC};
use crate::place::Place;

const EFFORT: Effort = Effort { rounds: 201, budget: Duration::from_secs(15) };

/// Turns that are not measured. From the third on a run finds what the one before it has left.
const WARM_UP: usize = 3;

const FLOOR: &str = "floor program";
const RUN: &str = "provision run";
const BASIC: &str = "provision run, basic authentication";
const EFFECTIVE: &str = "provision run --effective";
const CHANGED: &str = "provision run, something new";

pub(crate) fn measure(
    table: &mut Table,
    programs: &Programs,
    place: &Place,
) -> Result<(), Box<dyn Error>> {
    let situations: [(&str, Situation); 4] = [
        ("something new", something_new),
        ("nothing new", nothing_new),
        ("the first run", first_run),
        ("the server is down", server_down),
    ];
    for (name, situation) in situations {
        if table.wants(&format!("{name}, {}: whole process", place.name)) {
            table.title(&format!("{name}, {}", place.name), "whole process");
            situation(table, &Scene { programs, place, configurations: Configurations::start() })?;
        }
    }
    Ok(())
}

type Situation = fn(&mut Table, &Scene<'_>) -> Result<(), Box<dyn Error>>;

/// What a situation is made of.
struct Scene<'a> {
    programs: &'a Programs,
    place: &'a Place,
    configurations: Configurations,
}

impl Scene<'_> {
    fn phone(&self, url: &str, kind: Authentication) -> Result<Phone, Box<dyn Error>> {
        Ok(Phone::new(self.place.folder.path(), url, kind)?)
    }

    fn url(&self, path: &str) -> String {
        self.configurations.server.url(path)
    }

    fn run(&self, path: &str, kind: Authentication) -> Result<Candidate, Box<dyn Error>> {
        Ok(self.programs.run(self.phone(&self.url(path), kind)?, &[]))
    }

    fn floor(&self, path: &str) -> Result<Candidate, Box<dyn Error>> {
        let address = self.configurations.server.address().to_string();
        let phone = self.phone(&self.url(path), Authentication::Off)?;
        Ok(self.programs.floor(phone, &address, path))
    }

    /// The script, if it can run here.
    fn script(&self, url: &str) -> Result<Option<Candidate>, Box<dyn Error>> {
        if !self.programs.missing.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.programs.script(self.phone(url, Authentication::Off)?)))
    }

    /// Refuses candidates that do not do what they are measured for.
    fn warm_up<'c>(
        &self,
        candidates: impl IntoIterator<Item = &'c Candidate>,
        path: &str,
    ) -> Result<(), Box<dyn Error>> {
        for candidate in candidates {
            for _ in 0..WARM_UP {
                candidate.turn();
                candidate.check(&self.configurations.last_name(path))?;
            }
        }
        Ok(())
    }

    /// The row of the script, and what `run` takes of its time.
    fn against_script(&self, table: &mut Table, run: &Times, script: &Times, goal: Option<Goal>) {
        let missing = &self.programs.missing;
        if !missing.is_empty() {
            let reason = format!("missing: {}", missing.join(", "));
            table.missing("a shell script", &reason, goal.map(|goal| (goal, Unit::Ratio)));
            return;
        }
        let name = format!("sh with curl and {}", self.programs.merge);
        table.measured(&name, Measure::times(script), None);
        compared(table, (RUN, run), (&name, script), goal);
        if self.programs.merge != XSLTPROC {
            table.missing("sh with curl and xsltproc", "xsltproc is missing", None);
        }
    }
}

/// What a run takes of the time of what runs beside it, round by round.
fn compared(
    table: &mut Table,
    (name, ours): (&str, &Times),
    (peer, theirs): (&str, &Times),
    goal: Option<Goal>,
) {
    let comparison = Comparison {
        name: &format!("{name}, of the time of {peer}"),
        ours: Measure::times(ours),
        peer,
        theirs: Measure::times(theirs),
        ratios: ours.ratios(theirs),
    };
    table.compared(&comparison, goal);
}

fn measured(table: &mut Table, name: &str, times: &Times) {
    table.measured(name, Measure::times(times), None);
}

/// The server has another configuration each time.
fn something_new(table: &mut Table, scene: &Scene<'_>) -> Result<(), Box<dyn Error>> {
    let url = scene.url(CHANGING);
    let floor = scene.floor(CHANGING)?;
    let run = scene.run(CHANGING, Authentication::Url)?;
    let basic = scene.run(CHANGING, Authentication::Basic)?;
    let effective = scene.phone(&url, Authentication::Url)?;
    let effective = scene.programs.run_with_effective(effective);
    let script = scene.script(&url)?;
    scene.warm_up([&floor, &run, &basic, &effective].into_iter().chain(&script), CHANGING)?;
    let [floor, run, basic, effective, script] = interleaved(
        [&|| floor.turn(), &|| run.turn(), &|| basic.turn(), &|| effective.turn(), &|| {
            turn(script.as_ref())
        }],
        &EFFORT,
    );
    let goal = Some(scene.place.goals.of_floor);
    measured(table, FLOOR, &floor);
    for (name, times, goal) in
        [(RUN, &run, goal), (BASIC, &basic, goal), (EFFECTIVE, &effective, None)]
    {
        measured(table, name, times);
        compared(table, (name, times), (FLOOR, &floor), goal);
    }
    scene.against_script(table, &run, &script, Some(scene.place.goals.of_script));
    Ok(())
}

/// The server has what it had before.
fn nothing_new(table: &mut Table, scene: &Scene<'_>) -> Result<(), Box<dyn Error>> {
    let changed = scene.run(CHANGING, Authentication::Url)?;
    scene.warm_up([&changed], CHANGING)?;
    let run = scene.run(SAME, Authentication::Url)?;
    let script = scene.script(&scene.url(SAME))?;
    scene.warm_up([&run].into_iter().chain(&script), SAME)?;
    let [changed, run, script] =
        interleaved([&|| changed.turn(), &|| run.turn(), &|| turn(script.as_ref())], &EFFORT);
    measured(table, CHANGED, &changed);
    measured(table, RUN, &run);
    compared(table, (RUN, &run), (CHANGED, &changed), scene.place.goals.of_changed);
    scene.against_script(table, &run, &script, None);
    Ok(())
}

/// The phone has its own configuration and nothing else.
fn first_run(table: &mut Table, scene: &Scene<'_>) -> Result<(), Box<dyn Error>> {
    let floor = scene.floor(SAME)?.on_a_new_phone();
    let run = scene.run(SAME, Authentication::Url)?.on_a_new_phone();
    let script = scene.script(&scene.url(SAME))?.map(Candidate::on_a_new_phone);
    scene.warm_up([&floor, &run].into_iter().chain(&script), SAME)?;
    beside_floor(table, scene, [&floor, &run], script.as_ref());
    Ok(())
}

/// Nobody listens, and what a server sent last has to do.
fn server_down(table: &mut Table, scene: &Scene<'_>) -> Result<(), Box<dyn Error>> {
    let closed = Server::closed();
    let url = closed.url(SAME);
    let phone = scene.phone(&url, Authentication::Off)?;
    let floor = scene.programs.floor(phone, &closed.address().to_string(), SAME);
    let run = scene.programs.run(scene.phone(&url, Authentication::Url)?, &[]);
    let script = scene.script(&url)?;
    for candidate in [&floor].into_iter().chain(&script) {
        candidate.has_brought(&answer3(Phone::SIZE))?;
    }
    // What a run takes, only a run writes: one that has asked the same URL, through a proxy that has an answer for any.
    let mut before = run.command();
    before.env_remove("no_proxy").env("http_proxy", scene.configurations.server.origin());
    if !before.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
        return Err("no run brings anything before the server is down".into());
    }
    scene.warm_up([&floor, &run].into_iter().chain(&script), SAME)?;
    beside_floor(table, scene, [&floor, &run], script.as_ref());
    Ok(())
}

fn beside_floor(
    table: &mut Table,
    scene: &Scene<'_>,
    [floor, run]: [&Candidate; 2],
    script: Option<&Candidate>,
) {
    let [floor, run, script] =
        interleaved([&|| floor.turn(), &|| run.turn(), &|| turn(script)], &EFFORT);
    measured(table, FLOOR, &floor);
    measured(table, RUN, &run);
    compared(table, (RUN, &run), (FLOOR, &floor), None);
    scene.against_script(table, &run, &script, None);
}

/// Nothing where there is no candidate.
fn turn(candidate: Option<&Candidate>) -> Duration {
    candidate.map_or(Duration::ZERO, Candidate::turn)
}
