//! What a person sees, and what the browser tells those who look behind the page.

use fantoccini::cookies::Cookie;
use fantoccini::error::CmdError;
use serde_json::{Value, json};

use super::Browser;
use super::session::fail;

/// What the browser wrote to its console as an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// Where it comes from: `security`, `javascript`, `console-api`, `network`, …
    pub(crate) source: String,
    pub(crate) text: String,
}

impl Browser {
    /// Waits until the page shows a text. Any white space counts as one blank.
    pub(crate) async fn see(&self, text: &str) {
        let wanted = format!("to see “{text}”");
        self.until(&wanted, async || if self.shows(text).await? { Ok(()) } else { Err("not found".to_owned()) }).await;
    }

    /// Waits until the page does not show a text.
    pub(crate) async fn dont_see(&self, text: &str) {
        let wanted = format!("not to see “{text}”");
        self.until(&wanted, async || if self.shows(text).await? { Err("it is there".to_owned()) } else { Ok(()) })
            .await;
    }

    async fn shows(&self, text: &str) -> Result<bool, String> {
        let page = self.ask("text", &[]).await?;
        Ok(squeezed(page.as_str().unwrap_or_default()).contains(&squeezed(text)))
    }

    /// What the page shows.
    pub(crate) async fn text(&self) -> String {
        let text = self.until("to read the page", async || self.ask("text", &[]).await).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The title of the page.
    pub(crate) async fn title(&self) -> String {
        self.until("to read the title", async || self.client.title().await.map_err(|error| error.to_string())).await
    }

    /// Where the person is: the path with the query.
    pub(crate) async fn path(&self) -> String {
        let url = self
            .until("to read the address", async || self.client.current_url().await.map_err(|error| error.to_string()));
        let url = url.await;
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// Waits until the person is at this path (with the query, if there is one).
    pub(crate) async fn arrive(&self, path: &str) {
        let wanted = format!("to be at {path}");
        self.until(&wanted, async || {
            let at = self.path().await;
            if at == path { Ok(()) } else { Err(format!("at {at}")) }
        })
        .await;
    }

    /// What stands in the field with this label. For a radio button or a checkbox: what it would send.
    pub(crate) async fn value(&self, label: &str) -> String {
        let wanted = format!("to read the field “{label}”");
        self.until(&wanted, async || {
            let (field, _) = self.find("field", &[json!(label)]).await?;
            Ok(field.prop("value").await.map_err(|error| error.to_string())?.unwrap_or_default())
        })
        .await
    }

    /// Whether the radio button or the checkbox with this label is chosen.
    pub(crate) async fn is_chosen(&self, label: &str) -> bool {
        let wanted = format!("to look at “{label}”");
        self.until(&wanted, async || {
            let (control, _) = self.find("field", &[json!(label)]).await?;
            control.is_selected().await.map_err(|error| error.to_string())
        })
        .await
    }

    /// The rows of the tables that are shown, with their headings, cell by cell.
    pub(crate) async fn rows(&self) -> Vec<Vec<String>> {
        let rows = self.until("to read the tables", async || self.ask("rows", &[]).await).await;
        serde_json::from_value(rows).expect("rows of cells")
    }

    /// A cookie that the browser would send to this page, also one that no script can read.
    pub(crate) async fn cookie(&self, name: &str) -> Option<Cookie<'static>> {
        match self.client.get_named_cookie(name).await {
            Ok(cookie) => Some(cookie),
            Err(error) if error.is_no_such_cookie() => None,
            Err(error) => self.give_up(&format!("to look at the cookie {name}: {error}")).await,
        }
    }

    /// What the dialog says that is open, if one is.
    pub(crate) async fn dialog(&self) -> Option<String> {
        self.client.get_alert_text().await.ok()
    }

    /// The errors on the console since this was asked the last time. A page that was answered with a status of 400 or
    /// more is one of them, with `network` as its source.
    pub(crate) async fn complaints(&self) -> Vec<Complaint> {
        let entries = match self.console().await {
            Ok(entries) => entries,
            Err(error) => fail(format!("the console cannot be read: {error}")),
        };
        let entries = entries.as_array().cloned().unwrap_or_default();
        let severe = entries.into_iter().filter(|entry| entry["level"] == "SEVERE");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        severe.map(|entry| Complaint { source: text(&entry["source"]), text: text(&entry["message"]) }).collect()
    }

    /// That there is no error on the console.
    pub(crate) async fn assert_quiet(&self) {
        self.expect_none(self.complaints().await).await;
    }

    /// The same but for answers of a status of 400 and more, which a test may well ask for.
    pub(super) async fn assert_calm(&self) {
        let complaints = self.complaints().await;
        self.expect_none(complaints.into_iter().filter(|complaint| complaint.source != "network").collect()).await;
    }

    async fn expect_none(&self, complaints: Vec<Complaint>) {
        if !complaints.is_empty() {
            let lines: Vec<_> = complaints.iter().map(|c| format!("{}: {}", c.source, c.text)).collect();
            self.give_up(&format!("the browser complains:\n{}", lines.join("\n"))).await;
        }
    }

    /// What a script answers, which runs in the page whether or not the page may run any.
    pub(crate) async fn script(&self, body: &str) -> Value {
        let answer: Result<Value, CmdError> = self.client.execute(body, Vec::new()).await;
        match answer {
            Ok(answer) => answer,
            Err(error) => self.give_up(&format!("a script of the test fails: {error}")).await,
        }
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
