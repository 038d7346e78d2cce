//! Writes the pages that notebooks show, to be looked at after a change to `src/repr/html`:
//!
//! ```sh
//! cargo run -p graticule-dataset --example html /tmp/pages
//! chromium --headless --screenshot=/tmp/map.png --window-size=1000,900 /tmp/pages/map.html
//! ```

use std::path::PathBuf;
use std::sync::Arc;

use graticule_array::{Array, Buffer, Chunk, DType, TimeUnit};
use graticule_dataset::{Attrs, DataArray, DataTree, Dataset, Result, Variable};

fn days(count: i64) -> Result<Variable> {
    let nanos: Vec<i64> = (0..count).map(|day| (16_436 + day) * 86_400_000_000_000).collect();
    let dtype = DType::Datetime(TimeUnit::Nanosecond);
    Variable::from_chunk(["time"], Chunk::from_buffer(vec![nanos.len()], dtype, Buffer::I64(nanos))?)
}

fn steps(dim: &str, first: f64, step: f64, count: u32) -> Result<Variable> {
    Variable::from_vec(dim, (0..count).map(|i| first + step * f64::from(i)).collect())
}

fn lazy<const N: usize>(dims: [&str; N], shape: [usize; N], chunk: [usize; N]) -> Result<Variable> {
    Variable::new(dims, Array::random_normal(0.0, 1.0, 42, shape.to_vec(), chunk.to_vec())?)
}

fn attrs(pairs: &[(&str, &str)]) -> Attrs {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value.into())).collect()
}

/// A year of maps.
fn map() -> Result<Dataset> {
    let adt = lazy(["time", "lat", "lon"], [365, 720, 1440], [30, 720, 1440])?
        .with_attrs(attrs(&[("units", "m"), ("long_name", "Absolute dynamic topography")]));
    let depth = lazy(["lat", "lon"], [720, 1440], [180, 360])?.with_attrs(attrs(&[("units", "m")]));
    let flag = Variable::from_vec("time", vec![0i8; 365])?;
    let mut of = attrs(&[("title", "Sea level, gridded"), ("institution", "CLS & CNES <info>")]);
    of.insert(
        "history".into(),
        "2015-01-01T00:00:00Z: created by a long chain of programs; ".repeat(40).into(),
    );
    of.insert("resolution".into(), 0.25.into());
    Dataset::new(
        [("adt".into(), adt), ("depth".into(), depth), ("flag".into(), flag)],
        [
            ("time".into(), days(365)?),
            (
                "lat".into(),
                steps("lat", -89.875, 0.25, 720)?.with_attrs(attrs(&[("units", "degrees_north")])),
            ),
            ("lon".into(), steps("lon", 0.125, 0.25, 1440)?),
            ("mission".into(), Variable::scalar("all satellites")?),
        ],
        of,
    )
}

/// Two hundred variables, some with long names.
fn wide() -> Result<Dataset> {
    let one = |i: usize| {
        let name = if i % 50 == 7 {
            format!("a_variable_whose_name_is_long_enough_to_be_wrapped_number_{i}")
        } else {
            format!("v{i}")
        };
        Ok((name, lazy(["time", "station"], [365, 40 + i], [365, 20])?))
    };
    let variables: Vec<(String, Variable)> = (0..3).map(one).collect::<Result<_>>()?;
    let more = (3..200).map(|i| {
        let (name, _) = one(i)?;
        Ok((name, lazy(["time"], [365], [73])?))
    });
    let mut all = variables;
    all.truncate(1);
    all.extend(more.collect::<Result<Vec<_>>>()?);
    Dataset::new(all, [], Attrs::new())
}

/// Eight dimensions, and four.
fn deep() -> Result<Dataset> {
    let dims = ["run", "member", "season", "year", "time", "level", "lat", "lon"];
    let all = lazy(dims, [3, 50, 4, 30, 90, 40, 180, 360], [1, 10, 1, 30, 90, 10, 180, 360])?;
    let four = lazy(["member", "day", "lat", "lon"], [50, 3650, 180, 360], [1, 100, 180, 360])?;
    let small =
        Variable::new(["a", "b", "c", "d", "e"], Array::arange(32)?.reshape(&[2, 2, 2, 2, 2])?)?.persist()?;
    let none = Variable::new(["nothing", "lat"], Array::zeros((0, 180), "auto")?)?;
    Dataset::new(
        [("all".into(), all), ("four".into(), four), ("small".into(), small), ("none".into(), none)],
        [],
        Attrs::new(),
    )
}

