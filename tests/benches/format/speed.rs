//! How fast configurations are judged, against building roxmltree's tree of the same text.

use std::error::Error;
use std::time::Duration;

use provision_format::{Config, Source};
use provision_tests::measuring::{
    Comparison, Effort, Goal, Measure, Table, Times, Unit, interleaved, timed,
    with_carriage_returns, zoiper3, zoiper5,
};

use crate::memory::{self, Peak};
use crate::reader::Reader;

/// Of roxmltree's time.
const AGAINST_ROXMLTREE: Goal = Goal::AtMost(0.25);
/// Of the time of the same document with LF.
const AGAINST_LF: Goal = Goal::AtMost(1.15);
/// Of the document's size.
pub(crate) const MEMORY: Goal = Goal::Under(4.0);

/// A maker of configurations of a size.
type Style = (&'static str, fn(usize) -> String);

const STYLES: [Style; 2] = [("Zoiper 3", zoiper3), ("Zoiper 5", zoiper5)];
const SIZES: [(&str, usize); 2] = [("20 KB", 20_000), ("30 MB", 30_000_000)];

/// Below this the pages that a process has anyway are more than the document.
const LARGE: usize = 1 << 20;

pub(crate) fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    for (size_name, size) in SIZES {
        for (style_name, document) in STYLES {
            let name = format!("{size_name}, {style_name}");
            if table.wants(&name) {
                measure_twins(table, &name, &document(size))?;
            }
        }
    }
    Ok(())
}

/// The same document with LF and with CR LF.
fn measure_twins(table: &mut Table, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let lf = Candidate::new(text.to_owned());
    let crlf = Candidate::new(with_carriage_returns(text));
    let effort = Effort { rounds: 101, budget: Duration::from_secs(15) };
    let [lf_tree, lf_gate, lf_decode, crlf_tree, crlf_gate, crlf_decode] = interleaved(
        [&|| lf.tree(), &|| lf.gate(), &|| lf.decode(), &|| crlf.tree(), &|| crlf.gate(), &|| {
            crlf.decode()
        }],
        &effort,
    );
    table.title(&format!("{name}, LF"), &format!("{} bytes", lf.text.len()));
    rows(table, &lf, [&lf_tree, &lf_gate, &lf_decode], None)?;
    table.title(&format!("{name}, CR LF"), &format!("{} bytes", crlf.text.len()));
    rows(table, &crlf, [&crlf_tree, &crlf_gate, &crlf_decode], Some(&lf_gate))
}

fn rows(
    table: &mut Table,
    candidate: &Candidate,
    [tree, gate, decode]: [&Times; 3],
    lf_gate: Option<&Times>,
) -> Result<(), Box<dyn Error>> {
    let measured = |table: &mut Table, name, times| {
        table.measured(name, Measure::times(times), None);
    };
    measured(table, ROXMLTREE, tree);
    measured(table, "gate and index", gate);
    compared(table, gate, (ROXMLTREE, tree), AGAINST_ROXMLTREE);
    if let Some(lf_gate) = lf_gate {
        compared(table, gate, ("the same with LF", lf_gate), AGAINST_LF);
    }
    measured(table, "decoding", decode);
    if candidate.text.len() >= LARGE {
        memory_row(table, candidate.text.as_bytes())?;
    }
    Ok(())
}

const ROXMLTREE: &str = "roxmltree";

fn compared(table: &mut Table, gate: &Times, (peer, theirs): (&str, &Times), goal: Goal) {
    let comparison = Comparison {
        name: &format!("gate, of the time of {peer}"),
        ours: Measure::times(gate),
        peer,
        theirs: Measure::times(theirs),
        ratios: gate.ratios(theirs),
    };
    table.compared(&comparison, Some(goal));
}

fn memory_row(table: &mut Table, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let name = "peak of memory, in the document's bytes";
    let ratio = match memory::peak(Reader::Config, bytes)? {
        Peak::Bytes(peak) => peak as f64 / bytes.len() as f64,
        Peak::TimedOut => f64::INFINITY,
        Peak::NotMeasured => {
            table.missing(name, "this system does not tell it", None);
            return Ok(());
        }
    };
    table.measured(name, Measure::once(Unit::Ratio, ratio), Some(MEMORY));
    Ok(())
}

/// A configuration for everything that takes its turn on it.
struct Candidate {
    text: String,
    source: Source,
    /// So often in one turn: what interrupts one of them is left out by the median.
    repeats: usize,
}

impl Candidate {
    fn new(text: String) -> Self {
        let source =
            Source::decode(text.as_bytes(), Source::FILE_LIMIT).expect("the text is UTF-8");
        let reading = Config::from_source(source.clone()).expect("the configuration is valid");
        assert!(reading.report.diagnostics().is_empty(), "a configuration such as phones write");
        assert!(roxmltree::Document::parse(&text).is_ok(), "roxmltree reads what phones write");
        let repeats = if text.len() < LARGE { 50 } else { 1 };
        Self { text, source, repeats }
    }

    fn tree(&self) -> Duration {
        self.turn(|| timed(|| roxmltree::Document::parse(&self.text)))
    }

    /// Without decoding and copying: a clone of the source is a count.
    fn gate(&self) -> Duration {
        self.turn(|| timed(|| Config::from_source(self.source.clone())))
    }

    fn decode(&self) -> Duration {
        self.turn(|| timed(|| Source::decode(self.text.as_bytes(), Source::FILE_LIMIT)))
    }

    fn turn(&self, once: impl Fn() -> Duration) -> Duration {
        let mut times: Vec<Duration> = (0..self.repeats).map(|_| once()).collect();
        times.sort_unstable();
        times[self.repeats / 2]
    }
}
