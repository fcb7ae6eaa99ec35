//! `cellwise apply`

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use cellwise::apply::{FilePatch, Patch};
use cellwise::file::{self, FileError, Input};
use cellwise::git::command;
use cellwise::git::revisions::Repository;

use super::examples;
use super::exit::Exit;
use super::work_tree::{Applied, NewFile, obstacles, write_all};
use super::{notebooks, output};

/// Apply a change that `cellwise diff` printed
///
/// It takes what `--json` and `--format patch` print.
/// Paths in PATCH count from the top of the work tree, outside of repositories from the current folder. Everything is
/// applied, or nothing: where a notebook does not fit, one line says why, and the exit code is 1. JSON gives the new
/// notebook byte for byte and fits the version that it was made from; a patch of lines fits wherever its lines do, and
/// leaves outputs, counts and ids as they are.
#[derive(clap::Args)]
#[command(after_long_help = examples::APPLY)]
pub(crate) struct Args {
    /// The patch; `-` for standard input
    patch: PathBuf,
    /// Only these files or folders
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write the new notebook there, `-` for standard output, and leave the old one; for a patch of one file
    #[arg(short, long, value_name = "OUT", conflicts_with = "check")]
    output: Option<PathBuf>,
    /// Change nothing; only say whether the patch fits
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let input = notebooks::open(&args.patch)?;
    let patch = Patch::read(&input).with_context(|| output::name(&args.patch))?;
    let target = Target::find();
    let files = chosen(&patch, &args.paths, &target.folder)?;
    args.output.as_deref().map_or(Ok(()), file::refuse_read_only)?;
    if args.output.is_some() && files.len() != 1 {
        output::complain(&format!("apply: --output takes one file, and the patch has {}; name one", files.len()));
        return Ok(Exit::Usage);
    }
    let (done, mut refused) = results(&files, &target, args)?;
    if refused.is_empty() && args.output.is_none() {
        refused = obstacles(&done, &target.folder);
    }
    if !refused.is_empty() {
        refused.iter().for_each(|line| output::complain(line));
        return Ok(Exit::Found);
    }
    for file in files.iter().filter(|file| file.leaves_hidden()) {
        let name = output::name(&path_of(file.before.as_deref().unwrap_or_default()));
        output::complain(&format!(
            "{name}: nothing to apply; that outputs, counts or ids changed is all that the patch knows of them (`cellwise \
             diff --json` holds them)"
        ));
    }
    match (&args.output, done.first().and_then(|applied| applied.new.as_ref())) {
        _ if args.check => {}
        (None, _) => write_all(&done)?,
        (Some(path), Some(new)) if path == Path::new("-") => output::write(&new.bytes)?,
        (Some(path), Some(new)) => file::replace(path, &new.bytes)?,
        (Some(_), None) => {}
    }
    Ok(Exit::Done)
}

/// Where a patch is applied.
struct Target {
    /// What the patch's paths count from.
    folder: PathBuf,
    /// The repository, if this is its work tree.
    repository: Option<Repository>,
}

impl Target {
    fn find() -> Self {
        let repository = Repository::discover(Path::new(".")).ok();
        let repository = repository.filter(|repository| repository.top().is_some());
        let top = repository.as_ref().and_then(Repository::top);
        Self { folder: top.unwrap_or(Path::new(".")).to_owned(), repository }
    }

    /// What the patch makes of the file `old`. If it is not for these bytes, it may be for those that git stores for
    /// them: with other line ends, say (`core.autocrlf`). What comes of it is then written as git would check it out.
    fn new_file(&self, file: &FilePatch<'_>, old: &[u8]) -> anyhow::Result<Option<Vec<u8>>> {
        let (misfit, path) = match (file.apply(old), &file.before) {
            (Err(misfit), Some(path)) => (misfit, path_of(path)),
            (new, _) => return Ok(new?),
        };
        let Some(repository) = &self.repository else { bail!(misfit) };
        let Some(stored) = repository.stored(&path, old)? else { bail!(misfit) };
        let new = file.apply(&stored)?;
        // A filter that drops something would drop it from the work tree.
        if repository.checked_out(&path, &stored)? != old {
            bail!(misfit);
        }
        Ok(new.map(|new| repository.checked_out(&path, &new)).transpose()?)
    }

    /// A file that was not there before, as git would check it out.
    fn added(&self, file: &FilePatch<'_>, args: &Args) -> anyhow::Result<Option<Vec<u8>>> {
        let new = file.apply(b"")?;
        match (new, &file.after, &self.repository) {
            (Some(new), Some(path), Some(repository)) if args.output.is_none() => {
                Ok(Some(repository.checked_out(&path_of(path), &new)?))
            }
            (new, _, _) => Ok(new),
        }
    }
}

fn path_of(bytes: &[u8]) -> PathBuf {
    command::path(bytes.to_vec())
}

