//! Crates of others in public signatures: their next major version would be ours too.

use super::Finding;
use super::source::{Source, has_words};
use super::words::is_library;
use crate::workspace::{DependencyKind, Package};

/// Every crate of others that a library uses, but `http` and `bytes`, which are meant to be shared.
const PRIVATE_CRATES: &[&str] = &[
    "annotate_snippets",
    "base64",
    "dlmalloc",
    "fastrand",
    "fs4",
    "http_body_util",
    "hyper",
    "hyper_rustls",
    "hyper_util",
    "md5",
    "memchr",
    "openssl_probe",
    "percent_encoding",
    "rcgen",
    "roxmltree",
    "rpassword",
    "rustix",
    "rustls",
    "rustls_native_certs",
    "serde",
    "serde_json",
    "similar",
    "strsim",
    "tempfile",
    "terminal_size",
    "tokio",
    "tower_service",
    "unicode_width",
    "xmlwriter",
    "zeroize",
];

/// Line by line: a function's signature from its `pub` to its brace or semicolon, the whole of an enumeration or a
/// trait, the head of a conversion, anything else on its first line.
pub(super) fn check(source: &Source) -> Vec<Finding> {
    if !is_library(&source.path) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut in_signature = false;
    let mut in_body = false;
    let end = source.first_test_line();
    for (number, line) in (1..end).zip(&source.lines) {
        let item = line.trim_start().strip_prefix("pub ");
        let opens_body =
            item.is_some_and(|item| item.starts_with("enum ") || item.starts_with("trait "));
        // A body that is opened and closed on one line is over with it.
        in_body = if opens_body { !line.ends_with('}') } else { in_body && line != "}" };
        let is_conversion = line.starts_with("impl") && has_words(line, "From");
        if item.is_none() && !in_signature && !in_body && !is_conversion {
            continue;
        }
        let is_function = in_signature || item.is_some_and(|item| has_words(item, "fn"));
        let declared = if is_function {
            before_body(line)
        } else if in_body && !opens_body {
            // A variant may have the name of something foreign.
            line.trim_start().trim_start_matches(char::is_alphanumeric)
        } else {
            line
        };
        if let Some(name) = public_parts(declared).find_map(|part| foreign_name(part, source)) {
            let message =
                format!("`{name}` is in a public signature: wrap it, only `http` and `bytes` show");
            findings.push(Finding::new(&source.path, number, message));
        }
        in_signature = is_function && !line.contains(['{', ';']);
    }
    findings
}

/// Each crate that a published one depends on must be in the list above, or be one that may show.
pub(super) fn check_table(packages: &[Package]) -> Vec<Finding> {
    let ours = |name: &str| packages.iter().any(|package| package.name == name);
    let mut findings = Vec::new();
    for package in packages.iter().filter(|package| package.published) {
        let normal = package.dependencies.iter().filter(|one| one.kind == DependencyKind::Normal);
        for dependency in normal.filter(|one| !ours(&one.name)) {
            let name = dependency.name.replace('-', "_");
            let is_listed = PRIVATE_CRATES.contains(&name.as_str()) || name == "md_5";
            if !is_listed && !["http", "bytes", "clap"].contains(&name.as_str()) {
                let message = format!(
                    "`{name}` is not among the crates that must not show in signatures: add it to tidy/signatures.rs"
                );
                findings.push(Finding::new(&package.manifest, 1, message));
            }
        }
    }
    findings
}

fn before_body(line: &str) -> &str {
    line.split_once('{').map_or(line, |(signature, _)| signature)
}

/// The whole line, but of a tuple structure only the fields that are public themselves.
fn public_parts(line: &str) -> impl Iterator<Item = &str> {
    let is_tuple = line.trim_start().starts_with("pub struct") && line.contains('(');
    let parts = if is_tuple { line.split(['(', ',']).skip(1).collect() } else { vec![line] };
    parts.into_iter().filter(move |part: &&str| !is_tuple || part.trim_start().starts_with("pub "))
}

