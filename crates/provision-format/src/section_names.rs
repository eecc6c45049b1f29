//! Which sections of the configuration the server owns.

use std::collections::HashSet;
use std::fmt;

/// The names of sections that the document lists (spec 1.8), in its order.
pub const KNOWN_SECTIONS: [&str; 18] = [
    "general",
    "sip_options",
    "iax_options",
    "rtp_options",
    "stun_options",
    "accounts",
    "ldap_options",
    "audio",
    "video",
    "transfer",
    "codecs",
    "restrictions",
    "diagnostics",
    "network",
    "fax",
    "chat",
    "contact_servers",
    "popup",
];

/// White space as XML counts it.
pub(crate) const XML_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The name of a section: not empty, without a comma, and without white space around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionName(String);

impl SectionName {
    /// The name in `text`, less the white space around it; none if there is nothing else or a comma
    /// inside.
    pub fn new(text: &str) -> Option<Self> {
        let name = text.trim_matches(XML_SPACE);
        (!name.is_empty() && !name.contains(',')).then(|| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the document lists it (spec 1.8). Others are kept: phones have more sections.
    pub fn is_known(&self) -> bool {
        KNOWN_SECTIONS.contains(&self.as_str())
    }
}

impl fmt::Display for SectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The sections that the server owns, in the order of the file, each once (spec 1.8).
///
/// ```
/// use provision_format::SignificantSections;
///
/// let sections = SignificantSections::from_list("accounts, codecs,accounts");
/// assert!(sections.contains("codecs"));
/// assert_eq!(sections.iter().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignificantSections(Vec<SectionName>);

impl SignificantSections {
    /// The names of a comma separated list; empty places and repetitions are dropped.
    pub fn from_list(list: &str) -> Self {
        list.split(',').filter_map(SectionName::new).collect()
    }

    /// The names, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &SectionName> {
        self.0.iter()
    }

    /// Whether the server owns the section `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|section| section.as_str() == name)
    }

    /// Whether nothing is provisioned.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<SectionName> for SignificantSections {
    fn from_iter<I: IntoIterator<Item = SectionName>>(names: I) -> Self {
        let mut seen = HashSet::new();
        Self(names.into_iter().filter(|name| seen.insert(name.clone())).collect())
    }
}

impl fmt::Display for SignificantSections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            f.write_str(name.as_str())?;
        }
        Ok(())
    }
}
