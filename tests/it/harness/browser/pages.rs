//! A server of a few fixed pages, for the harness to be tried on.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running server. It ends with its handle.
pub(super) struct Pages {
    pub(super) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Pages {
    pub(super) async fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(answer(connection));
            }
        });
        Self { address, task }
    }
}

/// Answers one request.
async fn answer(mut connection: TcpStream) -> std::io::Result<()> {
    let request = receive(&mut connection).await?;
    let (head, body) = request.split_once("\r\n\r\n").unwrap_or((&request, ""));
    let path = head.split(' ').nth(1).unwrap_or_default();
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let (headers, page) = match path.split('?').next().unwrap_or_default() {
        "/" => ("", HOME.to_owned()),
        "/form" => ("", FORM.to_owned()),
        "/sent" => {
            ("Set-Cookie: taste=sweet; HttpOnly\r\n", format!("<title>Sent</title><pre>{}</pre>", escaped(body)))
        }
        "/asked" => ("", format!("<title>Asked</title><pre>{}</pre>", escaped(head))),
        "/strict" => ("Content-Security-Policy: script-src 'self'\r\n", HOME.to_owned()),
        "/clean" => ("Content-Security-Policy: script-src 'self'\r\n", CLEAN.to_owned()),
        "/careless" => ("Content-Security-Policy: script-src 'self'\r\n", CARELESS.to_owned()),
        _ => ("", "<title>Nothing</title>".to_owned()),
    };
    let status = if path == "/missing" { "404 Not Found" } else { "200 OK" };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n");
    let answer = format!("{head}{headers}Content-Length: {}\r\n\r\n{page}", page.len());
    connection.write_all(answer.as_bytes()).await
}

async fn receive(connection: &mut TcpStream) -> std::io::Result<String> {
    let mut received = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&received).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                return Ok(text);
            }
        }
        if connection.read_buf(&mut received).await? == 0 {
            return Ok(text);
        }
    }
}

/// Shows whether scripts run, and what is hidden.
const HOME: &str = "<!doctype html><html lang=en><title>Home</title><h1 id=h>A page as it was sent</h1>
<script>document.getElementById('h').textContent = 'A page that a script changed'</script>
<noscript>No scripts here</noscript><p hidden>A hidden thing</p><p>Two
   words</p>
<nav><a href=/form>The form</a> <a href=/form>The form</a> <a href=/clean>More</a> <a href=/careless>More</a></nav>
<button disabled>Not yet</button><button style=display:none>Never</button>
<button onclick=\"alert('Mind the gap')\">Warn me</button>
<button onclick=\"setTimeout(() => document.body.append('Here at last'), 500)\">Take your time</button>
<button onclick=\"setTimeout(() => document.querySelector('nav').remove(), 500)\">Clear away</button>
<button onclick=\"console.error('Oh dear')\">Complain</button>
<table><caption>Fruit</caption><thead><tr><th>Name<th>Taste<th></thead>
<tr><td>apple<td>sour<td><a href=/asked?apple>Eat</a>
<tr><td>apple pie<td>sweet<td><a href=/asked?pie>Eat</a></table>";

/// A form with fields of every kind.
const FORM: &str = "<!doctype html><html lang=en><title>Form</title><form method=post action=/sent>
<p><label for=a>Name</label> <input id=a name=name value=nobody>
<p><label>Story <textarea name=story>Once upon a time</textarea></label>
<p><label>Birthday <input type=date name=birthday></label>
<p><label>Colour <select name=colour><option>red<option value=g>light  green</select></label>
<fieldset><legend>Tea</legend><label><input type=radio name=tea value=y>Yes</label>
<label><input type=radio name=tea value=n checked>No</label></fieldset>
<fieldset><legend>Milk</legend><label><input type=radio name=milk value=y>Yes</label>
<label><input type=radio name=milk value=n>No</label></fieldset>
<p><label><input type=checkbox name=sugar>Sugar</label> <label><input type=checkbox name=ice checked>Ice</label>
<p><label>Picture <input type=file id=f></label>
<button>Send it</button></form>";

/// A page that everybody can use, in both colours and at any width. It is longer than any window.
const CLEAN: &str = "<!doctype html><html lang=en><meta name=viewport content='width=device-width'>
<meta name=color-scheme content='light dark'><title>Clean</title>
<main><h1>Clean</h1><p>Nothing wrong here.<div style=height:2000px></div></main>";

/// A page that not everybody can use, and that is too wide for a phone.
const CARELESS: &str = "<!doctype html><html><title>Careless</title><h1>Careless</h1>
<img src=data:image/gif;base64,R0lGODlhAQABAAAAACw= width=600 height=10>";
