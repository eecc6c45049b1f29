//! A phone's folders, and the command `provision` run on them as a user would.
//!
//! Whatever the command gets as an argument, prints or writes is looked through for the secrets of the tests (spec 3.8).

mod contents;

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::SystemTime;

use tempfile::TempDir;

use self::contents::Contents;
pub(crate) use self::contents::Purpose;
use crate::canaries;
use crate::golden::fixture;

/// The password that every test types in. No output may ever hold it.
pub(crate) const PASSWORD: &str = "c4nary-p4ss";
/// Its MD5 digest, which no output may hold either.
pub(crate) const DIGEST: &str = "d80626962260420a9d3be8cf0c4fb534";

/// A profile with a `Config.xml`, in a folder of its own.
pub(crate) struct Phone {
    folder: TempDir,
    /// What was in the folder when the command was started last, and what tests have put there since.
    contents: Mutex<Contents>,
}

/// What a run of the command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Phone {
    /// One whose `Config.xml` is the Zoiper 3 fixture.
    pub(crate) fn new() -> Self {
        Self::with_config(&fixture("config/zoiper3.xml"))
    }

    pub(crate) fn with_config(config: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let phone = Self { folder, contents: Mutex::default() };
        fs::create_dir(phone.profile()).expect("the folder is new");
        fs::write(phone.profile().join("Config.xml"), config).expect("the folder is new");
        phone
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn profile(&self) -> PathBuf {
        self.folder().join("profile")
    }

    /// A file's bytes, by its name in the profile.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.profile().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn config(&self) -> Vec<u8> {
        self.read("Config.xml")
    }

    /// The names of the files in the profile, sorted, but for the lock: that is empty and stays.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.profile()).expect("the profile is readable");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
            .filter(|name| name != "provision-lock")
            .collect();
        names.sort();
        names
    }

    /// Writes a file beside the profile and returns its path.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        fs::write(&path, text).expect("the folder is writable");
        self.contents.lock().expect("no test panicked").add(&path);
        path
    }

    /// Writes the document's own example as `Provision.xml`, with its server's address replaced by
    /// that of each server in turn.
    pub(crate) fn write_example(&self, origins: &[String]) -> PathBuf {
        let example = String::from_utf8(fixture("provision/document-example.xml")).expect("UTF-8");
        let (start, end) = ("<base_url>", "</base_url>\n");
        let from = example.find(start).expect("the example has a URL");
        let to = example.find(end).expect("the example has a URL") + end.len();
        let urls: String = origins
            .iter()
            .map(|origin| example[from..to].replace("http://yourserver.com", origin))
            .collect();
        self.write("Provision.xml", format!("{}{urls}{}", &example[..from], &example[to..]))
    }

    /// `provision run` as alice, with her password on standard input and this profile.
    pub(crate) fn run_as_alice(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["run", "--provision", "Provision.xml", "--profile", "profile"];
        all.extend(["--user", "alice", "--password-stdin"]);
        all.extend(arguments);
        self.provision(&all, &format!("{PASSWORD}\n"))
    }

    /// The command in this phone's folder, and with no other environment than that folder.
    pub(crate) fn provision(&self, arguments: &[impl AsRef<OsStr>], stdin: &str) -> Ran {
        self.provision_with(&[], arguments, stdin)
    }

    /// The same with these variables in its environment.
    pub(crate) fn provision_with(
        &self,
        variables: &[(&str, &str)],
        arguments: &[impl AsRef<OsStr>],
        stdin: &str,
    ) -> Ran {
        let mut child = self.command(variables, arguments).spawn().expect("it can be started");
        // A command that does not want its input may be gone by now.
        let _ = child.stdin.take().expect("it is piped").write_all(stdin.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        self.look_through(purpose(arguments));
        Ran::new(output)
    }

    /// What is in the folder now is no work of the command.
    pub(crate) fn note_contents(&self) {
        *self.contents.lock().expect("no test panicked") = Contents::of(self.folder());
    }

    /// Looks for what a run has written and may not. It is to be called when one has ended.
    pub(crate) fn look_through(&self, purpose: Purpose) {
        let before = self.contents.lock().expect("no test panicked");
        let complaints = Contents::of(self.folder()).complaints_after(&before, purpose);
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    fn command(&self, variables: &[(&str, &str)], arguments: &[impl AsRef<OsStr>]) -> Command {
        self.command_by(Command::new(program()), variables, arguments)
    }

    /// The same, by a program that starts it with the last arguments.
    pub(crate) fn command_by(
        &self,
        mut command: Command,
        variables: &[(&str, &str)],
        arguments: &[impl AsRef<OsStr>],
    ) -> Command {
        for argument in arguments {
            let argument = argument.as_ref().to_string_lossy();
            assert_eq!(canaries::found_in(argument.as_bytes()), [""; 0], "in an argument");
        }
        self.note_contents();
        command
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .env("HOME", self.folder())
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Windows finds its sockets by it.
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        command
    }

    /// The command, going on until a signal ends it.
    pub(crate) fn start(&self, arguments: &[impl AsRef<OsStr>]) -> Running<'_> {
        let mut child = self.command(&[], arguments).spawn().expect("it can be started");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let (said, data) = (String::new(), Vec::new());
        Running { phone: self, purpose: purpose(arguments), child, stdout, stderr, said, data }
    }
}

