//! The least that a run can cost, for `cargo xtask bench run`: it reads the two files that a run reads, asks one server
//! over one connection, and replaces one file as safely as a run does. It parses nothing, merges nothing and refuses
//! nothing.
//!
//! `floor ADDRESS PATH PROVISION CONFIG TARGET`
#![expect(clippy::print_stderr, reason = "a benchmark that fails shows what it said")]

use std::env;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, path, provision, config, target] = arguments.as_slice() else {
        eprintln!("floor: usage: floor ADDRESS PATH PROVISION CONFIG TARGET");
        return ExitCode::from(2);
    };
    match floor(address, path, [provision, config].map(Path::new), Path::new(target)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("floor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn floor(address: &str, path: &str, inputs: [&Path; 2], target: &Path) -> io::Result<()> {
    for input in inputs {
        black_box(fs::read(input)?);
    }
    match TcpStream::connect(address) {
        Ok(stream) => replace(target, &asked(stream, address, path)?),
        // What came last has to do.
        Err(_) => fs::read(target).map(|last| drop(black_box(last))),
    }
}

/// What stands behind the head of the answer.
fn asked(mut stream: TcpStream, address: &str, path: &str) -> io::Result<Vec<u8>> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.ok_or_else(|| io::Error::other("the answer has no head"))?;
    Ok(answer.split_off(end + 4))
}

fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = target.parent().ok_or_else(|| io::Error::other("the target is in no folder"))?;
    let temporary = target.with_extension("tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, target)?;
    File::open(folder)?.sync_all()
}
