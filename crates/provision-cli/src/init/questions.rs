//! The questions, and what is made of the answers. Nothing here knows of a terminal.

use provision::format::{Code, Diagnostic, Restrictions, Secret, UrlTemplate, WriteError};

use crate::arguments::{AuthenticationForm, PasswordForm};
use crate::dialogue::{Dialogue, Stopped};

use super::draft::{Draft, Holder, Sections};

/// Asks for everything that the draft leaves open, in the order of the file.
pub(super) fn ask(draft: &mut Draft, dialogue: &mut Dialogue<'_>) -> Result<(), Stopped> {
    dialogue
        .tell("Enter alone takes what stands in brackets; Ctrl-C ends it, with nothing written.")?;
    if draft.urls.is_empty() {
        ask_addresses(draft, dialogue)?;
    }
    ask_credentials(draft, dialogue)?;
    if draft.refresh.is_none() {
        let text = "Run again every so many seconds; 0 is at the start only";
        dialogue.fill(draft, text, Some("0"), &[], |draft, answer| {
            let seconds = answer.parse().map_err(|_| {
                Objection::plain(format!("write a number of whole seconds, from 0 to {}", u32::MAX))
            })?;
            draft.refresh = Some(seconds);
            Ok(())
        })?;
    }
    ask_sections(draft, dialogue)
}

/// Asks for the preset password, without showing it.
pub(super) fn ask_password(draft: &mut Draft, dialogue: &mut Dialogue<'_>) -> Result<(), Stopped> {
    loop {
        let password = dialogue.hidden("Password (it is not shown)")?;
        if password.is_empty() {
            dialogue.refuse(&Objection::plain("a password is needed"))?;
            continue;
        }
        if dialogue.hidden("The same once more")? == password {
            draft.password = Some(password);
            break;
        }
        dialogue.refuse(&Objection::plain("these were two different ones"))?;
    }
    if draft.password_form.is_none() && draft.password.as_ref().is_some_and(Secret::looks_hashed) {
        let text = "It looks like an MD5 digest: is it one, `md5`, or the password, `plain`?";
        // Basic authentication needs the password itself (spec 3.6).
        let default = match draft.authentication() {
            AuthenticationForm::Basic => "plain",
            AuthenticationForm::Url | AuthenticationForm::Off => "md5",
        };
        dialogue.fill(draft, text, Some(default), &[], |draft, answer| {
            let forms = [("plain", PasswordForm::Plain), ("md5", PasswordForm::Md5)];
            draft.password_form = Some(one_of(answer, &forms)?);
            Ok(())
        })?;
    }
    Ok(())
}

fn ask_addresses(draft: &mut Draft, dialogue: &mut Dialogue<'_>) -> Result<(), Stopped> {
    // Whether credentials are sent is asked next.
    let pending = match draft.authentication.is_some() || draft.holder.is_some() {
        true => &[][..],
        false => &[Code::PlaceholdersUnused],
    };
    dialogue.fill(draft, "Address of the server", None, pending, add_address)?;
    loop {
        let known = draft.urls.len();
        let text = "Address of another server, if it fails";
        dialogue.fill(draft, text, Some("none"), pending, |draft, answer| match answer {
            "none" => Ok(()),
            address => add_address(draft, address),
        })?;
        if draft.urls.len() == known {
            return Ok(());
        }
    }
}

fn add_address(draft: &mut Draft, answer: &str) -> Result<(), Objection> {
    let address = UrlTemplate::new(answer);
    let address = address.ok_or_else(|| Objection::plain("an address is needed"))?;
    draft.urls.push(address.as_str().to_owned());
    Ok(())
}

fn ask_credentials(draft: &mut Draft, dialogue: &mut Dialogue<'_>) -> Result<(), Stopped> {
    use AuthenticationForm::{Basic, Off, Url};

    if draft.authentication.is_none() {
        let text = "Credentials: `off`, `basic` (HTTP Basic) or `url` (in the address)";
        let default = match draft.likely_authentication() {
            Off => "off",
            Basic => "basic",
            Url => "url",
        };
        // Whose they are is asked next.
        let pending = [Code::MissingCredentials, Code::UnusedCredentials];
        dialogue.fill(draft, text, Some(default), &pending, |draft, answer| {
            let forms = [("off", Off), ("basic", Basic), ("url", Url)];
            draft.authentication = Some(one_of(answer, &forms)?);
            Ok(())
        })?;
    }
    if draft.authentication() == Off {
        return Ok(());
    }
    if draft.holder.is_none() {
        let text = "Whose: of the `user`, whom the phone asks, or in this `file`";
        let pending = [Code::MissingCredentials];
        dialogue.fill(draft, text, Some("user"), &pending, |draft, answer| {
            let holders = [("user", Holder::User), ("file", Holder::File)];
            draft.holder = Some(one_of(answer, &holders)?);
            Ok(())
        })?;
    }
    if draft.holder == Some(Holder::File) {
        if draft.user.is_none() {
            dialogue.fill(draft, "User name", None, &[], |draft, answer| {
                if answer.is_empty() {
                    return Err(Objection::plain("a user name is needed"));
                }
                draft.user = Some(answer.to_owned());
                Ok(())
            })?;
        }
        if draft.password.is_none() {
            ask_password(draft, dialogue)?;
        }
    }
    Ok(())
}

