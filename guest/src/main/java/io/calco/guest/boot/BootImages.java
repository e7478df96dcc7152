package io.calco.guest.boot;

import io.calco.guest.GuestTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The images that start a guest before its files are there: initial RAM file systems, unpacked
/// whatever packed them, EFI programs, and what is built into GRUB. What is named in them cannot be
/// changed by editing files.
public final class BootImages {
  private static final List<String> PATTERNS =
      List.of(
          "/boot/initrd.img-*",
          "/boot/initrd-*",
          "/boot/initramfs-*",
          "/boot/*/*/initrd",
          // What grub-install built into GRUB's own image.
          "/boot/grub/*/load.cfg",
          "/boot/grub2/*/load.cfg",
          "/boot/efi/EFI/*/*.[eE][fF][iI]",
          "/boot/efi/*/*/initrd",
          "/efi/EFI/*/*.[eE][fF][iI]",
          "/efi/*/*/initrd");
  private static final int OVERLAP = 200;
  private static final long MOST = 2L << 30; // ours, bytes unpacked of one image

  private BootImages() {}

  /// What stands in the images.
  ///
  /// @param texts by the image's path, where there are any
  /// @param unreadable images that could not be unpacked to their end
  public record Mentions(Map<String, Set<String>> texts, List<String> unreadable) {
    /// Copies both.
    public Mentions {
      texts = Map.copyOf(texts);
      unreadable = List.copyOf(unreadable);
    }
  }

  /// Which of the texts stand in which image, in upper or lower case.
  ///
  /// @param texts ASCII, at most 200 characters each
  public static Mentions mentions(GuestTree tree, Collection<String> texts) throws IOException {
    Map<String, Set<String>> found = new TreeMap<>();
    List<String> unreadable = new ArrayList<>();
    for (String pattern : PATTERNS) {
      for (String path : tree.glob(pattern)) {
        Optional<InputStream> file = tree.stream(path);
        if (file.isPresent()) {
          Search search = new Search(texts);
          try {
            PackedArchive.read(file.get(), search);
          } catch (IOException e) {
            unreadable.add(path);
          }
          if (!search.found.isEmpty()) {
            found.put(path, search.found);
          }
        }
      }
    }
    return new Mentions(found, unreadable);
  }

  /// Which of the texts stand in the image at `path`, letter by letter; none when there is no such
  /// file.
  ///
  /// @param texts ASCII, at most 200 characters each
  /// @throws IOException when the image cannot be unpacked to its end
  public static Set<String> mentions(GuestTree tree, String path, Collection<String> texts)
      throws IOException {
    ExactSearch search = new ExactSearch(texts);
    Optional<InputStream> file = tree.stream(path);
    if (file.isPresent()) {
      PackedArchive.read(file.get(), search);
    }
    return search.found;
  }

  /// Looks for texts in pieces, and where they meet.
  private static final class Search implements PackedArchive.Pieces {
    private final Collection<String> texts;
    private final Set<String> found = new TreeSet<>();
    private String end = "";
    private long seen;

    Search(Collection<String> texts) {
      this.texts = texts;
    }

    @Override
    public boolean take(byte[] bytes, int length) throws IOException {
      seen += length;
      if (seen > MOST) {
        throw new IOException("more than " + MOST + " bytes unpacked (our limit)");
      }
      String piece =
          end + new String(bytes, 0, length, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
      for (String text : texts) {
        if (piece.contains(text.toLowerCase(Locale.ROOT))) {
          found.add(text);
        }
      }
      end = piece.substring(Math.max(0, piece.length() - OVERLAP));
      return found.size() < texts.size();
    }
  }

  /// Looks for texts letter by letter, several times faster than [Search] (Horspool, "Practical
  /// fast searching in strings", 1980).
  private static final class ExactSearch implements PackedArchive.Pieces {
    private final Map<String, byte[]> wanted = new TreeMap<>();
    private final Set<String> found = new TreeSet<>();
    private byte[] buffer = new byte[0];
    private int kept; // bytes of the last piece's end, at the buffer's beginning
    private long seen;

    ExactSearch(Collection<String> texts) {
      texts.forEach(text -> wanted.put(text, text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public boolean take(byte[] bytes, int length) throws IOException {
      seen += length;
      if (seen > MOST) {
        throw new IOException("more than " + MOST + " bytes unpacked (our limit)");
      }
      int end = kept + length;
      if (buffer.length < end) {
        buffer = Arrays.copyOf(buffer, end);
      }
      System.arraycopy(bytes, 0, buffer, kept, length);
      wanted.forEach((text, sought) -> {
        if (stands(sought, end)) {
          found.add(text);
        }
      });
      found.forEach(wanted::remove);
      int keep = Math.min(OVERLAP, end);
      System.arraycopy(buffer, end - keep, buffer, 0, keep);
      kept = keep;
      return !wanted.isEmpty();
    }

    private boolean stands(byte[] sought, int end) {
      int last = sought.length - 1;
      int[] shifts = new int[256];
      Arrays.fill(shifts, sought.length);
      for (int i = 0; i < last; i++) {
        shifts[sought[i]] = last - i;
      }
      for (int at = last; at < end; at += shifts[buffer[at] & 0xFF]) {
        if (buffer[at] == sought[last]
            && Arrays.equals(buffer, at - last, at + 1, sought, 0, sought.length)) {
          return true;
        }
      }
      return false;
    }
  }
}
