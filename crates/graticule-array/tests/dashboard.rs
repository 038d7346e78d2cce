//! The live page, as a browser and as a clumsy client see it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use graticule_array::{Array, Dashboard, Error, Result};
use serde_json::Value;

use crate::supply::scripted;

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Sends bytes and gives all of the answer.
fn ask(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = connect(address);
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    // A server that hangs up while there is something left to read resets the connection.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn get(address: SocketAddr, path: &str) -> String {
    ask(address, format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
}

/// The messages that a page gets.
fn messages(address: SocketAddr) -> impl Iterator<Item = Value> {
    let mut stream = connect(address);
    stream
        .write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        .unwrap();
    let lines = BufReader::new(stream).lines().map_while(|line| line.ok());
    lines.filter_map(|line| line.strip_prefix("data: ").map(|json| serde_json::from_str(json).unwrap()))
}

/// Of a message the run whose plan mentions a word.
fn run<'a>(message: &'a Value, word: &str) -> Option<&'a Value> {
    let runs = message["runs"].as_array().unwrap();
    runs.iter().find(|run| run["plan"]["text"].as_str().is_some_and(|text| text.contains(word)))
}

#[test]
fn the_page_and_its_parts_are_served() -> Result<()> {
    let dashboard = Dashboard::serve("127.0.0.1:0")?;
    assert_ne!(dashboard.address().port(), 0);
    assert_eq!(dashboard.url(), format!("http://{}/", dashboard.address()));
    let page = get(dashboard.address(), "/?from=a-bookmark");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("<title>Graticule</title>"));
    // All that the page asks for is there, and nothing is asked of anybody else.
    let (head, body) = page.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
    assert_eq!(length.parse::<usize>().unwrap(), body.len());
    let references = body.split(['"']).filter(|text| text.ends_with(".js") || text.ends_with(".css"));
    let mut parts = 0;
    for name in references {
        assert!(get(dashboard.address(), &format!("/{name}")).starts_with("HTTP/1.1 200 OK\r\n"), "{name}");
        parts += 1;
    }
    assert!(parts >= 6);
    assert!(!body.contains("src=\"http") && !body.contains("href=\"http"));
    Ok(())
}

