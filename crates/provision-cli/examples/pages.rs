//! Writes what is made of the command line: the man pages and the completions of shells.
//!
//! `cargo run --package provision-cli --example pages -- FOLDER`; `cargo xtask dist` does it for an archive.

#[path = "pages/completions.rs"]
mod completions;
#[path = "pages/manual.rs"]
mod manual;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        return fail("name the folder to write to");
    };
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("{} cannot be written: {error}", folder.display())),
    }
}

#[expect(clippy::print_stderr, reason = "it is a program")]
fn fail(message: &str) -> ExitCode {
    eprintln!("pages: {message}");
    ExitCode::FAILURE
}

/// `man` and `completions`, two folders in this one.
fn write(folder: &Path) -> io::Result<()> {
    let man = folder.join("man");
    fs::create_dir_all(&man)?;
    for (name, page) in manual::pages(provision_cli::command())? {
        fs::write(man.join(name), page)?;
    }
    let completions = folder.join("completions");
    fs::create_dir_all(&completions)?;
    completions::write(&completions)?;
    Ok(())
}
