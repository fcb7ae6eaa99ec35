//! A program on a real pseudo-terminal: keys are typed, the screen is read.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{Read as _, Write as _};
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

use crate::repo::Repo;

/// So long a screen may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that runs on a terminal.
pub(crate) struct Terminal {
    pty: Arc<Pty>,
    child: Child,
    chunks: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// What it wrote since the last wait.
    fresh: Vec<u8>,
    /// All that it wrote.
    pub(crate) written: Vec<u8>,
}

impl Terminal {
    /// Runs a program at the top of a repository on a terminal of this size.
    pub(crate) fn run(
        repo: &Repo,
        [rows, columns]: [u16; 2],
        program: &str,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let (pty, side) = open().unwrap();
        pty.resize(Size::new(rows, columns)).unwrap();
        let mut plain = std::process::Command::new(program);
        repo.environment(&mut plain);
        let mut command = Command::new(program).args(args).current_dir(repo.path());
        for (name, value) in plain.get_envs() {
            command = match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        for name in ["EDITOR", "VISUAL", "GIT_EDITOR", "PAGER", "GIT_PAGER", "COLUMNS"] {
            command = command.env_remove(name);
        }
        let child = command.env("TERM", "xterm").envs(variables.iter().copied()).spawn(side).unwrap();
        let pty = Arc::new(pty);
        let (sender, chunks) = channel();
        let reader = Arc::clone(&pty);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = (&*reader).read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(rows, columns, 0);
        Self { pty, child, chunks, screen, fresh: Vec::new(), written: Vec::new() }
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Waits until `text` is written, counted from the last such wait; what was written until then.
    #[track_caller]
    pub(crate) fn wait(&mut self, text: &str) -> String {
        let start = Instant::now();
        loop {
            let seen = String::from_utf8_lossy(&self.fresh).replace("\r\n", "\n");
            if seen.contains(text) {
                self.fresh.clear();
                return seen;
            }
            let Ok(chunk) = self.chunks.recv_timeout(PATIENCE.saturating_sub(start.elapsed())) else {
                panic!("{text:?} did not come: {seen}\nscreen: {}", self.screen());
            };
            self.take(&chunk);
        }
    }

    fn take(&mut self, chunk: &[u8]) {
        self.screen.process(chunk);
        self.fresh.extend_from_slice(chunk);
        self.written.extend_from_slice(chunk);
    }

    /// Types a key and waits for the next question.
    #[track_caller]
    pub(crate) fn answer(&mut self, key: &str) -> String {
        self.keys(key).wait("]? ")
    }

    /// What stands on the screen now.
    pub(crate) fn screen(&self) -> String {
        self.screen.screen().contents()
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether the terminal echoes and edits lines, as it does for a shell.
    pub(crate) fn is_as_it_was(&self) -> bool {
        use rustix::termios::{LocalModes, tcgetattr};
        tcgetattr(&*self.pty).unwrap().local_modes.contains(LocalModes::ECHO | LocalModes::ICANON)
    }

    /// Waits for its end: what it wrote since the last wait, and how it ended.
    pub(crate) fn end(mut self) -> (String, ExitStatus) {
        let status = self.child.wait().unwrap();
        while let Ok(chunk) = self.chunks.recv_timeout(Duration::from_millis(200)) {
            self.take(&chunk);
        }
        (String::from_utf8_lossy(&self.fresh).replace("\r\n", "\n"), status)
    }
}
