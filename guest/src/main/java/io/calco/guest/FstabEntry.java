package io.calco.guest;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A line of `/etc/fstab`; see fstab(5).
///
/// @param device what is mounted: `UUID=…`, `/dev/vda3`, `tmpfs` …
/// @param mountPoint where
/// @param type the file system's name, or `auto`
/// @param options the fourth field
public record FstabEntry(String device, String mountPoint, String type, List<String> options) {
  private static final int MAX_ENTRIES = 256; // ours
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-3][0-7]{2})");
  private static final Set<String> NOT_ON_DISK =
      Set.of(
          "proc",
          "sysfs",
          "tmpfs",
          "devpts",
          "devtmpfs",
          "cgroup",
          "cgroup2",
          "debugfs",
          "securityfs",
          "mqueue",
          "hugetlbfs",
          "configfs",
          "fusectl",
          "efivarfs",
          "binfmt_misc",
          "ramfs",
          "overlay",
          "swap",
          "none",
          "rpc_pipefs",
          "nfsd");

  /// A disk's first name in Linux and a partition's number in it.
  private static final Pattern FIRST_DISK =
      Pattern.compile("/dev/(?:(?:[shv]|xv)da|nvme0n1p|mmcblk0p)([1-9][0-9]{0,2})");

  /// Copies the options.
  public FstabEntry {
    options = List.copyOf(options);
  }

  /// Reads the table; lines that are none are left out, and so is what comes after 256 entries.
  public static List<FstabEntry> parse(String text) {
    List<FstabEntry> entries = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] field = line.strip().split("\\s+");
      if (!line.strip().startsWith("#") && field.length >= 3 && entries.size() < MAX_ENTRIES) {
        List<String> options =
            field.length > 3 ? List.of(field[3].split(",")) : List.of("defaults");
        entries.add(
            new FstabEntry(unescape(unquote(field[0])), unescape(field[1]), field[2], options));
      }
    }
    return entries;
  }

  /// The same line for another device.
  FstabEntry with(String other) {
    return new FstabEntry(other, mountPoint, type, options);
  }

  private static String unquote(String device) {
    return device.replace("\"", "");
  }

  private static String unescape(String field) {
    return OCTAL
        .matcher(field)
        .replaceAll(
            m -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(m.group(1), 8))));
  }

  /// True when it names a file system that could be on a disk and has a place in the tree.
  public boolean onDisk() {
    return mountPoint.startsWith("/")
        && !NOT_ON_DISK.contains(type)
        && !options.contains("bind")
        && !options.contains("rbind");
  }

  /// The value of an option that has one, such as `subvol`; of several the last counts.
  public Optional<String> option(String name) {
    return options.reversed().stream()
        .filter(option -> option.startsWith(name + "="))
        .map(option -> option.substring(name.length() + 1))
        .findFirst();
  }

  /// True when this line means the volume.
  public boolean means(GuestVolume volume) {
    return tag("UUID", "by-uuid").map(u -> same(u, volume.facts().uuid())).orElse(false)
        || tag("LABEL", "by-label")
            .map(l -> volume.facts().label().equals(Optional.of(l)))
            .orElse(false)
        || tag("PARTUUID", "by-partuuid").map(u -> same(u, volume.partitionUuid())).orElse(false)
        || tag("PARTLABEL", "by-partlabel")
            .map(l -> volume.partitionLabel().equals(Optional.of(l)))
            .orElse(false)
        || volume.devices().contains(device)
        || meansPartition(volume);
  }

  private boolean meansPartition(GuestVolume volume) {
    Matcher matcher = FIRST_DISK.matcher(device);
    return matcher.matches()
        && volume.partitionNumber().isPresent()
        && Integer.parseInt(matcher.group(1)) == volume.partitionNumber().getAsInt();
  }

  private Optional<String> tag(String tag, String directory) {
    String link = "/dev/disk/" + directory + "/";
    if (device.startsWith(tag + "=")) {
      return Optional.of(device.substring(tag.length() + 1));
    }
    return device.startsWith(link)
        ? Optional.of(device.substring(link.length()))
        : Optional.empty();
  }

  private static boolean same(String wanted, Optional<String> uuid) {
    return uuid.map(u -> u.toLowerCase(Locale.ROOT).equals(wanted.toLowerCase(Locale.ROOT)))
        .orElse(false);
  }
}
