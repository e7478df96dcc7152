package io.calco.cli;

import io.calco.engine.store.StoreKeys;
import io.calco.store.KeySlot;
import java.io.IOException;
import java.util.List;

/// What commands about keys answer: those of stores and of repositories.
final class KeyText {
  private KeyText() {}

  private static Json.Fields json(KeySlot key) {
    return Json.object()
        .put("id", key.id())
        .put("label", key.label())
        .put("created-at", key.created());
  }

  /// Lists them; the exit code.
  static int list(CommandBase command, StoreKeys keys) throws IOException {
    List<KeySlot> sound = keys.list();
    List<String> damages = keys.damages();
    if (command.json()) {
      Json.print(command.out(), sound.stream().map(KeyText::json).toList());
    } else {
      Table table = new Table("ID", "CREATED", "LABEL");
      sound.forEach(key -> table.add(key.id(), key.created(), key.label()));
      table.print(command.out());
    }
    damages.forEach(line -> command.say("calco: " + Text.safe(line)));
    return damages.isEmpty() ? ExitCode.DONE : ExitCode.NO;
  }

  static int added(CommandBase command, KeySlot key) {
    if (command.json()) {
      Json.print(command.out(), json(key));
    } else {
      command.say("%s: added".formatted(key.id()));
    }
    return ExitCode.DONE;
  }

  static int removed(CommandBase command, StoreKeys.Removed removed) {
    if (command.json()) {
      Json.print(
          command.out(),
          removed.key().map(KeyText::json).orElseGet(() -> Json.object().put("id", removed.id())));
    } else {
      command.say("%s: removed".formatted(removed.id()));
    }
    return ExitCode.DONE;
  }

  static int recovery(CommandBase command, StoreKeys keys) throws IOException {
    String key = keys.recovery();
    if (command.json()) {
      Json.print(command.out(), Json.object().put("recovery-key", key));
    } else {
      command.out().println(key);
    }
    return ExitCode.DONE;
  }
}
