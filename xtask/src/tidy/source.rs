//! A Rust source with everything taken out that is no code, so that rules can look for words.

/// A source, its lines and what it imports.
#[derive(Debug)]
pub(super) struct Source {
    /// Relative to the workspace's root, with forward slashes.
    pub(super) path: String,
    /// As many as in the file. Comments are blank; what stands between quotes is `_`.
    pub(super) lines: Vec<String>,
    pub(super) imports: Vec<Import>,
}

/// One leaf of a `use` tree.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import {
    /// From 1; where the `use` begins.
    pub(super) line: usize,
    /// `a::b::c`, or `a::b::*`.
    pub(super) path: String,
    /// The name that it brings in; `*` for a glob.
    pub(super) name: String,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let code = code_of(text);
        let lines = code.lines().map(str::to_owned).collect();
        Self { path: path.to_owned(), lines, imports: imports_of(&code) }
    }

    /// The lines, from 1, on which `path` is written out or imported; `std::fs` is found in `std::fs::read` and in
    /// `use std::{fs, io}`, but not in `mystd::fs` or `std::fsx`.
    pub(super) fn uses(&self, path: &str) -> Vec<usize> {
        let written =
            (1..).zip(&self.lines).filter(|(_, line)| has_words(line, path)).map(|(at, _)| at);
        let imported = self.imports.iter().filter(|import| has_words(&import.path, path));
        let mut lines: Vec<usize> = written.chain(imported.map(|import| import.line)).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// The line, from 1, on which the module of tests begins; 1 if the whole file is one, behind the end if there is
    /// none. Tests stand last in a file.
    pub(super) fn first_test_line(&self) -> usize {
        if self.path.ends_with("/tests.rs") {
            return 1;
        }
        let starts = |pair: &[String]| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ");
        self.lines.windows(2).position(starts).unwrap_or(self.lines.len()) + 1
    }
}

/// Whether `needle` stands in `text` with no word going on to its left or right.
pub(super) fn has_words(text: &str, needle: &str) -> bool {
    let starts_word = needle.starts_with(is_word);
    let ends_word = needle.ends_with(is_word);
    text.match_indices(needle).any(|(at, _)| {
        let cut_left = starts_word && text[..at].ends_with(is_word);
        let cut_right = ends_word && text[at + needle.len()..].starts_with(is_word);
        !cut_left && !cut_right
    })
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// `text` with the same line breaks; comments are spaces, the content of strings and characters is `_`.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let in_word = code.ends_with(is_word);
        let (length, filler) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), ' ')
        } else if rest.starts_with("/*") {
            (block_comment(rest), ' ')
        } else if let Some(length) = raw_string(rest).filter(|_| !in_word) {
            (length, '_')
        } else if first == '"' {
            (quoted(rest, '"'), '_')
        } else if first == '\'' && is_character(rest) {
            (quoted(rest, '\''), '_')
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let (token, after) = rest.split_at(length);
        code.extend(token.chars().map(|character| if character == '\n' { '\n' } else { filler }));
        rest = after;
    }
    code
}

/// The length of the comment at the start, which may hold further ones.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of the raw string at the start (`r"…"`, `br#"…"#`), if there is one.
fn raw_string(text: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['"', '#']))
    })?;
    let hashes = text[prefix.len()..].bytes().take_while(|&byte| byte == b'#').count();
    let open = prefix.len() + hashes;
    // `r#match` is a name.
    let content = text[open..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = content.find(&close).map_or(content.len(), |at| at + close.len());
    Some(open + 1 + end)
}

/// The length of the string or character at the start, up to its closing quote.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return at + 1;
        }
    }
    text.len()
}

/// Whether the quote at the start opens a character, not a lifetime.
fn is_character(text: &str) -> bool {
    let mut characters = text.chars().skip(1);
    match characters.next() {
        Some('\\') => true,
        Some(_) => characters.next() == Some('\''),
        None => false,
    }
}

