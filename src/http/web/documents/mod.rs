//! Documents: the table of them, and one of them to view, edit and delete.

mod delete;
mod edit;
mod list;
mod value;
mod view;

use rocket::{Route, routes};

/// The address of a page about the document under a key.
fn at(page: &str, key: &str) -> String {
    format!("/documents/{page}?key={}", super::text::in_query(key))
}

pub(super) fn routes() -> Vec<Route> {
    routes![
        list::dashboard,
        list::home,
        view::view,
        view::raw,
        edit::create_form,
        edit::create,
        edit::edit_form,
        edit::save,
        delete::delete,
        delete::delete_again,
    ]
}
