package io.calco.machine;

import io.calco.disk.JobContext;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;

/// A look at a machine from its start on, until it is up, will not be, or time is up. Confined.
final class BootWatch {
  private static final long PAUSE_MILLIS = 250;
  private static final int LOOK_EVERY = 8; // pauses between two looks at the screen
  private static final int LINES_KEPT = 40;
  private static final int TEXT_MAX = 200;

  private final Machine machine;
  private final BootPlan plan;
  private final Sightings sightings;
  private final JobContext job;
  private final long begun = System.nanoTime();
  private final Accelerator accelerator;

  BootWatch(Machine machine, BootPlan plan, Sightings sightings, JobContext job)
      throws IOException {
    this.machine = machine;
    this.plan = plan;
    this.sightings = sightings;
    this.job = job;
    this.accelerator = machine.monitor().accelerator();
  }

  BootOutcome run() throws IOException {
    AgentProbe agent = new AgentProbe(machine.agent());
    try (PortProbe port = new PortProbe(machine.monitor(), plan.expectation().port().orElse(0))) {
      for (long turn = 1; ; turn++) {
        job.checkCancelled();
        job.progress("booting (" + accelerator + ")", took().toSeconds(), 0);
        boolean look = turn % LOOK_EVERY == 0;
        Optional<Screen> screen = look ? Optional.of(machine.screen()) : Optional.empty();
        screen.flatMap(Screen::text).ifPresent(sightings::look);
        Optional<Sightings.Sighting> seen = sightings.first();
        if (seen.isPresent()) {
          return told(seen.get());
        }
        boolean up =
            switch (plan.expectation()) {
              case Expectation.Agent() -> agent.answered();
              case Expectation.Port(int _) -> look && port.answered();
              case Expectation.Picture picture ->
                  screen.isPresent() && picture.shows(screen.get().picture());
              case Expectation.Login(), Expectation.Text(String _) -> false;
            };
        if (up) {
          return reached();
        }
        Optional<String> end = machine.stopped().or(this::timeIsUp);
        if (end.isPresent()) {
          return outcome(false, end.get());
        }
        pause();
      }
    }
  }

  private Optional<String> timeIsUp() {
    if (took().compareTo(plan.timeout()) <= 0) {
      return Optional.empty();
    }
    String what = plan.expectation().description().replaceFirst("^(?:an?|the) ", "");
    return Optional.of("no %s in %d s".formatted(what, plan.timeout().toSeconds()));
  }

  private BootOutcome told(Sightings.Sighting seen) {
    return seen.wanted() ? reached() : outcome(false, "the guest says: " + printable(seen.text()));
  }

  private BootOutcome reached() {
    return outcome(
        true, "%s in %d s".formatted(plan.expectation().description(), took().toSeconds()));
  }

  private static String printable(String text) {
    String line = text.strip().replaceAll("[^ -~]", "?");
    return line.length() > TEXT_MAX ? line.substring(0, TEXT_MAX) + "…" : line;
  }

  private BootOutcome outcome(boolean reached, String what) {
    Duration took = took();
    Optional<ScreenPicture> picture = Optional.empty();
    String console = machine.lastLines(LINES_KEPT);
    try {
      Screen screen = machine.screen();
      picture = Optional.of(ScreenPicture.of(screen.picture()));
      if (console.isBlank()) {
        console = screen.text().map(BootWatch::lines).orElse("");
      }
    } catch (IOException gone) {
      // The outcome stands without a picture of it.
    }
    return new BootOutcome(reached, what, took, accelerator, console, picture);
  }

  private static String lines(String screen) {
    StringBuilder text = new StringBuilder();
    screen
        .lines()
        .filter(line -> !line.isBlank())
        .forEach(line -> text.append(line.stripTrailing()).append('\n'));
    return text.toString();
  }

  private Duration took() {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private static void pause() throws InterruptedIOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }
}
