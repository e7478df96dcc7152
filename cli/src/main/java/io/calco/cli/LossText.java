package io.calco.cli;

import io.calco.store.StoreReport;
import java.io.PrintStream;
import java.util.List;
import java.util.function.UnaryOperator;

/// What verification found, as text and as JSON: the same for stores and repositories.
final class LossText {
  private static final int SHOWN = 10;

  private LossText() {}

  static List<Json.Fields> damages(List<StoreReport.Damage> damages) {
    return damages.stream()
        .map(damage -> Json.object().put("object", damage.object()).put("what", damage.what()))
        .toList();
  }

  static List<Json.Fields> losses(List<StoreReport.Loss> losses) {
    return losses.stream()
        .map(loss ->
            Json.object()
                .put("part", loss.part())
                .put("offset", loss.offset())
                .put("length", loss.length())
                .put("what", loss.what()))
        .toList();
  }

  static void printDamages(PrintStream out, List<StoreReport.Damage> damages) {
    damages.forEach(damage -> out.println(Text.safe(damage.object() + ": " + damage.what())));
  }

  /// Prints the first of them.
  ///
  /// @param partName what a user calls a part
  static void printLosses(
      PrintStream out, List<StoreReport.Loss> losses, UnaryOperator<String> partName) {
    for (StoreReport.Loss loss : losses.subList(0, Math.min(SHOWN, losses.size()))) {
      out.printf(
          "  %s at 0x%x, %s: %s%n",
          Text.safe(partName.apply(loss.part())),
          loss.offset(),
          Text.size(loss.length()),
          Text.safe(loss.what()));
    }
    if (losses.size() > SHOWN) {
      out.printf("  and %d more%n", losses.size() - SHOWN);
    }
  }
}
