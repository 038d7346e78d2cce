//! The analysis of files stays below the bound that its plan states. A binary of its own with one test, since it
//! counts every allocation of the process.

use graticule::array::bytes;
use graticule::prelude::*;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[test]
fn the_anomaly_variance_of_a_year_stays_below_its_bound() -> Result<(), Box<dyn std::error::Error>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data-fixtures/aviso-2015/*.nc");
    let ssh = open_mfdataset(folder)?.get("adt")?;
    let anomaly = (&ssh - ssh.mean("time")?)?;
    let variance = anomaly.pow(2)?.mean(["lon", "time"])?;
    for threads in [1, 2, 4] {
        let runtime = Runtime::builder().threads(threads).build();
        let planned = runtime.plan(&[variance.data()])?.peak_bytes();
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let result = runtime.compute(variance.data())?;
        let measured = MEMORY.peak_usage() - before;
        println!(
            "{threads} threads: planned {}, measured {}",
            bytes::format(planned),
            bytes::format(measured)
        );
        assert!(measured <= planned, "planned {planned}, measured {measured}");
        assert_eq!(result.shape(), [60]);
    }
    Ok(())
}
