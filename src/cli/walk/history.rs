//! What was done, to be undone.

/// The steps of a walk. Of each, only what it changed of the file is kept: notebooks can be large.
#[derive(Default)]
pub(super) struct History {
    steps: Vec<Step>,
}

struct Step {
    /// Where the file before and the file after begin to differ.
    start: usize,
    /// What stood there before.
    before: Vec<u8>,
    /// How long is what stands there now.
    after: usize,
    /// How many conflicts had been skipped.
    passed: usize,
}

impl History {
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Remembers a step from one file to the next.
    pub(super) fn push(&mut self, before: &[u8], after: &[u8], passed: usize) {
        let same = |(one, other): &(&u8, &u8)| one == other;
        let start = before.iter().zip(after).take_while(same).count();
        let end = before[start..].iter().rev().zip(after[start..].iter().rev()).take_while(same).count();
        let changed = before[start..before.len() - end].to_vec();
        self.steps.push(Step { start, before: changed, after: after.len() - end - start, passed });
    }

    /// Forgets the last step; gives the file as it was before it, and how many conflicts had been skipped then.
    pub(super) fn pop(&mut self, now: &[u8]) -> Option<(Vec<u8>, usize)> {
        let Step { start, before, after, passed } = self.steps.pop()?;
        Some(([&now[..start], &before, &now[start + after..]].concat(), passed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_undone_in_turn() {
        let files = ["a", "", "xyz", "xyyz", "xyyz", "zz"];
        let mut history = History::default();
        for (passed, pair) in files.windows(2).enumerate() {
            history.push(pair[0].as_bytes(), pair[1].as_bytes(), passed);
        }
        let mut now = b"zz".to_vec();
        for (passed, file) in files[..5].iter().enumerate().rev() {
            assert_eq!(history.pop(&now), Some((file.as_bytes().to_vec(), passed)));
            now = file.as_bytes().to_vec();
        }
        assert!(history.is_empty() && history.pop(&now).is_none());
    }
}
