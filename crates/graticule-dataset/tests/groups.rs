//! groupby and resample, against the answers of xarray 2026.9 (`da` and `gaps` are its arrays of the same values).

use graticule_array::{Array, Binary, DType, Scalar};
use graticule_dataset::time::{Calendar, DateRange, Side, date_range};
use graticule_dataset::{
    BinGrouper, DataArray, Dataset, Error, GroupKeys, Reduction, SeasonGrouper, SeasonResampler,
    TimeResampler, UniqueGrouper, Variable,
};
use proptest::prelude::*;

use crate::support::{attrs, values};

const NAN: f64 = f64::NAN;

fn text(dim: &str, letters: &str) -> Variable {
    let letters: Vec<std::sync::Arc<str>> = letters.chars().map(|c| c.to_string().into()).collect();
    Variable::from_vec(dim, letters).unwrap()
}

fn same(array: &DataArray, expected: &[f64]) {
    let values = values(array);
    let equal = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-12 * b.abs().max(1.0);
    let all = values.len() == expected.len() && values.iter().zip(expected).all(|(a, b)| equal(*a, *b));
    assert!(all, "{values:?} is not {expected:?}");
}

/// 0..12 over (x: 2, time: 6), every 40 days.
fn da() -> DataArray {
    let data = ndarray::Array2::from_shape_fn((2, 6), |(x, t)| (6 * x + t) as f64);
    let lazy = (&Array::from_array(data, (1, 4)).unwrap() * 1.0).unwrap();
    let data = Variable::new(["x", "time"], lazy).unwrap().with_attrs(attrs(&[("units", "m")]));
    let time = DateRange::new("40D").unwrap().start("2000-01-01").periods(6).along("time").unwrap();
    let coords = [
        ("time", time.with_attrs(attrs(&[("axis", "T")]))),
        ("x", Variable::from_vec("x", vec![10i64, 20]).unwrap()),
        ("h", Variable::scalar(2.0).unwrap()),
        ("lab", text("time", "abacab")),
        ("xx", Variable::from_vec("x", vec![1.0, 2.0]).unwrap()),
    ];
    DataArray::new(Some("v"), data, coords.map(|(name, variable)| (name.to_owned(), variable))).unwrap()
}

/// Six days in January and March, with missing values.
fn gaps() -> DataArray {
    let data = ndarray::arr2(&[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [6.0, NAN, NAN, NAN, 10.0, 11.0]]);
    let data = Variable::from_array(["x", "time"], data).unwrap();
    let year = date_range("time", "2000-01-01", "2000-03-02", "D").unwrap();
    let days = DataArray::new(None, year, []).unwrap().isel("time", [0, 1, 4, 5, 60, 61]).unwrap();
    let time = days.variable().clone();
    DataArray::new(Some("v"), data, [("time".to_owned(), time)]).unwrap()
}

#[test]
fn the_groups_take_the_place_of_their_dimension_and_other_coordinates_stay() {
    let sums = da().groupby("lab").unwrap().sum().unwrap();
    assert_eq!(sums.dims(), ["x", "lab"]);
    same(&sums, &[6.0, 6.0, 3.0, 24.0, 18.0, 9.0]);
    let names: Vec<&str> = sums.coords().names().collect();
    assert_eq!(names, ["x", "h", "xx", "lab"]);
    assert_eq!((sums.name(), sums.attrs().contains_key("units")), (Some("v"), true));
    let turned = da().transpose(["time", "x"]).unwrap().groupby("lab").unwrap().sum().unwrap();
    assert_eq!(turned.dims(), ["lab", "x"]);
}

