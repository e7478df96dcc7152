package io.calco.backup;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How much of a disk a point keeps.
public enum Coverage {
  /// What its file systems use, but for page files and what a machine keeps while it sleeps; all
  /// that is no file system's.
  @JsonProperty("used-without-page-files")
  WITHOUT_PAGE_FILES,
  /// What its file systems use, and all that is no file system's.
  @JsonProperty("used")
  USED,
  /// The same with the contents of swap areas.
  @JsonProperty("used-and-swap")
  USED_AND_SWAP,
  /// Every sector.
  @JsonProperty("every-sector")
  EVERY_SECTOR
}
