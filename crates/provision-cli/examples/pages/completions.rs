//! The completions of shells: those of clap's generators, and for fish and elvish what these leave out.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

/// Writes them to a folder.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    for shell in [Shell::Bash, Shell::PowerShell, Shell::Zsh] {
        let mut command = provision_cli::command();
        clap_complete::generate_to(shell, &mut command, "provision", folder)?;
    }
    let mut command = provision_cli::command();
    command.build();
    let fish = help_in_fish(&generated(Shell::Fish)?, &command)? + &operands_in_fish(&command);
    fs::write(folder.join("provision.fish"), fish)?;
    let mut elvish = fs::File::create(folder.join("provision.elv"))?;
    elvish.write_all(generated(Shell::Elvish)?.as_bytes())?;
    elvish.write_all(values_in_elvish(&command).as_bytes())
}

fn generated(shell: Shell) -> io::Result<String> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut provision_cli::command(), "provision", &mut text);
    String::from_utf8(text).map_err(io::Error::other)
}

/// The commands behind `help`. The generator offers them while none was named, and takes `help` itself for one.
fn help_in_fish(generated: &str, command: &Command) -> io::Result<String> {
    let names: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
    let seen = format!("not __fish_seen_subcommand_from {}\"", names.join(" "));
    if !generated.contains(&seen) {
        return Err(io::Error::other("the generator for fish writes `help` otherwise now"));
    }
    let others: Vec<_> = names.into_iter().filter(|name| *name != "help").collect();
    let mended = format!("not __fish_seen_subcommand_from {}\"", others.join(" "));
    Ok(generated.replace(&seen, &mended))
}

/// What stands behind a command and is no option: words such as the codes of `explain`, files, or, where neither does,
/// nothing.
fn operands_in_fish(command: &Command) -> String {
    let mut lines = String::new();
    for subcommand in command.get_subcommands() {
        let condition = format!("__fish_provision_using_subcommand {}", subcommand.get_name());
        let words = subcommand.get_positionals().flat_map(words).collect::<Vec<_>>().join(" ");
        if !words.is_empty() {
            lines += &format!("complete -c provision -n \"{condition}\" -f -a \"{words}\"\n");
        } else if !subcommand.get_positionals().any(is_file) {
            lines += &format!("complete -c provision -n \"{condition}\" -f\n");
        }
    }
    lines
}

/// A function in front of the generated one, which offers the names of options and commands only.
fn values_in_elvish(command: &Command) -> String {
    let (mut values, mut files) = (String::new(), String::new());
    for subcommand in command.get_subcommands().filter(|command| command.get_name() != "help") {
        for argument in subcommand.get_arguments() {
            if !argument.get_action().takes_values() {
                continue;
            }
            let long = argument.get_long().map(|long| format!("--{long}"));
            let short = argument.get_short().map(|short| format!("-{short}"));
            let names = match argument.is_positional() {
                true => vec![subcommand.get_name().to_owned()],
                false => {
                    let names = long.into_iter().chain(short);
                    names.map(|name| format!("{} {name}", subcommand.get_name())).collect()
                }
            };
            for name in names {
                let words = words(argument).join(" ");
                if !words.is_empty() {
                    values += &format!("        &'{name}'= [{words}]\n");
                } else if is_file(argument) {
                    files += &format!("        &'{name}'= $true\n");
                }
            }
        }
    }
    ELVISH.replace("VALUES\n", &values).replace("FILES\n", &files)
}

fn words(argument: &Arg) -> Vec<String> {
    let takes_values = argument.get_action().takes_values();
    let values = takes_values.then(|| argument.get_possible_values()).into_iter().flatten();
    values.map(|value| value.get_name().to_owned()).collect()
}

fn is_file(argument: &Arg) -> bool {
    matches!(
        argument.get_value_hint(),
        ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath
    )
}

const ELVISH: &str = "
# The values of options, the codes of `explain`, and files.
var provision-names~ = $edit:completion:arg-completer[provision]
set edit:completion:arg-completer[provision] = {|@words|
    var values = [
VALUES
    ]
    var files = [
FILES
    ]
    var command = ''
    for word $words[1..-1] {
        if (not (str:has-prefix $word '-')) {
            set command = $word
            break
        }
    }
    var option = $command' '$words[-2]
    if (has-key $values $option) {
        all $values[$option]
    } elif (has-key $files $option) {
        edit:complete-filename $words[-1]
    } elif (or (eq $command '') (eq $command help)) {
        provision-names $@words
    } else {
        if (has-key $values $command) {
            all $values[$command]
        } elif (has-key $files $command) {
            edit:complete-filename $words[-1]
        }
        provision-names $words[0] $command $words[-1]
    }
}
";
