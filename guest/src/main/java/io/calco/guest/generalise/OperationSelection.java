package io.calco.guest.generalise;

import io.calco.guest.operation.Operation;
import io.calco.guest.operation.Operations;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Which operations run.
///
/// @param operations in the order of [Operations#all]
/// @param named those that were asked for by their own names: they are refused rather than left out
public record OperationSelection(List<Operation> operations, Set<String> named) {
  /// All that are on by default.
  public static final OperationSelection DEFAULT = parse("default");

  /// Copies both.
  public OperationSelection {
    operations = List.copyOf(operations);
    named = Set.copyOf(named);
  }

  /// Reads a list as virt-sysprep's `--operations` has it: names, `default` (or `defaults`) and
  /// `all`, with commas between; `-` before one takes it away, `+` before one is the same as
  /// nothing. A list that begins with `+` or `-` begins with the defaults.
  ///
  /// @throws IllegalArgumentException naming what is no operation
  public static OperationSelection parse(String list) {
    Set<String> chosen = new HashSet<>();
    Set<String> named = new HashSet<>();
    String first = list.strip();
    if (first.startsWith("+") || first.startsWith("-")) {
      chosen.addAll(namesOf("default"));
    }
    for (String item : list.split(",")) {
      String word = item.strip();
      boolean taken = word.startsWith("-");
      String name = taken || word.startsWith("+") ? word.substring(1) : word;
      Set<String> names = namesOf(name);
      if (taken) {
        chosen.removeAll(names);
        named.removeAll(names);
      } else {
        chosen.addAll(names);
        if (Operations.find(name).isPresent()) {
          named.add(name);
        }
      }
    }
    return new OperationSelection(
        Operations.all().stream().filter(o -> chosen.contains(o.name())).toList(), named);
  }

  private static Set<String> namesOf(String name) {
    return switch (name) {
      case "all" -> names(Operations.all());
      case "default", "defaults" ->
          names(Operations.all().stream().filter(Operation::onByDefault).toList());
      default ->
          Set.of(
              Operations.find(name)
                  .orElseThrow(
                      () -> new IllegalArgumentException("no operation is called '" + name + "'"))
                  .name());
    };
  }

  private static Set<String> names(List<Operation> operations) {
    return operations.stream()
        .map(Operation::name)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// True when the operation with this name runs.
  public boolean contains(String name) {
    return operations.stream().anyMatch(operation -> operation.name().equals(name));
  }
}
