package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.disk.Passphrase;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.store.HomeStore;
import java.io.IOException;
import java.util.List;

/// `calco store key`.
final class StoreKeyCommand extends GroupCommand {
  StoreKeyCommand() {
    super("key", "The passphrases of an encrypted store, and its recovery key.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("list", ListKeys::new),
        new Member("add", Add::new),
        new Member("remove", Remove::new),
        new Member("recovery", Recovery::new));
  }

  /// `calco store key list`.
  static final class ListKeys extends StoreCommand.OnStore {
    ListKeys() {
      super("list", "The passphrases that open the store, by their labels.");
      words.examples("calco store key list --passphrase-file /etc/calco/passphrase");
    }

    @Override
    int run(Calco calco, HomeStore store) throws IOException {
      return store.withKeys(keys -> KeyText.list(this, keys));
    }
  }

  /// `calco store key add`.
  static final class Add extends StoreCommand.OnStore {
    private final Value<String> added =
        words.requiredOption(
            "--new-passphrase-file",
            "FILE",
            String.class,
            "Holds the passphrase to add; - for standard input.");
    private final Value<String> label =
        words.option("--label", "TEXT", String.class, "", "What to call it in lists.");

    Add() {
      super("add", "Add a passphrase, which opens the store as well as the others do.");
      words.examples(
          "calco store key add --passphrase-file old.txt --new-passphrase-file new.txt --label ana");
    }

    @Override
    int run(Calco calco, HomeStore store) throws IOException {
      if (keyFile().isStandardInput() && added.get().equals("-")) {
        throw new OperationException(Kind.USAGE, "both passphrases cannot be on standard input");
      }
      try (Passphrase passphrase = PassphraseFile.readLine(added.get())) {
        return store.withKeys(keys -> KeyText.added(this, keys.add(passphrase, label.get())));
      }
    }
  }

  /// `calco store key remove`.
  static final class Remove extends StoreCommand.OnStore {
    private final Value<String> id =
        words.parameter("ID", String.class, "The key's id, or enough of its beginning.");
    private final Confirmation confirmation = new Confirmation(words);

    Remove() {
      super(
          "remove",
          "Remove a passphrase; the last one stays.",
          "The recovery key is as it was, and what was read with the passphrase is known.");
      words.examples("calco store key remove 3f0a51c2");
    }

    @Override
    int run(Calco calco, HomeStore store) throws IOException {
      confirmation.require(
          "Remove key %s? Its passphrase does not open the store any more.".formatted(id.get()));
      return store.withKeys(keys -> KeyText.removed(this, keys.remove(id.get())));
    }
  }

  /// `calco store key recovery`.
  static final class Recovery extends StoreCommand.OnStore {
    Recovery() {
      super(
          "recovery",
          "Print the recovery key: 58 letters and digits for paper, which open the store by"
              + " themselves.",
          "Whoever has them has all images. They stand in for the passphrase in any"
              + " --passphrase-file; blanks and lines do not matter.");
      words.examples("calco store key recovery --passphrase-file /etc/calco/passphrase | lpr");
    }

    @Override
    int run(Calco calco, HomeStore store) throws IOException {
      return store.withKeys(keys -> KeyText.recovery(this, keys));
    }
  }
}
