//! The shapes of load: what is asked, and over how many connections at once.

use std::fmt;

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// Reads a document, with a token in the path where there are tokens.
    Read,
    /// Overwrites a document.
    Write,
    /// Reads with the token as a JWT in `Authorization`.
    ReadByJwt,
    /// Reads with name and password, which were verified a moment before.
    ReadByPassword,
    /// Asks for a token with name and password.
    LogIn,
}

/// What is mixed with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mix {
    Only(What),
    /// 95 readings for 5 writings.
    MostlyRead,
}

/// One shape of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape {
    pub(crate) mix: Mix,
    pub(crate) connections: u32,
}

/// GET over so many connections.
pub(crate) const fn get(connections: u32) -> Shape {
    Shape { mix: Mix::Only(What::Read), connections }
}

/// POST over so many connections.
pub(crate) const fn post(connections: u32) -> Shape {
    Shape { mix: Mix::Only(What::Write), connections }
}

/// One of the two, over 128 connections.
pub(crate) const fn door(what: What) -> Shape {
    Shape { mix: Mix::Only(what), connections: 128 }
}

/// Log-ins over 8 connections: more than the processors, and few enough that nobody has to be turned away.
pub(crate) const LOG_INS: Shape = Shape { mix: Mix::Only(What::LogIn), connections: 8 };

/// Every shape, in the order in which the report has them.
pub(crate) fn all() -> Vec<Shape> {
    let everywhere = |mix: Mix| [1, 32, 128].map(|connections| Shape { mix, connections });
    let mut all: Vec<Shape> =
        [Mix::Only(What::Read), Mix::Only(What::Write), Mix::MostlyRead].into_iter().flat_map(everywhere).collect();
    all.extend([door(What::ReadByJwt), door(What::ReadByPassword), LOG_INS]);
    all
}

/// One of each kind, for a trial.
pub(crate) fn few() -> Vec<Shape> {
    let mixed = Shape { mix: Mix::MostlyRead, connections: 32 };
    vec![get(1), post(32), mixed, door(What::ReadByJwt), door(What::ReadByPassword), LOG_INS]
}

impl Mix {
    /// Each kind with its weight.
    pub(crate) fn kinds(self) -> Vec<(u32, What)> {
        match self {
            Self::Only(what) => vec![(1, what)],
            Self::MostlyRead => vec![(95, What::Read), (5, What::Write)],
        }
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Only(What::Read) => "GET",
            Self::Only(What::Write) => "POST",
            Self::Only(What::ReadByJwt) => "GET with JWT",
            Self::Only(What::ReadByPassword) => "GET with Basic",
            Self::Only(What::LogIn) => "log-in",
            Self::MostlyRead => "95 GET : 5 POST",
        })
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.connections == 1 { "" } else { "s" };
        write!(f, "{}, {} connection{plural}", self.mix, self.connections)
    }
}
