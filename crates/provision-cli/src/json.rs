//! What every command's JSON has in common (spec 8.4). `docs/json.md` explains every field.

use std::io;

use provision::format::{DocumentKind, LineIndex};
use serde::Serialize;

/// It goes up when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// One object on lines of its own, with what tells it apart.
pub(crate) fn object(command: &str, body: impl Serialize) -> io::Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(&Object { schema: SCHEMA, command, body })?;
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
