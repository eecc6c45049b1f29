//! What every command's JSON has in common (spec 8.4). `docs/json.md` explains every field.

mod ending;
mod files;
mod findings;
mod sections;
mod steps;

use std::io;
use std::path::Path;

use provision::fetch;
use provision::format::{DocumentKind, LineIndex};
use serde::Serialize;

pub(crate) use self::ending::{ErrorEntry, FetchErrorEntry, RunErrorEntry, Summary};
pub(crate) use self::files::{DocumentEntry, FileEntry, PathEntry};
pub(crate) use self::findings::{Finding, findings};
pub(crate) use self::sections::SectionEntry;
pub(crate) use self::steps::{NoteEntry, Steps};

/// It goes up when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// One object on lines of its own, with what tells it apart.
pub(crate) fn object(command: &str, body: impl Serialize) -> io::Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(&Object { schema: SCHEMA, command, body })?;
    json.push(b'\n');
    Ok(json)
}

/// One object on one line.
pub(crate) fn line(command: &str, body: impl Serialize) -> io::Result<Vec<u8>> {
    let mut json = serde_json::to_vec(&Object { schema: SCHEMA, command, body })?;
    json.push(b'\n');
    Ok(json)
}

#[derive(Serialize)]
struct Object<'a, T> {
    schema: u32,
    command: &'a str,
    #[serde(flatten)]
    body: T,
}

/// A place in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Position {
    line: usize,
    column: usize,
    offset: u32,
}

impl Position {
    /// Where `offset` lies in `text`, whose lines are `lines`.
    pub(crate) fn new(lines: &LineIndex, text: &str, offset: u32) -> Self {
        let position = lines.position(text, offset as usize);
        Self { line: position.line, column: position.column, offset }
    }
}

/// The name of a kind of document, as `--as` takes it.
pub(crate) fn kind(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::ProvisionFile => "provision",
        DocumentKind::Configuration => "config",
        DocumentKind::Answer => "answer",
        DocumentKind::AnyXml => "xml",
    }
}

/// A path as text, and as bytes if the text is not all of it.
pub(crate) fn path_fields(path: &Path) -> (String, Option<String>) {
    let text = path.to_string_lossy().into_owned();
    let bytes = path.as_os_str().as_encoded_bytes();
    let is_text = path.to_str().is_some();
    let digits = || bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    (text, (!is_text).then(digits))
}

/// A server's words to the user.
#[derive(Debug, Serialize)]
pub(crate) struct ServerMessage {
    pub(crate) text: String,
    pub(crate) code: Option<String>,
}

impl From<&fetch::ServerMessage> for ServerMessage {
    fn from(message: &fetch::ServerMessage) -> Self {
        Self { text: message.text.clone(), code: message.code.clone() }
    }
}
