//! Asking a person for credentials. Nothing here knows of a terminal.

use provision::fetch::{Credentials, Password, Secret};

use crate::dialogue::{Dialogue, Stopped};

/// What is asked, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inquiry {
    pub(crate) user: UserName,
    pub(crate) occasion: Occasion,
}

/// What is known of the user name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UserName {
    /// It is asked for. This one is likely; it may be empty.
    Likely(String),
    /// It is this one, and only the password is asked for.
    Given(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    First,
    /// The servers have refused the last credentials, with these words or without any.
    Refused(Option<String>),
}

impl Inquiry {
    /// Asks until there is an answer.
    pub(crate) fn ask(&self, dialogue: &mut Dialogue<'_>) -> Result<Credentials, Stopped> {
        match &self.occasion {
            Occasion::First => {
                dialogue.tell("Credentials for the provisioning server; Ctrl-C ends it.")?;
            }
            Occasion::Refused(words) => {
                let words = words.as_deref().map(|words| format!(": {words}"));
                let line = format!("These are refused{}", words.unwrap_or_default());
                dialogue.tell(&line)?;
            }
        }
        let user = match &self.user {
            UserName::Given(user) => user.clone(),
            UserName::Likely(user) => user_name(user, dialogue)?,
        };
        let password = password(&user, dialogue)?;
        Ok(Credentials::new(user, Password::Plain(password)))
    }
}

fn user_name(likely: &str, dialogue: &mut Dialogue<'_>) -> Result<String, Stopped> {
    let default = Some(likely).filter(|name| !name.is_empty());
    loop {
        let answer = dialogue.answer("User name", default)?;
        if !answer.is_empty() {
            return Ok(answer);
        }
        dialogue.tell("  a user name is needed; Ctrl-D gives none")?;
    }
}

fn password(user: &str, dialogue: &mut Dialogue<'_>) -> Result<Secret, Stopped> {
    let text = format!("Password of {} (it is not shown)", provision::format::shown(user));
    loop {
        let answer = dialogue.hidden(&text)?;
        if !answer.is_empty() {
            return Ok(Secret::new(answer.reveal()));
        }
        dialogue.tell("  a password is needed; Ctrl-D gives none")?;
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// The answer, where these lines are typed, and these passwords; and what is shown.
    fn answered(
        inquiry: &Inquiry,
        lines: &str,
        passwords: &[&str],
    ) -> (Result<Credentials, Stopped>, String) {
        let (mut input, mut output) = (lines.as_bytes(), Vec::new());
        let mut passwords = passwords.iter();
        let mut dialogue = Dialogue {
            input: &mut input,
            output: &mut output,
            hidden: &mut |question, output| {
                write!(output, "{question}")?;
                match passwords.next() {
                    Some(password) => Ok(provision::format::Secret::new(*password)),
                    None => Err(io::ErrorKind::UnexpectedEof.into()),
                }
            },
        };
        let answer = inquiry.ask(&mut dialogue);
        assert!(input.is_empty() && passwords.next().is_none(), "not all was asked for");
        (answer, String::from_utf8(output).expect("questions are text"))
    }

    fn likely(user: &str, occasion: Occasion) -> Inquiry {
        Inquiry { user: UserName::Likely(user.to_owned()), occasion }
    }

    fn credentials(user: &str, password: &str) -> Credentials {
        Credentials::new(user, Password::Plain(Secret::new(password)))
    }

    #[test]
    fn enter_takes_the_preset_user() {
        let inquiry = likely("alice", Occasion::First);
        let (answer, said) = answered(&inquiry, "\n", &[" s p "]);
        assert_eq!(answer.expect("both are answered"), credentials("alice", " s p "));
        assert!(
            said.contains("User name [alice]: Password of alice (it is not shown): "),
            "{said}"
        );
        let (answer, _) = answered(&inquiry, " bob \n", &["x"]);
        assert_eq!(answer.expect("both are answered"), credentials("bob", "x"));
    }

    #[test]
    fn nothing_is_asked_for_again() {
        let (answer, said) = answered(&likely("", Occasion::First), "\n\nbob\n", &["", "x"]);
        assert_eq!(answer.expect("both are answered"), credentials("bob", "x"));
        assert_eq!(said.matches("a user name is needed").count(), 2, "{said}");
        assert_eq!(said.matches("a password is needed").count(), 1, "{said}");
        assert!(said.contains("User name: "), "{said}");
    }

    #[test]
    fn a_given_user_is_not_asked_for() {
        let user = UserName::Given("al\u{1b}ice".to_owned());
        let inquiry = Inquiry { user, occasion: Occasion::First };
        let (answer, said) = answered(&inquiry, "", &["x"]);
        assert_eq!(answer.expect("it is answered"), credentials("al\u{1b}ice", "x"));
        assert!(!said.contains("User name") && !said.contains('\u{1b}'), "{said}");
    }

    #[test]
    fn a_refusal_is_shown_with_the_servers_words() {
        let words = Some("Wrong password (code 3)".to_owned());
        let (_, said) = answered(&likely("alice", Occasion::Refused(words)), "\n", &["x"]);
        assert!(said.starts_with("These are refused: Wrong password (code 3)\n"), "{said}");
        let (_, said) = answered(&likely("alice", Occasion::Refused(None)), "\n", &["x"]);
        assert!(said.starts_with("These are refused\n"), "{said}");
    }

    #[test]
    fn the_end_of_the_input_is_no_answer() {
        let (answer, _) = answered(&likely("alice", Occasion::First), "", &[]);
        assert!(matches!(answer, Err(Stopped::Declined)));
        let (answer, _) = answered(&likely("alice", Occasion::First), "\n", &[]);
        assert!(matches!(answer, Err(Stopped::Declined)));
    }
}
