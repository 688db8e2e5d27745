# Reads a linked dataset: prints its tables, and the share of notices answered within 30 days, by county.
#
#   Rscript read.R LINKED
#
# Needs the packages nanoparquet and jsonlite. Counts are rounded to base 5 and small ones are suppressed, so others may
# see the screen. Tables that leave the secure environment come from `salanimi release`.

fewest <- 5
linked <- commandArgs(trailingOnly = TRUE)[1]

package <- jsonlite::read_json(file.path(linked, "datapackage.json"))
for (resource in package$resources) cat(sprintf("%-24s %s\n", resource$name, resource$title))

notices <- nanoparquet::read_parquet(file.path(linked, "notification.parquet"))
followed <- notices[!is.na(notices$reached_30d), ]
cat("\ncounty  notices  reached within 30 days\n")
few <- function(rows) length(unique(rows$person)) < fewest
rounded <- function(rows) round(nrow(rows) / fewest) * fewest
for (county in sort(unique(as.character(followed$recipient_county)))) {
  of_county <- followed[followed$recipient_county == county, ]
  reached <- of_county[of_county$reached_30d, ]
  if (few(reached) || few(of_county[!of_county$reached_30d, ])) next
  # The share of rounded counts discloses no more than the counts.
  share <- 100 * rounded(reached) / rounded(of_county)
  cat(sprintf("%-6s  %7.0f  %.0f%%\n", county, rounded(of_county), share))
}
