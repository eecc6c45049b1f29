//! A phone's run against one case, and what is wrong with how it ended.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use provision_format::{
    AuthenticationType, Config, ProvisionFile, ProvisionOptions, Section, SignificantSections,
    UrlTemplate,
};
use provision_merge::Merge;
use provision_tests::Request;
use provision_tests::hostile::{Authentication, Case, Hostile, Outcome};
use tempfile::TempDir;

use super::credentials::{PASSWORD, TOKEN, USER};
use super::shown;
use crate::canaries;
use crate::golden::fixture;
use crate::phone::program;

/// What all visits share.
pub(super) struct Stage<'a> {
    pub(super) hostile: &'a Hostile,
    folder: TempDir,
    program: PathBuf,
    ca: PathBuf,
    local: Config,
    /// What `Config.xml` becomes when both provisioned sections have come, from whatever server.
    stored: Vec<u8>,
}

/// One run.
pub(super) struct Visit<'a> {
    pub(super) stage: &'a Stage<'a>,
    pub(super) case: &'a Case,
    pub(super) authentication: Authentication,
}

/// What is not as it must be after a run.
#[derive(Default)]
pub(super) struct Finding {
    pub(super) wrong: Vec<String>,
    /// What a busy machine can be to blame for.
    pub(super) late: Vec<String>,
}

/// What the command did.
struct Ran {
    status: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
    took: Duration,
}

impl<'a> Stage<'a> {
    pub(super) fn new(hostile: &'a Hostile) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let ca = hostile.write_ca(folder.path()).expect("the folder is writable");
        let local = Config::read(fixture("config/zoiper3.xml")).expect("a good one").value;
        let remote = Config::read(b"<options><accounts>1</accounts><codecs>1</codecs></options>")
            .expect("a good one")
            .value;
        let sections = SignificantSections::from_list(SECTIONS);
        let merge = Merge { local: &local, remote: &remote, sections: &sections, displaced: None };
        let stored = merge.run().expect("it can be merged").stored.text().as_bytes().to_owned();
        Self { hostile, folder, program: program(), ca, local, stored }
    }

    /// The authority that the phone trusts.
    pub(super) fn ca(&self) -> &Path {
        &self.ca
    }
}

