//! Files beside another one: what is to take its place, or to hold what it held.

use std::fs::Metadata;
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::{Flush, TEMPORARY_PREFIX};

/// A temporary file beside `target` that holds `bytes` and can be renamed over it; `None` where the folder takes no new
/// file, or the new one would have another owner.
pub(super) fn finished_beside(
    target: &Path,
    old: Option<&Metadata>,
    bytes: &[u8],
    flush: Flush,
) -> io::Result<Option<NamedTempFile>> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    let Some(mut temporary) = new_beside(target, new_file_mode(&mut builder))? else { return Ok(None) };
    if let Some(old) = old {
        if !same_owner(&temporary.as_file().metadata()?, old) {
            return Ok(None);
        }
        temporary.as_file().set_permissions(old.permissions())?;
    }
    temporary.write_all(bytes)?;
    flush.file(temporary.as_file())?;
    Ok(Some(temporary))
}

/// A temporary file beside `target`; `None` where the folder takes no new file.
pub(super) fn new_beside(target: &Path, builder: &mut tempfile::Builder<'_, '_>) -> io::Result<Option<NamedTempFile>> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match builder.tempfile_in(folder) {
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
            Ok(None)
        }
        temporary => temporary.map(Some),
    }
}

/// What the umask gives any new file, instead of tempfile's private mode.
#[cfg(unix)]
fn new_file_mode<'b, 'p, 's>(builder: &'b mut tempfile::Builder<'p, 's>) -> &'b mut tempfile::Builder<'p, 's> {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn new_file_mode<'b, 'p, 's>(builder: &'b mut tempfile::Builder<'p, 's>) -> &'b mut tempfile::Builder<'p, 's> {
    builder
}

#[cfg(unix)]
fn same_owner(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.uid(), one.gid()) == (other.uid(), other.gid())
}

#[cfg(not(unix))]
fn same_owner(_: &Metadata, _: &Metadata) -> bool {
    true
}
