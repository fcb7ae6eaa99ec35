//! The state that git keeps while an operation stands still, read as git wrote it.

use crate::merge::Sides;

use super::asks::Asks;
use super::{Operation, OperationKind, SeenLabels, UNTOLD};

/// Finds out what is going on. The first that fits is it: a conflict of a stash may lie on top of a rebase that waits.
pub(super) fn operation(asks: &Asks<'_>, seen: &SeenLabels) -> Operation {
    let ways: [fn(&Asks<'_>, &SeenLabels) -> Option<Operation>; 9] =
        [stash, checkout, merge, cherry_pick, revert, rebase, patch, picked_without_commit, squash];
    ways.iter().find_map(|way| way(asks, seen)).unwrap_or_else(unknown)
}

fn unknown() -> Operation {
    let words = Sides { base: "what both were made from", ours: "the current version", theirs: "the other version" };
    Operation {
        kind: OperationKind::Unknown,
        labels: UNTOLD.map(str::to_owned),
        words: words.map(str::to_owned),
        commits: Sides::default(),
    }
}

fn stash(asks: &Asks<'_>, seen: &SeenLabels) -> Option<Operation> {
    let labels = Sides { base: "Stash base", ours: "Updated upstream", theirs: "Stashed changes" };
    let is_stash = has(&seen.ours, labels.ours) && has(&seen.theirs, labels.theirs);
    is_stash.then(|| Operation {
        kind: OperationKind::Stash,
        labels: labels.map(str::to_owned),
        words: Sides {
            base: "the commit that you stashed your changes on".to_owned(),
            ours: format!("{} as it is now", branch_in_words(asks)),
            theirs: "your stashed changes".to_owned(),
        },
        commits: Sides::default(),
    })
}

/// The other side is called `local` here, and ours by the name of its branch, never `HEAD`.
fn checkout(asks: &Asks<'_>, seen: &SeenLabels) -> Option<Operation> {
    let ours = seen.ours.as_ref().filter(|ours| *ours != "HEAD" && has(&seen.theirs, "local"))?;
    let left = asks.previous_branch().filter(|left| !left.is_empty());
    Some(Operation {
        kind: OperationKind::Checkout,
        labels: Sides {
            base: left.clone().unwrap_or_else(|| UNTOLD.base.to_owned()),
            ours: ours.clone(),
            theirs: "local".to_owned(),
        },
        words: Sides {
            base: format!("{}, which you came from", left.as_deref().unwrap_or("the commit")),
            ours: format!("{ours}, which you switched to"),
            theirs: "your changes that were not committed".to_owned(),
        },
        commits: Sides::default(),
    })
}

fn has(label: &Option<String>, text: &str) -> bool {
    label.as_deref() == Some(text)
}

fn merge(asks: &Asks<'_>, _: &SeenLabels) -> Option<Operation> {
    let theirs = asks.commit("MERGE_HEAD")?;
    if let Some(name) = rebased_merge(asks) {
        let words = Merged { label: name.clone(), called: name };
        let operation = merge_of(asks, theirs, words);
        let ours = "your commits as they were put anew so far".to_owned();
        return Some(Operation { kind: OperationKind::Rebase, words: Sides { ours, ..operation.words }, ..operation });
    }
    let name = merged_name(asks, &theirs);
    let operation = merge_of(asks, theirs, name);
    if asks.file("MERGE_HEAD").is_some_and(|heads| heads.lines().count() > 1) {
        // Which of them the conflict is with is not written down.
        let theirs = "one of the branches that are merged in".to_owned();
        let commits = Sides { theirs: None, ..operation.commits };
        return Some(Operation { words: Sides { theirs, ..operation.words }, commits, ..operation });
    }
    Some(operation)
}

fn squash(asks: &Asks<'_>, _: &SeenLabels) -> Option<Operation> {
    let message = asks.file("SQUASH_MSG")?;
    let newest = message.lines().find_map(|line| line.strip_prefix("commit "))?;
    let theirs = asks.commit(newest)?;
    let name = merged_name(asks, &theirs);
    Some(merge_of(asks, theirs, name))
}

fn merge_of(asks: &Asks<'_>, theirs: String, name: Merged) -> Operation {
    let ours = asks.commit("HEAD");
    let bases = ours.as_ref().map(|ours| asks.merge_bases(ours, &theirs)).unwrap_or_default();
    let (base, base_words) = match bases.as_slice() {
        [] => ("empty tree".to_owned(), "nothing: they have no common ancestor".to_owned()),
        [base] => (asks.short(base), format!("their common ancestor {}", asks.name(base))),
        _ => ("merged common ancestors".to_owned(), "their common ancestors, merged".to_owned()),
    };
    Operation {
        kind: OperationKind::Merge,
        labels: Sides { base, ours: "HEAD".to_owned(), theirs: name.label },
        words: Sides {
            base: base_words,
            ours: branch_in_words(asks),
            theirs: format!("{}, which is merged in", name.called),
        },
        commits: Sides { base: bases.first().filter(|_| bases.len() == 1).cloned(), ours, theirs: Some(theirs) },
    }
}

/// What is merged: how git calls it, and how a person does.
struct Merged {
    label: String,
    called: String,
}

/// The name that was typed stands in the message that git proposes. Where that was `-m`, a name of the commit is the
/// best guess.
fn merged_name(asks: &Asks<'_>, commit: &str) -> Merged {
    let message = asks.line("MERGE_MSG").unwrap_or_default();
    let found = quoted(&message).find_map(|(name, rest)| match rest.strip_prefix(" of ") {
        Some(place) => {
            let place = place.rsplit_once(" into ").map_or(place, |(place, _)| place);
            Some(Merged { label: commit.to_owned(), called: format!("{name} of {place}") })
        }
        None if asks.commit(name).as_deref() != Some(commit) => None,
        None if was_pulled_from_here(asks, commit) => {
            Some(Merged { label: commit.to_owned(), called: name.to_owned() })
        }
        None => Some(Merged { label: name.to_owned(), called: name.to_owned() }),
    });
    let by_commit = || match asks.names_at(commit).into_iter().next() {
        Some(name) => Merged { label: name.clone(), called: name },
        None => Merged { label: commit.to_owned(), called: asks.name(commit) },
    };
    found.unwrap_or_else(by_commit)
}

/// `Merge branch 'NAME'REST`, for every quote at which the name may end.
fn quoted(message: &str) -> impl Iterator<Item = (&str, &str)> {
    let kinds = ["Merge branch '", "Merge remote-tracking branch '", "Merge tag '", "Merge commit '"];
    let named = kinds.iter().find_map(|kind| message.strip_prefix(kind)).unwrap_or_default();
    named.match_indices('\'').map(|(at, quote)| (&named[..at], &named[at + quote.len()..]))
}

/// `git pull . BRANCH`, and a branch that follows a local one: the message is that of `git merge BRANCH`, but git
/// calls the commit by its id.
fn was_pulled_from_here(asks: &Asks<'_>, commit: &str) -> bool {
    let fetched = asks.file("FETCH_HEAD").unwrap_or_default();
    fetched.lines().any(|line| line.starts_with(commit) && line.ends_with(" of ."))
}

/// The label of a merge that `rebase --rebase-merges` makes anew: the last command that it has begun.
fn rebased_merge(asks: &Asks<'_>) -> Option<String> {
    let done = asks.file("rebase-merge/done")?;
    let command = done.lines().rfind(|line| !line.trim().is_empty())?;
    let mut words = command.split(' ').skip_while(|word| *word != "merge").skip(1);
    let name = match words.next()? {
        "-C" | "-c" => words.nth(1)?,
        name => name,
    };
    let rewritten = format!("refs/rewritten/{name}");
    Some(if asks.commit(&rewritten).is_some() { rewritten } else { name.to_owned() })
}

fn cherry_pick(asks: &Asks<'_>, _: &SeenLabels) -> Option<Operation> {
    let commit = asks.commit("CHERRY_PICK_HEAD")?;
    // A rebase picks its commits, too.
    if asks.tree.git_dir().join("rebase-merge").is_dir() && asks.commit("REBASE_HEAD").as_ref() == Some(&commit) {
        return None;
    }
    Some(cherry_pick_of(asks, commit))
}

fn cherry_pick_of(asks: &Asks<'_>, commit: String) -> Operation {
    let name = asks.name(&commit);
    let words = Sides {
        base: format!("the commit before {name}"),
        ours: branch_in_words(asks),
        theirs: format!("commit {name}, which is picked"),
    };
    picked(asks, OperationKind::CherryPick, commit, words)
}

/// The labels of a commit that the sequencer puts onto another.
fn picked(asks: &Asks<'_>, kind: OperationKind, commit: String, words: Sides<String>) -> Operation {
    let name = asks.name(&commit);
    let parent = asks.parent(&commit);
    let base = if parent.is_some() { format!("parent of {name}") } else { "(empty tree)".to_owned() };
    Operation {
        kind,
        labels: Sides { base, ours: "HEAD".to_owned(), theirs: name },
        words,
        commits: Sides { base: parent, ours: asks.commit("HEAD"), theirs: Some(commit) },
    }
}

fn revert(asks: &Asks<'_>, _: &SeenLabels) -> Option<Operation> {
    Some(revert_of(asks, asks.commit("REVERT_HEAD")?))
}

fn revert_of(asks: &Asks<'_>, commit: String) -> Operation {
    let name = asks.name(&commit);
    let parent = asks.parent(&commit);
    let theirs = if parent.is_some() { format!("parent of {name}") } else { "(empty tree)".to_owned() };
    Operation {
        kind: OperationKind::Revert,
        labels: Sides { base: name.clone(), ours: "HEAD".to_owned(), theirs },
        words: Sides {
            base: format!("commit {name}, which is reverted"),
            ours: branch_in_words(asks),
            theirs: format!("the state before {name}"),
        },
        commits: Sides { base: Some(commit), ours: asks.commit("HEAD"), theirs: parent },
    }
}

fn rebase(asks: &Asks<'_>, _: &SeenLabels) -> Option<Operation> {
    let onto = asks.line("rebase-merge/onto")?;
    let commit = asks.commit("REBASE_HEAD").or_else(|| asks.commit(&asks.line("rebase-merge/stopped-sha")?))?;
    let words = rebase_words(asks, &onto, "rebase-merge/head-name", &commit);
    Some(picked(asks, OperationKind::Rebase, commit, words))
}

fn rebase_words(asks: &Asks<'_>, onto: &str, head_name: &str, commit: &str) -> Sides<String> {
    let own = asks.line(head_name).unwrap_or_default();
    let own = own.strip_prefix("refs/heads/").unwrap_or_default();
    let onto = asks.names_at(onto).into_iter().find(|name| name != own).unwrap_or_else(|| asks.name(onto));
    let name = asks.name(commit);
    Sides {
        base: format!("the commit before your commit {name}"),
        ours: format!("{onto}, which your commits are put onto"),
        theirs: format!("your commit {name}"),
    }
}

/// `git am --3way`, and `git rebase --apply`, which is made of it.
fn patch(asks: &Asks<'_>, _: &SeenLabels) -> Option<Operation> {
    let subject = asks.line("rebase-apply/final-commit")?;
    let base = if asks.version() >= (2, 50) { "constructed fake ancestor" } else { "constructed merge base" };
    let labels = Sides { base: base.to_owned(), ours: "HEAD".to_owned(), theirs: subject.clone() };
    let commit = asks.line("rebase-apply/original-commit").and_then(|commit| asks.commit(&commit));
    if let (Some(onto), Some(commit)) = (asks.line("rebase-apply/onto"), commit) {
        let words = rebase_words(asks, &onto, "rebase-apply/head-name", &commit);
        return Some(Operation { labels, ..picked(asks, OperationKind::Rebase, commit, words) });
    }
    let words = Sides {
        base: "what the patch was made for".to_owned(),
        ours: branch_in_words(asks),
        theirs: format!("the patch \"{subject}\", which is applied"),
    };
    Some(Operation { kind: OperationKind::Am, labels, words, commits: Sides::default() })
}

/// `cherry-pick --no-commit` and `revert --no-commit` may leave nothing but labels; a commit of this very name must be there.
fn picked_without_commit(asks: &Asks<'_>, seen: &SeenLabels) -> Option<Operation> {
    let label = seen.theirs.as_deref().filter(|_| has(&seen.ours, "HEAD"))?;
    let name = label.strip_prefix("parent of ").unwrap_or(label);
    let commit = asks.commit(name.split_once(" (")?.0).filter(|commit| asks.name(commit) == name)?;
    Some(if name == label { cherry_pick_of(asks, commit) } else { revert_of(asks, commit) })
}

fn branch_in_words(asks: &Asks<'_>) -> String {
    match (asks.branch(), asks.commit("HEAD")) {
        (Some(branch), _) => format!("your branch {branch}"),
        (None, Some(commit)) => format!("your commit {}", asks.name(&commit)),
        (None, None) => "your files".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merged_name_may_hold_quotes() {
        let found = |message| quoted(message).collect::<Vec<_>>();
        assert_eq!(found("Merge branch 'it's' into topic"), [("it", "s' into topic"), ("it's", " into topic")]);
        assert_eq!(found("Merge tag 'v1'"), [("v1", "")]);
        assert_eq!(found("my own 'words'"), []);
    }
}
