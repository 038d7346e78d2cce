//! What a program shows on a terminal, and what Ctrl-C does to it: seen from outside, on this very program.

use graticule_array::{Array, ProgressBar, Result};

use crate::support::start;

#[test]
fn a_progress_bar_says_nothing_where_there_is_no_terminal() {
    let output = start("terminal::computes_under_bars").wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
#[ignore = "a program for another test"]
fn computes_under_bars() -> Result<()> {
    let (_one, _other) = (ProgressBar::start(), ProgressBar::start());
    let x = Array::random_uniform(0.0, 1.0, 1, (1_000, 1_000), (10, 1_000))?;
    std::thread::scope(|scope| {
        let mean = scope.spawn(|| x.mean(0)?.compute());
        x.std(1, 0)?.compute()?;
        mean.join().unwrap()
    })?;
    Ok(())
}

#[cfg(all(unix, feature = "ctrl-c"))]
mod ctrl_c {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command};
    use std::time::{Duration, Instant};

    use graticule_array::{CancelHandle, Result, Runtime};

    use crate::supply::scripted;
    use crate::support::start;

    fn interrupt(child: &Child) {
        let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Reads what the child says until it says the word.
    fn wait_for(lines: &mut impl Iterator<Item = std::io::Result<String>>, word: &str) {
        assert!(lines.any(|line| line.unwrap().contains(word)), "{word} was not said");
    }

    #[test]
    fn the_first_ctrl_c_cancels_and_the_second_ends_the_program() {
        let mut child = start("terminal::ctrl_c::computes_until_ctrl_c");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        wait_for(&mut lines, "computing");
        interrupt(&child);
        wait_for(&mut lines, "cancelled before it finished");
        wait_for(&mut lines, "waiting");
        assert!(child.try_wait().unwrap().is_none());
        interrupt(&child);
        let start = Instant::now();
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    #[ignore = "a program for another test"]
    fn computes_until_ctrl_c() -> Result<()> {
        let runtime = Runtime::builder().threads(2).build().with_cancel(&CancelHandle::on_ctrl_c()?);
        let slow = scripted("slow", 6_000, |_| {
            std::thread::sleep(Duration::from_millis(10));
            Ok(())
        });
        println!("\ncomputing");
        println!("\n{}", runtime.compute(&slow.sum(())?).unwrap_err());
        println!("\nwaiting");
        std::thread::sleep(Duration::from_secs(60));
        Ok(())
    }
}

#[cfg(feature = "ctrl-c")]
#[test]
fn ctrl_c_may_be_asked_for_more_than_once() {
    use graticule_array::CancelHandle;
    let (one, other) = (CancelHandle::on_ctrl_c().unwrap(), CancelHandle::on_ctrl_c().unwrap());
    one.cancel();
    assert!(!other.is_cancelled());
}
