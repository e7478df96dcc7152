package io.calco.cli;

import io.calco.disk.BackingReference;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `calco disk`: image files that stand for themselves, with qemu-img's flags and JSON.
@Command(name = "disk", description = "Work on image files: the verbs, flags and JSON of qemu-img.")
final class DiskCommand extends GroupCommand {

  @Override
  List<Member> members() {
    return List.of(
        new Member("info", DiskInfoCommand::new),
        new Member("create", DiskCreateCommand::new),
        new Member("convert", DiskConvertCommand::new),
        new Member("check", DiskCheckCommand::new),
        new Member("compare", DiskCompareCommand::new),
        new Member("map", DiskMapCommand::new),
        new Member("resize", DiskResizeCommand::new),
        new Member("rebase", DiskRebaseCommand::new),
        new Member("commit", DiskCommitCommand::new),
        new Member("snapshot", DiskSnapshotCommand::new),
        new Member("bitmap", DiskBitmapCommand::new),
        new Member("measure", DiskMeasureCommand::new),
        new Member("dd", DiskDdCommand::new),
        new Member("bench", DiskBenchCommand::new));
  }

  /// Which files may be opened besides the one that is named.
  static final class Policy {
    @Mixin private CommandBase.Allow allow = new CommandBase.Allow();

    @Option(
        names = "--passphrase-file",
        paramLabel = "FILE",
        description = "Holds the passphrase of an encrypted image; - for standard input.")
    private @Nullable String passphrase;

    @Option(
        names = "--member",
        paramLabel = "NAME",
        description = "Which file of an archive (zip, tar, ova) is meant, if several could be.")
    private @Nullable String member;

    ImageOptions options(Optional<String> format) throws IOException {
      return new ImageOptions(
          format,
          Access.READ,
          allow.policy(),
          Optional.empty(),
          passphrase == null ? Optional.empty() : Optional.of(PassphraseFile.read(passphrase)),
          Optional.ofNullable(member));
    }
  }

  /// How an image that a command reads is opened.
  static final class Source {
    @Option(
        names = {"-f", "--format"},
        paramLabel = "FMT",
        description = "The image's format; without it, it is probed.")
    private @Nullable String format;

    @Mixin private Policy policy = new Policy();

    ImageOptions options() throws IOException {
      return policy.options(Optional.ofNullable(format));
    }
  }

  /// `-b FILE -F FMT`: the backing image of an image to be made.
  static final class Backing {
    @Option(
        names = {"-b", "--backing"},
        paramLabel = "FILE",
        description = "The backing image, relative to the new image's directory or absolute.")
    private @Nullable String file;

    @Option(
        names = {"-F", "--backing-format"},
        paramLabel = "FMT",
        description = "The backing image's format.")
    private @Nullable String format;

    Optional<BackingReference> reference() {
      return Optional.ofNullable(file)
          .map(name -> new BackingReference(name, Optional.ofNullable(format)));
    }
  }

  /// `-o key=value,key=value`: a format's own options.
  static final class FormatOptions {
    @Option(
        names = {"-o", "--options"},
        paramLabel = "KEY=VALUE",
        split = ",",
        description = "The format's own options, such as cluster_size=128k; may be repeated.")
    private List<String> options = List.of();

    Map<String, String> values() {
      Map<String, String> values = new LinkedHashMap<>();
      for (String option : options) {
        int equals = option.indexOf('=');
        if (equals < 0) {
          values.put(option, "on");
        } else {
          values.put(option.substring(0, equals), option.substring(equals + 1));
        }
      }
      return values;
    }
  }

  /// `-p`.
  @SuppressWarnings("UnusedVariable") // scripts written for qemu-img run with it
  static final class ProgressFlag {
    @Option(
        names = "-p",
        description = "Accepted for qemu-img's sake: progress is shown wherever work lasts.")
    private boolean asked;
  }

  /// `-W`.
  @SuppressWarnings("UnusedVariable") // scripts written for qemu-img run with it
  static final class OrderFlag {
    @Option(
        names = "-W",
        description =
            "Accepted for qemu-img's sake: work is always spread out, and written in order.")
    private boolean asked;
  }

  static String name(Path path) {
    return Text.safe(path.toString());
  }
}
