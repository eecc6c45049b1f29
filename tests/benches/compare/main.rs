//! The instructions of two builds of the command at the same work: `cargo xtask bench --compare REVISION`.
//!
//! Unlike times they hardly depend on the machine and on nothing that it does besides, so that a few per cent can be seen. The
//! work is what the command line of any revision can be told.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use provision_tests::measuring::{
    Authentication, CALLGRIND, CHANGING, Comparison, Configurations, Measure, Phone, Program, SAME,
    Table, Unit, answer3, benchmark, is_there, zoiper3,
};

/// What provisioning files name in the field.
const SECTIONS: &str =
    "general,sip_options,iax_options,rtp_options,stun_options,accounts,codecs,restrictions";

const CHECKED: usize = 50;
const GOOD: &str = "good";
const REMARKABLE: &str = "remarkable";
/// As the configuration names it from which the others are made.
const DEFAULT_ACCOUNT: &str = "Local line";

/// The least of so many: names in a hash table lie otherwise each time.
const RUNS: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    benchmark("compare", &arguments, measure)
}

fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    if !is_there(CALLGRIND[0]) {
        return Err("valgrind is missing: `cargo xtask bench --install-peers` gets it".into());
    }
    let named = |variable: &str| {
        env::var_os(variable).ok_or(
            "the commands are not named: `cargo xtask bench --compare` builds and names them",
        )
    };
    let builds = [named("PROVISION_BIN")?, named("PROVISION_BIN_BEFORE")?];
    let revision = env::var("PROVISION_REVISION").unwrap_or_else(|_| "before".into());
    let folder = tempfile::tempdir()?;
    let scene = Scene::new(folder.path())?;
    table.title("instructions", "as callgrind counts them");
    for work in &WORKS {
        if !table.wants(work.name) {
            continue;
        }
        let mut counts = Vec::new();
        for build in &builds {
            counts.push((work.count)(&scene, build)?);
        }
        let [ours, theirs] = [counts[0], counts[1]];
        table.measured(&format!("{}, now", work.name), ours, None);
        table.measured(&format!("{}, {revision}", work.name), theirs, None);
        let ratios = ours.ratios(&theirs);
        let change = (ratios.median - 1.0) * 100.0;
        let name = format!("{}, change {change:+.2} %", work.name);
        table.compared(&Comparison { name: &name, ours, peer: &revision, theirs, ratios }, None);
    }
    Ok(())
}

type Counted = Result<Measure, Box<dyn Error>>;

/// Something to be counted.
struct Work {
    name: &'static str,
    count: fn(&Scene, &OsString) -> Counted,
}

const WORKS: [Work; 6] = [
    Work { name: "start", count: start },
    Work { name: "check, 50 files of 20 KB", count: check },
    Work { name: "check, 50 files with a warning each", count: check_remarkable },
    Work { name: "merge, 20 KB", count: merge },
    Work { name: "run, something new", count: run_changed },
    Work { name: "run, nothing new", count: run_unchanged },
];

/// What is worked on.
struct Scene {
    folder: PathBuf,
    configurations: Configurations,
}

impl Scene {
    fn new(folder: &Path) -> Result<Self, Box<dyn Error>> {
        // Its default account is none of those that are there.
        let remarkable = zoiper3(20_000);
        let good = remarkable.replacen(DEFAULT_ACCOUNT, &format!("{:032x}", 0), 1);
        for (name, configuration) in [(GOOD, good), (REMARKABLE, remarkable)] {
            let folder = folder.join(name);
            fs::create_dir(&folder)?;
            for number in 0..CHECKED {
                fs::write(folder.join(format!("{number:02}.xml")), &configuration)?;
            }
        }
        fs::write(folder.join("local.xml"), zoiper3(20_000))?;
        fs::write(folder.join("remote.xml"), answer3(20_000))?;
        Ok(Self { folder: folder.to_owned(), configurations: Configurations::start() })
    }

    /// A run on a phone of its own, as often as it takes until a run finds what the one before it has left.
    fn run(&self, build: &OsString, path: &str) -> Counted {
        let url = self.configurations.server.url(path);
        let phone = Phone::new(&self.folder, &url, Authentication::Url)?;
        let mut program = Program::new([build])
            .with("run")
            .with("--provision")
            .with(&phone.provision)
            .with("--profile")
            .with(&phone.profile);
        program.variables.push(("no_proxy", "*".into()));
        for _ in 0..3 {
            program.output()?;
        }
        least(&program)
    }
}

fn start(_: &Scene, build: &OsString) -> Counted {
    least(&Program::new([build]).with("--version"))
}

fn check(scene: &Scene, build: &OsString) -> Counted {
    least(&Program::new([build]).with("check").with("-q").with(scene.folder.join(GOOD)))
}

fn check_remarkable(scene: &Scene, build: &OsString) -> Counted {
    least(&Program::new([build]).with("check").with("-q").with(scene.folder.join(REMARKABLE)))
}

fn merge(scene: &Scene, build: &OsString) -> Counted {
    let path = |name: &str| scene.folder.join(name);
    let program = Program::new([build]).with("merge").with("-q");
    let program = program.with("--local").with(path("local.xml"));
    let program = program.with("--remote").with(path("remote.xml"));
    let program = program.with("--sections").with(SECTIONS);
    let program = program.with("--effective").with(path("effective.xml"));
    least(&program.with("--stored").with(path("stored.xml")))
}

fn run_changed(scene: &Scene, build: &OsString) -> Counted {
    scene.run(build, CHANGING)
}

fn run_unchanged(scene: &Scene, build: &OsString) -> Counted {
    scene.run(build, SAME)
}

fn least(program: &Program) -> Counted {
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        least = least.min(program.instructions()?.quartiles.median);
    }
    Ok(Measure::once(Unit::Instructions, least))
}
