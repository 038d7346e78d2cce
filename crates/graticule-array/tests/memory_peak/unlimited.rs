//! Families of operations within more memory than they need, so that results and intermediate ones are held.

use graticule_array::{Aggregation, Array, Boundary, Chunk, DType, Depth, FourierNorm, Result, Statistic, s};

use crate::measure::Case;

pub(crate) fn cases() -> Result<Vec<Case>> {
    let x = Array::random_normal(0.0, 1.0, 1, (365, 180, 360), (1, 180, 360))?;
    let memory = x.slice(s![..50, .., ..])?.persist()?;
    let anomaly = (&x - x.mean(0)?)?;
    let mirrored = (&x * x.slice(s![..;-1, ..;-1, ..])?)?;
    // Every 153rd day in turn, and 20 000 points.
    let shuffle: Vec<isize> = (0..365).map(|i| i * 153 % 365).collect();
    let fives = memory.rechunk((5, 180, 360))?;
    let shuffle_fives: Vec<isize> = (0..50).map(|i| i * 27 % 50).collect();
    let points: Vec<isize> = (0..20_000).map(|i| i * 97 % 180).collect();
    let flat = Array::random_normal(0.0, 1.0, 2, (2000, 1500), (500, 500))?;
    let tall = Array::random_normal(0.0, 1.0, 3, (200_000, 30), (20_000, 30))?;
    let long = Array::random_normal(0.0, 1.0, 4, 1_000_003, 100_000)?;
    let fortnights: Vec<i64> = (0..365).map(|day| day / 14).collect();
    let fortnights = Array::from_chunk(Chunk::new(vec![365, 1, 1], fortnights)?)?;
    let mean = Aggregation { kind: Statistic::Mean, skipna: false };
    let cases: Vec<(&'static str, Vec<Array>)> = vec![
        ("mean of everything", vec![mirrored.mean(())?]),
        ("mean over time", vec![x.mean(0)?]),
        ("std over time", vec![x.std(0, 0)?]),
        ("anomaly variance", vec![anomaly.pow(2)?.mean([0, 2])?]),
        ("three at once", vec![x.mean(0)?, anomaly.pow(2)?.mean([0, 2])?, anomaly.mean([1, 2])?]),
        ("histogram", vec![x.histogram(100, (-5.0, 5.0))?]),
        (
            "histogram of pairs",
            vec![x.histogram2d(&anomaly, (1500, (-5.0, 5.0)), (1500, (-5.0, 5.0)), None)?.counts],
        ),
        ("kept values", vec![(&memory * 2.0)?]),
        ("argmax of what is in memory", vec![memory.argmax(0)?]),
        ("mean of integers", vec![x.floor()?.astype(DType::I32)?.mean(())?]),
        ("comparison", vec![x.greater(0.5)?.sum(())?]),
        ("where", vec![x.isnan()?.choose(0.0, &x)?.sum(0)?]),
        ("asked for twice", vec![memory.clone(), (&memory + 1.0)?, (&memory + 1.0)?]),
        ("running sum", vec![x.cumsum(0)?.mean(())?]),
        ("running sum that is kept", vec![memory.cumsum(0)?]),
        ("filled to a limit", vec![x.rechunk((60, 45, 360))?.bfill(0, Some(3))?.sum(0)?]),
        ("running integral", vec![x.cumulative_trapezoid(0.5, 1)?.sum(0)?]),
        ("covariance", vec![flat.cov(false, 1)?]),
        ("product", vec![flat.matmul(&flat.slice(s![..400, ..])?.transpose()?)?]),
        ("factorized with a last chunk of few rows", vec![tall.slice(s![..40_003, ..])?.qr()?.1]),
        ("singular vectors", vec![tall.svd()?.0]),
        ("compressed", vec![flat.svd_compressed(5, 5, 1, 1)?.2]),
        ("least squares", vec![tall.lstsq(&tall.slice(s![.., 0])?, None)?.0]),
        ("spectrum", vec![x.rfft(0, None, FourierNorm::Backward)?.slice(s![..3, .., .., ..])?]),
        ("spectrum of a prime length", vec![long.fft(0, None, FourierNorm::Backward)?]),
        ("moving mean over time", vec![x.rolling(0, 7)?.mean()?.sum(0)?]),
        ("moving deviation along rows", vec![memory.rechunk((5, 30, 360))?.rolling(2, 30)?.std(0)?]),
        ("moving median of singles", vec![memory.astype(DType::F32)?.rolling(1, 9)?.median()?.sum(())?]),
        ("one long moving maximum", vec![Array::linspace(0.0, 1.0, 1_000_000)?.rolling(0, 200_000)?.max()?]),
        ("moving variance over axes", vec![memory.rolling_axes(&[(1, 2), (2, 3)])?.var(1)?.nanmean(0)?]),
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
        ("shuffled", vec![x.take(0, &shuffle)?.sum(0)?]),
        ("shuffled in larger chunks", vec![fives.take(0, &shuffle_fives)?.sum(0)?]),
        ("points", vec![x.vindex(&[(..).into(), points.clone().into(), points.into()])?.sum(1)?]),
        ("reshaped", vec![x.rechunk((5, 60, 90))?.reshape(&[-1, 360])?.sum(0)?]),
        ("assigned", vec![x.assign(s![3..300;2, .., ..;-3], 1.0)?.sum(0)?]),
        ("sorted along the cut axis", vec![memory.rechunk((5, 180, 360))?.sort(0)?.sum(0)?]),
        ("positions that sort", vec![memory.rechunk((5, 180, 360))?.argsort(0)?.sum(0)?]),
        ("the largest", vec![memory.rechunk((5, 180, 360))?.topk(3, 0)?]),
        ("quantile along the cut axis", vec![x.slice(s![..100, .., ..])?.median(0)?]),
        ("taken along", vec![memory.take_along_axis(&memory.argmax(0)?.expand_dims(0)?, 0)?.sum(0)?]),
    ];
    let kept = cases.into_iter().map(|(name, arrays)| Case::computed(name, arrays));
    let stored = [
        ("groups of neighbours, to a sink", x.group_reduce(mean, 0, &fortnights, 27)?),
        ("vectors of a factorization, to a sink", tall.qr()?.0),
    ]
    .map(|(name, array)| {
        let chunk: Vec<usize> = array
            .chunks()
            .max_chunk()
            .iter()
            .enumerate()
            .map(|(i, &len)| if i == 0 { 1.max(len / 27) } else { len })
            .collect();
        Case::stored(name, array, &chunk)
    });
    Ok(kept.chain(stored).collect())
}
