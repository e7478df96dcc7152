package io.calco.engine.images;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// MD5, SHA-256 and SHA-512 of content, each in a lane of its own: the slowest of them sets the
/// pace, and not their sum. The lanes of all contents share one thread for each processor.
/// Confined.
final class ContentDigests {
  private static final ExecutorService THREADS =
      Executors.newFixedThreadPool(
          Runtime.getRuntime().availableProcessors(),
          Thread.ofPlatform().daemon().name("digest-", 0).factory());

  /// The slowest first.
  private final List<Lane> lanes =
      List.of(new Lane("MD5"), new Lane("SHA-512"), new Lane("SHA-256"));

  /// How many there are.
  static final int COUNT = 3;

  /// One after the other, as the content has them.
  private static final class Lane {
    private final MessageDigest digest;
    private CompletableFuture<?> last = CompletableFuture.completedFuture("");

    Lane(String name) {
      try {
        digest = MessageDigest.getInstance(name);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has " + name, e);
      }
    }

    void add(byte[] bytes, int length, Runnable done) {
      last =
          last.thenRunAsync(
              () -> {
                digest.update(bytes, 0, length);
                done.run();
              },
              THREADS);
    }

    String hex() {
      last.join();
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  /// Adds the first `length` bytes.
  ///
  /// @param bytes must not change until `done` has run for each digest
  void add(byte[] bytes, int length, Runnable done) {
    lanes.forEach(lane -> lane.add(bytes, length, done));
  }

  /// Of all that was added, in hexadecimal digits; asked for once.
  String md5() {
    return lanes.get(0).hex();
  }

  /// As [#md5].
  String sha512() {
    return lanes.get(1).hex();
  }

  /// As [#md5].
  String sha256() {
    return lanes.get(2).hex();
  }
}
