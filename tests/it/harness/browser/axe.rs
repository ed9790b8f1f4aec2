//! Whether everybody can use a page, as far as a program can tell: axe-core, by the rules of WCAG 2.2 AA.

use serde_json::{Value, json};

use super::{Browser, Scripts};

/// The rules that are held against a page.
const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// Runs what was injected before. Its last argument is whom to tell.
const RUN: &str = "
    const [tags, done] = arguments;
    axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }).then(
        results => done({ violations: results.violations, passed: results.passes.length }),
        error => done({ error: String(error) }));
";

impl Browser {
    /// That axe-core finds nothing against the page, as it is shown right now.
    pub(crate) async fn assert_accessible(&self, name: &str) {
        let violations = match self.violations().await {
            Ok(violations) => violations,
            Err(reason) => self.give_up(&format!("axe-core cannot look at {name}: {reason}")).await,
        };
        if !violations.is_empty() {
            let shown: Vec<_> = violations.iter().map(told).collect();
            self.give_up(&format!("not everybody can use {name}:\n{}", shown.join("\n"))).await;
        }
    }

    async fn violations(&self) -> Result<Vec<Value>, String> {
        // It works with promises, which nothing carries on while scripts are off. Those of the page were not run when it
        // was loaded, and are not run now.
        self.allow(Scripts::On).await.map_err(|error| error.to_string())?;
        let outcome = self.run_axe().await;
        self.allow(self.scripts).await.map_err(|error| error.to_string())?;
        let outcome = outcome?;
        match (&outcome["violations"], outcome["passed"].as_u64()) {
            // What finds nothing must have looked.
            (Value::Array(violations), Some(1..)) => Ok(violations.clone()),
            _ => Err(outcome["error"].as_str().unwrap_or("no rule applies").to_owned()),
        }
    }

    async fn run_axe(&self) -> Result<Value, String> {
        // Injected by the browser itself: the page's own rules for scripts say nothing about it.
        self.client.execute(&self.axe, Vec::new()).await.map_err(|error| error.to_string())?;
        self.client.execute_async(RUN, vec![json!(TAGS)]).await.map_err(|error| error.to_string())
    }
}

fn told(violation: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    let nodes = nodes.map(|node| format!("    {}", text(&node["html"])));
    let head = format!("  {}: {}", text(&violation["id"]), text(&violation["help"]));
    [head].into_iter().chain(nodes).collect::<Vec<_>>().join("\n")
}
