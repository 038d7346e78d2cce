//! What is told about a run: events, reports, profiles.

use std::sync::Arc;
use std::time::Duration;

use graticule_array::{
    AnalyzeReport, Array, Error, Event, Observer, Outcome, PlanReport, Profile, ProfileReport, Result,
    Runtime, StageMeasured,
};

use crate::supply::scripted;
use crate::support::{Events, start};

fn observed(threads: usize) -> (Runtime, Arc<Events>) {
    let events = Arc::new(Events::default());
    let observer = Arc::clone(&events) as Arc<dyn Observer>;
    (Runtime::builder().threads(threads).memory_limit("4GiB").unwrap().observer(observer).build(), events)
}

#[test]
fn the_events_of_a_run_tell_its_story() -> Result<()> {
    let x = scripted("story", 20, |_| {
        std::thread::sleep(Duration::from_millis(1));
        Ok(())
    });
    let (runtime, events) = observed(2);
    runtime.compute(&(&x - x.mean(0)?)?.max(())?)?;
    let events = events.all();
    let Some(Event::PlanStarted { run, plan }) = events.first() else { panic!("{:?}", events.first()) };
    assert!(events.iter().all(|event| event.run() == *run));
    assert_eq!(plan.stages.len(), 2);
    assert_eq!(events.last(), Some(&Event::PlanFinished { run: *run, outcome: Outcome::Succeeded }));
    for (number, stage) in plan.stages.iter().enumerate() {
        let position = |wanted: &dyn Fn(&Event) -> bool| events.iter().position(wanted).unwrap();
        let started = position(&|e| matches!(e, Event::StageStarted { stage, .. } if *stage == number));
        let finished = position(&|e| matches!(e, Event::StageFinished { stage, .. } if *stage == number));
        let within = events.get(started..finished).unwrap();
        let tasks: Vec<(usize, usize, Duration)> = within
            .iter()
            .filter_map(|event| match event {
                Event::TaskFinished { stage, bytes_read, blocks_read, reading, .. } if *stage == number => {
                    Some((*bytes_read, *blocks_read, *reading))
                }
                _ => None,
            })
            .collect();
        assert_eq!(tasks.len(), stage.tasks);
        assert_eq!(tasks.iter().map(|task| task.0).sum::<usize>(), 20 * 800);
        assert_eq!(tasks.iter().map(|task| task.1).sum::<usize>(), 20);
        assert!(tasks.iter().map(|task| task.2).sum::<Duration>() >= Duration::from_millis(20));
        assert_eq!((stage.blocks(), stage.decoded_bytes()), (20, 20 * 800));
    }
    Ok(())
}

#[test]
fn runs_at_the_same_time_are_told_apart() {
    let (runtime, events) = observed(2);
    std::thread::scope(|scope| {
        for i in 0..4 {
            let runtime = runtime.clone();
            scope.spawn(move || runtime.compute(&Array::arange(1000 + i).unwrap().sum(()).unwrap()).unwrap());
        }
    });
    let events = events.all();
    let mut runs: Vec<_> = events.iter().map(Event::run).collect();
    runs.sort();
    runs.dedup();
    assert_eq!(runs.len(), 4);
    for run in runs {
        let own: Vec<&Event> = events.iter().filter(|event| event.run() == run).collect();
        assert!(matches!(own[0], Event::PlanStarted { .. }));
        assert!(matches!(own[own.len() - 1], Event::PlanFinished { outcome: Outcome::Succeeded, .. }));
    }
}

