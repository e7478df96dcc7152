package io.calco.disk;

/// How large the file of a new image will be, in bytes.
///
/// @param required with a given disk's data in it; an upper bound, as `qemu-img measure` gives it
/// @param fullyAllocated when every byte of the disk was written
public record MeasuredSize(long required, long fullyAllocated) {}
