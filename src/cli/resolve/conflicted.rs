//! A notebook with conflicts: its file, and the versions that were merged.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use cellwise::file::{self, Input};
use cellwise::git::command::shell_quoted;
use cellwise::git::merge_file::{Labels, LineDiff, Markers, text_merge_bytes};
use cellwise::git::unmerged::{IndexState, UnmergedPath, WorkTree};
use cellwise::merge::{ConflictStyle, MergeOptions, Side, Sides};
use cellwise::notebook::{Notebook, ReadError};
use cellwise::resolve::text_markers::{TextMarkers, Versions};
use cellwise::resolve::{
    Remerge, Salvaged, Shape, labels, left_over, open_conflicts, salvage, versions_to_merge, without_stale_records,
};

use super::super::merge_options::{Project, Wishes, marker_size_of};
use super::super::output;

/// A notebook that was named, or that the index calls unmerged.
pub(in super::super) struct Conflicted {
    /// The file, from the current folder.
    pub(super) path: PathBuf,
    /// What it holds; `None` if it is not there.
    pub(super) bytes: Option<Vec<u8>>,
    /// What the index knows of it.
    pub(super) entry: Option<UnmergedPath>,
    /// The versions that were merged, or why they cannot be had.
    versions: Result<Sides<Option<Vec<u8>>>, String>,
    /// What became of git's markers between the lines of its JSON.
    text: Text,
    /// What of the versions between its markers could not be read, for a person.
    unread: Option<String>,
    /// What is to be done where the index has a side as a file with nothing in it.
    emptied: Option<String>,
}

/// git's markers between the lines of a file's JSON.
enum Text {
    None,
    /// What they call the versions.
    Markers(Sides<Option<String>>),
    /// Why what stands between them cannot be used.
    Damaged(String),
}

impl Conflicted {
    /// Reads the file, and what `work_tree` has of it.
    pub(super) fn read(path: &Path, entry: Option<UnmergedPath>, work_tree: Option<&WorkTree>) -> anyhow::Result<Self> {
        // A pipe would make us wait, for what cannot be written back.
        if path.metadata().is_ok_and(|file| !file.is_file()) {
            bail!("{}: not a regular file", output::name(path));
        }
        let bytes = match Input::owned(path) {
            Ok(input) => Some(input.to_vec()),
            Err(error) if error.is_missing() && entry.is_some() => None,
            Err(error) => return Err(error.into()),
        };
        let (versions, emptied) = match (&entry, work_tree) {
            (Some(entry), Some(work_tree)) => {
                let files = work_tree.read(entry).with_context(|| output::name(&entry.typed))?;
                let emptied = emptied(&files).map(|side| take_whole(side, entry, &output::name(path)));
                (emptied.clone().map_or_else(|| versions_in_index(files), Err), emptied)
            }
            _ => (Err("git does not have the versions that were merged (any more)".to_owned()), None),
        };
        let path = path.to_owned();
        Ok(Self { path, bytes, entry, versions, text: Text::None, unread: None, emptied }.taken_apart())
    }

    /// A file whose versions somebody hands over: what git gives its merge tools.
    pub(in super::super) fn given(path: &Path, files: Sides<Option<Vec<u8>>>) -> anyhow::Result<Self> {
        let bytes = Some(Input::owned(path)?.to_vec());
        let versions = versions_to_merge(files).map_err(|error| error.to_string());
        let path = path.to_owned();
        Ok(Self { path, bytes, entry: None, versions, text: Text::None, unread: None, emptied: None }.taken_apart())
    }

