package io.calco.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.calco.disk.JobContext;
import io.calco.store.backend.LocalDirectory;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Random;

/// A process to kill: adds, removes and collects for ever, and tells what was acknowledged.
final class Victim {
  private static final int KEPT = 3;

  private Victim() {}

  /// The content of a name, the same in every process.
  static byte[] content(String name) {
    byte[] bytes = new byte[200_000];
    new Random(5).nextBytes(bytes);
    byte[] own = new byte[30_000];
    new Random(name.hashCode()).nextBytes(own);
    System.arraycopy(own, 0, bytes, Math.floorMod(name.hashCode(), 150_000), own.length);
    return bytes;
  }

  /// @param arguments the store's directory, a prefix for the names, and the file to tell in: what
  ///   the virtual machine itself has to say goes to standard output too
  public static void main(String[] arguments) throws Exception {
    try (PrintStream told = new PrintStream(new FileOutputStream(arguments[2]), true, UTF_8);
        Store store =
            Store.open(
                LocalDirectory.open(Path.of(arguments[0])),
                StoreKey.none(),
                StoreOptions.defaults())) {
      for (int i = 0; ; i++) {
        String name = arguments[1] + i;
        Stores.add(store, name, Stores.disk(content(name)));
        told.println("+" + name);
        if (i >= KEPT) {
          String old = arguments[1] + (i - KEPT);
          told.println("-" + old);
          store.removeRoot(old);
        }
        if (i % 4 == 3) {
          try {
            store.collect(JobContext.SILENT);
          } catch (java.io.IOException another) {
            if (!another.getMessage().contains("another collection")) {
              throw another;
            }
          }
        }
      }
    }
  }
}
