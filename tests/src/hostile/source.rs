//! What a script sends: texts, the good configuration, and what is made of them.

use super::compression::{gzip, gzip_bomb, zlib};
use super::context::Context;
use super::text::Text;
use super::words::Word;

/// Bytes that are made when a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Text(Text),
    /// The good configuration, with the case's own mark.
    Good,
    Repeat(usize, Box<Source>),
    /// So many bytes from the beginning.
    First(usize, Box<Source>),
    /// Everything behind so many bytes.
    After(usize, Box<Source>),
    /// What a coding makes of it.
    Coded(Coding, Box<Source>),
    GzipBomb,
    /// One after the other.
    All(Vec<Source>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// CR LF in place of every LF.
    CrLf,
    Gzip,
    /// What HTTP calls `deflate`.
    Zlib,
    Utf16Le,
    Utf16Be,
    Utf32Le,
}

impl Source {
    /// Reads a list of sources to its end.
    pub(super) fn parse(words: &[Word]) -> Result<Self, String> {
        let mut rest = words;
        let mut all = Vec::new();
        while !rest.is_empty() {
            all.push(Self::parse_one(&mut rest)?);
        }
        if all.len() == 1 { Ok(all.remove(0)) } else { Ok(Self::All(all)) }
    }

    fn parse_one(rest: &mut &[Word]) -> Result<Self, String> {
        let (word, after) =
            rest.split_first().ok_or("something to send is missing; a text stands in quotes")?;
        *rest = after;
        let word = match word {
            Word::Quoted(text) => return Ok(Self::Text(Text::parse(text)?)),
            Word::Open => {
                let mut all = Vec::new();
                while rest.first() != Some(&Word::Close) {
                    all.push(Self::parse_one(rest).map_err(|_| "`(` without its `)`")?);
                }
                *rest = &rest[1..];
                return Ok(Self::All(all));
            }
            Word::Close => return Err("`)` without its `(`".to_owned()),
            Word::Plain(word) => word.as_str(),
        };
        let coded =
            |coding, rest: &mut &[Word]| Ok(Self::Coded(coding, Box::new(Self::parse_one(rest)?)));
        match word {
            "good" => Ok(Self::Good),
            "gzip-bomb" => Ok(Self::GzipBomb),
            "repeat" => {
                let count = number(rest)?;
                Ok(Self::Repeat(count, Box::new(Self::parse_one(rest)?)))
            }
            "first" => Ok(Self::First(number(rest)?, Box::new(Self::parse_one(rest)?))),
            "after" => Ok(Self::After(number(rest)?, Box::new(Self::parse_one(rest)?))),
            "crlf" => coded(Coding::CrLf, rest),
            "gzip" => coded(Coding::Gzip, rest),
            "zlib" => coded(Coding::Zlib, rest),
            "utf-16le" => coded(Coding::Utf16Le, rest),
            "utf-16be" => coded(Coding::Utf16Be, rest),
            "utf-32le" => coded(Coding::Utf32Le, rest),
            unknown => Err(format!(
                "`{unknown}` is nothing that can be sent; there are good, repeat N, first N, after N, crlf, gzip, \
                 zlib, utf-16le, utf-16be, utf-32le, gzip-bomb, (…) and texts in quotes"
            )),
        }
    }

    pub(super) fn bytes(&self, good: &Text, context: &Context<'_>) -> Vec<u8> {
        match self {
            Self::Text(text) => text.fill(context),
            Self::Good => good.fill(context),
            Self::Repeat(count, source) => {
                let once = source.bytes(good, context);
                let most = LARGEST.checked_div(once.len()).unwrap_or(0);
                once.repeat(most.min(*count))
            }
            Self::First(count, source) => {
                let mut bytes = source.bytes(good, context);
                bytes.truncate(*count);
                bytes
            }
            Self::After(count, source) => {
                let bytes = source.bytes(good, context);
                bytes.get(*count..).unwrap_or_default().to_owned()
            }
            Self::Coded(coding, source) => coding.encode(&source.bytes(good, context)),
            Self::GzipBomb => gzip_bomb(),
            Self::All(sources) => {
                sources.iter().flat_map(|source| source.bytes(good, context)).collect()
            }
        }
    }
}

impl Coding {
    fn encode(self, bytes: &[u8]) -> Vec<u8> {
        let text = || String::from_utf8_lossy(bytes);
        match self {
            Self::CrLf => text().replace('\n', "\r\n").into_bytes(),
            Self::Gzip => gzip(bytes),
            Self::Zlib => zlib(bytes),
            Self::Utf16Le => text().encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => text().encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Utf32Le => {
                text().chars().flat_map(|character| u32::from(character).to_le_bytes()).collect()
            }
        }
    }
}

fn number(rest: &mut &[Word]) -> Result<usize, String> {
    let Some((Word::Plain(word), after)) = rest.split_first() else {
        return Err("a number is missing".to_owned());
    };
    *rest = after;
    word.parse().map_err(|_| format!("`{word}` is no number"))
}

/// Bytes of a repetition; `endless` sends more.
const LARGEST: usize = 64 << 20;