impl Visit<'_> {
    /// The URLs in the phone's file, with their placeholders.
    pub(super) fn urls(&self) -> Vec<String> {
        let Stage { hostile, .. } = self.stage;
        let mut urls = vec![hostile.url(self.case)];
        if self.case.outcome != Outcome::ServerError {
            urls.push(hostile.good_url(self.case));
        }
        let query = match self.authentication {
            Authentication::Url => "run=url&user=[user]&password=[pass]",
            Authentication::Basic => "run=basic",
        };
        urls.into_iter().map(|url| format!("{url}?{query}")).collect()
    }

    /// Runs the command and looks at everything that it did.
    pub(super) fn finding(&self) -> Finding {
        let folder = self
            .stage
            .folder
            .path()
            .join(format!("{}-{}-{:?}", self.case.group, self.case.name, self.authentication));
        let profile = folder.join("profile");
        fs::create_dir_all(&profile).expect("the folder is writable");
        fs::write(profile.join("Config.xml"), fixture("config/zoiper3.xml")).expect("as above");
        fs::write(folder.join("Provision.xml"), self.file()).expect("as above");

        let ran = self.run(&folder);
        let mut finding = Finding::default();
        self.about_end(&ran, &mut finding);
        finding.wrong.extend(self.about_output(&ran));
        self.about_files(&folder, &ran, &mut finding);
        // What is only large says nothing of who asks, and takes long to be read.
        if self.case.group != "heavy" {
            finding.wrong.extend(shown::complaints(self));
        }
        // Runs leave a thousand folders otherwise.
        fs::remove_dir_all(&folder).expect("it is ours");
        let name = format!("{} ({:?})", self.case.id(), self.authentication);
        for complaint in finding.wrong.iter_mut().chain(&mut finding.late) {
            complaint.insert_str(0, &format!("{name}: "));
        }
        finding
    }

    fn file(&self) -> String {
        let file = ProvisionFile {
            base_urls: self.urls().iter().filter_map(|url| UrlTemplate::new(url)).collect(),
            options: ProvisionOptions {
                use_authentication: true,
                authentication_type: match self.authentication {
                    Authentication::Url => AuthenticationType::Url,
                    Authentication::Basic => AuthenticationType::Basic,
                },
                user: USER.to_owned(),
                password: PASSWORD.to_owned().into(),
                ..ProvisionOptions::default()
            },
            significant_sections: Some(SignificantSections::from_list(SECTIONS)),
            ..ProvisionFile::default()
        };
        file.to_xml().expect("XML can carry it")
    }

    fn run(&self, folder: &Path) -> Ran {
        let begin = Instant::now();
        let output = bounded(&self.stage.program)
            .args(["run", "--provision", "Provision.xml", "--profile", "profile", "-v"])
            .args(["--effective", "effective.xml", "--ca-file"])
            .arg(self.stage.ca())
            .current_dir(folder)
            .env_clear()
            .env("HOME", folder)
            // In place of the system's, which take long to read.
            .env("SSL_CERT_FILE", self.stage.ca())
            .stdin(Stdio::null())
            .output();
        let Output { status, stdout, stderr } = output.expect("the command can be started");
        Ran {
            status: status.code(),
            stdout,
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            took: begin.elapsed(),
        }
    }

    fn about_end(&self, ran: &Ran, finding: &mut Finding) {
        let expected = if self.case.outcome == Outcome::ServerError { 3 } else { 0 };
        if ran.status != Some(expected) {
            let last = ran.stderr.lines().last().unwrap_or("");
            finding.wrong.push(format!("exit status {:?}, not {expected}: {last}", ran.status));
        }
        if ran.took > self.case.within {
            finding.late.push(format!("took {:?}, more than {:?}", ran.took, self.case.within));
        }
    }

    fn about_output(&self, ran: &Ran) -> Vec<String> {
        let mut complaints = Vec::new();
        for (stream, bytes) in [("stdout", &ran.stdout[..]), ("stderr", ran.stderr.as_bytes())] {
            complaints.extend(about_secrets(stream, &canaries::found_in(bytes)));
            if bytes.len() > LONGEST_OUTPUT {
                complaints.push(format!("{} bytes on {stream}", bytes.len()));
            }
        }
        if let Some(long) = ran.stderr.lines().find(|line| line.chars().count() > LONGEST_LINE) {
            complaints.push(format!("a line of {} characters on stderr", long.chars().count()));
        }
        if let Some(control) = ran.stderr.chars().find(|character| is_unsafe(*character)) {
            complaints.push(format!("a raw {control:?} on stderr"));
        }
        for text in &self.case.says {
            if !ran.stderr.contains(text.as_str()) {
                complaints.push(format!("{text:?} is not shown in:\n{}", ran.stderr));
            }
        }
        for text in &self.case.never {
            if ran.stderr.contains(text.as_str()) {
                complaints.push(format!("{text:?} is shown"));
            }
        }
        complaints
    }

    fn about_files(&self, folder: &Path, ran: &Ran, finding: &mut Finding) {
        let complaints = &mut finding.wrong;
        let mut files = files_of(folder, folder);
        files.retain(|(name, _)| name != "Provision.xml" && name != "profile/provision-lock");
        for (name, bytes) in &files {
            let is_the_servers = name == "effective.xml" || name.contains("last-good");
            if !(is_the_servers && self.case.id() == ECHO_THAT_COUNTS) {
                complaints.extend(about_secrets(name, &canaries::plainly_in(bytes)));
            }
            let text = String::from_utf8_lossy(bytes);
            for never in &self.case.never {
                if text.contains(never.as_str()) {
                    complaints.push(format!("{never:?} is in {name}"));
                }
            }
            if text.contains("the other origin") {
                complaints.push(format!("the other origin's document is in {name}"));
            }
            if !KNOWN_FILES.contains(&name.as_str()) && !name.starts_with("profile/provision-") {
                complaints.push(format!("it has left {name}"));
            }
            if let Err(error) = Config::read(document_in(name, bytes)) {
                complaints.push(format!("{name} is broken: {error}"));
            }
        }
        let file = |name: &str| files.iter().find(|(file, _)| file == name).map(|(_, bytes)| bytes);
        let is_refused = self.case.outcome == Outcome::ServerError;
        let expected =
            if is_refused { self.stage.local.text().as_bytes() } else { &self.stage.stored[..] };
        if file("profile/Config.xml").map(Vec::as_slice) != Some(expected) {
            complaints.push("Config.xml is not as it must be".to_owned());
        }
        match file("effective.xml") {
            Some(effective) => self.about_effective(effective, ran, finding),
            None if is_refused => {}
            None => complaints.push("there is no effective configuration".to_owned()),
        }
    }

    /// Whether the phone got the right configuration, and nothing of another.
    fn about_effective(&self, bytes: &[u8], ran: &Ran, finding: &mut Finding) {
        let Ok(effective) = Config::read(bytes) else {
            return;
        };
        let effective = effective.value;
        let (own, good) = (self.case.mark(), self.stage.hostile.good_mark());
        // The mark of another case may begin like this one's.
        let has = |section: &str, mark: &str| {
            let section = effective.section(section).map_or("", Section::text);
            section.contains(&format!("{mark}<")) || section.contains(&format!("{mark}]"))
        };
        let marks = |section| (has(section, &own), has(section, good));
        let won = match (marks("accounts"), marks("codecs")) {
            ((true, false), (true, false)) => Outcome::Accept,
            ((false, true), (false, true)) => Outcome::Failover,
            mixed => {
                finding.wrong.push(format!("accounts and codecs are of nobody: {mixed:?}"));
                return;
            }
        };
        // The good server may have been faster only because this one had no time.
        let complaints = if ran.stderr.contains("1. failed[outrun]") {
            &mut finding.late
        } else {
            &mut finding.wrong
        };
        if self.case.outcome != Outcome::Either && won != self.case.outcome {
            complaints.push(format!("the outcome is {}", won.as_str()));
        }
        let shown = |code: &String| ran.stderr.contains(&format!("1. failed[{code}]"));
        if won == Outcome::Failover
            && !self.case.shows.is_empty()
            && !self.case.shows.iter().any(shown)
        {
            complaints.push(format!("it does not show {}", self.case.shows.join(" or ")));
        }
        let complaints = &mut finding.wrong;
        for section in self.stage.local.sections() {
            let name = section.name();
            let kept = effective.section(name).map(Section::text);
            if !SECTIONS.split(',').any(|other| other == name) && kept != Some(section.text()) {
                complaints.push(format!("`{name}` is not the phone's own any more"));
            }
        }
        if effective.sections().count() != self.stage.local.sections().count() {
            complaints.push("there are sections that nobody asked for".to_owned());
        }
        let begins = |text: &[u8]| text.starts_with(b"\xef\xbb\xbf");
        if begins(bytes) != begins(self.stage.local.text().as_bytes()) {
            complaints.push("its byte order mark is not the phone's own".to_owned());
        }
    }
}

