//! A small HTTP server that does as the test says, however rude that is.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A connection, over TLS or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What the server does with a connection whose request was read.
pub(crate) type Behaviour =
    Arc<dyn Fn(Box<dyn Stream>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// A server on the loopback interface that ends with the test.
pub(crate) struct Server {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves plain HTTP.
    pub(crate) async fn http(behaviour: Behaviour) -> Self {
        Self::start(behaviour, None).await
    }

    /// Serves HTTPS.
    pub(crate) async fn https(behaviour: Behaviour, tls: tokio_rustls::TlsAcceptor) -> Self {
        Self::start(behaviour, Some(tls)).await
    }

    async fn start(behaviour: Behaviour, tls: Option<tokio_rustls::TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let requests = Arc::new(AtomicUsize::new(0));
        let counts = (Arc::clone(&connections), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counts.0.fetch_add(1, Ordering::SeqCst);
                let (behaviour, requests, tls) =
                    (Arc::clone(&behaviour), Arc::clone(&counts.1), tls.clone());
                tokio::spawn(async move {
                    let mut stream: Box<dyn Stream> = match tls {
                        None => Box::new(stream),
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => Box::new(stream),
                            Err(_) => return,
                        },
                    };
                    if read_request(&mut stream).await {
                        requests.fetch_add(1, Ordering::SeqCst);
                        behaviour(stream).await;
                    }
                });
            }
        });
        Self {
            port,
            connections,
            requests,
            task,
        }
    }

    /// A server that answers every request with the same bytes.
    pub(crate) async fn saying(answer: impl Into<Vec<u8>>) -> Self {
        Self::http(saying(answer)).await
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many connections were made, whether or not a request came over them.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How many requests arrived whole.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers with the same bytes and closes.
pub(crate) fn saying(answer: impl Into<Vec<u8>>) -> Behaviour {
    let answer: Arc<[u8]> = answer.into().into();
    Arc::new(move |mut stream| {
        let answer = Arc::clone(&answer);
        Box::pin(async move {
            // The client may have gone, which is its right.
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        })
    })
}

/// Does something of its own with the connection.
pub(crate) fn doing<F>(
    behaviour: impl Fn(Box<dyn Stream>) -> F + Send + Sync + 'static,
) -> Behaviour
where
    F: Future<Output = ()> + Send + 'static,
{
    Arc::new(move |stream| Box::pin(behaviour(stream)))
}

/// An HTTP answer with a body.
pub(crate) fn http(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// Reads a head and as much body as it announces.
async fn read_request(stream: &mut Box<dyn Stream>) -> bool {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return false,
            Ok(count) => read.extend_from_slice(&chunk[..count]),
        }
        let text = String::from_utf8_lossy(&read).to_ascii_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text
                .split("\r\n")
                .find_map(|line| line.strip_prefix("content-length:"))
                .map_or(0, |value| value.trim().parse().expect("a length"));
            if read.len() >= end + 4 + length {
                return true;
            }
        }
    }
}
