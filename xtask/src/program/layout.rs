//! Puts the functions that a phone's start needs beside each other in the program.
//!
//! A system brings a program into memory in pieces of 64 KiB or so, whenever one of them is needed. As the compiler leaves
//! them, the functions that a run needs are spread over most of the pieces; beside each other they fill a few. So the
//! program is linked twice: as it comes, to see by callgrind which functions some runs need, and with these in front.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use crate::command;
use crate::failure::Failure;
use crate::workspace::{Workspace, write};

use super::{built, host};

/// Links the program with the functions of its usual course in front. `prepare` says what is built for which target.
pub(super) fn laid_out(
    workspace: &Workspace,
    folder: &Path,
    prepare: impl Fn(&mut Command) -> Result<(), Failure>,
) -> Result<PathBuf, Failure> {
    let linker = linker()?;
    let link = |more: &[String]| {
        let mut build = workspace.cargo();
        build.args(["rustc", "--locked", "--package", "provision-cli", "--bin", "provision"]);
        // The names are needed; those of the last program are taken out by its linker.
        build.arg("--release").env("CARGO_PROFILE_RELEASE_STRIP", "none");
        prepare(&mut build)?;
        build.arg("--message-format=json-render-diagnostics").arg("--");
        build.args(["-C", "link-arg=-fuse-ld=lld", "-C", &format!("link-arg=-B{linker}")]);
        build.args(more);
        built(&mut build)
    };
    let plain = link(&[])?;
    let scratch = folder.join("layout");
    let functions = functions_of(&plain, workspace.root(), &scratch)?;
    let order = scratch.join("order");
    write(&order, (functions.join("\n") + "\n").as_bytes())?;
    let words = [
        format!("-Clink-arg=-Wl,--symbol-ordering-file={}", order.display()),
        // Some of them are the system's, and some are there more than once.
        "-Clink-arg=-Wl,--no-warn-symbol-ordering".to_owned(),
        // Addresses that the start of the program computes: in a few bytes each, not in 24.
        "-Clink-arg=-Wl,--pack-dyn-relocs=relr".to_owned(),
        "-Cstrip=symbols".to_owned(),
    ];
    link(&words)
}

/// The folder of the linker that comes with Rust, which can order functions.
fn linker() -> Result<String, Failure> {
    let mut rustc = super::rustc();
    rustc.args(["--print", "sysroot"]);
    let root = command::capture(&mut rustc, "Install Rust.")?;
    let folder = Path::new(root.trim()).join("lib/rustlib").join(host()?).join("bin/gcc-ld");
    match folder.join("ld.lld").exists() {
        true => Ok(folder.display().to_string()),
        false => Err(Failure::Output {
            command: command::shown(&rustc),
            message: format!(
                "{} has no linker `ld.lld`; a Rust that rustup has installed has one",
                folder.display()
            ),
        }),
    }
}

/// The functions that `program` needs to provision a phone, by the names that its linker knows.
fn functions_of(program: &Path, root: &Path, scratch: &Path) -> Result<Vec<String>, Failure> {
    let read = |name: &str| {
        let path = root.join("fixtures").join(name);
        fs::read(&path).map_err(|source| Failure::Read { path: path.display().to_string(), source })
    };
    let unserved = |source| Failure::Start {
        program: "a server on 127.0.0.1".into(),
        source,
        advice: "Let this machine have a loopback interface.",
    };
    let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).map_err(unserved)?;
    let address = listener.local_addr().map_err(unserved)?;
    let answer = read("answer/zoiper3.xml")?;
    // It ends with this process, at the latest.
    thread::spawn(move || {
        listener.incoming().flatten().for_each(|stream| drop(serve(stream, &answer)));
    });

    let profile = scratch.join("profile");
    let provision = scratch.join("Provision.xml");
    if profile.exists() {
        let failed = |source| Failure::Remove { path: profile.display().to_string(), source };
        fs::remove_dir_all(&profile).map_err(failed)?;
    }
    write(&provision, provisioning_file(address).as_bytes())?;
    write(&profile.join("Config.xml"), &read("config/zoiper3.xml")?)?;
    let mut functions = Functions::default();
    for name in COURSE {
        let counts = scratch.join("counts");
        let mut callgrind = Command::new("valgrind");
        callgrind.args(["--tool=callgrind", "--demangle=no", "--quiet"]);
        callgrind.arg(format!("--callgrind-out-file={}", counts.display()));
        callgrind.arg(program).args([name, "--quiet", "--provision"]).arg(&provision);
        if name == "run" {
            callgrind.arg("--profile").arg(&profile);
        }
        callgrind.env("no_proxy", "*").stdin(Stdio::null());
        let advice = "Install valgrind, or mend what is named above.";
        command::capture(&mut callgrind, advice)?;
        let failed = |source| Failure::Read { path: counts.display().to_string(), source };
        functions.take(&fs::read_to_string(&counts).map_err(failed)?);
    }
    Ok(functions.in_order)
}

/// The first run, one that changes nothing, and a fetch.
const COURSE: [&str; 3] = ["run", "run", "fetch"];

/// Answers a request, whatever it is.
fn serve(mut stream: TcpStream, answer: &[u8]) -> io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            length => request.extend_from_slice(&piece[..length]),
        }
    }
    let head =
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", answer.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(answer)
}

fn provisioning_file(address: SocketAddr) -> String {
    format!(
        "<provision>\n  <options><use_authentication>1</use_authentication><user>alice</user>\
         <password>secret</password></options>\n  <base_urls><base_url>http://{address}/?user=[user]&amp;\
         password=[pass]</base_url></base_urls>\n  <significant_sections>accounts</significant_sections>\n\
         </provision>\n"
    )
}

/// Names, each once, as they come.
#[derive(Default)]
struct Functions {
    in_order: Vec<String>,
    known: BTreeSet<String>,
}

impl Functions {
    /// Takes the names out of what callgrind has written: `fn=(12) name`, and `cfn=(12) name` for one that is called.
    fn take(&mut self, counts: &str) {
        for line in counts.lines() {
            let Some(rest) = line.strip_prefix("fn=(").or_else(|| line.strip_prefix("cfn=("))
            else {
                continue;
            };
            let Some((_, name)) = rest.split_once(") ") else { continue };
            // One without a name has its address there.
            let is_name = !name.starts_with("0x") && !name.starts_with('(');
            if is_name && self.known.insert(name.to_owned()) {
                self.in_order.push(name.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_functions_are_taken_once_each() {
        let mut functions = Functions::default();
        functions
            .take("version: 1\nfn=(2) (below main)\n0x1 5\ncfn=(4) _RNv_main\ncalls=1 0\nfn=(4)\n");
        functions.take("fn=(1) 0x00000000000f7b40\nfn=(3) memcpy\ncfn=(9) _RNv_main\n");
        assert_eq!(functions.in_order, ["_RNv_main", "memcpy"]);
    }
}
