//! Draws codes and reads them back, reads the pictures of `tests/vectors/qr`, and holds hostile ones against the reader.

use std::io::Cursor;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgba, RgbaImage};
use proptest::prelude::*;
use serde_json::Value;
use undercroft_otp::qr::{DrawError, Picture, PictureError, Region, draw, read_codes};
use undercroft_otp::{Payload, classify};
use undercroft_secret::SecretString;

const URI: &str = "otpauth://totp/Amazon%20Web%20Services:jane@acme?secret=GQMWATC3JYIGQBZRDPT7JEVWVDZQISEOXZXUP42552H6VRJTIXM3YLHI37J3YW6N&issuer=Amazon%20Web%20Services";
const FORMATS: [ImageFormat; 5] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::WebP,
    ImageFormat::Gif,
    ImageFormat::Bmp,
];

fn drawn(text: &str) -> RgbaImage {
    let drawing = draw(&SecretString::copy_of(text)).unwrap();
    let png = drawing.to_png(4);
    image::load_from_memory(png.expose()).unwrap().to_rgba8()
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let picture: DynamicImage = picture.into();
    // JPEG has no opacity.
    let picture = if format == ImageFormat::Jpeg {
        picture.to_rgb8().into()
    } else {
        picture
    };
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn texts(picture: &Picture) -> Vec<String> {
    let found = read_codes(picture);
    found
        .iter()
        .map(|found| found.text.expose().to_owned())
        .collect()
}

fn from_rgba(picture: &RgbaImage) -> Picture {
    Picture::from_rgba(picture.width(), picture.height(), picture.to_vec()).unwrap()
}

fn error_of(bytes: &[u8]) -> &'static str {
    Picture::read(bytes).unwrap_err().code()
}

#[test]
fn what_is_drawn_is_read() {
    let drawing = draw(&SecretString::copy_of(URI)).unwrap();
    for scale in [1, 2, 3, 5, 8] {
        let picture = Picture::read(drawing.to_png(scale).expose()).unwrap();
        assert_eq!(
            picture.width() as usize,
            drawing.side() * usize::from(scale)
        );
        let found = read_codes(&picture);
        assert_eq!(found.len(), 1, "scale {scale}");
        assert_eq!(found[0].text.expose(), URI);
        assert!(matches!(
            classify(&found[0].text),
            Ok(Payload::Device(device)) if device.name == "jane@acme"
        ));
    }
}

#[test]
fn the_svg_path_shows_the_same_modules() {
    let drawing = draw(&SecretString::copy_of(URI)).unwrap();
    let mut modules = vec![false; drawing.side() * drawing.side()];
    for run in drawing.svg_path().expose().split_terminator('z') {
        let numbers: Vec<usize> = run
            .split(|character: char| !character.is_ascii_digit())
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().unwrap())
            .collect();
        let [x, y, length, 1, back] = numbers[..] else {
            panic!("not a run: {run}")
        };
        assert_eq!(length, back);
        modules[y * drawing.side() + x..][..length].fill(true);
    }
    for y in 0..drawing.side() {
        for x in 0..drawing.side() {
            let inside = x >= 4 && y >= 4 && drawing.is_dark(x - 4, y - 4);
            assert_eq!(modules[y * drawing.side() + x], inside, "{x} {y}");
        }
    }
}

#[test]
fn what_no_code_holds_is_not_drawn() {
    let text = SecretString::new("x".repeat(2953));
    assert!(draw(&text).is_ok());
    let text = SecretString::new("x".repeat(2954));
    assert_eq!(draw(&text).unwrap_err(), DrawError::TooLong);
}