#[test]
fn statistics_of_groups_are_those_of_xarray() {
    let groups = da().groupby("lab").unwrap();
    same(&groups.mean().unwrap(), &[2.0, 3.0, 3.0, 8.0, 9.0, 9.0]);
    same(&groups.first().unwrap(), &[0.0, 1.0, 3.0, 6.0, 7.0, 9.0]);
    same(&groups.last().unwrap(), &[4.0, 5.0, 3.0, 10.0, 11.0, 9.0]);
    same(&groups.median().unwrap(), &[2.0, 3.0, 3.0, 8.0, 9.0, 9.0]);
    let std = groups.reduce(Reduction::std().ddof(1)).unwrap();
    same(&std, &[2.0, 8f64.sqrt(), NAN, 2.0, 8f64.sqrt(), NAN]);
    let sums = groups.reduce(Reduction::sum().min_count(3)).unwrap();
    same(&sums, &[6.0, NAN, NAN, 24.0, NAN, NAN]);
    let counts = groups.count().unwrap();
    assert_eq!(counts.dtype(), DType::I64);
    same(&counts, &[3.0, 2.0, 1.0, 3.0, 2.0, 1.0]);
    let narrow = da().astype(DType::F32).unwrap().groupby("lab").unwrap();
    assert_eq!(narrow.median().unwrap().dtype(), DType::F32);
    assert_eq!(narrow.mean().unwrap().dtype(), DType::F32);
}

#[test]
fn other_dimensions_are_folded_on_request() {
    let mean = da().groupby("lab").unwrap().over(()).mean().unwrap();
    assert_eq!(mean.dims(), ["lab"]);
    same(&mean, &[5.0, 6.0, 6.0]);
    same(&da().groupby("lab").unwrap().over("x").median().unwrap(), &[5.0, 6.0, 6.0]);
    assert!(da().groupby("lab").unwrap().over("y").mean().is_err());
}

#[test]
fn fields_of_times_are_keys() {
    let mean = da().groupby("time.month").unwrap().mean().unwrap();
    assert_eq!(mean.coords().labels("month").unwrap().to_f64(), [1.0, 2.0, 3.0, 4.0, 6.0, 7.0]);
    assert_eq!(mean.coords().get("month").unwrap().dtype(), DType::I64);
    let seasons = da().groupby("time.season").unwrap().mean().unwrap();
    let labels = seasons.coords().labels("season").unwrap();
    assert_eq!(
        (0..3).map(|i| labels.get(i).unwrap().to_string()).collect::<Vec<_>>().join(" ").replace('"', ""),
        "DJF JJA MAM"
    );
    same(&seasons, &[0.5, 4.5, 2.5, 6.5, 10.5, 8.5]);
    let error = da().groupby("time.mont").err().unwrap().to_string();
    assert!(error.contains("did you mean \"month\"?"), "{error}");
    let error = da().groupby("labb").err().unwrap().to_string();
    assert!(error.contains("did you mean \"lab\"?"), "{error}");
}

#[test]
fn several_keys_become_several_dimensions() {
    let counts = da().groupby(["time.year", "lab"]).unwrap().count().unwrap();
    assert_eq!(
        (counts.dims(), counts.shape()),
        (&["x".into(), "year".into(), "lab".into()][..], &[2, 1, 3][..])
    );
    same(&counts, &[3.0, 2.0, 1.0, 3.0, 2.0, 1.0]);
    // Combinations that do not occur are missing; keys of different dimensions come last.
    let keys = GroupKeys::from([("xx", UniqueGrouper::new())]).and("lab", UniqueGrouper::new());
    let sums = da().groupby(keys).unwrap().sum().unwrap();
    assert_eq!(sums.dims(), ["xx", "lab"]);
    same(&sums, &[6.0, 6.0, 3.0, 24.0, 18.0, 9.0]);
    let one = da().isel("time", [0, 1]).unwrap();
    let sparse = one.groupby(["time.month", "lab"]).unwrap().sum().unwrap();
    same(&sparse, &[0.0, NAN, NAN, 1.0, 6.0, NAN, NAN, 7.0]);
    same(&one.groupby(["time.month", "lab"]).unwrap().map(|g| g.sum("time")).unwrap(), &values(&sparse));
}

