use std::sync::Arc;

use graticule_array::{Array, Buffer, Chunk, DType, NAT, TimeUnit};
use graticule_dataset::time::{self, Binning, Calendar, DateRange, Frequency, Origin, Side, date_range};
use graticule_dataset::{
    AlignOn, Attrs, By, ConvertCalendar, DataArray, Dataset, Join, Sel, Variable, align, concat,
};

use crate::support::{attrs, values};

/// 0, 1, 2, … over daily times of a calendar.
fn daily(start: &str, days: usize, calendar: Calendar) -> DataArray {
    let time =
        DateRange::new("D").unwrap().start(start).periods(days).calendar(calendar).along("time").unwrap();
    over(time)
}

fn over(time: Variable) -> DataArray {
    let data = Array::arange(time.shape()[0]).unwrap();
    let data = (&data.rechunk(50).unwrap() * 1.0).unwrap();
    DataArray::new(Some("x"), Variable::new(["time"], data).unwrap(), [("time".into(), time)]).unwrap()
}

fn unit(times: &Variable) -> TimeUnit {
    match times.dtype() {
        DType::Datetime(unit) => unit,
        _ => TimeUnit::Second,
    }
}

fn dates(array: &DataArray) -> Vec<String> {
    let time = array.coords().get("time").unwrap();
    let unit = unit(time);
    let (chunk, calendar) = (time.values().unwrap(), time.calendar().unwrap());
    chunk.as_slice::<i64>().unwrap().iter().map(|&t| time::format_in(t, unit, calendar)).collect()
}

#[test]
fn a_calendar_goes_along_with_its_times() {
    let da = daily("2000-02-28", 5, Calendar::Day360);
    let time = da.coord("time").unwrap();
    let calendar = |array: &DataArray| array.variable().calendar();
    assert_eq!(calendar(&time), Some(Calendar::Day360));
    assert_eq!(calendar(&time.isel("time", 1..3).unwrap()), Some(Calendar::Day360));
    assert_eq!(calendar(&time.max(()).unwrap()), Some(Calendar::Day360));
    let day = time.isel("time", 1).unwrap();
    let since = (&time - &day).unwrap();
    assert_eq!((since.dtype(), calendar(&since)), (DType::Timedelta(TimeUnit::Microsecond), None));
    assert_eq!(calendar(&(&time + &since).unwrap()), Some(Calendar::Day360));
    assert_eq!(calendar(&(&since + &time).unwrap()), Some(Calendar::Day360));
    assert_eq!(calendar(&time.where_(time.gt(&day)).unwrap()), Some(Calendar::Day360));
    assert_eq!(calendar(&time.ge(&day).unwrap()), None);
}

#[test]
fn times_of_two_calendars_do_not_mix() {
    let (noleap, plain) =
        (daily("2000-01-01", 3, Calendar::NoLeap), daily("2000-01-01", 3, Calendar::Standard));
    let refused = |error: graticule_dataset::Error| {
        let text = error.to_string();
        assert!(text.contains("noleap") && text.contains("proleptic_gregorian"), "{text}");
    };
    refused((&noleap + &plain).unwrap_err());
    let (a, b) = (noleap.coord("time").unwrap(), plain.coord("time").unwrap());
    let bare = |array: &DataArray| DataArray::new(None, array.variable().clone(), []).unwrap();
    refused((&bare(&a) - &bare(&b)).unwrap_err());
    refused(bare(&a).lt(bare(&b)).unwrap_err());
    refused(bare(&a).where_else(true, bare(&b)).unwrap_err());
    let dataset = |da: &DataArray| {
        let time = da.coords().get("time").unwrap().clone();
        Dataset::new([("x".to_owned(), da.variable().clone())], [("time".to_owned(), time)], Attrs::new())
            .unwrap()
    };
    refused(concat(&[dataset(&noleap), dataset(&plain)], "time").unwrap_err());
    for join in [Join::Exact, Join::Inner, Join::Outer, Join::Left] {
        refused(align(&[&noleap, &plain], join).unwrap_err());
    }
    refused(noleap.combine_first(&plain).unwrap_err());
    refused(noleap.reindex_like(&plain).unwrap_err());
    refused(noleap.reindex("time", &b).unwrap_err());
    refused(bare(&a).isin(&b).unwrap_err());
    let members = |da: &DataArray| {
        let both = da.expand_dims([("member", 2)]).unwrap();
        both.stack("point", ["member", "time"]).unwrap()
    };
    refused(align(&[&members(&noleap), &members(&plain)], Join::Outer).unwrap_err());
    let sides = [("a".to_owned(), a.variable().clone()), ("b".to_owned(), b.variable().clone())];
    let sides = sides.map(|(name, times)| (name, times.transpose(["time"]).unwrap()));
    refused(Dataset::new(sides, [], Attrs::new()).unwrap().to_dataarray("side").unwrap_err());
}

