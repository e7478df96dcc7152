package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.Calco;
import io.calco.engine.store.HomeStore;
import io.calco.engine.store.StoreStatus;
import io.calco.store.StoreCensus;
import java.io.IOException;

/// `calco store status`.
final class StoreStatusCommand extends StoreCommand.OnStore {
  private final Flag images =
      words.flag("--images", "Also tell what each image costs: what is free once it is deleted.");

  StoreStatusCommand() {
    super("status", "What the store holds, what it takes, and what is saved.");
    words.examples("calco store status", "calco store status --images --output json");
  }

  @Override
  int run(Calco calco, HomeStore store) throws IOException {
    StoreStatus status;
    try (Progress progress = progress()) {
      status = store.status(calco, progress);
    }
    if (json()) {
      Json.print(out(), json(status));
    } else {
      print(status);
    }
    return ExitCode.DONE;
  }

  private Json.Fields json(StoreStatus status) {
    StoreCensus census = status.census();
    Json.Fields all =
        Json.object()
            .put("directory", status.place())
            .put("encrypted", census.encrypted())
            .put("images", status.contents().size())
            .put("size", census.size())
            .put("stored-size", census.packBytes() + census.otherBytes())
            .put("zero-bytes", status.zeroBytes())
            .put("deduplicated-bytes", status.deduplicatedBytes())
            .put("compressed-bytes", status.compressedBytes())
            .put("packs", census.packs())
            .put("pack-bytes", census.packBytes())
            .put("other-bytes", census.otherBytes())
            .put("pieces", census.pieces())
            .put("garbage-bytes", census.garbageBytes())
            .put("missing-pieces", census.missing())
            .put("uploads", census.uploads());
    if (images.given()) {
      all.put("contents", status.contents().stream().map(StoreStatusCommand::json).toList());
    }
    return all;
  }

  private static Json.Fields json(StoreStatus.Content content) {
    return Json.object()
        .put("root", content.holder().root())
        .put("image", content.holder().imageId())
        .put("name", content.holder().name())
        .put("size", content.cost().size())
        .put("data-size", content.cost().dataBytes())
        .put("own-size", content.cost().ownBytes());
  }

  private void print(StoreStatus status) {
    StoreCensus census = status.census();
    long stored = census.packBytes() + census.otherBytes();
    Table table = new Table("store", status.place() + (census.encrypted() ? ", encrypted" : ""));
    table.add("images", "%d, %s".formatted(status.contents().size(), Text.size(census.size())));
    table.add(
        "stored",
        Text.size(stored)
            + (census.size() > 0 ? ", %d %%".formatted(100 * stored / census.size()) : ""));
    table.add(
        "saved",
        "%s of zeroes, %s by deduplication, %s by compression"
            .formatted(
                Text.size(status.zeroBytes()),
                Text.size(status.deduplicatedBytes()),
                Text.size(status.compressedBytes())));
    table.add(
        "packs",
        "%d, %s; %s of them garbage"
            .formatted(
                census.packs(), Text.size(census.packBytes()), Text.size(census.garbageBytes())));
    if (census.uploads() > 0) {
      table.add("uploads", census.uploads() + " running");
    }
    if (census.missing() > 0) {
      table.add("DAMAGED", Text.count(census.missing(), "piece") + " missing: calco store verify");
    }
    table.print(out());
    if (images.given() && !status.contents().isEmpty()) {
      out().println();
      Table costs = new Table("SIZE", "DATA", "ITS OWN", "IMAGE");
      for (StoreStatus.Content content : status.contents()) {
        costs.add(
            Text.size(content.cost().size()),
            Text.size(content.cost().dataBytes()),
            Text.size(content.cost().ownBytes()),
            content.holder().text());
      }
      costs.print(out());
    }
  }
}
