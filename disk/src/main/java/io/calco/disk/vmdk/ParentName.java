package io.calco.disk.vmdk;

/// The name of a parent as a hypervisor wrote it, on whatever system, made into the one to try
/// here.
final class ParentName {
  private ParentName() {}

  /// Slashes for backslashes; of a path that begins at a drive, a share or an ESX volume, the file
  /// name alone.
  static String local(String hint) {
    boolean windows = hint.indexOf('\\') >= 0 || hint.matches("[A-Za-z]:.*");
    String name = windows ? hint.replace('\\', '/') : hint;
    boolean elsewhere =
        windows && (name.startsWith("/") || name.matches("[A-Za-z]:.*"))
            || name.startsWith("/vmfs/")
            || name.startsWith("[");
    return elsewhere ? name.replaceFirst(".*[/:\\]]\\s*", "") : name;
  }
}
