use graticule_array::*;
#[test]
fn smoke() {
    let x = Array::arange(10).unwrap().sum(()).unwrap();
    assert_eq!(x.compute().unwrap().item::<i64>().unwrap(), 45);
    let big = Array::random_uniform(0.0, 1.0, 42, (2000, 400), (100, 100)).unwrap();
    let m = (&big * big.slice(s![..;-1, ..;-1]).unwrap()).unwrap().mean(()).unwrap();
    println!("{}", m.explain().unwrap());
    println!("{}", m.compute().unwrap());
    let a = big.to_ndarray::<f64>().unwrap();
    let r = a.slice(s![..;-1, ..;-1]);
    let want = (&a * &r).mean().unwrap();
    println!("{want}");
}
