//! Writes what is made of the command line: the man pages and the completions of shells.
//!
//! `cargo run --package provision-cli --example pages -- FOLDER`; `cargo xtask dist` does it for an archive.

#[path = "pages/manual.rs"]
mod manual;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use clap_complete::Shell;

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
    for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
        let file = clap_complete::generate_to(
            shell,
            &mut provision_cli::command(),
            "provision",
            &completions,
        )?;
        if shell == Shell::Fish {
            let mut command = provision_cli::command();
            command.build();
            let words = words_for_fish(&command);
            fs::OpenOptions::new().append(true).open(file)?.write_all(words.as_bytes())?;
        }
    }
    Ok(())
}

/// The words that are no options, such as the codes of `explain`, which the generator leaves out there.
fn words_for_fish(command: &clap::Command) -> String {
    let mut lines = String::new();
    for subcommand in command.get_subcommands() {
        let values = subcommand.get_positionals().flat_map(clap::Arg::get_possible_values);
        let words: Vec<_> = values.map(|value| value.get_name().to_owned()).collect();
        if !words.is_empty() {
            let (name, words) = (subcommand.get_name(), words.join(" "));
            let condition = format!("__fish_provision_using_subcommand {name}");
            lines += &format!("complete -c provision -n \"{condition}\" -f -a \"{words}\"\n");
        }
    }
    lines
}
