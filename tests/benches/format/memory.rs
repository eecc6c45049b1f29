//! The peak of the memory that reading a document takes, each in a process of its own.
//!
//! The document comes through standard input: making it here would leave garbage behind that a reader could use again.

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use provision_tests::measuring::Meter;

use crate::reader::Reader;

/// The argument by which this program starts itself.
pub(crate) const CHILD: &str = "--child";

/// What takes longer is ended, so that the table comes to its end; it misses its goal by far.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The system counts pages in lots, so one process alone can be off by some.
const RUNS: usize = 3;

/// What a process of its own has to say of a document.
pub(crate) enum Peak {
    /// Bytes at once, those of the document among them.
    Bytes(u64),
    /// This system does not tell.
    NotMeasured,
    /// It was ended after [`TIME_LIMIT`].
    TimedOut,
}

/// The peak while `reader` reads `document`.
pub(crate) fn peak(reader: Reader, document: &[u8]) -> Result<Peak, Box<dyn Error>> {
    let mut peaks = Vec::new();
    for _ in 0..RUNS {
        match peak_once(reader, document)? {
            Peak::Bytes(bytes) => peaks.push(bytes),
            other => return Ok(other),
        }
    }
    peaks.sort_unstable();
    Ok(Peak::Bytes(peaks[RUNS / 2]))
}

fn peak_once(reader: Reader, document: &[u8]) -> Result<Peak, Box<dyn Error>> {
    let mut child = Command::new(env::current_exe()?)
        .args([CHILD, reader.name(), &document.len().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().ok_or("the child has no standard input")?;
    input.write_all(document)?;
    drop(input);
    if !ends_in_time(&mut child)? {
        child.kill()?;
        child.wait()?;
        return Ok(Peak::TimedOut);
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(
            format!("reading a document as {} failed: {}", reader.name(), output.status).into()
        );
    }
    let said = String::from_utf8(output.stdout)?;
    match said.trim() {
        NOT_MEASURED => Ok(Peak::NotMeasured),
        bytes => Ok(Peak::Bytes(bytes.parse()?)),
    }
}

fn ends_in_time(child: &mut Child) -> io::Result<bool> {
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > TIME_LIMIT {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(true)
}

const NOT_MEASURED: &str = "not measured";

/// What the child does: reads the document of `size` bytes that standard input brings, and tells its peak.
pub(crate) fn measure(reader: Reader, size: usize) -> Result<String, Box<dyn Error>> {
    // So that the program's own pages are there already, those for good documents and those for faulty ones.
    let root = reader.root().0;
    for content in ["<a b=\"c\">d &amp; e</a>", "<a>&x;</a>", "<a>"] {
        reader.read(format!("<{root}>{content}</{root}>").as_bytes());
    }
    let meter = Meter::start();
    let mut document = vec![0; size];
    io::stdin().read_exact(&mut document)?;
    reader.read(&document);
    Ok(meter.peak().map_or_else(|| NOT_MEASURED.to_owned(), |peak| peak.to_string()))
}
