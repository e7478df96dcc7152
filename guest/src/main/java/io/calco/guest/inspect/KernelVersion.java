package io.calco.guest.inspect;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The order of kernels' versions: `6.1.0-9-amd64` before `6.1.0-37-amd64`.
final class KernelVersion {
  static final Comparator<String> ORDER =
      ((Comparator<String>) KernelVersion::compare).thenComparing(Comparator.naturalOrder());

  private static final Pattern PART = Pattern.compile("([0-9]+)|([^0-9]+)");

  private KernelVersion() {}

  /// A rescue image's name is none: `0-rescue-`, then the machine-id.
  static boolean isOne(String text) {
    return text.matches("[0-9]+\\..*");
  }

  /// Number by number, and text by text between them.
  private static int compare(String left, String right) {
    Matcher a = PART.matcher(left);
    Matcher b = PART.matcher(right);
    while (true) {
      boolean moreOfA = a.find();
      boolean moreOfB = b.find();
      if (!moreOfA || !moreOfB) {
        return Boolean.compare(moreOfA, moreOfB);
      }
      int order =
          a.group(1) != null && b.group(1) != null
              ? new BigInteger(a.group(1)).compareTo(new BigInteger(b.group(1)))
              : a.group().compareTo(b.group());
      if (order != 0) {
        return order;
      }
    }
  }
}