/// What the servers saw of all visits.
pub(super) fn complaints_about_servers(hostile: &Hostile) -> Vec<String> {
    let mut complaints = Vec::new();
    for contact in hostile.contacts() {
        let contact = String::from_utf8_lossy(&contact).into_owned();
        complaints.push(format!("the other origin was contacted: {contact:?}"));
    }
    for case in hostile.cases() {
        let requests = hostile.requests(case);
        for kind in ["run=url", "run=basic"] {
            let count = requests.iter().filter(|request| request.line.contains(kind)).count();
            if count > MOST_REQUESTS {
                complaints.push(format!("{}: {count} requests of one run", case.id()));
            }
        }
        let odd = requests.iter().filter_map(about_request).next();
        complaints.extend(odd.map(|odd| format!("{}: {odd}", case.id())));
    }
    complaints
}

/// What is wrong with a request, be it the first or one after a redirect.
fn about_request(request: &Request) -> Option<String> {
    for name in ["referer", "accept-encoding", "cookie", "range", "upgrade"] {
        if request.header(name).is_some() {
            return Some(format!("a request has the field {name}"));
        }
    }
    let expected = request.line.contains("run=basic").then(|| format!("Basic {TOKEN}"));
    let given = request.header("authorization").map(str::to_owned);
    let is_first = request.line.contains("run=");
    (is_first && given != expected).then(|| "a request has the wrong authorization".to_owned())
}

/// A file's document: one of them has a line of its own before it.
fn document_in<'b>(name: &str, bytes: &'b [u8]) -> &'b [u8] {
    match name {
        "profile/provision-original" => {
            bytes.splitn(2, |byte| *byte == b'\n').last().unwrap_or(bytes)
        }
        _ => bytes,
    }
}

fn about_secrets(place: &str, found: &[&str]) -> Option<String> {
    (!found.is_empty()).then(|| format!("{found:?} in {place}"))
}

/// What a terminal would obey, and what turns a line around or hides in it.
fn is_unsafe(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The files below a folder, by their paths in it.
fn files_of(folder: &Path, root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("it is readable") {
        let path = entry.expect("it is readable").path();
        if path.is_dir() {
            files.extend(files_of(&path, root));
        } else {
            let name = path.strip_prefix(root).expect("it is below").to_string_lossy();
            files.push((name.replace('\\', "/"), fs::read(&path).expect("it is readable")));
        }
    }
    files
}

/// The command, with no more memory to be had than an ordinary run has ample room in.
fn bounded(program: &Path) -> Command {
    if !cfg!(target_os = "linux") {
        return Command::new(program);
    }
    let mut command = Command::new("sh");
    let script = format!("ulimit -v {MOST_MEMORY_KIB} && exec \"$@\"");
    command.args(["-c", &script, "sh"]).arg(program);
    command
}

/// The sections that the servers own.
const SECTIONS: &str = "accounts,codecs";

/// Files that a run may write, beside its own state.
const KNOWN_FILES: [&str; 2] = ["profile/Config.xml", "effective.xml"];

/// The case whose server puts our credentials where a server may put them.
const ECHO_THAT_COUNTS: &str = "auth/echo-accepted";

/// Requests of one run to one server.
const MOST_REQUESTS: usize = 20;

/// Bytes of a stream that a person may be shown.
const LONGEST_OUTPUT: usize = 16 << 10;

/// Characters of a line: a server's 500 (spec 7.1), with the URL and what else belongs to it.
const LONGEST_LINE: usize = 1000;

/// Address space of a run. An ordinary one maps about a third of it.
const MOST_MEMORY_KIB: usize = 128 << 10;