    /// Takes a file apart that holds git's text markers. The versions in the index are better than those between the markers,
    /// unless somebody has worked on the text.
    fn taken_apart(mut self) -> Self {
        let Some(ReadError::ConflictMarkers { .. }) = self.unreadable() else { return self };
        if let Some(advice) = self.emptied.clone() {
            return Self { text: Text::Damaged(advice), ..self };
        }
        let markers = match TextMarkers::read(self.bytes.as_deref().unwrap_or_default()) {
            Ok(markers) => markers,
            Err(damage) => return Self { text: Text::Damaged(damage.to_string()), ..self },
        };
        // `merge -s resolve` gives away the names of its temporary files.
        let is_name = |label: &&[u8]| !label.is_empty() && !label.starts_with(b".merge_file_");
        let text = |label: &[u8]| String::from_utf8_lossy(label).into_owned();
        let labels = markers.labels().map(|labels| labels.map(|label| label.filter(is_name).map(text)));
        let is_untouched = self.versions.as_ref().is_ok_and(|versions| is_made_of(&markers, versions));
        if !is_untouched {
            match versions_between(&markers, self.versions.as_ref().ok()) {
                Err(reason) if self.versions.is_ok() => return Self { text: Text::Damaged(reason), ..self },
                Err(reason) => match salvage(&markers) {
                    Some(Salvaged { versions, unread }) => {
                        self.unread = Some(what_is_text(&reason, &unread));
                        self.versions = Ok(versions.map(Some));
                    }
                    None => self.versions = Err(reason),
                },
                between => self.versions = between,
            }
        }
        Self { text: Text::Markers(labels.unwrap_or_default()), ..self }
    }

    /// As messages name it.
    pub(in super::super) fn name(&self) -> String {
        output::name(&self.path)
    }

    /// Whether the index waits for it to be staged.
    pub(super) fn is_unmerged(&self) -> bool {
        self.entry.as_ref().is_some_and(|entry| entry.state == IndexState::Unmerged)
    }

    /// Whether there is something to do even if nothing is open in it.
    pub(super) fn waits(&self) -> bool {
        self.is_unmerged() || self.holds_text_markers() || self.holds_stale_records()
    }

    /// Whether somebody settled a conflict by hand, and its record is still there.
    pub(super) fn holds_stale_records(&self) -> bool {
        self.notebook().is_some_and(|notebook| without_stale_records(&notebook).is_some())
    }

    /// What its own markers call the versions.
    pub(super) fn labels(&self) -> Sides<Option<String>> {
        match &self.text {
            Text::Markers(labels) => labels.clone(),
            _ => self.notebook().map(|notebook| labels(&notebook)).unwrap_or_default(),
        }
    }

    /// How it was merged. What the file's own markers call the versions counts more than `names`.
    pub(in super::super) fn options(&self, names: &Sides<String>) -> anyhow::Result<MergeOptions> {
        options_of(&self.path, self.notebook().as_ref(), self.labels(), names)
    }

