//! Values as groups: for each the number of its group, and a label for each group.

use std::collections::HashMap;

use graticule_array::{Chunk, Scalar};

use super::key::Found;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::{Key, gather, keys};
use crate::variable::Variable;

/// The groups that the values of one key fall into.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    /// The dimension that the groups become.
    pub(super) name: Dim,
    /// The dimensions of the key.
    pub(super) dims: Vec<Dim>,
    /// The number of the group of each value in C order; -1 for none.
    pub(super) codes: Vec<i64>,
    /// How many groups there are, those without members included.
    pub(super) groups: usize,
    /// A label for each group; nothing where a dimension without labels is grouped by its positions.
    pub(super) labels: Option<Variable>,
    /// Positions to take of the one dimension first, where values belong to several groups.
    pub(super) repeated: Option<Vec<usize>>,
}

impl Factor {
    /// Groups of a key with codes for its values and a label for each group.
    pub(super) fn new(found: &Found, name: &str, codes: Vec<i64>, labels: Chunk) -> Result<Self> {
        let groups = labels.len();
        let labels = Variable::from_chunk([name], labels)?.with_attrs(found.variable.attrs().clone());
        Ok(Self {
            name: Dim::new(name),
            dims: found.variable.dims().to_vec(),
            codes,
            groups,
            labels: Some(labels),
            repeated: None,
        })
    }

    /// Labels of the groups as a calendar's times, where the key's are.
    pub(super) fn labels_like(mut self, found: &Found) -> Self {
        if let Some(calendar) = found.variable.calendar() {
            self.labels = self.labels.map(|labels| labels.with_calendar(calendar));
        }
        self
    }

    /// A group for each value that occurs, in increasing order; missing values belong to none. The labels of a
    /// dimension that only rise, or only fall, stay in their order.
    pub(super) fn unique(found: &Found) -> Result<Self> {
        if found.is_position {
            let len = found.variable.shape().first().copied().unwrap_or(0);
            let name = Dim::new(&found.name);
            let codes = (0..len as i64).collect();
            return Ok(Self {
                dims: vec![name.clone()],
                name,
                codes,
                groups: len,
                labels: None,
                repeated: None,
            });
        }
        let values = found.values()?;
        let all = keys(&values);
        let mut first: HashMap<&Key, usize> = HashMap::new();
        for (position, key) in all.iter().enumerate().filter(|(_, key)| !key.is_missing()) {
            first.entry(key).or_insert(position);
        }
        let is_once = first.len() == all.len();
        let falls = || all.iter().zip(all.iter().skip(1)).all(|(a, b)| a > b);
        let mut order: Vec<(&Key, usize)> = first.into_iter().collect();
        order.sort_unstable();
        if found.is_index() && is_once && falls() {
            order.reverse();
        }
        let number: HashMap<&Key, i64> =
            order.iter().zip(0..).map(|((key, _), number)| (*key, number)).collect();
        let codes = all.iter().map(|key| number.get(key).copied().unwrap_or(-1)).collect();
        let positions: Vec<usize> = order.into_iter().map(|(_, position)| position).collect();
        let labels = gather(&values, &positions)?;
        Ok(Self::new(found, &found.name, codes, labels)?.labels_like(found))
    }

    /// A group for each of the labels given, in their order; other values belong to none.
    pub(super) fn given(found: &Found, labels: &Chunk) -> Result<Self> {
        let wanted = keys(labels);
        let mut number: HashMap<&Key, i64> = HashMap::new();
        for (key, i) in wanted.iter().zip(0..) {
            if number.insert(key, i).is_some() {
                let hint = "one of them occurs twice; give each once";
                return Err(Error::argument("labels", format!("{} labels", wanted.len()), hint));
            }
        }
        let values = found.values()?;
        let codes = keys(&values).iter().map(|key| number.get(key).copied().unwrap_or(-1)).collect();
        Ok(Self::new(found, &found.name, codes, labels.clone())?.labels_like(found))
    }

    /// The label of a group; its number where there are no labels.
    pub(super) fn label(&self, group: usize) -> Scalar {
        let label = self.labels.as_ref().and_then(|labels| labels.resident()?.get(group));
        label.unwrap_or(Scalar::Int(group as i64))
    }
}
