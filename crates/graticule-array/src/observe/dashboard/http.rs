//! As much of HTTP/1.1 (RFC 9112) as a page with server-sent events needs.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The longest head of a request that is read.
const HEAD: usize = 16 << 10;
/// How long a client may take to send it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// A document, by its path without what follows a question mark.
    Get(String),
    /// Its head only.
    Head(String),
    /// Another method.
    Other,
}

/// Reads the head of a request. Nothing where a client sends none, or something else, or too much, or too slowly.
pub(super) fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let deadline = Instant::now() + PATIENCE;
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        stream.set_read_timeout(Some(left)).ok()?;
        let n = stream.read(&mut buffer).ok()?;
        head.extend(buffer.get(..n)?);
        if n == 0 || head.len() > HEAD {
            return None;
        }
    }
    parse(&head)
}

fn parse(head: &[u8]) -> Option<Request> {
    let line = head.split(|&byte| byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let mut parts = line.split(' ');
    let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return None;
    }
    let path = target.split('?').next().unwrap_or_default().to_owned();
    Some(match method {
        "GET" => Request::Get(path),
        "HEAD" => Request::Head(path),
        _ => Request::Other,
    })
}

/// What is sent before every body. Nothing may come from elsewhere, and no other page may frame or read this one.
const HEADERS: &str = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\
    Content-Security-Policy: default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'self'\r\n";

/// Sends a whole document.
pub(super) fn respond(stream: &mut TcpStream, status: &str, kind: &str, body: &str, with_body: bool) {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n{HEADERS}\
         Connection: close\r\n\r\n",
        body.len()
    );
    let body = if with_body { body } else { "" };
    // A client that has gone does not mind.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}

/// Begins a stream of events, <https://html.spec.whatwg.org/multipage/server-sent-events.html>.
pub(super) fn begin_events(stream: &mut TcpStream) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n{HEADERS}X-Accel-Buffering: no\r\n\
         Connection: close\r\n\r\nretry: 1000\n\n"
    );
    stream.write_all(head.as_bytes())
}

/// Sends one event. JSON has no line ends, so it is one line of data.
pub(super) fn send_event(stream: &mut TcpStream, json: &str) -> std::io::Result<()> {
    stream.write_all(format!("data: {json}\n\n").as_bytes())
}

/// Sends something that a page does not see, to find out whether it is still there.
pub(super) fn send_nothing(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b":\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_and_garbage_is_not() {
        let get = |path: &str| Some(Request::Get(path.into()));
        assert_eq!(parse(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), get("/"));
        assert_eq!(parse(b"GET /events?since=3 HTTP/1.0\r\n\r\n"), get("/events"));
        assert_eq!(parse(b"POST / HTTP/1.1\r\n\r\n"), Some(Request::Other));
        for bad in [
            "\r\n\r\n",
            "GET /\r\n\r\n",
            "GET  / HTTP/1.1\r\n\r\n",
            "GET / HTTP/2\r\n\r\n",
            "GET x HTTP/1.1\r\n",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(parse(b"GET /\xff HTTP/1.1\r\n\r\n"), None);
    }
}
