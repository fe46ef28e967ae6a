//! Feeds requests to the servers on loopback: none may panic, none for another host or with two answers to who asks is
//! taken, and what is taken is a path and a token as they stand in the request.

#![no_main]

use std::net::{Ipv4Addr, SocketAddr};

use libfuzzer_sys::fuzz_target;
use undercroft_loopback::Asked;

const OURS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 49_152);

fuzz_target!(|head: &[u8]| {
    match Asked::parse(head, OURS) {
        Ok(asked) => {
            assert!(
                head.starts_with(b"GET ") || head.starts_with(b"\r") || head.starts_with(b"\n")
            );
            let text = String::from_utf8_lossy(head).to_ascii_lowercase();
            // What comes after the empty line is not the head any more.
            let ends = ["\n\r\n", "\n\n"].map(|end| text.trim_start().find(end));
            let end = ends.into_iter().flatten().min().expect("a whole head");
            let text = &text.trim_start()[..=end];
            assert!(text.contains("127.0.0.1:49152") || text.contains("localhost:49152"));
            assert!(text.contains(&asked.path.to_ascii_lowercase()));
            assert_eq!(text.matches("\nhost:").count(), 1);
            if let Some(token) = asked.authorization {
                assert!(text.contains(&token.expose().to_ascii_lowercase()));
                assert!(!token.expose().contains(['\r', '\n']));
            }
        }
        Err(answer) => {
            let bytes = answer.to_bytes();
            assert!(bytes.starts_with(b"HTTP/1.1 4"));
            let heads = bytes.windows(4).filter(|four| four == b"\r\n\r\n").count();
            assert_eq!(heads, 1, "an answer is one answer");
        }
    }
});
