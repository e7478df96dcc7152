package io.calco.nbd;

/// How requests and answers are laid out once an export is chosen.
enum Framing {
  /// Short requests; answers without a length of their own.
  SIMPLE,
  /// Short requests; answers in chunks: `NBD_OPT_STRUCTURED_REPLY`.
  STRUCTURED,
  /// Requests and chunks with lengths of 64 bits: `NBD_OPT_EXTENDED_HEADERS`.
  EXTENDED
}
