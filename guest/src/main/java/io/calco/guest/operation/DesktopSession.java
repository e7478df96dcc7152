package io.calco.guest.operation;

/// Remove the display keys and recent files of every user.
final class DesktopSession extends HomeRemoval {
  DesktopSession() {
    super(
        "desktop-session",
        Default.ON,
        "Remove the display keys and recent files of every user",
        ".Xauthority",
        ".ICEauthority",
        ".xsession-errors*",
        ".local/share/recently-used.xbel");
  }
}