/// Two pictures of each kind that tests/bench/qr_corpus.py paints. The reader has a time limit, so one that a loaded
/// machine misses is no failure; a text that stands in no picture is.
#[test]
fn the_kept_pictures_are_read() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors/qr");
    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let (mut wanted, mut read, mut missed) = (0, 0, Vec::new());
    for case in manifest.as_array().unwrap() {
        let file = case["file"].as_str().unwrap();
        let picture = Picture::read(&std::fs::read(folder.join(file)).unwrap()).unwrap();
        let found = texts(&picture);
        let codes = case["codes"].as_array().unwrap();
        for text in &found {
            assert!(
                codes.iter().any(|code| code == text.as_str()),
                "false in {file}"
            );
        }
        wanted += codes.len();
        read += found.len();
        if found.len() < codes.len() {
            missed.push(file);
        }
    }
    assert!(wanted >= 39, "only {wanted} codes are there");
    assert!(
        read * 100 >= wanted * 95,
        "{read} of {wanted}, missed: {missed:?}"
    );
}

#[test]
fn every_format_is_read_by_its_content() {
    for format in FORMATS {
        let picture = Picture::read(&encoded(drawn(URI), format)).unwrap();
        assert_eq!(texts(&picture), [URI], "{format:?}");
    }
}

#[test]
fn deep_and_grey_pixels_are_read() {
    let picture = DynamicImage::from(drawn(URI));
    let forms: [DynamicImage; 7] = [
        picture.to_luma8().into(),
        picture.to_luma_alpha8().into(),
        picture.to_rgb8().into(),
        picture.to_luma16().into(),
        picture.to_luma_alpha16().into(),
        picture.to_rgb16().into(),
        picture.to_rgba16().into(),
    ];
    for form in forms {
        let color = form.color();
        let picture = Picture::read(&encoded(form, ImageFormat::Png)).unwrap();
        assert_eq!(texts(&picture), [URI], "{color:?}");
    }
}

#[test]
fn transparent_ground_takes_the_colour_that_shows_the_code() {
    let code = drawn(URI);
    for (ink, see_through) in [(0, 255), (255, 0)] {
        let mut picture = code.clone();
        for Rgba([red, green, blue, opacity]) in picture.pixels_mut() {
            *opacity = if *red == see_through { 0 } else { 255 };
            // What can't be seen has the ink's colour, as programs leave it.
            (*red, *green, *blue) = (ink, ink, ink);
        }
        assert_eq!(texts(&from_rgba(&picture)), [URI], "ink {ink}");
    }
}

#[test]
fn codes_are_found_where_they_are_and_once() {
    let other = URI.replace("jane", "john");
    let mut page = RgbaImage::from_pixel(1200, 800, Rgba([240, 240, 240, 255]));
    image::imageops::replace(&mut page, &drawn(&other), 700, 420);
    image::imageops::replace(&mut page, &drawn(URI), 40, 60);
    image::imageops::replace(&mut page, &drawn(URI), 40, 440);
    let picture = from_rgba(&page);
    let found = read_codes(&picture);
    assert_eq!(found.len(), 2, "the third says the same as the first");
    assert_eq!(found[0].text.expose(), URI);
    assert_eq!(found[1].text.expose(), other);
    let bounds = found[1].bounds;
    assert!(
        bounds.x.abs_diff(716) < 8 && bounds.y.abs_diff(436) < 8,
        "{bounds:?}"
    );

    let half = Region {
        x: 600,
        width: 900,
        height: 900,
        ..Region::default()
    };
    let half = picture.crop(half);
    assert_eq!((half.width(), half.height()), (600, 800));
    assert_eq!(texts(&half), [other]);
    assert!(read_codes(&picture.crop(Region::default())).is_empty());
}

#[test]
fn a_code_in_reverse_beside_another_is_found() {
    let other = URI.replace("jane", "john");
    let mut page = RgbaImage::from_pixel(1200, 600, Rgba([240, 240, 240, 255]));
    let mut reverse = drawn(&other);
    image::imageops::invert(&mut reverse);
    image::imageops::replace(&mut page, &drawn(URI), 40, 60);
    image::imageops::replace(&mut page, &reverse, 640, 70);
    assert_eq!(texts(&from_rgba(&page)), [URI, &other]);
}