#[test]
fn a_calendar_goes_along_with_labels_that_are_joined_stacked_or_found() {
    let da = daily("2000-02-28", 4, Calendar::Day360);
    let late = daily("2000-02-30", 4, Calendar::Day360);
    let days = ["2000-02-28", "2000-02-29", "2000-02-30", "2000-03-01", "2000-03-02", "2000-03-03"];
    let aligned = align(&[&da, &late], Join::Outer).unwrap();
    assert_eq!(dates(&aligned[0]), days);
    assert_eq!(dates(&da.combine_first(&late).unwrap()), days);
    assert_eq!(dates(&da.reindex_like(&late).unwrap()), days[2..]);
    assert_eq!(
        dates(&da.reindex("time", ["2000-02-30", "2000-03-05"]).unwrap()),
        ["2000-02-30", "2000-03-05"]
    );
    assert_eq!(dates(&da.sortby(By::from("time").descending()).unwrap())[0], "2000-03-01");
    let stacked = da.expand_dims([("member", 2)]).unwrap().stack("point", ["member", "time"]).unwrap();
    assert_eq!(dates(&stacked)[4..6], days[..2]);
    assert_eq!(values(&stacked.sel("time", "2000-02-30").unwrap()), [2.0, 2.0]);
    assert_eq!(dates(&stacked.unstack("point").unwrap()), days[..4]);
    let error = stacked.sel("time", "2000-03-30").unwrap_err().to_string();
    assert!(error.contains("2000-03-01"), "{error}");
    let latest = da.idxmax("time").unwrap();
    assert_eq!(latest.variable().calendar(), Some(Calendar::Day360));
    let error = align(&[&da, &late], Join::Exact).unwrap_err().to_string();
    assert!(error.contains("2000-02-29"), "{error}");
    // Labels from an array of another calendar are its dates.
    let plain = daily("2000-02-29", 1, Calendar::ProlepticGregorian).coord("time").unwrap();
    assert_eq!(values(&da.sel("time", &plain).unwrap()), [1.0]);
    let months = da.resample("time", "MS").unwrap().count().unwrap();
    assert_eq!(dates(&months), ["2000-02-01", "2000-03-01"]);
    let by_day = da.groupby("time").unwrap();
    assert_eq!(dates(&by_day.mean().unwrap()), days[..4]);
    let error = (by_day - daily("2000-02-28", 4, Calendar::NoLeap)).unwrap_err().to_string();
    assert!(error.contains("360_day") && error.contains("noleap"), "{error}");
    let names = da.to_dataset_dim("time").unwrap();
    assert_eq!(names.names().nth(2), Some("2000-02-30"));
}

