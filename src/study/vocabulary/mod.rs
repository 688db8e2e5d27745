//! Vocabulary of the study: source tables, columns and codes, each defined once.

pub(crate) mod codes;
mod columns;

pub(crate) use columns::{
    AssessmentColumn, AssistanceColumn, Content, EventColumn, MAX_COLUMNS, NoticeColumn, SourceTable,
};
