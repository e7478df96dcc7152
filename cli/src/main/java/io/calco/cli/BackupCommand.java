package io.calco.cli;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.util.List;

/// `calco backup`: restore points of disks.
final class BackupCommand extends GroupCommand {
  static final String POINT =
      "A restore point: the beginning of its id, latest, MACHINE@latest, or MACHINE/DISK@latest of a"
          + " machine of libvirt's.";

  BackupCommand() {
    super("backup", "Back disks up to a repository, and look after the restore points in it.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("create", BackupCreateCommand::new),
        new Member("import", BackupImportCommand::new),
        new Member("list", BackupListCommand::new),
        new Member("show", BackupShowCommand::new),
        new Member("diff", BackupDiffCommand::new),
        new Member("verify", BackupVerifyCommand::new),
        new Member("test", BackupTestCommand::new),
        new Member("ls", BackupLsCommand::new),
        new Member("copy-out", BackupCopyOutCommand::new),
        new Member("mount", BackupMountCommand::new),
        new Member("serve", BackupServeCommand::new),
        new Member("export", BackupExportCommand::new),
        new Member("copy", BackupCopyCommand::new),
        new Member("hold", BackupHoldCommand::new),
        new Member("forget", BackupForgetCommand::new),
        new Member("prune", BackupPruneCommand::new));
  }

  /// A command on a repository.
  abstract static class OnRepository extends CommandBase {
    private final RepositoryFlags flags;

    OnRepository(String name, String... description) {
      super(name, description);
      flags = new RepositoryFlags(words, "--repo");
    }

    /// @param names of the option that names the repository
    OnRepository(String name, List<String> description, String names) {
      super(name, description.toArray(String[]::new));
      flags = new RepositoryFlags(words, names);
    }

    final RepositoryOptions options() {
      return flags.options();
    }

    /// Throws when standard input would have to hold two passphrases.
    final void requireOneInput(String otherFile) {
      if (flags.isStandardInput() && otherFile.equals("-")) {
        throw new OperationException(Kind.USAGE, "both passphrases cannot be on standard input");
      }
    }

    @Override
    final int run() throws IOException {
      try (StoreSecret secret = flags.secret();
          BackupRepository repository =
              BackupRepository.open(flags.address(), flags.options(), secret)) {
        return run(repository);
      }
    }

    /// Does the work; the exit code.
    abstract int run(BackupRepository repository) throws IOException;
  }
}
