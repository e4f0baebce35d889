//! The text of a hook: plain `sh`, readable by whoever finds it.

use std::fmt::Write as _;
use std::path::Path;

use crate::args::HookName;

/// The second line of every hook of ours begins like this.
pub(super) const MARK: &str = "# keyward hook, version ";

/// How long a push may wait, unless told otherwise. A server's own bound may be shorter.
const RECEIVE_SECONDS: u64 = 30;

/// The script of `hook`. `program` is tried where the search path has no keyward, as under graphical
/// clients.
pub(super) fn of(hook: HookName, program: &Path, args: &[String]) -> String {
    let name = hook.name();
    let program = quoted(&program.display().to_string().replace('\\', "/"));
    let mut scan = format!("scan {}", hook.scope());
    match hook {
        HookName::PreCommit => {}
        HookName::PrePush => scan.push_str(" --remote \"$1\""),
        HookName::PreReceive if args.iter().any(|a| a.starts_with("--deadline")) => {}
        HookName::PreReceive => {
            // Writing to a String succeeds.
            let _ = write!(scan, " --deadline {RECEIVE_SECONDS}");
        }
    }
    for argument in args {
        let _ = write!(scan, " {}", quoted(argument));
    }
    let about = hook.about();
    let head = format!(
        "#!/bin/sh\n{MARK}1: scans what is about to be {about}.\n\
         # `keyward hook uninstall` removes it and puts back the hook that was here before.\n\
         earlier=\"${{0%/*}}/{name}.{}\"\n\
         keyward=$(command -v keyward) || keyward={program}\n\
         if [ ! -x \"$keyward\" ]; then\n\
         \x20   echo 'keyward: not found, so nothing is {about}. Install it, or remove this hook:' >&2\n\
         \x20   echo \"    $0\" >&2\n\
         \x20   exit 1\n\
         fi\n",
        super::EARLIER
    );
    if hook == HookName::PreCommit {
        return format!(
            "{head}if [ -x \"$earlier\" ]; then\n    \"$earlier\" \"$@\" || exit\nfi\nexec \"$keyward\" {scan} >&2\n"
        );
    }
    // What git tells on standard input is for both.
    format!(
        "{head}if [ ! -x \"$earlier\" ]; then\n    exec \"$keyward\" {scan} >&2\nfi\n\
         lines=$(cat)\nlines=${{lines:+$lines\n}}\n\
         printf %s \"$lines\" | \"$earlier\" \"$@\" || exit\n\
         printf %s \"$lines\" | \"$keyward\" {scan} >&2\n"
    )
}

/// Whether a script of ours ends as it was written: with the scan.
pub(super) fn ends_as_written(text: &str) -> bool {
    let rest = text.trim_end().rsplit_once("\"$keyward\" scan ").map_or("", |(_, rest)| rest);
    rest.ends_with(" >&2") && rest.matches(" >&2").count() == 1
}

/// One word of the shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
