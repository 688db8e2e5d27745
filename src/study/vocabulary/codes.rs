//! Code lists of the source tables, spelled as in the contract.

/// A code list of the contract, or the part of it that the study uses. Each code is a variant.
pub(crate) trait CodeList: Copy + 'static {
    /// All variants.
    const ALL: &'static [Self];
    /// Codes as the contract spells them, in the order of the variants.
    const CODES: &'static [&'static str];

    /// Returns the position of this code in [`CodeList::CODES`].
    fn position(self) -> u8;
}

/// Defines a code list as an enum: variant, code in the contract.
macro_rules! codes {
    ($(#[$doc:meta])* $list:ident { $($code:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $list {
            $(#[doc = concat!("`", $text, "`.")] $code,)+
        }

        impl CodeList for $list {
            const ALL: &'static [Self] = &[$(Self::$code),+];
            const CODES: &'static [&'static str] = &[$($text),+];

            fn position(self) -> u8 {
                self as u8
            }
        }
    };
}

codes! {
    /// Role of a person in the household of an application for assistance.
    HouseholdRole {
        Applicant = "hakija",
        Spouse = "puoliso",
        Child = "lapsi",
    }
}

codes! {
    /// Decision on an application for assistance.
    Decision {
        Granted = "myönnetty",
        Refused = "hylätty",
        Reviewed = "tarkistus",
    }
}

codes! {
    /// Reason of a refused application for assistance.
    RefusalReason {
        IncomeExceeds = "income_exceeds",
        MissingDocuments = "missing_docs",
        Other = "other",
    }
}

codes! {
    /// Class of the expense that assistance is paid for.
    ExpenseClass {
        BasicAmount = "perusosa",
        Housing = "asuminen",
        Health = "terveys",
        Other = "muu",
    }
}

codes! {
    /// Reduction of the basic amount, in percent.
    Reduction {
        None = "0",
        By20 = "20",
        By40 = "40",
    }
}

codes! {
    /// Type of a household.
    HouseholdType {
        LivesAlone = "yksin_asuva",
        OtherSingle = "muu_yhden_hengen",
        Couple = "lapseton_pari",
        Family = "lapsiperhe",
    }
}

codes! {
    /// Main activity of an adult.
    Activity {
        Employed = "employed",
        Unemployed = "unemployed",
        Student = "student",
        Pensioner = "pensioner",
        Other = "other",
    }
}

codes! {
    /// Type of a notice.
    NoticeType {
        Application = "HAKEMUS",
        ReducedBasicAmount = "ALENNETTU_PERUSOSA",
        SocialWorkNeeded = "SOSIAALITYON_TARVE",
        UnemployedUnder25 = "TYOTON_ALLE25_4KK",
        UnemployedFrom25 = "TYOTON_25_12KK",
        Immigrant = "MAAHANMUUTTAJA_2KK",
    }
}

codes! {
    /// Reason why social work is needed.
    NeedReason {
        LifeManagement = "elämänhallinta",
        Livelihood = "toimeentulo",
        Housing = "asuminen",
        Health = "terveys",
        Other = "muu",
    }
}

codes! {
    /// Urgency of a notice.
    Urgency {
        Urgent = "kiireellinen",
        NotUrgent = "ei",
    }
}

codes! {
    /// Kind of the organisation that receives a notice.
    RecipientKind {
        Municipality = "kunta",
        County = "hyvinvointialue",
    }
}

codes! {
    /// Type of an event of social work.
    EventType {
        RelationBegins = "ASIAKKUUS_ALKU",
        RelationEnds = "ASIAKKUUS_LOPPU",
        MatterOpened = "VIREILLETULO",
        Contact = "YHTEYDENOTTO",
        AssessmentBegins = "PT_ARVIO_ALKU",
        AssessmentDone = "PT_ARVIO_VALMIS",
        ClientPlan = "SUUNNITELMA",
        Decision = "PAATOS",
        SupplementaryAssistance = "TAYD_TUKI",
        PreventiveAssistance = "EHK_TUKI",
    }
}

codes! {
    /// Initiator of an event of social work.
    Initiator {
        Client = "asiakas",
        Kela = "Kela",
        Authority = "viranomainen",
        PersonClose = "läheinen",
        Other = "muu",
    }
}

codes! {
    /// Service task, the part of the contract's list that adult social work uses.
    ServiceTask {
        WorkingAge = "työikäisten palvelut",
        Families = "lapsiperheiden palvelut",
        OlderPeople = "iäkkäiden palvelut",
        SubstanceAbuse = "päihdehuolto",
    }
}

codes! {
    /// Social service.
    Service {
        SocialWork = "sosiaalityö",
        SocialGuidance = "sosiaaliohjaus",
        SocialRehabilitation = "sosiaalinen kuntoutus",
        RehabilitativeWork = "kuntouttava työtoiminta",
        Housing = "asumispalvelu",
        DebtCounselling = "velkaneuvonta",
        Other = "muu",
    }
}

codes! {
    /// Mode of a contact with the client.
    ContactMode {
        Meeting = "tapaaminen",
        Telephone = "puhelin",
        HomeVisit = "kotikäynti",
        Online = "etä",
    }
}

codes! {
    /// Decision of an organiser of social services.
    MunicipalDecision {
        Granted = "myönnetty",
        Refused = "hylätty",
    }
}

codes! {
    /// Reason why a client relation ended.
    EndReason {
        GoalReached = "tavoite saavutettu",
        Moved = "muutto",
        Died = "kuolema",
        NotReached = "ei tavoiteta",
        Other = "muu",
    }
}

codes! {
    /// Occasion of an assessment by the AVAIN indicator.
    Occasion {
        Beginning = "ALKU",
        FollowUp = "SEURANTA",
        End = "LOPPU",
    }
}

codes! {
    /// Category of a goal.
    Goal {
        Livelihood = "toimeentulo",
        Housing = "asuminen",
        Work = "työ",
        Education = "koulutus",
        Health = "terveys",
        MentalHealth = "mielenterveys",
        SubstanceUse = "päihteet",
        EverydayLife = "arjen hallinta",
        Relationships = "suhteet",
        Other = "muu",
    }
}

codes! {
    /// Direction of a goal.
    Aim {
        Improve = "PARANTAA",
        Maintain = "ENNALLAAN",
        NotAGoal = "EI_TAVOITE",
    }
}

codes! {
    /// Outcome of a goal.
    Outcome {
        Improved = "parani",
        Unchanged = "ennallaan",
        Worsened = "heikkeni",
        NotAssessed = "ei_arvioitu",
    }
}

codes! {
    /// Situational factor of a goal.
    Factor {
        Housing = "asuntotilanne",
        Language = "kielitaito",
        Network = "läheisverkosto",
        Family = "perhetilanne",
        Health = "terveydentila",
        Work = "työtilanne",
        Debts = "velat",
        Other = "muu",
    }
}

codes! {
    /// Effect of a situational factor.
    FactorEffect {
        Helped = "tuki",
        Hindered = "haittasi",
    }
}

codes! {
    /// Method of social work towards a goal.
    Method {
        Discussion = "keskustelu",
        HomeVisit = "kotikäynti",
        ServiceGuidance = "palveluohjaus",
        GroupActivity = "ryhmätoiminta",
        FinancialSupport = "taloudellinen tuki",
        NetworkMeetings = "verkostotyö",
        Other = "muu",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_at_the_position_of_its_variant() {
        assert_eq!(EventType::CODES[usize::from(EventType::Decision.position())], "PAATOS");
        assert!((0..).zip(Goal::ALL).all(|(position, goal)| goal.position() == position));
    }
}
