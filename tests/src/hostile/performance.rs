//! A script, performed on a connection.

use std::io::{self, Write};

use super::context::Context;
use super::script::{Case, Directive};
use super::text::Text;
use crate::answer::{Ending, LONGEST_ANSWER};
use crate::conversation::Conversation;

/// Does what the script says and tells how the connection is to end. An error means that the client is gone.
pub(super) fn perform(
    case: &Case,
    good: &Text,
    mut context: Context<'_>,
    conversation: &mut Conversation<'_>,
) -> io::Result<Ending> {
    let Some(section) = case.section(context.below()) else {
        conversation.write_all(NOT_FOUND)?;
        return Ok(Ending::Close);
    };
    for directive in &section.directives {
        match directive {
            Directive::Send(source) => {
                conversation.write_all(&source.bytes(good, &context))?;
            }
            Directive::Body(source) => {
                let body = source.bytes(good, &context);
                write!(conversation, "Content-Length: {}\r\n\r\n", body.len())?;
                conversation.write_all(&body)?;
            }
            Directive::Length(source) => {
                let length = source.bytes(good, &context).len();
                write!(conversation, "Content-Length: {length}\r\n")?;
            }
            Directive::Chunk(source) => {
                let chunk = source.bytes(good, &context);
                write!(conversation, "{:x}\r\n", chunk.len())?;
                conversation.write_all(&chunk)?;
                conversation.write_all(b"\r\n")?;
            }
            Directive::Endless(source) => {
                let once = source.bytes(good, &context);
                // Small writes would make the server the slow one.
                let piece = once.repeat((PIECE / once.len().max(1)).max(1));
                let mut sent = 0;
                while sent < LONGEST_ANSWER && !piece.is_empty() {
                    conversation.write_all(&piece)?;
                    sent += piece.len();
                }
            }
            Directive::Drip { every, by, source } => {
                for piece in source.bytes(good, &context).chunks((*by).max(1)) {
                    conversation.write_all(piece)?;
                    conversation.flush()?;
                    conversation.pause(*every);
                }
            }
            Directive::Wait(duration) => {
                conversation.flush()?;
                conversation.pause(*duration);
            }
            Directive::Read => {
                conversation.flush()?;
                match conversation.read_request()? {
                    Some(request) => context.request = Some(request),
                    None => return Ok(Ending::Close),
                }
            }
            Directive::RequireBasic => {
                if !context.has_basic() {
                    conversation.write_all(UNAUTHORIZED)?;
                    return Ok(Ending::Close);
                }
            }
        }
    }
    conversation.flush()?;
    Ok(section.ending)
}

/// Bytes that an endless answer writes at a time.
const PIECE: usize = 16 << 10;

const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
const UNAUTHORIZED: &[u8] =
    b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"phones\", charset=\"UTF-8\"\r\n\
      Content-Length: 0\r\n\r\n";
