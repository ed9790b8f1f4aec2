//! What a form sends (`application/x-www-form-urlencoded`), and the check of its form token.

use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use rocket::http::RawStr;
use rocket::request::Request;

use super::Web;
use crate::http::api::refuse;
use crate::http::body::read;
use crate::http::doors::{FORM_TOKEN, FormToken};
use crate::http::refusal::Refusal;

/// The largest form, in bytes. In a form, a byte of text can take three.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The fields of a form whose form token was right.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The text of a field; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, text)| text)
    }

    /// The same without blanks around it, if anything is left of it.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name).trim()).filter(|text| !text.is_empty())
    }

    /// The texts of all fields of this name.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, text)| text.as_str())
    }

    /// The text of a field of more than one line, with the line ends that it had before the browser sent it.
    pub(super) fn lines(&self, name: &str) -> String {
        self.text(name).replace("\r\n", "\n")
    }
}

/// The fields of a text such as `a=b&c=d`.
pub(super) fn fields(text: &str) -> Option<Vec<(String, String)>> {
    let decode = |text| RawStr::new(text).url_decode().ok().map(std::borrow::Cow::into_owned);
    let fields = text.split('&').filter(|field| !field.is_empty());
    fields
        .map(|field| field.split_once('=').unwrap_or((field, "")))
        .map(|(n, t)| Some((decode(n)?, decode(t)?)))
        .collect()
}

/// Whether this is the form token that the request must carry. A request of which none is known carries none that is
/// right.
pub(super) fn is_right(given: &str, request: &Request<'_>) -> bool {
    FormToken::expected_by(request).is_some_and(|expected| expected.as_str() == given)
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Form {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let refusal = match take(request, data).await {
            Ok(form) if is_right(form.text(FORM_TOKEN), request) => return Outcome::Success(form),
            Ok(_) => Refusal::FormToken,
            Err(refusal) => refusal,
        };
        match refuse::<Web, ()>(&refusal, request) {
            rocket::request::Outcome::Error(error) => Outcome::Error(error),
            _ => Outcome::Error((rocket::http::Status::InternalServerError, ())),
        }
    }
}

async fn take(request: &Request<'_>, data: Data<'_>) -> Result<Form, Refusal> {
    let is_form = request.content_type().is_some_and(|given| given.is_form());
    let body = read(request, data.open((2 * MAX_BYTES).bytes()), MAX_BYTES).await?;
    let text = std::str::from_utf8(&body).ok().filter(|_| is_form).ok_or(Refusal::FormToken)?;
    fields(text).map(Form).ok_or(Refusal::FormToken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_may_repeat() {
        let form = Form(fields("key=a+b&key=%C3%A9&value=1%0D%0A2&empty=&bare&&=x").expect("fields"));
        assert_eq!(form.all("key").collect::<Vec<_>>(), ["a b", "é"]);
        assert_eq!((form.text("key"), form.text("value"), form.text("none")), ("a b", "1\r\n2", ""));
        assert_eq!(form.lines("value"), "1\n2");
        assert_eq!((form.filled("empty"), form.filled("bare"), form.filled("key")), (None, None, Some("a b")));
        assert!(fields("a=%FF").is_none());
    }
}
