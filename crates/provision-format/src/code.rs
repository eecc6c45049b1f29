//! The diagnostics' names, and what they mean.

use std::fmt;

use crate::DocumentKind;

macro_rules! codes {
    ($( $group:literal { $( $(#[doc = $meaning:literal])+ $name:ident = $text:literal;
        mend: $mend:literal; $kind:ident: $example:expr; )* } )*) => {
        /// What a [`Diagnostic`](crate::Diagnostic) is about.
        ///
        /// The name in kebab case is stable: names are added, never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $( $( $(#[doc = $meaning])+ $name, )* )*
        }

        impl Code {
            /// Every code, in the order of the reader's steps.
            pub const ALL: &'static [Self] = &[$( $( Self::$name, )* )*];

            /// The stable name, such as `bare-ampersand`.
            pub fn as_str(self) -> &'static str {
                match self { $( $( Self::$name => $text, )* )* }
            }

            /// What the code means, in one or two sentences.
            pub fn meaning(self) -> &'static str {
                match self { $( $( Self::$name => concat!($($meaning),+).trim_ascii(), )* )* }
            }

            /// What to do about it, in one or two sentences.
            pub fn mend(self) -> &'static str {
                match self { $( $( Self::$name => $mend, )* )* }
            }

            /// A small document that has the fault, and what it is to be read as. None for the two
            /// codes that no small document has.
            pub fn example(self) -> Option<(DocumentKind, &'static str)> {
                match self {
                    $( $( Self::$name => example(DocumentKind::$kind, $example), )* )*
                }
            }

            /// The title under which codes of its kind stand together.
            pub fn group(self) -> &'static str {
                match self { $( $( Self::$name )|* => $group, )* }
            }
        }
    };
}

fn example(
    kind: DocumentKind,
    text: impl Into<Option<&'static str>>,
) -> Option<(DocumentKind, &'static str)> {
    Some((kind, text.into()?))
}

