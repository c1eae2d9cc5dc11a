//! Whose program listens on a port: on a machine of several people, a neighbour's may sit where
//! Ollama usually does.
//!
//! Linux tells; elsewhere nobody can be asked, and whoever listens on loopback counts as ours.

/// Whether who listens on this port is the person who runs us, or a service of the machine.
#[cfg(target_os = "linux")]
pub(super) fn is_ours(port: u16) -> bool {
    use std::os::unix::fs::MetadataExt;

    let Ok(own) = std::fs::metadata("/proc/self").map(|us| us.uid()) else { return false };
    let mut owners = ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .flat_map(|table| listeners(&table, port))
        .peekable();
    // Nobody's, as of a container whose packets are redirected, is nobody's word for it.
    owners.peek().is_some() && owners.all(|owner| owner == own || owner < PEOPLE)
}

/// The first number of a person; services have smaller ones.
#[cfg(target_os = "linux")]
const PEOPLE: u32 = 1000;

#[cfg(not(target_os = "linux"))]
pub(super) fn is_ours(_: u16) -> bool {
    true
}

/// Returns the owners of the sockets that listen on a port, by the system's table of them.
#[cfg(target_os = "linux")]
fn listeners(table: &str, port: u16) -> Vec<u32> {
    const LISTENS: &str = "0A";
    let owner = |line: &str| {
        let mut fields = line.split_whitespace();
        let address = fields.nth(1)?;
        let state = fields.nth(1)?;
        let (_, hex) = address.split_once(':')?;
        let matches = state == LISTENS && u16::from_str_radix(hex, 16).ok()? == port;
        matches.then(|| fields.nth(3)?.parse().ok())?
    };
    table.lines().filter_map(owner).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_a_listening_socket_is_read() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   998        0 5 1\n\
            1: 0100007F:2CAA 0100007F:A000 01 00000000:00000000 00:00000000 00000000  1001        0 6 1\n\
            2: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 7 1\n";
        assert_eq!(listeners(table, 11434), [998], "connections are not counted");
        assert_eq!(listeners(table, 8080), [1001]);
        assert_eq!(listeners(table, 8000), Vec::<u32>::new());
    }

    #[test]
    fn what_this_program_listens_on_is_ours_and_what_nobody_does_is_not() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback is there");
        let port = listener.local_addr().expect("it is bound").port();
        assert!(is_ours(port));
        drop(listener);
        assert!(!is_ours(port));
    }
}
