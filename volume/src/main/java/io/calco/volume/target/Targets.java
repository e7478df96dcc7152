package io.calco.volume.target;

import io.calco.disk.Disk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Disks made of others by a rule. They are writable when all the others are, leave them open, and
/// live no longer than they do.
public final class Targets {
  private Targets() {}

  /// The disks' bytes one after the other.
  ///
  /// @param parts at least one
  public static Disk linear(List<Disk> parts) {
    return parts.size() == 1
        ? parts.getFirst().slice(0, parts.getFirst().size())
        : Disk.owning(new Linear(parts));
  }

  /// The disks' bytes by turns: a stripe of the first, a stripe of the second …
  ///
  /// @param disks at least one, all of the same size, a multiple of the stripe's
  /// @param stripeBytes bytes taken from one disk before the next has its turn, at least 1
  public static Disk striped(List<Disk> disks, long stripeBytes) {
    return Disk.owning(new Striped(disks, stripeBytes));
  }

  private static final class Linear extends MappedDriver {
    private final List<Disk> parts;
    private final long[] starts;

    Linear(List<Disk> parts) {
      super(parts.stream().mapToLong(Disk::size).sum(), parts, common(parts));
      this.parts = parts.stream().filter(part -> part.size() > 0).toList();
      starts = new long[this.parts.size()];
      for (int i = 1; i < starts.length; i++) {
        starts[i] = starts[i - 1] + this.parts.get(i - 1).size();
      }
    }

    @Override
    protected Run runAt(long offset, long maxLength) {
      int found = Arrays.binarySearch(starts, offset);
      int i = found >= 0 ? found : -found - 2;
      Disk part = parts.get(i);
      long within = offset - starts[i];
      return Run.of(part, within, part.size() - within);
    }
  }

  private static final class Striped extends MappedDriver {
    private final List<Disk> disks;
    private final long stripe;

    Striped(List<Disk> disks, long stripe) {
      super(Math.multiplyExact(disks.getFirst().size(), disks.size()), disks, common(disks));
      if (stripe < 1 || disks.getFirst().size() % stripe != 0) {
        throw new IllegalArgumentException("stripes of " + stripe + " bytes");
      }
      for (Disk disk : disks) {
        if (disk.size() != disks.getFirst().size()) {
          throw new IllegalArgumentException("striped disks of different sizes");
        }
      }
      this.disks = new ArrayList<>(disks);
      this.stripe = stripe;
    }

    @Override
    protected Run runAt(long offset, long maxLength) {
      long number = offset / stripe;
      long within = offset % stripe;
      Disk disk = disks.get((int) (number % disks.size()));
      return Run.of(disk, number / disks.size() * stripe + within, stripe - within);
    }
  }
}