#[test]
fn labels_of_every_calendar_are_found() {
    let da = daily("1999-12-01", 500, Calendar::Day360);
    assert_eq!(values(&da.sel("time", "2000-02-30").unwrap()), [89.0]);
    assert_eq!(da.sel("time", "2000-02").unwrap().shape(), [30]);
    assert_eq!(da.sel("time", "2000").unwrap().shape(), [360]);
    assert_eq!(
        dates(&da.sel("time", "2000-02-29"..="2000-03-01").unwrap()),
        ["2000-02-29", "2000-02-30", "2000-03-01"]
    );
    assert_eq!(values(&da.sel("time", Sel::nearest("2000-02-30T13")).unwrap()), [90.0]);
    let date = |y, m, d| chrono::NaiveDate::from_ymd_opt(y, m, d).unwrap();
    assert_eq!(values(&da.sel("time", date(2000, 2, 29)).unwrap()), [88.0]);
    let held = da.coords().labels("time").unwrap().get(89).unwrap();
    assert_eq!(values(&da.sel("time", held).unwrap()), [89.0]);
    let error = da.sel("time", date(2000, 1, 31)).unwrap_err().to_string();
    assert!(error.contains("360_day has no such date"), "{error}");
    let error = da.sel("time", "2000-01-31").unwrap_err().to_string();
    assert!(error.contains("not in 1 to 30"), "{error}");
    let error = daily("1999-12-01", 3, Calendar::NoLeap).sel("time", "2001-01-01").unwrap_err().to_string();
    assert!(error.contains("its 3 labels run from 1999-12-01 to 1999-12-03"), "{error}");
}

#[test]
fn the_text_of_times_shows_their_dates() {
    let text = daily("2000-02-29", 3, Calendar::Day360).to_string();
    assert!(text.contains("datetime64[us, 360_day] 24B 2000-02-29 2000-02-30 2000-03-01"), "{text}");
    let text = daily("2000-02-29", 3, Calendar::Day360).coord("time").unwrap().to_string();
    assert!(text.contains("'2000-02-30'"), "{text}");
}

#[test]
fn parts_of_times_keep_coordinates_and_attributes() {
    let mut time = date_range("time", "2000-01-31", "2000-12-31", "ME").unwrap();
    *time.attrs_mut() = attrs(&[("long_name", "time")]);
    let da = over(time);
    let month = da.coord_field("time.month").unwrap();
    assert_eq!((month.name(), month.dtype()), (Some("month"), DType::I64));
    assert_eq!(values(&month), (1..13).map(f64::from).collect::<Vec<_>>());
    assert_eq!(month.attrs(), &attrs(&[("long_name", "time")]));
    assert!(month.coords().is_index("time"));
    let season = da.coord_field("time.season").unwrap().values::<Arc<str>>().unwrap();
    assert_eq!(season.iter().map(AsRef::as_ref).collect::<Vec<_>>()[1..5], ["DJF", "MAM", "MAM", "MAM"]);
    let time = da.coord("time").unwrap();
    let dt = time.dt().unwrap();
    assert!(dt.is_month_end().unwrap().all(()).unwrap().values::<bool>().unwrap()[[]]);
    assert_eq!(dt.is_quarter_end().unwrap().sum(()).unwrap().item().unwrap(), 4.0);
    assert_eq!(values(&dt.decimal_year().unwrap())[1], 2000.0 + 59.0 / 366.0);
    assert_eq!(dt.infer_freq().unwrap().unwrap().to_string(), "ME");
    assert_eq!(dt.weekday().unwrap().name(), Some("weekday"));
    let texts = dt.strftime("%d %b %Y").unwrap();
    assert_eq!(texts.values::<Arc<str>>().unwrap()[1].as_ref(), "29 Feb 2000");
    assert!(texts.attrs().is_empty());
    let error = da.coord_field("time.moth").unwrap_err().to_string();
    assert!(error.contains("month"), "{error}");
    assert!(da.dt().unwrap_err().to_string().contains("only datetime64 and timedelta64"));
}

