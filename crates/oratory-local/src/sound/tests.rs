//! Sounds as they come: of every kind of sample, at other rates, and cut short.
//!
//! Made here, wave by wave.

use super::*;

/// A second of a tone, as WAV.
fn tone(rate: u32, hertz: f64, kind: u16, bits: u16, channels: u16) -> Vec<u8> {
    let mut data = Vec::new();
    for at in 0..rate {
        let sample = (f64::from(at) / f64::from(rate) * hertz * 2.0 * PI).sin() * 0.5;
        for _ in 0..channels {
            match (kind, bits) {
                (1, 8) => data.push((sample * 127.0 + 128.0) as u8),
                (1, 16) => data.extend(((sample * 32_767.0) as i16).to_le_bytes()),
                (1, 24) => data.extend(&((sample * 8_388_607.0) as i32).to_le_bytes()[..3]),
                (1, 32) => data.extend(((sample * 2_147_483_647.0) as i32).to_le_bytes()),
                (3, 32) => data.extend((sample as f32).to_le_bytes()),
                _ => data.extend(sample.to_le_bytes()),
            }
        }
    }
    wave(rate, kind, bits, channels, &data)
}

fn wave(rate: u32, kind: u16, bits: u16, channels: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0".to_vec();
    bytes.extend(kind.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(channels * bits / 8)).to_le_bytes());
    bytes.extend((channels * bits / 8).to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    // Something of an odd length before the samples.
    bytes.extend(b"LIST\x03\0\0\0abc\0data\xff\xff\xff\xff");
    bytes.extend(data);
    bytes
}

/// How far samples are from a tone, typically.
fn off(samples: &[f32], rate: f64, hertz: f64) -> f64 {
    let inner = 100..samples.len() - 100;
    let wrong = inner.clone().map(|at| {
        let meant = (at as f64 / rate * hertz * 2.0 * PI).sin() * 0.5;
        (f64::from(samples[at]) - meant).powi(2)
    });
    (wrong.sum::<f64>() / inner.len() as f64).sqrt()
}

#[test]
fn every_kind_of_sample_is_the_same_tone() {
    for (kind, bits) in [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)] {
        let read = read(&tone(16_000, 440.0, kind, bits, 2), 16_000).unwrap();
        assert_eq!(read.len(), 16_000);
        let off = off(&read, 16_000.0, 440.0);
        assert!(off < 0.01, "kind {kind} with {bits} bits is off by {off}");
    }
}

#[test]
fn other_rates_are_brought_to_the_one_that_is_heard() {
    for rate in [8_000, 22_050, 44_100, 48_000] {
        let read = read(&tone(rate, 440.0, 1, 16, 1), 16_000).unwrap();
        assert!(read.len().abs_diff(16_000) < 2, "{}", read.len());
        let off = off(&read, 16_000.0, 440.0);
        assert!(off < 0.005, "{rate} is off by {off}");
    }
    // What the lower rate cannot carry is left out, not folded back.
    let high = read(&tone(48_000, 15_000.0, 1, 16, 1), 16_000).unwrap();
    // But for where it begins and ends all at once.
    let inner = &high[100..high.len() - 100];
    let loud = inner.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    assert!(loud < 0.05, "{loud}");
}

#[test]
fn what_is_no_sound_is_refused_by_name() {
    let whole = tone(16_000, 440.0, 1, 16, 1);
    let not_a_number = f32::NAN.to_le_bytes().repeat(16_000);
    for (bytes, words) in [
        (b"ID3".to_vec(), "is no WAV file"),
        (whole[..40].to_vec(), "it holds no samples"),
        (whole[..30].to_vec(), "its format is cut short"),
        (whole[..500].to_vec(), "is shorter than a tenth of a second"),
        (wave(16_000, 85, 16, 1, &[0; 64_000]), "format 85"),
        (wave(0, 1, 16, 1, &[0; 64_000]), "0 a second"),
        (wave(16_000, 1, 16, 0, &[0; 64_000]), "0 channels"),
        (wave(1_000, 1, 8, 1, &vec![0; 601_000]), "is longer than 10 minutes"),
        (wave(16_000, 3, 32, 1, &not_a_number), "a sample is no number"),
    ] {
        let told = read(&bytes, 16_000).unwrap_err().to_string();
        assert!(told.contains(words), "{told:?} does not say {words:?}");
    }
}