#[test]
fn an_array_of_several_dimensions_is_a_key() {
    let key = ndarray::arr2(&[[0.0, 1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 1.0, NAN, 2.0, 2.0, 0.0]]);
    let key = DataArray::new(Some("g"), Variable::from_array(["x", "time"], key).unwrap(), []).unwrap();
    let groups = da().groupby(&key).unwrap();
    same(&groups.mean().unwrap(), &[4.6, 4.0, 9.5]);
    same(&groups.median().unwrap(), &[4.0, 4.0, 9.5]);
    assert_eq!(groups.count().unwrap().dims(), ["g"]);
    same(&groups.map(|group| group.mean(())).unwrap(), &[4.6, 4.0, 9.5]);
    let centred = groups.map(|group| group - group.mean(())).unwrap();
    assert_eq!(centred.dims(), ["x", "time"]);
    same(&centred, &values(&(&groups - groups.mean()).unwrap()));
    assert!(values(&centred)[8].is_nan());
    let deep = da().expand_dims("z").unwrap().transpose(["x", "z", "time"]).unwrap();
    assert_eq!(deep.groupby(&key).unwrap().sum().unwrap().dims(), ["z", "g"]);
}

#[test]
fn labels_that_fall_stay_in_their_order_and_positions_need_no_labels() {
    let falling = da().assign_coords([("x", Variable::from_vec("x", vec![20i64, 10]).unwrap())]).unwrap();
    let mean = falling.groupby("x").unwrap().mean().unwrap();
    assert_eq!(mean.coords().labels("x").unwrap().to_f64(), [20.0, 10.0]);
    same(&mean, &(0..12).map(f64::from).collect::<Vec<_>>());
    let bare = da().drop_vars(["x"]).unwrap().groupby("x").unwrap().mean().unwrap();
    assert!(!bare.coords().contains("x"));
}

#[test]
fn labels_can_be_given() {
    let labels: Vec<std::sync::Arc<str>> = ["c", "a", "z"].map(Into::into).to_vec();
    let grouper = UniqueGrouper::new().labels(ndarray::Array1::from_vec(labels));
    let sums = da().groupby([("lab", grouper)]).unwrap().sum().unwrap();
    same(&sums, &[3.0, 6.0, NAN, 9.0, 24.0, NAN]);
}

#[test]
fn bins_are_those_of_pandas_and_empty_ones_are_missing() {
    let bins =
        |bins: BinGrouper| da().groupby_bins("x", bins).unwrap().count().unwrap().isel("time", 0).unwrap();
    let counts = bins(BinGrouper::new([0i64, 5, 15, 30]));
    assert_eq!(counts.dtype(), DType::F64);
    same(&counts, &[NAN, 1.0, 1.0]);
    let labels = counts.coords().labels("x_bins").unwrap();
    assert_eq!(labels.get(1), Some(Scalar::from("(5.0, 15.0]")));
    let whole = bins(BinGrouper::new([0.0, 15.0, 30.0]));
    assert_eq!(whole.dtype(), DType::I64);
    same(&bins(BinGrouper::new([10.0, 20.0, 30.0])), &[1.0, NAN]);
    same(&bins(BinGrouper::new([10.0, 20.0, 30.0]).right(false)), &[1.0, 1.0]);
    same(&bins(BinGrouper::new([10.0, 15.0, 20.0]).include_lowest(true)), &[1.0, 1.0]);
    let thirds = bins(BinGrouper::new(3usize).labels(["low", "mid", "high"]));
    same(&thirds, &[1.0, NAN, 1.0]);
    assert_eq!(thirds.coords().labels("x_bins").unwrap().get(2), Some(Scalar::from("high")));
    assert!(da().groupby_bins("x", [100.0, 200.0]).err().unwrap().to_string().contains("none of its values"));
    assert!(da().groupby_bins("x", [2.0, 1.0]).is_err());
    assert!(da().groupby_bins("x", BinGrouper::new([0.0, 1.0]).labels(["a", "b"])).is_err());
}

#[test]
fn anomalies_have_the_order_of_the_data_and_the_label_of_their_group() {
    let groups = da().groupby("time.season").unwrap();
    let anomaly = (&groups - groups.mean()).unwrap();
    assert_eq!(anomaly.dims(), ["x", "time"]);
    same(&anomaly, &[-0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5]);
    assert_eq!(anomaly.coords().get("season").unwrap().dims(), ["time"]);
    // xarray spreads values without dimensions over time here.
    assert_eq!(anomaly.coords().get("h").unwrap().ndim(), 0);
    assert_eq!(anomaly.coords().labels("time").unwrap().len(), 6);
}

