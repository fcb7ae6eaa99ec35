//! Outputs as people read them: text by lines, all else by type, size and digest.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;

use crate::json::{self, text};
use crate::notebook::{Output, OutputKind};

use super::digest::Digest;
use super::mask::masked;
use super::size::{Pixels, Size};
use super::terminal::settled;
use super::word::push_word;

/// An output, or one mime type of it, for people.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReadableOutput {
    /// What it is: the name of a stream, a mime type, or `error` and the exception's name; without control characters.
    pub name: String,
    /// What it holds.
    pub content: OutputContent,
}

/// What an output holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OutputContent {
    /// Text: what a terminal would show of it in the end, with objects' addresses masked and without its last newline. It may
    /// still hold control characters: each line is to be shown by [`push_line`](super::push_line).
    Text(Vec<u8>),
    /// Anything else.
    Data {
        /// How many bytes it has; of an image those of its file.
        size: Size,
        /// Width and height, of an image.
        pixels: Option<Pixels>,
        /// Six hexadecimal digits.
        digest: String,
    },
    /// A view of a widget, whose id is another in each run.
    Widget,
}

impl OutputContent {
    /// What is said of it behind its name: `640x480 13.2 kB 5f3a91`; of a text nothing.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Data { size, pixels, digest } => {
                let pixels = pixels.map(|pixels| format!("{pixels} ")).unwrap_or_default();
                format!("{pixels}{size} {digest}")
            }
            Self::Text(_) | Self::Widget => String::new(),
        }
    }
}

/// LaTeX with more lines or bytes than this is shown as data.
const LONGEST_LATEX: (usize, usize) = (12, 1000);