#[test]
fn a_run_that_fails_or_panics_is_told_to_have_ended() {
    let broken = scripted("broken", 4, |block| match block {
        2 => Err(Error::Read {
            what: "broken".into(),
            cause: Arc::from(Box::<dyn std::error::Error + Send + Sync>::from("worn out")),
        }),
        _ => Ok(()),
    });
    let (runtime, events) = observed(1);
    let error = runtime.compute(&broken.sum(()).unwrap()).unwrap_err();
    let Some(Event::PlanFinished { outcome, .. }) = events.all().pop() else { panic!("no end") };
    assert_eq!(outcome, Outcome::Failed(error.to_string()));

    let rude = scripted("rude", 4, |_| panic!("out of nowhere"));
    for threads in [1, 2] {
        let (runtime, events) = observed(threads);
        assert!(runtime.compute(&rude.sum(()).unwrap()).is_err());
        assert!(
            matches!(events.all().pop(), Some(Event::PlanFinished { outcome: Outcome::Failed(text), .. }) if text.contains("out of nowhere"))
        );
    }
}

#[test]
fn a_plan_is_data_that_says_what_its_text_says() -> Result<()> {
    let x = scripted("data", 50, |_| Ok(()));
    let parts: Vec<Array> = (0..8).map(|i| scripted(&format!("part {i}"), 5, |_| Ok(()))).collect();
    let joined = Array::concatenate(&parts, 0)?;
    let y = ((&x.mean(0)? + &joined)?.std((), 0)? * 2.0)?;
    let runtime = Runtime::builder().threads(2).memory_limit("4GiB")?.build();
    let plan = runtime.plan(&[&y])?;
    let report = plan.report();
    assert_eq!(plan.explain(), report.to_string());
    let again: PlanReport = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(&again, report);

    assert_eq!(report.tasks(), report.stages.iter().map(|stage| stage.tasks).sum::<usize>());
    let stored: u64 =
        report.stages.iter().flat_map(|stage| &stage.reads).filter_map(|read| read.stored_bytes).sum();
    assert_eq!(stored, 50 * 400 + 8 * 5 * 400);
    let graph = &report.graph;
    assert!(graph.edges.iter().all(|&(from, to)| from < to && to < graph.nodes.len()));
    assert!(graph.nodes.iter().any(|node| node.label == "7 more"), "{graph:?}");
    assert!(graph.nodes.iter().all(|node| node.stages.iter().all(|&stage| stage < report.stages.len())));
    assert!(graph.nodes.iter().any(|node| node.label == "data" && node.detail == "5000 float64 · 50 chunks"));

    let json = y.explain_json()?;
    assert!(json.contains("\"driver\": \"supply\"") && json.contains("\"peak_bytes\""), "{json}");
    Ok(())
}

#[test]
fn a_plan_of_nothing_and_of_empty_axes_is_described() -> Result<()> {
    let runtime = Runtime::builder().threads(2).memory_limit("4GiB")?.build();
    let nothing = runtime.plan(&[])?;
    assert_eq!(nothing.report().stages.len(), 0);
    for shape in [(0, 5), (5, 0)] {
        let x = Array::zeros(shape, (2, 2))?;
        let analysis = runtime.analyze(&[&x.sum(0)?, &x])?;
        assert_eq!(analysis.results()[1].shape(), [shape.0, shape.1]);
        serde_json::from_str::<AnalyzeReport>(&analysis.report().to_json()).unwrap();
    }
    Ok(())
}

#[test]
fn what_was_predicted_stands_beside_what_was_measured() -> Result<()> {
    let x = scripted("measured", 40, |_| {
        std::thread::sleep(Duration::from_micros(500));
        Ok(())
    });
    let runtime = Runtime::builder().threads(2).build();
    let analysis = runtime.analyze(&[&(&x - x.mean(0)?)?.max(())?])?;
    assert_eq!(analysis.results()[0].item::<f64>()?, 0.0);
    let report = analysis.report();
    assert_eq!(report.stages.len(), 2);
    for (planned, measured) in report.plan.stages.iter().zip(&report.stages) {
        assert_eq!(measured.tasks, planned.tasks);
        assert_eq!(measured.blocks_read as u64, planned.blocks());
        assert_eq!(measured.bytes_read as u64, planned.decoded_bytes());
        assert!(measured.reading_seconds >= 0.02 && measured.seconds >= 0.01, "{measured:?}");
        assert!(measured.longest_task_seconds <= measured.seconds);
        assert_eq!(measured.peak_bytes.is_some(), cfg!(target_os = "linux"));
    }
    assert!(report.seconds >= report.stages.iter().map(|stage| stage.seconds).sum::<f64>());
    assert_eq!(serde_json::from_str::<AnalyzeReport>(&report.to_json()).unwrap().plan, report.plan);
    Ok(())
}

