//! The ways in which a page can be looked at.

use std::fmt;

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scripts {
    On,
    Off,
}

/// The colours that the person prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

/// How wide the window is: that of a desktop, or of a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    Wide,
    Narrow,
}

impl Scripts {
    pub(crate) const BOTH: [Self; 2] = [Self::On, Self::Off];
}

impl fmt::Display for Scripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::On => "with_scripts",
            Self::Off => "without_scripts",
        })
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Light => "light",
            Self::Dark => "dark",
        })
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        })
    }
}

impl Width {
    /// The window, in CSS pixels.
    pub(super) fn size(self) -> (u32, u32) {
        match self {
            Self::Wide => (1280, 800),
            Self::Narrow => (360, 740),
        }
    }
}
