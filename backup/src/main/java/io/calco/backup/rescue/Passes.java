package io.calco.backup.rescue;

import static io.calco.backup.rescue.BlockStatus.BAD_SECTOR;
import static io.calco.backup.rescue.BlockStatus.NON_SCRAPED;
import static io.calco.backup.rescue.BlockStatus.NON_TRIED;
import static io.calco.backup.rescue.BlockStatus.NON_TRIMMED;

import io.calco.backup.rescue.MapText.Phase;
import io.calco.backup.rescue.RescueMap.Block;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The phases of a rescue, over its domain. Confined.
final class Passes {
  private static final int PIECE = RescueOptions.PIECE;

  /// What is skipped at most after a failure.
  private static final long SKIP_MAX = 1L << 30;

  private final Rescue rescue;
  private final RescueMap map;
  private final List<Run> domain;
  private final int sector;
  private final JobContext job;
  private final long total;
  private long tried;

  /// @param domain what is read, ascending
  Passes(Rescue rescue, List<Run> domain, int sectorSize, JobContext job) {
    this.rescue = rescue;
    this.map = rescue.map();
    this.domain = domain;
    this.sector = sectorSize;
    this.job = job;
    this.total = domain.stream().mapToLong(Run::length).sum();
  }

  void run(int retries) throws IOException {
    for (Run run : domain) {
      tried += triedIn(run);
    }
    for (Run run : domain) {
      copyForwards(run);
    }
    for (Run run : domain.reversed()) {
      copyBackwards(run);
    }
    for (Run run : domain) {
      sweep(run);
    }
    for (Run run : domain) {
      trim(run);
    }
    for (Run run : domain) {
      scrape(run);
    }
    for (int pass = 1; pass <= retries && rescue.unread(domain).findAny().isPresent(); pass++) {
      retry(pass);
    }
  }

  private long triedIn(Run run) {
    long bytes = 0;
    for (long at = run.start(); at < run.end(); ) {
      Block block = map.at(at);
      long end = Math.min(block.end(), run.end());
      bytes += block.status() == NON_TRIED ? 0 : end - at;
      at = end;
    }
    return bytes;
  }

  /// Tries a piece; true when it was read.
  private boolean attempt(Phase phase, long start, long end, BlockStatus failed)
      throws IOException {
    job.checkCancelled();
    if (map.at(start).status() == NON_TRIED) {
      tried += end - start;
    }
    boolean read = rescue.attempt(start, end, failed);
    job.progress(step(phase), tried, total);
    rescue.saveNowAndThen(phase);
    return read;
  }

  private static String step(Phase phase) {
    return switch (phase.letter()) {
      case '?' -> "reading";
      case '*' -> "trimming what failed";
      case '/' -> "scraping what failed";
      default -> "trying again what failed";
    };
  }

  private void copyForwards(Run run) throws IOException {
    long skip = PIECE;
    for (long at = run.start(); ; ) {
      Optional<Block> found = map.first(NON_TRIED, Math.min(at, run.end()), run.end());
      if (found.isEmpty()) {
        return;
      }
      long start = found.get().start();
      long end = Math.min(found.get().end(), pieceEnd(start));
      if (attempt(new Phase(start, '?', 1), start, end, NON_TRIMMED)) {
        skip = PIECE;
        at = end;
      } else {
        at = end + skip;
        skip = Math.min(2 * skip, SKIP_MAX);
      }
    }
  }

  private static long pieceEnd(long start) {
    return start - start % PIECE + PIECE;
  }

  private void copyBackwards(Run run) throws IOException {
    for (long end = run.end(); ; ) {
      Optional<Block> found = map.last(NON_TRIED, run.start(), end);
      if (found.isEmpty()) {
        return;
      }
      long last = found.get().end();
      long start = Math.max(found.get().start(), (last - 1) - (last - 1) % PIECE);
      end =
          attempt(new Phase(last, '?', 2), start, last, NON_TRIMMED) ? start : found.get().start();
    }
  }

  private void sweep(Run run) throws IOException {
    for (Optional<Block> found = map.first(NON_TRIED, run.start(), run.end());
        found.isPresent();
        found = map.first(NON_TRIED, found.get().start(), run.end())) {
      long start = found.get().start();
      long end = Math.min(found.get().end(), pieceEnd(start));
      attempt(new Phase(start, '?', 5), start, end, NON_TRIMMED);
    }
  }

  private void trim(Run run) throws IOException {
    for (Optional<Block> found = map.first(NON_TRIMMED, run.start(), run.end());
        found.isPresent() && !map.isFull();
        found = map.first(NON_TRIMMED, found.get().start(), run.end())) {
      long from = found.get().start();
      long to = found.get().end();
      boolean read = true;
      while (from < to && read) {
        long end = Math.min(to, sectorEnd(from));
        read = attempt(new Phase(from, '*', 1), from, end, BAD_SECTOR);
        from = end;
      }
      read = true;
      while (from < to && read) {
        long start = Math.max(from, sectorStart(to - 1));
        read = attempt(new Phase(to, '*', 1), start, to, BAD_SECTOR);
        to = start;
      }
      map.set(from, to, NON_SCRAPED);
    }
  }

  private long sectorStart(long at) {
    return at - at % sector;
  }

  private long sectorEnd(long at) {
    return sectorStart(at) + sector;
  }

  private void scrape(Run run) throws IOException {
    for (Optional<Block> found = map.first(NON_SCRAPED, run.start(), run.end());
        found.isPresent() && !map.isFull();
        found = map.first(NON_SCRAPED, found.get().start(), run.end())) {
      long start = found.get().start();
      long end = Math.min(found.get().end(), sectorEnd(start));
      attempt(new Phase(start, '/', 1), start, end, BAD_SECTOR);
    }
  }

  /// Tries each bad sector once more.
  private void retry(int pass) throws IOException {
    List<Run> bad = rescue.bad(domain).toList();
    for (Run run : pass % 2 == 1 ? bad : bad.reversed()) {
      for (long done = 0; done < run.length() && !map.isFull(); ) {
        long start = pass % 2 == 1 ? run.start() + done : sectorStart(run.end() - done - 1);
        start = Math.max(start, run.start());
        long end = pass % 2 == 1 ? Math.min(run.end(), sectorEnd(start)) : run.end() - done;
        attempt(new Phase(pass % 2 == 1 ? start : end, '-', pass), start, end, BAD_SECTOR);
        done += end - start;
      }
    }
  }
}
