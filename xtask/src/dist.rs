//! `cargo xtask dist`: the archive of a release for this machine, and `cargo xtask pages`: its man pages and
//! completions alone.
//!
//! The same sources and the same compiler on the same kind of processor give the same archive: files are sorted, nobody owns
//! them, and their time is that of the commit, or of the variable `SOURCE_DATE_EPOCH`. (Which functions of a library run, and so
//! stand in front, can depend on the processor.)

mod archive;
mod licences;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::failure::Failure;
use crate::program::{Profile, built_program, shipped_target};
use crate::workspace::{Workspace, write};

use self::archive::{Archive, Entry, Mode};

/// Builds the archive, its checksum beside it, and runs the command from what it holds.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let (version, folder) = metadata(workspace)?;
    let target = shipped_target()?;
    let name = format!("provision-{version}-{target}");
    let program = built_program(workspace, Profile::Shipped)?;
    let pages = pages_in(workspace, &folder.join("pages"))?;
    let mut entries = vec![Entry::read("provision", &program, Mode::Program)?];
    for file in workspace.files()?.iter().filter(|file| is_wanted(file)) {
        entries.push(Entry::read(file, &workspace.root().join(file), Mode::File)?);
    }
    entries.extend(pages);
    let licences = licences::text(workspace, &target)?;
    entries.push(Entry::new("THIRD-PARTY-LICENSES.txt", licences.into_bytes(), Mode::File));

    let size = entries[0].bytes.len();
    let archive = Archive::of(&name, entries, time(workspace)?);
    let path = folder.join(format!("{name}.tar.gz"));
    write(&path, &archive.bytes)?;
    let line = format!("{}  {name}.tar.gz\n", archive.checksum());
    write(&folder.join(format!("{name}.tar.gz.sha256")), line.as_bytes())?;
    verify(&path, &folder.join("unpacked"), &name, &version)?;
    print!("{line}");
    println!("{} holds {} files; the command has {size} bytes", path.display(), archive.files);
    if size > LARGEST {
        let message = format!("it is larger than {LARGEST} bytes");
        return Err(Failure::Output { command: "cargo build --release".into(), message });
    }
    Ok(())
}

/// Writes the man pages and the completions.
pub(crate) fn pages(workspace: &Workspace) -> Result<(), Failure> {
    let folder = metadata(workspace)?.1.join("pages");
    let pages = pages_in(workspace, &folder)?;
    println!("{} files are in {}", pages.len(), folder.display());
    Ok(())
}

/// What stands in the repository and belongs to a release.
fn is_wanted(file: &str) -> bool {
    ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "schema/provision.xsd"]
        .contains(&file)
        || [
            "docs/diagnostics.md",
            "docs/json.md",
            "docs/provision-watch.service",
            "docs/troubleshooting.md",
            "docs/watch.md",
        ]
        .contains(&file)
}

/// They are made by a program of the command's own crate, which alone knows the command line.
fn pages_in(workspace: &Workspace, folder: &Path) -> Result<Vec<Entry>, Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .map_err(|source| Failure::Remove { path: folder.display().to_string(), source })?;
    }
    let mut make = workspace.cargo();
    make.args(["run", "--quiet", "--locked", "--package", "provision-cli", "--example", "pages"]);
    make.arg("--").arg(folder);
    command::run(&mut make, "Mend what is named above.")?;
    let mut entries = Vec::new();
    for part in ["man", "completions"] {
        let failed =
            |source| Failure::Read { path: folder.join(part).display().to_string(), source };
        for entry in fs::read_dir(folder.join(part)).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = format!("{part}/{}", entry.file_name().to_string_lossy());
            entries.push(Entry::read(&name, &entry.path(), Mode::File)?);
        }
    }
    Ok(entries)
}

/// The version, and the folder for archives.
fn metadata(workspace: &Workspace) -> Result<(String, PathBuf), Failure> {
    let packages = workspace.packages()?;
    let package = packages.into_iter().find(|package| package.name == "provision-cli");
    let package = package.ok_or_else(|| Failure::Output {
        command: "cargo metadata".into(),
        message: "the crate of the command is missing".into(),
    })?;
    Ok((package.version, workspace.target_folder()?.join("dist")))
}

/// Seconds since 1970 that every file of the archive gets.
fn time(workspace: &Workspace) -> Result<u64, Failure> {
    if let Some(seconds) = env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok()) {
        return Ok(seconds);
    }
    workspace.commit_time()
}

/// Unpacks what was written, and asks the command in it for its version.
fn verify(archive: &Path, folder: &Path, name: &str, version: &str) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .map_err(|source| Failure::Remove { path: folder.display().to_string(), source })?;
    }
    archive::unpack(archive, folder)?;
    let mut program = Command::new(folder.join(name).join("provision"));
    program.arg("--version");
    let said = command::capture(&mut program, "What was packed does not run.")?;
    match said.trim_end() == format!("provision {version}") {
        true => Ok(()),
        false => Err(Failure::Output { command: command::shown(&program), message: said }),
    }
}

/// The command is loaded for one answer, and often over a slow line: 4 MB.
const LARGEST: usize = 4_000_000;
