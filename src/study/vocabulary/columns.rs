//! Source tables of the study and their columns, named as in the contract.

use super::codes::{
    Activity, Aim, CodeList, ContactMode, Decision, EndReason, EventType, ExpenseClass, Factor, FactorEffect, Goal,
    HouseholdRole, HouseholdType, Initiator, Method, MunicipalDecision, NeedReason, NoticeType, Occasion, Outcome,
    RecipientKind, Reduction, RefusalReason, Service, ServiceTask, Urgency,
};

/// A source table of the study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceTable {
    /// Social assistance by Kela: household member × benefit month × decision.
    Assistance,
    /// Notices by Kela of the need for social services.
    Notices,
    /// Events of municipal social work, from the client information system.
    Events,
    /// Assessments by the AVAIN indicator: goal × assessment.
    Assessments,
}

/// Content of a column in the source.
///
/// The person column and derived columns have none: every table has a person, and derived columns have no source.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content {
    /// One of these codes.
    Codes(&'static [&'static str]),
    /// The code of a municipality.
    Municipality,
    /// The code of a municipality or a county that organises social services.
    Organiser,
    /// A day.
    Day,
    /// A month.
    Month,
    /// Numbers, flags, references and free text.
    Other,
}

/// A column of a source table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Name in the contract.
    pub(crate) name: &'static str,
    /// Content in the source.
    pub(crate) content: Content,
}

/// Largest number of columns in a source table.
pub(crate) const MAX_COLUMNS: usize = 16;

impl SourceTable {
    /// All source tables. The truth file of synthetic registers has its columns in this order.
    pub(crate) const ALL: [Self; 4] = [Self::Assistance, Self::Notices, Self::Events, Self::Assessments];

    /// Returns the name in the contract.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Assistance => "kela_social_assistance",
            Self::Notices => "kela_notifications",
            Self::Events => "municipal_social_work",
            Self::Assessments => "municipal_avain",
        }
    }

    /// Finds the table by its name in the contract.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Returns the columns in the source, in the order of their column enum.
    pub(crate) fn columns(self) -> &'static [Column] {
        match self {
            Self::Assistance => AssistanceColumn::COLUMNS,
            Self::Notices => NoticeColumn::COLUMNS,
            Self::Events => EventColumn::COLUMNS,
            Self::Assessments => AssessmentColumn::COLUMNS,
        }
    }

    /// Finds the position of a column by its name in the contract.
    pub(crate) fn column(self, name: &str) -> Option<usize> {
        self.columns().iter().position(|column| column.name == name)
    }
}

/// Defines the columns of a source table as an enum: variant, name in the contract, content.
macro_rules! columns {
    ($(#[$doc:meta])* $table:ident { $($column:ident = $name:literal: $content:expr,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $table {
            $(#[doc = concat!("`", $name, "`.")] $column,)+
        }

        impl $table {
            const COLUMNS: &'static [Column] = &[$(Column { name: $name, content: $content }),+];
        }

        impl From<$table> for usize {
            fn from(column: $table) -> usize {
                column as usize
            }
        }
    };
}

columns! {
    /// A column of [`SourceTable::Assistance`].
    AssistanceColumn {
        Role = "role": Content::Codes(HouseholdRole::CODES),
        Household = "household_id": Content::Other,
        Month = "benefit_month": Content::Month,
        Applied = "application_date": Content::Day,
        Decided = "decision_date": Content::Day,
        Decision = "decision": Content::Codes(Decision::CODES),
        RefusalReason = "reject_reason": Content::Codes(RefusalReason::CODES),
        Paid = "paid_eur": Content::Other,
        ExpenseClass = "expense_class": Content::Codes(ExpenseClass::CODES),
        Reduction = "reduction_pct": Content::Codes(Reduction::CODES),
        HouseholdType = "household_type": Content::Codes(HouseholdType::CODES),
        Children = "n_children": Content::Other,
        Activity = "main_activity": Content::Codes(Activity::CODES),
        PrimaryIncome = "sa_primary_income": Content::Other,
        Municipality = "municipality": Content::Municipality,
    }
}

columns! {
    /// A column of [`SourceTable::Notices`].
    NoticeColumn {
        Notice = "notification_id": Content::Other,
        Sent = "sent_date": Content::Day,
        Type = "type": Content::Codes(NoticeType::CODES),
        Reason = "reason": Content::Codes(NeedReason::CODES),
        Urgency = "urgency": Content::Codes(Urgency::CODES),
        Recipient = "recipient_code": Content::Organiser,
        RecipientKind = "recipient_kind": Content::Codes(RecipientKind::CODES),
        TransferredFrom = "transferred_from": Content::Organiser,
        Transferred = "transferred_date": Content::Day,
        Phone = "phone": Content::Other,
        FreeText = "free_text": Content::Other,
    }
}

columns! {
    /// A column of [`SourceTable::Events`].
    EventColumn {
        Phone = "phone": Content::Other,
        Organiser = "organiser_code": Content::Organiser,
        Type = "event_type": Content::Codes(EventType::CODES),
        Date = "event_date": Content::Day,
        Initiator = "initiator": Content::Codes(Initiator::CODES),
        Notice = "linked_notification": Content::Other,
        Task = "service_task": Content::Codes(ServiceTask::CODES),
        Service = "service": Content::Codes(Service::CODES),
        ContactMode = "contact_mode": Content::Codes(ContactMode::CODES),
        Decision = "decision": Content::Codes(MunicipalDecision::CODES),
        Euros = "eur": Content::Other,
        EndReason = "end_reason": Content::Codes(EndReason::CODES),
        Note = "note": Content::Other,
    }
}

columns! {
    /// A column of [`SourceTable::Assessments`].
    AssessmentColumn {
        Organiser = "organiser_code": Content::Organiser,
        Plan = "plan_id": Content::Other,
        Occasion = "assessment": Content::Codes(Occasion::CODES),
        Date = "assessment_date": Content::Day,
        Goal = "goal_category": Content::Codes(Goal::CODES),
        Aim = "aim": Content::Codes(Aim::CODES),
        Outcome = "outcome": Content::Codes(Outcome::CODES),
        Factor = "factor": Content::Codes(Factor::CODES),
        FactorEffect = "factor_effect": Content::Codes(FactorEffect::CODES),
        Method = "method": Content::Codes(Method::CODES),
        Service = "service": Content::Codes(Service::CODES),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_has_more_columns_than_the_largest() {
        assert!(SourceTable::ALL.iter().all(|table| table.columns().len() <= MAX_COLUMNS));
    }

    #[test]
    fn a_column_is_found_at_the_position_of_its_variant() {
        assert_eq!(SourceTable::Events.column("event_date"), Some(EventColumn::Date.into()));
        assert_eq!(SourceTable::Events.column("sent_date"), None);
        assert_eq!(SourceTable::named("municipal_avain"), Some(SourceTable::Assessments));
    }
}
