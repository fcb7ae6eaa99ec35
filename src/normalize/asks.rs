//! Which cells ask `clean` to keep their outputs.

use crate::json;
use crate::notebook::{Cell, Notebook};

use super::keys::KeyRules;
use super::options::{CleanOptions, InitCells, Keep, Like};
use super::outputs::Wanted;
use super::policy::Place;

const KEEP_OUTPUT: &str = "keep_output";
const INIT_CELL: &str = "init_cell";
const TAGS: &str = "tags";

/// Who can ask for outputs to stay. A key that is dropped cannot, or the outputs would go the next time.
pub(super) struct Asks {
    /// The keys of cells that are listened to.
    heard: Vec<&'static str>,
    /// For cells that say nothing.
    otherwise: Wanted,
    like: Like,
}

impl Asks {
    pub(super) fn new(notebook: &Notebook<'_>, options: &CleanOptions, keys: &KeyRules<'_>) -> Self {
        let metadata = notebook.metadata().filter(|_| !keys.drops(Place::Notebook, KEEP_OUTPUT));
        let by_type = !options.keep_types.is_empty();
        let everywhere = options.keep_outputs == Keep::Everywhere && !by_type;
        let asked = everywhere || metadata.is_some_and(|raw| flag(raw, KEEP_OUTPUT) == Some(true));
        let heard = |key: &&str| match options.like {
            // It keeps outputs of these types alone, whoever asks.
            Like::Nbstripout if by_type => false,
            _ if *key == INIT_CELL && options.init_cells == InitCells::Strip => false,
            _ => !keys.drops(Place::Cell, key),
        };
        Self {
            heard: [KEEP_OUTPUT, INIT_CELL, TAGS].into_iter().filter(heard).collect(),
            otherwise: if asked && !(by_type && options.like == Like::Nbstripout) {
                Wanted::Asked
            } else {
                Wanted::Unasked
            },
            like: options.like,
        }
    }

    /// Whether `cell` asks to keep its outputs.
    pub(super) fn outputs_of(&self, cell: &Cell<'_>) -> Wanted {
        let Some(metadata) = cell.metadata().filter(|raw| raw.len() > "{}".len()) else {
            return self.otherwise;
        };
        let said = |key| if self.heard.contains(&key) { flag(metadata, key) } else { None };
        let tagged = || self.heard.contains(&TAGS) && cell.tags().iter().any(|tag| **tag == *KEEP_OUTPUT.as_bytes());
        let answer = match said(INIT_CELL) {
            Some(init) if init || self.like == Like::Nbstripout => Some(init),
            _ if tagged() => Some(true),
            _ => said(KEEP_OUTPUT),
        };
        match answer {
            Some(true) => Wanted::Asked,
            Some(false) => Wanted::Unasked,
            None => self.otherwise,
        }
    }
}

/// The value of a key that is `true` or `false`.
fn flag(object: &str, name: &str) -> Option<bool> {
    let raw = object.contains(name).then(|| json::find(&json::members(object), name)).flatten()?;
    raw.parse().ok()
}