fn imports_of(code: &str) -> Vec<Import> {
    let mut imports = Vec::new();
    for (at, keyword) in code.match_indices("use ") {
        let starts_statement = code[..at]
            .trim_end_matches([' ', '\n'])
            .ends_with(|before: char| ";{})]".contains(before) || is_word(before))
            || code[..at].trim().is_empty();
        if code[..at].ends_with(is_word) || !starts_statement {
            continue;
        }
        let tree = &code[at + keyword.len()..];
        let Some(end) = tree.find(';') else { continue };
        let line = code[..at].matches('\n').count() + 1;
        expand("", &tree[..end], line, &mut imports);
    }
    imports
}

fn expand(prefix: &str, tree: &str, line: usize, imports: &mut Vec<Import>) {
    let tree = tree.trim();
    if let Some((head, inner)) = tree.split_once('{') {
        let inner = inner.trim_end().trim_end_matches('}');
        let prefix = joined(prefix, head.trim().trim_end_matches("::"));
        // A group's own closing braces may have gone with the outer one; splitting does not need them.
        for part in split_at_depth_zero(inner) {
            expand(&prefix, part, line, imports);
        }
        return;
    }
    if tree.is_empty() {
        return;
    }
    let (path, alias) = match tree.split_once(" as ") {
        Some((path, alias)) => (path.trim(), Some(alias.trim())),
        None => (tree, None),
    };
    let path = if path == "self" { prefix.to_owned() } else { joined(prefix, path) };
    let name = alias.unwrap_or_else(|| path.rsplit("::").next().unwrap_or(&path)).to_owned();
    imports.push(Import { line, path, name });
}

fn joined(prefix: &str, path: &str) -> String {
    let path = path.trim_start_matches("::");
    match (prefix, path) {
        ("", path) => path.to_owned(),
        (prefix, "") => prefix.to_owned(),
        (prefix, path) => format!("{prefix}::{path}"),
    }
}

fn split_at_depth_zero(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0_i32;
    let mut start = 0;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_quoted_text_are_no_code() {
        for (text, code) in [
            ("a // b \"c\n'd'", "a        \n___"),
            ("/* a /* b */ c */ d", "                  d"),
            ("f(\"// \\\" g\") // h", "f(_________)     "),
            ("r#\"a \" b\"# + r\"c\\\"", "__________ + _____"),
            ("br\"a\" r#match", "_____ r#match"),
            ("attr\"x\"", "attr___"),
            ("&'a str, '\\'', '\"', b'\"'", "&'a str, ____, ___, b___"),
            ("\"a\nb\"", "__\n__"),
            ("'é' 'x", "___ 'x"),
            ("/* never closed", "               "),
        ] {
            assert_eq!(code_of(text), code, "{text}");
        }
    }

    #[test]
    fn imports_are_expanded() {
        let text = "use std::{fs, io::{self, Read as _}, net::*};\npub(crate) use ::tokio;\nfn f() {\n    use a::b as c;\n}\n\
                    // use not::this;\nfn reuse (x: u8) -> impl Sized + use<'a> {}\n";
        let source = Source::new("x.rs", text);
        let imports: Vec<(usize, &str, &str)> = source
            .imports
            .iter()
            .map(|import| (import.line, import.path.as_str(), import.name.as_str()))
            .collect();
        assert_eq!(
            imports,
            [
                (1, "std::fs", "fs"),
                (1, "std::io", "io"),
                (1, "std::io::Read", "_"),
                (1, "std::net::*", "*"),
                (2, "tokio", "tokio"),
                (4, "a::b", "c"),
            ]
        );
    }

    #[test]
    fn paths_are_found_whole() {
        let source = Source::new(
            "x.rs",
            "use std::{\n    io, fs};\nstd::fsx();\nlet x = ::std::fs::read();\nmystd::fs();\n",
        );
        assert_eq!(source.uses("std::fs"), [1, 4]);
        assert_eq!(source.uses("std::env"), [0; 0]);
        assert!(has_words("x.todo!(", "todo!("));
        assert!(!has_words("not_todo!(", "todo!("));
    }
}
