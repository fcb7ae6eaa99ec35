//! Outputs as people read them: text by lines, all else by type, size and digest.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

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
    /// Text: what a terminal would show of it in the end, with addresses masked and without its last newline. It may
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

/// The outputs of the raw list `outputs`, in order; neighbouring chunks of one stream are one.
///
/// Of an output in several mime types each is one; text comes last, and is left out where it only names the object
/// that another shows (`<Figure size 640x480 with 1 Axes>`). Counts and the metadata of outputs are left out.
#[must_use]
pub fn readable_outputs(outputs: &str) -> Vec<ReadableOutput> {
    let outputs = Output::list(outputs);
    let mut readable = Vec::new();
    for chunk in outputs.chunk_by(are_of_one_stream) {
        match chunk[0].kind() {
            OutputKind::Stream => readable.push(read_stream(chunk)),
            OutputKind::ExecuteResult | OutputKind::DisplayData => read_bundle(&chunk[0], &mut readable),
            OutputKind::Error => readable.push(read_error(&chunk[0])),
            OutputKind::Other(kind) => {
                let name = if kind.starts_with('"') { word(&text::decode(kind)) } else { "unknown".to_owned() };
                readable.push(ReadableOutput { name, content: data(&json::canonical(chunk[0].raw), None) });
            }
        }
    }
    readable
}

fn are_of_one_stream(one: &Output<'_>, next: &Output<'_>) -> bool {
    [one.kind(), next.kind()] == [OutputKind::Stream; 2] && one.stream_name() == next.stream_name()
}

/// Chunks of one stream.
fn read_stream(chunks: &[Output<'_>]) -> ReadableOutput {
    let mut joined = Vec::new();
    for raw in chunks.iter().filter_map(Output::stream_text) {
        text::decode_multiline(raw, &mut joined);
    }
    ReadableOutput { name: word(&chunks[0].stream_name()), content: settled_text(&joined) }
}

fn read_error(output: &Output<'_>) -> ReadableOutput {
    let (name, value) = (output.error_name(), output.error_value());
    let mut lines = output.traceback().join(&b'\n');
    if lines.is_empty() {
        lines = [&*name, &*value].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(&b": "[..]);
    }
    ReadableOutput { name: format!("error {}", word(&name)), content: settled_text(&lines) }
}

fn read_bundle(output: &Output<'_>, readable: &mut Vec<ReadableOutput>) {
    let mut bundle = output.bundle();
    // The same in whatever order the kernel wrote it.
    bundle.sort_by(|(one, _), (other, _)| (&**one == PLAIN, one).cmp(&(&**other == PLAIN, other)));
    let is_alone = bundle.len() == 1;
    for (mime, raw) in bundle {
        let content = read_data(&mime, raw);
        if is_alone || &*mime != PLAIN || !is_placeholder(&content) {
            readable.push(ReadableOutput { name: word(&mime), content });
        }
    }
}

const PLAIN: &[u8] = b"text/plain";

/// Whether a text only names an object: `<Figure size 640x480 with 1 Axes>`.
fn is_placeholder(content: &OutputContent) -> bool {
    let OutputContent::Text(text) = content else { return false };
    let text = text.trim_ascii();
    text.is_empty() || (text.starts_with(b"<") && text.ends_with(b">") && !text.contains(&b'\n'))
}

/// One mime type of an output.
fn read_data(mime: &[u8], raw: &str) -> OutputContent {
    if mime.starts_with(b"application/vnd.jupyter.widget-view") {
        return OutputContent::Widget;
    }
    let mut decoded = Vec::new();
    if text::decode_multiline(raw, &mut decoded).is_none() {
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
    // Python's writing has line ends in it.
    let digits: Vec<u8> = text.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
    BASE64.decode(digits).ok()
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
    fn read(outputs: &str) -> Vec<String> {
        let line = |output: ReadableOutput| match output.content {
            OutputContent::Text(text) => format!("{}|{}", output.name, String::from_utf8(text).unwrap()),
            content => format!("{} {}", output.name, content.summary()),
        };
        readable_outputs(outputs).into_iter().map(line).collect()
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
        assert_eq!(read(&format!("[{}]", chunks.join(","))), ["stdout|a\nbc", "stderr|d", "stdout|"]);
    }

    #[test]
    fn a_placeholder_goes_and_a_text_stays() {
        let png = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAAA=";
        assert_eq!(
            read(&bundle(&format!(r#"{{"text/plain": "<Figure>", "image/png": "{png}\n"}}"#)))[..],
            ["image/png 3x2 29 B c8b129"]
        );
        assert_eq!(read(&bundle(r#"{"text/plain": "<Figure at 0x7f0011>"}"#)), ["text/plain|<Figure at 0x…>"]);
        let table = read(&bundle(r#"{"text/plain": " a\n1", "text/html": "<table>"}"#));
        assert!(table[0].starts_with("text/html 7 B ") && table[1] == "text/plain| a\n1", "{table:?}");
    }

    #[test]
    fn key_order_and_layout_of_json_do_not_count() {
        let [one, other] =
            [r#"{"a/b": {"x": 1, "y": [2]}}"#, r#"{"a/b": { "y":[2], "x":1 }}"#].map(|data| read(&bundle(data)));
        assert_eq!(one, other);
    }

    #[test]
    fn odd_outputs_are_shown_too() {
        let odd = read(
            r#"[{"output_type": "\u001b[31m x"}, {}, 7, {"output_type": "error"}, {"output_type": "display_data"}]"#,
        );
        assert!(odd[0].starts_with(r#""\u001b[31m x" "#), "{odd:?}");
        assert!(odd[1].starts_with("unknown ") && odd[2].starts_with("unknown 1 B "), "{odd:?}");
        assert_eq!(odd[3], "error \"\"|");
        assert_eq!(odd.len(), 4);
        let widget =
            bundle(r#"{"application/vnd.jupyter.widget-view+json": {"model_id": "8f"}, "text/plain": "Bar()"}"#);
        assert_eq!(read(&widget), ["application/vnd.jupyter.widget-view+json ", "text/plain|Bar()"]);
    }
}
