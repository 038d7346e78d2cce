//! What runs stays below the bound that its plan states. A binary of its own with one test, since it counts
//! every allocation of the process.

use graticule_array::{Array, Boundary, DType, Depth, Result, Runtime, bytes, s};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Runs a computation and gives its planned and its measured peak.
fn peaks(runtime: &Runtime, arrays: &[&Array]) -> Result<(usize, usize)> {
    let planned = runtime.plan(arrays)?.peak_bytes();
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let results = runtime.compute_all(arrays)?;
    let measured = MEMORY.peak_usage() - before;
    drop(results);
    Ok((planned, measured))
}

#[test]
fn what_runs_stays_below_its_bound() -> Result<()> {
    let runtime = Runtime::builder().threads(2).build();
    let x = Array::random_normal(0.0, 1.0, 1, (365, 180, 360), (1, 180, 360))?;
    let memory = x.slice(s![..50, .., ..])?.persist()?;
    let anomaly = (&x - x.mean(0)?)?;
    let mirrored = (&x * x.slice(s![..;-1, ..;-1, ..])?)?;
    let cases: Vec<(&str, Vec<Array>)> = vec![
        ("mean of everything", vec![mirrored.mean(())?]),
        ("mean over time", vec![x.mean(0)?]),
        ("std over time", vec![x.std(0, 0)?]),
        ("anomaly variance", vec![anomaly.pow(2)?.mean([0, 2])?]),
        ("three at once", vec![x.mean(0)?, anomaly.pow(2)?.mean([0, 2])?, anomaly.mean([1, 2])?]),
        ("histogram", vec![x.histogram(100, (-5.0, 5.0))?]),
        ("kept values", vec![(&memory * 2.0)?]),
        ("argmax of what is in memory", vec![memory.argmax(0)?]),
        ("mean of integers", vec![x.floor()?.astype(DType::I32)?.mean(())?]),
        ("comparison", vec![x.greater(0.5)?.sum(())?]),
        ("where", vec![x.isnan()?.choose(0.0, &x)?.sum(0)?]),
        ("asked for twice", vec![memory.clone(), (&memory + 1.0)?, (&memory + 1.0)?]),
        ("moving mean over time", vec![x.rolling(0, 7)?.mean()?.sum(0)?]),
        ("moving deviation along rows", vec![memory.rechunk((5, 30, 360))?.rolling(2, 30)?.std(0)?]),
        ("moving median of singles", vec![memory.astype(DType::F32)?.rolling(1, 9)?.median()?.sum(())?]),
        ("one long moving maximum", vec![Array::linspace(0.0, 1.0, 1_000_000)?.rolling(0, 200_000)?.max()?]),
        ("windows as an axis", vec![memory.sliding_window_view(5, 0)?.sum(3)?]),
        ("coarse deviation", vec![x.coarsen(&[(0, 5), (1, 4), (2, 40)])?.std(0)?]),
        ("long coarse windows", vec![x.coarsen(&[(0, 365)])?.mean()?]),
        (
            "blocks with what is around them",
            vec![
                memory
                    .map_overlap(
                        "same",
                        DType::F64,
                        &Depth::new().axis(0, 2, 2, Boundary::Periodic).axis(1, 1, 1, Boundary::Reflect),
                        |block| Ok(block.clone()),
                    )?
                    .sum(0)?,
            ],
        ),
        ("rechunked", vec![memory.rechunk((50, 30, 30))?.sum(0)?]),
    ];
    for (name, arrays) in &cases {
        let arrays: Vec<&Array> = arrays.iter().collect();
        let (planned, measured) = peaks(&runtime, &arrays)?;
        println!("{name}: planned {}, measured {}", bytes::format(planned), bytes::format(measured));
        assert!(measured <= planned, "{name}: planned {planned}, measured {measured}");
        assert!(planned < 16 * measured.max(1 << 20), "{name}: planned {planned}, measured {measured}");
    }
    Ok(())
}
