//! Bodies that are sent smaller than they are: read in four ways, written in one.
//!
//! What is unpacked is bounded, whatever a body says of itself.

use std::io::Read;

use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, header};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};
use oratory_contract::{At, Failure, FailureKind};

use crate::failures::short;

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Why a body was not unpacked.
#[derive(Debug, PartialEq, Eq)]
enum Unread {
    TooLarge,
    Damaged,
}

/// Returns how a request's body is packed, if it is.
pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Packing>, Failure> {
    let mut packing = None;
    for value in headers.get_all(header::CONTENT_ENCODING) {
        let value = value.to_str().unwrap_or("unreadable").trim();
        let named = match value.to_ascii_lowercase().as_str() {
            "identity" | "" => continue,
            "gzip" | "x-gzip" => Packing::Gzip,
            "deflate" => Packing::Deflate,
            "br" => Packing::Brotli,
            "zstd" => Packing::Zstd,
            _ => return Err(unknown(value)),
        };
        if packing.replace(named).is_some() {
            return Err(unknown("several encodings"));
        }
    }
    Ok(packing)
}

fn unknown(value: &str) -> Failure {
    let message = format!("the body's `content-encoding` is {:?}", short(value));
    Failure::new(FailureKind::Invalid, At::Caller, message)
        .hint("send it as it is, or with one of gzip, deflate, br and zstd")
}

/// Returns a body unpacked, which is at most `limit` bytes then.
pub(crate) fn unpacked(packing: Packing, packed: &[u8], limit: usize) -> Result<Bytes, Failure> {
    let unpacked = match packing {
        Packing::Gzip => gunzipped(packed, limit),
        Packing::Deflate => inflated(packed, limit),
        Packing::Brotli => read(brotli_decompressor::Decompressor::new(packed, 4096), limit),
        Packing::Zstd => match ruzstd::decoding::StreamingDecoder::new(packed) {
            Ok(reader) => read(reader, limit),
            Err(_) => Err(Unread::Damaged),
        },
    };
    unpacked.map(Bytes::from).map_err(|unread| match unread {
        Unread::TooLarge => {
            let message = format!("the body is larger than {limit} bytes once it is unpacked");
            Failure::new(FailureKind::TooLarge, At::Caller, message)
                .hint("send less, or raise `server.body_megabytes`")
        }
        Unread::Damaged => {
            let message = "the body is not what its `content-encoding` says, or is damaged";
            Failure::new(FailureKind::Invalid, At::Caller, message)
        }
    })
}

fn read(reader: impl Read, limit: usize) -> Result<Vec<u8>, Unread> {
    let mut all = Vec::new();
    match reader.take(limit as u64 + 1).read_to_end(&mut all) {
        Ok(_) if all.len() > limit => Err(Unread::TooLarge),
        Ok(_) => Ok(all),
        Err(_) => Err(Unread::Damaged),
    }
}

fn gunzipped(packed: &[u8], limit: usize) -> Result<Vec<u8>, Unread> {
    let body = gzip_body(packed).ok_or(Unread::Damaged)?;
    let all = decompress_to_vec_with_limit(body, limit).map_err(|error| why(error.status))?;
    // The last eight bytes are a sum and a length.
    let length = packed.len().checked_sub(4).and_then(|at| packed[at..].try_into().ok());
    let length = length.map(u32::from_le_bytes).ok_or(Unread::Damaged)?;
    if length as usize != all.len() & 0xffff_ffff {
        return Err(Unread::Damaged);
    }
    Ok(all)
}

/// Returns what follows the head of a gzip file, as RFC 1952 lays it out.
fn gzip_body(packed: &[u8]) -> Option<&[u8]> {
    let [0x1f, 0x8b, 8, flags, ..] = *packed else { return None };
    let mut rest = packed.get(10..)?;
    if flags & 4 != 0 {
        let length = usize::from(u16::from_le_bytes(rest.get(..2)?.try_into().ok()?));
        rest = rest.get(2 + length..)?;
    }
    // A name and a remark end with a zero each.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & 2 != 0 { rest.get(2..) } else { Some(rest) }
}

