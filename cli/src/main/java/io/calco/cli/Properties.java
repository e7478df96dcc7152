package io.calco.cli;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Properties as they stand on a command line: `key=value`.
final class Properties {
  private Properties() {}

  /// @throws OperationException USAGE when one has no `=`
  static Map<String, String> parse(List<String> words) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw new OperationException(Kind.USAGE, "a property is KEY=VALUE, not " + word);
      }
      all.put(word.substring(0, equals), word.substring(equals + 1));
    }
    return all;
  }
}
