//! Figures drawn from end to end. Set `GRATICULE_PLOT_GALLERY` to a directory to keep the pictures.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside test functions, may fail the test")]

use std::path::PathBuf;

use graticule_plot::{Error, Figure};

mod gallery;

/// Width, height and RGB pixels of a PNG file.
fn decode(bytes: &[u8]) -> (usize, usize, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
    (info.width as usize, info.height as usize, pixels)
}

fn share_of(pixels: &[u8], color: [u8; 3]) -> f64 {
    let count = pixels.chunks(3).filter(|p| *p == color).count();
    count as f64 / (pixels.len() / 3) as f64
}

/// Whether no coordinate in the SVG text is NaN or infinite.
fn numbers_are_finite(svg: &str) -> bool {
    let document = roxmltree::Document::parse(svg).unwrap();
    let attributes = document.descendants().flat_map(|node| node.attributes());
    let mut numbers =
        attributes.filter(|a| ["x", "y", "width", "height", "d", "transform"].contains(&a.name()));
    numbers.all(|a| !a.value().contains("NaN") && !a.value().contains("inf"))
}

const BLANK: [u8; 3] = [208, 208, 208];

#[test]
fn every_figure_saves_in_both_formats() {
    let dir = tempfile::tempdir().unwrap();
    let dir = std::env::var_os("GRATICULE_PLOT_GALLERY").map_or(dir.path().to_path_buf(), PathBuf::from);
    for (name, figure) in gallery::all() {
        let path = dir.join(format!("{name}.png"));
        figure.save(&path).unwrap();
        let (width, height, pixels) = decode(&std::fs::read(&path).unwrap());
        assert_eq!((width as u32, height as u32), figure.size, "{name}");
        assert!(share_of(&pixels, [255, 255, 255]) < 0.99, "{name} is blank");

        let path = dir.join(format!("{name}.svg"));
        figure.save(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.len() < 1_500_000, "{name} takes {} bytes", text.len());
        let document = roxmltree::Document::parse(&text).unwrap();
        let labels: Vec<_> = document.descendants().filter_map(|node| node.attribute("aria-label")).collect();
        assert!(labels.len() >= 3, "{name}: {labels:?}");
        assert!(numbers_are_finite(&text), "{name}");
    }
}

#[test]
fn missing_cells_are_blank_and_only_those() {
    let (_, _, pixels) = decode(&gallery::missing().to_png().unwrap());
    assert!(share_of(&pixels, BLANK) > 0.5);
    let (_, _, pixels) = decode(&gallery::tiny().to_png().unwrap());
    assert!(share_of(&pixels, BLANK) < 0.001);
    let land = decode(&gallery::anomaly().to_png().unwrap());
    assert!((0.05..0.4).contains(&share_of(&land.2, BLANK)));
}

#[test]
fn scale_multiplies_the_pixels() {
    let (width, height, _) = decode(&gallery::tiny().size(300, 200).scale(1.5).to_png().unwrap());
    assert_eq!((width, height), (450, 300));
}

#[test]
fn awkward_input_gives_a_picture_or_an_error_but_no_panic() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let drawable = [
        Figure::line([], []),
        Figure::lines([]),
        Figure::line([1.0], [2.0]),
        Figure::line([nan, 1.0], [1.0, inf]),
        Figure::line([-1e308, 1e308], [1e308, -1e308]),
        Figure::line([0.0, 1e-320], [5e-324, 0.0]),
        Figure::line([1e15, 1e15 + 1.0], [3.0, 3.0]).x_scale(graticule_plot::Scale::Time),
        Figure::line([0.0, 1.0], [0.0, 1.0]).x_limits(5.0, 6.0).title("word ".repeat(200)),
        Figure::mesh([], [], []),
        Figure::mesh([1.0], [2.0], [3.0]),
        Figure::mesh([1.0, 1.0], [2.0], [3.0, inf]),
        Figure::mesh([-1e308, 1e308], [0.0], [-1e308, 1e308]),
        Figure::mesh([0.0, 1.0], [0.0], [1.0, 1.0]).x_label("[degrees_east]").y_label("[degrees_north]"),
        Figure::mesh([0.0, 1.0], [0.0], [1.0, 2.0]).vmin(7.0).colormap("magma_r"),
        Figure::histogram(&[]),
        Figure::histogram(&[nan, 2.0]),
        Figure::histogram(&[-1e308, 1e308]),
        Figure::histogram_from_counts([0.0, 0.0], [0.0, 0.0, 0.0]),
    ];
    for figure in drawable {
        for (width, height) in [(900, 500), (100, 100), (100, 3000)] {
            let figure = figure.clone().size(width, height);
            figure.to_png().unwrap_or_else(|e| panic!("{e} in {figure:?}"));
            assert!(numbers_are_finite(&figure.to_svg().unwrap()), "{figure:?}");
        }
    }
    let mesh = Figure::mesh([0.0, 1.0], [0.0], [1.0]).to_png();
    assert!(matches!(mesh, Err(Error::LengthMismatch { expected: 2, found: 1, .. })));
    let mesh = Figure::mesh([0.0, nan], [0.0], [1.0, 2.0]).to_svg();
    assert!(matches!(mesh, Err(Error::NonFinite { index: 1, .. })));
}

#[test]
fn a_failed_save_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let figure = gallery::tiny();
    assert!(matches!(figure.save(dir.path().join("a.jpg")), Err(Error::UnknownExtension { .. })));
    assert!(matches!(figure.save(dir.path().join("a")), Err(Error::UnknownExtension { .. })));
    assert!(figure.clone().vmin(2.0).vmax(1.0).save(dir.path().join("a.png")).is_err());
    let error = figure.save(dir.path().join("none").join("a.png")).unwrap_err();
    assert!(error.to_string().contains("a.png") && error.to_string().contains("No such file"), "{error}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
