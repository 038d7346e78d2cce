use graticule_array::{Array, Chunk, DType, TimeUnit};
use graticule_dataset::time::{self, Calendar, PartialDate, parse_units};
use graticule_dataset::{
    DataArray, Dataset, Sel, Variable, assert_allclose_within, assert_equal, assert_identical, concat,
    polyval,
};
use proptest::prelude::*;

use crate::support::values;

/// A lazy array over distinct labels in any order.
fn labeled(labels: &[i32]) -> DataArray {
    let data =
        ndarray::Array2::from_shape_fn((labels.len(), 3), |(i, j)| f64::from(labels[i]) * 10.0 + j as f64);
    let data = (&Array::from_array(data, (2, 2)).unwrap() * 1.0).unwrap();
    let x =
        Variable::from_vec("x", labels.iter().map(|&x| f64::from(x) / 8.0).collect::<Vec<f64>>()).unwrap();
    DataArray::new(Some("v"), Variable::new(["x", "y"], data).unwrap(), [("x".to_owned(), x)]).unwrap()
}

fn distinct(max: usize) -> impl Strategy<Value = Vec<i32>> {
    proptest::collection::hash_set(-1000..1000i32, 1..max).prop_map(|set| {
        let mut labels: Vec<i32> = set.into_iter().collect();
        labels.sort_unstable_by_key(|x| x.wrapping_mul(7919) % 1009);
        labels
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn selecting_a_label_is_selecting_its_position(labels in distinct(20), pick in any::<prop::sample::Index>()) {
        let array = labeled(&labels);
        let position = pick.index(labels.len());
        let label = f64::from(labels[position]) / 8.0;
        let by_label = array.sel("x", label).unwrap();
        let by_position = array.isel("x", position).unwrap();
        prop_assert_eq!(values(&by_label), values(&by_position));
        let nearest = array.sel("x", Sel::nearest(label + 0.03)).unwrap();
        prop_assert_eq!(values(&nearest), values(&by_position));
    }

    #[test]
    fn a_range_is_what_lies_within(labels in distinct(20), a in -130.0..130.0f64, b in -130.0..130.0f64) {
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let mut sorted = labels.clone();
        sorted.sort_unstable();
        let expected: Vec<f64> =
            sorted.iter().map(|&x| f64::from(x) / 8.0).filter(|x| (low..=high).contains(x)).collect();
        let up = labeled(&sorted).sel("x", low..=high).unwrap();
        prop_assert_eq!(up.coords().labels("x").unwrap().to_f64(), expected.clone());
        sorted.reverse();
        let down = labeled(&sorted).sel("x", low..=high).unwrap();
        let reversed: Vec<f64> = expected.into_iter().rev().collect();
        prop_assert_eq!(down.coords().labels("x").unwrap().to_f64(), reversed);
    }

    #[test]
    fn parts_put_together_are_the_whole(labels in distinct(20), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..4)) {
        let array = labeled(&labels);
        let name = array.name().unwrap().to_owned();
        let x = array.coord("x").unwrap().variable().clone();
        let whole = Dataset::new([(name, array.variable().clone())], [("x".to_owned(), x)], graticule_dataset::Attrs::new()).unwrap();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(labels.len() + 1)).collect();
        ends.extend([0, labels.len()]);
        ends.sort_unstable();
        let parts: Vec<Dataset> = ends.windows(2).map(|w| whole.isel("x", w[0]..w[1]).unwrap()).collect();
        let again = concat(&parts, "x").unwrap();
        prop_assert_eq!(values(&again.get("v").unwrap()), values(&array));
        prop_assert_eq!(again.coords().labels("x").unwrap(), whole.coords().labels("x").unwrap());
    }

    #[test]
    fn whole_times_come_back_from_numbers(
        counts in proptest::collection::vec(-4_000_000_000i64..4_000_000_000, 1..20),
        unit in 0..4usize,
    ) {
        let units = ["seconds since 1900-01-01 06:00:00", "minutes since 2000-02-29", "hours since 1950-01-01 00:00:00 +02:00", "days since 1970-01-01"];
        let limit = [4_000_000_000i64, 100_000_000, 1_700_000, 70_000][unit];
        let counts: Vec<i64> = counts.into_iter().map(|n| n % limit).collect();
        let units = parse_units(units[unit]).unwrap();
        let numbers = Chunk::new(vec![counts.len()], counts).unwrap();
        for calendar in [Calendar::Standard, Calendar::ProlepticGregorian, Calendar::Julian, Calendar::AllLeap] {
            let (times, of_times) = time::decode(&numbers, &units, calendar, &[]).unwrap();
            prop_assert_eq!(&time::encode(&times, of_times, &units, calendar).unwrap(), &numbers);
        }
    }

    #[test]
    fn float_times_come_back_to_the_microsecond(micros in -2_000_000_000_000_000i64..2_000_000_000_000_000) {
        let dtype = DType::Datetime(TimeUnit::Microsecond);
        let times = Chunk::from_buffer(vec![1], dtype, graticule_array::Buffer::I64(vec![micros])).unwrap();
        let units = parse_units("hours since 1970-01-01").unwrap();
        let numbers = time::encode(&times, Calendar::ProlepticGregorian, &units, Calendar::Standard).unwrap();
        let (again, _) = time::decode(&numbers, &units, Calendar::Standard, &[]).unwrap();
        prop_assert_eq!(again.as_slice::<i64>().unwrap()[0], micros * 1_000);
    }

    #[test]
    fn times_of_every_calendar_come_back_from_their_encoding(
        counts in proptest::collection::vec(prop_oneof![-200_000_000_000i64..200_000_000_000, Just(i64::MIN)], 1..8),
        scale in 0..3usize,
        calendar in 0..6usize,
        units in 0..4usize,
    ) {
        let (calendar, unit) = (Calendar::ALL[calendar], [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond][scale]);
        let dtype = DType::Datetime(unit);
        let chunk = Chunk::from_buffer(vec![counts.len()], dtype, graticule_array::Buffer::I64(counts.clone())).unwrap();
        let mut times = Variable::from_chunk(["time"], chunk).unwrap().with_calendar(calendar);
        if let Some(units) = [None, Some("days since 1950-01-01"), Some("hours since 2000-01-01 06:00:00"), Some("seconds since 1-1-1")][units] {
            times.encoding_mut().insert("units".into(), units.into());
        }
        let again = time::decode_variable(&time::encode_variable(&times).unwrap()).unwrap();
        let DType::Datetime(decoded) = again.dtype() else { panic!("not times") };
        let texts = |variable: &Variable, unit| {
            let chunk = variable.values().unwrap();
            let calendar = variable.calendar().unwrap();
            chunk.as_slice::<i64>().unwrap().iter().map(|&t| time::format_in(t, unit, calendar)).collect::<Vec<_>>()
        };
        prop_assert_eq!(texts(&again, decoded), texts(&times, unit));
        if calendar != Calendar::Standard {
            prop_assert_eq!(again.calendar(), Some(calendar));
        }
    }

    #[test]
    fn a_year_is_its_months_and_a_month_its_days(year in 1600..2400i64, month in 1..13u8) {
        let bounds = |text: &str| PartialDate::parse(text).unwrap().bounds(TimeUnit::Second);
        let whole = bounds(&format!("{year:04}"));
        prop_assert_eq!(whole.0, bounds(&format!("{year:04}-01")).0);
        prop_assert_eq!(whole.1, bounds(&format!("{year:04}-12")).1);
        let (first, last) = bounds(&format!("{year:04}-{month:02}"));
        let days = (last + 1 - first) / 86_400;
        prop_assert!((28..=31).contains(&days));
        prop_assert_eq!(first, bounds(&format!("{year:04}-{month:02}-01")).0);
        prop_assert_eq!(last, bounds(&format!("{year:04}-{month:02}-{days:02}")).1);
        let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        prop_assert_eq!(last + 1, bounds(&format!("{:04}-{:02}", next.0, next.1)).0);
        prop_assert_eq!(&time::format(first, TimeUnit::Second), &format!("{year:04}-{month:02}-01"));
    }

    #[test]
    fn any_text_is_a_date_or_an_error(text in "[-0-9T:. Z+a-c]{0,24}") {
        let _ = PartialDate::parse(&text);
        let _ = parse_units(&format!("days since {text}"));
    }
}

