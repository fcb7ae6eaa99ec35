//! Packet lines: git's frames of up to 65516 bytes (gitprotocol-common(5)).

use std::io::{self, ErrorKind, Read, Write};

use super::ProtocolError;

/// The four hexadecimal digits before each packet, which count themselves.
const HEADER: usize = 4;

/// The most that git puts into one packet.
const MAX_DATA: usize = 65_516;

/// One packet.
pub(super) enum Packet<'b> {
    /// What it holds.
    Data(&'b [u8]),
    /// The end of a list or of a content.
    Flush,
    /// No packet: the stream has ended where one could begin.
    End,
}

/// Packets, read one after another.
pub(super) struct Packets<R> {
    input: R,
    data: Vec<u8>,
}

impl<R: Read> Packets<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, data: Vec::new() }
    }

    /// The next packet.
    pub(super) fn next(&mut self) -> Result<Packet<'_>, ProtocolError> {
        let Some(length) = self.length()? else {
            return Ok(Packet::End);
        };
        if length == 0 {
            return Ok(Packet::Flush);
        }
        // A packet tells at most 64 KiB, so no length can ask for much memory.
        self.data.resize(length - HEADER, 0);
        self.input.read_exact(&mut self.data)?;
        Ok(Packet::Data(&self.data))
    }

    /// The next packet's length with its header; 0 for a flush, `None` at the end of the stream.
    fn length(&mut self) -> Result<Option<usize>, ProtocolError> {
        let mut header = [0; HEADER];
        let first = loop {
            match self.input.read(&mut header) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        if first == 0 {
            return Ok(None);
        }
        self.input.read_exact(&mut header[first..])?;
        match number(header) {
            Some(length) if length == 0 || (HEADER..=HEADER + MAX_DATA).contains(&length) => Ok(Some(length)),
            _ => Err(ProtocolError::Length(header)),
        }
    }

    /// The lines up to the next flush, each given to `line` without its newline.
    pub(super) fn list(&mut self, mut line: impl FnMut(&[u8])) -> Result<(), ProtocolError> {
        loop {
            match self.next()? {
                Packet::Data(data) => line(data.strip_suffix(b"\n").unwrap_or(data)),
                Packet::Flush => return Ok(()),
                Packet::End => return Err(ProtocolError::Cut),
            }
        }
    }
}

fn number(header: [u8; HEADER]) -> Option<usize> {
    // `from_str_radix` alone would take a sign.
    let digits = header.iter().all(u8::is_ascii_hexdigit).then(|| str::from_utf8(&header).ok())??;
    usize::from_str_radix(digits, 16).ok()
}

/// Writes a list of lines, with its flush.
pub(super) fn write_list(output: &mut impl Write, lines: &[&str]) -> io::Result<()> {
    for line in lines {
        writeln!(output, "{:04x}{line}", HEADER + line.len() + 1)?;
    }
    write_flush(output)
}

/// Writes a content in as few packets as it takes, with its flush.
pub(super) fn write_content(output: &mut impl Write, content: &[u8]) -> io::Result<()> {
    for part in content.chunks(MAX_DATA) {
        write!(output, "{:04x}", HEADER + part.len())?;
        output.write_all(part)?;
    }
    write_flush(output)
}

fn write_flush(output: &mut impl Write) -> io::Result<()> {
    output.write_all(b"0000")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(stream: &[u8]) -> Result<Vec<String>, String> {
        let mut packets = Packets::new(stream);
        let mut found = Vec::new();
        loop {
            match packets.next().map_err(|error| error.to_string())? {
                Packet::Data(data) => found.push(String::from_utf8_lossy(data).into_owned()),
                Packet::Flush => found.push("flush".to_owned()),
                Packet::End => return Ok(found),
            }
        }
    }

    #[test]
    fn packets_are_read_as_git_writes_them() {
        assert_eq!(read(b"0006a\n000400000005x").unwrap(), ["a\n", "", "flush", "x"]);
        assert_eq!(read(b"000Ahello\n").unwrap(), ["hello\n"]);
        assert_eq!(read(b"").unwrap(), [""; 0]);
    }

    #[test]
    fn a_length_that_no_packet_has_is_refused() {
        for header in ["0001", "0003", "fff1", "ffff", "+004", " 004", "-001", "zzzz", "\u{1b}[2J"] {
            let error = read(header.as_bytes()).unwrap_err();
            assert!(error.starts_with("no packet can begin with "), "{error}");
        }
        assert_eq!(read(b"fff0").unwrap_err(), "git ended in the middle of a file");
        assert_eq!(read(b"00").unwrap_err(), "git ended in the middle of a file");
        assert_eq!(read(b"0006a").unwrap_err(), "git ended in the middle of a file");
    }

    #[test]
    fn a_large_content_goes_in_full_packets() {
        let mut out = Vec::new();
        write_content(&mut out, &vec![b'x'; 2 * MAX_DATA + 1]).unwrap();
        let sizes: Vec<usize> = read(&out).unwrap().iter().map(String::len).collect();
        assert_eq!(sizes, [MAX_DATA, MAX_DATA, 1, "flush".len()]);
    }
}