#[test]
fn nothing_is_found_in_small_and_empty_pictures() {
    for (width, height) in [
        (1, 1),
        (1, 500),
        (500, 1),
        (2, 2),
        (15, 20),
        (21, 21),
        (47, 33),
    ] {
        for grey in [0, 128, 255] {
            let picture = GrayImage::from_pixel(width, height, Luma([grey]));
            let picture = from_rgba(&DynamicImage::from(picture).to_rgba8());
            assert!(read_codes(&picture).is_empty(), "{width} × {height}");
        }
    }
}

#[test]
fn noise_and_carpets_of_corners_end_in_time() {
    let mut state = 1_u32;
    let noise = GrayImage::from_fn(1920, 1080, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Luma([(state >> 24) as u8])
    });
    let carpet = |module: u32| {
        GrayImage::from_fn(1920, 1080, move |x, y| {
            // One corner every nine modules.
            let from_middle = |at: u32| (at / module % 9).abs_diff(4);
            let ring = from_middle(x).max(from_middle(y));
            Luma([if ring == 2 || ring == 4 { 255 } else { 0 }])
        })
    };
    for picture in [noise, carpet(1), carpet(2), carpet(4)] {
        let picture = from_rgba(&DynamicImage::from(picture).to_rgba8());
        let started = Instant::now();
        assert!(read_codes(&picture).is_empty());
        // In the release build it is a second at most; here the machine may be slow and busy.
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn what_is_no_picture_says_so() {
    assert_eq!(error_of(b""), "picture-empty");
    assert_eq!(error_of(b"hello"), "picture-unknown-format");
    assert_eq!(error_of(b"%PDF-1.7"), "picture-unknown-format");
    assert_eq!(
        error_of(b"II*\0\x08\0\0\0"),
        "picture-unknown-format",
        "TIFF"
    );
    assert_eq!(error_of(&vec![0; (32 << 20) + 1]), "picture-file-too-large");
    for svg in [
        "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "\u{feff}\n<?xml version='1.0'?><!DOCTYPE svg><SVG>",
        "<!-- a comment --><svg>",
    ] {
        assert_eq!(error_of(svg.as_bytes()), "picture-svg", "{svg}");
    }
    assert_eq!(error_of(b"<html>"), "picture-unknown-format");
    let rgba = |width, height, bytes| Picture::from_rgba(width, height, vec![0; bytes]);
    assert_eq!(rgba(0, 5, 0).unwrap_err(), PictureError::Empty);
    assert_eq!(rgba(2, 2, 15).unwrap_err(), PictureError::Damaged);
    assert_eq!(
        rgba(u32::MAX, u32::MAX, 4).unwrap_err().code(),
        "picture-too-many-pixels"
    );
    assert!(rgba(2, 2, 16).is_ok());
}

#[test]
fn cut_off_pictures_are_refused_or_read_but_do_no_harm() {
    for format in FORMATS {
        let file = encoded(drawn(URI), format);
        for end in (0..file.len()).step_by(file.len().div_ceil(400)) {
            // Some decoders show what there is of a picture.
            if let Ok(picture) = Picture::read(&file[..end]) {
                assert!(picture.width() > 0 && picture.height() > 0);
            }
        }
        for at in (0..file.len()).step_by(file.len().div_ceil(400)) {
            let mut file = file.clone();
            file[at] ^= 0x55;
            let _ = Picture::read(&file);
        }
    }
}

/// Pictures that claim to be huge are refused by their head, before anything is allocated for them.
#[test]
fn huge_pictures_are_refused_at_once() {
    let be = |side: u32| side.to_be_bytes();
    let le = |side: u16| side.to_le_bytes();
    let mut png = encoded(GrayImage::new(1, 1), ImageFormat::Png);
    png[16..20].copy_from_slice(&be(30_000));
    png[20..24].copy_from_slice(&be(30_000));
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    let mut gif = encoded(RgbaImage::new(1, 1), ImageFormat::Gif);
    gif[6..8].copy_from_slice(&le(30_000));
    gif[8..10].copy_from_slice(&le(30_000));
    let mut bmp = encoded(RgbaImage::new(1, 1), ImageFormat::Bmp);
    bmp[18..22].copy_from_slice(&30_000_u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&30_000_u32.to_le_bytes());
    let mut jpeg = encoded(RgbaImage::new(1, 1), ImageFormat::Jpeg);
    let frame = jpeg
        .windows(2)
        .position(|marker| marker == [0xff, 0xc0])
        .unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
    // The extended form of WebP has sides of 24 bits, less one.
    let mut webp = b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
    webp.extend([0x2f, 0x75, 0, 0x2f, 0x75, 0]);
    for (format, file) in [
        ("PNG", png),
        ("GIF", gif),
        ("BMP", bmp),
        ("JPEG", jpeg),
        ("WebP", webp),
    ] {
        let started = Instant::now();
        let code = error_of(&file);
        assert!(started.elapsed() < Duration::from_millis(100), "{format}");
        // image-webp looks for the frames before it tells the size.
        let wanted = ["picture-too-many-pixels", "picture-damaged"];
        assert!(
            wanted[..1 + usize::from(format == "WebP")].contains(&code),
            "{format}: {code}"
        );
    }
}

/// Deep colours take eight bytes a pixel: of 8,000 × 4,000 the pixels are looked for, of a row more they are not.
#[test]
fn the_bytes_of_all_pixels_are_limited_too() {
    let pixel = DynamicImage::from(RgbaImage::new(1, 1)).to_rgba16();
    let error_with = |height: u32| {
        let mut png = encoded(pixel.clone(), ImageFormat::Png);
        png[16..20].copy_from_slice(&8000_u32.to_be_bytes());
        png[20..24].copy_from_slice(&height.to_be_bytes());
        let crc = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&crc.to_be_bytes());
        error_of(&png)
    };
    assert_eq!(error_with(4000), "picture-damaged");
    assert_eq!(error_with(4001), "picture-too-many-pixels");
}

