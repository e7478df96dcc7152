package io.calco.disk;

/// What a disk can do, asked once when it is opened and then enforced by [Disk].
///
/// @param writable bytes can be written
/// @param extents the driver knows which runs are allocated; where false it answers one allocated
///   extent
/// @param discard runs can be given back to the host
/// @param fastZero [DiskDriver#writeZeroes] is much faster than writing zero bytes
/// @param resizable [DiskDriver#resize] is supported
public record DiskCapabilities(
    boolean writable, boolean extents, boolean discard, boolean fastZero, boolean resizable) {

  /// The same abilities without any that change the disk.
  public DiskCapabilities readOnly() {
    return new DiskCapabilities(false, extents, false, false, false);
  }
}
