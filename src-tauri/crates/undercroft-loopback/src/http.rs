//! Requests and answers of HTTP/1.1 (RFC 9112), as far as they are needed.

use std::net::SocketAddr;

use undercroft_secret::SecretString;
use zeroize::Zeroizing;

const HEADERS: usize = 64;

/// A `GET` that was meant for this server.
#[derive(Debug)]
pub struct Asked {
    /// The path, as it stands in the request.
    pub path: String,
    /// What the one `Authorization` header says.
    pub authorization: Option<SecretString>,
}

/// What is answered.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, SecretString)>,
    body: Zeroizing<Vec<u8>>,
}

impl Asked {
    /// Reads the head of a request to the server at `address`, up to and with its empty line.
    ///
    /// # Errors
    /// The answer to one that is malformed, not a `GET`, or meant for another server.
    pub fn parse(head: &[u8], address: SocketAddr) -> Result<Self, Answer> {
        let bad = || Answer::error(400, "BadRequest", "this is no request of HTTP/1.1");
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(head) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => {
                return Err(Answer::error(431, "TooLarge", "there are too many headers"));
            }
            Ok(httparse::Status::Partial) | Err(_) => return Err(bad()),
        }
        if !is_meant_for(&one(request.headers, "host").map_err(|_| bad())?, address) {
            return Err(Answer::error(403, "Forbidden", "this is another host"));
        }
        if request.method != Some("GET") {
            let answer = Answer::error(405, "MethodNotAllowed", "only GET is answered");
            return Err(answer.with("Allow", "GET"));
        }
        let authorization = one(request.headers, "authorization").map_err(|_| bad())?;
        Ok(Self {
            path: request.path.unwrap_or_default().to_owned(),
            authorization: authorization.map(SecretString::copy_of),
        })
    }
}

/// A header is there twice, or is no text.
struct Unclear;

/// Finds the one header of this name.
fn one<'a>(headers: &[httparse::Header<'a>], name: &str) -> Result<Option<&'a str>, Unclear> {
    let mut found = headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case(name));
    let (first, second) = (found.next(), found.next());
    match (first, second) {
        (None, _) => Ok(None),
        (Some(header), None) => std::str::from_utf8(header.value)
            .map(|value| Some(value.trim()))
            .map_err(|_| Unclear),
        (Some(_), Some(_)) => Err(Unclear),
    }
}

/// Tells whether the `Host` is this server's, so that no name that an attacker owns leads here.
fn is_meant_for(host: &Option<&str>, address: SocketAddr) -> bool {
    let Some((name, port)) = host.and_then(|host| host.rsplit_once(':')) else {
        return false;
    };
    let is_name = name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost");
    is_name && port == address.port().to_string()
}

impl Answer {
    /// Gives an answer of JSON.
    #[must_use]
    pub fn json(body: Zeroizing<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body,
        }
        .with("Content-Type", "application/json")
    }

    /// Sends the asker on, leaving no trace of the address from which it comes.
    #[must_use]
    pub fn redirect(url: &SecretString) -> Self {
        Self {
            status: 302,
            headers: Vec::new(),
            body: Zeroizing::default(),
        }
        // Exposed because the browser has to learn where to go.
        .with("Location", url.expose())
        .with("Referrer-Policy", "no-referrer")
    }

    /// Says why there is no answer, in the way of the container-credentials endpoint.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "code": code, "message": message }).to_string();
        let answer = Self::json(Zeroizing::new(body.into_bytes()));
        Self { status, ..answer }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, SecretString::copy_of(value)));
        self
    }

    /// The answer as it goes over the wire.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let head = format!(
            "HTTP/1.1 {} {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n",
            self.status,
            reason(self.status),
            self.body.len()
        );
        let of_headers: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len() + 4)
            .sum();
        let size = head.len() + of_headers + 2 + self.body.len();
        let mut bytes = Zeroizing::new(Vec::with_capacity(size));
        bytes.extend_from_slice(head.as_bytes());
        for (name, value) in &self.headers {
            for piece in [name, ": ", value.expose(), "\r\n"] {
                bytes.extend_from_slice(piece.as_bytes());
            }
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        410 => "Gone",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Error",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address() -> SocketAddr {
        "127.0.0.1:4321".parse().unwrap()
    }

    fn status(head: &str) -> u16 {
        Asked::parse(head.as_bytes(), address()).map_or_else(|answer| answer.status, |_| 200)
    }

    #[test]
    fn only_a_get_for_this_host_is_read() {
        let asked = Asked::parse(
            b"GET /a?b HTTP/1.1\r\nhost: LOCALHOST:4321\r\nAuthorization: t\r\n\r\n",
            address(),
        )
        .unwrap();
        assert_eq!(asked.path, "/a?b");
        assert_eq!(asked.authorization.unwrap().expose(), "t");
        for (head, wanted) in [
            ("GET / HTTP/1.1\r\nHost: 127.0.0.1:4321\r\n\r\n", 200),
            ("POST / HTTP/1.1\r\nHost: 127.0.0.1:4321\r\n\r\n", 405),
            ("HEAD / HTTP/1.1\r\nHost: 127.0.0.1:4321\r\n\r\n", 405),
            ("GET / HTTP/1.1\r\nHost: evil.example:4321\r\n\r\n", 403),
            ("GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", 403),
            ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 403),
            ("GET / HTTP/1.1\r\n\r\n", 403),
            (
                "GET / HTTP/1.1\r\nHost: 127.0.0.1:4321\r\nHost: x\r\n\r\n",
                400,
            ),
            ("nonsense\r\n\r\n", 400),
        ] {
            assert_eq!(status(head), wanted, "{head}");
        }
    }

    #[test]
    fn an_answer_is_never_kept() {
        let url = SecretString::copy_of("https://signin.aws.amazon.com/x");
        let bytes = Answer::redirect(&url).to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.starts_with("HTTP/1.1 302 Found\r\n"), "{text}");
        for line in [
            "Location: https://signin.aws.amazon.com/x",
            "Cache-Control: no-store",
            "Referrer-Policy: no-referrer",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{text}");
        }
        assert!(text.ends_with("\r\n\r\n"));
    }

    proptest! {
        #[test]
        fn no_head_panics(head in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Asked::parse(&head, address());
        }
    }
}
