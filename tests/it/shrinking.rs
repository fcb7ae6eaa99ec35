//! `examples/shrink`, which makes a notebook small that shows a failure.

use std::fs;

use crate::nb;

#[path = "../../examples/shrink.rs"]
#[allow(dead_code, reason = "its main")]
mod shrink;

/// What is left of a notebook with three cells for a command of the shell.
fn shrunk(command: &str) -> (std::io::Result<()>, String) {
    let folder = tempfile::tempdir().unwrap();
    let cells =
        [nb::ran("a", "x = 1", 1, "1\n"), nb::code("b", "y = 1\nwanted()\nz = 1"), nb::markdown("c", "# Words")];
    let file = folder.path().join("n.ipynb");
    fs::write(&file, nb::notebook(&cells)).unwrap();
    let command = ["sh", "-c", command].map(str::to_owned);
    let place = folder.path().join("shrunk");
    let done = shrink::shrink(&[file.to_str().unwrap().to_owned()], &command, &place);
    (done, fs::read_to_string(place.join("n.ipynb")).unwrap())
}

#[test]
fn what_the_failure_does_not_need_goes() {
    let (done, left) = shrunk("! grep -q wanted n.ipynb");
    done.unwrap();
    let cells = nb::cells(left.as_bytes());
    assert_eq!(cells.iter().map(nb::source).collect::<Vec<_>>(), ["wanted()\n"], "{left}");
    assert!(!left.contains("kernelspec"), "{left}");
}

/// As with `git bisect run`, 1 and 3 are different failures here.
#[test]
fn another_code_is_another_failure() {
    let (done, left) = shrunk("grep -q Words n.ipynb || exit 1; ! grep -q wanted n.ipynb || exit 3");
    done.unwrap();
    let sources: Vec<_> = nb::cells(left.as_bytes()).iter().map(nb::source).collect();
    assert_eq!(sources, ["wanted()\n", "# Words"], "{left}");
}

#[test]
fn a_command_that_does_not_fail_is_refused() {
    let (done, _) = shrunk("true");
    assert_eq!(done.unwrap_err().to_string(), "the command does not fail");
}
