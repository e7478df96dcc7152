package io.calco.machine;

import java.time.Duration;
import java.util.Optional;

/// What came of a boot.
///
/// @param reached what was expected came
/// @param what one line for a person: what was seen, or why it failed
/// @param took until then
/// @param accelerator what ran it: [Accelerator#KVM] or [Accelerator#TCG]
/// @param console the last lines of the serial port, printable ASCII
/// @param screen what the screen showed at the end, as PNG; empty when QEMU was gone by then
public record BootOutcome(
    boolean reached,
    String what,
    Duration took,
    Accelerator accelerator,
    String console,
    Optional<ScreenPicture> screen) {}
