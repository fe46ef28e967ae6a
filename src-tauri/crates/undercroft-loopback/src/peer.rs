//! Whose socket the other end of a connection is.

use std::net::SocketAddr;

/// Tells whether the client belongs to the user that this process runs as, or to root, who may do anything anyway.
///
/// Linux lists the sockets of a network with their owners (proc(5), `/proc/net/tcp`). A socket that is not listed, such as
/// one that was closed already, is nobody's.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn is_ours(peer: SocketAddr, own: SocketAddr) -> bool {
    let own_uid = rustix::process::geteuid().as_raw();
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .find_map(|table| owner(&table, peer, own))
        .is_some_and(|uid| uid == own_uid || uid == 0)
}

/// Nothing tells here; what the server gives away is guarded by its random token or path.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn is_ours(_peer: SocketAddr, _own: SocketAddr) -> bool {
    true
}

/// Finds the owner of the socket that is bound to `local` and connected to `remote`.
#[cfg(any(target_os = "linux", target_os = "android", test))]
fn owner(table: &str, local: SocketAddr, remote: SocketAddr) -> Option<u32> {
    /// The kernel keeps sockets in this state for no one.
    const TIME_WAIT: &str = "06";

    let forms = |address| [plain(address), mapped(address)];
    let (locals, remotes) = (forms(local), forms(remote));
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (from, to, state) = (fields.next()?, fields.next()?, fields.next()?);
        let is_it = locals.iter().any(|form| form == from) && remotes.iter().any(|form| form == to);
        let uid = fields.nth(3)?;
        (is_it && state != TIME_WAIT).then(|| uid.parse().ok())?
    })
}

/// An IPv4 address as the table writes it: the words of the address in the machine's own order.
#[cfg(any(target_os = "linux", target_os = "android", test))]
fn plain(address: SocketAddr) -> String {
    let octets = match address {
        SocketAddr::V4(address) => address.ip().octets(),
        SocketAddr::V6(_) => return String::new(),
    };
    format!("{:08X}:{:04X}", u32::from_ne_bytes(octets), address.port())
}

/// The same of a socket for IPv6 that is used for IPv4.
#[cfg(any(target_os = "linux", target_os = "android", test))]
fn mapped(address: SocketAddr) -> String {
    let prefix = u32::from_ne_bytes([0, 0, 0xff, 0xff]);
    format!("{:016X}{prefix:08X}{}", 0, plain(address))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    #[test]
    fn the_owner_is_read_from_the_table() {
        let (ours, theirs) = (plain(address(8080)), plain(address(50000)));
        let table = format!(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             \u{20}  0: {ours} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1\n\
             \u{20}  1: {theirs} {ours} 06 00000000:00000000 00:00000000 00000000     0        0 0 3\n\
             \u{20}  2: {theirs} {ours} 01 00000000:00000000 00:00000000 00000000  1234        0 2 1\n\
             \u{20}  3: {ours} {theirs} 01 00000000:00000000 00:00000000 00000000  1000        0 3 1\n"
        );
        assert_eq!(owner(&table, address(50000), address(8080)), Some(1234));
        assert_eq!(owner(&table, address(8080), address(50000)), Some(1000));
        assert_eq!(owner(&table, address(50001), address(8080)), None);
        let six = table.replace(&theirs, &mapped(address(50000)));
        let six = six.replace(&ours, &mapped(address(8080)));
        assert_eq!(owner(&six, address(50000), address(8080)), Some(1234));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_connection_of_this_process_is_ours() {
        let listener = std::net::TcpListener::bind(address(0)).unwrap();
        let own = listener.local_addr().unwrap();
        let client = std::net::TcpStream::connect(own).unwrap();
        let (_stream, peer) = listener.accept().unwrap();
        assert!(is_ours(peer, own));
        drop(client);
        assert!(!is_ours(address(1), own));
    }

    proptest! {
        #[test]
        fn no_table_panics(table in "(\\PC{0,80}\n){0,5}") {
            let _ = owner(&table, address(1), address(2));
        }
    }
}
