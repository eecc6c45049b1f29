//! What the other parsers are known to get wrong.

use super::Peer;

/// A fault of another parser.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// Whose it is.
    pub peer: Peer,
    /// What it does to a document that shows it.
    pub fault: Fault,
    /// What is wrong about that.
    pub about: &'static str,
    /// Small documents, each of which shows it.
    pub examples: &'static [&'static str],
}

/// What a parser does wrong.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It accepts what is no XML. The gate must refuse it by itself.
    AcceptsWhatIsNoXml,
    /// It reads something else than the document says.
    Misreads {
        /// Writes any document so that it says the same, and the fault does not show.
        rewrite: fn(&str) -> String,
    },
}

/// Every known fault that a document of ours could meet. A test proves each, so that what is mended
/// there is struck out here. What a parser rightly accepts and the gate refuses, such as a document
/// type, is not meant.
///
/// The paragraphs are those of XML 1.0 (fifth edition).
pub const BUGS: &[Bug] = &[
    Bug {
        peer: Peer::Roxmltree,
        fault: Fault::Misreads { rewrite: without_lone_returns },
        about: "a lone CR before a reference, or at the end of a text behind one, is no line end (§2.11)",
        examples: &["<options>\r&lt;</options>", "<options>&lt;\r</options>"],
    },
    Bug {
        peer: Peer::Roxmltree,
        fault: Fault::AcceptsWhatIsNoXml,
        about: "a reference to what is no character reads as U+FFFD (§4.1)",
        examples: &["<options>&#xD800;</options>", "<options a='&#x110000;'/>"],
    },
    Bug {
        peer: Peer::Roxmltree,
        fault: Fault::AcceptsWhatIsNoXml,
        about: "the default namespace may be declared twice (§3.1)",
        examples: &["<options xmlns='' xmlns=''/>"],
    },
    Bug {
        peer: Peer::Roxmltree,
        fault: Fault::AcceptsWhatIsNoXml,
        about: "a name may begin with a colon, and is then the name behind it (Namespaces §3)",
        examples: &[
            "<options><:a/></options>",
            "<options></:options>",
            "<options :a=''/>",
            "<options><a></:a></options>",
        ],
    },
    Bug {
        peer: Peer::Roxmltree,
        fault: Fault::AcceptsWhatIsNoXml,
        about: "a processing instruction may be named XML, and hold anything behind its name (§2.6)",
        examples: &[
            "<options><?XML?></options>",
            "<options><?xml\tversion='1.0'?></options>",
            "<options><?a,b?></options>",
        ],
    },
    Bug {
        peer: Peer::Roxmltree,
        fault: Fault::AcceptsWhatIsNoXml,
        about: "names and values of the declaration are not looked at, nor is any if a TAB follows `xml` (§2.8)",
        examples: &[
            "<?xml version='2'?><options/>",
            "<?xml version2='1.0'?><options/>",
            "<?xml version='1.0' encoding='\u{e9}'?><options/>",
            "<?xml version='1.0' standalone='maybe'?><options/>",
            "<?xml\tnothing?><options/>",
        ],
    },
    Bug {
        peer: Peer::Xml,
        fault: Fault::AcceptsWhatIsNoXml,
        about: "a namespace may be declared twice (§3.1)",
        examples: &["<options xmlns='' xmlns=''/>", "<options xmlns:a='b' xmlns:a='c'/>"],
    },
    Bug {
        peer: Peer::Xml,
        fault: Fault::AcceptsWhatIsNoXml,
        about: "an encoding is known by any beginning of its name, and by any end put to it (§4.3.3)",
        examples: &[
            "<?xml version='1.0' encoding=''?><options/>",
            "<?xml version='1.0' encoding='u'?><options/>",
            "<?xml version='1.0' encoding='UTF-8 or so'?><options/>",
        ],
    },
    Bug {
        peer: Peer::Xml,
        fault: Fault::AcceptsWhatIsNoXml,
        about: "references count in the declaration (§2.8)",
        examples: &["<?xml version='1&#46;0'?><options/>"],
    },
];

/// A CR that no LF follows is a line end as LF is, wherever it stands.
fn without_lone_returns(text: &str) -> String {
    // No text that the gate has passed holds the mark.
    text.replace("\r\n", "\0").replace('\r', "\n").replace('\0', "\r\n")
}