#[test]
fn lazy_times_have_lazy_parts() {
    let seconds = (Array::arange(1000).unwrap().rechunk(100).unwrap() * 3_600).unwrap();
    let times = seconds.astype(DType::Datetime(TimeUnit::Second)).unwrap();
    let da = DataArray::new(None, Variable::new(["t"], times).unwrap().with_calendar(Calendar::NoLeap), [])
        .unwrap();
    let dt = da.dt().unwrap();
    assert!(dt.hour().unwrap().data().resident().is_none());
    assert_eq!(values(&dt.hour().unwrap())[30], 6.0);
    let texts = dt.strftime("%m-%d %H").unwrap().values::<Arc<str>>().unwrap();
    assert_eq!(texts[999].as_ref(), "02-11 15");
    let seasons = dt.season().unwrap().values::<Arc<str>>().unwrap();
    assert_eq!(seasons[0].as_ref(), "DJF");
}

#[test]
fn times_are_rounded_to_steps() {
    // As xarray's dt.floor, dt.ceil and dt.round of these.
    let time = DateRange::new("13h").unwrap().start("2000-01-01T12").periods(3).along("time").unwrap();
    let da = DataArray::new(None, time, []).unwrap();
    let texts = |array: DataArray| {
        let chunk = array.variable().values().unwrap();
        let text = |&t: &i64| time::format(t, TimeUnit::Nanosecond);
        chunk.as_slice::<i64>().unwrap().iter().map(text).collect::<Vec<_>>()
    };
    let dt = da.dt().unwrap();
    assert_eq!(texts(dt.floor("D").unwrap()), ["2000-01-01", "2000-01-02", "2000-01-02"]);
    assert_eq!(texts(dt.ceil("D").unwrap()), ["2000-01-02", "2000-01-03", "2000-01-03"]);
    assert_eq!(texts(dt.round("D").unwrap()), ["2000-01-02", "2000-01-02", "2000-01-03"]);
    assert_eq!(texts(dt.round("3D").unwrap()), ["1999-12-31", "2000-01-03", "2000-01-03"]);
    assert!(dt.floor("ME").unwrap_err().to_string().contains("fits times in ns"));
}

#[test]
fn durations_have_parts_too() {
    let dtype = DType::Timedelta(TimeUnit::Nanosecond);
    let counts = vec![-1, 90_061_000_002_003];
    let durations = |counts: Vec<i64>| {
        let chunk = Chunk::from_buffer(vec![counts.len()], dtype, Buffer::I64(counts)).unwrap();
        DataArray::new(None, Variable::from_chunk(["t"], chunk).unwrap(), []).unwrap()
    };
    let held = durations(counts);
    let dt = held.dt().unwrap();
    assert_eq!(values(&dt.days().unwrap()), [-1.0, 1.0]);
    assert_eq!(values(&dt.seconds().unwrap()), [86_399.0, 3_661.0]);
    assert_eq!(values(&dt.microseconds().unwrap()), [999_999.0, 2.0]);
    assert_eq!(values(&dt.nanoseconds().unwrap()), [999.0, 3.0]);
    assert_eq!(values(&dt.total_seconds().unwrap()), [-1e-9, 90_061.000002003]);
    assert!(dt.year().unwrap_err().to_string().contains("give datetime64"));
    let missing = durations(vec![NAT]);
    assert!(values(&missing.dt().unwrap().days().unwrap())[0].is_nan());
}

