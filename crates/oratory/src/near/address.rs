//! Whether an address is on this machine, without asking anybody for names.

use std::net::IpAddr;

/// Returns the port of an address on this machine; `None` for any other address.
pub(crate) fn loopback_port(url: &str) -> Option<u16> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = match authority.strip_prefix('[') {
        Some(six) => {
            let (host, port) = six.split_once(']')?;
            (host, port.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let here = match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    };
    let usual = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
    here.then_some(())?;
    port.map_or(Some(usual), |port| port.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::loopback_port;

    #[test]
    fn only_addresses_of_this_machine_are_on_it() {
        for (url, port) in [
            ("http://127.0.0.1:8000/v1", 8000),
            ("http://127.3.2.1:1", 1),
            ("http://localhost/v1", 80),
            ("https://LOCALHOST", 443),
            ("http://[::1]:11434", 11434),
            ("http://[::ffff:127.0.0.1]:5/", 5),
        ] {
            assert_eq!(loopback_port(url), Some(port), "{url}");
        }
        for url in [
            "http://192.168.1.5:8000/v1",
            "http://localhost.example.org/v1",
            "http://0.0.0.0:80",
            "http://127.0.0.1.example.org:80",
            "http://127.0.0.1@example.org",
            "http://[fe80::1]:80",
            "https://api.example",
            "nonsense",
        ] {
            assert_eq!(loopback_port(url), None, "{url}");
        }
    }
}
