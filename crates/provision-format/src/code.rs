//! The diagnostics' names.

use std::fmt;

macro_rules! codes {
    ($( $(#[doc = $meaning:literal])+ $name:ident = $text:literal; )*) => {
        /// What a [`Diagnostic`](crate::Diagnostic) is about.
        ///
        /// The name in kebab case is stable: names are added, never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $( $(#[doc = $meaning])+ $name, )*
        }

        impl Code {
            /// Every code, in the order of the reader's steps.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// The stable name, such as `bare-ampersand`.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$name => $text, )* }
            }

            /// What the code means, in one or two sentences.
            pub fn meaning(self) -> &'static str {
                match self { $( Self::$name => concat!($($meaning),+).trim_ascii(), )* }
            }
        }
    };
}

codes! {
    /// The document is larger than the limit that was set for it.
    TooLarge = "too-large";
    /// The document holds nothing, or nothing but white space.
    Empty = "empty";
    /// The document is in, or declares, an encoding other than UTF-8, UTF-16, ISO-8859-1 and US-ASCII.
    EncodingUnsupported = "encoding-unsupported";
    /// The declared encoding contradicts the bytes.
    EncodingContradiction = "encoding-contradiction";
    /// UTF-16 text has no byte order mark, which tells the order of its bytes.
    EncodingWithoutMark = "encoding-without-mark";
    /// Bytes that mean nothing in the document's encoding.
    Undecodable = "undecodable";
    /// The document is a web page: a login page, a portal or an error page of a web server.
    WebPage = "web-page";
    /// The XML declaration is malformed, or stands for another version than 1.0.
    BadDeclaration = "bad-declaration";
    /// A document type declaration, which no document of this kind may have.
    DocumentType = "document-type";
    /// A processing instruction, which no document of this kind may have.
    ProcessingInstruction = "processing-instruction";
    /// A namespace declaration or a colon in a name, which no document of this kind may have.
    Namespace = "namespace";
    /// Something that is no XML stands where markup is expected.
    BadMarkup = "bad-markup";
    /// Text stands outside the root element.
    OutsideRoot = "outside-root";
    /// An end tag does not belong to the element that is open.
    MismatchedTag = "mismatched-tag";
    /// The document ends while an element is open.
    Unclosed = "unclosed";
    /// An attribute stands twice on one element.
    RepeatedAttribute = "repeated-attribute";
    /// A name, a nesting or a list of attributes goes beyond what any phone writes.
    TooComplex = "too-complex";
    /// A character that XML cannot carry, written out or as a reference.
    BadCharacter = "bad-character";
    /// `&` does not begin a reference; it must be written `&amp;`.
    BareAmpersand = "bare-ampersand";
    /// A reference to an entity other than the five that XML predefines.
    UnknownEntity = "unknown-entity";
    /// A character reference that is malformed.
    BadReference = "bad-reference";
    /// The root element is not the one that this kind of document has.
    WrongRoot = "wrong-root";
    /// An element that has no meaning where it stands; it is left out of account.
    UnknownElement = "unknown-element";
    /// An attribute that has no meaning where it stands; it is left out of account.
    UnknownAttribute = "unknown-attribute";
    /// Text between elements, where no text has a meaning.
    StrayText = "stray-text";
    /// An element stands a second time; the first one counts.
    RepeatedElement = "repeated-element";
    /// An element is empty where a value is expected; it counts as absent.
    EmptyValue = "empty-value";
    /// A value is not one of those that its element can have.
    BadValue = "bad-value";
    /// No server is named.
    NoServer = "no-server";
    /// `significant_sections` names a section that no phone is known to have.
    UnknownSection = "unknown-section";
    /// A section is named twice.
    RepeatedSection = "repeated-section";
    /// `significant_sections` is there and names nothing, so nothing is provisioned.
    NothingProvisioned = "nothing-provisioned";
    /// Two parsers disagree about a document; this is a fault of this program.
    ParserDisagreement = "parser-disagreement";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_distinct_kebab_case_and_explained() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
            assert!(code.meaning().ends_with('.'), "{code}: {}", code.meaning());
        }
    }
}
