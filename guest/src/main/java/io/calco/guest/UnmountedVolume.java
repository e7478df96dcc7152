package io.calco.guest;

/// A line of the guest's `/etc/fstab` whose files are not in the [GuestTree].
///
/// @param device as the line has it
/// @param mountPoint where it would be
/// @param reason one sentence for a person
public record UnmountedVolume(String device, String mountPoint, String reason) {}
