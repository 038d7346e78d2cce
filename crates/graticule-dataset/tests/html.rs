use graticule_array::Array;
use graticule_dataset::{Attrs, DataArray, DataTree, Dataset, Variable, s};

use crate::support::{attrs, on, year};

/// Without the style, which says nothing about the data, a part a line.
fn body(html: &str) -> String {
    let (before, rest) = html.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    format!("{before}{after}").replace("</details><details", "</details>\n<details")
}

/// Some days and places of the year.
fn few() -> Dataset {
    year().isel("time", s![..5]).unwrap().isel("lat", s![..2]).unwrap().isel("lon", s![..3]).unwrap()
}

#[test]
fn a_dataset_has_parts_that_open() {
    let ds = few();
    let ds = ds.with_array("mask", on("mask", vec![1.0, 2.0], vec![0.0, f64::NAN])).unwrap();
    insta::assert_snapshot!(body(&ds.to_html()));
}

#[test]
fn an_array_shows_values_or_chunks() {
    insta::assert_snapshot!("lazy", body(&few().get("adt").unwrap().to_html()));
    insta::assert_snapshot!("memory", body(&on("speed", vec![1.0, 2.0], vec![0.5, 12.25]).to_html()));
}

#[test]
fn a_tree_has_nodes_inside_each_other() {
    let small = few().isel("lat", 0).unwrap().isel("lon", 0).unwrap();
    let below = small.drop_vars(["time"]).unwrap();
    let tree = DataTree::from_dict([("/", small), ("/models/<low>", below)]).unwrap().with_name("all");
    insta::assert_snapshot!("tree", body(&tree.to_html()));
    let node = tree.node("models/<low>").unwrap().to_html();
    assert!(node.contains("Inherited coordinates") && node.contains("/models/&lt;low&gt;"), "{node}");
}

#[test]
fn nothing_that_a_file_says_becomes_markup() {
    let evil = "</div><script>alert('x')</script>\"&";
    let texts = vec![evil.into(), "b".into()] as Vec<std::sync::Arc<str>>;
    let of = attrs(&[(evil, evil)]);
    let coord = Variable::from_vec(evil, texts).unwrap().with_attrs(of.clone());
    let lazy = Variable::new([evil], (&Array::ones(2, "auto").unwrap() * 2.0).unwrap())
        .unwrap()
        .with_attrs(of.clone());
    let stacked = Variable::new([evil, "y"], (&Array::ones((2, 3), "auto").unwrap() * 2.0).unwrap()).unwrap();
    let data = [("a".to_owned(), lazy.clone()), ("<img>".to_owned(), stacked)];
    let ds = Dataset::new(data, [(evil.to_owned(), coord.clone())], of).unwrap();
    let da = DataArray::new(Some(evil), lazy, [(evil.to_owned(), coord)]).unwrap();
    let below = on("<script>", vec![1.0], vec![2.0]).to_dataset().unwrap();
    let tree = DataTree::from_dict([("<script>", below)]).unwrap();
    for html in [ds.to_html(), da.to_html(), tree.with_name(evil).to_html()] {
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
        assert_eq!(html.matches("<div").count(), html.matches("</div>").count(), "{html}");
        assert_eq!(html.matches("<details").count(), html.matches("</details>").count(), "{html}");
    }
}

#[test]
fn wide_deep_empty_and_long_things_stay_small() {
    let one = Variable::new(["x"], (&Array::ones(10, 2).unwrap() * 2.0).unwrap()).unwrap();
    let variables = (0..200).map(|i| (format!("v{i}"), one.clone()));
    let mut wide = Dataset::new(variables, [], Attrs::new()).unwrap();
    wide.attrs_mut().insert("history".into(), "long ".repeat(100_000).into());
    let html = wide.to_html();
    assert!(
        html.contains("gr-many") && html.contains("(500000 characters)") && html.len() < 400_000,
        "{}",
        html.len()
    );
    let dims = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let deep = (&Array::ones([1_000_000; 2].iter().chain(&[2; 6]).copied().collect::<Vec<usize>>(), "auto")
        .unwrap()
        * 2.0)
        .unwrap();
    let deep = DataArray::new(None, Variable::new(dims, deep).unwrap(), []).unwrap();
    assert_eq!(deep.to_html().matches("<svg").count(), 2);
    let small =
        Variable::new(dims, Array::ones([3usize; 8].to_vec(), "auto").unwrap()).unwrap().persist().unwrap();
    let small = DataArray::new(None, small, []).unwrap();
    assert!(small.to_string().lines().count() < 210);
    for nothing in [Dataset::new([], [], Attrs::new()).unwrap().to_html(), DataTree::default().to_html()] {
        assert!(nothing.contains("0B"), "{nothing}");
    }
    let empty = Variable::new(["x", "y"], (&Array::zeros((0, 5), "auto").unwrap() * 2.0).unwrap()).unwrap();
    let empty = DataArray::new(None, empty, []).unwrap().to_html();
    assert!(empty.contains("0 chunks") && !empty.contains("NaN"), "{empty}");
}

#[test]
fn a_page_is_saved_whole() {
    let path = std::env::temp_dir().join(format!("graticule-page-{}.html", std::process::id()));
    year().save_html(&path).unwrap();
    let page = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(
        page.starts_with("<!doctype html>")
            && page.ends_with("</html>\n")
            && page.contains("charset=\"utf-8\"")
    );
    let error = year().save_html("/no/such/folder/page.html").unwrap_err().to_string();
    assert!(error.starts_with("cannot write /no/such/folder/page.html: "), "{error}");
}
