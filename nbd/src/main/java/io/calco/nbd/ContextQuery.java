package io.calco.nbd;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The data of `NBD_OPT_LIST_META_CONTEXT` and `NBD_OPT_SET_META_CONTEXT`.
///
/// @param export its name
/// @param queries names of contexts, or beginnings of them
record ContextQuery(String export, List<String> queries) {
  ContextQuery {
    queries = List.copyOf(queries);
  }

  /// Empty when the data is not that.
  static Optional<ContextQuery> parse(byte[] data) {
    ByteBuffer option = ByteBuffer.wrap(data);
    Optional<String> export = string(option);
    if (export.isEmpty() || option.remaining() < Integer.BYTES) {
      return Optional.empty();
    }
    int count = option.getInt();
    if (count < 0 || count > option.remaining() / Integer.BYTES) {
      return Optional.empty();
    }
    List<String> queries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Optional<String> query = string(option);
      if (query.isEmpty()) {
        return Optional.empty();
      }
      queries.add(query.get());
    }
    return option.hasRemaining()
        ? Optional.empty()
        : Optional.of(new ContextQuery(export.get(), queries));
  }

  private static Optional<String> string(ByteBuffer option) {
    if (option.remaining() < Integer.BYTES) {
      return Optional.empty();
    }
    int length = option.getInt();
    if (length < 0 || length > Math.min(option.remaining(), Nbd.STRING_MAX_BYTES)) {
      return Optional.empty();
    }
    byte[] bytes = new byte[length];
    option.get(bytes);
    return Optional.of(new String(bytes, StandardCharsets.UTF_8));
  }

  /// The contexts that are named.
  List<MetaContext> chosen(NbdExport from) {
    return MetaContext.of(from).stream()
        .filter(context -> queries.contains(context.name()))
        .toList();
  }

  /// Those that match a query; all where there is none.
  List<MetaContext> listed(NbdExport from) {
    return MetaContext.of(from).stream()
        .filter(context -> queries.isEmpty() || queries.stream().anyMatch(context::listedBy))
        .toList();
  }
}
