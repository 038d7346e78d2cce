//! There and back: this process writes an expression, another reads and computes it.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;

use graticule_array::{
    Array, Buffer, Chunk, DType, Executor as _, Registry, Resources, Runtime, StoredExpr, StoredPlan, Threads,
};
use serde::{Deserialize, Serialize};

use crate::cases::cases;
use crate::numbers::{numbers, registry};

/// The argument that makes the program the other process.
pub(crate) const CHILD: &str = "--compute-what-comes-in";

/// What is sent.
#[derive(Serialize, Deserialize)]
enum Letter {
    Expr(StoredExpr),
    Plan { plan: StoredPlan, fingerprint: String },
}

/// A result: its dtype, its shape, and its elements to the bit.
type Answer = (DType, Vec<usize>, Vec<String>);

fn answer_of(chunk: &Chunk) -> Answer {
    let bits = match chunk.buffer() {
        Buffer::F64(v) => v.iter().map(|x| format!("{:x}", x.to_bits())).collect(),
        Buffer::F32(v) => v.iter().map(|x| format!("{:x}", x.to_bits())).collect(),
        Buffer::Bool(v) => v.iter().map(ToString::to_string).collect(),
        Buffer::I8(v) => v.iter().map(ToString::to_string).collect(),
        Buffer::I16(v) => v.iter().map(ToString::to_string).collect(),
        Buffer::I32(v) => v.iter().map(ToString::to_string).collect(),
        Buffer::I64(v) => v.iter().map(ToString::to_string).collect(),
        Buffer::U8(v) => v.iter().map(ToString::to_string).collect(),
        Buffer::U16(v) => v.iter().map(ToString::to_string).collect(),
        Buffer::U32(v) => v.iter().map(ToString::to_string).collect(),
        Buffer::U64(v) => v.iter().map(ToString::to_string).collect(),
        Buffer::Str(v) => v.iter().map(ToString::to_string).collect(),
    };
    (chunk.dtype(), chunk.shape().to_vec(), bits)
}

/// The other process: reads a letter, computes, writes the answer.
pub(crate) fn answer() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let results = match serde_json::from_str(&text).unwrap() {
        Letter::Expr(stored) => {
            let array = Array::from_expr(stored.open(&registry()).unwrap());
            vec![Runtime::builder().threads(3).build().compute(&array).unwrap()]
        }
        Letter::Plan { plan, fingerprint } => {
            let plan = plan.open(&registry(), &[]).unwrap();
            assert_eq!(format!("{:x}", plan.fingerprint()), fingerprint);
            Threads::new(3).run(&plan, &[], &Default::default()).unwrap()
        }
    };
    let answers: Vec<Answer> = results.iter().map(answer_of).collect();
    println!("{}", serde_json::to_string(&answers).unwrap());
}

fn send(letter: &Letter) -> Vec<Answer> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg(CHILD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = serde_json::to_string(letter).unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the other process failed on {text}");
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) fn expressions() {
    let one = Runtime::builder().threads(1).build();
    for (name, array) in cases() {
        let stored = StoredExpr::from(array.expr());
        let text = serde_json::to_string(&stored).unwrap();
        assert_eq!(serde_json::from_str::<StoredExpr>(&text).unwrap(), stored, "{name}");
        assert_eq!(Array::from_expr(stored.open(&registry()).unwrap()), array, "{name}");
        let here = answer_of(&one.compute(&array).unwrap());
        assert_eq!(send(&Letter::Expr(stored)), [here], "{name}");
    }
}

pub(crate) fn plans() {
    let cases = cases();
    for some in cases.chunks(16) {
        let arrays: Vec<&Array> = some.iter().map(|(_, array)| array).collect();
        let plan = Runtime::builder().threads(4).build().plan(&arrays).unwrap();
        let here: Vec<Answer> =
            Threads::new(1).run(&plan, &[], &Default::default()).unwrap().iter().map(answer_of).collect();
        let fingerprint = format!("{:x}", plan.fingerprint());
        assert_eq!(send(&Letter::Plan { plan: StoredPlan::from(&plan), fingerprint }), here);
    }
    // Other resources make another plan, and the fingerprint says so.
    let x = numbers(DType::F64, &[&[5, 5, 2], &[3, 3, 3, 1]]);
    let plan = |threads: usize| Runtime::builder().threads(threads).build().plan(&[&x]).unwrap();
    assert_ne!(plan(1).fingerprint(), plan(2).fingerprint());
    let allowed = Resources { threads: 2, ..plan(1).allowed().clone() };
    assert_eq!(plan(2).allowed(), &allowed);
}

pub(crate) fn closure() {
    let x = numbers(DType::F64, &[&[4, 4]]);
    let y = x.map_blocks("mine", DType::F64, |block| Ok(block.clone())).unwrap();
    let error = serde_json::to_string(&StoredExpr::from(y.expr())).unwrap_err().to_string();
    assert!(error.contains("a closure cannot be stored") && error.contains("registered"), "{error}");
    let plan = Runtime::current().plan(&[&y]).unwrap();
    let error = serde_json::to_string(&StoredPlan::from(&plan)).unwrap_err().to_string();
    assert!(error.contains("a closure cannot be stored"), "{error}");
}

pub(crate) fn unknown() {
    let (_, array) = cases().into_iter().find(|(name, _)| name == "a function on blocks").unwrap();
    let stored = StoredExpr::from(array.expr());
    let sources = || Registry::default().with("numbers", |_| Err(graticule_array::Error::Cancelled));
    let error = stored.open(&Registry::default()).unwrap_err().to_string();
    assert!(error.contains("\"numbers\"") && error.contains("no driver"), "{error}");
    assert!(stored.open(&sources()).unwrap_err().is_cancelled());
    let x = array.expr().inputs()[0].inputs()[0].clone();
    let known = Arc::clone(match x.op() {
        graticule_array::Op::Source(source) => source.source(),
        op => panic!("{op:?}"),
    });
    let registry = Registry::default().with("numbers", move |_| Ok(Arc::clone(&known)));
    let error = stored.open(&registry).unwrap_err().to_string();
    assert!(error.contains("\"times\"") && error.contains("no function is registered"), "{error}");
    let registry = registry.with_function("other", |_| crate::numbers::times("1"));
    let error = stored.open(&registry).unwrap_err().to_string();
    assert!(error.contains("registered are other"), "{error}");
}
