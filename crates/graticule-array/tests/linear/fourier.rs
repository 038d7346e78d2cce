//! Fourier transforms.

use graticule_array::{Array, DType, FourierNorm, s};

use super::{chunked, close, numbers};

#[test]
fn fourier_transforms_are_numpys() {
    let c = chunked(&numbers(&[3, 7]), &[2, 3]);
    #[rustfmt::skip]
    let expected = [
        1.625, 0.0, -6.371826791198469, 1.5639802834014223, -14.937231957268041, -6.23004709369796, 4.30905874846651,
        2.6097492951310866, 1.0, 0.0, 2.75, 5.956820543201127, 2.75, 15.94904026375644, 2.75, -4.220933389805267, 0.375,
        0.0, -3.5625, -10.744484607894101, -3.5624999999999996, -0.7522648873387907, -3.5625, 12.480371761289963,
    ];
    close(&c.rfft(1, None, FourierNorm::Backward).unwrap(), &expected, 1e-13);
    let long = c.fft(0, Some(5), FourierNorm::Ortho).unwrap().slice(s![.., ..2, ..]).unwrap();
    #[rustfmt::skip]
    let expected = [
        -2.2919696769372844, 0.0, -1.732952682562337, 0.0, -0.6374611797498106, -0.27471684226134935,
        -1.3480118293594157, 1.9121331943713136, -3.3874611797498106, -1.9331401026769768, 2.2144881706405846,
        2.1369143401136497, -3.3874611797498106, 1.9331401026769768, 2.2144881706405846, -2.1369143401136497,
        -0.6374611797498106, 0.27471684226134935, -1.3480118293594157, -1.9121331943713136,
    ];
    close(&long, &expected, 1e-14);
    let z = chunked(&numbers(&[4, 3, 2]), &[2, 2, 1]);
    #[rustfmt::skip]
    let expected = [
        -0.5833333333333333, 0.3958333333333333, -0.7291666666666666, 0.25, 1.2291666666666665, 0.10416666666666666,
        -2.5408650880638817, 0.3932425905628721, 0.5375801578602785, -2.6852026553612878, 1.5118587371177719,
        2.0892090063073976,
    ];
    close(
        &z.ifft(0, Some(6), FourierNorm::Backward).unwrap().slice(s![..2, .., ..]).unwrap(),
        &expected,
        1e-14,
    );
    #[rustfmt::skip]
    let expected = [
        -0.875, -2.145833333333333, 2.895833333333333, -3.8317301761277633, 0.22099364905389032, 2.169550807568877,
        0.721687836487032, 2.8258545031536983, -1.3824788301796345, -0.4166666666666668, 1.6875, 1.6874999999999996,
        -0.721687836487032, 1.3824788301796345, -2.8258545031536983, 0.49839684279442986, 0.6540063509461097,
        -1.294550807568877,
    ];
    close(&z.irfft(0, None, FourierNorm::Backward).unwrap(), &expected, 1e-14);
    let short = z.irfft(0, Some(5), FourierNorm::Forward).unwrap().slice(s![..2, ..]).unwrap();
    let expected = [-8.125, -12.375, 21.25, -17.178220076275235, 5.833961861691243, 3.5961437996577246];
    close(&short, &expected, 1e-13);
    let long = z.irfft(0, Some(11), FourierNorm::Backward).unwrap().slice(s![1, ..]).unwrap();
    close(&long, &[-0.9419028033087372, -1.5595612318866918, 1.8317687204243085], 1e-14);
    #[rustfmt::skip]
    let expected = [
        3.0, 0.0, -7.184326791198469, -3.2236837812915518, -15.749731957268041, 8.96672828271969, 3.4965587484665104,
        10.869187666615781, 0.9375, -0.5412658773652741, 8.498177746005899, -1.5089730456413593, -0.06722742006367,
        -19.295220143296056, -9.748445788737861, -6.986755252000529, 0.9375, 0.5412658773652741, -20.42933132840284,
        9.424597677137179, -28.994736494472413, -8.361649420517518, 19.179063285670882, 3.9468154707780077,
    ];
    let half = c.rfftn(&[0, 1], FourierNorm::Backward).unwrap();
    close(&half, &expected, 1e-13);
    let all = c.fftn(&[0, 1], FourierNorm::Backward).unwrap();
    close(&all.slice(s![.., ..4, ..]).unwrap(), &expected, 1e-13);
    let values = numbers(&[3, 7]).into_raw_vec_and_offset().0;
    close(&half.irfftn(&[0, 1], Some(7), FourierNorm::Backward).unwrap(), &values, 1e-14);
    close(&all.ifftn(&[0, 1], FourierNorm::Backward).unwrap().real().unwrap(), &values, 1e-14);
    let same = Array::complex(&c, &(&c * 0.0).unwrap())
        .unwrap()
        .fft_complex(1, None, FourierNorm::Backward)
        .unwrap();
    close(&same, &c.fft(1, None, FourierNorm::Backward).unwrap().compute().unwrap().to_f64(), 1e-13);
}

#[test]
fn frequencies_and_shifts_are_numpys() {
    close(&Array::fftfreq(5, 0.1).unwrap(), &[0.0, 2.0, 4.0, -4.0, -2.0], 0.0);
    close(&Array::rfftfreq(5, 0.3).unwrap(), &[0.0, 0.6666666666666666, 1.3333333333333333], 0.0);
    assert!(Array::fftfreq(0, 1.0).is_err() && Array::rfftfreq(3, 0.0).is_err());
    let x = Array::arange(5).unwrap();
    close(&x.fftshift(&[0]).unwrap(), &[3.0, 4.0, 0.0, 1.0, 2.0], 0.0);
    close(&x.ifftshift(&[0]).unwrap(), &[2.0, 3.0, 4.0, 0.0, 1.0], 0.0);
    let z = Array::complex(&Array::full(3.0, 2, 1).unwrap(), &Array::full(-4.0, 2, 1).unwrap()).unwrap();
    close(&z.complex_abs().unwrap(), &[5.0, 5.0], 0.0);
    close(&z.angle().unwrap(), &[(-4.0f64).atan2(3.0); 2], 1e-15);
}

#[test]
fn transforms_of_what_is_not_complex_or_has_no_points_are_refused() {
    let x = Array::ones((4, 3), (2, 3)).unwrap();
    assert!(
        x.ifft(0, None, FourierNorm::Backward).unwrap_err().to_string().contains("last axis of length 2")
    );
    assert!(
        x.rfft(0, Some(0), FourierNorm::Backward).is_err() && x.rfft(2, None, FourierNorm::Backward).is_err()
    );
    let empty = Array::ones((0, 3), (1, 3)).unwrap();
    assert!(empty.rfft(0, None, FourierNorm::Backward).is_err());
    close(&empty.rfft(0, Some(1), FourierNorm::Backward).unwrap(), &[0.0; 6], 0.0);
    assert_eq!(empty.rfft(1, None, FourierNorm::Backward).unwrap().compute().unwrap().shape(), [0, 2, 2]);
    let single = x.astype(DType::F32).unwrap().rfft(0, None, FourierNorm::Ortho).unwrap();
    assert_eq!(
        (single.dtype(), x.astype(DType::I16).unwrap().fft(0, None, FourierNorm::Ortho).unwrap().dtype()),
        (DType::F32, DType::F64)
    );
    close(&single.slice(s![0, 0, ..]).unwrap(), &[2.0, 0.0], 0.0);
}