codes! {
    // The bytes (spec 1.6, 1.7).
    "The bytes" {
        /// The document is larger than the limit that was set for it.
        TooLarge = "too-large";
        mend: "Send or keep only what belongs in it: 64 MiB are read of a file, 8 MiB of a server's answer.";
        AnyXml: None;

        /// The document holds nothing, or nothing but white space.
        Empty = "empty";
        mend: "Look at what wrote it: a script that ended early, a full disk, a download that was cut.";
        AnyXml: " \n";

        /// The document is in, or declares, an encoding other than UTF-8, UTF-16, ISO-8859-1 and US-ASCII.
        EncodingUnsupported = "encoding-unsupported";
        mend: "Save the document as UTF-8, and declare `encoding=\"UTF-8\"` or nothing.";
        AnyXml: "<?xml version=\"1.0\" encoding=\"windows-1252\"?>\n<options/>";

        /// The declared encoding contradicts the bytes.
        EncodingContradiction = "encoding-contradiction";
        mend: "Save the document as UTF-8, and declare `encoding=\"UTF-8\"` or nothing.";
        AnyXml: "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<options/>";

        /// UTF-16 text has no byte order mark, which tells the order of its bytes.
        EncodingWithoutMark = "encoding-without-mark";
        mend: "Save the document as UTF-8, or as UTF-16 with a byte order mark.";
        AnyXml: "<\0o\0/\0>\0";

        /// Bytes that mean nothing in the document's encoding.
        Undecodable = "undecodable";
        mend: "Save the document as UTF-8; an old editor may have written it in the encoding of its country.";
        AnyXml: "<?xml version=\"1.0\" encoding=\"US-ASCII\"?>\n<options><general>\u{e9}lan</general></options>";
    }

    // The XML (spec 1.6).
    "The XML" {
        /// The document is a web page: a login page, a portal or an error page of a web server.
        WebPage = "web-page";
        mend: "Open the address in a browser to see which page answers there.";
        Answer: "<!DOCTYPE html>\n<html><body>Please log in</body></html>";

        /// The XML declaration is malformed, or stands for another version than 1.0.
        BadDeclaration = "bad-declaration";
        mend: "Write `<?xml version=\"1.0\" encoding=\"UTF-8\"?>` at the very beginning, or leave it out.";
        AnyXml: "<?xml version=\"1.1\"?>\n<options/>";

        /// A document type declaration, which no document of this kind may have.
        DocumentType = "document-type";
        mend: "Remove `<!DOCTYPE …>`, and write out what its entities stand for.";
        AnyXml: "<!DOCTYPE options>\n<options/>";

        /// A processing instruction, which no document of this kind may have.
        ProcessingInstruction = "processing-instruction";
        mend: "Remove `<?…?>`; a script's own code must run on the server, not be sent.";
        AnyXml: "<options><?php echo 1; ?></options>";

        /// A namespace declaration or a colon in a name, which no document of this kind may have.
        Namespace = "namespace";
        mend: "Remove `xmlns`, and the prefixes with their colons.";
        AnyXml: "<options xmlns=\"urn:phone\"/>";

        /// Something that is no XML stands where markup is expected.
        BadMarkup = "bad-markup";
        mend: "Write `&lt;` for a `<` that is meant as such, and attributes as `name=\"value\"`.";
        AnyXml: "<options><general>a < b</general></options>";

        /// Text or a second element stands outside the root element.
        OutsideRoot = "outside-root";
        mend: "Remove what stands before or behind the root; a server's script may print warnings of its own.";
        AnyXml: "Notice: undefined index user\n<options/>";

        /// An end tag does not belong to the element that is open.
        MismatchedTag = "mismatched-tag";
        mend: "Write the same name in the start tag and in the end tag.";
        AnyXml: "<options><general>1</network></options>";

        /// An element is not closed, or the document ends inside of something.
        Unclosed = "unclosed";
        mend: "Write the missing end tag. If the end of the document is missing, it was cut short: fetch or write it anew.";
        AnyXml: "<options><general>1</options>";

        /// An attribute stands twice on one element.
        RepeatedAttribute = "repeated-attribute";
        mend: "Remove one of the two.";
        AnyXml: "<options><general a=\"1\" a=\"2\"/></options>";

        /// A name, a nesting or a list of attributes goes beyond what any phone writes.
        TooComplex = "too-complex";
        mend: "Look at what wrote it. Elements nest 64 deep at most, names have 1,024 bytes, elements 256 attributes.";
        AnyXml: "<o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o><o>";

        /// A character that XML cannot carry, written out or as a reference.
        BadCharacter = "bad-character";
        mend: "Remove it; not even a reference such as `&#0;` can stand for it.";
        AnyXml: "<options><general>a&#0;b</general></options>";

        /// `&` does not begin a reference; it must be written `&amp;`.
        BareAmpersand = "bare-ampersand";
        mend: "Write `&amp;`. In provisioning files and error answers it is read as `&`, with a warning.";
        ProvisionFile: "<provision>\n  <base_urls>\n    <base_url>https://example.com/?u=[user]&p=[pass]</base_url>\n  </base_urls>\n</provision>";

        /// A reference to an entity other than the five that XML predefines.
        UnknownEntity = "unknown-entity";
        mend: "Write the character itself, or `&amp;` if an `&` is meant.";
        AnyXml: "<options><general>&nbsp;</general></options>";

        /// A character reference that is malformed.
        BadReference = "bad-reference";
        mend: "Write `&#233;` or `&#xE9;`, or `&amp;` if an `&` is meant.";
        AnyXml: "<options><general>&#x;</general></options>";
    }

    // What the document is (spec 1.9, 7.1).
    "What the document is" {
        /// The root element is not the one that this kind of document has.
        WrongRoot = "wrong-root";
        mend: "The root is `provision` in a provisioning file, `options` in a configuration, `error` in a server's message.";
        ProvisionFile: "<provisioning/>";

        /// A phone's configuration stands where another kind of document is expected.
        ConfigurationFound = "configuration-found";
        mend: "`Config.xml` may have been saved as `Provision.xml`: put the provisioning file in its place.";
        ProvisionFile: "<options>\n  <accounts/>\n</options>";

        /// A provisioning file stands where another kind of document is expected.
        ProvisionFileFound = "provision-file-found";
        mend: "`Provision.xml` may have been saved as `Config.xml`, or the server sends its own copy: put the configuration in its place.";
        Configuration: "<provision>\n  <base_urls/>\n</provision>";

        /// A server's error answer stands where another kind of document is expected.
        ErrorAnswerFound = "error-answer-found";
        mend: "A server's refusal was saved as a file: fetch the document anew.";
        Configuration: "<error>Wrong username or password</error>";
    }

    // The elements and values of a provisioning file (spec 1.1 to 1.8).
    "The elements and values of a provisioning file" {
        /// An element that has no meaning where it stands; it is left out of account.
        UnknownElement = "unknown-element";
        mend: "Correct its name, put it where it belongs, or remove it.";
        ProvisionFile: "<provision>\n  <option/>\n</provision>";

        /// An attribute that has no meaning where it stands; it is left out of account.
        UnknownAttribute = "unknown-attribute";
        mend: "Remove it.";
        ProvisionFile: "<provision version=\"3\"/>";

        /// Text between elements, where no text has a meaning.
        StrayText = "stray-text";
        mend: "Remove it, or put it into the element that it belongs to.";
        ProvisionFile: "<provision>accounts</provision>";

        /// An element stands a second time; the first one counts.
        RepeatedElement = "repeated-element";
        mend: "Remove one of them.";
        ProvisionFile: "<provision>\n  <options/>\n  <options/>\n</provision>";

        /// An element is empty where a value is expected; it counts as absent.
        EmptyValue = "empty-value";
        mend: "Write the value, or remove the element.";
        ProvisionFile: "<provision>\n  <options>\n    <use_authentication></use_authentication>\n  </options>\n</provision>";

        /// A value is not one of those that its element can have.
        BadValue = "bad-value";
        mend: "Write one of the values that the message names.";
        ProvisionFile: "<provision>\n  <options>\n    <use_authentication>yes</use_authentication>\n  </options>\n</provision>";

        /// No server is named.
        NoServer = "no-server";
        mend: "Add a `base_url` inside `base_urls`.";
        ProvisionFile: "<provision>\n  <base_urls/>\n</provision>";

        /// `significant_sections` names a section that no phone is known to have.
        UnknownSection = "unknown-section";
        mend: "Correct its name. A name that is right can stay: newer phones may have more sections.";
        ProvisionFile: "<provision>\n  <significant_sections>acounts,codecs</significant_sections>\n</provision>"; // misspelt on purpose

        /// A section is named twice.
        RepeatedSection = "repeated-section";
        mend: "Remove one of them.";
        ProvisionFile: "<provision>\n  <significant_sections>accounts,codecs,accounts</significant_sections>\n</provision>";

        /// `significant_sections` is there and names nothing, so nothing is provisioned.
        NothingProvisioned = "nothing-provisioned";
        mend: "List the sections that the server owns, such as `accounts,codecs`.";
        ProvisionFile: "<provision>\n  <significant_sections/>\n</provision>";
    }

    // What a provisioning file means (spec 3).
    "What a provisioning file means" {
        /// An address that no request can be sent to: this server will fail.
        BadServer = "bad-server";
        mend: "Write an absolute http or https address without user name, password, fragment or white space.";
        ProvisionFile: "<provision>\n  <base_urls>\n    <base_url>ftp://example.com/</base_url>\n  </base_urls>\n</provision>";

        /// The same address stands twice; it is asked only once.
        RepeatedServer = "repeated-server";
        mend: "Remove one of them, or write the address of the second server.";
        ProvisionFile: "<provision>\n  <base_urls>\n    <base_url>https://example.com/</base_url>\n    <base_url>https://example.com/</base_url>\n  </base_urls>\n</provision>";

        /// Credentials go over plain http, where anyone on the way can read them.
        CredentialsOverHttp = "credentials-over-http";
        mend: "Write `https://`, and give the server a certificate.";
        ProvisionFile: "<provision>\n  <base_urls>\n    <base_url>http://example.com/?u=[user]&amp;p=[pass]</base_url>\n  </base_urls>\n  <options>\n    <use_authentication>1</use_authentication>\n    <user_input_authentication>1</user_input_authentication>\n  </options>\n</provision>";

        /// A plain http server stands behind an https one: whoever blocks the first gets the phone to use the second.
        HttpAfterHttps = "http-after-https";
        mend: "Write `https://` for every server.";
        ProvisionFile: "<provision>\n  <base_urls>\n    <base_url>https://one.example.com/</base_url>\n    <base_url>http://two.example.com/</base_url>\n  </base_urls>\n</provision>";

        /// An address has placeholders for credentials, and no credentials are sent in addresses; they become empty.
        PlaceholdersUnused = "placeholders-unused";
        mend: "Set `use_authentication` to 1 and `authentication_type` to `url`, or remove the placeholders.";
        ProvisionFile: "<provision>\n  <base_urls>\n    <base_url>https://example.com/?u=[user]</base_url>\n  </base_urls>\n</provision>";

        /// Credentials are to be sent in the address, and the address has no place for them.
        PlaceholdersMissing = "placeholders-missing";
        mend: "Put `[user]` and `[pass]` into the address, or set `authentication_type` to `basic`.";
        ProvisionFile: "<provision>\n  <base_urls>\n    <base_url>https://example.com/</base_url>\n  </base_urls>\n  <options>\n    <use_authentication>1</use_authentication>\n    <user>alice</user>\n    <password>made up</password>\n  </options>\n</provision>";

        /// A word in square brackets is none of the placeholders; it is sent as it stands.
        UnknownPlaceholder = "unknown-placeholder";
        mend: "Write `[user]`, `[pass]` or `[version]`.";
        ProvisionFile: "<provision>\n  <base_urls>\n    <base_url>https://example.com/?v=[verson]</base_url>\n  </base_urls>\n</provision>"; // misspelt on purpose

        /// A placeholder stands in the scheme, the host or the port: credentials must not decide where they are sent.
        MisplacedPlaceholder = "misplaced-placeholder";
        mend: "Put it into the path or the query.";
        ProvisionFile: "<provision>\n  <base_urls>\n    <base_url>https://[user].example.com/</base_url>\n  </base_urls>\n</provision>";

        /// The file is to hold the credentials, and there is no user name.
        MissingCredentials = "missing-credentials";
        mend: "Write `user` and `password`, or set `user_input_authentication` to 1.";
        ProvisionFile: "<provision>\n  <options>\n    <use_authentication>1</use_authentication>\n    <user></user>\n  </options>\n</provision>";

        /// A user name or a password stands in the file and is never sent.
        UnusedCredentials = "unused-credentials";
        mend: "Remove them: a password that nobody needs should stand nowhere. Or set `use_authentication` to 1.";
        ProvisionFile: "<provision>\n  <options>\n    <user>alice</user>\n    <password>made up</password>\n  </options>\n</provision>";

        /// A user name with a colon cannot be sent by basic authentication (RFC 7617 §2).
        ColonInUser = "colon-in-user";
        mend: "Take another user name, or `url` authentication.";
        ProvisionFile: "<provision>\n  <options>\n    <use_authentication>1</use_authentication>\n    <authentication_type>basic</authentication_type>\n    <user>a:b</user>\n    <password>made up</password>\n  </options>\n</provision>";

        /// Basic authentication needs the password itself, and the file holds only its digest.
        DigestWithBasic = "digest-with-basic";
        mend: "Write the plain password with `password_format` 1, or set `authentication_type` to `url`.";
        ProvisionFile: "<provision>\n  <options>\n    <use_authentication>1</use_authentication>\n    <authentication_type>basic</authentication_type>\n    <user>alice</user>\n    <password>0123456789abcdef0123456789abcdef</password>\n    <password_format>0</password_format>\n  </options>\n</provision>";

        /// `password_format` says that the password is an MD5 digest, and it is not 32 hexadecimal digits.
        NotADigest = "not-a-digest";
        mend: "Write the digest of the password, or set `password_format` to 1.";
        ProvisionFile: "<provision>\n  <options>\n    <use_authentication>1</use_authentication>\n    <user>alice</user>\n    <password>made up</password>\n    <password_format>0</password_format>\n  </options>\n</provision>";

        /// The password looks like an MD5 digest, and is taken for the password itself: it would be digested again.
        PasswordLooksHashed = "password-looks-hashed";
        mend: "Write the plain password; or say with `password_format` which of the two it is.";
        ProvisionFile: "<provision>\n  <options>\n    <use_authentication>1</use_authentication>\n    <user>alice</user>\n    <password>0123456789abcdef0123456789abcdef</password>\n  </options>\n  <significant_sections>accounts</significant_sections>\n</provision>";

        /// The password looks like one that a phone has encoded for its own file; nobody else can decode it, and it is used as it stands.
        PasswordLooksEncoded = "password-looks-encoded";
        mend: "Write the plain password.";
        ProvisionFile: "<provision>\n  <options>\n    <use_authentication>1</use_authentication>\n    <user>alice</user>\n    <password>AAAAAAAAAAAAAAAAAAAAAA==</password>\n  </options>\n</provision>";

        /// A file of the later dialect does not say what its password is; 32 hexadecimal digits are taken for a digest, anything else for the password.
        PasswordFormatGuessed = "password-format-guessed";
        mend: "Write `password_format`: 0 for a digest, 1 for the password itself.";
        ProvisionFile: "<provision>\n  <options>\n    <use_authentication>1</use_authentication>\n    <user>alice</user>\n    <password>made up</password>\n  </options>\n</provision>";

        /// `refresh_rate` is shorter than 30 seconds and is taken as 30.
        ShortRefresh = "short-refresh";
        mend: "Write 30 or more; 3600 is an hour. 0 means at the start only.";
        ProvisionFile: "<provision>\n  <options>\n    <refresh_rate>5</refresh_rate>\n  </options>\n</provision>";
    }

    // What a server should not send (spec 4.4), and what contradicts itself.
    "What a configuration says" {
        /// A section or a value of one machine comes from the server: sound devices, cameras, windows, paths.
        MachineLocal = "machine-local";
        mend: "Leave it out of what the server sends, or its section out of `significant_sections`.";
        Answer: "<options>\n  <audio>\n    <input_device>Headset</input_device>\n  </audio>\n</options>";

        /// `general/account` names an account that is not among the accounts.
        DanglingAccount = "dangling-account";
        mend: "Write the `name` of an account that is there (later phones: its `ident`).";
        Configuration: "<options>\n  <general>\n    <account>Office</account>\n  </general>\n  <accounts>\n    <account>\n      <name>Home</name>\n    </account>\n  </accounts>\n</options>";

        /// The server sends an empty `accounts`: the phone will have no account and will not ring.
        EmptyAccounts = "empty-accounts";
        mend: "Send the accounts; leave `accounts` out of the answer to keep those of the phone.";
        Answer: "<options>\n  <accounts/>\n</options>";
    }

    "A fault of this program" {
        /// Two parsers disagree about a document; this is a fault of this program.
        ParserDisagreement = "parser-disagreement";
        mend: "Please report it, with the document but without its passwords.";
        AnyXml: None;
    }
}

impl Code {
    /// The code of this name, such as `bare-ampersand`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
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
    use crate::{Checked, Source};

    #[test]
    fn names_are_distinct_kebab_case_and_explained() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
            assert!(code.meaning().ends_with('.'), "{code}: {}", code.meaning());
            assert!(code.mend().ends_with('.'), "{code}: {}", code.mend());
            assert_eq!(Code::from_name(code.as_str()), Some(*code));
        }
    }

    #[test]
    fn every_example_has_the_fault_that_it_is_an_example_of() {
        for code in Code::ALL {
            let Some((kind, text)) = code.example() else { continue };
            let report = match Source::decode(text.as_bytes(), Source::FILE_LIMIT) {
                Ok(source) => Checked::new(source, Some(kind)).report,
                Err(report) => report,
            };
            let found: Vec<_> = report.diagnostics().iter().map(|found| found.code).collect();
            assert!(found.contains(code), "{code}: {found:?}");
        }
    }
}