/// All of `outputs` in order; neighbouring chunks of one stream are one.
///
/// Of an output in several mime types each is one; text comes last, and is left out where it only names the object
/// that another shows (`<Figure size 640x480 with 1 Axes>`). Counts and the metadata of outputs are left out.
#[must_use]
pub fn readable_outputs(outputs: &[Output<'_>]) -> Vec<ReadableOutput> {
    read(&outputs.iter().collect::<Vec<_>>())
}

/// The streams of `outputs`, sorted by name: all chunks of one name are one, wherever they stand.
#[must_use]
pub fn readable_streams(outputs: &[Output<'_>]) -> Vec<ReadableOutput> {
    let mut streams: Vec<&Output<'_>> = outputs.iter().filter(|output| is_stream(output)).collect();
    streams.sort_by_cached_key(|stream| stream.stream_name());
    read(&streams)
}

/// What of `outputs` are no streams, in order, as [`readable_outputs`] has them.
#[must_use]
pub fn readable_displays(outputs: &[Output<'_>]) -> Vec<ReadableOutput> {
    read(&outputs.iter().filter(|output| !is_stream(output)).collect::<Vec<_>>())
}

fn is_stream(output: &Output<'_>) -> bool {
    output.kind() == OutputKind::Stream
}

fn read(outputs: &[&Output<'_>]) -> Vec<ReadableOutput> {
    let mut readable = Vec::new();
    for chunk in outputs.chunk_by(are_of_one_stream) {
        match chunk[0].kind() {
            OutputKind::Stream => readable.push(read_stream(chunk)),
            OutputKind::ExecuteResult | OutputKind::DisplayData => read_bundle(chunk[0], &mut readable),
            OutputKind::Error => readable.push(read_error(chunk[0])),
            OutputKind::Other(kind) => {
                let name = if kind.starts_with('"') { word(&text::decode(kind)) } else { "unknown".to_owned() };
                readable.push(ReadableOutput { name, content: data(&json::canonical(chunk[0].raw), None) });
            }
        }
    }
    readable
}

fn are_of_one_stream(one: &&Output<'_>, next: &&Output<'_>) -> bool {
    is_stream(one) && is_stream(next) && one.stream_name() == next.stream_name()
}

/// Chunks of one stream; what is no text is shown as JSON.
fn read_stream(chunks: &[&Output<'_>]) -> ReadableOutput {
    let mut joined = Vec::new();
    for raw in chunks.iter().filter_map(|chunk| chunk.stream_text()) {
        joined.reserve(raw.len());
        if text::decode_multiline(raw, &mut joined).is_none() {
            joined.extend_from_slice(&json::canonical(raw));
        }
    }
    ReadableOutput { name: word(&chunks[0].stream_name()), content: settled_text(&joined) }
}

fn read_error(output: &Output<'_>) -> ReadableOutput {
    let (name, value) = (output.error_name(), output.error_value());
    let mut lines = output.traceback().join(&b'\n');
    if lines.is_empty() || !tells(&settled(&lines), &settled(&value)) {
        let said = joined(&name, b": ", &value);
        lines = joined(&lines, b"\n", &said);
    }
    ReadableOutput { name: format!("error {}", word(&name)), content: settled_text(&lines) }
}

/// Two texts with `between` them, if both say something.
fn joined(one: &[u8], between: &[u8], other: &[u8]) -> Vec<u8> {
    let between = if one.is_empty() || other.is_empty() { b"" } else { between };
    [one, between, other].concat()
}

/// Whether whole lines of a traceback, but for the exception's name, are what the error says.
fn tells(traceback: &[u8], value: &[u8]) -> bool {
    let value = without_place(value.trim_ascii());
    let ends_line = |at: usize| matches!(traceback[at..].first(), None | Some(b'\n' | b'\r'));
    let begins = |at: usize| at == 0 || traceback[..at].ends_with(b"\n") || traceback[..at].ends_with(b": ");
    value.is_empty() || memmem::find_iter(traceback, value).any(|at| begins(at) && ends_line(at + value.len()))
}

/// What a `SyntaxError` says without ` (3141.py, line 1)`, which its traceback tells in its own way.
fn without_place(value: &[u8]) -> &[u8] {
    let place = memmem::rfind(value, b" (")
        .filter(|at| value.ends_with(b")") && memmem::find(&value[*at..], b", line ").is_some());
    &value[..place.unwrap_or(value.len())]
}

fn read_bundle(output: &Output<'_>, readable: &mut Vec<ReadableOutput>) {
    let mut bundle = output.bundle();
    // The same in whatever order the kernel wrote it.
    bundle.sort_by(|(one, _), (other, _)| (&**one == PLAIN, one).cmp(&(&**other == PLAIN, other)));
    // Of a widget only the text tells anything.
    let is_shown = bundle.len() > 1 && !bundle.iter().any(|(mime, _)| mime.starts_with(WIDGET));
    for (mime, raw) in bundle {
        let content = read_data(&mime, raw);
        if !is_shown || &*mime != PLAIN || !is_placeholder(&content) {
            readable.push(ReadableOutput { name: word(&mime), content });
        }
    }
}

const PLAIN: &[u8] = b"text/plain";
const WIDGET: &[u8] = b"application/vnd.jupyter.widget-view";

/// Whether a text is empty or only names an object that is shown: `<Figure size 640x480 with 1 Axes>`,
/// `<PIL.Image.Image image mode=RGB size=3x2>`, `<IPython.core.display.HTML object>`, `<folium.Map at 0x…>`.
fn is_placeholder(content: &OutputContent) -> bool {
    let OutputContent::Text(text) = content else { return false };
    let text = text.trim_ascii();
    let Some(inside) = text.strip_prefix(b"<").and_then(|text| text.strip_suffix(b">")) else {
        return text.is_empty();
    };
    if inside.iter().any(|byte| b"\n<>".contains(byte)) {
        return false;
    }
    let is_image = inside.starts_with(b"Figure size ") || inside.starts_with(b"PIL.");
    let object = inside.strip_suffix(" at 0x…".as_bytes());
    let name = object.map_or_else(
        || inside.strip_suffix(b" object").filter(|name| name.starts_with(b"IPython.")),
        |object| Some(object.strip_suffix(b" object").unwrap_or(object)),
    );
    let is_name = |name: &[u8]| name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'));
    is_image || name.is_some_and(is_name)
}

/// One mime type of an output.
fn read_data(mime: &[u8], raw: &str) -> OutputContent {
    if mime.starts_with(WIDGET) {
        return OutputContent::Widget;
    }
    let mut decoded = Vec::with_capacity(if is_json(mime) { 0 } else { raw.len() });
    if is_json(mime) || text::decode_multiline(raw, &mut decoded).is_none() {
        return data(&json::canonical(raw), None);
    }
    match mime {
        b"text/html" | b"text/javascript" => data(&decoded, None),
        b"text/latex" if is_long(&decoded) => data(&decoded, None),
        b"image/svg+xml" => data(&decoded, Pixels::of_svg(&decoded)),
        _ if mime.starts_with(b"text/") && !mime.starts_with(b"text/vnd.") => settled_text(&decoded),
        _ if is_binary(mime) => {
            let file = decode_base64(&decoded);
            let file = file.as_deref().unwrap_or(&decoded);
            data(file, Pixels::of_image(file).filter(|_| mime.starts_with(b"image/")))
        }
        _ => data(&decoded, None),
    }
}

/// Whether data of this type stands in a notebook as the JSON value that it is: a string in it is a string.
fn is_json(mime: &[u8]) -> bool {
    mime == b"application/json" || mime.ends_with(b"+json")
}

fn is_long(latex: &[u8]) -> bool {
    let (lines, bytes) = LONGEST_LATEX;
    latex.len() > bytes || memchr::memchr_iter(b'\n', latex).count() >= lines
}

/// Whether data of this type stands in a notebook as base64.
fn is_binary(mime: &[u8]) -> bool {
    let families: [&[u8]; 5] = [b"image/", b"audio/", b"video/", b"application/pdf", b"application/octet-stream"];
    families.iter().any(|family| mime.starts_with(family)) && !mime.ends_with(b"+xml")
}

fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
    // Python's writing has line ends in it, or one behind it.
    let without_white = || text.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect::<Vec<u8>>();
    BASE64.decode(text.trim_ascii()).or_else(|_| BASE64.decode(without_white())).ok()
}

fn data(bytes: &[u8], pixels: Option<Pixels>) -> OutputContent {
    let mut digest = Digest::default();
    digest.add(bytes);
    OutputContent::Data { size: Size(bytes.len()), pixels, digest: digest.to_string() }
}

fn settled_text(text: &[u8]) -> OutputContent {
    let settled = masked(settled(text));
    OutputContent::Text(settled.strip_suffix(b"\n").unwrap_or(&settled).to_vec())
}

fn word(name: &[u8]) -> String {
    let mut word = Vec::new();
    push_word(name, &mut word);
    String::from_utf8_lossy(&word).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each output as its name, its summary and its text.
    fn read_all(outputs: &str) -> Vec<String> {
        let line = |output: ReadableOutput| match output.content {
            OutputContent::Text(text) => format!("{}|{}", output.name, String::from_utf8(text).unwrap()),
            content => format!("{} {}", output.name, content.summary()),
        };
        readable_outputs(&Output::list(outputs)).into_iter().map(line).collect()
    }

    fn bundle(data: &str) -> String {
        format!(r#"[{{"output_type": "display_data", "data": {data}, "metadata": {{}}}}]"#)
    }

    #[test]
    fn chunks_of_a_stream_are_one() {
        let chunk =
            |name: &str, text: &str| format!(r#"{{"output_type": "stream", "name": "{name}", "text": {text}}}"#);
        let chunks = [
            chunk("stdout", r#"["a\n", "b"]"#),
            chunk("stdout", r#""c\n""#),
            chunk("stderr", r#""\rd""#),
            chunk("stdout", "3"),
        ];
        assert_eq!(read_all(&format!("[{}]", chunks.join(","))), ["stdout|a\nbc", "stderr|d", "stdout|3"]);
    }

    #[test]
    fn streams_are_read_apart_from_the_rest_too() {
        let outputs = r#"[{"output_type": "stream", "text": "a"}, {"output_type": "stream", "name": "stderr", "text": "w"},
            {"output_type": "display_data", "data": {"text/plain": "5"}}, {"output_type": "stream", "text": "b"}]"#;
        let names = |read: Vec<ReadableOutput>| read.into_iter().map(|output| output.name).collect::<Vec<_>>();
        assert_eq!(names(readable_streams(&Output::list(outputs))), ["stderr", "stdout"]);
        assert_eq!(names(readable_displays(&Output::list(outputs))), ["text/plain"]);
    }

    #[test]
    fn an_error_says_what_its_traceback_does_not() {
        let error = |value: &str, traceback: &str| {
            read_all(&format!(
                r#"[{{"output_type": "error", "ename": "E", "evalue": {value}, "traceback": {traceback}}}]"#
            ))
        };
        for (value, traceback, shown) in [
            (r#""bad 5""#, r#"["x"]"#, "error E|x\nE: bad 5"),
            (r#""bad 5""#, r#"["x", "\u001b[31mE\u001b[0m: bad 5"]"#, "error E|x\nE: bad 5"),
            (r#""bad 5\n""#, r#"["bad 5\nTraceback:", "1. f()"]"#, "error E|bad 5\nTraceback:\n1. f()"),
            (r#""5""#, r#"["line 5 of", "E: 25"]"#, "error E|line 5 of\nE: 25\nE: 5"),
            (r#""bad (3.py, line 1)""#, r#"["E: bad"]"#, "error E|E: bad"),
            ("3", r#"["x", 4]"#, "error E|x\n4\nE: 3"),
            ("null", "[]", "error E|E"),
        ] {
            assert_eq!(error(value, traceback), [shown]);
        }
    }

    #[test]
    fn a_placeholder_goes_and_a_text_stays() {
        let png = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAAA=";
        assert_eq!(
            read_all(&bundle(&format!(r#"{{"text/plain": "<Figure size 3x2>", "image/png": "{png}\n"}}"#)))[..],
            ["image/png 3x2 29 B c8b129"]
        );
        assert_eq!(read_all(&bundle(r#"{"text/plain": "<Figure at 0x7f0011>"}"#)), ["text/plain|<Figure at 0x…>"]);
        let table = read_all(&bundle(r#"{"text/plain": " a\n1", "text/html": "<table>"}"#));
        assert!(table[0].starts_with("text/html 7 B ") && table[1] == "text/plain| a\n1", "{table:?}");
    }

    #[test]
    fn only_names_of_objects_are_placeholders() {
        let is_left_out =
            |text: &str| read_all(&bundle(&format!(r#"{{"text/plain": "{text}", "text/html": "<b>"}}"#))).len() == 1;
        for text in [
            "",
            "<Figure size 3.5x2 with 1 Axes>",
            "<IPython.core.display.HTML object>",
            "<IPython.core.display.HTML at 0x7f8b1c0d5e50>",
            "<__main__.A object at 0x7f8b1c0d5e50>",
            "<graphviz.graphs.Digraph at 0x7f8b1c0d5e50>\\n",
            "<PIL.Image.Image image mode=RGBA size=3x2>",
            "<PIL.Image.Image image mode=RGB size=3x2 at 0x7F8B1C0D5E50>",
        ] {
            assert!(is_left_out(text), "{text}");
        }
        for text in [
            "<Result 5>",
            "<p=0.01>",
            "<Quantity 5 yr>",
            "<Axes: title='x'>",
            "<loss 5 at 0x7f8b1c0d5e50>",
            "<physical object>",
            "<A object>",
            "<A at 0x7f8b1c0d5e50> <B at 0x7f8b1c0d5e50>",
        ] {
            assert!(!is_left_out(text), "{text}");
        }
        let widget = r#"{"application/vnd.jupyter.widget-view+json": {}, "text/plain": "<IPython.A object>"}"#;
        assert_eq!(read_all(&bundle(widget))[1..], ["text/plain|<IPython.A object>"]);
    }

    #[test]
    fn a_number_is_not_the_text_that_looks_like_it() {
        for (mime, one, other) in [
            ("application/json", "1", r#""1""#),
            ("application/geo+json", r#"["a", "b"]"#, r#""ab""#),
            ("text/plain", "5", "6"),
            ("text/plain", r#"["a", 5]"#, r#"["a", 6]"#),
        ] {
            let [one, other] = [one, other].map(|raw| read_all(&bundle(&format!(r#"{{"{mime}": {raw}}}"#))));
            assert_ne!(one, other);
        }
    }

    #[test]
    fn key_order_and_layout_of_json_do_not_count() {
        let [one, other] =
            [r#"{"a/b": {"x": 1, "y": [2]}}"#, r#"{"a/b": { "y":[2], "x":1 }}"#].map(|data| read_all(&bundle(data)));
        assert_eq!(one, other);
    }

    #[test]
    fn odd_outputs_are_shown_too() {
        let odd = read_all(
            r#"[{"output_type": "\u001b[31m x"}, {}, 7, {"output_type": "error"}, {"output_type": "display_data"}]"#,
        );
        assert!(odd[0].starts_with(r#""\u001b[31m x" "#), "{odd:?}");
        assert!(odd[1].starts_with("unknown ") && odd[2].starts_with("unknown 1 B "), "{odd:?}");
        assert_eq!(odd[3], "error \"\"|");
        assert_eq!(odd.len(), 4);
        let widget =
            bundle(r#"{"application/vnd.jupyter.widget-view+json": {"model_id": "8f"}, "text/plain": "Bar()"}"#);
        assert_eq!(read_all(&widget), ["application/vnd.jupyter.widget-view+json ", "text/plain|Bar()"]);
    }
}
