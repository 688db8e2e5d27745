//! Free text about a person, some of it with an identity code.

use super::batch::Batch;
use super::row::{Text, Value};
use super::text::notes_with_code;
use salanimi_core::{Days, IdentityCode};

/// Share of free texts with an identity code.
const WITH_CODE: f64 = 0.01;
/// Share of these codes that are the person's own.
const OWN_CODE: f64 = 0.7;
/// Share of the other free texts with a note.
const WITH_NOTE: f64 = 0.5;
/// Other codes are among this many temporary codes.
const OTHER_CODES: usize = 10;
/// Days from the birth of a person with such a code to the opening of the window.
const OTHER_BORN_BEFORE: (i32, i32) = (20_000, 7_000);

impl Batch<'_> {
    /// Draws the free text of a row about a person: mostly a note or nothing, seldom a note with an identity code.
    pub(super) fn draw_free_text(&mut self, person: usize) -> Value {
        if self.random.chance(WITH_CODE) {
            self.output.defects.code_in_text += 1;
            let is_own = self.random.chance(OWN_CODE);
            let code = if is_own { self.people[person].code } else { self.draw_other_code() };
            return Value::NoteWithCode(self.random.position(notes_with_code()) as u8, code);
        }
        if self.random.chance(WITH_NOTE) { Value::Text(Text::Note, self.random.bits()) } else { Value::Empty }
    }

    fn draw_other_code(&mut self) -> IdentityCode {
        let opening = self.registers.window.first;
        let born = Days { first: opening.plus(-OTHER_BORN_BEFORE.0), last: opening.plus(-OTHER_BORN_BEFORE.1) };
        self.temporary.get(self.random.position(OTHER_CODES), born)
    }
}
