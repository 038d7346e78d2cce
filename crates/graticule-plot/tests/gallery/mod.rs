//! The figures that the tests draw, one of each kind users will meet.

use graticule_plot::{Figure, Scale, Series};

/// Pseudo-random numbers between 0 and 1, the same on every machine.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

const DAY: f64 = 86_400.0;
/// 2019-12-25 in seconds since 1970.
const WINTER: f64 = 18_255.0 * DAY;

fn degrees(from: f64, step: f64, count: i32) -> Vec<f64> {
    (0..count).map(|i| from + step * f64::from(i)).collect()
}

/// Values on a global quarter-degree grid, NaN on a few made-up continents.
fn globe(value: impl Fn(f64, f64) -> f64) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let lon = degrees(0.125, 0.25, 1440);
    let lat = degrees(89.875, -0.25, 720);
    let land = |lon: f64, lat: f64| {
        let (l, p) = (lon.to_radians(), lat.to_radians());
        (l * 2.0 + p).sin() * (p * 3.0).cos() + 0.4 * (l * 5.0).cos() * (p * 4.0 + 1.0).sin() > 0.55
    };
    let z = lat
        .iter()
        .flat_map(|&p| lon.iter().map(move |&l| (l, p)))
        .map(|(l, p)| if land(l, p) { f64::NAN } else { value(l, p) })
        .collect();
    (lon, lat, z)
}

pub(crate) fn year() -> Figure {
    let mut noise = Noise(1);
    let time: Vec<f64> = (0..370).map(|day| WINTER + DAY * f64::from(day)).collect();
    let temperature: Vec<f64> = (0..370)
        .map(|day| 283.0 - 9.0 * (f64::from(day) / 58.0).cos() + 1.5 * noise.normal())
        .enumerate()
        .map(|(i, t)| if (100..118).contains(&i) { f64::NAN } else { t })
        .collect();
    Figure::line(time, temperature)
        .title("Air temperature at the station")
        .x_label("time")
        .x_scale(Scale::Time)
        .y_label("2 metre temperature [K]")
}

pub(crate) fn variance() -> Figure {
    let lat = degrees(-90.0, 1.0, 181);
    let variance: Vec<f64> = lat.iter().map(|p| 3.2e-5 * (2.0 * p).to_radians().sin().powi(2)).collect();
    Figure::line(lat, variance)
        .x_label("latitude [degrees_north]")
        .y_label("variance of geopotential [m2 s-2]")
}

pub(crate) fn anomaly() -> Figure {
    let (lon, lat, z) =
        globe(|l, p| 3.0 * (3.0 * l).to_radians().sin() * (2.0 * p).to_radians().cos() + p / 60.0);
    Figure::mesh(lon, lat, z)
        .title("Sea surface temperature anomaly, January 2020")
        .x_label("longitude [degrees_east]")
        .y_label("latitude [degrees_north]")
        .color_label("SST anomaly [K]")
}

pub(crate) fn positive() -> Figure {
    let (lon, lat, z) =
        globe(|l, p| 272.0 + 30.0 * p.to_radians().cos() + 2.0 * (4.0 * l).to_radians().sin());
    Figure::mesh(lon, lat, z)
        .title("Sea surface temperature")
        .x_label("lon [degrees_east]")
        .y_label("lat [degrees_north]")
        .color_label("Sea surface temperature [K]")
}

pub(crate) fn normal() -> Figure {
    let mut noise = Noise(7);
    let values: Vec<f64> = (0..20_000).map(|_| noise.normal()).collect();
    Figure::histogram(&values).title("Normal numbers").x_label("anomaly [K]")
}

pub(crate) fn legend() -> Figure {
    let day: Vec<f64> = (0..400).map(|i| f64::from(i) / 10.0).collect();
    let series = ["Hamburg", "Lisbon", "Reykjavík", "Θεσσαλονίκη", "Москва"].iter().enumerate();
    Figure::lines(series.map(|(i, name)| Series {
        label: (*name).to_string(),
        x: day.clone(),
        y: day.iter().map(|d| (d / 4.0 + i as f64).sin() * (3.0 - 0.4 * i as f64) - 2.0 * i as f64).collect(),
    }))
    .title("Pressure tendency")
    .x_label("day [d]")
    .y_label("tendency [hPa h-1]")
}

