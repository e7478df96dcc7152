package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.ImageConversion;
import io.calco.engine.OperationException;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// `calco disk dd`.
final class DiskDdCommand extends CommandBase {
  private static final List<String> WORDS = List.of("if", "of", "bs", "count", "skip");

  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Value<String> format =
      words.option(
          "-O, --target-format",
          "FMT",
          String.class,
          "raw",
          "The target's format (default: ${DEFAULT-VALUE}).");

  private final Values<String> operands =
      words.parameters(
          2,
          "if=FILE of=FILE [bs=SIZE] [count=N] [skip=N]",
          String.class,
          "What to read and write; a block of bs bytes (512), how many (to the end), and how many"
              + " to pass over first (0).");

  DiskDdCommand() {
    super(
        "dd",
        "Copy a part of a disk into a new image, with the words of dd.",
        "The target appears when it is complete; a file of that name is replaced then.");
    words.examples(
        "calco disk dd -O raw if=vm.qcow2 of=start.img bs=1M count=1      the first MiB of a disk");
  }

  @Override
  int run() throws IOException {
    Map<String, String> words = words();
    long block = SizeChange.parseBytes(words.getOrDefault("bs", "512"));
    ImageConversion.Part part =
        new ImageConversion.Part(
            blocks(words.getOrDefault("skip", "0"), block),
            words.containsKey("count")
                ? OptionalLong.of(blocks(words.get("count"), block))
                : OptionalLong.empty());
    ImageConversion.Source from =
        new ImageConversion.Source(Path.of(named(words, "if")), source.options());
    ImageConversion.Options how = ImageConversion.Options.to(format.get()).with(part);
    try (Progress progress = progress()) {
      ImageConversion.convert(List.of(from), Path.of(named(words, "of")), how, progress);
    }
    return ExitCode.DONE;
  }

  private Map<String, String> words() {
    Map<String, String> words = new LinkedHashMap<>();
    for (String operand : operands.all()) {
      int equals = operand.indexOf('=');
      String word = equals < 0 ? operand : operand.substring(0, equals);
      if (equals < 0 || !WORDS.contains(word)) {
        throw new OperationException(
            OperationException.Kind.USAGE,
            "\"%s\" is none of dd's words".formatted(operand),
            "write if=FILE of=FILE bs=SIZE count=N skip=N");
      }
      words.put(word, operand.substring(equals + 1));
    }
    return words;
  }

  private static String named(Map<String, String> words, String word) {
    return Optional.ofNullable(words.get(word))
        .orElseThrow(
            () -> new OperationException(OperationException.Kind.USAGE, word + "=FILE is missing"));
  }

  private static long blocks(String count, long block) {
    try {
      return Math.multiplyExact(SizeChange.parseBytes(count), block);
    } catch (ArithmeticException tooMany) {
      throw new OperationException(
          OperationException.Kind.USAGE,
          "%s blocks of %d bytes are more than a disk can have".formatted(count, block));
    }
  }
}
