//! The same merge with lxml, in a Python beside this process that is told when it has its turn.

use std::cell::RefCell;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::pairs::{Pair, SECTIONS};
use crate::phones::REPEATS;

/// Twice the same merge: measured in here, or from files to files.
pub(crate) const SCRIPT: &str = include_str!("lxml_merge.py");

/// Why a row has no lxml.
pub(crate) const MISSING: &str = "python3 with lxml is missing";

/// A Python with both documents in its memory.
pub(crate) struct Lxml {
    pipes: RefCell<Pipes>,
    child: Child,
    _folder: TempDir,
}

struct Pipes {
    turns: ChildStdin,
    times: BufReader<ChildStdout>,
}

impl Lxml {
    /// Starts it; none if there is no Python or no lxml.
    pub(crate) fn start(pair: &Pair) -> Result<Option<Self>, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let [script, local, remote] =
            ["merge.py", "local.xml", "remote.xml"].map(|name| folder.path().join(name));
        fs::write(&script, SCRIPT)?;
        fs::write(&local, &pair.local)?;
        fs::write(&remote, &pair.remote)?;
        let mut python = Command::new("python3");
        python.arg(script).args([local, remote]).args([SECTIONS, &REPEATS.to_string()]);
        let Ok(mut child) = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
            return Ok(None);
        };
        let turns = child.stdin.take().ok_or("Python has no standard input")?;
        let mut times = BufReader::new(child.stdout.take().ok_or("Python has no output")?);
        match line(&mut times)?.as_str() {
            "ready" => {}
            "missing" => {
                child.wait()?;
                return Ok(None);
            }
            other => return Err(format!("the merge with lxml failed: {other:?}").into()),
        }
        let pipes = RefCell::new(Pipes { turns, times });
        Ok(Some(Self { pipes, child, _folder: folder }))
    }

    /// The median of a turn.
    pub(crate) fn turn(&self) -> Duration {
        let mut pipes = self.pipes.borrow_mut();
        let pipes = &mut *pipes;
        pipes.turns.write_all(b"turn\n").expect("Python waits for its turn");
        let nanoseconds = line(&mut pipes.times).expect("Python tells its time");
        Duration::from_nanos(nanoseconds.parse().expect("a time is a number"))
    }
}

impl Drop for Lxml {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether this system has it.
pub(crate) fn is_there() -> bool {
    let mut python = Command::new("python3");
    python.args(["-c", "import lxml.etree"]).stdin(Stdio::null()).stderr(Stdio::null());
    python.status().is_ok_and(|status| status.success())
}

fn line(from: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    Ok(line.trim().to_owned())
}
