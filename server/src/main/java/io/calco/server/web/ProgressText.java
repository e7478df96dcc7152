package io.calco.server.web;

import io.calco.engine.jobs.JobProgress;
import io.calco.engine.jobs.JobProgress.Unit;
import java.util.ArrayList;
import java.util.List;

/// How far something is, as pages say it.
///
/// @param progress how far it is
/// @param text what pages say
public record ProgressText(JobProgress progress, Text text) {
  /// What is done now: `copying`.
  public String step() {
    String key = "jobs.step." + progress.step().replaceAll("[^a-z]+", "-");
    return text.has(key) ? text.of(key) : progress.step();
  }

  /// Whether its end is known.
  public boolean measured() {
    return progress.percent().isPresent();
  }

  /// How much of it is done, 0 to 100; 0 while its end is not known.
  public int percent() {
    return progress.percent().orElse(0);
  }

  /// How much, how fast, how long yet: `1.2 GiB of 4 GiB · 310 MiB/s · 9 s left`.
  public String figures() {
    List<String> parts = new ArrayList<>();
    String done = amount(progress.done());
    parts.add(progress.total() > 0 ? text.of("jobs.of", done, amount(progress.total())) : done);
    if (progress.unit() == Unit.BYTES && progress.elapsed().toMillis() > 500) {
      parts.add(text.size((long) progress.perSecond()) + "/s");
    }
    progress.left().ifPresent(left -> parts.add(text.of("jobs.left", text.duration(left))));
    return String.join(" · ", parts);
  }

  private String amount(long amount) {
    return progress.unit() == Unit.BYTES ? text.size(amount) : text.number(amount);
  }
}
