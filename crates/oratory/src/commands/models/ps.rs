//! `oratory models ps`: which models are in memory, as the server that runs here says.
//!
//! Asks it over its own port; nothing is loaded for the answer.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use oratory_http::Loaded;

use super::row::size;
use crate::cli::Json;
use crate::out;
use crate::settings::Config;

/// How long a server on this machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer worth reading; a model takes some hundred bytes of it.
const LONGEST: u64 = 4 << 20;

pub(super) fn run(args: &Json, config: &Config) -> anyhow::Result<ExitCode> {
    let address = reachable(config.listen);
    let body = ask(address, config.key.as_deref())?;
    let loaded: Vec<Loaded> = serde_json::from_str(&body).with_context(|| {
        format!("what answers at {address} is no Oratory, or one of another version")
    })?;
    if args.json {
        out::json(&loaded);
        return Ok(ExitCode::SUCCESS);
    }
    if loaded.is_empty() {
        out::note("No model is in memory; the first request for one loads it.");
    }
    let width = loaded.iter().map(|row| row.model.chars().count()).max().unwrap_or(0).min(60);
    for row in &loaded {
        out::line(format_args!("{:<width$}  {}", row.model, facts(row)));
    }
    Ok(ExitCode::SUCCESS)
}

fn facts(row: &Loaded) -> String {
    let context = row.context.map_or_else(String::new, |tokens| format!("  {tokens} tokens"));
    let waiting = match row.waiting {
        0 => String::new(),
        waiting => format!(", {waiting} wait"),
    };
    let until = match row.leaves_in_seconds {
        Some(seconds) => {
            format!("  idle {}, leaves in {}", time(row.idle_seconds), time(seconds))
        }
        None => String::new(),
    };
    let Loaded { state, running, lanes, .. } = row;
    let memory = size(row.memory_bytes);
    format!("{state:<7}  {running} of {lanes} lanes{waiting}{context}  {memory}{until}")
}

fn time(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

/// Returns the address under which this machine reaches what listens on `listen`.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// Asks the server what is loaded; returns the body of its answer.
fn ask(address: SocketAddr, key: Option<&str>) -> anyhow::Result<String> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).with_context(|| {
        format!("no Oratory answers at {address}; start one with `oratory up`, or name its address with --listen")
    })?;
    let said = speak(stream, address, key)
        .with_context(|| format!("what listens at {address} does not answer as Oratory does"))?;
    let (head, body) = said.split_once("\r\n\r\n").unwrap_or((&said, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    match status {
        "200" => Ok(body.to_owned()),
        "401" => bail!(
            "the Oratory at {address} wants a key; set `server.key` (or ORATORY_SERVER_KEY) as it has it, or to a key by `oratory keys add`"
        ),
        "404" => bail!("what answers at {address} is no Oratory, or an older one"),
        _ => bail!("the server at {address} answered with status {status:?}"),
    }
}

fn speak(mut stream: TcpStream, address: SocketAddr, key: Option<&str>) -> std::io::Result<String> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let key = key.map_or_else(String::new, |key| format!("authorization: Bearer {key}\r\n"));
    // The older version of the protocol has no pieces to put together.
    let request = format!("GET /loaded HTTP/1.0\r\nhost: {address}\r\n{key}\r\n");
    stream.write_all(request.as_bytes())?;
    let mut said = String::new();
    stream.take(LONGEST).read_to_string(&mut said)?;
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_everywhere_is_reached_here() {
        for (listen, reached) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.7:81", "192.0.2.7:81"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), reached.parse().unwrap());
        }
    }
}
