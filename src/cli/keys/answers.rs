//! The answers that a question has.

/// Answers in the order of the prompt: the key of each, and what it does, for people.
pub(in super::super) struct Answers<A>(Vec<(char, A, String)>);

impl<A: Copy> Answers<A> {
    /// Their keys, as a prompt shows them: `y,n,q,?`.
    pub(in super::super) fn keys(&self) -> String {
        let keys: Vec<String> = self.0.iter().map(|(key, ..)| key.to_string()).collect();
        keys.join(",")
    }

    /// What a key stands for here, if anything.
    pub(in super::super) fn answer(&self, typed: char) -> Option<A> {
        self.0.iter().find(|(key, ..)| *key == typed).map(|(_, answer, _)| *answer)
    }

    /// One line for each key.
    pub(in super::super) fn help(&self) -> String {
        let lines: Vec<String> = self.0.iter().map(|(key, _, words)| format!("{key} - {words}")).collect();
        lines.join("\n")
    }
}

impl<A, W: Into<String>> FromIterator<(char, A, W)> for Answers<A> {
    fn from_iter<I: IntoIterator<Item = (char, A, W)>>(answers: I) -> Self {
        Self(answers.into_iter().map(|(key, answer, words)| (key, answer, words.into())).collect())
    }
}
