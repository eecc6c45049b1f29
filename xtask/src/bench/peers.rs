//! The programs that ours are compared with, and those that measure.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::command;
use crate::failure::Failure;

use super::machine::first_line;

/// One of them.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) name: &'static str,
    /// Says its version in its first line.
    words: &'static [&'static str],
    /// What it is in, for apt.
    package: &'static str,
}

pub(super) const PEERS: &[Peer] = &[
    Peer { name: "curl", words: &["curl", "--version"], package: "curl" },
    Peer { name: "wget", words: &["wget", "--version"], package: "wget" },
    Peer { name: "xmllint", words: &["xmllint", "--version"], package: "libxml2-utils" },
    Peer { name: "xmlstarlet", words: &["xmlstarlet", "--version"], package: "xmlstarlet" },
    Peer { name: "xsltproc", words: &["xsltproc", "--version"], package: "xsltproc" },
    Peer { name: "lxml", words: &["python3", "-c", LXML_VERSION], package: "python3-lxml" },
    Peer { name: "hyperfine", words: &["hyperfine", "--version"], package: "hyperfine" },
    Peer { name: "valgrind", words: &["valgrind", "--version"], package: "valgrind" },
    Peer { name: "strace", words: &["strace", "--version"], package: "strace" },
    // A shell's own `time` does not tell memory.
    Peer { name: "GNU time", words: &["/usr/bin/time", "--version"], package: "time" },
];

const LXML_VERSION: &str = "import lxml.etree as e, sys; print('lxml', e.__version__, 'with libxml2', '.'.join(map(str, e.LIBXML_VERSION)) + ', Python', sys.version.split()[0])";

impl Peer {
    /// None where it is missing.
    pub(super) fn version(&self) -> Option<String> {
        let (program, arguments) = self.words.split_first()?;
        first_line(program, arguments)
    }
}

/// Gets those that are missing, and asks for no password.
pub(super) fn install() -> Result<(), Failure> {
    let missing: Vec<&Peer> = PEERS.iter().filter(|peer| peer.version().is_none()).collect();
    if missing.is_empty() {
        println!("All peers are here.");
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|peer| peer.package).collect();
    if !is_there("apt-get") {
        let names: Vec<&str> = missing.iter().map(|peer| peer.name).collect();
        println!("There is no apt-get here. Install these by the means of your system:");
        println!("  {}", names.join(", "));
        return Ok(());
    }
    let before: &[&str] = if is_root() { &[] } else { &["sudo", "-n"] };
    // A list that is too old, or none, names packages that are there no more.
    command::run(&mut apt_get(before, &["update", "--quiet"]), ADVICE)?;
    let words = ["install", "--yes", "--no-install-recommends"];
    let mut install = apt_get(before, &[&words, packages.as_slice()].concat());
    command::run(&mut install, ADVICE)?;
    let still: Vec<&str> =
        missing.iter().filter(|peer| peer.version().is_none()).map(|peer| peer.name).collect();
    if still.is_empty() {
        return Ok(());
    }
    Err(Failure::Output {
        command: command::shown(&install),
        message: format!(
            "still missing: {} (another one may stand before it in PATH)",
            still.join(", ")
        ),
    })
}

const ADVICE: &str =
    "Give the same command to apt-get as the system's administrator; then everything is there.";

/// Nobody is asked: neither apt nor sudo waits for an answer. `before` is what makes one the system's administrator.
fn apt_get(before: &[&str], words: &[&str]) -> Command {
    // sudo takes variables out, so they are given behind it.
    let env = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    let mut all = before.iter().chain(&env).chain(words);
    let mut command = Command::new(all.next().unwrap_or(&"apt-get"));
    command.args(all).stdin(Stdio::null());
    command
}

fn is_root() -> bool {
    first_line("id", &["-u"]).as_deref() == Some("0")
}

fn is_there(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| Path::new(&folder).join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_asked_for_a_password() {
        let words = ["install", "--yes", "curl"];
        let install = "env DEBIAN_FRONTEND=noninteractive apt-get install --yes curl";
        assert_eq!(command::shown(&apt_get(&[], &words)), install);
        let by_sudo = command::shown(&apt_get(&["sudo", "-n"], &words));
        assert_eq!(by_sudo, format!("sudo -n {install}"));
    }
}
