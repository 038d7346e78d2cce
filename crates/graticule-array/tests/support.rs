//! What several tests need: somebody who listens, a process of one's own.

use std::process::{Child, Command, Stdio};

use graticule_array::{Event, Observer};

/// Keeps all events.
#[derive(Debug, Default)]
pub(crate) struct Events(std::sync::Mutex<Vec<Event>>);

impl Events {
    pub(crate) fn all(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Events {
    fn on_event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// Starts a test of this binary, one that is ignored otherwise, in a process of its own.
pub(crate) fn start(test: &str) -> Child {
    start_by(&[], test).spawn().unwrap()
}

/// [`start`] by another program, such as a shell that sets limits, which is given the command at the end of its own.
pub(crate) fn start_by(program: &[&str], test: &str) -> Command {
    let this = std::env::current_exe().unwrap();
    let mut command = match program {
        [] => Command::new(this),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(this);
            command
        }
    };
    command.args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
