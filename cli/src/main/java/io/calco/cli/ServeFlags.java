package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.nbd.DiskServing;
import io.calco.engine.nbd.ServedDisk;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/// What commands share that serve disks over NBD.
final class ServeFlags {
  /// What they all do.
  static final String DESCRIPTION =
      "Prints the address of each, for qemu, qemu-img, nbdcopy, nbd-client and Calco itself. Without"
          + " --listen only programs on this host reach it; all of them, where unix:PATH leaves it to"
          + " the permissions of the directory.";

  private static final long PAUSE_MILLIS = 200;

  private final Value<String> listen;
  private final Value<Path> certificate;
  private final Value<Path> key;
  private final Value<Path> clients;
  private final Flag clear;

  ServeFlags(Syntax words) {
    listen =
        words.option(
            "--listen",
            "HOST:PORT|unix:PATH",
            String.class,
            DiskServing.DEFAULT_LISTEN,
            "Where to listen (default: ${DEFAULT-VALUE}); port 0 is any that is free.");
    certificate =
        words.option(
            "--tls-cert",
            "FILE",
            Path.class,
            "Encrypt, with this certificate (PEM) and those that vouch for it.");
    key = words.option("--tls-key", "FILE", Path.class, "The certificate's key (PEM).");
    clients =
        words.option(
            "--tls-clients",
            "FILE",
            Path.class,
            "Serve only clients that show a certificate that one of these (PEM) vouches for.");
    clear =
        words.flag(
            "--allow-clear", "Serve other hosts in the clear: whoever reaches it gets the disk.");
  }

  private DiskServing.Order order() {
    if (certificate.given() != key.given() || clients.given() && !certificate.given()) {
      throw new OperationException(
          Kind.USAGE, "--tls-cert and --tls-key go together, and --tls-clients with them");
    }
    Optional<DiskServing.Certificates> files =
        certificate
            .optional()
            .map(chain -> new DiskServing.Certificates(chain, key.get(), clients.optional()));
    return new DiskServing.Order(
        listen.get(), files, clear.given() ? DiskServing.Clear.ALLOWED : DiskServing.Clear.REFUSED);
  }

  /// Serves until SIGTERM or Ctrl-C.
  int serve(CommandBase command, List<ServedDisk> disks) throws IOException {
    try (Progress progress = command.progress();
        DiskServing serving = DiskServing.start(disks, order())) {
      if (command.json()) {
        Json.print(command.out(), Json.object().put("addresses", serving.addresses()));
      } else {
        serving.addresses().forEach(command.out()::println);
      }
      command.out().flush();
      while (true) {
        Thread.sleep(PAUSE_MILLIS);
        progress.checkCancelled();
      }
    } catch (CancellationException asked) {
      return ExitCode.DONE; // it is how this ends
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }
}
