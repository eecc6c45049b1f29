//! What a document is, by the name of its root element.

use crate::diagnostic::Diagnostic;
use crate::shown::quoted;
use crate::suggestion::nearest;
use crate::tokens::{Token, Tokens};
use crate::{Code, Span};

/// The root of `Provision.xml`.
pub(crate) const PROVISION: &str = "provision";
/// The root of a configuration.
pub(crate) const CONFIGURATION: &str = "options";
/// The root of a server's message for the user.
pub(crate) const ERROR: &str = "error";

/// The name of the root element, if one can be found behind what may stand before it. Nothing is
/// judged.
pub(crate) fn root_name(text: &str) -> Option<&str> {
    let tokens = Tokens::new(text, Span::new(0, text.len()));
    let name = tokens.take(MOST_BEFORE_ROOT).find_map(|(token, _)| match token {
        Token::Start { name, .. } => Some(name),
        _ => None,
    });
    name.map(|name| &text[name.range()]).filter(|name| !name.is_empty())
}

/// Pieces of markup and text in front of a root, before which it is looked for.
const MOST_BEFORE_ROOT: usize = 100;

/// The finding for a document whose root `found`, at `place`, is none of those `expected`.
pub(crate) fn wrong_root(found: &str, place: Span, expected: &[&str]) -> Diagnostic {
    let wanted: Vec<_> = expected.iter().map(|name| format!("`{name}`")).collect();
    let wanted = wanted.join(" or ");
    let finding = |code, message: String| Diagnostic::error(code, place, message);
    match found {
        CONFIGURATION => {
            let message = format!("this is a phone's configuration, its root is not {wanted}");
            finding(Code::ConfigurationFound, message)
                .with_help("was `Config.xml` saved as `Provision.xml`?")
        }
        PROVISION => {
            let message = format!("this is a provisioning file, its root is not {wanted}");
            finding(Code::ProvisionFileFound, message).with_help(
                "was `Provision.xml` saved as `Config.xml`, or does the server send its own?",
            )
        }
        ERROR => {
            let message = format!("this is a server's error answer, its root is not {wanted}");
            finding(Code::ErrorAnswerFound, message)
                .with_help("the server refused when this was fetched; fetch it anew")
        }
        other => {
            let message = format!("the root element is {}, not {wanted}", quoted(other));
            let finding = finding(Code::WrongRoot, message);
            match nearest(other, expected.iter().copied()) {
                Some(name) => finding.with_help(format!("did you mean `{name}`?")),
                None => finding,
            }
        }
    }
}
