use graticule_array::{Array, Binary};
use graticule_dataset::{
    Attrs, DataArray, DataTree, Dataset, Inherit, Join, Reduction, TreeItem, Variable, map_over_datasets,
};
use proptest::prelude::*;

use crate::support::{attrs, on, values};

fn ds<const N: usize, const M: usize>(
    data: [(&str, Variable); N],
    coords: [(&str, Variable); M],
    of: &[(&str, &str)],
) -> Dataset {
    let named = |(name, variable): (&str, Variable)| (name.to_owned(), variable);
    Dataset::new(data.map(named), coords.map(named), attrs(of)).unwrap()
}

fn vector(dim: &str, values: &[f64]) -> Variable {
    Variable::from_vec(dim, values.to_vec()).unwrap()
}

fn grid(dims: [&str; 2], shape: (usize, usize)) -> Variable {
    Variable::new(dims, Array::ones(shape, "auto").unwrap()).unwrap().persist().unwrap()
}

/// The root has labels for time; two models, one with a finer one below.
fn models() -> DataTree {
    let time = Variable::from_vec("time", vec![1i64, 2, 3]).unwrap();
    let root = ds(
        [("a", vector("time", &[0.0, 1.0, 2.0]))],
        [("time", time), ("s", Variable::scalar(5i64).unwrap())],
        &[("title", "x")],
    );
    let coarse = ds([("b", grid(["time", "x"], (3, 2)))], [("x", vector("x", &[0.5, 1.5]))], &[]);
    let deep = ds([("c", Variable::from_vec("x", vec![1i64, 2]).unwrap())], [], &[("q", "1")]);
    let fine = ds([("b", grid(["time", "y"], (3, 4)))], [], &[]);
    let nothing = ds([], [], &[]);
    let nodes =
        [("/empty/leaf", nothing), ("coarse/deep", deep), ("/", root), ("/coarse", coarse), ("fine", fine)];
    DataTree::from_dict(nodes).unwrap().with_name("root")
}

fn names(dataset: &Dataset) -> Vec<&str> {
    dataset.names().collect()
}

#[test]
fn nodes_inherit_indexes_but_no_other_coordinates() {
    let tree = models();
    let deep = tree.node("coarse/deep").unwrap();
    assert_eq!(names(&deep.dataset().unwrap()), ["c", "x", "time"]);
    assert_eq!(names(&deep.to_dataset(false).unwrap()), ["c"]);
    assert_eq!(names(&deep.to_dataset(Inherit::AllCoords).unwrap()), ["c", "x", "time", "s"]);
    assert_eq!(values(&tree.get("coarse/deep/time").unwrap()), [1.0, 2.0, 3.0]);
    assert_eq!(values(&deep.get("../../a").unwrap()), [0.0, 1.0, 2.0]);
    assert_eq!(values(&deep.get("/coarse/x").unwrap()), [0.5, 1.5]);
}

#[test]
fn nodes_are_walked_level_by_level() {
    let tree = models();
    let paths = ["/", "/empty", "/coarse", "/fine", "/empty/leaf", "/coarse/deep"];
    let mut sorted = paths.map(str::to_owned).to_vec();
    let mut groups = tree.groups();
    assert_eq!(groups[0], "/");
    sorted.sort();
    groups.sort();
    assert_eq!(groups, sorted);
    let levels: Vec<usize> = tree.subtree().map(|node| node.level()).collect();
    assert_eq!(levels, [0, 1, 1, 1, 2, 2]);
    assert_eq!(tree.depth(), 2);
    let coarse = tree.node("coarse").unwrap();
    let keys: Vec<String> = coarse.subtree_with_keys().map(|(key, _)| key).collect();
    assert_eq!(keys, [".", "deep"]);
    let deep = coarse.node("deep").unwrap();
    assert_eq!(deep.relative_to(&tree.node("fine").unwrap()).unwrap(), "../coarse/deep");
    assert_eq!(tree.root().relative_to(&deep).unwrap(), "../..");
    assert!(deep.relative_to(&models().root()).is_err());
    let mut siblings: Vec<_> = coarse.siblings().filter_map(|node| node.name()).collect();
    siblings.sort_unstable();
    assert_eq!(siblings, ["empty", "fine"]);
    assert_eq!((coarse.width(), coarse.height(), tree.root().name()), (3, 1, Some("root")));
    assert_eq!(tree.leaves().count(), 3);
}

#[test]
fn a_path_that_leads_nowhere_is_explained() {
    let tree = models();
    let error = tree.node("coarse/deeep").err().unwrap();
    let text = "in node \"/coarse\": there is no node \"deeep\"; did you mean \"deep\"? The names are deep";
    assert_eq!(error.to_string(), text);
    assert!(error.is_not_found());
    assert!(
        tree.get("fine/c").unwrap_err().to_string().starts_with("in node \"/fine\": there is no variable")
    );
    assert!(tree.node("../x").is_err());
}

