//! A page in the browser that shows what is computed while it is computed.

mod http;
mod state;

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::observe::dashboard::http::Request;
use crate::observe::dashboard::state::Live;
use crate::observe::event::{Registration, spawn};

/// The page and what it loads: path, type and text.
const FILES: [(&str, &str, &str); 8] = [
    ("/", "text/html", include_str!("page.html")),
    ("/theme.css", "text/css", include_str!("../page/theme.css")),
    ("/page.css", "text/css", include_str!("page.css")),
    ("/common.js", "text/javascript", include_str!("../page/common.js")),
    ("/graph.js", "text/javascript", include_str!("../page/graph.js")),
    ("/charts.js", "text/javascript", include_str!("../page/charts.js")),
    ("/stream.js", "text/javascript", include_str!("stream.js")),
    ("/page.js", "text/javascript", include_str!("page.js")),
];

/// How often pages are told what changed.
const TICK: Duration = Duration::from_millis(100);
/// How often memory and rates are looked at, while something runs and while nothing does.
const SAMPLE: Duration = Duration::from_millis(250);
const IDLE_SAMPLE: Duration = Duration::from_secs(2);
/// Messages that may wait for a slow page. After more it is told everything anew, as soon as it listens again.
const WAITING: usize = 4;
/// How long a page may take to accept a message.
const SLOWEST: Duration = Duration::from_secs(10);
/// After this time without news a page is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(15);
/// How many connections are served at once.
const CONNECTIONS: usize = 64;

/// A page in the browser that shows every computation of the process: which thread is at what, how far each operation
/// is, memory against the limit and the prediction, bytes a second, the graph, and what was computed before.
///
/// The page comes from the process itself and needs nothing from the internet. It only shows: nothing can be changed
/// through it. Computations are not held up, whatever the pages do. Dropping the value stops it.
///
/// ```
/// use graticule_array::{Array, Dashboard};
/// let dashboard = Dashboard::serve("127.0.0.1:0")?; // any free port; "127.0.0.1:8787" to know it beforehand
/// println!("see {}", dashboard.url());
/// let mean = Array::random_uniform(0.0, 1.0, 7, (1_000, 1_000), (100, 1_000))?.mean(())?.compute()?;
/// # Ok::<(), graticule_array::Error>(())
/// ```
///
/// # Who can see it
/// On `127.0.0.1`, everybody with an account on the machine; from elsewhere, forward the port:
/// `ssh -L 8787:127.0.0.1:8787 machine`. An address such as `0.0.0.0:8787` shows names of files, shapes and errors to
/// the whole network, without a password and without encryption.
#[derive(Debug)]
pub struct Dashboard {
    address: SocketAddr,
    hub: Arc<Hub>,
    threads: Vec<JoinHandle<()>>,
    _registration: Registration,
}

impl Dashboard {
    /// Serves the page at an address. Port 0 takes a free one.
    ///
    /// # Errors
    /// [`Error::Argument`] when the address is none, or is taken.
    pub fn serve(address: &str) -> Result<Self> {
        let refused = |error: std::io::Error| {
            let hint =
                format!("{error}; write an address such as 127.0.0.1:8787, with port 0 for any free one");
            Error::argument("address", address, hint)
        };
        let addresses: Vec<SocketAddr> = address.to_socket_addrs().map_err(refused)?.collect();
        let listener = TcpListener::bind(addresses.as_slice()).map_err(refused)?;
        // Looking now and then for somebody who comes lets the thread see that it is to stop.
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let hub = Arc::new(Hub::new());
        let mut dashboard = Self {
            address,
            _registration: Registration::new(Arc::clone(&hub.live) as Arc<_>),
            threads: Vec::new(),
            hub: Arc::clone(&hub),
        };
        let publisher = Arc::clone(&hub);
        dashboard.threads.push(spawn("dashboard", move || publisher.publish())?);
        dashboard.threads.push(spawn("dashboard-http", move || accept(&listener, &hub))?);
        Ok(dashboard)
    }

    /// The address that is listened at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to type into a browser on this machine.
    pub fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}/")
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        self.hub.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to stop.
            let _ = thread.join();
        }
    }
}

/// What the threads of a dashboard share.
#[derive(Debug)]
struct Hub {
    live: Arc<Live>,
    clients: Mutex<Vec<Client>>,
    connections: AtomicUsize,
    stop: AtomicBool,
}

/// A page that listens.
#[derive(Debug)]
struct Client {
    queue: SyncSender<Arc<str>>,
    /// To hang up when the dashboard stops.
    stream: TcpStream,
    /// Whether it has to be told everything: it is new, or it missed something.
    fresh: bool,
}

impl Hub {
    fn new() -> Self {
        Self {
            live: Arc::new(Live::new()),
            clients: Mutex::default(),
            connections: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        }
    }