#[test]
fn the_measured_peak_is_that_of_the_run() {
    // Memory is that of the process, so what other tests take must not count.
    let output = start("observe::takes_memory").wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "a program for another test"]
fn takes_memory() -> Result<()> {
    let x = Array::random_uniform(0.0, 1.0, 3, 8_000_000, 500_000)?;
    let report = Runtime::builder().threads(2).build().analyze(&[&x])?.report().clone();
    assert!(report.plan.peak_bytes >= 64_000_000);
    if let Some(peak) = report.peak_bytes {
        assert!((50_000_000..report.plan.peak_bytes * 5 / 4).contains(&peak), "{peak}");
    }
    Ok(())
}

#[test]
fn an_analysis_as_text() -> Result<()> {
    let x = scripted("text", 40, |_| Ok(()));
    let runtime = Runtime::builder().threads(2).memory_limit("4GiB")?.build();
    let plan = runtime.plan(&[&(&x - x.mean(0)?)?.max(())?])?.report().clone();
    let measured = |seconds: f64, cpu: Option<f64>, peak: Option<usize>| StageMeasured {
        tasks: 40,
        bytes_read: 32_000,
        blocks_read: 40,
        seconds,
        cpu_seconds: cpu,
        reading_seconds: seconds * 1.2,
        longest_task_seconds: seconds / 20.0,
        peak_bytes: peak,
    };
    let report = AnalyzeReport {
        plan,
        stages: vec![measured(0.25, Some(0.41), Some(1 << 20)), measured(75.0, None, None)],
        seconds: 75.3,
        cpu_seconds: None,
        peak_bytes: Some(3 << 20),
    };
    insta::assert_snapshot!(report);
    Ok(())
}

#[test]
fn a_profile_is_one_page_that_needs_nothing_else() -> Result<()> {
    let profile = Profile::start();
    let name = "</script><b>profiled</b>";
    let x = scripted(name, 30, |block| match block {
        29 => Err(Error::Cancelled),
        _ => Ok(()),
    });
    x.max(())?.compute().unwrap_err();
    let profile = profile.finish();

    // Other tests run meanwhile, and a profile is of the whole process.
    let own = |run: &&graticule_array::RunRecord| run.plan.to_string().contains(name);
    let run = profile.runs.iter().find(own).unwrap();
    assert_eq!(run.outcome, Some(Outcome::Cancelled));
    assert!(run.tasks.len() > 1 && run.finished.unwrap() >= run.started);
    assert!(run.tasks.iter().all(|task| task.start <= task.end && task.end <= run.finished.unwrap()));
    assert_eq!(run.bytes_read(), 29 * 800);
    let again: ProfileReport = serde_json::from_str(&profile.to_json()).unwrap();
    assert_eq!(again.runs.len(), profile.runs.len());

    let html = profile.to_html();
    assert!(!html.contains(name), "a name must not become markup");
    assert!(html.contains("\\u003c/script>\\u003cb>profiled"));
    for mark in ["/* theme.css */", "/* page.js */", "/* data */", "src=", "<link", "@import", "fetch("] {
        assert!(!html.contains(mark), "{mark}");
    }
    let folder = tempfile::tempdir().unwrap();
    profile.save(folder.path().join("profile.html"))?;
    assert_eq!(std::fs::read_to_string(folder.path().join("profile.html")).unwrap(), html);
    assert!(profile.save(folder.path().join("no/such.html")).unwrap_err().to_string().contains("such.html"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    Ok(())
}
