//! Documents as they are in the field, of any size.

const ZOIPER_3: &str = include_str!("../../../fixtures/config/zoiper3.xml");
const ANSWER_3: &str = include_str!("../../../fixtures/answer/zoiper3.xml");
const ZOIPER_5: &str = include_str!("../../../fixtures/config/zoiper5.xml");

/// A configuration of an early phone, with LF, of about `size` bytes.
pub fn zoiper3(size: usize) -> String {
    with_accounts(ZOIPER_3, "<name>Local line</name>", size)
}

/// A configuration of a later phone, with LF, of about `size` bytes, at least one account; they are large there.
pub fn zoiper5(size: usize) -> String {
    with_accounts(ZOIPER_5, "<ident>6f0d3a1c5b8e47d2a9c41e7f20b63d58</ident>", size)
}

/// A server's answer for an early phone, with LF, of about `size` bytes.
pub fn answer3(size: usize) -> String {
    with_accounts(ANSWER_3, "<name>Example Office</name>", size)
}

/// The same document with CR LF for every LF.
pub fn with_carriage_returns(text: &str) -> String {
    text.replace('\n', "\r\n")
}

/// `configuration` with its first account in place of all, over and over, up to `size` bytes. `identity` is the
/// element in which the accounts differ.
fn with_accounts(configuration: &str, identity: &str, size: usize) -> String {
    let configuration = configuration.replace("\r\n", "\n");
    let (before, rest) =
        configuration.split_once("  <accounts>\n").expect("a configuration has accounts");
    let (accounts, after) = rest.split_once("  </accounts>\n").expect("the accounts end");
    let (account, _) = accounts.split_once("</account>\n").expect("there is an account");
    let (account_before, account_after) =
        account.split_once(identity).expect("the account has its identity");
    let tag = &identity[1..identity.find('>').expect("the identity is an element")];
    let numbered = |number: usize| {
        format!("{account_before}<{tag}>{number:032x}</{tag}>{account_after}</account>\n")
    };
    let before = format!("{before}  <accounts>\n");
    let after = format!("  </accounts>\n{after}");
    let size = size.max(before.len() + numbered(0).len() + after.len());
    filled_by(size, &before, numbered, &after)
}

/// A provisioning file of about `size` bytes. Only its addresses can be so many.
pub fn provision_file(size: usize) -> String {
    let before = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<provision>\n  <base_urls>\n";
    let address = |number: usize| {
        format!(
            "    <base_url>https://server{number}.example.com/phones/?username=[user]&amp;password=[pass]</base_url>\n"
        )
    };
    let after = "  </base_urls>
  <options>
    <use_authentication>1</use_authentication>
    <user_input_authentication>0</user_input_authentication>
    <authentication_type>url</authentication_type>
    <user>alice</user>
    <password>correct horse battery staple</password>
  </options>
  <significant_sections>accounts,codecs</significant_sections>
</provision>
";
    filled_by(size, before, address, after)
}

/// `before`, units with numbers from 0 as far as they fit into `size` bytes, and `after`.
pub fn filled_by(size: usize, before: &str, unit: impl Fn(usize) -> String, after: &str) -> String {
    let mut text = before.to_owned();
    for number in 0.. {
        let unit = unit(number);
        if text.len() + unit.len() + after.len() > size {
            break;
        }
        text.push_str(&unit);
    }
    text + after
}
