package io.calco.store.sftp;

import java.io.IOException;

/// A server's refusal of one request. The channel is as good as before.
final class SftpException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int code;

  SftpException(Reply.Status status) {
    super(status.toString());
    this.code = status.code();
  }

  /// One of the specification's, or any other.
  int code() {
    return code;
  }
}
