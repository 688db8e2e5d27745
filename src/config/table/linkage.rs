//! Columns of a table that linkage without identifiers reads.

/// Positions of the columns that linkage reads. In a table they are the contract's columns, in a source the headers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkageColumns {
    /// Given names.
    pub given: Option<usize>,
    /// Surname.
    pub surname: Option<usize>,
    /// Birth date.
    pub birth: Option<usize>,
    /// Sex.
    pub sex: Option<usize>,
    /// Postcode.
    pub postcode: Option<usize>,
    /// Street address.
    pub street: Option<usize>,
    /// The holder's own number of the person.
    pub client: Option<usize>,
}

impl LinkageColumns {
    /// Returns the columns with each position replaced by `place`.
    #[must_use]
    pub fn map(self, mut place: impl FnMut(usize) -> Option<usize>) -> Self {
        let mut of = |position: Option<usize>| position.and_then(&mut place);
        Self {
            given: of(self.given),
            surname: of(self.surname),
            birth: of(self.birth),
            sex: of(self.sex),
            postcode: of(self.postcode),
            street: of(self.street),
            client: of(self.client),
        }
    }

    /// Returns the positions of all columns.
    #[must_use]
    pub fn positions(self) -> Vec<usize> {
        let Self { given, surname, birth, sex, postcode, street, client } = self;
        [given, surname, birth, sex, postcode, street, client].into_iter().flatten().collect()
    }
}
