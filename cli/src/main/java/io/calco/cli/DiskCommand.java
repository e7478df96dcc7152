package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.disk.BackingReference;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.ImageOptions.Locking;
import io.calco.disk.Passphrase;
import io.calco.disk.RateLimit;
import io.calco.engine.NamedImages;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// `calco disk`: image files that stand for themselves, with qemu-img's flags and JSON.
final class DiskCommand extends GroupCommand {

  DiskCommand() {
    super("disk", "Work on image files: the verbs, flags and JSON of qemu-img.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("info", DiskInfoCommand::new),
        new Member("create", DiskCreateCommand::new),
        new Member("convert", DiskConvertCommand::new),
        new Member("check", DiskCheckCommand::new),
        new Member("compare", DiskCompareCommand::new),
        new Member("map", DiskMapCommand::new),
        new Member("amend", DiskAmendCommand::new),
        new Member("resize", DiskResizeCommand::new),
        new Member("rebase", DiskRebaseCommand::new),
        new Member("commit", DiskCommitCommand::new),
        new Member("snapshot", DiskSnapshotCommand::new),
        new Member("bitmap", DiskBitmapCommand::new),
        new Member("measure", DiskMeasureCommand::new),
        new Member("dd", DiskDdCommand::new),
        new Member("mount", DiskMountCommand::new),
        new Member("serve", DiskServeCommand::new),
        new Member("bench", DiskBenchCommand::new));
  }

  /// What opens an encrypted image.
  interface Secret {
    Optional<Passphrase> read() throws IOException;
  }

  /// Which files may be opened besides the one that is named.
  static final class Policy {
    private final CommandBase.Allow allow;
    private final Secret passphrase;
    private final Value<String> member;
    private final Flag shared;

    Policy(Syntax words) {
      this(words, ofImage(words));
    }

    /// @param passphrase of the image, from options that are declared already
    Policy(Syntax words, Secret passphrase) {
      this.passphrase = passphrase;
      allow = new CommandBase.Allow(words);
      member =
          words.option(
              "--member",
              "NAME",
              String.class,
              "Which file of an archive (zip, tar, ova) is meant, if several could be.");
      shared =
          words.flag(
              "-U, --force-share",
              "Read even what a running machine is writing; what is read may be torn.");
    }

    private static Secret ofImage(Syntax words) {
      Value<String> file =
          words.option(
              "--passphrase-file",
              "FILE",
              String.class,
              "Holds the passphrase of an encrypted image; - for standard input.");
      return () -> PassphraseFile.read(file.optional());
    }

    ImageOptions options(Optional<String> format) throws IOException {
      return new ImageOptions(
          format,
          Access.READ,
          allow.policy(),
          Optional.empty(),
          passphrase.read(),
          member.optional(),
          shared.given() ? Locking.WRITTEN : Locking.ALL);
    }
  }

  /// How an image that a command reads is opened.
  static final class Source {
    private final Value<String> format;
    private final Policy policy;

    Source(Syntax words) {
      format = format(words);
      policy = new Policy(words);
    }

    /// @param passphrase of the image, from options that are declared already
    Source(Syntax words, Secret passphrase) {
      format = format(words);
      policy = new Policy(words, passphrase);
    }

    private static Value<String> format(Syntax words) {
      return words.option(
          "-f, --format", "FMT", String.class, "The image's format; without it, it is probed.");
    }

    ImageOptions options() throws IOException {
      return policy.options(format.optional());
    }
  }

  /// `-b FILE -F FMT`: the backing image of an image to be made.
  static final class Backing {
    private final Value<String> file;
    private final Value<String> format;

    Backing(Syntax words) {
      file =
          words.option(
              "-b, --backing",
              "FILE",
              String.class,
              "The backing image, relative to the new image's directory or absolute.");
      format =
          words.option("-F, --backing-format", "FMT", String.class, "The backing image's format.");
    }

    /// What was given, here or among the format's options, where it is taken out of.
    Optional<BackingReference> reference(Map<String, String> options) {
      return backing(file.optional(), format.optional(), options);
    }
  }

  /// A backing image by its own words or by `backing_file` and `backing_fmt` among a format's
  /// options, where they are taken out of.
  static Optional<BackingReference> backing(
      Optional<String> file, Optional<String> format, Map<String, String> options) {
    Optional<String> alsoFile = Optional.ofNullable(options.remove("backing_file"));
    Optional<String> alsoFormat = Optional.ofNullable(options.remove("backing_fmt"));
    return file.or(() -> alsoFile)
        .map(name -> new BackingReference(name, format.or(() -> alsoFormat)));
  }

  /// `-o key=value,key=value`: a format's own options.
  static final class FormatOptions {
    private final Values<String> options;

    FormatOptions(Syntax words) {
      options =
          words.lists(
              "-o, --options",
              "KEY=VALUE",
              "The format's own options, such as cluster_size=128k; may be repeated. -o help lists them.");
    }

    Map<String, String> values() {
      return values(options.all());
    }

    /// True when the options themselves are asked for.
    boolean help() {
      return help(options.all());
    }

    static boolean help(List<String> options) {
      return options.contains("help") || options.contains("?");
    }

    static Map<String, String> values(List<String> options) {
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

  /// qemu-img's words for how the host's cache is used.
  enum Cache {
    none,
    writeback,
    writethrough,
    directsync,
    unsafe
  }

  /// `-T`, with which scripts written for qemu-img run.
  static void acceptSourceCache(Syntax words) {
    words.option(
        "-T, --source-cache",
        "MODE",
        Cache.class,
        "Accepted for qemu-img's sake: what is read comes through the system's cache.");
  }

  /// `-t`, with which scripts written for qemu-img run.
  static void acceptCache(Syntax words) {
    words.option(
        "-t, --cache",
        "MODE",
        Cache.class,
        "Accepted for qemu-img's sake: what was written is on the medium when the command ends.");
  }

  /// `-r`: how fast is read.
  static Value<String> rate(Syntax words) {
    return words.option(
        "-r, --rate-limit",
        "RATE",
        String.class,
        "Read at most so many bytes a second, such as 50M; holes take no time.");
  }

  static RateLimit rate(Value<String> given) {
    long bytes = given.optional().map(SizeChange::parseBytes).orElse(0L);
    return RateLimit.of(bytes == 0 ? OptionalLong.empty() : OptionalLong.of(bytes));
  }

  /// `-p`, with which scripts written for qemu-img run.
  static void acceptProgressFlag(Syntax words) {
    words.flag("-p", "Accepted for qemu-img's sake: progress is shown wherever work lasts.");
  }

  /// `-W`, with which scripts written for qemu-img run.
  static void acceptOrderFlag(Syntax words) {
    words.flag(
        "-W", "Accepted for qemu-img's sake: work is always spread out, and written in order.");
  }

  /// The answer to `-o help`.
  static int printOptions(CommandBase command, String format, Map<String, String> options) {
    if (command.json()) {
      Json.Fields all = Json.object();
      options.forEach(all::put);
      Json.print(command.out(), all);
    } else if (options.isEmpty()) {
      command.out().println(format + " has no options here.");
    } else {
      int width = options.keySet().stream().mapToInt(String::length).max().orElse(0);
      options.forEach(
          (name, meaning) -> command.out().printf("%-" + width + "s  %s%n", name, meaning));
    }
    return ExitCode.DONE;
  }

  static String name(Path path) {
    return Text.safe(NamedImages.address(path).orElseGet(path::toString));
  }
}
