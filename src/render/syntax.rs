//! Colours for source code: keywords, literals and comments, line by line.

use std::ops::Range;

/// Dim, and not grey: what is grey to one terminal is the background to another.
const COMMENT: &str = "\x1b[2m";
/// Cyan and magenta can be read on dark and on light; red and green belong to the diff.
const LITERAL: &str = "\x1b[36m";
const KEYWORD: &str = "\x1b[35m";

/// Reads the lines of one source in order and says how to colour them.
#[derive(Debug, Clone)]
pub struct Highlighter {
    language: &'static Language,
    /// What began on an earlier line and has not ended.
    open: Option<&'static Stretch>,
}

impl Highlighter {
    /// For a language as kernels name it (`python`, `R`); `None` if it is not known here.
    #[must_use]
    pub fn new(language: &str) -> Option<Self> {
        let known = |known: &&Language| known.names.iter().any(|name| name.eq_ignore_ascii_case(language));
        LANGUAGES.iter().find(known).map(|language| Self { language, open: None })
    }

    /// The next line, without its newline: what to colour, ascending, each with the escape sequence to begin with.
    ///
    /// Whoever writes them ends each with a reset.
    pub fn line(&mut self, line: &[u8]) -> Vec<(Range<usize>, &'static str)> {
        let mut colours = Vec::new();
        let mut at = 0;
        while at < line.len() {
            let start = at;
            let begins = self.language.stretches.iter().find(|stretch| stretch.begins(line, at));
            let inside = self.open.map(|open| (open, at)).or(begins.map(|begins| (begins, at + begins.begin.len())));
            if let Some((stretch, from)) = inside {
                at = self.pass(stretch, line, from);
                colours.push((start..at, stretch.colour));
            } else if is_word(line[at]) {
                at = start + self.language.word(&line[start..]);
                colours.extend(self.language.colour(&line[start..at]).map(|colour| (start..at, colour)));
            } else {
                at += 1;
            }
        }
        colours
    }

    /// Where `stretch` ends or the line does.
    fn pass(&mut self, stretch: &'static Stretch, line: &[u8], mut at: usize) -> usize {
        self.open = None;
        while at < line.len() {
            match line[at] {
                b'\\' if stretch.escapes == Escapes::Backslash => at += 2,
                _ if !stretch.end.is_empty() && line[at..].starts_with(stretch.end) => return at + stretch.end.len(),
                _ => at += 1,
            }
        }
        self.open = (stretch.reach == Reach::Lines).then_some(stretch);
        line.len()
    }
}

/// What is coloured from one sign to another: a string, a comment.
#[derive(Debug)]
struct Stretch {
    begin: &'static [u8],
    /// Empty for the end of the line.
    end: &'static [u8],
    place: Place,
    escapes: Escapes,
    reach: Reach,
    colour: &'static str,
}

/// Where a stretch can begin.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Anywhere,
    /// Behind white space.
    Word,
    /// Where the line begins.
    Line,
}

/// Whether the sign that ends a stretch can stand in it.
#[derive(Debug, PartialEq, Eq)]
enum Escapes {
    Backslash,
    None,
}

/// How far a stretch goes that is not ended.
#[derive(Debug, PartialEq, Eq)]
enum Reach {
    Line,
    Lines,
}

impl Stretch {
    const fn comment(begin: &'static [u8]) -> Self {
        let (place, escapes, reach) = (Place::Anywhere, Escapes::None, Reach::Line);
        Self { begin, end: b"", place, escapes, reach, colour: COMMENT }
    }

    const fn comment_lines(begin: &'static [u8], end: &'static [u8]) -> Self {
        Self { end, reach: Reach::Lines, ..Self::comment(begin) }
    }

    const fn string(sign: &'static [u8]) -> Self {
        Self { end: sign, escapes: Escapes::Backslash, colour: LITERAL, ..Self::comment(sign) }
    }

    const fn string_lines(sign: &'static [u8]) -> Self {
        Self { reach: Reach::Lines, ..Self::string(sign) }
    }

    const fn raw_lines(sign: &'static [u8]) -> Self {
        Self { escapes: Escapes::None, ..Self::string_lines(sign) }
    }

