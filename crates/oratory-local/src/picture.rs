//! Decodes pictures that a caller sent: PNG, JPEG, WebP, GIF and BMP, in plain safe Rust.
//!
//! What a file claims is compared with what is allowed before anything is unpacked.

#[cfg(test)]
mod tests;

use std::io::Cursor;

use image::{DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, RgbImage};

/// Points in a picture; a camera's have some dozens of millions.
const MOST_POINTS: u64 = 64 << 20;
/// Points on a side.
const LONGEST: u32 = 1 << 15;
/// How much longer one side may be than the other.
const LEANEST: u32 = 200;

/// A picture, point by point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Red, green and blue of each point.
    pub(crate) points: Vec<u8>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum PictureError {
    #[error("is no PNG, JPEG, WebP, GIF or BMP")]
    Unknown,
    #[error("claims {0} times {1} points, which is too large")]
    TooLarge(u32, u32),
    #[error("is {0} times {1} points, and no side may be more than {LEANEST} times the other")]
    TooLean(u32, u32),
    #[error("is damaged: {0}")]
    Damaged(String),
}

impl PictureError {
    /// Returns what to do next.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Unknown => "convert it to PNG or JPEG",
            Self::TooLarge(..) => "make it smaller; beyond some million points nothing is gained",
            Self::TooLean(..) => "cut it into pieces",
            Self::Damaged(_) => "open it elsewhere to see what is left of it, and send it whole",
        }
    }
}

/// Decodes a picture; of a moving one, its beginning.
pub(crate) fn read(bytes: &[u8]) -> Result<Picture, PictureError> {
    let known = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Gif,
        ImageFormat::Bmp,
    ];
    let format = image::guess_format(bytes).ok().filter(|format| known.contains(format));
    let format = format.ok_or(PictureError::Unknown)?;
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_POINTS || width.max(height) > LONGEST {
        return Err(PictureError::TooLarge(width, height));
    }
    if width == 0 || height == 0 {
        return Err(PictureError::Damaged("it has no points".to_owned()));
    }
    if width.max(height) / width.min(height) > LEANEST {
        return Err(PictureError::TooLean(width, height));
    }
    // Cameras note how they were held instead of turning what they saw.
    let turned = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(turned);
    let (width, height) = picture.dimensions();
    Ok(Picture { width, height, points: opaque(picture).into_raw() })
}

/// Puts a picture onto white paper.
fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let seen = picture.into_rgba8();
    let (width, height) = seen.dimensions();
    let points = seen.as_raw().chunks_exact(4).flat_map(|point| {
        let alpha = u32::from(point[3]);
        let over = |color: u8| ((u32::from(color) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        [over(point[0]), over(point[1]), over(point[2])]
    });
    RgbImage::from_raw(width, height, points.collect()).expect("as many points as there were")
}

impl From<image::ImageError> for PictureError {
    fn from(error: image::ImageError) -> Self {
        Self::Damaged(error.to_string().chars().take(200).collect())
    }
}