fn inflated(packed: &[u8], limit: usize) -> Result<Vec<u8>, Unread> {
    // The standard says zlib; some clients send what is inside of it.
    match decompress_to_vec_zlib_with_limit(packed, limit) {
        Ok(all) => Ok(all),
        Err(error) if error.status == TINFLStatus::HasMoreOutput => Err(Unread::TooLarge),
        Err(_) => decompress_to_vec_with_limit(packed, limit).map_err(|error| why(error.status)),
    }
}

fn why(status: TINFLStatus) -> Unread {
    if status == TINFLStatus::HasMoreOutput { Unread::TooLarge } else { Unread::Damaged }
}

/// Whether a client says that it reads gzip.
pub(crate) fn is_read_by(headers: &HeaderMap) -> bool {
    let named =
        headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Bodies up to here are packed where they are, which takes less than a millisecond.
const AT_ONCE: usize = 64 << 10;
/// How hard is tried: more takes longer than the network saves.
const LEVEL: u8 = 1;

/// Returns the response with its whole body packed.
pub(crate) async fn packed(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(plain) = gathered(body).await else {
        // It was made from bytes that lie in memory, which cannot fail.
        return Response::from_parts(head, Body::empty());
    };
    let packed = match plain.len() {
        ..=AT_ONCE => gzipped(&plain),
        _ => {
            let kept = plain.clone();
            match tokio::task::spawn_blocking(move || gzipped(&kept)).await {
                Ok(packed) => packed,
                Err(_) => return Response::from_parts(head, Body::from(plain)),
            }
        }
    };
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    head.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    Response::from_parts(head, Body::from(packed))
}

async fn gathered(mut body: Body) -> Result<Bytes, axum::Error> {
    let mut all = BytesMut::new();
    while let Some(frame) =
        std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await
    {
        if let Ok(piece) = frame?.into_data() {
            all.extend_from_slice(&piece);
        }
    }
    Ok(all.freeze())
}

/// Returns bytes as a gzip file.
fn gzipped(plain: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    file.extend(compress_to_vec(plain, LEVEL));
    file.extend(sum(plain).to_le_bytes());
    file.extend((plain.len() as u32).to_le_bytes());
    file
}

/// Returns the sum of RFC 1952.
fn sum(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let (mut value, mut bit) = (at as u32, 0);
            while bit < 8 {
                value = (value >> 1) ^ (0xedb8_8320 * (value & 1));
                bit += 1;
            }
            table[at] = value;
            at += 1;
        }
        table
    };
    !bytes
        .iter()
        .fold(!0, |sum, byte| TABLE[((sum ^ u32::from(*byte)) & 0xff) as usize] ^ (sum >> 8))
}

#[cfg(test)]
mod tests {
    use oratory_contract::FailureKind;

    use super::{Packing, gzipped, sum, unpacked};

    #[test]
    fn what_was_packed_comes_back_and_a_bomb_does_not_go_off() {
        assert_eq!(sum(b"123456789"), 0xcbf4_3926);
        let plain = b"all the same ".repeat(1000);
        let packed = gzipped(&plain);
        assert!(packed.len() < plain.len() / 10);
        assert_eq!(unpacked(Packing::Gzip, &packed, plain.len()).unwrap(), plain);
        let bomb = gzipped(&vec![0; 10 << 20]);
        let failure = unpacked(Packing::Gzip, &bomb, 1 << 20).unwrap_err();
        assert_eq!(failure.kind, FailureKind::TooLarge);
    }

    #[test]
    fn what_is_damaged_is_told_so_in_every_packing() {
        for packing in [Packing::Gzip, Packing::Deflate, Packing::Brotli, Packing::Zstd] {
            for damaged in [&b""[..], b"\x1f\x8b\x08\x04", &[0xff; 40], &gzipped(b"cut")[..14]] {
                let read = unpacked(packing, damaged, 1 << 20);
                assert!(
                    read.as_ref().is_err_and(|failure| failure.kind == FailureKind::Invalid),
                    "{packing:?} {damaged:?} {read:?}"
                );
            }
        }
    }
}