#[test]
fn labels_and_lengths_must_be_those_of_the_parents() {
    let root = || ds([], [("x", vector("x", &[1.0, 2.0]))], &[]);
    let other = ds([("v", vector("x", &[1.0, 2.0]))], [("x", vector("x", &[2.0, 3.0]))], &[]);
    let error = DataTree::from_dict([("/", root()), ("/a/b", other)]).err().unwrap();
    let text = "node \"/a/b\" is not aligned with its parents along \"x\": 1 of 2 labels are only on the left (3), \
        1 of 2 only on the right (1), the largest difference is 1e0 (left: the node, right: its parents); \
        rename the dimension, or put the node elsewhere";
    assert_eq!(error.to_string(), text);
    assert!(error.is_alignment());
    let longer = ds([("v", vector("x", &[1.0, 2.0, 3.0]))], [], &[]);
    let error = DataTree::from_dict([("/", root()), ("/a", longer.clone())]).err().unwrap();
    assert!(error.to_string().contains("it has length 3 here and 2 in \"/\""), "{error}");
    // Lengths count where there are no labels, too.
    let bare = ds([("f", vector("x", &[1.0, 2.0]))], [], &[]);
    assert!(DataTree::from_dict([("/", bare), ("/a", longer)]).is_err());
}

#[test]
fn labels_that_are_given_again_are_kept_once_unless_something_would_be_lost() {
    let x = || vector("x", &[1.0, 2.0]);
    let again = ds([("v", x())], [("x", x())], &[]);
    let tree = DataTree::from_dict([("/", again.clone()), ("/a", again.clone())]).unwrap();
    assert_eq!(names(&tree.node("a").unwrap().to_dataset(false).unwrap()), ["v"]);
    let described = x().with_attrs(attrs(&[("units", "m")]));
    let described = ds([("v", x())], [("x", described)], &[]);
    let tree = DataTree::from_dict([("/", again), ("/a", described)]).unwrap();
    assert_eq!(tree.get("a/x").unwrap().attrs().len(), 1);
}

#[test]
fn names_must_be_clear() {
    let a = || ds([("a", vector("x", &[1.0]))], [], &[]);
    for (nodes, text) in [
        (
            [("/", a()), ("a", a())],
            "\"a\" would be used twice: node \"/\" has a variable and a node of this name",
        ),
        ([("a", a()), ("/a/", a())], "\"/a/\" would be used twice: two items have this path"),
        (
            [("/", a()), ("c", ds([("a/b", vector("x", &[1.0]))], [], &[]))],
            "variable = \"a/b\" is not possible: rename it in node \"/c\": a slash stands between",
        ),
        ([("/", a()), ("/..", a())], "path = \"/..\" is not possible: it leads above the root"),
    ] {
        let error = DataTree::from_dict(nodes).err().unwrap().to_string();
        assert!(error.starts_with(text), "{error}");
    }
    let deep = "a/".repeat(5000);
    assert!(DataTree::from_dict([(deep.as_str(), a())]).is_err());
}

#[test]
fn a_tree_of_its_dictionary_is_the_same() {
    let tree = models();
    let again = DataTree::from_dict(tree.to_dict().unwrap()).unwrap().with_name("root");
    assert!(tree.identical(&again).unwrap());
    assert_eq!(tree.groups(), again.groups());
    assert!(!tree.identical(&again.clone().with_name("other")).unwrap());
    assert!(tree.equals(&again.with_name("other")).unwrap());
    let subtree = tree.node("coarse").unwrap().to_tree().unwrap();
    assert_eq!(names(subtree.dataset()), ["b", "x", "time"]);
    assert_eq!(subtree.groups(), ["/", "/deep"]);
}

