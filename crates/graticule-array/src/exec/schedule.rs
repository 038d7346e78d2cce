//! Which task runs next, and in which order results are merged: a state machine without threads or time.

use std::collections::BTreeMap;

/// What a thread that asks for work should do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Run the task of this number.
    Run(usize),
    /// Ask again when something has finished.
    Wait,
    /// Stop: there is nothing left to start.
    Done,
}

/// The tasks of a stage. They start in order, at most `window` ahead of the oldest unfinished one, so that
/// results that wait for their turn take bounded memory. Results are given out in order.
#[derive(Debug)]
pub(crate) struct Schedule<T> {
    tasks: usize,
    window: usize,
    started: usize,
    merged: usize,
    waiting: BTreeMap<usize, T>,
    stopped: bool,
}

impl<T> Schedule<T> {
    pub(crate) fn new(tasks: usize, window: usize) -> Self {
        Self { tasks, window: window.max(1), started: 0, merged: 0, waiting: BTreeMap::new(), stopped: false }
    }

    pub(crate) fn next(&mut self) -> Next {
        if self.stopped || self.started == self.tasks {
            Next::Done
        } else if self.started < self.merged + self.window {
            self.started += 1;
            Next::Run(self.started - 1)
        } else {
            Next::Wait
        }
    }

    /// Takes the result of a task, and gives the results whose turn it is now.
    pub(crate) fn finished(&mut self, task: usize, result: T) -> Vec<T> {
        self.waiting.insert(task, result);
        let mut ready = Vec::new();
        while let Some(result) = self.waiting.remove(&self.merged) {
            self.merged += 1;
            ready.push(result);
        }
        ready
    }

    /// Starts nothing any more.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_finishes_first() {
        let mut schedule = Schedule::new(4, 4);
        for task in 0..4 {
            assert_eq!(schedule.next(), Next::Run(task));
        }
        assert_eq!(schedule.next(), Next::Done);
        assert_eq!(schedule.finished(2, 'c'), []);
        assert_eq!(schedule.finished(1, 'b'), []);
        assert_eq!(schedule.finished(0, 'a'), ['a', 'b', 'c']);
        assert_eq!(schedule.finished(3, 'd'), ['d']);
    }

    #[test]
    fn no_task_runs_further_ahead_than_the_window() {
        let mut schedule = Schedule::new(10, 2);
        assert_eq!((schedule.next(), schedule.next()), (Next::Run(0), Next::Run(1)));
        assert_eq!(schedule.next(), Next::Wait);
        assert!(schedule.finished(1, ()).is_empty());
        assert_eq!(schedule.next(), Next::Wait);
        assert_eq!(schedule.finished(0, ()).len(), 2);
        assert_eq!(schedule.next(), Next::Run(2));
    }

    #[test]
    fn a_stopped_schedule_starts_nothing() {
        let mut schedule: Schedule<()> = Schedule::new(3, 3);
        assert_eq!(schedule.next(), Next::Run(0));
        schedule.stop();
        assert_eq!(schedule.next(), Next::Done);
    }
}
