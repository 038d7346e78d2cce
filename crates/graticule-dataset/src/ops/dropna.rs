//! Leaving out labels whose values are missing: `dropna`.

use graticule_array::{Aggregation, Statistic};

use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::select::Positions;

/// Which labels of a dimension stay. A text is the name of a dimension, of which those labels stay that have all values.
///
/// ```
/// use graticule_dataset::DropNa;
/// let _: DropNa = "time".into();
/// let _ = DropNa::along("time").all();
/// let _ = DropNa::along("station").thresh(10).subset(["t2m", "tp"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropNa {
    dim: String,
    known: Known,
    subset: Option<Vec<String>>,
}

/// How many values a label must have to stay.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    All,
    One,
    AtLeast(usize),
}

impl DropNa {
    /// Leaves out the labels of a dimension of which any value is missing.
    pub fn along(dim: impl Into<String>) -> Self {
        Self { dim: dim.into(), known: Known::All, subset: None }
    }

    /// Leaves out only those of which all values are missing: xarray's `how="all"`.
    pub fn all(mut self) -> Self {
        self.known = Known::One;
        self
    }

    /// Leaves out those that have fewer values than this.
    pub fn thresh(mut self, count: usize) -> Self {
        self.known = Known::AtLeast(count);
        self
    }

    /// Looks at these variables of a dataset only.
    pub fn subset(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.subset = Some(names.into_iter().map(Into::into).collect());
        self
    }
}

impl From<&str> for DropNa {
    fn from(dim: &str) -> Self {
        Self::along(dim)
    }
}

impl<V: DataVars> Labeled<V> {
    /// The data without the labels of a dimension for which any value is missing, or as [`DropNa`] says.
    ///
    /// How many labels are left is part of the shape of the result, so values are counted at once; the data stay lazy.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, DropNa, Variable};
    /// let data = ndarray::arr2(&[[1.0, f64::NAN], [f64::NAN, f64::NAN], [5.0, 6.0]]);
    /// let da = DataArray::new(None, Variable::from_array(["time", "x"], data)?, [])?;
    /// assert_eq!(da.dropna("time")?.shape(), [1, 2]);
    /// assert_eq!(da.dropna(DropNa::along("time").all())?.shape(), [2, 2]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`], [`Error::UnknownName`] for a variable to look at that is not there, and what computing
    /// the data meets.
    pub fn dropna(&self, which: impl Into<DropNa>) -> Result<Self> {
        let DropNa { dim, known, subset } = which.into();
        let len = self.size(&dim)?;
        if let Some(name) = subset.iter().flatten().find(|name| !self.vars.holds(name)) {
            return Err(Error::UnknownName {
                kind: "data variable",
                name: name.clone(),
                names: self.vars.variables().filter_map(|(name, _)| name.map(Into::into)).collect(),
            });
        }
        let is_wanted = |name: Option<&str>| {
            subset.as_ref().is_none_or(|subset| name.is_some_and(|name| subset.iter().any(|one| one == name)))
        };
        // Values that can be missing are counted, others are as many as there are places.
        let (mut counts, mut places, mut present) = (Vec::new(), 0, 0);
        for (_, variable) in self.vars.variables().filter(|(name, _)| is_wanted(*name)) {
            let Some(along) = variable.axis(&dim) else { continue };
            let axes: Vec<isize> =
                (0..variable.ndim()).filter(|&axis| axis != along).map(|a| a as isize).collect();
            let beside: usize =
                variable.sizes().filter(|(other, _)| *other != dim).map(|(_, len)| len).product();
            places += beside;
            if variable.dtype().has_missing() {
                let count = Aggregation { kind: Statistic::Count, skipna: true };
                counts.push(variable.data().reduce(count, axes, false)?);
            } else {
                present += beside;
            }
        }
        let mut found = vec![present; len];
        for count in graticule_array::compute_all(&counts)? {
            for (found, count) in found.iter_mut().zip(count.as_slice::<i64>()?) {
                *found += usize::try_from(*count).unwrap_or(0);
            }
        }
        let needed = match known {
            Known::All => places,
            Known::One => 1,
            Known::AtLeast(count) => count,
        };
        let stays: Vec<bool> = found.into_iter().map(|count| count >= needed).collect();
        self.isel(&dim, Positions::Mask(stays))
    }
}

#[cfg(test)]
mod tests {
    use crate::labeled::{DataArray, Dataset};
    use crate::variable::Variable;

    use super::*;

    const NAN: f64 = f64::NAN;

    fn station() -> DataArray {
        let data = ndarray::arr2(&[[1.0, NAN, 3.0], [NAN, NAN, NAN], [7.0, 8.0, 9.0]]);
        let labels = Variable::from_vec("x", vec![10i64, 20, 30]).unwrap();
        let data = Variable::from_array(["x", "time"], data).unwrap();
        DataArray::new(Some("t"), data, [("x".into(), labels)]).unwrap()
    }

    fn labels<V: DataVars>(data: &Labeled<V>) -> Vec<f64> {
        data.coords().labels("x").unwrap().to_f64()
    }

    // xarray's answers.
    #[test]
    fn labels_stay_that_have_enough_values() {
        let da = station();
        assert_eq!(labels(&da.dropna("x").unwrap()), [30.0]);
        assert_eq!(labels(&da.dropna(DropNa::along("x").all()).unwrap()), [10.0, 30.0]);
        assert_eq!(labels(&da.dropna(DropNa::along("x").thresh(3)).unwrap()), [30.0]);
        assert_eq!(labels(&da.dropna(DropNa::along("x").thresh(0)).unwrap()), [10.0, 20.0, 30.0]);
        assert_eq!(da.dropna("time").unwrap().shape(), [3, 0]);
        assert!(matches!(da.dropna("y"), Err(Error::UnknownDim { .. })));
    }

    #[test]
    fn all_variables_of_a_dataset_count_or_some() {
        let whole = Variable::from_vec("x", vec![1i64, 2, 3]).unwrap();
        let gappy = Variable::from_vec("x", vec![NAN, 1.0, 1.0]).unwrap();
        let ds: Dataset = station().to_dataset().unwrap().assign([("n", whole), ("u", gappy)]).unwrap();
        assert_eq!(labels(&ds.dropna("x").unwrap()), [30.0]);
        assert_eq!(labels(&ds.dropna(DropNa::along("x").all()).unwrap()), [10.0, 20.0, 30.0]);
        assert_eq!(labels(&ds.dropna(DropNa::along("x").subset(["u"])).unwrap()), [20.0, 30.0]);
        assert_eq!(labels(&ds.dropna(DropNa::along("x").all().subset(["t"])).unwrap()), [10.0, 30.0]);
        assert!(ds.dropna(DropNa::along("x").subset(["v"])).unwrap_err().to_string().contains("\"v\""));
    }

    #[test]
    fn what_has_no_values_along_other_dimensions_stays_whole_or_goes() {
        let empty = station().isel("time", 0..0).unwrap();
        assert_eq!(labels(&empty.dropna("x").unwrap()), [10.0, 20.0, 30.0]);
        assert_eq!(labels(&empty.dropna(DropNa::along("x").all()).unwrap()), [0.0; 0]);
    }
}
