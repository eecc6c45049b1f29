//! What a document says, by our own reader and by two independent parsers of XML, in one form.
//!
//! What the gate of `provision-format` lets pass, both of them must accept too and read the same, but
//! for the faults of theirs that stand in [`BUGS`].

mod bugs;

use provision_format::{Config, Element, Node};
use roxmltree::{Document, Node as TreeNode, NodeId};
use xml::reader::{ParserConfig, XmlEvent};

pub use bugs::{BUGS, Bug, Fault};

/// A piece of what a document says, apart from how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An element begins: its name, its attributes in their order.
    Start(String, Vec<(String, String)>),
    /// All text up to the next tag, with whatever comments and CDATA sections it is made of.
    Text(String),
    /// The innermost element ends.
    End,
}

/// One of the parsers beside ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The crate `roxmltree`, which reads text.
    Roxmltree,
    /// The crate `xml`, which reads bytes and finds out their encoding by itself.
    Xml,
}

impl Peer {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Roxmltree, Self::Xml];

    /// What `bytes` say; `text` is the same document decoded, without a byte order mark.
    ///
    /// # Errors
    ///
    /// The parser's own message when it refuses the document.
    pub fn read(self, bytes: &[u8], text: &str) -> Result<Vec<Event>, String> {
        match self {
            Self::Roxmltree => by_roxmltree(text),
            Self::Xml => by_xml(bytes),
        }
    }

    /// The same where the parser's known misreadings cannot show: the document is written in another
    /// way that says the same.
    ///
    /// # Errors
    ///
    /// As for [`Peer::read`].
    pub fn read_avoiding_bugs(self, bytes: &[u8], text: &str) -> Result<Vec<Event>, String> {
        match self {
            Self::Roxmltree => {
                let faults = BUGS.iter().filter(|bug| bug.peer == self).map(|bug| bug.fault);
                let rewritten = faults.fold(text.to_owned(), |text, fault| match fault {
                    Fault::Misreads { rewrite } => rewrite(&text),
                    Fault::AcceptsWhatIsNoXml => text,
                });
                by_roxmltree(&rewritten)
            }
            // It has none that needs it.
            Self::Xml => by_xml(bytes),
        }
    }
}

/// What the configuration says, by walking over its elements.
pub fn by_config(config: &Config) -> Vec<Event> {
    let mut events = Events::default();
    events.element(config.root());
    events.0
}

fn by_roxmltree(text: &str) -> Result<Vec<Event>, String> {
    let tree = Document::parse(text).map_err(|error| error.to_string())?;
    let mut events = Events::default();
    // Without recursion: a document that the gate refuses may be nested ever so deep.
    let mut open: Vec<NodeId> = Vec::new();
    let leave = |events: &mut Events, open: &mut Vec<NodeId>, parent: Option<NodeId>| {
        while open.last().copied() != parent && open.pop().is_some() {
            events.0.push(Event::End);
        }
    };
    for node in tree.root_element().descendants() {
        let parent = node.parent().filter(TreeNode::is_element).map(|parent| parent.id());
        leave(&mut events, &mut open, parent);
        if node.is_element() {
            let attributes = node.attributes();
            let attributes = attributes.map(|a| (a.name().to_owned(), a.value().to_owned()));
            let name = node.tag_name().name().to_owned();
            events.0.push(Event::Start(name, attributes.collect()));
            open.push(node.id());
        } else if node.is_text() {
            events.text(node.text().unwrap_or_default());
        }
    }
    leave(&mut events, &mut open, None);
    Ok(events.0)
}

fn by_xml(bytes: &[u8]) -> Result<Vec<Event>, String> {
    let reader = ParserConfig::new()
        .allow_multiple_root_elements(false)
        .cdata_to_characters(true)
        .whitespace_to_characters(true)
        .create_reader(bytes);
    let mut events = Events::default();
    for event in reader {
        match event.map_err(|error| error.to_string())? {
            XmlEvent::StartElement { name, attributes, .. } => {
                let attributes = attributes.into_iter().map(|a| (a.name.local_name, a.value));
                events.0.push(Event::Start(name.local_name, attributes.collect()));
            }
            XmlEvent::EndElement { .. } => events.0.push(Event::End),
            XmlEvent::Characters(text) | XmlEvent::Whitespace(text) | XmlEvent::CData(text) => {
                events.text(&text);
            }
            _ => {}
        }
    }
    Ok(events.0)
}

#[derive(Default)]
struct Events(Vec<Event>);

impl Events {
    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Event::Text(before)) => before.push_str(text),
            _ => self.0.push(Event::Text(text.to_owned())),
        }
    }

    /// Recursion is bounded by the gate's bound of the depth.
    fn element(&mut self, element: Element<'_>) {
        let attributes = element.attributes();
        let attributes = attributes.map(|a| (a.name().to_owned(), a.value().into_owned()));
        self.0.push(Event::Start(element.name().to_owned(), attributes.collect()));
        for node in element.nodes() {
            match node {
                Node::Element(child) => self.element(child),
                Node::Text(text) => self.text(&text),
                _ => {}
            }
        }
        self.0.push(Event::End);
    }
}