#[test]
fn requests_for_nothing_and_of_nonsense_are_answered_and_the_page_stays() -> Result<()> {
    let dashboard = Dashboard::serve("127.0.0.1:0")?;
    let address = dashboard.address();
    assert!(get(address, "/nothing").starts_with("HTTP/1.1 404 "));
    assert!(get(address, "/../../etc/passwd").starts_with("HTTP/1.1 404 "));
    assert!(ask(address, b"POST /events HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
    let head = ask(address, b"HEAD / HTTP/1.1\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"));
    assert!(ask(address, b"\x16\x03\x01\x02\x00\x01\r\n\r\n").starts_with("HTTP/1.1 400 "));
    assert!(ask(address, b"\r\n\r\n\r\n").starts_with("HTTP/1.1 400 "));
    let mut endless = b"GET / HTTP/1.1\r\n".to_vec();
    endless.resize(64 << 10, b'x');
    let mut stream = connect(address);
    // The server stops listening somewhere in the middle.
    let _ = stream.write_all(&endless);
    drop(stream);
    drop(connect(address));
    assert!(get(address, "/").starts_with("HTTP/1.1 200 "));
    let state: Value =
        serde_json::from_str(get(address, "/state").split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(state["all"], true);
    Ok(())
}

#[test]
fn a_page_that_is_opened_in_the_middle_gets_everything_and_then_what_changes() -> Result<()> {
    let dashboard = Dashboard::serve("127.0.0.1:0")?;
    let x = scripted("in the middle", 200, |_| {
        std::thread::sleep(Duration::from_millis(10));
        Ok(())
    });
    let (total, address) = (x.sum(())?, dashboard.address());
    std::thread::scope(|scope| {
        let computed = scope.spawn(|| total.compute());
        std::thread::sleep(Duration::from_millis(300));
        let mut messages = messages(address);
        let first = messages.next().unwrap();
        assert_eq!(first["all"], true);
        let started = run(&first, "in the middle").unwrap();
        let id = started["run"].as_u64().unwrap();
        let (tasks, done) =
            (started["stages"][0]["tasks"].as_u64().unwrap(), started["stages"][0]["done"].as_u64().unwrap());
        assert!(done > 0 && done < tasks && started["finished"].is_null(), "{started}");
        assert_eq!(started["plan"]["graph"]["nodes"].as_array().unwrap().len(), 2);
        assert!(!first["spans"].as_array().unwrap().is_empty());
        let mine = |task: &Value| task["run"].as_u64() == Some(id);
        assert!(first["current"].as_array().unwrap().iter().any(mine));

        let mut last = done;
        let mut spans = 0;
        let ended = messages.find_map(|message| {
            assert_eq!(message["all"], false);
            spans += message["spans"].as_array().unwrap().iter().filter(|span| mine(span)).count();
            let run = message["runs"]
                .as_array()
                .unwrap()
                .iter()
                .find(|run| run["run"].as_u64() == Some(id))?
                .clone();
            assert!(run["plan"].is_null(), "a plan is told once");
            let now = run["stages"][0]["done"].as_u64().unwrap();
            assert!(now >= last);
            last = now;
            (!run["finished"].is_null()).then_some(run)
        });
        let ended = ended.unwrap();
        assert_eq!((ended["outcome"].as_str(), last), (Some("succeeded"), tasks));
        assert_eq!(ended["stages"][0]["bytes_read"].as_u64(), Some(200 * 800));
        assert!(spans > 0);
        computed.join().unwrap()
    })?;
    Ok(())
}

#[test]
fn an_error_is_on_the_page() -> Result<()> {
    let dashboard = Dashboard::serve("127.0.0.1:0")?;
    let broken = scripted("worn disk", 10, |_| {
        let cause: Box<dyn std::error::Error + Send + Sync> = "out of order".into();
        Err(Error::Read { what: "worn disk".into(), cause: cause.into() })
    });
    let error = broken.sum(())?.compute().unwrap_err();
    let message = messages(dashboard.address()).next().unwrap();
    let run = run(&message, "worn disk").unwrap();
    assert_eq!(run["outcome"]["failed"].as_str(), Some(error.to_string().as_str()));
    assert_eq!(run["stages"][0]["running"].as_u64(), Some(0));
    Ok(())
}

#[test]
fn pages_that_do_not_listen_hold_nothing_up() -> Result<()> {
    let dashboard = Dashboard::serve("127.0.0.1:0")?;
    let address = dashboard.address();
    let deaf: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = connect(address);
            stream.write_all(b"GET /events HTTP/1.1\r\n\r\n").unwrap();
            stream
        })
        .collect();
    let silent: Vec<TcpStream> = (0..20).map(|_| connect(address)).collect();
    let x = Array::random_uniform(0.0, 1.0, 1, (20_000, 10), (1, 10))?;
    let start = Instant::now();
    x.mean(1)?.compute()?;
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    // Somebody who listens is served all the same.
    assert_eq!(messages(address).next().unwrap()["all"], true);
    let start = Instant::now();
    drop(dashboard);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    drop((deaf, silent));
    Ok(())
}

#[test]
fn too_many_pages_are_turned_away_until_some_have_gone() -> Result<()> {
    let dashboard = Dashboard::serve("127.0.0.1:0")?;
    let address = dashboard.address();
    let many: Vec<TcpStream> = (0..64).map(|_| connect(address)).collect();
    std::thread::sleep(Duration::from_millis(500));
    assert!(get(address, "/").starts_with("HTTP/1.1 503 "));
    drop(many);
    let start = Instant::now();
    while !get(address, "/").starts_with("HTTP/1.1 200 ") {
        assert!(start.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

#[test]
fn a_dashboard_that_is_dropped_gives_its_address_back() -> Result<()> {
    let dashboard = Dashboard::serve("127.0.0.1:0")?;
    let address = dashboard.address();
    let mut messages = messages(address);
    assert!(messages.next().is_some());
    let taken = Dashboard::serve(&address.to_string()).unwrap_err().to_string();
    assert!(taken.contains("port 0"), "{taken}");
    drop(dashboard);
    assert!(messages.next().is_none());
    assert!(TcpStream::connect(address).is_err());
    assert!(Dashboard::serve("nonsense").unwrap_err().to_string().contains("127.0.0.1:8787"));
    Ok(())
}
