//! The four tables of the study: their columns and the codes that synthetic rows hold.

/// A table of the study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Assistance,
    Notices,
    SocialWork,
    Avain,
}

/// What a column holds, as far as a layout must know. The person column is none of them: every row has a person.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Code(&'static [&'static str]),
    Municipality,
    Organiser,
    Day,
    Month,
    Other,
}

/// Columns by position: name and kind.
pub(super) type Columns = &'static [(&'static str, Kind)];

impl Table {
    /// In the order of the truth file's columns.
    pub(super) const ALL: [Self; 4] = [Self::Assistance, Self::Notices, Self::SocialWork, Self::Avain];

    /// The contract's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Assistance => "kela_social_assistance",
            Self::Notices => "kela_notifications",
            Self::SocialWork => "municipal_social_work",
            Self::Avain => "municipal_avain",
        }
    }

    pub(super) fn columns(self) -> Columns {
        match self {
            Self::Assistance => Assistance::COLUMNS,
            Self::Notices => Notices::COLUMNS,
            Self::SocialWork => SocialWork::COLUMNS,
            Self::Avain => Avain::COLUMNS,
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    pub(super) fn column(self, name: &str) -> Option<usize> {
        self.columns().iter().position(|column| column.0 == name)
    }
}

macro_rules! columns {
    ($(#[$doc:meta])* $table:ident { $($column:ident $name:literal $kind:expr,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(super) enum $table { $($column),+ }

        impl $table {
            const COLUMNS: Columns = &[$(($name, $kind)),+];
        }

        impl From<$table> for usize {
            fn from(column: $table) -> usize {
                column as usize
            }
        }
    };
}

/// The most columns that a table has.
pub(super) const MOST_COLUMNS: usize = 16;

columns! {
    /// Social assistance: household member × benefit month.
    Assistance {
        Role "role" Kind::Code(ROLES),
        Household "household_id" Kind::Other,
        Month "benefit_month" Kind::Month,
        Applied "application_date" Kind::Day,
        Decided "decision_date" Kind::Day,
        Decision "decision" Kind::Code(DECISIONS),
        Reason "reject_reason" Kind::Code(REFUSALS),
        Paid "paid_eur" Kind::Other,
        Expense "expense_class" Kind::Code(EXPENSES),
        Reduction "reduction_pct" Kind::Code(REDUCTIONS),
        Type "household_type" Kind::Code(HOUSEHOLDS),
        Children "n_children" Kind::Other,
        Activity "main_activity" Kind::Code(ACTIVITIES),
        Primary "sa_primary_income" Kind::Other,
        Municipality "municipality" Kind::Municipality,
    }
}

columns! {
    /// Notices of the need for social services.
    Notices {
        Notice "notification_id" Kind::Other,
        Sent "sent_date" Kind::Day,
        Type "type" Kind::Code(NOTICES),
        Reason "reason" Kind::Code(NEEDS),
        Urgency "urgency" Kind::Code(URGENCIES),
        Recipient "recipient_code" Kind::Organiser,
        RecipientKind "recipient_kind" Kind::Code(RECIPIENTS),
        TransferredFrom "transferred_from" Kind::Organiser,
        Transferred "transferred_date" Kind::Day,
        Phone "phone" Kind::Other,
        FreeText "free_text" Kind::Other,
    }
}

columns! {
    /// The client information system, as events.
    SocialWork {
        FirstNames "first_names" Kind::Other,
        LastName "last_name" Kind::Other,
        Address "address" Kind::Other,
        Phone "phone" Kind::Other,
        Organiser "organiser_code" Kind::Organiser,
        Event "event_type" Kind::Code(EVENTS),
        Date "event_date" Kind::Day,
        Initiator "initiator" Kind::Code(INITIATORS),
        Notice "linked_notification" Kind::Other,
        Task "service_task" Kind::Code(TASKS),
        Service "service" Kind::Code(SERVICES),
        Mode "contact_mode" Kind::Code(MODES),
        Decision "decision" Kind::Code(MUNICIPAL_DECISIONS),
        Euros "eur" Kind::Other,
        EndReason "end_reason" Kind::Code(END_REASONS),
        Note "note" Kind::Other,
    }
}

columns! {
    /// The AVAIN indicator: goal × assessment.
    Avain {
        Organiser "organiser_code" Kind::Organiser,
        Plan "plan_id" Kind::Other,
        Assessment "assessment" Kind::Code(ASSESSMENTS),
        Date "assessment_date" Kind::Day,
        Goal "goal_category" Kind::Code(GOALS),
        Aim "aim" Kind::Code(AIMS),
        Outcome "outcome" Kind::Code(OUTCOMES),
        Factor "factor" Kind::Code(FACTORS),
        Effect "factor_effect" Kind::Code(EFFECTS),
        Method "method" Kind::Code(METHODS),
        Service "service" Kind::Code(SERVICES),
    }
}

pub(super) const ROLES: &[&str] = &["hakija", "puoliso", "lapsi"];
pub(super) const DECISIONS: &[&str] = &["myönnetty", "hylätty", "tarkistus"];
pub(super) const REFUSALS: &[&str] = &["income_exceeds", "missing_docs", "other"];
pub(super) const EXPENSES: &[&str] = &["perusosa", "asuminen", "terveys", "muu"];
pub(super) const REDUCTIONS: &[&str] = &["0", "20", "40"];
pub(super) const HOUSEHOLDS: &[&str] = &["yksin_asuva", "muu_yhden_hengen", "lapseton_pari", "lapsiperhe"];
pub(super) const ACTIVITIES: &[&str] = &["employed", "unemployed", "student", "pensioner", "other"];
pub(super) const NOTICES: &[&str] = &[
    "HAKEMUS",
    "ALENNETTU_PERUSOSA",
    "SOSIAALITYON_TARVE",
    "TYOTON_ALLE25_4KK",
    "TYOTON_25_12KK",
    "MAAHANMUUTTAJA_2KK",
];
pub(super) const NEEDS: &[&str] = &["elämänhallinta", "toimeentulo", "asuminen", "terveys", "muu"];
pub(super) const URGENCIES: &[&str] = &["kiireellinen", "ei"];
pub(super) const RECIPIENTS: &[&str] = &["kunta", "hyvinvointialue"];
pub(super) const EVENTS: &[&str] = &[
    "ASIAKKUUS_ALKU",
    "ASIAKKUUS_LOPPU",
    "VIREILLETULO",
    "YHTEYDENOTTO",
    "PT_ARVIO_ALKU",
    "PT_ARVIO_VALMIS",
    "SUUNNITELMA",
    "PAATOS",
    "TAYD_TUKI",
    "EHK_TUKI",
];
pub(super) const INITIATORS: &[&str] = &["asiakas", "Kela", "viranomainen", "läheinen", "muu"];
pub(super) const TASKS: &[&str] =
    &["työikäisten palvelut", "lapsiperheiden palvelut", "iäkkäiden palvelut", "päihdehuolto"];
pub(super) const SERVICES: &[&str] = &[
    "sosiaalityö",
    "sosiaaliohjaus",
    "sosiaalinen kuntoutus",
    "kuntouttava työtoiminta",
    "asumispalvelu",
    "velkaneuvonta",
    "muu",
];
pub(super) const MODES: &[&str] = &["tapaaminen", "puhelin", "kotikäynti", "etä"];
pub(super) const MUNICIPAL_DECISIONS: &[&str] = &["myönnetty", "hylätty"];
pub(super) const END_REASONS: &[&str] = &["tavoite saavutettu", "muutto", "kuolema", "ei tavoiteta", "muu"];
pub(super) const ASSESSMENTS: &[&str] = &["ALKU", "SEURANTA", "LOPPU"];
pub(super) const GOALS: &[&str] = &[
    "toimeentulo",
    "asuminen",
    "työ",
    "koulutus",
    "terveys",
    "mielenterveys",
    "päihteet",
    "arjen hallinta",
    "suhteet",
    "muu",
];
pub(super) const AIMS: &[&str] = &["PARANTAA", "ENNALLAAN", "EI_TAVOITE"];
pub(super) const OUTCOMES: &[&str] = &["parani", "ennallaan", "heikkeni", "ei_arvioitu"];
pub(super) const FACTORS: &[&str] =
    &["asuntotilanne", "kielitaito", "läheisverkosto", "perhetilanne", "terveydentila", "työtilanne", "velat", "muu"];
pub(super) const EFFECTS: &[&str] = &["tuki", "haittasi"];
pub(super) const METHODS: &[&str] =
    &["keskustelu", "kotikäynti", "palveluohjaus", "ryhmätoiminta", "taloudellinen tuki", "verkostotyö", "muu"];
