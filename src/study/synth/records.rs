//! What holders know of the people of a batch beside their codes.

use super::batch::Batch;
use super::household::Home;
use super::identity::{Record, draw_identities};

/// Share of persons without an identity code in a municipality, of those born in the country and of those born abroad.
const WITHOUT_CODE: [f64; 2] = [0.03, 0.18];

impl Batch<'_> {
    /// Gives the people of the household their names and address. The first `adults` of them are the couple.
    pub(super) fn draw_identities(&mut self, adults: usize, home: Home) {
        let men: Vec<bool> = self.people.iter().map(|person| person.male).collect();
        let is_immigrant = self.people.iter().any(|person| person.temporary.is_some());
        let facts = (is_immigrant, self.registers.window);
        let identities = draw_identities(&mut self.names, &men, adults, home, facts);
        for (person, identity) in self.people.iter_mut().zip(identities) {
            person.identity = Some(identity);
        }
    }

    /// Makes the record of a person at a holder, at the first row.
    pub(super) fn prepare_record(&mut self, holder: usize, person: usize) {
        let holders = &self.registers.holders;
        if self.people[person].records.is_empty() {
            self.people[person].records.resize_with(holders.len(), || None);
        }
        if self.people[person].records[holder].is_some() {
            return;
        }
        let number = self.number_of_client(holder, person);
        let make = if holders[holder].is_office() { Record::official } else { Record::typed };
        let person = &mut self.people[person];
        let Some(identity) = &person.identity else { unreachable!("the household's people have identities") };
        person.records[holder] = Some(make(&mut self.names, identity, person.birth, person.male, number));
    }

    /// Returns true if a municipality does not know the identity code of a person.
    ///
    /// Nobody lacks one unless the contract links persons without a code: their rows would all be rejected.
    pub(super) fn draw_lacks_code(&mut self, holder: usize, person: usize) -> bool {
        if !self.registers.links_without_code || self.registers.holders[holder].is_office() {
            return false;
        }
        let Some(identity) = &self.people[person].identity else {
            unreachable!("the household's people have identities")
        };
        let abroad = identity.abroad;
        let known = &mut self.people[person].lacks_code;
        if known.is_empty() {
            known.resize(self.registers.holders.len(), None);
        }
        *known[holder].get_or_insert_with(|| self.without_code.chance(WITHOUT_CODE[usize::from(abroad)]))
    }
}
