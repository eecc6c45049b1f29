//! A script: what a hostile server does, and what a client must make of it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::source::Source;
use super::text::Text;
use super::words::{Word, words};
use crate::answer::Ending;

/// A misbehaviour. `fixtures/http/README.md` describes the files that it is read from.
#[derive(Clone, Debug)]
pub struct Case {
    /// The folder of its file.
    pub group: String,
    /// The name of its file.
    pub name: String,
    /// What the server does, in a sentence.
    pub about: String,
    /// What must come of it.
    pub outcome: Outcome,
    /// How long a client may take, with a good server behind this one.
    pub within: Duration,
    /// The code that the command `provision` must show for this server, one of these; any will do if there is none.
    pub shows: Vec<String>,
    /// Words of the server that the user must get to see.
    pub says: Vec<String>,
    /// What no file of the phone and no output may hold.
    pub never: Vec<String>,
    /// The kind of authentication without which the outcome is another one.
    pub authentication: Option<Authentication>,
    /// The host in its URL.
    pub host: String,
    /// Where it runs.
    pub(super) place: Place,
    pub(super) sections: Vec<Section>,
}

/// What must come of a run whose first server is the hostile one and whose second is a good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The hostile server's configuration is used: it is hostile only at first sight.
    Accept,
    /// The good server's configuration is used, and nothing of the hostile one's.
    Failover,
    /// One of both, but never a mixture.
    Either,
    /// With no other server: the run fails, and the user is shown the server's message.
    ServerError,
}

/// How a client says who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// By the placeholders `[user]` and `[pass]` in the URL.
    Url,
    /// By a field of the request (RFC 7617).
    Basic,
}

/// On what kind of server a case runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On the one that all such cases share; the request has been read when the script begins.
    Shared,
    /// On one of its own, from the first byte on. The scheme of its URL says nothing about what it speaks.
    Own { scheme: &'static str },
    /// On one of its own behind TLS.
    Tls(Identification),
    /// Nobody listens.
    Closed,
    /// A connection never comes about.
    Blackhole,
}

/// By which certificate a server is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identification {
    Good,
    SelfSigned,
    Expired,
    NotYetValid,
    WithoutNames,
    OtherName,
    WildcardAddress,
    ByLeaf,
    AuthorityItself,
    OtherAuthority,
    ForClients,
}

/// What is done for some of the paths of a case.
#[derive(Clone, Debug)]
pub(super) struct Section {
    /// Below the case's own path; `None` for all others.
    pub(super) at: Option<String>,
    pub(super) directives: Vec<Directive>,
    pub(super) ending: Ending,
}

#[derive(Clone, Debug)]
pub(super) enum Directive {
    Send(Source),
    /// `Content-Length`, the empty line and the body.
    Body(Source),
    /// The field `Content-Length` alone.
    Length(Source),
    /// A chunk; an empty one ends the body.
    Chunk(Source),
    /// Over and over.
    Endless(Source),
    /// So many bytes at a time.
    Drip {
        every: Duration,
        by: usize,
        source: Source,
    },
    Wait(Duration),
    /// Waits for a request.
    Read,
    /// Answers 401 and ends, unless the request has basic credentials.
    RequireBasic,
}

/// A script that cannot be read.
#[derive(Debug)]
pub struct ScriptError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; `None` if the file as a whole is meant.
    pub line: Option<usize>,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.line {
            Some(line) => write!(f, "{path}:{line}: {}", self.message),
            None => write!(f, "{path}: {}", self.message),
        }
    }
}

impl std::error::Error for ScriptError {}

/// What is wrong with a line.
type Fault = (Option<usize>, String);