    fn clients(&self) -> MutexGuard<'_, Vec<Client>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Tells all pages what changed, until the dashboard stops.
    fn publish(&self) {
        let mut version = 0;
        let mut sampled: Option<Instant> = None;
        while !self.stopped() {
            let every = if self.live.is_active() { SAMPLE } else { IDLE_SAMPLE };
            if sampled.is_none_or(|at| at.elapsed() >= every) {
                sampled = Some(Instant::now());
                self.live.sample();
            }
            version = self.tell_clients(version);
            std::thread::sleep(TICK);
        }
        for client in self.clients().drain(..) {
            // One that has gone already is as good.
            let _ = client.stream.shutdown(Shutdown::Both);
        }
    }

    fn tell_clients(&self, version: u64) -> u64 {
        if self.clients().is_empty() {
            self.live.nobody_listens();
            return version;
        }
        // First what changed, then everything: a page that gets both misses nothing.
        let changed = self.live.since(version);
        let mut clients = self.clients();
        let all = clients.iter().any(|client| client.fresh).then(|| self.live.all());
        let now = changed.as_ref().map_or(version, |(_, version)| *version);
        let changed: Option<Arc<str>> = changed.map(|(message, _)| message.to_json().into());
        let all: Option<Arc<str>> = all.map(|(message, _)| message.to_json().into());
        clients.retain_mut(|client| {
            let message = if client.fresh { &all } else { &changed };
            let Some(message) = message else { return true };
            match client.queue.try_send(Arc::clone(message)) {
                Ok(()) => client.fresh = false,
                Err(TrySendError::Full(_)) => client.fresh = true,
                Err(TrySendError::Disconnected(_)) => return false,
            }
            true
        });
        now
    }
}

/// Takes in whoever comes, until the dashboard stops.
fn accept(listener: &TcpListener, hub: &Arc<Hub>) {
    while !hub.stopped() {
        let Ok((stream, _)) = listener.accept() else {
            // Nobody is there, or the process has no more files to open: both pass.
            std::thread::sleep(Duration::from_millis(20));
            continue;
        };
        let hub = Arc::clone(hub);
        let place = Place::take(&hub);
        // Without a thread the connection is dropped, and the browser asks again.
        let _ = spawn("dashboard-page", move || serve(stream, &hub, place.as_ref()));
    }
}

/// One of the places for connections.
struct Place(Arc<Hub>);

impl Place {
    fn take(hub: &Arc<Hub>) -> Option<Self> {
        let place = Self(Arc::clone(hub));
        let taken = hub.connections.fetch_add(1, Ordering::Relaxed);
        (taken < CONNECTIONS).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

fn serve(mut stream: TcpStream, hub: &Hub, place: Option<&Place>) {
    // What is accepted may be as impatient as the listener is.
    if stream.set_nonblocking(false).and_then(|()| stream.set_write_timeout(Some(SLOWEST))).is_err() {
        return;
    }
    if place.is_none() {
        return http::respond(&mut stream, "503 Service Unavailable", "text/plain", "too many pages\n", true);
    }
    let (path, with_body) = match http::read_request(&mut stream) {
        Some(Request::Get(path)) => (path, true),
        Some(Request::Head(path)) => (path, false),
        Some(Request::Other) => {
            return http::respond(&mut stream, "405 Method Not Allowed", "text/plain", "only GET\n", true);
        }
        None => return http::respond(&mut stream, "400 Bad Request", "text/plain", "not understood\n", true),
    };
    let mut send = |kind: &str, body: &str| http::respond(&mut stream, "200 OK", kind, body, with_body);
    if let Some((_, kind, text)) = FILES.iter().find(|(name, _, _)| *name == path) {
        return send(kind, text);
    }
    match path.as_str() {
        "/state" => send("application/json", &hub.live.all().0.to_json()),
        "/events" if with_body => send_events(stream, hub),
        _ => http::respond(&mut stream, "404 Not Found", "text/plain", "nothing is here\n", with_body),
    }
}

/// Tells one page what happens, until it goes or the dashboard stops.
fn send_events(mut stream: TcpStream, hub: &Hub) {
    let (queue, messages) = sync_channel(WAITING);
    let Ok(handle) = stream.try_clone() else { return };
    if http::begin_events(&mut stream).is_ok() {
        hub.clients().push(Client { queue, stream: handle, fresh: true });
        forward(&mut stream, &messages, hub);
    }
}

fn forward(stream: &mut TcpStream, messages: &Receiver<Arc<str>>, hub: &Hub) {
    while !hub.stopped() {
        let sent = match messages.recv_timeout(SILENCE) {
            Ok(json) => http::send_event(stream, &json),
            Err(RecvTimeoutError::Timeout) => http::send_nothing(stream),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if sent.is_err() {
            return;
        }
    }
}
