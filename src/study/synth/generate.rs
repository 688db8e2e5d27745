//! Generation of a batch: household after household, each with all its rows.

use super::batch::{Batch, BatchOutput};
use super::error::SynthError;
use super::household::{Composition, Household};
use super::notices::Notice;
use super::population::MUNICIPAL_ONLY;

/// Successive households without a row in any file after which the generation stops.
const MAX_UNKNOWN: u32 = 1000;

impl Batch<'_> {
    /// Generates households until `persons` persons are known to a source.
    ///
    /// # Errors
    /// No household has a row in any file.
    pub(super) fn generate(mut self, persons: u64) -> Result<BatchOutput, SynthError> {
        let mut unknown = 0;
        while self.output.persons < persons {
            let before = self.output.persons;
            self.generate_household(persons - before);
            self.finish_household();
            unknown = if self.output.persons == before { unknown + 1 } else { 0 };
            if unknown > MAX_UNKNOWN {
                return Err(SynthError::NothingDelivered);
            }
        }
        Ok(self.output)
    }

    /// Generates a household of at most `room` persons and all its rows.
    fn generate_household(&mut self, room: u64) {
        let registers = self.registers;
        if registers.areas.any_served() && self.random.chance(MUNICIPAL_ONLY) {
            return self.generate_municipal_household();
        }
        let members = self.draw_composition(room);
        let history = self.draw_history();
        let first = registers.areas.home(&mut self.random);
        let home = self.draw_home(first);
        self.add_people(members, registers.months.at(history.start).first_day(), home);
        let mut household = Household {
            members,
            home,
            benefits: history.benefits,
            run_before: history.run_before,
            activities: Vec::new(),
        };
        self.draw_activities(&mut household);
        let notices = self.write_notices(&household);
        self.write_assistance(&household, &notices);
        self.write_municipal(&household, &notices, false);
    }

    /// Generates a household unknown to Kela.
    fn generate_municipal_household(&mut self) {
        let registers = self.registers;
        let first = registers.areas.served_home(&mut self.random);
        let home = self.draw_home(first);
        self.add_people(Composition::SINGLE, registers.window.first, home);
        let household = Household {
            members: Composition::SINGLE,
            home,
            benefits: Vec::new(),
            run_before: 0,
            activities: Vec::new(),
        };
        self.write_municipal(&household, &[], true);
    }

    /// Writes the events and assessments of the household's adults at the organisers that deliver.
    fn write_municipal(&mut self, household: &Household, notices: &[Notice], unknown_to_kela: bool) {
        let registers = self.registers;
        for organiser in &registers.organisers {
            let Some(stay) = household.home.stay(&organiser.serves) else { continue };
            for person in 0..household.members.adults {
                if let Some(relation) = self.write_events(organiser, person, stay, notices, unknown_to_kela) {
                    self.write_assessments(organiser, person, relation);
                }
            }
        }
    }
}