impl Case {
    /// `group/case`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.group, self.name)
    }

    /// By which its documents can be told from others.
    pub fn mark(&self) -> String {
        format!("hostile {}", self.id())
    }

    pub(super) fn section(&self, below: &str) -> Option<&Section> {
        let named = self.sections.iter().find(|section| section.at.as_deref() == Some(below));
        named.or_else(|| self.sections.iter().find(|section| section.at.is_none()))
    }

    pub(super) fn parse(group: &str, name: &str, text: &str) -> Result<Self, Fault> {
        let lines = logical_lines(text);
        let blank = lines.iter().position(|(_, line)| line.is_empty()).unwrap_or(lines.len());
        let (head, script) = lines.split_at(blank);
        let mut case = Self {
            group: group.to_owned(),
            name: name.to_owned(),
            about: String::new(),
            outcome: Outcome::Either,
            within: Duration::ZERO,
            shows: Vec::new(),
            says: Vec::new(),
            never: Vec::new(),
            authentication: None,
            host: "127.0.0.1".to_owned(),
            place: Place::Shared,
            sections: Vec::new(),
        };
        let mut names = Vec::new();
        for (number, line) in head {
            let at = |message: String| (Some(*number), message);
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| at("the head is made of lines `name: value`".to_owned()))?;
            case.take(name, value.trim()).map_err(at)?;
            names.push(name);
        }
        for needed in ["about", "outcome", "within"] {
            if !names.contains(&needed) {
                return Err((None, format!("the head has no line `{needed}: …`")));
            }
        }
        case.sections = sections(script)?;
        let speaks = !matches!(case.place, Place::Closed | Place::Blackhole);
        if speaks == case.sections.is_empty() {
            let message = "a server that can be reached needs directives, and no other one has any";
            return Err((None, message.to_owned()));
        }
        Ok(case)
    }

    /// A line of the head.
    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "about" => value.clone_into(&mut self.about),
            "outcome" => {
                self.outcome = match value {
                    "accept" => Outcome::Accept,
                    "failover" => Outcome::Failover,
                    "either" => Outcome::Either,
                    "server-error" => Outcome::ServerError,
                    _ => return Err(choice(value, "accept, failover, either, server-error")),
                };
            }
            "within" => self.within = time(value)?,
            "shows" => self.shows = value.split(',').map(|code| code.trim().to_owned()).collect(),
            "says" => self.says.push(value.to_owned()),
            "never" => self.never.push(value.to_owned()),
            "host" => value.clone_into(&mut self.host),
            "authentication" => {
                self.authentication = match value {
                    "url" => Some(Authentication::Url),
                    "basic" => Some(Authentication::Basic),
                    _ => return Err(choice(value, "url, basic")),
                };
            }
            "server" => self.place = place(value)?,
            _ => {
                return Err(choice(
                    name,
                    "about, outcome, within, server, host, authentication, shows, says, never",
                ));
            }
        }
        Ok(())
    }
}

impl Outcome {
    /// As a script says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Failover => "failover",
            Self::Either => "either",
            Self::ServerError => "server-error",
        }
    }
}

/// Lines without comments; one that begins with white space continues the one before.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with('#') {
            continue;
        }
        match lines.last_mut() {
            Some((_, last)) if line.starts_with([' ', '\t']) && !line.trim().is_empty() => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push((number, line.trim_end().to_owned())),
        }
    }
    lines
}

fn sections(lines: &[(usize, String)]) -> Result<Vec<Section>, Fault> {
    let mut sections: Vec<Section> = Vec::new();
    let mut ended = false;
    for (number, line) in lines.iter().filter(|(_, line)| !line.is_empty()) {
        let at = |message: String| (Some(*number), message);
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        if name == "at" {
            let below = rest.trim().trim_start_matches('/').to_owned();
            sections.push(Section { at: Some(below), ..Section::new() });
            ended = false;
            continue;
        }
        if sections.is_empty() {
            sections.push(Section::new());
        }
        let Some(section) = sections.last_mut() else { continue };
        if ended {
            return Err(at("nothing follows how a connection ends, but `at`".to_owned()));
        }
        match ending(name).filter(|_| rest.is_empty()) {
            Some(ending) => {
                section.ending = ending;
                ended = true;
            }
            None => section.directives.push(directive(name, rest.trim()).map_err(at)?),
        }
    }
    Ok(sections)
}

impl Section {
    fn new() -> Self {
        Self { at: None, directives: Vec::new(), ending: Ending::Close }
    }
}

fn ending(name: &str) -> Option<Ending> {
    match name {
        "hang" => Some(Ending::Hang),
        "close" => Some(Ending::Close),
        "cut" => Some(Ending::Cut),
        "reset" => Some(Ending::Reset),
        _ => None,
    }
}

fn directive(name: &str, rest: &str) -> Result<Directive, String> {
    let line = |text: &str| Ok(Directive::Send(Source::Text(Text::parse(text)?)));
    let source = || Source::parse(&words(rest)?);
    match name {
        "status" => line(&format!("HTTP/1.1 {rest}\\r\\n")),
        "field" => line(&format!("{rest}\\r\\n")),
        "blank" => line("\\r\\n"),
        "send" => Ok(Directive::Send(source()?)),
        "body" => Ok(Directive::Body(source()?)),
        "length" => Ok(Directive::Length(source()?)),
        "chunk" => Ok(Directive::Chunk(source()?)),
        "endless" => Ok(Directive::Endless(source()?)),
        "wait" => Ok(Directive::Wait(time(rest)?)),
        "read" if rest.is_empty() => Ok(Directive::Read),
        "require" if rest == "basic" => Ok(Directive::RequireBasic),
        "drip" => drip(&words(rest)?),
        _ => Err(format!(
            "`{name} {rest}` is no directive; there are status, field, blank, body, length, chunk, send, endless, \
             drip, wait, read, require basic, at, hang, close, cut, reset"
        )),
    }
}