#[test]
fn dates_are_kept_in_another_calendar() {
    // Positions that xarray's convert_calendar leaves out, and where it puts NaN in.
    let da = daily("2000-01-01", 731, Calendar::Standard);
    let left_out = |converted: &DataArray| {
        let kept = values(converted);
        (0..731).filter(|&i| !kept.contains(&f64::from(i))).collect::<Vec<_>>()
    };
    let put_in = |converted: &DataArray| {
        let values = values(converted);
        (0..values.len()).filter(|&i| values[i].is_nan()).collect::<Vec<_>>()
    };
    let noleap = da.convert_calendar(Calendar::NoLeap).unwrap();
    assert_eq!((left_out(&noleap), noleap.variable().dims().len()), (vec![59], 1));
    let to_360 = |align_on| ConvertCalendar::to(Calendar::Day360).align_on(align_on);
    let by_date = da.convert_calendar(to_360(AlignOn::Date).missing(f64::NAN)).unwrap();
    assert_eq!(left_out(&by_date), [30, 90, 151, 212, 243, 304, 365, 396, 455, 516, 577, 608, 669, 730]);
    assert_eq!(put_in(&by_date), [59, 418, 419]);
    let by_year = da.convert_calendar(to_360(AlignOn::Year)).unwrap();
    let dropped = [30, 91, 152, 213, 274, 335, 402, 475, 548, 621, 694];
    assert_eq!(left_out(&by_year), dropped);
    assert_eq!(dates(&by_year).last().unwrap(), "2001-12-30");
    let back = ConvertCalendar::to(Calendar::Standard).align_on(AlignOn::Year).missing(f64::NAN);
    let back = by_year.convert_calendar(back).unwrap();
    assert_eq!(put_in(&back), [30, 90, 152, 212, 274, 334, 402, 474, 548, 620, 694]);
    assert_eq!(back.coords().get("time").unwrap().dtype(), DType::Datetime(TimeUnit::Nanosecond));
    let leap = da.convert_calendar(ConvertCalendar::to(Calendar::AllLeap).missing(f64::NAN)).unwrap();
    assert_eq!((leap.shape(), put_in(&leap)), (&[732][..], vec![425]));
    let error = da.convert_calendar(Calendar::Day360).unwrap_err().to_string();
    assert!(error.contains("align_on"), "{error}");
    let random = da.convert_calendar(to_360(AlignOn::Random { seed: 1 })).unwrap();
    assert_eq!(random.shape(), [720]);
    assert_eq!(left_out(&random).len(), 11);
    let same = da.convert_calendar(Calendar::ProlepticGregorian).unwrap();
    assert_eq!(same.shape(), da.shape());
}

#[test]
fn ends_of_months_stay_ends() {
    let time = DateRange::new("ME").unwrap().start("2000-01-31").periods(14).along("time").unwrap();
    let da = over(time);
    let to = ConvertCalendar::to(Calendar::Day360).align_on(AlignOn::Date).missing(f64::NAN);
    let converted = da.convert_calendar(to).unwrap();
    assert_eq!(dates(&converted).last().unwrap(), "2001-02-30");
    assert_eq!(
        values(&converted).iter().filter(|x| !x.is_nan()).copied().collect::<Vec<_>>(),
        [3.0, 5.0, 8.0, 10.0]
    );
}

#[test]
fn bins_are_those_of_pandas() {
    // As pandas.Series(...).resample(freq, ...).count() has them.
    let time = DateRange::new("7h").unwrap().start("1999-12-31T23:00").periods(8).along("time").unwrap();
    let chunk = time.values().unwrap();
    let bins = |freq: &str, binning: Binning| {
        let bins = Frequency::parse(freq).unwrap().bins(&chunk, Calendar::default(), &binning).unwrap();
        let labels = bins.labels.as_slice::<i64>().unwrap();
        let labels: Vec<String> = labels.iter().map(|&t| time::format(t, TimeUnit::Nanosecond)).collect();
        (bins.codes, labels)
    };
    let (codes, labels) = bins("D", Binning::default());
    assert_eq!(codes, [0, 1, 1, 1, 2, 2, 2, 3]);
    assert_eq!(labels, ["1999-12-31", "2000-01-01", "2000-01-02", "2000-01-03"]);
    let (codes, labels) = bins("ME", Binning::default());
    assert_eq!(
        (codes, labels),
        (vec![0, 1, 1, 1, 1, 1, 1, 1], vec!["1999-12-31".into(), "2000-01-31".into()])
    );
    let right = Binning { closed: Some(Side::Right), label: Some(Side::Right), ..Binning::default() };
    let (codes, labels) = bins("12h", right);
    assert_eq!(codes, [0, 1, 2, 2, 3, 3, 4, 4]);
    assert_eq!(labels[0], "2000-01-01");
    let (codes, labels) = bins("20h", Binning { origin: Origin::End, ..Binning::default() });
    assert_eq!(codes, [0, 0, 1, 1, 1, 2, 2, 2]);
    assert_eq!(labels.last().unwrap(), "2000-01-03");
    let missing =
        Chunk::from_buffer(vec![2], DType::Datetime(TimeUnit::Second), Buffer::I64(vec![NAT, 5])).unwrap();
    let day = Frequency::parse("D").unwrap();
    assert_eq!(day.bins(&missing, Calendar::NoLeap, &Binning::default()).unwrap().codes, [-1, 0]);
    let back = Frequency::parse("-D").unwrap().bins(&missing, Calendar::NoLeap, &Binning::default());
    assert!(back.unwrap_err().to_string().contains("positive multiple"));
    let fine = Frequency::parse("ms").unwrap().bins(&missing, Calendar::NoLeap, &Binning::default());
    assert!(fine.unwrap_err().to_string().contains("the times are in s"));
}