#[test]
fn groups_that_the_other_lacks_are_missing_and_members_of_no_group_left_out() {
    let groups = da().groupby("lab").unwrap();
    let some = groups.mean().unwrap().isel("lab", [0, 2]).unwrap();
    same(&(&groups - &some).unwrap(), &[-2.0, NAN, 0.0, 0.0, 2.0, NAN, -2.0, NAN, 0.0, 0.0, 2.0, NAN]);
    let bins = da().groupby_bins("x", [15.0, 30.0]).unwrap();
    let rest = (&bins - bins.mean()).unwrap();
    assert_eq!((rest.shape(), values(&rest)), (&[1, 6][..], vec![0.0; 6]));
    let error = (&groups - da().mean("time")).unwrap_err();
    assert!(matches!(error, Error::UnknownDim { .. }), "{error}");
}

#[test]
fn gaps_are_filled_and_values_masked_by_group() {
    let masked = da().where_(da().gt(3.0)).unwrap();
    let filled = masked.groupby("lab").unwrap().fillna(da().groupby("lab").unwrap().mean()).unwrap();
    same(&filled, &[2.0, 3.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0]);
    let groups = da().groupby("lab").unwrap();
    let large = groups.where_(groups.mean().unwrap().gt(4.0)).unwrap();
    same(&large, &[NAN, NAN, NAN, NAN, NAN, NAN, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0]);
}

#[test]
fn functions_of_groups_give_results_in_order_or_one_for_each() {
    let groups = da().groupby("lab").unwrap();
    let centred = groups.map(|group| group - group.mean(())).unwrap();
    assert_eq!(centred.dims(), ["x", "time"]);
    same(&centred, &[-5.0, -5.0, -3.0, -3.0, -1.0, -1.0, 1.0, 1.0, 3.0, 3.0, 5.0, 5.0]);
    assert_eq!(centred.coords().labels("time").unwrap().len(), 6);
    let means = groups.map(|group| group.mean("time")).unwrap();
    assert_eq!(means.dims(), ["x", "lab"]);
    same(&means, &[2.0, 3.0, 3.0, 8.0, 9.0, 9.0]);
    let firsts = groups.map(|group| group.isel("time", 0)).unwrap();
    assert_eq!(firsts.coords().get("time").unwrap().dims(), ["lab"]);
    let labels: Vec<String> = groups.iter().unwrap().map(|group| group.unwrap().0[0].to_string()).collect();
    assert_eq!(labels.len(), 3);
    assert_eq!(groups.groups()[0].1, [0, 2, 4]);
}

#[test]
fn quantiles_of_groups_come_last() {
    let quantiles = da().groupby("lab").unwrap().quantile([0.25, 0.5]).unwrap();
    assert_eq!(quantiles.dims(), ["x", "lab", "quantile"]);
    same(&quantiles, &[1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 7.0, 8.0, 8.0, 9.0, 9.0, 9.0]);
    let one = da().astype(DType::F32).unwrap().groupby("lab").unwrap().quantile(0.5).unwrap();
    assert_eq!((one.dims().len(), one.dtype()), (2, DType::F64));
    assert!(one.coords().contains("h"));
}

#[test]
fn running_sums_start_anew_in_each_group() {
    let sums = da().groupby("lab").unwrap().cumsum().unwrap();
    assert_eq!(sums.dims(), ["x", "time"]);
    same(&sums, &[0.0, 1.0, 2.0, 3.0, 6.0, 6.0, 6.0, 7.0, 14.0, 9.0, 24.0, 18.0]);
    let sums = gaps().resample("time", "MS").unwrap().cumsum().unwrap();
    same(&sums, &[0.0, 1.0, 3.0, 6.0, 4.0, 9.0, 6.0, 6.0, 6.0, 6.0, 10.0, 21.0]);
}

