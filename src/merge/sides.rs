//! Values of three versions.

/// One value for each version that a merge knows (git's words; during a rebase *ours* is upstream).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sides<T> {
    /// The common ancestor's.
    pub base: T,
    /// The current branch's (`%A`).
    pub ours: T,
    /// The other branch's (`%B`).
    pub theirs: T,
}

/// One of the two versions that are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The current branch.
    Ours,
    /// The other branch.
    Theirs,
}

impl Side {
    /// The side that is merged with this one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Ours => Self::Theirs,
            Self::Theirs => Self::Ours,
        }
    }
}

impl<T> Sides<T> {
    /// Applies `change` to each value.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Sides<U> {
        Sides { base: change(self.base), ours: change(self.ours), theirs: change(self.theirs) }
    }

    /// References to the values.
    pub fn as_ref(&self) -> Sides<&T> {
        Sides { base: &self.base, ours: &self.ours, theirs: &self.theirs }
    }

    /// The value of one side.
    pub fn of(&self, side: Side) -> &T {
        match side {
            Side::Ours => &self.ours,
            Side::Theirs => &self.theirs,
        }
    }

    /// The value of one side, to be changed.
    pub fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Ours => &mut self.ours,
            Side::Theirs => &mut self.theirs,
        }
    }

    /// The merged value where at most one side changed it, or both did so alike; `None` if a rule must decide.
    ///
    /// `same` says whether two values are equal. Where the sides are equal the answer is ours, so that ours'
    /// spelling stays.
    pub fn trivial(&self, same: impl Fn(&T, &T) -> bool) -> Option<Side> {
        if same(&self.ours, &self.theirs) || same(&self.base, &self.theirs) {
            Some(Side::Ours)
        } else if same(&self.base, &self.ours) {
            Some(Side::Theirs)
        } else {
            None
        }
    }

    /// Whether taking `side`'s value sets aside another that the other side has given it.
    pub fn overrules(&self, side: Side, same: impl Fn(&T, &T) -> bool) -> bool {
        !same(&self.ours, &self.theirs) && !same(&self.base, self.of(side.other()))
    }
}
