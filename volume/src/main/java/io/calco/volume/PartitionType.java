package io.calco.volume;

import java.util.UUID;

/// A partition's type as its table writes it, and what that means.
///
/// @param code `0x83` from an MBR, a type GUID in lower case from a GPT
/// @param kind what the code declares, [PartitionKind#UNKNOWN] when it is not a known one
public record PartitionType(String code, PartitionKind kind) {

  static PartitionType mbr(int code) {
    return new PartitionType("0x%02x".formatted(code), PartitionKind.ofMbr(code));
  }

  static PartitionType gpt(UUID guid) {
    return new PartitionType(guid.toString(), PartitionKind.ofGpt(guid));
  }

  /// The name of a known kind, else the code.
  public String description() {
    return kind == PartitionKind.UNKNOWN ? code : kind.description();
  }
}
