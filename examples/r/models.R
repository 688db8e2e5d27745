# Two models of the study, from a linked dataset, and a released table beside them.
#
#   Rscript models.R LINKED [RELEASED]
#
# 1. Leaving assistance, month by month (person_month): a discrete-time hazard with a complementary log-log link. Whoever
#    has had a notice is exposed from the month after it on. The exponent of the coefficient is a hazard ratio.
# 2. The jump at 25 years (landmark): a local linear regression of the fourth month on age, on each side of 25.
#
# Both are descriptive until you argue otherwise. Estimates of models are results, too: let them pass the study's
# disclosure control before they leave. Needs the package nanoparquet. Standard errors do not allow for several months of
# one person; use sandwich::vcovCL for that.

longest <- 24
arguments <- commandArgs(trailingOnly = TRUE)
linked <- arguments[1]

months <- nanoparquet::read_parquet(file.path(linked, "person_month.parquet"))
at_risk <- months[!is.na(months$spell_month) & !is.na(months$exits) & months$basic_paid &
  months$role %in% c("hakija", "puoliso"), ]
at_risk$exposed <- !is.na(at_risk$months_since_flag) & at_risk$months_since_flag >= 1
at_risk$month <- factor(pmin(at_risk$spell_month, longest))
hazard <- glm(exits ~ exposed + month, family = binomial(link = "cloglog"), data = at_risk)
row <- summary(hazard)$coefficients["exposedTRUE", ]
cat(sprintf("hazard ratio of leaving after a notice: %.2f (standard error of its logarithm %.2f, %d months)\n",
  exp(row[1]), row[2], nrow(at_risk)))

landmarks <- nanoparquet::read_parquet(file.path(linked, "landmark.parquet"))
followed <- landmarks[landmarks$applicant & !landmarks$flagged_earlier & landmarks$rule_in_force %in% TRUE &
  !is.na(landmarks$age_months_minus_300), ]
# In the middle of a month of age.
followed$age <- followed$age_months_minus_300 + 0.5
for (outcome in c("flagged_by_rule", "paid_m4", "primary_m4")) {
  followed$outcome <- as.numeric(followed[[outcome]])
  fit <- lm(outcome ~ under_25 * age, data = followed)
  row <- summary(fit)$coefficients["under_25TRUE", ]
  cat(sprintf("%s: under 25 against over, at 25: %+.3f (standard error %.3f)\n", outcome, row[1], row[2]))
}

if (length(arguments) > 1) print(read.csv2(file.path(arguments[2], "landmark_flow.csv")))