#[test]
fn variables_without_the_dimension_stay_and_texts_are_left_out() {
    let w = Variable::from_vec("x", vec![1.0, 2.0]).unwrap();
    let number = Variable::from_vec("time", (0..6i64).collect()).unwrap();
    let array = da();
    let coords = array.coords().iter().map(|(name, variable)| (name.to_owned(), variable.clone()));
    let vars = [("v", array.variable().clone()), ("w", w), ("s", text("time", "qwerty")), ("i", number)];
    let ds =
        Dataset::new(vars.map(|(name, v)| (name.to_owned(), v)), coords, attrs(&[("title", "t")])).unwrap();
    let means = ds.groupby("lab").unwrap().mean().unwrap();
    assert_eq!(means.data_vars().keys().collect::<Vec<_>>(), ["v", "w", "i"]);
    assert_eq!(means.get("w").unwrap().dims(), ["x"]);
    assert_eq!(means.get("v").unwrap().dims(), ["x", "lab"]);
    same(&means.get("i").unwrap(), &[2.0, 3.0, 3.0]);
    let numbers = ds.drop_vars(["s"]).unwrap();
    let groups = numbers.groupby("lab").unwrap();
    let anomalies = (&groups - groups.mean()).unwrap();
    same(&anomalies.get("i").unwrap(), &[-2.0, -2.0, 0.0, 0.0, 2.0, 2.0]);
    same(&anomalies.get("w").unwrap(), &[0.0, 0.0]);
    assert_eq!(groups.binary_dataset(Binary::Add, &groups.mean().unwrap()).unwrap().data_vars().len(), 3);
    // A data variable is a key as well.
    assert_eq!(ds.groupby("i").unwrap().sum().unwrap().get("v").unwrap().shape(), [2, 6]);
}

#[test]
fn spans_without_data_are_missing() {
    let months = gaps().resample("time", "MS").unwrap();
    let sums = months.sum().unwrap();
    assert_eq!(sums.dims(), ["x", "time"]);
    same(&sums, &[6.0, NAN, 9.0, 6.0, NAN, 21.0]);
    assert!(sums.coords().is_index("time"));
    same(&months.count().unwrap(), &[4.0, NAN, 2.0, 1.0, NAN, 2.0]);
    same(&months.quantile(0.5).unwrap(), &[1.5, NAN, 4.5, 6.0, NAN, 10.5]);
    same(&months.map(|month| month.mean("time")).unwrap(), &[1.5, NAN, 4.5, 6.0, NAN, 10.5]);
    let whole = gaps().fillna(0.0).unwrap().astype(DType::I32).unwrap();
    let sums = whole.resample("time", "MS").unwrap().sum().unwrap();
    assert_eq!(sums.dtype(), DType::F64);
    same(&sums, &[6.0, NAN, 9.0, 6.0, NAN, 21.0]);
    let anomaly = (&*months - months.mean()).unwrap();
    assert_eq!(anomaly.dims(), ["x", "time"]);
    same(&anomaly.isel("x", 0).unwrap(), &[-1.5, -0.5, 0.5, 1.5, -0.5, 0.5]);
}

#[test]
fn sides_and_labels_of_spans_can_be_chosen() {
    let right = TimeResampler::new("2D").closed(Side::Right).label(Side::Right);
    let firsts = gaps().isel("time", ..4).unwrap().resample("time", right).unwrap().count().unwrap();
    same(&firsts.isel("x", 0).unwrap(), &[1.0, 1.0, 1.0, 1.0]);
    let weekly = gaps().resample("time", "W").unwrap().sum().unwrap();
    assert_eq!(weekly.size("time").unwrap(), 10);
    let error = da().resample("x", "MS").err().unwrap();
    assert!(error.to_string().contains("has no times as labels"), "{error}");
    assert!(da().resample("time", "B").is_err());
    assert!(da().isel("time", ..0).unwrap().resample("time", "MS").is_err());
}

#[test]
fn more_times_are_filled_between() {
    let four = gaps().isel("time", ..4).unwrap().isel("x", 0).unwrap();
    let half_days = four.resample("time", "12h").unwrap();
    same(&half_days.asfreq().unwrap(), &[0.0, NAN, 1.0, NAN, NAN, NAN, NAN, NAN, 2.0, NAN, 3.0]);
    same(&half_days.ffill().unwrap(), &[0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 3.0]);
    same(&half_days.bfill().unwrap(), &[0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 3.0, 3.0]);
    same(&half_days.nearest().unwrap(), &[0.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 3.0, 3.0]);
    let lines = half_days.interpolate("linear").unwrap();
    let sixths = [0.0, 0.5, 1.0, 7.0 / 6.0, 8.0 / 6.0, 1.5, 10.0 / 6.0, 11.0 / 6.0, 2.0, 2.5, 3.0];
    same(&lines, &sixths);
    let near = half_days.tolerance(std::time::Duration::from_secs(43_200)).ffill().unwrap();
    same(&near, &[0.0, 0.0, 1.0, 1.0, NAN, NAN, NAN, NAN, 2.0, 2.0, 3.0]);
    let whole = four.astype(DType::I32).unwrap().resample("time", "12h").unwrap();
    assert_eq!(whole.ffill().unwrap().dtype(), DType::I32);
    let cubic = whole.interpolate("cubic").unwrap();
    same(&cubic, &[0.0, 0.6, 1.0, 1.25, 1.4, 1.5, 1.6, 1.75, 2.0, 2.4, 3.0]);
    assert!(whole.interpolate("cubical").is_err());
}