pub(crate) fn crowded_legend() -> Figure {
    let x: Vec<f64> = (0..50).map(f64::from).collect();
    Figure::lines((0..24).map(|i| Series {
        label: format!("ensemble member {i}"),
        x: x.clone(),
        y: x.iter().map(|x| (x / 3.0 + f64::from(i)).sin() * 1e7 * f64::from(i + 1)).collect(),
    }))
}

pub(crate) fn tiny() -> Figure {
    let z: Vec<f64> = (0..12).map(|i| f64::from(i * i)).collect();
    Figure::mesh([10.0, 20.0, 30.0, 40.0], [0.0, 1.0, 3.0], z).x_label("x").y_label("y").color_label("count")
}

pub(crate) fn missing() -> Figure {
    Figure::mesh([0.0, 1.0, 2.0], [0.0, 1.0], [f64::NAN; 6]).title("Nothing here").x_label("x").y_label("y")
}

pub(crate) fn hovmoller() -> Figure {
    let lon = degrees(40.0, 2.5, 65);
    let time: Vec<f64> = (0..730).map(|day| WINTER + DAY * f64::from(day)).collect();
    let z: Vec<f64> = time
        .iter()
        .flat_map(|t| lon.iter().map(move |l| (t, l)))
        .map(|(t, l)| 4e-6 * ((l - 40.0) / 20.0 - t / DAY / 12.0).sin() * (1.0 + (t / DAY / 180.0).sin()))
        .collect();
    Figure::mesh(lon, time, z)
        .title(
            "Outgoing longwave radiation along the equator, averaged from 10°S to 10°N and filtered to \
                the band of the Madden-Julian oscillation",
        )
        .size(700, 600)
        .x_label("longitude [degrees_east]")
        .y_label("time")
        .y_scale(Scale::Time)
        .color_label("velocity potential at 200 hPa [kg m-2 s-1]")
        .reverse_y()
}

pub(crate) fn profile() -> Figure {
    let pressure: Vec<f64> = (0..40).map(|i| 100_000.0 - 2500.0 * f64::from(i)).collect();
    let temperature: Vec<f64> = pressure.iter().map(|p| 288.0 * (p / 100_000.0).powf(0.19)).collect();
    Figure::line(temperature, pressure)
        .size(450, 550)
        .x_label("temperature [K]")
        .y_label("pressure [Pa]")
        .reverse_y()
}

pub(crate) fn region() -> Figure {
    let (lon, lat) = (degrees(-10.0, 0.25, 161), degrees(35.0, 0.25, 101));
    let z: Vec<f64> = lat
        .iter()
        .flat_map(|p| lon.iter().map(move |l| (l, p)))
        .map(|(l, p)| (l / 5.0).sin().exp() * (p / 4.0).cos().exp() * 1e-6)
        .collect();
    Figure::mesh(lon, lat, z)
        .x_label("lon [degrees_east]")
        .y_label("lat [degrees_north]")
        .color_label("rain rate [m s-1]")
        .robust()
}

pub(crate) fn hours() -> Figure {
    let time: Vec<f64> = (0..2000).map(|i| WINTER + 53.0 * f64::from(i)).collect();
    let y: Vec<f64> = time.iter().map(|t| 101_325.0 + (t / 9000.0).sin() * 0.004).collect();
    Figure::line(time, y).x_scale(Scale::Time).x_label("time").y_label("pressure [Pa]")
}

/// Every figure with its name.
pub(crate) fn all() -> [(&'static str, Figure); 13] {
    [
        ("year", year()),
        ("variance", variance()),
        ("anomaly", anomaly()),
        ("positive", positive()),
        ("normal", normal()),
        ("legend", legend()),
        ("crowded_legend", crowded_legend()),
        ("tiny", tiny()),
        ("missing", missing()),
        ("hovmoller", hovmoller()),
        ("profile", profile()),
        ("region", region()),
        ("hours", hours()),
    ]
}
