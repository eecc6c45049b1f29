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
    let advice = "As root: apt-get update; then `cargo xtask bench --install-peers` again.";
    let before: &[&str] = if is_root() { &[] } else { &["sudo", "-n"] };
    let mut install = installer(before, &packages);
    command::run(&mut install, advice)?;
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

/// Nobody is asked: neither apt nor sudo waits for an answer. `before` is what makes one the system's administrator.
fn installer(before: &[&str], packages: &[&str]) -> Command {
    // sudo takes variables out, so they are given behind it.
    let words = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes"];
    let mut words = before.iter().copied().chain(words);
    let mut install = Command::new(words.next().unwrap_or_default());
    install.args(words).arg("--no-install-recommends").args(packages).stdin(Stdio::null());
    install
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
        let install = "env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends curl wget";
        assert_eq!(command::shown(&installer(&[], &["curl", "wget"])), install);
        let by_sudo = command::shown(&installer(&["sudo", "-n"], &["curl", "wget"]));
        assert_eq!(by_sudo, format!("sudo -n {install}"));
    }
}