#[test]
fn items_are_put_at_paths_and_taken_away() {
    let mut tree = models();
    tree.set("new/er/x", on("x", vec![7.0], vec![3.0]).isel("x", 0).unwrap()).unwrap();
    assert_eq!(tree.get("new/er/x").unwrap().item().unwrap(), 3.0);
    // The dataset of a node is replaced, not what is below it.
    tree.set("coarse", ds([("w", Variable::scalar(2.0).unwrap())], [], &[])).unwrap();
    assert!(tree.contains("coarse/deep/c") && tree.contains("coarse/w") && !tree.contains("coarse/b"));
    let graft = models();
    tree.set("coarse", graft.node("fine").unwrap().to_tree().unwrap()).unwrap();
    assert!(!tree.contains("coarse/deep"));
    let before = tree.groups();
    assert!(tree.set("fine", ds([("v", vector("time", &[1.0]))], [], &[])).is_err());
    assert_eq!(tree.groups(), before);
    assert_eq!(
        tree.drop_nodes(["fine", "/new"]).unwrap().node("fine").err().map(|e| e.is_not_found()),
        Some(true)
    );
    let error = tree.drop_nodes(["finee"]).err().unwrap().to_string();
    assert!(error.contains("did you mean \"fine\"?"), "{error}");
    assert_eq!(tree.drop_nodes_if_present(["finee"]).unwrap().groups(), before);
    let items: [(&str, TreeItem); 2] =
        [("k/v", on("v", vec![1.0], vec![2.0]).isel_drop("x", 0).unwrap().into()), ("k/n", models().into())];
    assert!(tree.assign(items).unwrap().contains("k/n/coarse/deep/c"));
}

// The numbers are xarray's.
#[test]
fn reductions_go_over_the_dimensions_that_a_node_has() {
    let tree = models();
    let mean = tree.mean("time").unwrap();
    assert_eq!(mean.get("a").unwrap().item().unwrap(), 1.0);
    assert_eq!(mean.get("coarse/b").unwrap().shape(), [2]);
    assert_eq!(mean.get("fine/b").unwrap().shape(), [4]);
    assert_eq!(values(&mean.get("coarse/deep/c").unwrap()), [1.0, 2.0]);
    // What was inherited and has gone does not come up in the nodes that do not need it.
    assert!(mean.subtree().all(|node| !node.dataset().unwrap().coords().contains("time")));
    let all = tree.mean(()).unwrap();
    assert_eq!(all.get("coarse/deep/c").unwrap().item().unwrap(), 1.5);
    assert!(tree.mean("zz").unwrap_err().to_string().starts_with("there is no dimension \"zz\""));
    let over_x = tree.reduce(Reduction::var().ddof(1), "x").unwrap();
    assert_eq!(over_x.get("coarse/deep/c").unwrap().item().unwrap(), 0.5);
    // A node keeps labels that it inherited where its own node above has lost them.
    let dropped = tree.map_over_datasets(|ds| match ds.variable("a") {
        Some(_) => ds.drop_vars(["time", "a"]),
        None => Ok(ds.clone()),
    });
    let dropped = dropped.unwrap();
    assert!(!dropped.contains("time") && dropped.contains("fine/time") && !dropped.contains("empty/time"));
    assert_eq!(tree.median("x").unwrap().get("coarse/deep/c").unwrap().item().unwrap(), 1.5);
}

#[test]
fn selections_leave_nodes_without_the_dimension_alone() {
    let tree = models();
    let one = tree.sel("time", 2i64).unwrap();
    assert_eq!(one.get("a").unwrap().item().unwrap(), 1.0);
    assert_eq!(one.get("coarse/b").unwrap().shape(), [2]);
    assert_eq!(names(&one.node("coarse").unwrap().dataset().unwrap()), ["b", "x"]);
    assert_eq!(one.get("time").unwrap().item().unwrap(), 2.0);
    let first = tree.isel("x", 0).unwrap();
    assert_eq!(values(&first.get("coarse/deep/c").unwrap()), [1.0]);
    assert_eq!(names(&first.node("coarse/deep").unwrap().to_dataset(false).unwrap()), ["c"]);
    assert_eq!(first.get("fine/b").unwrap().shape(), [3, 4]);
    let some = tree.isel("time", [2, 0]).unwrap();
    assert_eq!(values(&some.get("fine/time").unwrap()), [3.0, 1.0]);
    assert!(tree.isel("zz", 0).unwrap_err().to_string().starts_with("there is no dimension \"zz\""));
    let error = tree.sel("time", 7i64).unwrap_err();
    assert!(error.to_string().starts_with("in node \"/\": coordinate \"time\" has no label 7"), "{error}");
}

