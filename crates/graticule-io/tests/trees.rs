use graticule_io::{Error, OpenOptions, open_datatree, open_groups};

use crate::support::fixtures;

// xarray.open_groups of the same file.
#[test]
fn groups_are_opened_side_by_side() {
    let groups = open_groups(fixtures().join("netcdf/groups.nc")).unwrap();
    assert_eq!(groups.keys().collect::<Vec<_>>(), ["/", "/forecast", "/empty", "/forecast/deep"]);
    assert_eq!(groups["/forecast"].attrs()["title"].as_str(), Some("first level"));
    assert_eq!(groups["/forecast"].get("value").unwrap().shape(), [2, 3]);
    assert_eq!(groups["/forecast/deep"].get("value").unwrap().shape(), [2, 2]);
    assert!(groups["/empty"].names().next().is_none());
}

#[test]
fn a_tree_inherits_the_labels_of_the_groups_around() {
    let path = fixtures().join("netcdf/groups.nc");
    // The innermost group gives `x` another length, which a tree cannot have.
    let error = open_datatree(&path).err().unwrap();
    let text =
        "node \"/forecast/deep\" is not aligned with its parents along \"x\": it has length 2 here and 3 in";
    assert!(error.to_string().starts_with(text), "{error}");
    let opened = |options: OpenOptions| options.chunks([("y", 1)]).open_tree(&path);
    let tree = opened(OpenOptions::new().drop_variables(["value"])).unwrap();
    assert_eq!(tree.groups(), ["/", "/forecast", "/empty", "/forecast/deep"]);
    assert_eq!(
        tree.get("forecast/deep/x").unwrap().values::<f32>().unwrap().as_slice().unwrap(),
        [10.0, 20.0, 30.0]
    );
    assert_eq!(tree.get("root_value").unwrap().shape(), [2, 3]);
    let forecast = OpenOptions::new().group("/forecast/deep").open_tree(&path).unwrap();
    assert_eq!(forecast.groups(), ["/"]);
    let error = OpenOptions::new().chunks([("z", 1)]).open_tree(&path).err().unwrap();
    assert!(matches!(error, Error::Argument { .. }), "{error}");
    assert!(OpenOptions::new().group("/none").open_tree(&path).is_err());
}

#[test]
fn a_file_without_groups_is_a_tree_of_one_node() {
    let path = fixtures().join("aviso-2015").join("dt_global_allsat_madt_h_20150101_20150914.nc");
    assert_eq!(open_datatree(path).unwrap().groups(), ["/"]);
}
