package io.calco.disk.qcow2;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// QEMU's tools, as the tests of this package use them.
final class Qemu {
  private static final String RAW = ".raw";

  private Qemu() {}

  static Oracle img() {
    return Oracle.named("qemu-img");
  }

  /// Runs qemu-io's commands on an image; it refuses to compress over what is allocated.
  static void io(Path image, List<String> commands) {
    List<Object> words = new ArrayList<>(List.of("-f", "qcow2"));
    for (String command : commands) {
      words.add("-c");
      words.add(command);
    }
    words.add(image);
    Oracle.named("qemu-io").run(words.toArray()).exits(0, 1);
  }

  /// The guest's bytes, as QEMU sees them.
  static byte[] read(Path image, Object... options) throws IOException {
    Path raw = image.resolveSibling(image.getFileName() + RAW);
    List<Object> words = new ArrayList<>(List.of("convert", "-O", "raw"));
    words.addAll(List.of(options));
    words.add(image);
    words.add(raw);
    img().run(words.toArray()).succeeds();
    byte[] bytes = Files.readAllBytes(raw);
    Files.delete(raw);
    return bytes;
  }

  /// A number that `qemu-img check` reports, 0 when it leaves it out.
  static long number(String json, String key) {
    Matcher found = Pattern.compile("\"" + key + "\": (\\d+)").matcher(json);
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }
}
