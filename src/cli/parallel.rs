//! Work on many files at once, told in their order.

use std::collections::BTreeMap;
use std::iter;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Does `work` on all of `jobs`, as many at a time as there are cores, and tells of each in their order.
pub(super) fn in_parallel<J: Sync, T: Send>(
    jobs: &[J],
    work: impl Fn(&J) -> T + Sync,
    mut tell: impl FnMut(&J, T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(jobs.len());
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..cores {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                let turn = || next.fetch_add(1, Ordering::Relaxed);
                let jobs = iter::from_fn(|| Some(turn())).map_while(|index| Some((index, jobs.get(index)?)));
                // Nobody listens any more where telling has failed.
                jobs.map(|(index, job)| sender.send((index, work(job)))).take_while(Result::is_ok).for_each(drop);
            });
        }
        drop(sender);
        // What is done before its turn waits.
        let mut waiting = BTreeMap::new();
        let mut told = 0;
        for (index, done) in results {
            waiting.insert(index, done);
            while let Some(done) = waiting.remove(&told) {
                tell(&jobs[told], done)?;
                told += 1;
            }
        }
        Ok(())
    })
}
