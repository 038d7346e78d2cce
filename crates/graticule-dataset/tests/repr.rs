use graticule_array::Array;
use graticule_dataset::{Attrs, DataArray, Dataset, Variable};

use crate::support::{attrs, days, on, year};

#[test]
fn a_dataset_reads_like_xarrays() {
    let mut ds = year();
    ds.attrs_mut().insert("comment".into(), "long ".repeat(40).into());
    ds.attrs_mut().insert("lines".into(), "one\ntwo".into());
    ds.attrs_mut().insert("resolution".into(), 2.5.into());
    insta::assert_snapshot!(ds, @r"");
}

#[test]
fn an_array_shows_its_chunks_while_it_is_lazy() {
    insta::assert_snapshot!(year().get("adt").unwrap(), @r"");
}

#[test]
fn an_array_in_memory_shows_its_values() {
    insta::assert_snapshot!(on("speed", vec![1.0, 2.0, 3.0], vec![0.5, f64::NAN, 12.25]), @r"");
    let map = Variable::from_array(["y", "x"], ndarray::Array2::from_shape_fn((20, 30), |(y, x)| (y * x) as f32));
    insta::assert_snapshot!(DataArray::new(None, map.unwrap(), []).unwrap(), @r"");
}

#[test]
fn values_without_axes_texts_and_empty_things() {
    let names = Variable::from_vec("station", vec!["Brest".into(), "Newlyn".into()] as Vec<std::sync::Arc<str>>);
    let lazy = Variable::new(["station"], (&Array::ones(2, "auto").unwrap() * 2.0).unwrap()).unwrap();
    let hours = Variable::from_chunk(["hour"], days(0, 3).resident().unwrap().as_ref().clone()).unwrap();
    let ds = Dataset::new(
        [
            ("height_above_reference".to_owned(), lazy),
            ("scale".to_owned(), Variable::scalar(5.5).unwrap()),
            ("none".to_owned(), Variable::from_vec("z", Vec::<f64>::new()).unwrap()),
        ],
        [
            ("station".to_owned(), names.unwrap()),
            ("hour".to_owned(), hours),
            ("flag".to_owned(), Variable::scalar(true).unwrap()),
        ],
        Attrs::new(),
    )
    .unwrap();
    insta::assert_snapshot!(ds, @r"");
    insta::assert_snapshot!(Dataset::new([], [], Attrs::new()).unwrap(), @r"");
    insta::assert_snapshot!(Dataset::new([], [], attrs(&[("title", "nothing")])).unwrap(), @r"");
    insta::assert_snapshot!(year().get("adt").unwrap().mean(()).unwrap(), @r"");
}
