//! Wallets of crypto currencies: what their own check sums prove, and the shape of Ethereum's.
//!
//! A private key in the same writing is a private key.

use sha2::{Digest, Sha256};

use crate::{Finding, Kind};

/// Notes the wallet that the word `start..end` is.
pub(crate) fn judge(text: &[u8], start: usize, end: usize, found: &mut Vec<Finding>) {
    let word = &text[start..end];
    let judged = match word.len() {
        42 if word.starts_with(b"0x") && word[2..].iter().all(u8::is_ascii_hexdigit) => {
            Some((Kind::Wallet, 0.8, "Ethereum wallet, by its shape"))
        }
        25..=35 => base58(word).and_then(|bytes| address(&bytes)),
        51 | 52 => base58(word).and_then(|bytes| private_key(&bytes)),
        _ => None,
    };
    let judged = judged.or_else(|| {
        let long = (14..=90).contains(&word.len());
        (long && bech32(word)).then_some((
            Kind::Wallet,
            0.95,
            "Bitcoin wallet, its check sum is right",
        ))
    });
    if let Some((kind, score, why)) = judged {
        found.push(Finding { kind, span: start..end, score, why });
    }
}

/// Returns the bytes that base 58 writes, if their check sum is right.
fn base58(word: &[u8]) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes: Vec<u8> = Vec::with_capacity(40);
    for sign in word {
        let mut carry = ALPHABET.iter().position(|letter| letter == sign)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push((carry & 0xff) as u8);
            carry >>= 8;
        }
    }
    let zeros = word.iter().take_while(|sign| **sign == b'1').count();
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    (Sha256::digest(Sha256::digest(body))[..4] == *sum).then(|| body.to_vec())
}

fn address(body: &[u8]) -> Option<(Kind, f32, &'static str)> {
    (body.len() == 21).then_some((Kind::Wallet, 0.97, "crypto wallet, its check sum is right"))
}

fn private_key(body: &[u8]) -> Option<(Kind, f32, &'static str)> {
    let key = matches!(body.len(), 33 | 34) && body[0] == 0x80;
    key.then_some((Kind::PrivateKey, 0.97, "private key of a wallet, its check sum is right"))
}

/// BIP 173 and BIP 350: a prefix, a one, and data with six signs of check sum.
fn bech32(word: &[u8]) -> bool {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    const ONCE: u32 = 1;
    const AMENDED: u32 = 0x2bc8_30a3;
    let prefix = [&b"bc"[..], b"tb", b"ltc", b"addr", b"cosmos"].into_iter().find(|prefix| {
        word.len() > prefix.len() + 8 && word.starts_with(prefix) && word[prefix.len()] == b'1'
    });
    let Some(prefix) = prefix else { return false };
    let step = |sum: u32, value: u32| {
        let top = sum >> 25;
        let next = ((sum & 0x1ff_ffff) << 5) ^ value;
        (0..5).filter(|bit| top >> bit & 1 == 1).fold(next, |next, bit| next ^ GENERATOR[bit])
    };
    let high = prefix.iter().map(|byte| u32::from(byte >> 5));
    let low = prefix.iter().map(|byte| u32::from(byte & 31));
    let sum = high.chain([0]).chain(low).fold(1, step);
    let values = word[prefix.len() + 1..].iter();
    let mut values = values.map(|sign| ALPHABET.iter().position(|letter| letter == sign));
    let sum = values.try_fold(sum, |sum, value| value.map(|value| step(sum, value as u32)));
    matches!(sum, Some(ONCE | AMENDED))
}
