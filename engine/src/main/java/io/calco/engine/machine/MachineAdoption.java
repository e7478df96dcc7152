package io.calco.engine.machine;

import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.engine.Adoption;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Takes the disks that a machine's guest writes into the catalogue, where they are.
///
/// @param template that an image gets which a disk rests on and which is no template yet
/// @param policy which files the disks may rest on, besides those of the catalogue
record MachineAdoption(
    Calco calco, MachineReport machine, Optional<String> template, OpenPolicy policy) {

  /// Takes them.
  ///
  /// @param name of the first disk's clone; the others' are it and their places in the guest
  List<Adoption.Adopted> adopt(String name, JobContext job) throws IOException {
    List<Adoption.Adopted> adopted = new ArrayList<>();
    for (MachineReport.Disk disk : machine.disks()) {
      if (disk.facts().isWritten()) {
        String own = adopted.isEmpty() ? name : name + "-" + disk.facts().target();
        adopted.add(adopt(own, disk, job));
      }
    }
    return adopted;
  }

  private Adoption.Adopted adopt(String name, MachineReport.Disk disk, JobContext job)
      throws IOException {
    Path file =
        disk.facts()
            .file()
            .filter(Files::isRegularFile)
            .orElseThrow(() ->
                new OperationException(
                    Kind.UNSUPPORTED,
                    "machine %s: disk %s is no plain file"
                        .formatted(machine.name(), disk.facts().target())));
    if (disk.owner().isEmpty()) {
      return calco
          .adoption()
          .adopt(new Adoption.Request(name, file, disk.facts().format(), template, policy), job);
    }
    return switch (disk.owner().get()) {
      case CatalogueDisk.OfClone known ->
          new Adoption.Adopted(calco.clones().show(known.name()), Optional.empty());
      case CatalogueDisk.OfTemplate known ->
          throw new OperationException(
              Kind.REFUSED,
              "machine %s has the sealed disk of %s".formatted(machine.name(), known),
              "it is in the catalogue already; see: calco template show " + known.name());
    };
  }
}
