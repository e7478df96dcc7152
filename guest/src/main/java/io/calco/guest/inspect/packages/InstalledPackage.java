package io.calco.guest.inspect.packages;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One package. All text is as the guest has it: make it printable before it is shown.
///
/// @param name as the manager calls it
/// @param epoch where there is one
/// @param version without epoch and release
/// @param release the distribution's part of the version: dpkg's revision, apk's and pacman's
///   `pkgrel`
/// @param architecture in the manager's words: `amd64` or `x86_64`; rpm's imported keys have none
public record InstalledPackage(
    String name,
    OptionalLong epoch,
    String version,
    Optional<String> release,
    Optional<String> architecture) {
  /// deb-version(7), APKBUILD(5) and PKGBUILD(5) agree.
  private static final Pattern FULL =
      Pattern.compile("(?:(0|[1-9][0-9]{0,9}):)?(.*?)(?:-([^-]*))?", Pattern.DOTALL);

  /// From `epoch:version-release`.
  static InstalledPackage of(String name, String full, Optional<String> architecture) {
    Matcher parts = FULL.matcher(full);
    if (!parts.matches()) {
      throw new IllegalArgumentException(full);
    }
    String epoch = parts.group(1);
    return new InstalledPackage(
        name,
        epoch == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(epoch)),
        parts.group(2),
        Optional.ofNullable(parts.group(3)),
        architecture);
  }

  /// The version as the manager prints it: `epoch:version-release`, with what there is of them.
  public String fullVersion() {
    return (epoch.isPresent() ? epoch.getAsLong() + ":" : "")
        + version
        + release.map(r -> "-" + r).orElse("");
  }
}
