//! Column values: types, notation of sources, conversion, generalisation, and the Arrow arrays that hold them.

mod code_map;
mod codes;
mod column;
mod convert;
mod dates;
mod decimal;
mod groups;
mod in_force;
mod notation;
mod rules;
mod transform;
mod types;

pub use code_map::CodeMap;
pub use codes::Codes;
pub use column::{
    decode_column, encode_column, id_column, keys, number_column, pseudonym, pseudonym_column, pseudonym_number,
    stored_batch,
};
pub use convert::{Converted, Converter, Renames, is_flag, is_text, is_zoned_time};
pub use dates::{DATE_FORM, DateForm, DateLayout, SAS_MONTHS};
pub use groups::Groups;
pub use in_force::InForce;
pub use notation::{DECIMAL_MARK, Notation};
pub use rules::{Fault, Rules};
pub use transform::{Transform, TypeMismatch};
pub use types::{DECIMAL_DIGITS, Field, ValueType, stored_schema};