    /// The merge once more, or why it cannot be had.
    pub(in super::super) fn remerge(&self, options: &MergeOptions) -> Result<Remerge<'_>, String> {
        Remerge::new(self.versions.as_ref().map_err(Clone::clone)?, options).map_err(|error| error.to_string())
    }

    /// The notebook to settle conflicts in: the file, or what it would be had cellwise merged it.
    pub(in super::super) fn conflicted<'s>(
        &'s self,
        remerge: &'s Result<Remerge<'_>, String>,
    ) -> anyhow::Result<&'s [u8]> {
        const AGAIN: &str = "`cellwise resolve --restart` writes the conflicts anew";
        if let Some(cell) = remerge.as_ref().ok().and_then(|remerge| self.lost_markers(remerge)) {
            bail!(
                "cell {cell}: conflict markers are left in its text, without their record: edit them out; or {AGAIN}"
            );
        }
        match (&self.text, remerge, self.unreadable()) {
            (Text::Markers(_), Ok(remerge), _) => Ok(&remerge.outcome.bytes),
            (Text::Markers(_), Err(reason), _) => {
                bail!("git's conflict markers stand between the lines of the JSON, and {reason}; {}", self.way_out())
            }
            (Text::Damaged(damage), Ok(_), _) => bail!("{damage}; {AGAIN}"),
            (Text::Damaged(damage), Err(_), _) if self.emptied.is_some() => bail!("{damage}"),
            (Text::Damaged(damage), Err(_), _) => bail!("{damage}; {}", self.way_out()),
            (Text::None, Ok(_), Some(error)) => bail!("{error}; {AGAIN}"),
            (Text::None, Err(_), Some(error)) => bail!(error),
            (Text::None, _, None) => self.bytes.as_deref().with_context(|| format!("the file is gone; {AGAIN}")),
        }
    }

    /// What is left to do where its conflicts cannot be taken apart.
    fn way_out(&self) -> String {
        match &self.entry {
            Some(entry) => one_side_whole(entry, &self.name()),
            None => "edit its text by hand".to_owned(),
        }
    }

    /// The cell of an unmerged file, from 1, in which markers are left that nobody has a record of.
    fn lost_markers(&self, remerge: &Remerge<'_>) -> Option<usize> {
        let notebook = self.notebook().filter(|_| self.is_unmerged())?;
        left_over(&notebook, &[remerge.ours.bytes, remerge.theirs.bytes]).first().copied()
    }

    /// What of the versions between its markers could not be read, for a person; `None` if all of it could.
    pub(super) fn unread(&self) -> Option<&str> {
        self.unread.as_deref()
    }

    /// Whether git's markers stand between the lines of its JSON.
    pub(in super::super) fn holds_text_markers(&self) -> bool {
        matches!(self.text, Text::Markers(_))
    }

    /// Whether it is one side's version whole, line ends aside.
    pub(in super::super) fn is_a_version(&self, remerge: &Remerge<'_>) -> bool {
        let plain = |bytes: &[u8]| bytes.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<_>>();
        let file = self.bytes.as_deref().map(plain);
        [&remerge.ours, &remerge.theirs].iter().any(|side| file.as_ref() == Some(&plain(side.bytes)))
    }

    /// Refuses a file that is one side's version, though the sides collide: nobody has merged it (`-merge` or `binary` in
    /// the attributes, `git checkout --ours`), and staging it would drop the other's.
    pub(super) fn not_a_version(&self, remerge: &Remerge<'_>) -> anyhow::Result<()> {
        let is_settled = self.entry.is_some() && !self.is_unmerged();
        if is_settled || remerge.outcome.conflicts.is_empty() || !self.is_a_version(remerge) {
            return Ok(());
        }
        bail!(
            "it is one side's version, unmerged: take it with `git add`, or merge it with `cellwise resolve --restart`"
        )
    }

    /// The file, if it is a notebook.
    pub(super) fn notebook(&self) -> Option<Notebook<'_>> {
        Notebook::read(self.bytes.as_deref()?).ok()
    }

    /// Why the file is no notebook.
    fn unreadable(&self) -> Option<ReadError> {
        Notebook::read(self.bytes.as_deref()?).err()
    }

    /// Puts `bytes` in the place of what was read.
    pub(super) fn write(&mut self, bytes: Vec<u8>) -> anyhow::Result<()> {
        if let Some(entry) = &self.entry
            && leads_away(&self.path, &entry.path)
        {
            bail!("a symbolic link is in the way, and what it leads to is not what was merged");
        }
        if self.bytes.as_ref() != Some(&bytes) {
            file::refuse_read_only(&self.path)?;
        }
        match &self.bytes {
            Some(old) if *old == bytes => return Ok(()),
            Some(old) => file::replace_unchanged(&self.path, old, &bytes)?,
            None => {
                if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    fs::create_dir_all(folder).with_context(|| output::name(folder))?;
                }
                file::replace(&self.path, &bytes)?;
            }
        }
        self.bytes = Some(bytes);
        Ok(())
    }
}

/// Whether a link stands on the way from the top of the work tree to the file; `tracked` is its path from there.
fn leads_away(path: &Path, tracked: &Path) -> bool {
    path.ancestors().take(tracked.components().count()).any(Path::is_symlink)
}

/// How the merge was done that left a file in conflict, as far as its markers and git's settings tell.
///
/// # Errors
/// The project's configuration cannot be looked for.
pub(in super::super) fn options_of(
    path: &Path,
    notebook: Option<&Notebook<'_>>,
    shown: Sides<Option<String>>,
    names: &Sides<String>,
) -> anyhow::Result<MergeOptions> {
    let open = notebook.map(open_conflicts).unwrap_or_default();
    let shows_base = open.iter().find_map(|open| match &open.shape {
        Some(Shape::Lines(hunks)) => hunks.first().map(|hunk| hunk.base.is_some()),
        _ => None,
    });
    // Those of one conflict may be longer, where a line of it looks like a marker.
    let asked = marker_size_of(&path.to_string_lossy());
    let marker_size = open.iter().map(|open| open.marker_size).chain([asked]).min().unwrap_or(asked);
    let wishes = Wishes {
        labels: Sides {
            base: shown.base.unwrap_or_else(|| names.base.clone()),
            ours: shown.ours.unwrap_or_else(|| names.ours.clone()),
            theirs: shown.theirs.unwrap_or_else(|| names.theirs.clone()),
        },
        marker_size,
        outputs: None,
        insert: None,
        style: None,
        project: Project::Conflicted(path.to_owned()),
    };
    let plan = wishes.plan()?;
    let style = match (shows_base, plan.style()) {
        (Some(false), _) => ConflictStyle::Merge,
        (Some(true), ConflictStyle::Merge) => ConflictStyle::Diff3,
        (_, configured) => configured,
    };
    Ok(MergeOptions { style, ..plan.options })
}

