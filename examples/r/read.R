# Reads a linked dataset: what its tables are, and how many notices were answered within 30 days, by county.
#
#   Rscript read.R LINKED
#
# Needs the packages nanoparquet and jsonlite. Counts are rounded to 5 and small ones left out, as they may be shown on a screen
# that others see; what leaves the secure environment is made by `salanimi release`.

fewest <- 5
linked <- commandArgs(trailingOnly = TRUE)[1]

package <- jsonlite::read_json(file.path(linked, "datapackage.json"))
for (resource in package$resources) cat(sprintf("%-24s %s\n", resource$name, resource$title))

notices <- nanoparquet::read_parquet(file.path(linked, "notification.parquet"))
followed <- notices[!is.na(notices$reached_30d), ]
cat("\ncounty  notices  reached within 30 days\n")
for (county in sort(unique(as.character(followed$recipient_county)))) {
  of_county <- followed[followed$recipient_county == county, ]
  if (length(unique(of_county$person)) < fewest) next
  count <- round(nrow(of_county) / fewest) * fewest
  cat(sprintf("%-6s  %7d  %.0f%%\n", county, count, 100 * mean(of_county$reached_30d)))
}