/// Texts of other scripts, markup in names, and a multi-index.
fn scripts() -> Result<Dataset> {
    let names: Vec<Arc<str>> = ["Брест", "東京湾", "Θεσσαλονίκη", "القاهرة"].map(Arc::from).to_vec();
    let level = Variable::from_vec("ایستگاه", vec![1.25, f64::NAN, -3.5, 1e-7])?;
    let text = Variable::from_vec("ایستگاه", names)?
        .with_attrs(attrs(&[("описание", "названия станций"), ("<b>", "</div><script>alert(1)</script>")]));
    let speed = Variable::new(["x", "y"], Array::arange(12)?.reshape(&[3, 4])?)?;
    let speed = DataArray::new(
        Some("水温"),
        speed,
        [("x".into(), steps("x", 0.0, 1.0, 3)?), ("y".into(), steps("y", 10.0, 5.0, 4)?)],
    )?;
    let stacked = speed.stack("point", ["x", "y"])?.compute()?.to_dataset()?;
    let ds = Dataset::new(
        [("潮位".into(), level), ("<b>bold</b>".into(), text)],
        [],
        attrs(&[("заголовок", "Уровень моря — 海面高度")]),
    )?;
    ds.with_array("水温", stacked.get("水温")?)
}

/// A tree with what nodes inherit.
fn tree() -> Result<DataTree> {
    let root = Dataset::new([], [("time".into(), days(365)?)], attrs(&[("title", "Models and gauges")]))?;
    let model = |n: usize| {
        let ssh = lazy(["time", "lat", "lon"], [365, n, 2 * n], [73, n, 2 * n])?;
        Dataset::new(
            [("ssh".into(), ssh)],
            [("lat".into(), steps("lat", -90.0, 180.0 / n as f64, n as u32)?)],
            Attrs::new(),
        )
    };
    let gauge = |height: f64| {
        let level = Variable::from_vec("time", (0..365).map(|i| f64::from(i).sin()).collect())?;
        Dataset::new(
            [("level".into(), level)],
            [("height".into(), Variable::scalar(height)?)],
            attrs(&[("units", "m")]),
        )
    };
    Ok(DataTree::from_dict([
        ("/", root),
        ("/model/coarse", model(90)?),
        ("/model/fine", model(720)?),
        ("/gauges/brest", gauge(4.2)?),
        ("/gauges/東京湾", gauge(2.0)?),
    ])?
    .with_name("sea level"))
}

fn main() -> Result<()> {
    let out = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".into()));
    map()?.save_html(out.join("map.html"))?;
    map()?.get("adt")?.save_html(out.join("lazy.html"))?;
    map()?.get("depth")?.save_html(out.join("plane.html"))?;
    map()?.get("lat")?.save_html(out.join("memory.html"))?;
    map()?.get("adt")?.mean(["lat", "lon"])?.save_html(out.join("line.html"))?;
    wide()?.save_html(out.join("wide.html"))?;
    deep()?.save_html(out.join("deep.html"))?;
    for name in ["all", "four", "small", "none"] {
        deep()?.get(name)?.save_html(out.join(format!("deep-{name}.html")))?;
    }
    scripts()?.save_html(out.join("scripts.html"))?;
    Dataset::new([], [], Attrs::new())?.save_html(out.join("empty.html"))?;
    tree()?.save_html(out.join("tree.html"))?;
    tree()?.node("model/fine")?.save_html(out.join("node.html"))?;
    for text in [
        map()?.to_string(),
        wide()?.to_string(),
        deep()?.to_string(),
        scripts()?.to_string(),
        tree()?.to_string(),
    ] {
        println!("{text}\n");
    }
    println!("{}\n{}", deep()?.get("small")?, tree()?.node("model/fine")?);
    Ok(())
}
