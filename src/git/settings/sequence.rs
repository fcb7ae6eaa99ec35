//! git's names of colours, as escape sequences.

/// The escape sequence of a git colour such as `bold red #202020`; `None` if git would not know it.
pub(super) fn sequence(value: &str) -> Option<String> {
    let mut codes = Vec::new();
    let mut attributes = Vec::new();
    let mut colours = 0;
    for word in value.split_ascii_whitespace() {
        let word = word.to_ascii_lowercase();
        if word == "reset" {
            // git writes the reset as an empty parameter in front.
            codes.insert(0, String::new());
        } else if let Some(code) = attribute(&word) {
            attributes.push(code);
        } else {
            let base = *[30, 40].get(colours)?;
            colours += 1;
            codes.extend(colour(&word, base)?);
        }
    }
    attributes.sort_unstable();
    attributes.dedup();
    let at = usize::from(codes.first().is_some_and(String::is_empty));
    codes.splice(at..at, attributes.iter().map(u8::to_string));
    Some(match codes.is_empty() {
        true => String::new(),
        false => format!("\x1b[{}m", codes.join(";")),
    })
}

fn attribute(word: &str) -> Option<u8> {
    let (word, on) = match word.strip_prefix("no") {
        Some(rest) => (rest.strip_prefix('-').unwrap_or(rest), false),
        None => (word, true),
    };
    let (code, off) = match word {
        "bold" => (1, 22),
        "dim" => (2, 22),
        "italic" => (3, 23),
        "ul" => (4, 24),
        "blink" => (5, 25),
        "reverse" => (7, 27),
        "strike" => (9, 29),
        _ => return None,
    };
    Some(if on { code } else { off })
}

/// The parameter of a colour on a foreground (30) or background (40); the inner `None` is git's `normal`.
fn colour(word: &str, base: u32) -> Option<Option<String>> {
    const NAMES: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
    let index = |name: &str| NAMES.iter().position(|known| *known == name);
    if word == "normal" || word == "-1" {
        return Some(None);
    }
    if word == "default" {
        return Some(Some((base + 9).to_string()));
    }
    if let Some(digits) = word.strip_prefix('#') {
        return rgb(digits).map(|[red, green, blue]| Some(format!("{};2;{red};{green};{blue}", base + 8)));
    }
    let number = match word.strip_prefix("bright").and_then(index) {
        Some(bright) => bright + 8,
        None => index(word).or_else(|| word.parse().ok())?,
    };
    match u8::try_from(number).ok()? {
        plain @ 0..=7 => Some(Some((base + u32::from(plain)).to_string())),
        bright @ 8..=15 => Some(Some((base + 52 + u32::from(bright)).to_string())),
        other => Some(Some(format!("{};5;{other}", base + 8))),
    }
}

/// `rrggbb`, or `rgb` with each digit doubled.
fn rgb(digits: &str) -> Option<[u8; 3]> {
    let digits: Vec<u8> = digits
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    match digits.as_slice() {
        [r, g, b] => Some([r * 17, g * 17, b * 17]),
        [r, s, g, h, b, c] => Some([r * 16 + s, g * 16 + h, b * 16 + c]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn colours_are_written_as_git_writes_them() {
        for value in [
            "bold red",
            "reset",
            "reset red",
            "normal blue",
            "default",
            "#ff0000 bold",
            "brightred ul",
            "nobold red",
            "no-dim",
            "200 3",
            "10",
            "",
            "normal",
            "red bold ul strike reverse",
            "white brightblack",
        ] {
            let output = Command::new("git")
                .args(["-c", &format!("color.x={value}"), "config", "--get-color", "color.x"])
                .output()
                .unwrap();
            if !output.status.success() && ["reset red", "default"].contains(&value) {
                // git before 2.35 does not know these, and stops at them whatever it was asked.
                continue;
            }
            assert_eq!(sequence(value), Some(String::from_utf8(output.stdout).unwrap()), "{value}");
        }
        assert_eq!(sequence("redd"), None);
        assert_eq!(sequence("red green blue"), None);
        assert_eq!(sequence("#ff"), None);
        assert_eq!(sequence("300"), None);
    }
}
