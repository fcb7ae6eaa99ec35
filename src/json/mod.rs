//! Stage 1: JSON text as spans of the file it stands in.
//!
//! Nothing here builds a tree that would have to be written again. Reading gives slices of the input
//! ([`Member`], [`elements`]), a string is decoded only when somebody wants to see it ([`text`]), and
//! writing is copying the input with a few spans replaced ([`splice`]). That is why a file that nobody
//! changed comes out byte for byte, whatever its indentation, number spelling or escapes.
//!
//! The grammar is RFC 8259, as `serde_json` reads it, with what Python's `json` module writes on top: bare
//! `NaN`, `Infinity` and `-Infinity`, lone surrogates in `\u` escapes, duplicate keys and a leading BOM.

mod compare;
mod error;
mod like;
mod object;
mod scan;
mod scanner;
mod splice;
mod style;
pub mod text;

pub use compare::{canonical, same};
pub use error::SyntaxError;
pub use like::{Known, outline_like};
pub use object::{MemberChange, ObjectText, removals};
pub use scan::{Item, Member, Outline, elements, find, members, outline};
pub use splice::{Edit, pieces, position, splice};
pub use style::Style;