/// The files of the patch that `paths` name; all of them without paths.
fn chosen<'p, 'b>(patch: &'p Patch<'b>, paths: &[PathBuf], folder: &Path) -> anyhow::Result<Vec<&'p FilePatch<'b>>> {
    if paths.is_empty() {
        return Ok(patch.files.iter().collect());
    }
    let (folder, here) = (fs::canonicalize(folder)?, fs::canonicalize(".")?);
    let wanted: Vec<PathBuf> = paths.iter().map(|path| lexical(&here.join(path))).collect();
    let is_meant = |file: &FilePatch<'_>, wanted: &Path| {
        let paths = [&file.before, &file.after].into_iter().flatten();
        paths.into_iter().any(|path| folder.join(path_of(path)).starts_with(wanted))
    };
    for (path, wanted) in paths.iter().zip(&wanted) {
        if !patch.files.iter().any(|file| is_meant(file, wanted)) {
            bail!("{}: the patch has nothing for it", output::name(path));
        }
    }
    Ok(patch.files.iter().filter(|file| wanted.iter().any(|wanted| is_meant(file, wanted))).collect())
}

/// A path without `.` and `..`, whether it exists or not.
fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            component => out.push(component),
        }
    }
    out
}

/// What comes of each file, and a line for each that does not fit. Nothing is written yet.
fn results(files: &[&FilePatch<'_>], target: &Target, args: &Args) -> anyhow::Result<(Vec<Applied>, Vec<String>)> {
    let (mut done, mut refused, mut known) = (Vec::new(), Vec::new(), HashSet::new());
    for file in files {
        let paths: HashSet<_> = [&file.before, &file.after].into_iter().flatten().collect();
        let path = path_of(file.before.as_ref().or(file.after.as_ref()).map_or(b"", |path| path.as_slice()));
        if paths.into_iter().any(|path| !known.insert(path)) {
            refused.push(format!("{}: it is in the patch twice; apply one after the other", output::name(&path)));
            continue;
        }
        match apply(file, target, args) {
            Ok(applied) => done.push(applied),
            // The system's refusal is none of the patch's.
            Err(error) if error.is::<FileError>() => return Err(error),
            Err(error) => refused.push(format!("{}: {error}", output::name(&path))),
        }
    }
    Ok((done, refused))
}

/// Applies the patch of one file. Any error but one of the file system says why it does not fit.
fn apply(file: &FilePatch<'_>, target: &Target, args: &Args) -> anyhow::Result<Applied> {
    if let Some(misfit) = file.refusal() {
        bail!(misfit.clone());
    }
    let place = |path: &Option<Vec<u8>>| path.as_deref().map(|path| place(&target.folder, path)).transpose();
    let (before, after) = (place(&file.before)?, place(&file.after)?);
    let moves = before != after;
    if let Some(path) = after.as_ref().filter(|path| moves && args.output.is_none() && path.symlink_metadata().is_ok())
    {
        bail!("{} exists already", output::name(path));
    }
    let new = match &before {
        Some(path) if path.is_dir() => bail!("it is a folder"),
        Some(path) => match Input::owned(path) {
            Err(error) if error.is_missing() => bail!("there is no such file in {}", output::name(&target.folder)),
            old => target.new_file(file, &old?)?,
        },
        None => target.added(file, args)?,
    };
    if new.is_none() && args.output.is_some() {
        bail!("the patch deletes it, so there is nothing to write");
    }
    let new = after.zip(new).map(|(path, bytes)| NewFile { path, bytes, mode: file.mode });
    Ok(Applied { goes: before.filter(|_| moves), new })
}

/// Where a path of a patch lies in `folder`. A patch may come from anybody: it reaches nothing outside, nothing of git's
/// own, and nothing through a link.
fn place(folder: &Path, path: &[u8]) -> anyhow::Result<PathBuf> {
    if path.contains(&0) {
        bail!("a path with a NUL in it, which no file has");
    }
    let path = path_of(path);
    let is_plain = |component: Component<'_>| match component {
        Component::Normal(name) => !is_gits_folder(name),
        _ => false,
    };
    if path.as_os_str().is_empty() || !path.components().all(is_plain) {
        bail!("a patch changes files of this folder only, and none of git's own");
    }
    let mut place = folder.to_owned();
    for component in path.components() {
        place.push(component);
        if place.is_symlink() {
            bail!("{} is a symbolic link, which a patch does not follow", output::name(&place));
        }
    }
    Ok(place)
}

/// Whether some system takes this name for `.git`: Windows passes over dots and spaces at the end, has short names, and
/// streams behind a colon; macOS passes over characters without a width. git refuses the same names.
fn is_gits_folder(name: &OsStr) -> bool {
    let has_no_width =
        |c: char| matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    let name = name.to_string_lossy().replace(has_no_width, "").to_ascii_lowercase();
    let name = name.split_once(':').map_or(name.as_str(), |(name, _)| name);
    matches!(name.trim_end_matches([' ', '.']), ".git" | "git~1")
}
