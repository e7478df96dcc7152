package io.calco.backup;

import com.fasterxml.jackson.annotation.JsonValue;

/// How much of a disk a point keeps.
public enum Coverage {
  /// What its file systems use, but for page files and what a machine keeps while it sleeps; all
  /// that is no file system's.
  WITHOUT_PAGE_FILES("used-without-page-files"),
  /// What its file systems use, and all that is no file system's.
  USED("used"),
  /// The same with the contents of swap areas.
  USED_AND_SWAP("used-and-swap"),
  /// Every sector.
  EVERY_SECTOR("every-sector");

  private final String text;

  Coverage(String text) {
    this.text = text;
  }

  /// The word for it in a point's text, and a plan's.
  @JsonValue
  public String text() {
    return text;
  }
}