#[test]
fn trees_combine_node_by_node() {
    let tree = models();
    let anomaly = (&tree - tree.mean("time")).unwrap();
    assert_eq!(values(&anomaly.get("a").unwrap()), [-1.0, 0.0, 1.0]);
    assert_eq!(values(&anomaly.get("coarse/deep/c").unwrap()), [0.0, 0.0]);
    let back = ((2.0 * &tree).unwrap() - &tree).unwrap();
    assert!(back.equals(&tree).unwrap());
    assert_eq!(values(&(-&tree).unwrap().get("a").unwrap()), [0.0, -1.0, -2.0]);
    let error = (&tree + tree.prune()).unwrap_err().to_string();
    assert!(error.contains("below \"/\"") && error.contains("only on the left: empty"), "{error}");
    let large = tree.binary(Binary::Greater, 1.0).unwrap();
    assert_eq!(values(&large.get("a").unwrap()), [0.0, 0.0, 1.0]);
    let step = on("step", vec![1.0, 2.0], vec![10.0, 20.0]);
    let x = ds([("v", vector("x", &[1.0, 2.0]))], [("x", vector("x", &[1.0, 2.0]))], &[]);
    let on_x = DataTree::from_dict([("n", x)]).unwrap();
    assert_eq!(values(&(&on_x * &step).unwrap().get("n/v").unwrap()), [10.0, 40.0]);
    assert_eq!(
        (&on_x * step.isel("x", [1]).unwrap().joined(Join::Inner)).unwrap().get("n/v").unwrap().shape(),
        [1]
    );
    let three = map_over_datasets([&tree, &tree, &tree], |[a, b, c]| &(a + b)? - c).unwrap();
    assert!(three.equals(&tree).unwrap());
}

#[test]
fn one_run_computes_all_nodes() {
    let lazy = |n: f64| {
        let data = (Array::arange(6).unwrap() * n).unwrap();
        ds([("v", Variable::new(["x"], data).unwrap())], [], &[])
    };
    let tree = DataTree::from_dict([("/", lazy(1.0)), ("/a", lazy(2.0))]).unwrap();
    let tree = tree.chunk([("x", 2)]).unwrap();
    assert_eq!(tree.get("a/v").unwrap().data().chunks().counts(), [3]);
    assert!(tree.explain().unwrap().contains("stage"), "{}", tree.explain().unwrap());
    let computed = tree.compute().unwrap();
    assert!(computed.subtree().all(|node| node.get("v").unwrap().data().resident().is_some()));
    assert!(computed.equals(&tree).unwrap());
    assert!(tree.chunk([("zz", 1)]).is_err());
}

#[test]
fn filters_keep_the_way_to_what_they_keep() {
    let tree = models();
    let deep = tree.match_("deep").unwrap();
    assert_eq!(deep.groups(), ["/", "/coarse", "/coarse/deep"]);
    assert_eq!(names(&deep.node("coarse/deep").unwrap().dataset().unwrap()), ["c", "x", "time"]);
    let mut like = tree.filter_like(&tree.prune().unwrap()).unwrap().groups();
    like.sort();
    assert_eq!(like, ["/", "/coarse", "/coarse/deep", "/fine"]);
    assert!(!tree.is_hollow() && deep.is_hollow());
}

#[test]
fn a_tree_without_anything_is_a_tree() {
    let tree = DataTree::default();
    assert_eq!(tree.groups(), ["/"]);
    assert_eq!(tree.nbytes(), 0);
    assert!(tree.compute().unwrap().equals(&tree).unwrap());
    assert!(tree.sum(()).unwrap().root().is_empty());
}

/// Trees with nodes at some of seven paths, each with a variable over x.
fn some_tree() -> impl Strategy<Value = DataTree> {
    let paths = ["/", "a", "b", "a/c", "a/d", "b/c", "a/c/e"];
    proptest::collection::vec(proptest::option::of(-9i64..9), paths.len()).prop_map(move |present| {
        let nodes = paths.iter().zip(present).filter_map(|(path, value)| {
            let v = Variable::from_vec("x", vec![value?, 1, 2]).unwrap();
            let x = Variable::from_vec("x", vec![10i64, 20, 30]).unwrap();
            Some((*path, Dataset::new([("v".to_owned(), v)], [("x".to_owned(), x)], Attrs::new()).unwrap()))
        });
        DataTree::from_dict(nodes.collect::<Vec<_>>()).unwrap()
    })
}

proptest! {
    #[test]
    fn the_way_between_any_two_nodes_leads_there(tree in some_tree()) {
        for from in tree.subtree() {
            for to in tree.subtree() {
                let there = from.node(&to.relative_to(&from).unwrap()).unwrap();
                prop_assert_eq!(there.path(), to.path());
            }
        }
    }

    #[test]
    fn a_dictionary_and_a_selection_keep_the_tree(tree in some_tree(), at in 0isize..3) {
        let again = DataTree::from_dict(tree.to_dict().unwrap()).unwrap();
        prop_assert!(tree.identical(&again).unwrap());
        if tree.dims().is_empty() {
            return Ok(());
        }
        let selected = tree.isel("x", at).unwrap();
        prop_assert!(selected.isomorphic(&tree));
        for node in tree.subtree().filter(|node| node.has_data()) {
            let own: DataArray = node.get("v").unwrap().isel("x", at).unwrap();
            prop_assert_eq!(values(&own), values(&selected.get(&format!("{}/v", node.path())).unwrap()));
        }
    }
}
