//! What pages look like, for people to look at: target/screenshots.

use std::fs;
use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::{Browser, Scheme, Width};

impl Browser {
    /// Takes a picture of the whole page: target/screenshots/`name`.png.
    pub(crate) async fn screenshot(&self, name: &str) {
        if let Err(reason) = self.picture(name).await {
            self.give_up(&format!("to take the picture {name}: {reason}")).await;
        }
    }

    /// Takes pictures of the page in all four ways, light and dark, wide and narrow, such as `name`-dark-narrow.png,
    /// and sees to it that nothing is wider than the window.
    pub(crate) async fn portray(&self, name: &str) {
        for width in [Width::Narrow, Width::Wide] {
            self.resize(width).await;
            self.assert_fits(name).await;
            for scheme in [Scheme::Dark, Scheme::Light] {
                self.prefer(scheme).await;
                self.screenshot(&format!("{name}-{scheme}-{width}")).await;
            }
        }
    }

    /// That nothing scrolls sideways.
    pub(crate) async fn assert_fits(&self, name: &str) {
        let wide = self.until("to measure the page", async || self.ask("wide", &[]).await).await;
        let reaching: Vec<String> = serde_json::from_value(wide).expect("a list of texts");
        if !reaching.is_empty() {
            self.give_up(&format!("{name} is wider than its window:\n{}", reaching.join("\n"))).await;
        }
    }

    /// Takes a picture of what was seen last in a test that failed, and says where it is.
    pub(super) async fn picture_of_failure(&self, test: &str) -> String {
        let name: String = test.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        match self.picture(&format!("failed/{name}")).await {
            Ok(()) => format!("what was seen last: target/screenshots/failed/{name}.png"),
            Err(reason) => format!("there is no picture of what was seen last: {reason}"),
        }
    }

    async fn picture(&self, name: &str) -> Result<(), String> {
        let metrics = self.chrome("Page.getLayoutMetrics", json!({})).await.map_err(|error| error.to_string())?;
        let size = &metrics["cssContentSize"];
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let asked = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let taken = self.chrome("Page.captureScreenshot", asked).await.map_err(|error| error.to_string())?;
        let png =
            BASE64_STANDARD.decode(taken["data"].as_str().unwrap_or_default()).map_err(|error| error.to_string())?;

        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/screenshots/{name}.png"));
        let folder = file.parent().expect("it has a folder");
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        // A test may run on both stores at the same moment: the file is always that of one of them.
        let mut part = tempfile::NamedTempFile::new_in(folder).map_err(|error| error.to_string())?;
        part.write_all(&png).map_err(|error| error.to_string())?;
        part.persist(file).map_err(|error| error.to_string())?;
        Ok(())
    }
}