/// What xarray resamples into, recorded by `scripts/golden_bins.py`.
#[test]
fn bins_are_those_of_xarray_in_every_calendar() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data-fixtures/golden/bins.json");
    let cases: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for case in cases.as_array().unwrap() {
        let text = |name: &str| case[name].as_str().unwrap();
        let option = |name: &str| case["kw"][name].as_str();
        let range = DateRange::new(text("step")).unwrap().start(text("start"));
        let range = range.calendar(Calendar::parse(text("calendar")).unwrap());
        let time = range.periods(case["n"].as_u64().unwrap() as usize).along("time").unwrap();
        let side =
            |name: &str| option(name).map(|side| if side == "left" { Side::Left } else { Side::Right });
        let binning = Binning {
            closed: side("closed"),
            label: side("label"),
            origin: match option("origin") {
                Some("epoch") => Origin::Epoch,
                Some("start") => Origin::Start,
                Some("end") => Origin::End,
                Some("end_day") => Origin::EndDay,
                _ => Origin::StartDay,
            },
            offset_nanos: if option("offset") == Some("3h") { 3 * 3_600_000_000_000 } else { 0 },
        };
        let calendar = time.calendar().unwrap();
        let bins = Frequency::parse(text("freq")).unwrap();
        let bins = bins.bins(&time.values().unwrap(), calendar, &binning).unwrap();
        let DType::Datetime(unit) = bins.labels.dtype() else { panic!("not times") };
        let label = |&t: &i64| time::format_in(t, unit, calendar);
        let labels: Vec<String> = bins.labels.as_slice::<i64>().unwrap().iter().map(label).collect();
        let array = |name: &str| case[name].as_array().unwrap().iter();
        let wanted: Vec<&str> =
            array("labels").map(|l| l.as_str().unwrap().trim_end_matches("T00:00:00")).collect();
        assert_eq!(labels, wanted, "{case}");
        assert_eq!(
            bins.codes,
            array("codes").map(|code| code.as_i64().unwrap()).collect::<Vec<_>>(),
            "{case}"
        );
    }
}

#[test]
fn no_times_and_one_time_are_fine() {
    let none = daily("2000-01-01", 0, Calendar::NoLeap);
    assert_eq!(none.coord_field("time.month").unwrap().shape(), [0]);
    assert_eq!(none.convert_calendar(Calendar::Standard).unwrap().shape(), [0]);
    let labels = none.coords().labels("time").unwrap();
    let month = Frequency::parse("MS").unwrap();
    let bins = month.bins(labels, Calendar::NoLeap, &Binning::default()).unwrap();
    assert!(bins.codes.is_empty() && bins.labels.is_empty());
    let one = daily("2000-02-29", 1, Calendar::Standard);
    assert_eq!(one.convert_calendar(Calendar::NoLeap).unwrap().shape(), [0]);
    let bins =
        month.bins(one.coords().labels("time").unwrap(), Calendar::default(), &Binning::default()).unwrap();
    assert_eq!((bins.codes, bins.labels.len()), (vec![0], 1));
    let scalar = one.isel("time", 0).unwrap();
    assert_eq!(scalar.coord_field("time.day").unwrap().item().unwrap(), 29.0);
}
