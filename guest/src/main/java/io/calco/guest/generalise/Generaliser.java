package io.calco.guest.generalise;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import io.calco.guest.PrintableText;
import io.calco.guest.generalise.PlannedOperation.Outcome;
import io.calco.guest.inspect.WindowsFacts;
import io.calco.guest.inspect.WindowsInspection;
import io.calco.guest.operation.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Plans what turns a machine's files into a template's. Reads only.
public final class Generaliser {
  private Generaliser() {}

  /// What the chosen operations will do to the guest.
  ///
  /// @throws UnsupportedFeatureException when one was asked for by name that cannot be done
  public static GeneralisationPlan plan(GuestTree tree, GeneraliseOptions options)
      throws IOException {
    if (options.settings().hostname().isPresent() && !options.selection().contains("customize")) {
      throw new IllegalArgumentException("a host name needs the operation 'customize'");
    }
    if (tree.isWindows()) {
      return windows(tree, options);
    }
    Draft draft = new Draft(tree, options.keep(), options.now());
    List<PlannedOperation> planned = new ArrayList<>();
    for (Operation operation : options.selection().operations()) {
      planned.add(plan(operation, draft, options));
    }
    return new GeneralisationPlan(planned, draft.kept());
  }

  /// Only Windows' own sysprep generalises a Windows; what it did is left as it is.
  private static GeneralisationPlan windows(GuestTree tree, GeneraliseOptions options)
      throws IOException {
    WindowsFacts.SysprepState state = WindowsInspection.sysprepState(tree);
    String found =
        "this Windows is not generalised (its state is %s)"
            .formatted(state.imageState().map(PrintableText::of).orElse("not known"));
    if (!state.generalised() && options.sysprep() == GeneraliseOptions.Sysprep.REQUIRED) {
      throw new UnsupportedFeatureException(
          found + ": in it, run sysprep /generalize /oobe /shutdown first");
    }
    List<PlannedOperation> planned = new ArrayList<>();
    if (!state.generalised()) {
      Optional<String> sid = WindowsInspection.of(tree, new ArrayList<>()).machineSid();
      String shared = sid.map(s -> "one SID, " + s + ",").orElse("one SID");
      planned.add(
          new PlannedOperation(
              "sysprep",
              Outcome.NOT_DONE,
              List.of(),
              List.of(found + ": its clones share " + shared + " and one computer name")));
    }
    for (Operation operation : options.selection().operations()) {
      planned.add(
          new PlannedOperation(operation.name(), Outcome.NOT_APPLICABLE, List.of(), List.of()));
    }
    return new GeneralisationPlan(planned, List.of());
  }

  private static PlannedOperation plan(Operation operation, Draft draft, GeneraliseOptions options)
      throws IOException {
    String name = operation.name();
    if (operation.obstacle().isPresent() && options.selection().named().contains(name)) {
      throw new UnsupportedFeatureException(name + ": " + operation.obstacle().get());
    }
    if (!operation.applies(draft.tree())) {
      return new PlannedOperation(name, Outcome.NOT_APPLICABLE, List.of(), List.of());
    }
    if (operation.obstacle().isPresent()) {
      return new PlannedOperation(
          name, Outcome.NOT_DONE, List.of(), List.of(operation.obstacle().get()));
    }
    operation.plan(draft, options.settings());
    Draft.Section section = draft.takeSection();
    Outcome outcome = section.changes().isEmpty() ? Outcome.NOTHING_TO_DO : Outcome.CHANGES;
    return new PlannedOperation(name, outcome, section.changes(), section.notes());
  }
}
