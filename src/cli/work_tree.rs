//! The files that a patch changes: whether they can be written, and writing all of them or none.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, Permissions};
use std::path::{Path, PathBuf};

use cellwise::file::{self, FileError};

use super::output;

/// What is to be done with one file.
pub(super) struct Applied {
    /// The file that goes, being deleted or renamed.
    pub(super) goes: Option<PathBuf>,
    /// The new file.
    pub(super) new: Option<NewFile>,
}

/// A file to be written.
pub(super) struct NewFile {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    /// git's mode, where the patch gives it one.
    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) mode: Option<u32>,
}

/// For each file that could not be written or taken away, a line that says why. `folder` is where all of them lie.
pub(super) fn obstacles(files: &[Applied], folder: &Path) -> Vec<String> {
    let written: HashSet<&Path> = files.iter().filter_map(|file| Some(file.new.as_ref()?.path.as_path())).collect();
    let of_file = |file: &Applied| {
        let new = file.new.as_ref().map(|new| new.path.as_path());
        let cannot_be_written = new.and_then(|path| in_the_way(path, folder, &written));
        let stays = || file.goes.as_deref().filter(|path| !takes_files(path, folder));
        cannot_be_written.or_else(|| Some(format!("{}: it cannot be removed", short(stays()?, folder))))
    };
    files.iter().filter_map(of_file).collect()
}

/// Why `path` cannot be written, `written` being the other files of the patch.
fn in_the_way(path: &Path, folder: &Path, written: &HashSet<&Path>) -> Option<String> {
    let name = short(path, folder);
    let between = path.ancestors().skip(1).take_while(|above| *above != folder);
    let is_file = |above: &&Path| written.contains(above) || above.metadata().is_ok_and(|found| !found.is_dir());
    if let Some(above) = between.into_iter().find(is_file) {
        return Some(format!("{name}: {} is a file and no folder", short(above, folder)));
    }
    if path.is_dir() {
        return Some(format!("{name}: it is a folder"));
    }
    if file::refuse_read_only(path).is_err() {
        return Some(format!("{name}: it is read-only"));
    }
    let opens = || OpenOptions::new().write(true).open(path).is_ok();
    (!takes_files(path, folder) && !opens()).then(|| format!("{name}: it cannot be written"))
}

/// A path as the patch has it.
fn short(path: &Path, folder: &Path) -> String {
    output::name(path.strip_prefix(folder).unwrap_or(path))
}

/// Whether the folder of `path`, or the nearest that there is, lets files come and go.
fn takes_files(path: &Path, folder: &Path) -> bool {
    let above = path.ancestors().skip(1).find(|above| above.is_dir()).unwrap_or(folder);
    tempfile::tempfile_in(above).is_ok()
}

/// Does all of it, or nothing: after a failure what was written is taken back.
pub(super) fn write_all(files: &[Applied]) -> Result<(), FileError> {
    let mut undo = Undo::default();
    let written = files.iter().try_for_each(|file| file.write(&mut undo));
    if written.is_err() {
        undo.run();
    }
    written
}

impl Applied {
    fn write(&self, undo: &mut Undo) -> Result<(), FileError> {
        if let Some(new) = &self.new {
            undo.make_folders(&new.path)?;
            undo.remember(&new.path)?;
            file::replace(&new.path, &new.bytes)?;
            let like = self.goes.as_ref().unwrap_or(&new.path);
            new.take_mode(like).map_err(|error| FileError::Write { path: new.path.clone(), error })?;
        }
        if let Some(path) = &self.goes {
            undo.remember(path)?;
            fs::remove_file(path).map_err(|error| FileError::Write { path: path.clone(), error })?;
        }
        Ok(())
    }
}

impl NewFile {
    /// The mode of the file at `like`, which it was, with the patch's word on whether it can be executed.
    #[cfg(unix)]
    fn take_mode(&self, like: &Path) -> std::io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(like)?.permissions().mode();
        let wanted = match self.mode {
            // Whoever may read it may execute it, as after git's checkout.
            Some(new) if new & 0o111 != 0 => mode | (mode & 0o444) >> 2,
            Some(_) => mode & !0o111,
            None => mode,
        };
        if wanted == mode && like == self.path {
            return Ok(());
        }
        fs::set_permissions(&self.path, Permissions::from_mode(wanted))
    }

    #[cfg(not(unix))]
    fn take_mode(&self, _: &Path) -> std::io::Result<()> {
        Ok(())
    }
}

/// What was done, so that it can be taken back.
#[derive(Default)]
struct Undo {
    steps: Vec<Step>,
}

enum Step {
    /// A folder that was made.
    Folder(PathBuf),
    /// A file as it was; `None` if there was none.
    File(PathBuf, Option<(Vec<u8>, Permissions)>),
}

impl Undo {
    /// Makes the folders above `path` that are missing.
    fn make_folders(&mut self, path: &Path) -> Result<(), FileError> {
        let missing: Vec<&Path> =
            path.ancestors().skip(1).take_while(|above| !above.as_os_str().is_empty() && !above.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).map_err(|error| FileError::Write { path: path.to_owned(), error })?;
            self.steps.push(Step::Folder(folder.to_owned()));
        }
        Ok(())
    }

    fn remember(&mut self, path: &Path) -> Result<(), FileError> {
        let reading = |error| FileError::Read { path: path.to_owned(), error };
        let old = match path.symlink_metadata() {
            Ok(_) => {
                let permissions = File::open(path).and_then(|file| file.metadata()).map_err(reading)?.permissions();
                Some((fs::read(path).map_err(reading)?, permissions))
            }
            Err(_) => None,
        };
        self.steps.push(Step::File(path.to_owned(), old));
        Ok(())
    }

    /// Takes all back, the last first; a line says what could not be.
    fn run(self) {
        for step in self.steps.into_iter().rev() {
            let (path, done) = match step {
                Step::Folder(path) => (path.clone(), fs::remove_dir(&path).is_ok()),
                Step::File(path, Some((bytes, permissions))) => {
                    // On a full disk there is no room to write again what nobody has changed.
                    let is_as_it_was = fs::read(&path).is_ok_and(|now| now == bytes);
                    let written = is_as_it_was || file::replace(&path, &bytes).is_ok();
                    (path.clone(), written && fs::set_permissions(&path, permissions).is_ok())
                }
                Step::File(path, None) => (path.clone(), fs::remove_file(&path).is_ok() || !path.exists()),
            };
            if !done {
                output::complain(&format!("{}: it could not be put back as it was", output::name(&path)));
            }
        }
    }
}
