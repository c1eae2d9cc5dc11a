//! Decodes sounds that a caller sent: uncompressed WAV, brought to one channel and one rate.
//!
//! Plain arithmetic; every length is compared with the bytes that are really there.

#[cfg(test)]
mod tests;

use std::f64::consts::PI;

/// How long a sound may be, in seconds.
const LONGEST: usize = 10 * 60;
/// How short it may be, in parts of a second.
const SHORTEST: usize = 10;
/// Channels and samples a second that are believed.
const CHANNELS: std::ops::RangeInclusive<u16> = 1..=16;
const RATES: std::ops::RangeInclusive<u32> = 1_000..=384_000;
/// Zero crossings of the filter on each side.
const LOBES: f64 = 16.0;
/// Places between two zero crossings at which the filter is known.
const FINE: usize = 512;

/// Why there is no sound.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum SoundError {
    #[error("is no WAV file")]
    Unknown,
    #[error("is a WAV file of a kind that is not read: {0}")]
    Kind(String),
    #[error("is damaged: {0}")]
    Damaged(&'static str),
    #[error("is longer than {} minutes", LONGEST / 60)]
    TooLong,
    #[error("is shorter than a tenth of a second")]
    TooShort,
}

impl SoundError {
    /// Returns what to do next.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Unknown | Self::Kind(_) => "convert it to WAV with 16 bits a sample",
            Self::Damaged(_) => "listen to what is left of it, and send it whole",
            Self::TooLong => "send a part of it",
            Self::TooShort => "send more of it",
        }
    }
}

/// How the samples of a file are written.
struct Format {
    float: bool,
    channels: u16,
    rate: u32,
    /// Bytes of a sample of one channel.
    bytes: usize,
}

/// Decodes a sound into samples at `rate` a second.
pub(crate) fn read(bytes: &[u8], rate: u32) -> Result<Vec<f32>, SoundError> {
    let (format, data) = parts(bytes)?;
    let frame = format.bytes * usize::from(format.channels);
    let frames = data.len() / frame;
    let per_second = format.rate as usize;
    if frames > LONGEST * per_second {
        return Err(SoundError::TooLong);
    }
    if frames < per_second / SHORTEST {
        return Err(SoundError::TooShort);
    }
    let samples: Vec<f32> = data.chunks_exact(frame).map(|frame| mean(frame, &format)).collect();
    if samples.iter().any(|sample| !sample.is_finite()) {
        return Err(SoundError::Damaged("a sample is no number"));
    }
    Ok(if format.rate == rate { samples } else { resampled(&samples, format.rate, rate) })
}

/// Finds the format and the samples.
fn parts(bytes: &[u8]) -> Result<(Format, &[u8]), SoundError> {
    let wave = bytes.get(..4) == Some(b"RIFF") && bytes.get(8..12) == Some(b"WAVE");
    let mut rest = bytes.get(12..).filter(|_| wave).ok_or(SoundError::Unknown)?;
    let mut format = None;
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let (name, length) = head.split_at(4);
        let length = u32::from_le_bytes(length.try_into().expect("the other half of eight bytes"));
        // Files written while they were recorded claim too much; what is there counts.
        let (part, beyond) = after.split_at((length as usize).min(after.len()));
        match (name, &format) {
            (b"fmt ", _) => format = Some(self::format(part)?),
            (b"data", Some(_)) => {
                return format.map(|format| (format, part)).ok_or(SoundError::Unknown);
            }
            _ => {}
        }
        // Parts begin at even places.
        rest = beyond.get(length as usize % 2..).unwrap_or_default();
    }
    Err(SoundError::Damaged("it holds no samples"))
}

fn format(part: &[u8]) -> Result<Format, SoundError> {
    let short = |at: usize| {
        let bytes = part.get(at..at + 2).ok_or(SoundError::Damaged("its format is cut short"))?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    };
    let kind = match short(0)? {
        // The real kind is further on.
        0xfffe => short(24)?,
        kind => kind,
    };
    let (channels, bits) = (short(2)?, short(14)?);
    let rate = u32::from(short(4)?) | u32::from(short(6)?) << 16;
    let known = matches!((kind, bits), (1, 8 | 16 | 24 | 32) | (3, 32 | 64));
    if !known || !CHANNELS.contains(&channels) || !RATES.contains(&rate) {
        let what = format!("format {kind}, {bits} bits, {channels} channels, {rate} a second");
        return Err(SoundError::Kind(what));
    }
    Ok(Format { float: kind == 3, channels, rate, bytes: usize::from(bits / 8) })
}

/// Returns the mean of all channels.
fn mean(frame: &[u8], format: &Format) -> f32 {
    let samples = frame.chunks_exact(format.bytes).map(|sample| one(sample, format.float));
    samples.sum::<f32>() / f32::from(format.channels)
}

fn one(sample: &[u8], float: bool) -> f32 {
    match *sample {
        [byte] => (f32::from(byte) - 128.0) / 128.0,
        [a, b] => f32::from(i16::from_le_bytes([a, b])) / 32_768.0,
        [a, b, c] => i32::from_le_bytes([0, a, b, c]) as f32 / 2_147_483_648.0,
        [a, b, c, d] if float => f32::from_le_bytes([a, b, c, d]),
        [a, b, c, d] => i32::from_le_bytes([a, b, c, d]) as f32 / 2_147_483_648.0,
        [a, b, c, d, e, f, g, h] => f64::from_le_bytes([a, b, c, d, e, f, g, h]) as f32,
        _ => 0.0,
    }
}

/// Brings samples to another rate, with a windowed sinc that cuts off what the lower rate cannot
/// carry.
fn resampled(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    let step = f64::from(from) / f64::from(to);
    let cutoff = (1.0 / step).min(1.0);
    let reach = LOBES / cutoff;
    let count = (samples.len() as f64 / step) as usize;
    let table: Vec<f32> = (0..=LOBES as usize * FINE + 1).map(weight).collect();
    let sample = |at: usize| {
        let middle = at as f64 * step;
        let first = (middle - reach).ceil().max(0.0) as usize;
        let last = ((middle + reach) as usize).min(samples.len().saturating_sub(1));
        let near = (first..=last).map(|at| {
            let place = (at as f64 - middle).abs() * cutoff * FINE as f64;
            samples[at] * table[(place as usize).min(table.len() - 1)]
        });
        near.sum::<f32>() * cutoff as f32
    };
    (0..count).map(sample).collect()
}

/// Returns the filter at a place, in parts of a zero crossing from its middle.
fn weight(place: usize) -> f32 {
    let x = place as f64 / FINE as f64;
    let sinc = if place == 0 { 1.0 } else { (x * PI).sin() / (x * PI) };
    (sinc * (0.5 + 0.5 * (x / LOBES * PI).cos())) as f32
}
