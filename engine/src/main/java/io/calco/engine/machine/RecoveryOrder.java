package io.calco.engine.machine;

import java.nio.file.Path;

/// A machine that is to run at once from a disk that is elsewhere.
///
/// @param name of the machine
/// @param disk the qcow2 image that becomes its disk; one that a stopped recovery left goes on
/// @param machine what it is made of
public record RecoveryOrder(String name, Path disk, MachineRequest machine) {}
