package io.calco.backup.windows;

import java.nio.file.Path;
import java.util.Optional;

/// A volume in a backup.
///
/// @param file the disk image that holds it, in its one partition
/// @param format of that, as [io.calco.disk.ImageFormats] names it: `vpc` (VHD) or `vhdx`
/// @param guid the volume's name in Windows, without braces; empty of a file that is called
///   otherwise
/// @param path where Windows had it: `C:`; empty where it had no letter, or that is not told
/// @param label the volume's; empty where it had none, or that is not told
public record WindowsVolume(
    Path file,
    String format,
    Optional<String> guid,
    Optional<String> path,
    Optional<String> label) {

  /// What a person would call it: `C:`, `C: (Daten)`, else the file's name without its ending.
  public String name() {
    String file = String.valueOf(this.file.getFileName());
    String bare = file.substring(0, file.lastIndexOf('.'));
    return path.map(letter -> label.map(text -> letter + " (" + text + ")").orElse(letter))
        .orElse(label.orElse(bare));
  }
}
