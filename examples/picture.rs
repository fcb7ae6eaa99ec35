//! Draws a terminal: standard input, with its colours, as an SVG on standard output. `examples/pictures` uses it.

use std::error::Error;
use std::io::{Read as _, Write as _, stdin, stdout};

use anstyle::{Color, RgbColor};
use anstyle_svg::{Palette, Term};

/// The width that a line of 80 columns takes.
const WIDTH: usize = 80 * 42 / 5;

const BACKGROUND: RgbColor = RgbColor(0x16, 0x1b, 0x22);
const FOREGROUND: RgbColor = RgbColor(0xd0, 0xd7, 0xde);

/// A terminal's sixteen colours: black, red, green, yellow, blue, magenta, cyan, white, and then bright.
const COLOURS: Palette = Palette([
    RgbColor(0x48, 0x4f, 0x58),
    RgbColor(0xff, 0x7b, 0x72),
    RgbColor(0x56, 0xd3, 0x64),
    RgbColor(0xe3, 0xb3, 0x41),
    RgbColor(0x79, 0xc0, 0xff),
    RgbColor(0xd2, 0xa8, 0xff),
    RgbColor(0x76, 0xe3, 0xea),
    RgbColor(0xb1, 0xba, 0xc4),
    RgbColor(0x6e, 0x76, 0x81),
    RgbColor(0xff, 0xa1, 0x98),
    RgbColor(0x7e, 0xe7, 0x87),
    RgbColor(0xf2, 0xcc, 0x60),
    RgbColor(0xa5, 0xd6, 0xff),
    RgbColor(0xe2, 0xc5, 0xff),
    RgbColor(0xb3, 0xf0, 0xff),
    RgbColor(0xff, 0xff, 0xff),
]);

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    let terminal = Term::new()
        .palette(COLOURS)
        .fg_color(Color::Rgb(FOREGROUND))
        .bg_color(Color::Rgb(BACKGROUND))
        .min_width_px(WIDTH);
    stdout().write_all(terminal.render_svg(text.trim_end()).as_bytes())?;
    Ok(())
}
