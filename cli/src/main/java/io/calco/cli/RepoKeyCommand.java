package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.disk.Passphrase;
import io.calco.engine.backup.BackupRepository;
import java.io.IOException;
import java.util.List;

/// `calco repo key`.
final class RepoKeyCommand extends GroupCommand {
  RepoKeyCommand() {
    super("key", "The passphrases of an encrypted repository.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("list", ListKeys::new),
        new Member("add", Add::new),
        new Member("remove", Remove::new));
  }

  /// `calco repo key list`.
  static final class ListKeys extends BackupCommand.OnRepository {
    ListKeys() {
      super("list", "The passphrases that open the repository, by their labels.");
      words.exitCodes("0:all can be read", "1:one is damaged");
      words.examples("calco repo key list --repo /mnt/usb/backups");
    }

    @Override
    int run(BackupRepository repository) throws IOException {
      return KeyText.list(this, repository.keys());
    }
  }

  /// `calco repo key add`.
  static final class Add extends BackupCommand.OnRepository {
    private final Value<String> added =
        words.requiredOption(
            "--new-passphrase-file",
            "FILE",
            String.class,
            "Holds the passphrase to add; - for standard input.");
    private final Value<String> label =
        words.option("--label", "TEXT", String.class, "", "What to call it in lists.");

    Add() {
      super(
          "add",
          "Add a passphrase, which opens the repository as well as the others do.",
          "When all passphrases are lost, the recovery key opens the repository, and a new one can"
              + " be added: calco repo recovery.");
      words.examples(
          "calco repo key add --repo-passphrase-file old.txt --new-passphrase-file new.txt",
          "calco repo key add --repo-passphrase-file paper.txt --new-passphrase-file new.txt"
              + " --label ana");
    }

    @Override
    int run(BackupRepository repository) throws IOException {
      requireOneInput(added.get());
      try (Passphrase passphrase = PassphraseFile.readLine(added.get())) {
        return KeyText.added(this, repository.keys().add(passphrase, label.get()));
      }
    }
  }

  /// `calco repo key remove`.
  static final class Remove extends BackupCommand.OnRepository {
    private final Value<String> id =
        words.parameter("ID", String.class, "The key's id, or enough of its beginning.");
    private final Confirmation confirmation = new Confirmation(words);

    Remove() {
      super(
          "remove",
          "Remove a passphrase; the last one stays.",
          "The recovery key is as it was, and what was read with the passphrase is known.");
      words.examples("calco repo key remove 3f0a51c2");
    }

    @Override
    int run(BackupRepository repository) throws IOException {
      confirmation.require(
          "Remove key %s? Its passphrase does not open the repository any more."
              .formatted(id.get()));
      return KeyText.removed(this, repository.keys().remove(id.get()));
    }
  }
}
