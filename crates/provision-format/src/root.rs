//! What a document is, by the name of its root element.

use crate::diagnostic::Diagnostic;
use crate::shown::quoted;
use crate::suggestion::nearest;
use crate::{Code, Span};

/// The root of `Provision.xml`.
pub(crate) const PROVISION: &str = "provision";
/// The root of a configuration.
pub(crate) const CONFIGURATION: &str = "options";
/// The root of a server's message for the user.
pub(crate) const ERROR: &str = "error";

/// The finding for a document whose root `found`, at `place`, is none of those `expected`.
pub(crate) fn wrong_root(found: &str, place: Span, expected: &[&str]) -> Diagnostic {
    let wanted: Vec<_> = expected.iter().map(|name| format!("`{name}`")).collect();
    let wanted = wanted.join(" or ");
    let finding = |message: String| Diagnostic::error(Code::WrongRoot, place, message);
    match found {
        CONFIGURATION => {
            finding(format!("this is a phone's configuration, its root is not {wanted}"))
                .with_help("was `Config.xml` saved as `Provision.xml`?")
        }
        PROVISION => finding(format!("this is a provisioning file, its root is not {wanted}"))
            .with_help(
                "was `Provision.xml` saved as `Config.xml`, or does the server send its own?",
            ),
        ERROR => finding(format!("this is a server's error answer, its root is not {wanted}")),
        other => {
            let finding = finding(format!("the root element is {}, not {wanted}", quoted(other)));
            match nearest(other, expected.iter().copied()) {
                Some(name) => finding.with_help(format!("did you mean `{name}`?")),
                None => finding,
            }
        }
    }
}
