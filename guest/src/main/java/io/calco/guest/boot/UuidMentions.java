package io.calco.guest.boot;

import io.calco.guest.Draft;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The text files of a guest in which a file system may be named by its UUID.
public final class UuidMentions {
  private static final List<String> FILES =
      List.of(
          "/etc/fstab",
          "/etc/crypttab",
          "/etc/default/grub",
          "/etc/default/grub.d/*.cfg",
          "/etc/kernel/cmdline",
          "/etc/initramfs-tools/conf.d/resume",
          "/etc/dracut.conf.d/*.conf",
          "/etc/lilo.conf",
          "/boot/grub/grub.cfg",
          "/boot/grub/custom.cfg",
          "/boot/grub/grubenv",
          "/boot/grub/menu.lst",
          "/boot/grub2/grub.cfg",
          "/boot/grub2/custom.cfg",
          "/boot/grub2/grubenv",
          "/boot/loader/entries/*.conf",
          "/boot/extlinux.conf",
          "/boot/extlinux/extlinux.conf",
          "/boot/syslinux/*.cfg",
          "/boot/efi/EFI/*/grub.cfg",
          "/boot/efi/loader/entries/*.conf",
          "/efi/EFI/*/grub.cfg",
          "/efi/loader/entries/*.conf");

  private UuidMentions() {}

  /// Writes the new UUIDs where the old ones stand, whatever their case.
  ///
  /// @param renamed new by old, both as `blkid` prints them
  /// @return the files that changed
  public static List<String> mend(Draft draft, Map<String, String> renamed) throws IOException {
    List<String> mended = new ArrayList<>();
    for (String pattern : FILES) {
      for (String path : draft.glob(pattern)) {
        String before = draft.text(path).orElse("");
        draft.edit(path, text -> replaced(text, renamed));
        if (!draft.text(path).orElse("").equals(before)) {
          mended.add(path);
        }
      }
    }
    return mended;
  }

  private static String replaced(String text, Map<String, String> renamed) {
    String result = text;
    for (Map.Entry<String, String> name : renamed.entrySet()) {
      Pattern whole =
          Pattern.compile(
              "(?<![0-9A-Za-z-])" + Pattern.quote(name.getKey()) + "(?![0-9A-Za-z-])",
              Pattern.CASE_INSENSITIVE);
      result = whole.matcher(result).replaceAll(Matcher.quoteReplacement(name.getValue()));
    }
    return result;
  }
}