/// 26 values every 30 days from 2000-01-15.
fn months(calendar: Calendar) -> DataArray {
    let time = DateRange::new("30D")
        .unwrap()
        .start("2000-01-15")
        .periods(26)
        .calendar(calendar)
        .along("time")
        .unwrap();
    let data = Variable::from_vec("time", (0..26).map(f64::from).collect()).unwrap();
    DataArray::new(None, data, [("time".to_owned(), time)]).unwrap()
}

#[test]
fn seasons_stay_whole_over_the_turn_of_the_year() {
    let plain = months(Calendar::Standard);
    let seasons = |names: &[&str]| SeasonResampler::new(names.iter().copied()).unwrap();
    let all = seasons(&["DJF", "MAM", "JJA", "SON"]);
    let whole = plain.resample("time", all.clone()).unwrap().sum().unwrap();
    same(&whole, &[9.0, 18.0, 27.0, 36.0, 45.0, 54.0, 63.0, 72.0]);
    assert!(whole.to_string().contains("2000-03-01"), "{whole}");
    let with_first = plain.resample("time", all.drop_incomplete(false)).unwrap().sum().unwrap();
    same(&with_first, &[1.0, 9.0, 18.0, 27.0, 36.0, 45.0, 54.0, 63.0, 72.0]);
    assert!(with_first.to_string().contains("1999-12-01"), "{with_first}");
    let two = plain.resample("time", seasons(&["DJF", "JJA"])).unwrap().sum().unwrap();
    same(&two, &[18.0, 36.0, 54.0, 72.0]);
}

#[test]
fn seasons_of_all_years_may_overlap_and_leave_months_out() {
    let by = |data: &DataArray, names: &[&str]| {
        let grouper = SeasonGrouper::new(names.iter().copied()).unwrap();
        data.groupby([("time", grouper)]).unwrap().sum().unwrap()
    };
    let plain = months(Calendar::Standard);
    let sums = by(&plain, &["JF", "MAM", "JJAS", "OND"]);
    assert_eq!(sums.dims(), ["season"]);
    same(&sums, &[75.0, 54.0, 100.0, 96.0]);
    same(&by(&plain, &["DJFM", "MAMJ"]), &[125.0, 76.0]);
    same(&by(&plain.isel("time", ..2).unwrap(), &["JF", "MAM"]), &[1.0, NAN]);
}

#[test]
fn calendars_without_leap_days_are_resampled_too() {
    let noleap = months(Calendar::NoLeap);
    let years = noleap.resample("time", "YS").unwrap().sum().unwrap();
    assert_eq!(years.coords().index("time").unwrap().calendar(), Some(Calendar::NoLeap));
    same(&years, &[66.0, 210.0, 49.0]);
    let days360 = months(Calendar::Day360).groupby("time.month").unwrap().count().unwrap();
    assert_eq!(days360.shape(), [12]);
}

