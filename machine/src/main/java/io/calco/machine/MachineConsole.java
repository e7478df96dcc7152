package io.calco.machine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A machine's console. One thread may read while another writes; closing ends both.
public interface MachineConsole extends AutoCloseable {
  /// What the machine says; ends when it does.
  InputStream input();

  /// What the machine is told, at once.
  OutputStream output();

  @Override
  void close() throws IOException;
}