#[test]
fn a_bomb_of_allowed_size_is_a_picture_without_a_code() {
    let file = encoded(GrayImage::new(8000, 8000), ImageFormat::Png);
    assert!(file.len() < 1_000_000, "{}", file.len());
    let picture = Picture::read(&file).unwrap();
    assert!(read_codes(&picture).is_empty());
}

#[test]
fn of_an_animation_the_first_frame_is_read() {
    use image::codecs::gif::GifEncoder;
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    let code = drawn(URI);
    let blank = RgbaImage::from_pixel(code.width(), code.height(), Rgba([255; 4]));
    for frame in [code, blank] {
        encoder.encode_frame(image::Frame::new(frame)).unwrap();
    }
    drop(encoder);
    assert_eq!(texts(&Picture::read(&file).unwrap()), [URI]);
}

#[test]
fn nothing_shows_what_it_holds() {
    let drawing = draw(&SecretString::copy_of(URI)).unwrap();
    let picture = drawing.to_picture(4);
    let found = read_codes(&picture);
    let shown = format!("{drawing:?} {picture:?} {found:?} {:?}", drawing.svg_path());
    assert!(
        !shown.contains("GQMW") && !shown.contains("jane"),
        "{shown}"
    );
    for name in ["QrDrawing(", " Picture(", " [Found {"] {
        assert!(shown.contains(name), "{shown}");
    }
    assert!(shown.len() < 300, "{shown}");
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_text_comes_back(text in "[ -~]{1,200}|\\PC{1,40}") {
        let text = SecretString::new(text);
        let found = read_codes(&draw(&text).unwrap().to_picture(4));
        prop_assert_eq!(found.len(), 1);
        prop_assert!(found[0].text.ct_eq(&text), "{}", text.expose());
    }

    #[test]
    fn no_bytes_panic(format in 0_usize..5, rest in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut file = encoded(RgbaImage::new(8, 8), FORMATS[format]);
        file.truncate(file.len() / 2);
        file.extend(rest);
        let _ = Picture::read(&file);
    }
}
