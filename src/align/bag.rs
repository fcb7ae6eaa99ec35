//! The words of a cell, which tell how much two cells have in common.

use xxhash_rust::xxh3::xxh3_64;

use super::lines::filled_lines;

/// A cell's words, sorted, for counting what two cells share.
pub(super) struct Bag {
    words: Vec<Word>,
    /// How long the words are together, in bytes.
    pub(super) weight: u32,
    /// The lines that are no single word, each once.
    lines: Vec<Word>,
}

/// A word, or a line: its hash and, in the lowest bits, its length. One number is quickly sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word(u64);

impl Word {
    const LENGTH: u64 = (1 << 24) - 1;

    fn new(text: &[u8]) -> Self {
        Self::weighing(text.len(), text)
    }

    fn weighing(length: usize, text: &[u8]) -> Self {
        Self(xxh3_64(text) & !Self::LENGTH | (length as u64).min(Self::LENGTH))
    }

    /// The hash, in the upper bits.
    pub(super) fn hash(self) -> u64 {
        self.0 & !Self::LENGTH
    }

    fn length(self) -> u32 {
        (self.0 & Self::LENGTH) as u32
    }
}

impl Bag {
    pub(super) fn new(source: &[u8]) -> Self {
        let mut words = Vec::with_capacity(source.len() / 4);
        let runs = source.split(|byte| !is_word(*byte)).filter(|word| !word.is_empty());
        if source.is_ascii() {
            words.extend(runs.map(Word::new));
        } else {
            runs.for_each(|run| push_words(run, &mut words));
        }
        if words.is_empty() {
            // A source of punctuation only.
            words.extend(source.chunks(1).filter(|byte| !byte[0].is_ascii_whitespace()).map(Word::new));
        }
        words.shrink_to_fit();
        words.sort_unstable();
        let weight = words.iter().map(|word| word.length()).sum();
        let mut lines: Vec<Word> = filled_lines(source).map(Word::new).collect();
        lines.retain(|line| words.binary_search(line).is_err());
        lines.sort_unstable();
        lines.dedup();
        Self { words, weight, lines }
    }

    /// Lines and words, each once: what proposes partners.
    pub(super) fn features(&self) -> impl Iterator<Item = Word> {
        let words = self.words.chunk_by(|one, next| one == next).map(|equal| equal[0]);
        words.chain(self.lines.iter().copied())
    }

    /// Dice's coefficient over the words, each weighted by its length: 0 to 1.
    pub(super) fn similarity(&self, other: &Self) -> f64 {
        if self.weight + other.weight == 0 {
            return 1.0;
        }
        let (mut one, mut two) = (self.words.iter().peekable(), other.words.iter().peekable());
        let mut shared = 0;
        while let (Some(left), Some(right)) = (one.peek(), two.peek()) {
            match left.cmp(right) {
                std::cmp::Ordering::Less => drop(one.next()),
                std::cmp::Ordering::Greater => drop(two.next()),
                std::cmp::Ordering::Equal => {
                    shared += left.length();
                    one.next();
                    two.next();
                }
            }
        }
        f64::from(2 * shared) / f64::from(self.weight + other.weight)
    }
}

/// Cuts a run that may be of a script without spaces.
fn push_words(run: &[u8], words: &mut Vec<Word>) {
    let text = String::from_utf8_lossy(run);
    if !text.chars().any(is_unspaced) {
        return words.push(Word::new(run));
    }
    let characters: Vec<char> = text.chars().collect();
    for stretch in characters.chunk_by(|one, next| is_unspaced(*one) == is_unspaced(*next)) {
        if is_unspaced(stretch[0]) {
            push_pairs(stretch, words);
        } else {
            words.push(Word::new(stretch.iter().collect::<String>().as_bytes()));
        }
    }
}

/// Each character with the next, as search engines do: all texts in a language share many characters, but few pairs.
/// A pair weighs as much as its first character, so that a text weighs about as much as it has bytes.
fn push_pairs(characters: &[char], words: &mut Vec<Word>) {
    for at in 0..characters.len().saturating_sub(1).max(1) {
        let pair = &characters[at..characters.len().min(at + 2)];
        words.push(Word::weighing(characters[at].len_utf8(), pair.iter().collect::<String>().as_bytes()));
    }
}

/// Whether a character is of Chinese or Japanese: radicals, punctuation, kana, ideographs, wide forms.
fn is_unspaced(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{312f}' | '\u{3190}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

/// Letters, digits, `_` and all that is not ASCII.
const IN_WORDS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte == b'_' as usize || byte >= 0x80;
        byte += 1;
    }
    table
};

fn is_word(byte: u8) -> bool {
    IN_WORDS[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::similar::{ALONE, IN_PLACE, SAME_ID};

    fn similarity(one: &str, other: &str) -> f64 {
        Bag::new(one.as_bytes()).similarity(&Bag::new(other.as_bytes()))
    }

    #[test]
    fn texts_without_spaces_are_alike_as_far_as_they_are() {
        for (one, other) in [
            ("このデータは札幌の気温です", "このデータは東京の気温です"),
            ("我们用这个模型预测房价。", "我们用这个方法预测房价。"),
            ("# 温度の計算", "# 湿度の計算"),
        ] {
            assert!(similarity(one, other) >= IN_PLACE, "{one}: {}", similarity(one, other));
        }
        for (one, other) in [
            ("このデータは札幌の気温です", "次の関数で結果を図に表示しましょう"),
            ("我们用这个模型预测房价。", "先安装需要的软件包，然后运行。"),
        ] {
            assert!(similarity(one, other) < ALONE, "{one}: {}", similarity(one, other));
        }
        assert!((similarity("図", "図") - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn words_with_spaces_stay_whole() {
        assert!(similarity("größe Zähler", "größer Zahl") < SAME_ID);
        assert!(similarity("модель", "модуль") < SAME_ID);
        assert_eq!(Bag::new("데이터 세트".as_bytes()).words.len(), 2);
        assert_eq!(Bag::new("df図表2".as_bytes()).words.len(), 3);
        assert_eq!(Bag::new(b"\xff\xfe \xed\xa0\x80").words.len(), 2);
    }
}
