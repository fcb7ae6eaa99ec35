//! One output of a code cell.

use std::borrow::Cow;

use crate::json::{self, Member, text};

/// Members of an nbformat 2 or 3 output that are data of a mime type in nbformat 4.
pub(super) const MIME_OF: [(&str, &str); 9] = [
    ("text", "text/plain"),
    ("html", "text/html"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("jpeg", "image/jpeg"),
    ("latex", "text/latex"),
    ("json", "application/json"),
    ("javascript", "application/javascript"),
    ("pdf", "application/pdf"),
];

/// What an output is (`output_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind<'a> {
    /// What was printed.
    Stream,
    /// The value of the last expression (`pyout` in nbformat 2 and 3).
    ExecuteResult,
    /// What was displayed.
    DisplayData,
    /// An exception (`pyerr` in nbformat 2 and 3).
    Error,
    /// Any other type, as the raw JSON value; empty if missing.
    Other(&'a str),
}

/// An output, as a view of its raw members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output<'a> {
    /// All of it, raw.
    pub raw: &'a str,
    /// All members in file order.
    pub members: Vec<Member<'a>>,
}

impl<'a> Output<'a> {
    /// The outputs of the raw list `outputs`.
    #[must_use]
    pub fn list(outputs: &'a str) -> Vec<Self> {
        json::elements(outputs).into_iter().map(|raw| Self { raw, members: json::members(raw) }).collect()
    }

    /// The raw value of the member `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        json::find(&self.members, name)
    }

    /// The output's type.
    #[must_use]
    pub fn kind(&self) -> OutputKind<'a> {
        match self.get("output_type") {
            Some("\"stream\"") => OutputKind::Stream,
            Some("\"execute_result\"" | "\"pyout\"") => OutputKind::ExecuteResult,
            Some("\"display_data\"") => OutputKind::DisplayData,
            Some("\"error\"" | "\"pyerr\"") => OutputKind::Error,
            other => OutputKind::Other(other.unwrap_or_default()),
        }
    }

    /// The count of an `execute_result`, raw (`prompt_number` in nbformat 2 and 3).
    #[must_use]
    pub fn execution_count(&self) -> Option<&'a str> {
        self.get("execution_count").or_else(|| self.get("prompt_number"))
    }

    /// The name of a stream (`stream` in nbformat 2 and 3): `stdout` if it has none.
    #[must_use]
    pub fn stream_name(&self) -> Cow<'a, [u8]> {
        let name = self.get("name").or_else(|| self.get("stream")).filter(|raw| raw.starts_with('"'));
        name.map_or(Cow::Borrowed(b"stdout"), text::decode)
    }

    /// The text of a stream, raw: a string or a list of strings.
    #[must_use]
    pub fn stream_text(&self) -> Option<&'a str> {
        self.get("text")
    }

    /// The data by mime type, raw, in file order; in nbformat 2 and 3 they are members of the output itself.
    #[must_use]
    pub fn bundle(&self) -> Vec<(Cow<'a, [u8]>, &'a str)> {
        if let Some(data) = self.get("data") {
            return json::members(data).into_iter().map(|member| (member.name(), member.value)).collect();
        }
        let mime = |name: &[u8]| MIME_OF.iter().find(|(old, _)| old.as_bytes() == name).map(|(_, mime)| *mime);
        let named = self.members.iter().filter_map(|member| Some((mime(&member.name())?, member.value)));
        named.map(|(mime, value)| (Cow::Borrowed(mime.as_bytes()), value)).collect()
    }

    /// The name of an error's exception; empty if it has none, raw if it is no string.
    #[must_use]
    pub fn error_name(&self) -> Cow<'a, [u8]> {
        self.string("ename")
    }

    /// What an error says; empty if it says nothing, raw if it is no string.
    #[must_use]
    pub fn error_value(&self) -> Cow<'a, [u8]> {
        self.string("evalue")
    }

    /// The traceback of an error: its items, each of one line or several; raw if they are no strings.
    #[must_use]
    pub fn traceback(&self) -> Vec<Cow<'a, [u8]>> {
        let frames = self.get("traceback").map(json::elements).unwrap_or_default();
        frames.into_iter().map(string_or_raw).collect()
    }

    fn string(&self, name: &str) -> Cow<'a, [u8]> {
        self.get(name).filter(|raw| *raw != "null").map(string_or_raw).unwrap_or_default()
    }
}

fn string_or_raw(raw: &str) -> Cow<'_, [u8]> {
    if raw.starts_with('"') { text::decode(raw) } else { Cow::Borrowed(raw.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(raw: &str) -> Output<'_> {
        Output::list(raw).remove(0)
    }

    #[test]
    fn a_bundle_is_the_data_or_the_members_of_old() {
        let new = one(r#"[{"output_type": "display_data", "data": {"image/png": "aa", "text/plain": ["x"]}}]"#);
        let old = one(r#"[{"output_type": "pyout", "prompt_number": 3, "text": ["x"], "png": "aa", "metadata": {}}]"#);
        let names = |output: &Output<'_>| -> Vec<String> {
            output.bundle().iter().map(|(mime, raw)| format!("{} {raw}", String::from_utf8_lossy(mime))).collect()
        };
        assert_eq!(names(&new), [r#"image/png "aa""#, r#"text/plain ["x"]"#]);
        assert_eq!(names(&old), [r#"text/plain ["x"]"#, r#"image/png "aa""#]);
        assert_eq!((new.kind(), old.kind()), (OutputKind::DisplayData, OutputKind::ExecuteResult));
        assert_eq!(old.execution_count(), Some("3"));
    }

    #[test]
    fn streams_and_errors_of_all_versions_are_known() {
        for raw in
            [r#"[{"output_type": "stream", "name": "stderr"}]"#, r#"[{"output_type": "stream", "stream": "stderr"}]"#]
        {
            assert_eq!(*one(raw).stream_name(), *b"stderr");
        }
        assert_eq!(*one(r#"[{"output_type": "stream", "name": null}]"#).stream_name(), *b"stdout");
        let error = one(r#"[{"output_type": "pyerr", "ename": "E", "evalue": 3, "traceback": ["a\n", 4, "b"]}]"#);
        assert_eq!(
            (error.kind(), &*error.error_name(), &*error.error_value()),
            (OutputKind::Error, &b"E"[..], &b"3"[..])
        );
        assert_eq!(error.traceback(), [b"a\n".as_slice(), b"4", b"b"]);
    }

    #[test]
    fn anything_else_is_an_output_too() {
        let outputs = Output::list(r#"[{"output_type": 3}, {}, 7, null]"#);
        let kinds: Vec<_> = outputs.iter().map(Output::kind).collect();
        assert_eq!(
            kinds,
            [OutputKind::Other("3"), OutputKind::Other(""), OutputKind::Other(""), OutputKind::Other("")]
        );
        assert!(Output::list("{}").is_empty() && Output::list("null").is_empty());
    }
}
