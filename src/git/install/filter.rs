//! The lines of the filter.
//!
//! The filter is `required`, so that nothing is committed that could not be cleaned. But git takes a required
//! filter at its word on the way out too: if nobody answers, `git checkout` has removed the file already and
//! writes no other. So the process line goes on in the shell when the program is gone or too old: it speaks git's protocol
//! (gitattributes(5), "Long Running Filter Process"), hands out what is stored, and offers no cleaning.

use super::config::Values;
use super::lines::{self, FILTER_CLEAN, FILTER_PROCESS, FILTER_REQUIRED, FILTER_SMUDGE};
use super::tool::Tool;

pub use crate::git::filter::FILTER;

/// The keys of the filter with their values. git runs the process alone; programs that know no processes clean
/// file by file.
pub(super) fn entries(tool: &Tool) -> [(&'static str, Option<String>); 4] {
    [
        (FILTER_PROCESS, Some(process_line(tool))),
        (FILTER_CLEAN, Some(clean_line(tool))),
        (FILTER_SMUDGE, Some("cat".to_owned())),
        (FILTER_REQUIRED, Some("true".to_owned())),
    ]
}

/// Whether `values` have our filter, or what is left of it.
pub(super) fn is_in(values: &Values) -> bool {
    [FILTER_PROCESS, FILTER_CLEAN].iter().any(|key| lines::looks_ours(values, key))
}

const GONE: &str = "echo 'cellwise is gone or too old: notebooks are checked out as they are stored, and none is added \
    uncleaned. Install it again and run `cellwise install`, or let outputs be committed: \
    git config filter.cellwise.required false' >&2";

/// A program that ends in 2 (it does not know the command), 126 or 127 (it cannot be run) has read nothing of what
/// git says, so the shell can take over. `r` reads packets up to a flush and prints them as they came; a file goes back in the packets in
/// which it arrived, once all have arrived, as git writes everything before it reads.
fn process_line(tool: &Tool) -> String {
    format!(
        "f() {{ t={}; if {}; then \"$t\" filter-process; c=$?; case $c in 2|126|127) ;; *) exit $c;; esac; fi; {GONE}; {PASS} }}; f",
        tool.shell_word(),
        tool.found()
    )
}

/// A packet is read by `dd` in as large reads as the pipe gives: `head -c` may read beyond it, and byte by byte 18 MB
/// take a minute. What came is counted in the file, and nothing more means the end.
const PASS: &str = "\
    b=$(mktemp) || exit 1; trap 'rm -f \"$b\"' EXIT; \
    r() { : >\"$b\"; s=0; while n=$(dd bs=1 count=4 2>/dev/null); test -n \"$n\"; do test \"$n\" != 0000 || return 0; \
    printf %s \"$n\" >>\"$b\"; s=$((s+0x$n)); l=-1; while i=$(wc -c <\"$b\"); test $i -lt $s; do \
    test $i -ne $l || return 1; l=$i; dd bs=$((s-$i)) count=1 2>/dev/null >>\"$b\"; done; done; return 1; }; \
    r; printf '0016git-filter-server\\n000eversion=2\\n0000'; \
    r; printf '0016capability=smudge\\n0000'; \
    while r; do r || exit 1; printf '0013status=success\\n0000'; cat \"$b\"; printf 00000000; done;";

/// `%f` is the path, quoted by git.
fn clean_line(tool: &Tool) -> String {
    let found = tool.found();
    format!("t={}; {found} || {{ {GONE}; exit 1; }}; \"$t\" clean --path=%f", tool.placeholder_safe())
}