#[test]
fn keys_that_cannot_be_groups_are_refused() {
    let empty = da().isel("time", ..0).unwrap();
    assert!(empty.groupby("lab").err().unwrap().to_string().contains("has no values"));
    let missing = Variable::from_vec("time", vec![NAN; 6]).unwrap();
    let missing = DataArray::new(Some("key"), missing, []).unwrap();
    assert!(da().groupby(&missing).is_err());
    let short = DataArray::new(Some("key"), Variable::from_vec("time", vec![1i64]).unwrap(), []).unwrap();
    assert!(matches!(da().groupby(&short).err().unwrap(), Error::SizeConflict { .. }));
    let other = DataArray::new(Some("key"), Variable::from_vec("y", vec![1i64]).unwrap(), []).unwrap();
    assert!(matches!(da().groupby(&other).err().unwrap(), Error::UnknownDim { .. }));
    let clash = DataArray::new(Some("x"), Variable::from_vec("time", vec![1i64; 6]).unwrap(), []).unwrap();
    assert!(matches!(da().groupby(&clash).err().unwrap(), Error::DuplicateName { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Sums of groups add up to the sum, and taking the mean of each group away leaves means of zero.
    #[test]
    fn groups_divide_the_data(keys in prop::collection::vec(0i64..5, 1..40), chunk in 1usize..8) {
        let n = keys.len();
        let data = Array::random_normal(0.0, 1.0, 7, (n, 3), (chunk, 2)).unwrap();
        let key = Variable::from_vec("time", keys).unwrap();
        let da = DataArray::new(None, Variable::new(["time", "x"], data).unwrap(), [("key".to_owned(), key)]).unwrap();
        let groups = da.groupby("key").unwrap();
        let apart = values(&groups.sum().unwrap().sum("key").unwrap());
        for (a, b) in apart.iter().zip(values(&da.sum("time").unwrap())) {
            prop_assert!((a - b).abs() < 1e-9);
        }
        let anomaly = (&groups - groups.mean()).unwrap();
        for mean in values(&anomaly.groupby("key").unwrap().mean().unwrap()) {
            prop_assert!(mean.abs() < 1e-9);
        }
        let mapped = values(&groups.map(|group| group - group.mean("time")).unwrap());
        for (a, b) in mapped.iter().zip(values(&anomaly)) {
            prop_assert!((a - b).abs() < 1e-12);
        }
    }
}

#[test]
fn the_variance_of_anomalies_takes_one_pass_over_the_data() {
    let data = Array::random_normal(0.0, 1.0, 1, (24, 4, 3), (5, 2, 3)).unwrap();
    let time = date_range("time", "2000-01-01", "2001-12-01", "MS").unwrap();
    let data = Variable::new(["time", "lat", "lon"], data).unwrap();
    let da = DataArray::new(None, data, [("time".to_owned(), time)]).unwrap();
    let groups = da.groupby("time.month").unwrap();
    let anomaly = (&groups - groups.mean()).unwrap();
    let variance = anomaly.var("time").unwrap();
    let plan = variance.explain().unwrap();
    let direct = anomaly.compute().unwrap().var("time").unwrap();
    for (a, b) in values(&variance).iter().zip(values(&direct)) {
        assert!((a - b).abs() < 1e-12);
    }
    assert_eq!(plan.matches("(24, 4, 3) in").count(), 1, "{plan}");
}

#[test]
fn labels_of_several_levels_are_compared_beside_groups() {
    let data =
        Variable::new(["time", "a", "b"], Array::arange(8).unwrap().reshape(&[2, 2, 2]).unwrap()).unwrap();
    let kind = Variable::from_vec("time", vec![0i64, 1]).unwrap();
    let labels = |dim: &str, first: i64| (dim.to_owned(), Variable::from_vec(dim, vec![first, 9]).unwrap());
    let stacked = |first| {
        let coords = [("kind".to_owned(), kind.clone()), labels("a", first), labels("b", 3)];
        DataArray::new(None, data.clone(), coords).unwrap().stack("point", ["a", "b"]).unwrap()
    };
    let (one, other) = (stacked(1), stacked(2));
    let groups = one.groupby("kind").unwrap();
    assert_eq!(groups.mean().unwrap().coords().index_names("point"), ["a", "b"]);
    assert_eq!(
        (&groups - one.groupby("kind").unwrap().mean()).unwrap().sum(()).unwrap().item().unwrap(),
        0.0
    );
    assert!((&groups - other.groupby("kind").unwrap().mean()).unwrap_err().is_alignment());
    let mapped = groups.map(|group| Ok(group.clone())).unwrap();
    assert_eq!(mapped.coords().index_names("point"), ["a", "b"]);
    assert_eq!(one.groupby("a").unwrap().sum().unwrap().shape(), [2, 2]);
}