/// `TIME SOURCE…` or `TIME by N SOURCE…`.
fn drip(words: &[Word]) -> Result<Directive, String> {
    let usage = "`drip` needs a time, perhaps `by N`, and what to send";
    let (Some(Word::Plain(every)), rest) = (words.first(), words.get(1..).unwrap_or_default())
    else {
        return Err(usage.to_owned());
    };
    let by = Word::Plain("by".to_owned());
    let (by, rest) = match rest {
        [first, Word::Plain(count), rest @ ..] if *first == by => {
            (count.parse().map_err(|_| usage)?, rest)
        }
        _ => (1, rest),
    };
    Ok(Directive::Drip { every: time(every)?, by, source: Source::parse(rest)? })
}

/// `300ms` or `5s`; a bare number is seconds.
fn time(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let read = match text.strip_suffix("ms") {
        Some(number) => number.parse().map(Duration::from_millis),
        None => text.strip_suffix('s').unwrap_or(text).parse().map(Duration::from_secs),
    };
    read.map_err(|_| format!("`{text}` is no time; write `300ms` or `5s`"))
}

fn place(value: &str) -> Result<Place, String> {
    if let Some(certificate) = value.strip_prefix("tls ") {
        let found = IDENTIFICATIONS.iter().find(|(name, _)| *name == certificate.trim());
        let names: Vec<&str> = IDENTIFICATIONS.iter().map(|(name, _)| *name).collect();
        return match found {
            Some((_, identification)) => Ok(Place::Tls(*identification)),
            None => Err(choice(certificate, &names.join(", "))),
        };
    }
    match value {
        "shared" => Ok(Place::Shared),
        "own" => Ok(Place::Own { scheme: "http" }),
        "own https" => Ok(Place::Own { scheme: "https" }),
        "closed" => Ok(Place::Closed),
        "blackhole" => Ok(Place::Blackhole),
        _ => Err(choice(value, "shared, own, own https, tls CERTIFICATE, closed, blackhole")),
    }
}

fn choice(found: &str, choices: &str) -> String {
    format!("`{found}` is none of {choices}")
}

const IDENTIFICATIONS: [(&str, Identification); 11] = [
    ("good", Identification::Good),
    ("self-signed", Identification::SelfSigned),
    ("expired", Identification::Expired),
    ("not-yet-valid", Identification::NotYetValid),
    ("without-names", Identification::WithoutNames),
    ("other-name", Identification::OtherName),
    ("wildcard-address", Identification::WildcardAddress),
    ("by-leaf", Identification::ByLeaf),
    ("authority-itself", Identification::AuthorityItself),
    ("other-authority", Identification::OtherAuthority),
    ("for-clients", Identification::ForClients),
];

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "about: a\noutcome: failover\nwithin: 5\n";

    fn fault(text: &str) -> (Option<usize>, String) {
        Case::parse("group", "case", text).expect_err("it is no script")
    }

    #[test]
    fn a_script_is_read() {
        let text = "about: answers\n late\noutcome: either\nwithin: 5\nserver: own https\nshows: a, b\n\n\
                    # why\nwait 300ms\nsend \"a\"\n  'b' # that\nhang\nat /next\nreset\n";
        let case = Case::parse("group", "case", text).expect("a script");
        assert_eq!((case.id().as_str(), case.about.as_str()), ("group/case", "answers late"));
        assert_eq!(case.outcome, Outcome::Either);
        assert_eq!(case.place, Place::Own { scheme: "https" });
        assert_eq!(case.shows, ["a", "b"]);
        let endings: Vec<Ending> = case.sections.iter().map(|section| section.ending).collect();
        assert_eq!(endings, [Ending::Hang, Ending::Reset]);
        assert_eq!(case.section("").map(|section| section.directives.len()), Some(2));
        assert_eq!(case.section("next").map(|section| section.directives.len()), Some(0));
    }

    #[test]
    fn a_fault_names_its_line_and_the_choices() {
        for (script, line, says) in [
            ("\nshout good", 5, "`shout good` is no directive; there are status,"),
            ("\n# a comment\nsend god", 6, "`god` is nothing that can be sent; there are good,"),
            ("\nsend \"${prot}\"", 5, "there is no placeholder `prot`; there are mark,"),
            ("\nsend \"\\q\"", 5, "`\\q` is no escape"),
            ("\nsend \"a", 5, "does not end"),
            ("\nsend (good", 5, "`(` without its `)`"),
            ("\nwait soon", 5, "`soon` is no time; write `300ms` or `5s`"),
            ("\nclose\nsend good", 6, "nothing follows how a connection ends"),
            ("server: mine\n\nclose", 4, "`mine` is none of shared,"),
            ("server: tls bad\n\nclose", 4, "`bad` is none of good,"),
            ("colour: red\n\nclose", 4, "`colour` is none of about,"),
        ] {
            let (at, message) = fault(&format!("{HEAD}{script}"));
            assert_eq!(at, Some(line), "{message}");
            assert!(message.contains(says), "{message}");
        }
        assert!(fault("about: a\nwithin: 5\n\nclose").1.contains("`outcome: …`"));
        assert!(fault(HEAD).1.contains("needs directives"));
        assert!(
            fault(&format!("{HEAD}server: closed\n\nclose")).1.contains("no other one has any")
        );
    }
}
