package io.calco.cli;

import io.calco.backup.Hardware;
import io.calco.backup.Hardware.Efi;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The machine that a disk was in, as rows of a point's page.
final class HardwareText {
  private HardwareText() {}

  static void add(Table table, Hardware hardware) {
    String machine = joined(" ", List.of(hardware.maker(), hardware.product()));
    if (!machine.isEmpty()) {
      table.add("hardware", machine);
    }
    String numbers =
        joined(
            ", ",
            List.of(
                hardware.serial().map("serial "::concat), hardware.uuid().map("UUID "::concat)));
    if (!numbers.isEmpty()) {
      table.add("", numbers);
    }
    hardware.board().ifPresent(board -> table.add("board", board));
    hardware.firmware().ifPresent(firmware -> table.add("firmware", firmware));
    String processor =
        joined(
            ", ",
            List.of(
                hardware.processor(),
                counted(hardware.sockets().stream().boxed().findFirst(), "socket"),
                counted(hardware.threads().stream().boxed().findFirst(), "thread")));
    if (!processor.isEmpty()) {
      table.add("processor", processor);
    }
    hardware.memory().ifPresent(bytes -> table.add("memory", Text.size(bytes)));
    for (Hardware.DiskDevice disk : hardware.disks()) {
      table.add(
          "its disk",
          joined(
              ", ",
              List.of(
                  Optional.of(disk.name()),
                  disk.model(),
                  disk.serial().map("serial "::concat),
                  Optional.of(Text.size(disk.size())))));
    }
    for (Hardware.NetworkCard card : hardware.networkCards()) {
      table.add(
          "its network",
          joined(", ", List.of(Optional.of(card.name()), Optional.of(card.mac()), card.driver())));
    }
    hardware.efi().ifPresent(efi -> add(table, efi));
  }

  private static void add(Table table, Efi efi) {
    table.add(
        "UEFI",
        "Secure Boot %s%s"
            .formatted(
                efi.secureBoot().map(on -> on ? "on" : "off").orElse("unknown"),
                efi.bootOrder().isEmpty() ? "" : ", starts " + String.join(", ", efi.bootOrder())));
    for (Hardware.Entry entry : efi.entries()) {
      table.add(
          "Boot" + entry.number(),
          joined(
              ", ",
              List.of(
                  Optional.of(entry.title()),
                  entry.file(),
                  entry.partition().map("partition "::concat),
                  entry.active() ? Optional.empty() : Optional.of("not active"),
                  efi.bootCurrent().filter(entry.number()::equals).map(_ -> "started by it"))));
    }
  }

  private static Optional<String> counted(Optional<Integer> count, String what) {
    return count.map(n -> n + " " + what + (n == 1 ? "" : "s"));
  }

  private static String joined(String between, List<Optional<String>> parts) {
    return parts.stream()
        .flatMap(Optional::stream)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(between));
  }
}