fn ask_sections(draft: &mut Draft, dialogue: &mut Dialogue<'_>) -> Result<(), Stopped> {
    let is_for_zoiper5 =
        draft.deletes_accounts.is_some() || draft.deletes_contact_services.is_some();
    if draft.sections.is_none() && !is_for_zoiper5 {
        dialogue.tell(
            "Phones of Zoiper 3 need a list of the sections that the server owns. With `all`,",
        )?;
        dialogue
            .tell("what it sends is laid over the phone's own, key by key, as for Zoiper 5.")?;
        let text = "The server's sections: a list such as accounts,codecs, or `all`";
        dialogue.fill(draft, text, Some("all"), &[], |draft, answer| {
            draft.sections = Some(match answer.to_ascii_lowercase().as_str() {
                "all" => Sections::All,
                _ => Sections::Listed(answer.to_owned()),
            });
            Ok(())
        })?;
    }
    if !matches!(draft.sections, Some(Sections::Listed(_))) {
        if draft.deletes_accounts.is_none() {
            let text = "Remove the phone's own accounts before the server's are laid over?";
            dialogue.fill(draft, text, Some("yes"), &[], |draft, answer| {
                draft.deletes_accounts = Some(one_of(answer, &YES_OR_NO)?);
                Ok(())
            })?;
        }
        if draft.deletes_contact_services.is_none() {
            let text = "Remove the phone's own contact services, too?";
            dialogue.fill(draft, text, Some("no"), &[], |draft, answer| {
                draft.deletes_contact_services = Some(one_of(answer, &YES_OR_NO)?);
                Ok(())
            })?;
        }
        return Ok(());
    }
    if draft.uses_address_book.is_none() {
        dialogue.fill(
            draft,
            "Use the remote address book?",
            Some("no"),
            &[],
            |draft, answer| {
                draft.uses_address_book = Some(one_of(answer, &YES_OR_NO)?);
                Ok(())
            },
        )?;
    }
    if draft.uses_address_book == Some(true) && draft.restrictions.is_none() {
        let text = "What may not be done to it: some of add,update,delete";
        dialogue.fill(draft, text, Some("none"), &[], |draft, answer| {
            draft.restrictions = Some(restrictions(answer)?);
            Ok(())
        })?;
    }
    Ok(())
}

fn restrictions(answer: &str) -> Result<Restrictions, Objection> {
    let mut restrictions = Restrictions::default();
    if answer == "none" {
        return Ok(restrictions);
    }
    let words = [("add", 0), ("update", 1), ("delete", 2)];
    for word in answer.split(',') {
        match one_of(word.trim(), &words)? {
            0 => restrictions.add = true,
            1 => restrictions.update = true,
            _ => restrictions.delete = true,
        }
    }
    Ok(restrictions)
}

const YES_OR_NO: [(&str, bool); 4] = [("yes", true), ("no", false), ("y", true), ("n", false)];

/// What the answer stands for, in any case.
fn one_of<T: Copy>(answer: &str, words: &[(&str, T)]) -> Result<T, Objection> {
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(answer));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let long = words.iter().filter(|(word, _)| word.len() > 1);
        let list: Vec<_> = long.map(|(word, _)| format!("`{word}`")).collect();
        Objection::plain(format!("write one of {}", list.join(", ")))
    })
}

/// Why an answer will not do.
struct Objection {
    reason: String,
    help: Option<String>,
    /// Whether it will do all the same if it is meant.
    can_be_meant: bool,
}

impl Objection {
    fn plain(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: None, can_be_meant: false }
    }
}

impl From<Diagnostic> for Objection {
    fn from(finding: Diagnostic) -> Self {
        Self { reason: finding.message, help: finding.help, can_be_meant: true }
    }
}

impl From<WriteError> for Objection {
    fn from(error: WriteError) -> Self {
        Self::plain(error.to_string())
    }
}

impl Dialogue<'_> {
    /// Whether the person says yes.
    pub(super) fn confirms(&mut self, text: &str) -> Result<bool, Stopped> {
        loop {
            match one_of(self.answer(text, Some("no"))?.as_str(), &YES_OR_NO) {
                Ok(is_confirmed) => return Ok(is_confirmed),
                Err(objection) => self.refuse(&objection)?,
            }
        }
    }

    /// Asks until the answer, put into the draft, will do: `check` has nothing to say about it but what is
    /// `pending` until a later question. What it warns of is taken when it is given once more.
    fn fill(
        &mut self,
        draft: &mut Draft,
        text: &str,
        default: Option<&str>,
        pending: &[Code],
        mut put: impl FnMut(&mut Draft, &str) -> Result<(), Objection>,
    ) -> Result<(), Stopped> {
        let mut refused = None;
        loop {
            let answer = self.answer(text, default)?;
            let is_meant = refused.as_ref() == Some(&answer);
            let mut filled = draft.clone();
            let outcome = put(&mut filled, &answer).and_then(|()| {
                let found = filled.new_findings(draft)?.into_iter();
                let mut objections = found.filter(|finding| !pending.contains(&finding.code));
                objections.next().map_or(Ok(()), |finding| Err(finding.into()))
            });
            match outcome {
                Err(objection) if !(is_meant && objection.can_be_meant) => {
                    self.refuse(&objection)?;
                    refused = objection.can_be_meant.then_some(answer);
                }
                _ => {
                    *draft = filled;
                    return Ok(());
                }
            }
        }
    }

    fn refuse(&mut self, objection: &Objection) -> Result<(), Stopped> {
        self.tell(&format!("  {}", objection.reason))?;
        if let Some(help) = &objection.help {
            self.tell(&format!("  help: {help}"))?;
        }
        if objection.can_be_meant {
            self.tell("  (if it is meant so, give the same answer again)")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
