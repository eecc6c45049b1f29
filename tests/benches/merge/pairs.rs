//! What is merged: a phone's configuration, and what a server sends for it.

use provision_format::{Config, SignificantSections};
use provision_merge::{Merge, Merged};
use provision_tests::measuring::{answer3, filled_by, with_carriage_returns, zoiper3};

/// What provisioning files name in the field.
pub(crate) const SECTIONS: &str =
    "general,sip_options,iax_options,rtp_options,stun_options,accounts,codecs,restrictions";

/// Two documents.
pub(crate) struct Pair {
    pub(crate) local: String,
    pub(crate) remote: String,
}

impl Pair {
    /// The usual sizes of a phone's, as rows name them.
    pub(crate) fn of_phones() -> [(&'static str, Self); 3] {
        let (small, usual) = (Self::of_a_phone(8_000), Self::of_a_phone(20_000));
        let crlf = usual.with_carriage_returns();
        [("8 KB, LF", small), ("20 KB, LF", usual), ("20 KB, CR LF", crlf)]
    }

    /// As a title has them.
    pub(crate) fn sizes(&self) -> String {
        format!("{} bytes local, {} bytes remote", self.local.len(), self.remote.len())
    }

    /// A phone's, each document of about `size` bytes. Most of both are accounts, and so are replaced.
    fn of_a_phone(size: usize) -> Self {
        Self { local: zoiper3(size), remote: answer3(size) }
    }

    /// The same with CR LF for every LF.
    fn with_carriage_returns(&self) -> Self {
        Self {
            local: with_carriage_returns(&self.local),
            remote: with_carriage_returns(&self.remote),
        }
    }

    /// Those of a whole company: many accounts, which the server has too, and an address book of the phone's own.
    pub(crate) fn of_a_company(accounts: usize, address_book: usize) -> Self {
        let phone = zoiper3(accounts);
        let (before, root_end) = phone.split_at(phone.rfind("</options>").expect("a root ends"));
        let before = format!("{before}  <contacts>\n");
        let after = format!("  </contacts>\n{root_end}");
        let size = before.len() + address_book;
        Self { local: filled_by(size, &before, contact, &after), remote: answer3(accounts) }
    }

    /// Everything from the bytes of both to those of both results.
    pub(crate) fn merge(&self, sections: &SignificantSections) -> usize {
        let read = |text: &String| Config::read(text.as_bytes()).expect("it is valid").value;
        let (local, remote) = (read(&self.local), read(&self.remote));
        let merged = merged(&local, &remote, sections);
        let length = |config: &Config| config.source().to_bytes().expect("it is UTF-8").len();
        length(&merged.effective) + length(&merged.stored)
    }
}

pub(crate) fn merged(local: &Config, remote: &Config, sections: &SignificantSections) -> Merged {
    let merge = Merge { local, remote, sections, displaced: None };
    merge.run().expect("UTF-8 can express everything")
}

fn contact(number: usize) -> String {
    let extension = 100_000 + number;
    format!(
        "    <contact>
      <ident>{number:032x}</ident>
      <display>Example Colleague No. {number}</display>
      <first_name>Colleague</first_name>
      <last_name>Example</last_name>
      <company>Example &amp; Company, Branch Office {branch}</company>
      <country></country>
      <city>Sampletown</city>
      <mails>
        <mail>colleague{number}@branch{branch}.example.com</mail>
      </mails>
      <phones>
        <phone>
          <type>work</type>
          <number>+1 555 {extension}</number>
        </phone>
        <phone>
          <type>sip</type>
          <number>sip:{extension}@branch{branch}.example.com</number>
        </phone>
      </phones>
      <avatar/>
    </contact>
",
        branch = number % 97,
    )
}
