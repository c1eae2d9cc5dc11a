//! Pictures as they come: of every kind, held askew, see-through, and made to do harm.
//!
//! Made here, point by point.

use image::{Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn colours(width: u32, height: u32) -> DynamicImage {
    let point = |x: u32, y: u32| Rgb([(x * 16) as u8, (y * 16) as u8, 200]);
    RgbImage::from_fn(width, height, point).into()
}

#[test]
fn every_kind_is_read_point_by_point() {
    let made = colours(12, 7);
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::WebP] {
        let read = read(&written(&made, format)).unwrap();
        assert_eq!((read.width, read.height), (12, 7), "{format:?}");
        assert_eq!(read.points, made.as_bytes(), "{format:?}");
    }
    for format in [ImageFormat::Jpeg, ImageFormat::Gif] {
        let read = read(&written(&made, format)).unwrap();
        let off = read.points.iter().zip(made.as_bytes()).map(|(a, b)| a.abs_diff(*b));
        let mean = off.map(u32::from).sum::<u32>() / read.points.len() as u32;
        assert!(mean < 12, "{format:?} is off by {mean}");
    }
    assert_eq!(read(&written(&colours(1, 1), ImageFormat::Png)).unwrap().points.len(), 3);
}

#[test]
fn what_can_be_seen_through_lies_on_white_paper() {
    let mut half = RgbaImage::from_pixel(2, 1, Rgba([0, 0, 0, 0]));
    half.put_pixel(1, 0, Rgba([0, 100, 0, 128]));
    let read = read(&written(&half.into(), ImageFormat::Png)).unwrap();
    assert_eq!(read.points, [255, 255, 255, 127, 177, 127]);
}

#[test]
fn a_picture_is_turned_as_its_camera_noted() {
    let mut bytes = written(&colours(3, 2), ImageFormat::Jpeg);
    // The smallest note there can be: one field, which says that the right side was up.
    let note = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let length = (note.len() as u16 + 2).to_be_bytes();
    let part = [&[0xff, 0xe1][..], &length, note].concat();
    bytes.splice(2..2, part);
    let read = read(&bytes).unwrap();
    assert_eq!((read.width, read.height), (2, 3));
}

/// A PNG that begins with this claim and has next to nothing behind it.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut head = b"IHDR".to_vec();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for chunk in [&head[..], b"IDAT\x78"] {
        bytes.extend((chunk.len() as u32 - 4).to_be_bytes());
        bytes.extend(chunk);
        bytes.extend(checksum(chunk).to_be_bytes());
    }
    bytes
}

fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum: u32, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            sum >> 1 ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
        })
    })
}

#[test]
fn what_would_do_harm_is_refused_by_name() {
    let whole = written(&colours(64, 64), ImageFormat::Png);
    let said = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    let began = std::time::Instant::now();
    for (bytes, words) in [
        (claims(60_000, 60_000), "claims 60000 times 60000 points"),
        (claims(40_000, 1), "claims 40000 times 1 points"),
        (claims(2_000, 3), "no side may be more than 200 times"),
        (claims(100, 100), "is damaged"),
        (whole[..whole.len() / 2].to_vec(), "is damaged"),
        (b"<svg></svg>".to_vec(), "is no PNG, JPEG, WebP, GIF or BMP"),
        (b"GIF89a".to_vec(), "is damaged"),
        (Vec::new(), "is no PNG"),
    ] {
        let told = said(&bytes);
        assert!(told.contains(words), "{told:?} does not say {words:?}");
    }
    assert!(began.elapsed().as_secs() < 5);
}