    fn begins(&self, line: &[u8], at: usize) -> bool {
        let fits = match self.place {
            Place::Anywhere => true,
            Place::Word => at == 0 || line[at - 1].is_ascii_whitespace(),
            Place::Line => line[..at].trim_ascii().is_empty(),
        };
        fits && line[at..].starts_with(self.begin)
    }
}

#[derive(Debug)]
struct Language {
    /// As kernels and people call it.
    names: &'static [&'static str],
    /// Of two that can begin in one place the first does.
    stretches: &'static [Stretch],
    words: Words,
}

#[derive(Debug)]
enum Words {
    /// Numbers, and these keywords.
    Code(&'static [&'static str]),
    /// The same, in capitals or not.
    AnyCase(&'static [&'static str]),
    /// None of them is coloured.
    Prose,
}

impl Language {
    /// The length of the word or number that `line` begins with.
    fn word(&self, line: &[u8]) -> usize {
        let is_number = line[0].is_ascii_digit();
        let goes_on = |byte: &u8| is_word(*byte) || (is_number && *byte == b'.');
        line.iter().position(|byte| !goes_on(byte)).unwrap_or(line.len())
    }

    fn colour(&self, word: &[u8]) -> Option<&'static str> {
        let is_keyword = match self.words {
            Words::Code(keywords) => keywords.iter().any(|keyword| keyword.as_bytes() == word),
            Words::AnyCase(keywords) => keywords.iter().any(|keyword| keyword.as_bytes().eq_ignore_ascii_case(word)),
            Words::Prose => return None,
        };
        if word[0].is_ascii_digit() { Some(LITERAL) } else { is_keyword.then_some(KEYWORD) }
    }
}

fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80
}