/// A path into a private crate, or a name that was imported from one.
fn foreign_name(line: &str, source: &Source) -> Option<String> {
    let written =
        PRIVATE_CRATES.iter().map(|name| format!("{name}::")).find(|path| has_words(line, path));
    written.map(|path| path.trim_end_matches(':').to_owned()).or_else(|| {
        let is_foreign =
            |path: &str| PRIVATE_CRATES.contains(&path.split("::").next().unwrap_or(path));
        source
            .imports
            .iter()
            .filter(|import| {
                is_foreign(&import.path) && !["_", "*"].contains(&import.name.as_str())
            })
            .find(|import| has_words(line, &import.name))
            .map(|import| import.path.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn lines(text: &str) -> Vec<usize> {
        check(&Source::new("crates/a/src/b.rs", text)).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn paths_into_other_crates_are_found() {
        assert_eq!(lines("pub fn f(node: roxmltree::Node) {}\n"), [1]);
        assert_eq!(lines("pub struct S {\n    pub stream: tokio::net::TcpStream,\n}\n"), [2]);
        assert_eq!(lines("pub use rustls::ClientConfig;\n"), [1]);
        assert_eq!(lines("pub fn f(body: bytes::Bytes) -> http::Uri {}\n"), [0; 0]);
        assert_eq!(lines("pub(crate) fn f(node: roxmltree::Node) {}\n"), [0; 0]);
        assert_eq!(
            lines("pub fn f(a: tokio_like::A) { tokio::g(); }\nlet x = tokio::spawn(y);\n"),
            [0; 0]
        );
    }

    #[test]
    fn variants_trait_items_and_conversions_are_signatures() {
        assert_eq!(
            lines("pub enum E {\n    Io(hyper::Error),\n    B { e: rustls::Error },\n}\n"),
            [2, 3]
        );
        assert_eq!(lines("pub trait T {\n    fn f(&self) -> tokio::time::Instant;\n}\n"), [2]);
        assert_eq!(
            lines("impl From<hyper::Error> for E {\n    fn f(e: hyper::Error) {}\n}\n"),
            [1]
        );
        assert_eq!(
            lines(
                "enum E {\n    Io(hyper::Error),\n}\npub enum F {\n    A,\n}\nfn f(e: hyper::E) {}\n"
            ),
            [0; 0]
        );
    }

    #[test]
    fn every_dependency_is_listed() {
        let dependency =
            |name: &str| Dependency { name: name.into(), kind: DependencyKind::Normal };
        let package = Package {
            published: true,
            dependencies: vec![dependency("hyper-util"), dependency("http"), dependency("regex")],
            ..Package::default()
        };
        let findings = check_table(&[package]);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.starts_with("`regex`"));
    }

    #[test]
    fn private_fields_are_no_signature() {
        assert_eq!(lines("pub struct S(zeroize::Zeroizing<String>);\n"), [0; 0]);
        assert_eq!(lines("pub struct S(u8, pub zeroize::Zeroizing<String>);\n"), [1]);
        assert_eq!(lines("pub struct S {\n    secret: zeroize::Zeroizing<String>,\n}\n"), [0; 0]);
    }

    #[test]
    fn imported_names_are_found() {
        assert_eq!(lines("use tokio::net::TcpStream as Stream;\npub fn f(s: &Stream) {}\n"), [2]);
        assert_eq!(lines("use tokio::net::TcpStream;\nfn f(s: &TcpStream) {}\n"), [0; 0]);
    }

    #[test]
    fn a_signature_goes_on_to_its_end() {
        assert_eq!(
            lines(
                "pub fn f(\n    a: u8,\n    b: tokio::time::Instant,\n) -> (u8, u8)\nwhere\n    T: Sized,\n{\n    tokio::spawn(x);\n}\n"
            ),
            [3]
        );
    }
}
