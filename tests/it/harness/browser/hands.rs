//! What a person does on a page.

use std::fs;

use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};

use super::Browser;

impl Browser {
    /// Presses the link or the button that shows this name. Several links of that name must lead to the same place.
    pub(crate) async fn click(&self, name: &str) {
        let wanted = format!("to click “{name}”");
        self.until(&wanted, async || self.press("pressable", &[json!(name)]).await).await;
    }

    /// The same where several have this name: the one that is nearest to a text, as in a row of a table.
    pub(crate) async fn click_beside(&self, text: &str, name: &str) {
        let wanted = format!("to click “{name}” beside “{text}”");
        self.until(&wanted, async || self.press("pressable", &[json!(name), json!(text)]).await).await;
    }

    /// Types a value into the field with this label, instead of what is in it.
    pub(crate) async fn fill(&self, label: &str, value: &str) {
        let wanted = format!("to fill “{label}” with {value:?}");
        self.until(&wanted, async || {
            let (field, found) = self.find("field", &[json!(label)]).await?;
            self.enter(&field, found["kind"].as_str().unwrap_or_default(), value).await
        })
        .await;
    }

    /// Chooses the radio button or ticks the checkbox with this label.
    pub(crate) async fn choose(&self, label: &str) {
        let wanted = format!("to choose “{label}”");
        self.until(&wanted, async || self.set(&[json!(label)], true).await).await;
    }

    /// The same where several have this label: the one that is nearest to a text, such as the legend of its group.
    pub(crate) async fn choose_beside(&self, text: &str, label: &str) {
        let wanted = format!("to choose “{label}” beside “{text}”");
        self.until(&wanted, async || self.set(&[json!(label), json!(text)], true).await).await;
    }

    /// Takes the tick from the checkbox with this label.
    pub(crate) async fn untick(&self, label: &str) {
        let wanted = format!("to untick “{label}”");
        self.until(&wanted, async || self.set(&[json!(label)], false).await).await;
    }

    /// Chooses an option in the list with this label.
    pub(crate) async fn select(&self, label: &str, option: &str) {
        let wanted = format!("to select “{option}” in “{label}”");
        self.until(&wanted, async || {
            let (list, found) = self.find("field", &[json!(label)]).await?;
            expect_kind(&found, &["select-one", "select-multiple"])?;
            self.press("option", &[json!(list), json!(option)]).await
        })
        .await;
    }

    /// Gives a file to the field with this label.
    pub(crate) async fn attach(&self, label: &str, name: &str, content: &[u8]) {
        let file = self.directory.path().join(name);
        fs::write(&file, content).expect("writes");
        let wanted = format!("to attach {name} to “{label}”");
        self.until(&wanted, async || {
            let (field, found) = self.find("field", &[json!(label)]).await?;
            expect_kind(&found, &["file"])?;
            field.send_keys(&file.to_string_lossy()).await.map_err(|error| error.to_string())
        })
        .await;
    }

    /// Presses Enter where the person has typed last, which sends a form.
    pub(crate) async fn submit(&self) {
        self.key(Key::Enter).await;
    }

    /// Presses a key where the person is.
    pub(crate) async fn key(&self, key: Key) {
        let wanted = format!("to press {key:?}");
        self.until(&wanted, async || {
            let focused = self.client.active_element().await.map_err(|error| error.to_string())?;
            focused.send_keys(&String::from(char::from(key))).await.map_err(|error| error.to_string())
        })
        .await;
    }

    /// Goes back to the page before.
    pub(crate) async fn back(&self) {
        if let Err(error) = self.client.back().await {
            self.give_up(&format!("there is no way back: {error}")).await;
        }
    }

    /// Says yes to the dialog that is open.
    pub(crate) async fn accept(&self) {
        let wanted = "to accept a dialog";
        self.until(wanted, async || self.client.accept_alert().await.map_err(|error| error.to_string())).await;
    }

    /// Says no to the dialog that is open.
    pub(crate) async fn dismiss(&self) {
        let wanted = "to dismiss a dialog";
        self.until(wanted, async || self.client.dismiss_alert().await.map_err(|error| error.to_string())).await;
    }

    async fn press(&self, task: &str, words: &[Value]) -> Result<(), String> {
        let (element, _) = self.find(task, words).await?;
        element.click().await.map_err(|error| error.to_string())
    }

    async fn set(&self, words: &[Value], chosen: bool) -> Result<(), String> {
        let (control, found) = self.find("field", words).await?;
        expect_kind(&found, &["radio", "checkbox"])?;
        if control.is_selected().await.map_err(|error| error.to_string())? != chosen {
            control.click().await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    async fn enter(&self, field: &Element, kind: &str, value: &str) -> Result<(), String> {
        match kind {
            "radio" | "checkbox" | "file" | "select-one" | "select-multiple" => {
                return Err(format!("it is no field to type in, but {kind}"));
            }
            "date" | "time" | "datetime-local" | "month" | "week" | "color" | "range" => {
                return self.ask("put", &[json!(field), json!(value)]).await.map(|_| ());
            }
            _ => {}
        }
        field.clear().await.map_err(|error| error.to_string())?;
        self.ask("enter", &[json!(field)]).await?;
        // At one go, because by keys a long text takes minutes, and ChromeDriver has no keys for an emoji.
        let typed = self.chrome("Input.insertText", json!({ "text": value })).await;
        typed.map(|_| ()).map_err(|error| error.to_string())
    }
}

fn expect_kind(found: &Value, kinds: &[&str]) -> Result<(), String> {
    let kind = found["kind"].as_str().unwrap_or_default();
    if kinds.contains(&kind) { Ok(()) } else { Err(format!("it is no {}, but {kind}", kinds.join(" or "))) }
}