static LANGUAGES: [Language; 6] = [
    Language {
        names: &["python", "python3", "ipython", "ipython3", "py"],
        stretches: &[
            Stretch::comment(b"#"),
            Stretch::string_lines(b"\"\"\""),
            Stretch::string_lines(b"'''"),
            Stretch::string(b"\""),
            Stretch::string(b"'"),
        ],
        words: Words::Code(&[
            "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
            "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
            "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
        ]),
    },
    Language {
        names: &["r", "ir"],
        stretches: &[Stretch::comment(b"#"), Stretch::string_lines(b"\""), Stretch::string_lines(b"'")],
        words: Words::Code(&[
            "FALSE", "Inf", "NA", "NULL", "NaN", "TRUE", "break", "else", "for", "function", "if", "in", "next",
            "repeat", "while",
        ]),
    },
    Language {
        names: &["julia"],
        // No single quotes: `A'` is a transposed matrix.
        stretches: &[
            Stretch::comment_lines(b"#=", b"=#"),
            Stretch::comment(b"#"),
            Stretch::string_lines(b"\"\"\""),
            Stretch::string_lines(b"\""),
        ],
        words: Words::Code(&[
            "abstract", "begin", "break", "catch", "const", "continue", "do", "else", "elseif", "end", "export",
            "false", "finally", "for", "function", "global", "if", "import", "in", "let", "local", "macro", "module",
            "mutable", "nothing", "quote", "return", "struct", "true", "try", "using", "where", "while",
        ]),
    },
    Language {
        names: &["sql", "postgresql", "mysql", "sqlite"],
        stretches: &[Stretch::comment(b"--"), Stretch::comment_lines(b"/*", b"*/"), Stretch::raw_lines(b"'")],
        words: Words::AnyCase(&[
            "all",
            "alter",
            "and",
            "as",
            "asc",
            "between",
            "by",
            "case",
            "create",
            "cross",
            "delete",
            "desc",
            "distinct",
            "drop",
            "else",
            "end",
            "exists",
            "false",
            "from",
            "full",
            "group",
            "having",
            "in",
            "inner",
            "insert",
            "into",
            "is",
            "join",
            "left",
            "like",
            "limit",
            "not",
            "null",
            "offset",
            "on",
            "or",
            "order",
            "outer",
            "over",
            "partition",
            "right",
            "select",
            "set",
            "table",
            "then",
            "true",
            "union",
            "update",
            "using",
            "values",
            "view",
            "when",
            "where",
            "with",
        ]),
    },
    Language {
        names: &["bash", "sh", "shell", "zsh"],
        stretches: &[
            // `$#` and `${x#y}` are no comments.
            Stretch { place: Place::Word, ..Stretch::comment(b"#") },
            Stretch::string_lines(b"\""),
            Stretch::raw_lines(b"'"),
        ],
        words: Words::Code(&[
            "case", "do", "done", "elif", "else", "esac", "exit", "export", "fi", "for", "function", "if", "in",
            "local", "return", "select", "then", "until", "while",
        ]),
    },
    Language {
        names: &["markdown", "md"],
        stretches: &[
            Stretch { place: Place::Line, colour: KEYWORD, ..Stretch::comment(b"#") },
            Stretch { place: Place::Line, ..Stretch::comment(b">") },
            Stretch { place: Place::Line, ..Stretch::raw_lines(b"```") },
            Stretch { reach: Reach::Line, ..Stretch::raw_lines(b"`") },
        ],
        words: Words::Prose,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines with `k‹…›`, `l‹…›` and `c‹…›` around keywords, literals and comments.
    fn coloured(language: &str, lines: &[&str]) -> Vec<String> {
        let mut highlighter = Highlighter::new(language).unwrap();
        let mut show = |line: &&str| {
            let mut shown = (*line).to_owned();
            for (range, colour) in highlighter.line(line.as_bytes()).into_iter().rev() {
                let letter = match colour {
                    KEYWORD => 'k',
                    LITERAL => 'l',
                    _ => 'c',
                };
                shown.insert(range.end, '›');
                shown.insert_str(range.start, &format!("{letter}‹"));
            }
            shown
        };
        lines.iter().map(&mut show).collect()
    }

    #[test]
    fn python_is_coloured() {
        assert_eq!(
            coloured("Python", &["import x1 as größe  # why", "s = f'it\\'s' + \"#\" if 1.5e3 else None"]),
            ["k‹import› x1 k‹as› größe  c‹# why›", "s = fl‹'it\\'s'› + l‹\"#\"› k‹if› l‹1.5e3› k‹else› k‹None›"],
        );
    }

    #[test]
    fn strings_go_over_lines_where_they_may() {
        assert_eq!(
            coloured("python", &["'''doc", "if # in", "", "end''' in x", "'open", "if"]),
            ["l‹'''doc›", "l‹if # in›", "", "l‹end'''› k‹in› x", "l‹'open›", "k‹if›"],
        );
        assert_eq!(
            coloured("bash", &["x='a\\' # $#", "echo \"$1", "fi\" ; fi"]),
            ["x=l‹'a\\'› c‹# $#›", "echo l‹\"$1›", "l‹fi\"› ; k‹fi›",]
        );
        assert_eq!(coloured("bash", &["echo $# ${x#y}"]), ["echo $# ${x#y}"]);
    }

    #[test]
    fn each_language_has_its_own_signs() {
        assert_eq!(coloured("R", &["f <- function(x) TRUE # y"]), ["f <- k‹function›(x) k‹TRUE› c‹# y›"]);
        assert_eq!(coloured("julia", &["B = A' #= x", "y =# end"]), ["B = A' c‹#= x›", "c‹y =#› k‹end›"]);
        assert_eq!(coloured("sql", &["Select 'it''s' -- all"]), ["k‹Select› l‹'it'›l‹'s'› c‹-- all›"]);
        assert_eq!(
            coloured("markdown", &["# Title", "for `x` and 1", "```py", "# no title", "```", "> said"]),
            ["k‹# Title›", "for l‹`x`› and 1", "l‹```py›", "l‹# no title›", "l‹```›", "c‹> said›"],
        );
    }

    #[test]
    fn other_languages_are_left_alone() {
        assert!(Highlighter::new("cobol").is_none());
    }

    #[test]
    fn a_backslash_at_the_end_of_a_line_is_no_way_out_of_it() {
        assert_eq!(Highlighter::new("python").unwrap().line(b"'x\\"), [(0..3, LITERAL)]);
    }
}
