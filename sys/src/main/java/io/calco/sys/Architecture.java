package io.calco.sys;

import java.util.Locale;
import java.util.Optional;

/// The numbers of the Linux interface that differ between machines. All others are those of
/// `asm-generic`, which both machines share.
///
/// @param oDirectory `O_DIRECTORY`
/// @param oNofollow `O_NOFOLLOW`
/// @param oDirect `O_DIRECT`
record Architecture(int oDirectory, int oNofollow, int oDirect) {

  /// `arch/x86`: the generic values of `include/uapi/asm-generic/fcntl.h`.
  static final Architecture X86_64 = new Architecture(0x1_0000, 0x2_0000, 0x4000);

  /// `arch/arm64/include/uapi/asm/fcntl.h`.
  static final Architecture AARCH64 = new Architecture(0x4000, 0x8000, 0x1_0000);

  /// This host's, or empty when it is not a Linux that we know.
  static Optional<Architecture> ofHost() {
    return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  static Optional<Architecture> of(String system, String machine) {
    if (!system.equals("Linux")) {
      return Optional.empty();
    }
    return switch (machine.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> Optional.of(X86_64);
      case "aarch64" -> Optional.of(AARCH64);
      default -> Optional.empty();
    };
  }
}