/// A command that goes on. It is killed if a test gives up.
pub(crate) struct Running<'a> {
    phone: &'a Phone,
    purpose: Purpose,
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
    said: String,
    data: Vec<u8>,
}

impl Running<'_> {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until a line for people has this in it.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.stderr.read_line(&mut line).expect("messages are UTF-8");
            assert!(length > 0, "{text:?} is not in:\n{}", self.said);
            self.said += &line;
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The next line of data.
    pub(crate) fn line(&mut self) -> Vec<u8> {
        let start = self.data.len();
        let length = self.stdout.read_until(b'\n', &mut self.data).expect("it is readable");
        assert!(length > 0, "it has ended");
        self.data[start..].to_vec()
    }

    /// Types more into its standard input than fits there while nobody reads it.
    pub(crate) fn overfill(&mut self) {
        let input = self.child.stdin.as_mut().expect("it is piped");
        input.write_all(&[b' '; 1 << 18]).expect("the command reads it");
    }

    /// Waits for its end. It has to come by itself, or by a signal that was sent.
    pub(crate) fn end(mut self) -> Ran {
        self.stdout.read_to_end(&mut self.data).expect("it is readable");
        self.stderr.read_to_string(&mut self.said).expect("messages are UTF-8");
        let status = self.child.wait().expect("it ends");
        self.phone.look_through(self.purpose);
        let (stdout, stderr) = (std::mem::take(&mut self.data), std::mem::take(&mut self.said));
        Ran::new(Output { status, stdout, stderr: stderr.into_bytes() })
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ran {
    /// What a command did; it is looked through for secrets.
    fn new(Output { status, stdout, stderr }: Output) -> Self {
        let ran = Self {
            status: status.code().expect("it was not killed"),
            stdout,
            stderr: String::from_utf8(stderr).expect("messages are UTF-8"),
        };
        for (name, bytes) in [("stdout", &ran.stdout[..]), ("stderr", ran.stderr.as_bytes())] {
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(canaries::found_in(bytes), [""; 0], "on {name}: {text}");
        }
        ran
    }

    /// Checks the exit status; what was printed explains a failure.
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}", self.stderr);
        self
    }

    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.stderr.contains(text), "{text:?} is not in:\n{}", self.stderr);
        self
    }

    pub(crate) fn last_line(&self) -> &str {
        self.stderr.lines().last().unwrap_or("")
    }
}

fn purpose(arguments: &[impl AsRef<OsStr>]) -> Purpose {
    match arguments.iter().any(|argument| argument.as_ref() == "init") {
        true => Purpose::Init,
        false => Purpose::Other,
    }
}

/// The command that was built: named by `cargo xtask test`, else found beside the tests, if it is not
/// older than its sources.
pub(crate) fn program() -> PathBuf {
    if let Some(program) = std::env::var_os("PROVISION_BIN") {
        return program.into();
    }
    let tests = std::env::current_exe().expect("this program has a path");
    let folder = tests.parent().and_then(Path::parent).expect("it lies in target/debug/deps");
    let program = folder.join(format!("provision{}", std::env::consts::EXE_SUFFIX));
    let built = fs::metadata(&program).and_then(|metadata| metadata.modified()).ok();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    assert!(
        built.is_some_and(|built| built >= newest(&sources)),
        "the command is not built from these sources: run `cargo xtask test`"
    );
    program
}

/// When anything in a folder was changed last.
fn newest(folder: &Path) -> SystemTime {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let times = entries.map(|entry| {
        let path = entry.expect("the folder is readable").path();
        if path.is_dir() {
            return newest(&path);
        }
        fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("it was listed")
    });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}
