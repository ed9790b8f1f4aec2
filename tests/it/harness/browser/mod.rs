//! A browser in the hands of a person: what the web interface is tested with.
//!
//! A [`Browser`] is a Chromium of the test's own, without anything from an earlier visit, that looks at one server. It
//! is told what to do in the words that a page shows: [`Browser::click`] a name, [`Browser::fill`] a label,
//! [`Browser::see`] a text. Each of these waits until it can be done, and where it cannot says what was looked for, and
//! on which page.
//!
//! * [`driver`] — the ChromeDriver that starts the browsers, and how many at once
//! * [`session`] — one browser: how it is started, asked, and ended
//! * [`ways`] — with scripts or without, light or dark, wide or narrow
//! * [`hands`], [`eyes`] — what a person does and sees
//! * [`pictures`], [`axe`] — what a page looks like, and whether everybody can use it

mod axe;
mod checks;
mod driver;
mod eyes;
mod hands;
mod pages;
mod pictures;
mod session;
mod ways;

pub(crate) use checks::register;
pub(crate) use driver::Browsers;
pub(crate) use session::{Browser, with_browser};
pub(crate) use ways::{Scheme, Scripts, Width};
