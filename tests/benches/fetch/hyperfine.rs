//! Commands side by side, by <https://github.com/sharkdp/hyperfine>.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use provision_tests::measuring::{Program, Times, rounds};

/// The median of each command in each of so many rounds; in a round the commands come one after the other. All have the
/// same variables.
pub(crate) fn medians(
    commands: &[&Program],
    usual_rounds: usize,
    folder: &Path,
) -> Result<Vec<Times>, Box<dyn Error>> {
    let mut times = vec![Vec::new(); commands.len()];
    let export = folder.join("hyperfine.json");
    for _ in 0..rounds(usual_rounds) {
        let mut hyperfine = Command::new("hyperfine");
        // No shell, whose start would be most of what is measured.
        hyperfine.args(["-N", "--style", "none", "--warmup", "5", "--runs", "40", "--export-json"]);
        hyperfine.arg(&export).args(commands.iter().map(|command| joined(command)));
        commands[0].dress(&mut hyperfine);
        let output = hyperfine.output()?;
        if !output.status.success() {
            return Err(format!("hyperfine: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let report: serde_json::Value = serde_json::from_slice(&fs::read(&export)?)?;
        for (index, times) in times.iter_mut().enumerate() {
            let median = report["results"][index]["median"].as_f64();
            times.push(Duration::from_secs_f64(median.ok_or("hyperfine gave no median")?));
        }
    }
    Ok(times.into_iter().map(Times).collect())
}

/// As hyperfine splits it again; no word of ours has an apostrophe.
fn joined(program: &Program) -> String {
    let words: Vec<String> =
        program.words.iter().map(|word| format!("'{}'", word.to_string_lossy())).collect();
    words.join(" ")
}
