package io.calco.engine.host;

import io.calco.engine.machine.Machines;
import io.calco.machine.libvirt.DomainConsole;
import io.calco.machine.libvirt.Domains;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;

/// A serial console that libvirt hands out, by a connection of its own: what one reader leaves
/// unread makes nobody else wait.
final class SerialChannel implements ByteChannel {
  private static final int PIECE_MAX = 16 << 10;

  private final Machines machines;
  private final InputStream input;
  private final OutputStream output;

  private SerialChannel(Machines machines, DomainConsole console) {
    this.machines = machines;
    this.input = console.input();
    this.output = console.output();
  }

  static SerialChannel open(
      LibvirtLink link, Duration atMost, String machine, ConsoleKind.Claim claim)
      throws IOException {
    Domains.Console how =
        claim == ConsoleKind.Claim.TAKEN ? Domains.Console.FORCE : Domains.Console.FREE;
    return link.open(
        atMost, machines -> new SerialChannel(machines, machines.console(machine, how)));
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    byte[] piece = new byte[Math.min(into.remaining(), PIECE_MAX)];
    int count = input.read(piece);
    if (count > 0) {
      into.put(piece, 0, count);
    }
    return count;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    byte[] piece = new byte[Math.min(from.remaining(), PIECE_MAX)];
    from.get(piece);
    output.write(piece);
    return piece.length;
  }

  @Override
  public boolean isOpen() {
    return machines.alive();
  }

  /// libvirt ends the stream with its connection, whether or not it still answers.
  @Override
  public void close() {
    machines.hangUp();
  }
}
