//! One formula put into another.

use crate::expr::formula::{Formula, Step};

impl Formula {
    /// This formula with input `slot` replaced by the result of `inner`. `renumber` and `inner_renumber`
    /// give the new number of every input of either formula.
    pub(crate) fn substitute(
        &self,
        slot: usize,
        inner: &Self,
        renumber: &[usize],
        inner_renumber: &[usize],
    ) -> Self {
        let mut merged = Self::new();
        let inner_steps = merged.append(inner, |i| Err(inner_renumber[i]));
        let result = inner_steps.last().copied().unwrap_or(0);
        let steps = merged.append(self, |i| if i == slot { Ok(result) } else { Err(renumber[i]) });
        let last = steps.last().copied().unwrap_or(0);
        merged.finish(last)
    }

    /// Adds the steps of another formula; `input` maps an input to a step (`Ok`) or a new number (`Err`).
    fn append(&mut self, other: &Self, input: impl Fn(usize) -> Result<usize, usize>) -> Vec<usize> {
        let mut map: Vec<usize> = Vec::with_capacity(other.steps.len());
        for (step, dtype) in other.steps() {
            let new = match step {
                Step::Input(i) => match input(*i) {
                    Ok(step) => step,
                    Err(number) => self.push(Step::Input(number), dtype),
                },
                Step::Const(value) => self.push(Step::Const(value.clone()), dtype),
                Step::Unary(f, x) => self.push(Step::Unary(*f, map[*x]), dtype),
                Step::Binary(f, x, y) => self.push(Step::Binary(*f, map[*x], map[*y]), dtype),
                Step::Where { cond, yes, no } => {
                    self.push(Step::Where { cond: map[*cond], yes: map[*yes], no: map[*no] }, dtype)
                }
                Step::Cast { x, casting } => self.push(Step::Cast { x: map[*x], casting: *casting }, dtype),
                Step::Lookup { x, table } => {
                    self.push(Step::Lookup { x: map[*x], table: table.clone() }, dtype)
                }
                Step::MaskScale { packed, missing, scale, offset } => self.push(
                    Step::MaskScale {
                        packed: map[*packed],
                        missing: missing.clone(),
                        scale: *scale,
                        offset: *offset,
                    },
                    dtype,
                ),
            };
            map.push(new);
        }
        map
    }
}
