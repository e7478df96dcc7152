package io.calco.machine;

import io.calco.disk.BesideFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Whether this host's processor runs guests, through `/dev/kvm`.
///
/// That the device is there, opens, and has a virtual processor run a few instructions proves
/// nothing: on hosts that are guests themselves all that goes well, and every firmware hangs in its
/// first second. So a guest is started ([KvmTrial]): once for this process, and what came of it is
/// kept in the user's cache, until the host starts anew where guests run, for an hour where not.
///
/// Thread rule: safe; the first question may take seconds.
public enum Kvm {
  /// Guests run.
  WORKS("guests run on this host's /dev/kvm"),
  /// There is none.
  ABSENT("this host has no /dev/kvm"),
  /// It is there for others.
  CLOSED("this user may not open /dev/kvm; its group may"),
  /// It is there, and guests hang.
  BROKEN("guests hang on this host's /dev/kvm"),
  /// It is there, and nothing to try it with.
  UNTRIED("this host has no " + BootTest.PROGRAM + " to try /dev/kvm with");

  private static final Path DEVICE = Path.of("/dev/kvm");
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Duration LIMIT = Duration.ofSeconds(5); // ours; it takes 0.2 s
  private static final Duration BROKEN_FOR = Duration.ofHours(1); // ours: a busy host is slow

  private final String remark;

  Kvm(String remark) {
    this.remark = remark;
  }

  /// For a person.
  public String remark() {
    return remark;
  }

  /// The answer, found out at the first question.
  public static Kvm ofThisHost() {
    return ThisHost.ANSWER;
  }

  private static final class ThisHost {
    static final Kvm ANSWER =
        of(DEVICE, Programs.find(BootTest.PROGRAM), notes(System.getenv()), Accelerator.KVM);
  }

  private static Path notes(Map<String, String> environment) {
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path directory =
        cache.isEmpty() ? Path.of(System.getProperty("user.home", "/"), ".cache") : Path.of(cache);
    return directory.resolve("calco/kvm");
  }

  /// @param device that must be there and open
  /// @param qemu what tries it
  /// @param notes the file where the answer is kept
  /// @param accelerator what QEMU is told to use
  static Kvm of(Path device, Optional<Path> qemu, Path notes, Accelerator accelerator) {
    if (!Files.exists(device)) {
      return ABSENT;
    }
    if (!Files.isReadable(device) || !Files.isWritable(device)) {
      return CLOSED;
    }
    if (qemu.isEmpty()) {
      return UNTRIED;
    }
    Optional<Kvm> noted = read(notes);
    if (noted.isPresent()) {
      return noted.get();
    }
    try {
      Kvm answer = KvmTrial.comesUp(qemu.get(), accelerator, LIMIT) ? WORKS : BROKEN;
      write(notes, answer);
      return answer;
    } catch (IOException e) {
      log("KVM cannot be tried", e);
      return UNTRIED;
    }
  }

  private static Optional<Kvm> read(Path notes) {
    try {
      String text = Files.readString(notes);
      if (text.equals(note(WORKS))) {
        return Optional.of(WORKS);
      }
      Instant until = Files.getLastModifiedTime(notes).toInstant().plus(BROKEN_FOR);
      return text.equals(note(BROKEN)) && Instant.now().isBefore(until)
          ? Optional.of(BROKEN)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// Where it cannot be kept, it is found out again.
  private static void write(Path notes, Kvm answer) {
    try {
      Files.createDirectories(notes.toAbsolutePath().resolveSibling(""));
      try (BesideFile file = BesideFile.of(notes)) {
        Files.writeString(file.path(), note(answer));
        file.publishReplacing(BesideFile.Durability.LEFT_TO_THE_SYSTEM);
      }
    } catch (IOException e) {
      log("the answer cannot be kept in " + notes, e);
    }
  }

  private static String note(Kvm answer) throws IOException {
    return "%s %s%n".formatted(Files.readString(BOOT).strip(), answer);
  }

  private static void log(String what, IOException e) {
    System.getLogger(Kvm.class.getName()).log(System.Logger.Level.DEBUG, what, e);
  }
}
