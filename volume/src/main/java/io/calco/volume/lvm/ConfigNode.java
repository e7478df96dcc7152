package io.calco.volume.lvm;

import java.util.List;

/// What a name in LVM2's text stands for.
sealed interface ConfigNode permits Section, ConfigNode.Value {

  /// A value.
  sealed interface Value extends ConfigNode permits Text, Digits, Values {}

  /// A string, unescaped.
  record Text(String text) implements Value {}

  /// A number as it is written: an integer, or a float, which is kept as it is.
  record Digits(String digits) implements Value {
    static Digits of(long value) {
      return new Digits(Long.toString(value));
    }
  }

  /// A list of strings and numbers.
  record Values(List<Value> values) implements Value {
    public Values {
      values = List.copyOf(values);
    }
  }
}
