//! Signals that arrive while a file is being written: it is finished first, and a temporary one takes its place or goes.
//!
//! Nothing is caught before the first such file, so whoever writes none starts as quickly as ever, and in between a
//! signal ends the process at once. One that was ignored when the process began (`nohup`) stays so.

#[cfg(unix)]
pub(super) use unix::Unfinished;
#[cfg(unix)]
pub use unix::leave_signals;

#[cfg(unix)]
mod unix {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
    use std::thread;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::{flag, low_level};

    use crate::file::is_ignored;

    /// How many files are unfinished.
    static COUNT: Mutex<usize> = Mutex::new(0);
    /// Whether a signal ends the process: none is, and nobody else listens to signals.
    static ENDS: AtomicBool = AtomicBool::new(true);
    /// Whether somebody else listens.
    static LEFT: AtomicBool = AtomicBool::new(false);
    /// The signal that is to end the process; 0 if none arrived.
    static CAUGHT: AtomicUsize = AtomicUsize::new(0);

    /// As long as there is one, signals wait.
    pub(in crate::file) struct Unfinished(());

    impl Unfinished {
        /// Says that a file is going to be written.
        pub(in crate::file) fn begin() -> Self {
            static CATCH: Once = Once::new();
            CATCH.call_once(catch);
            let mut count = count();
            *count += 1;
            ENDS.store(false, Ordering::SeqCst);
            if caught().is_some() {
                // The process ends as soon as the others are finished, and nothing new is begun.
                drop(count);
                drop(Self(()));
                loop {
                    thread::park();
                }
            }
            Self(())
        }
    }

    impl Drop for Unfinished {
        fn drop(&mut self) {
            let mut count = count();
            *count -= 1;
            if *count == 0 {
                ENDS.store(!LEFT.load(Ordering::SeqCst), Ordering::SeqCst);
                if let Some(signal) = caught() {
                    low_level::emulate_default_handler(signal).ok();
                }
            }
        }
    }

    /// Leaves signals to the caller from now on, who finishes what it writes before it looks at them.
    pub fn leave_signals() {
        LEFT.store(true, Ordering::SeqCst);
        ENDS.store(false, Ordering::SeqCst);
    }

    /// The signal that is to end the process.
    fn caught() -> Option<i32> {
        let signal = i32::try_from(CAUGHT.load(Ordering::SeqCst)).ok()?;
        (signal != 0 && !LEFT.load(Ordering::SeqCst)).then_some(signal)
    }

    fn count() -> MutexGuard<'static, usize> {
        COUNT.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What cannot be caught ends the process as before.
    fn catch() {
        for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal)) {
            flag::register_conditional_default(signal, &ENDS).ok();
            flag::register_usize(signal, &CAUGHT, signal.unsigned_abs() as usize).ok();
        }
        // A file that becomes larger than it may (`ulimit -f`) is a write that fails, and is taken back as on a full
        // disk. What git inherits is not changed by listening, as it would be by ignoring the signal.
        flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).ok();
    }
}

/// Elsewhere a process that is interrupted is not asked.
#[cfg(not(unix))]
pub(super) struct Unfinished(());

#[cfg(not(unix))]
impl Unfinished {
    pub(super) fn begin() -> Self {
        Self(())
    }
}
