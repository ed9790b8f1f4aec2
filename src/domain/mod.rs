//! The words of Keybin as types, and the rules that hold for them everywhere.
//!
//! A value of these types is valid by construction: whoever holds a [`Key`] need not check it again.
//! Nothing here does I/O, and nothing here knows HTTP or a database.

mod account;
mod causes;
mod change;
mod client;
mod document;
mod expiration;
mod fields;
pub mod filter;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod grant;
mod key;
mod page;
mod password;
pub mod patch;
mod precondition;
mod time;
mod token;
pub mod value;

pub use account::{
    Account, AccountChange, AccountId, Email, InvalidEmail, InvalidUsername, NewAccount, Profile, Username,
};
pub use causes::with_causes;
pub use change::{Change, ChangeError, Edit};
pub use client::{ClientId, InvalidClientId};
pub use document::{Amounts, Document, Outline, Revision, Usage};
pub use expiration::TokenExpirations;
pub use fields::{Fields, InvalidFields};
pub use filter::{Filter, FilterError};
pub use grant::{Grant, InvalidPrefix, Scope};
pub use key::{InvalidKey, Key};
pub use page::{KeyRange, NameRange, Order, Page, Query, Stretch};
pub use password::{InvalidPassword, Password, PasswordHash};
pub use precondition::Precondition;
pub use time::{Clock, SystemClock, Timestamp};
pub use token::{IssuedToken, Origin, Token, TokenHash};
pub use value::{Value, ValueError};
