//! At a glance: how much there is, and what takes the space, as a picture.

use askama::Template;
use rocket::http::Status;
use rocket::{Route, State, get, routes};

use super::Result;
use super::page::{Frame, Pages, Place};
use super::text::{count, in_query, size};
use super::visitor::Session;
use crate::domain::Usage;
use crate::service::{Documents, Glance};

/// Prefixes that are shown one by one.
const SHARES: usize = 9;

/// The height of one bar with its text, in pixels. The width is that of the page, so that texts keep their size.
const ROW: usize = 44;

#[derive(Template)]
#[template(path = "glance.html")]
struct GlancePage {
    frame: Frame,
    documents: String,
    size: String,
    bars: Vec<Bar>,
    height: usize,
    /// The picture in one sentence, for whoever does not see it.
    sentence: String,
}

/// A bar of the picture.
struct Bar {
    label: String,
    amount: String,
    /// Where its keys are listed.
    link: Option<String>,
    /// Where its text stands.
    text_y: usize,
    y: usize,
    percent: String,
}

#[get("/glance")]
async fn glance(pages: Pages, session: Session, documents: &State<Documents>) -> Result {
    let glance = documents.glance(&session.principal, SHARES).await?;
    let bars = bars(&glance);
    let page = GlancePage {
        frame: pages.frame(&session, Place::Glance, "At a glance"),
        documents: count(glance.total.documents, "document"),
        size: size(glance.total.bytes),
        height: bars.len() * ROW,
        sentence: sentence(&glance),
        bars,
    };
    Ok(pages.show(Status::Ok, &page))
}

fn bars(glance: &Glance) -> Vec<Bar> {
    let shares = glance.shares.iter().map(|share| {
        let link = format!("/dashboard?prefix={}", in_query(&share.prefix));
        (format!("{}*", share.prefix), Some(link), share.usage)
    });
    let rest = (glance.rest.documents > 0).then(|| ("all others".to_owned(), None, glance.rest));
    let rows: Vec<_> = shares.chain(rest).collect();
    let longest = rows.iter().map(|(_, _, usage)| usage.bytes).max().unwrap_or(0).max(1);
    let bar = |(at, (label, link, usage)): (usize, (String, Option<String>, Usage))| Bar {
        label,
        amount: format!("{}, {}", size(usage.bytes), count(usage.documents, "document")),
        link,
        text_y: at * ROW + 16,
        y: at * ROW + 22,
        // Never so short that it cannot be seen.
        percent: format!("{:.1}", (usage.bytes as f64 / longest as f64 * 100.0).max(0.4)),
    };
    rows.into_iter().enumerate().map(bar).collect()
}

fn sentence(glance: &Glance) -> String {
    let total = glance.total.bytes.max(1);
    let part = |usage: Usage| u128::from(usage.bytes) * 100 / u128::from(total);
    let shares = glance.shares.iter().map(|share| format!("{} {} %", share.prefix, part(share.usage)));
    let rest = (glance.rest.documents > 0).then(|| format!("all others {} %", part(glance.rest)));
    format!("Space by what keys begin with: {}", shares.chain(rest).collect::<Vec<_>>().join(", "))
}

pub(super) fn routes() -> Vec<Route> {
    routes![glance]
}