/// Whole numbers, so that sums are exact, with gaps, over rising labels, in chunks.
fn gappy(values: &[Option<i32>], chunk: usize) -> DataArray {
    let values: Vec<f64> = values.iter().map(|value| value.map_or(f64::NAN, f64::from)).collect();
    let x: Vec<f64> = (0..values.len()).map(|i| (i * i + i) as f64).collect();
    let x = Variable::from_vec("x", x).unwrap();
    let data = Variable::from_vec("x", values).unwrap();
    DataArray::new(None, data, [("x".to_owned(), x)]).unwrap().chunk([("x", chunk)]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn running_sums_and_differences_undo_each_other(
        values in proptest::collection::vec((-1000..1000i32).prop_map(Some), 1..20),
        chunk in 1usize..6,
    ) {
        let data = gappy(&values, chunk);
        let again = data.cumsum("x").unwrap().diff("x", 1).unwrap();
        assert_equal(&again, &data.isel("x", 1..).unwrap()).unwrap();
        let total = data.cumulative_integrate("x").unwrap().isel("x", -1).unwrap();
        prop_assert_eq!(values_of(&total), values_of(&data.integrate("x").unwrap()));
    }

    #[test]
    fn what_is_moved_comes_back(
        values in proptest::collection::vec(proptest::option::of(-1000..1000i32), 1..20),
        chunk in 1usize..6,
        by in -30..30isize,
    ) {
        let data = gappy(&values, chunk);
        let rolled = data.roll_coords([("x", by)]).unwrap().roll_coords([("x", -by)]).unwrap();
        assert_identical(&rolled, &data).unwrap();
        let kept = values.len().saturating_sub(by.unsigned_abs());
        let there = if by < 0 { 0..kept } else { values.len() - kept..values.len() };
        let shifted = data.shift([("x", by)]).unwrap().isel("x", there.start as isize..there.end as isize).unwrap();
        let start = if by < 0 { values.len() - kept } else { 0 };
        let original = data.isel("x", start as isize..(start + kept) as isize).unwrap();
        prop_assert_eq!(values_of(&shifted), values_of(&original));
    }

    #[test]
    fn the_outermost_quantiles_are_the_extremes(
        values in proptest::collection::vec(proptest::option::of(-1000..1000i32), 1..20),
        chunk in 1usize..6,
    ) {
        let data = gappy(&values, chunk);
        let ends = data.quantile([0.0, 0.5, 1.0], "x").unwrap();
        for (i, expected) in [data.min("x"), data.median("x"), data.max("x")].into_iter().enumerate() {
            prop_assert_eq!(values_of(&ends.isel("quantile", i).unwrap()), values_of(&expected.unwrap()));
        }
        prop_assert_eq!(values_of(&data.rank("x").unwrap().count("x").unwrap()), values_of(&data.count("x").unwrap()));
    }

    #[test]
    fn filling_keeps_what_is_known_and_is_the_same_in_any_chunks(
        values in proptest::collection::vec(proptest::option::of(-1000..1000i32), 1..20),
        chunk in 1usize..6,
    ) {
        let data = gappy(&values, chunk);
        let filled = data.interpolate_na("x").unwrap();
        assert_equal(&filled, &gappy(&values, 100).interpolate_na("x").unwrap()).unwrap();
        assert_equal(&filled.where_(data.notnull()).unwrap(), &data).unwrap();
        assert_equal(&data.ffill("x", None).unwrap().where_(data.notnull()).unwrap(), &data).unwrap();
    }

    #[test]
    fn a_polynomial_through_enough_points_is_found(
        coefficients in proptest::collection::vec(-5..5i32, 1..4),
        chunk in 1usize..6,
    ) {
        let degrees: Vec<i64> = (0..coefficients.len() as i64).collect();
        let degree = Variable::from_vec("degree", degrees).unwrap();
        let numbers = Variable::from_vec("degree", coefficients.iter().map(|&c| f64::from(c)).collect()).unwrap();
        let exact = DataArray::new(None, numbers, [("degree".to_owned(), degree)]).unwrap();
        let x = gappy(&[Some(0); 6], chunk).coord("x").unwrap();
        let points = polyval(&x, &exact).unwrap();
        let fit = points.polyfit("x", coefficients.len() - 1).unwrap().get("polyfit_coefficients").unwrap();
        let back = polyval(&x, &fit).unwrap();
        assert_allclose_within(&back, &points, 1e-9, 1e-9).unwrap();
    }
}

/// The bits of values, so that NaN equals itself.
fn values_of(array: &DataArray) -> Vec<Option<u64>> {
    values(array).iter().map(|x| (!x.is_nan()).then(|| (x + 0.0).to_bits())).collect()
}