/// The versions of the index as a merge takes them, or why it cannot take them.
fn versions_in_index(files: Sides<Option<Vec<u8>>>) -> Result<Sides<Option<Vec<u8>>>, String> {
    if files.ours.is_none() || files.theirs.is_none() {
        return Err("one side has no such file".to_owned());
    }
    versions_to_merge(files).map_err(|error| error.to_string())
}

/// The side whose file has nothing in it: between git's markers it looks as if it had no part in the conflict.
fn emptied(files: &Sides<Option<Vec<u8>>>) -> Option<Side> {
    let is_empty = |side: &Side| files.of(*side).as_ref().is_some_and(|bytes| bytes.trim_ascii().is_empty());
    [Side::Ours, Side::Theirs].into_iter().find(is_empty)
}

/// What is said of a file that one side has emptied.
fn take_whole(emptied: Side, entry: &UnmergedPath, name: &str) -> String {
    let whose = if emptied == Side::Ours { "our" } else { "their" };
    format!("{whose} side is an empty file, and no conflict in cells: {}", one_side_whole(entry, name))
}

/// How to take a side whole. What is staged has to be made unmerged again before git gives out a side of it.
fn one_side_whole(entry: &UnmergedPath, name: &str) -> String {
    let name = shell_quoted(name);
    let again = match entry.state {
        IndexState::Unmerged => String::new(),
        _ => format!("`git checkout -m {name}` and then "),
    };
    format!(
        "take one side whole with {again}`git checkout --ours {name}` or `git checkout --theirs {name}`, then `git add {name}`"
    )
}

/// Whether git made the text of these versions, and nobody has touched it: each side of its conflicts is what git's line
/// merge gives.
fn is_made_of(markers: &TextMarkers<'_>, versions: &Sides<Option<Vec<u8>>>) -> bool {
    let Sides { base, ours, theirs } = versions.as_ref().map(|file| file.as_deref().unwrap_or_default());
    let plain = |text: Vec<u8>| text.into_iter().filter(|byte| *byte != b'\r').collect::<Vec<_>>();
    let sides = |markers: &TextMarkers<'_>| [Side::Ours, Side::Theirs].map(|side| plain(markers.side(side)));
    let here = sides(markers);
    let size = markers.marker_size;
    [LineDiff::Histogram, LineDiff::Usual].into_iter().any(|diff| {
        let how = Markers { labels: Labels::default(), size, style: Some(ConflictStyle::Merge), diff };
        let merged = text_merge_bytes(base, ours, theirs, how);
        merged.is_ok_and(|merged| TextMarkers::read(&merged.bytes).is_ok_and(|merged| sides(&merged) == here))
    })
}

/// What of a file with markers is only to be had as text: `unread` has the lines of its conflicts.
fn what_is_text(reason: &str, unread: &[usize]) -> String {
    let lines: Vec<String> = unread.iter().map(ToString::to_string).collect();
    let of = if lines.len() == 1 { "the conflict in line" } else { "the conflicts in lines" };
    format!("{reason}; raw cells hold what is no whole cell of {of} {}", lines.join(", "))
}

/// The versions that stand between the markers; the index knows their base better.
fn versions_between(
    markers: &TextMarkers<'_>,
    in_index: Option<&Sides<Option<Vec<u8>>>>,
) -> Result<Sides<Option<Vec<u8>>>, String> {
    let Versions { base, ours, theirs } = markers.versions().map_err(|error| error.to_string())?;
    let base = in_index.map_or(base, |versions| versions.base.clone());
    versions_to_merge(Sides { base, ours: Some(ours), theirs: Some(theirs) }).map_err(|error| error.to_string())
}
