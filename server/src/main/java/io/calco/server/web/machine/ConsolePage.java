package io.calco.server.web.machine;

import io.calco.engine.host.ConsoleKind;
import io.calco.engine.host.ConsoleKind.Claim;
import io.calco.engine.host.HostMachines;
import io.calco.engine.identity.Caller;
import io.calco.server.http.ApiException;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// `/machines/{machine}/console`: a machine's screen or serial port in the browser. Its script asks
/// for a ticket, and shows that to the websocket that carries the console.
public final class ConsolePage implements Page {
  private final HostMachines machines;
  private final ConsoleTickets tickets = new ConsoleTickets(System::nanoTime);

  /// Consoles of this host's machines.
  public ConsolePage(HostMachines machines) {
    this.machines = machines;
  }

  /// A console.
  ///
  /// @param machine as it is
  /// @param kinds what there is
  /// @param chosen one of them; empty when there is none
  record Model(MachineView machine, List<ConsoleKind> kinds, Optional<ConsoleKind> chosen) {
    Model {
      kinds = List.copyOf(kinds);
    }
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/machines/{machine}/console", this::show)
        .post("/machines/{machine}/console/{kind}/ticket", this::ticket)
        .socket("/machines/{machine}/console/{kind}/socket", this::open);
  }

  private View show(Visit visit) throws IOException {
    HostMachines.Known known = machines.show(visit.caller(), visit.path("machine"));
    List<ConsoleKind> kinds =
        Arrays.stream(ConsoleKind.values()).filter(kind -> kind.isOf(known.consoles())).toList();
    Optional<ConsoleKind> asked = ConsoleKind.find(visit.query("kind")).filter(kinds::contains);
    visit.showsOwnPictures(); // the screen's pointer, and what comes as JPEG
    return View.page(
        "machine/console",
        new Model(
            new MachineView(known.report(), visit.text()),
            kinds,
            asked.or(() -> kinds.stream().findFirst())));
  }

  private static ConsoleKind kind(Visit visit) {
    return ConsoleKind.find(visit.path("kind"))
        .orElseThrow(() -> new ApiException(HttpStatus.NOT_FOUND, "There is no such console."));
  }

  private View ticket(Visit visit) throws IOException {
    Caller caller = visit.caller();
    String machine = visit.path("machine");
    ConsoleKind kind = kind(visit);
    machines.requireConsole(caller, machine, kind);
    Claim claim = visit.query("take").equals("yes") ? Claim.TAKEN : Claim.FREE;
    visit
        .request()
        .contentType("text/plain; charset=utf-8")
        .result(tickets.give(new ConsoleTickets.Ticket(caller.userId(), machine, kind, claim)));
    return new View.Done();
  }

  private PageRoutes.Opening open(Visit visit) {
    Caller caller = visit.caller();
    String machine = visit.path("machine");
    ConsoleKind kind = kind(visit);
    ConsoleTickets.Ticket ticket =
        tickets
            .take(visit.query("ticket"))
            .filter(known -> known.isFor(caller.userId(), machine, kind))
            .orElseThrow(() ->
                new ApiException(
                    HttpStatus.FORBIDDEN,
                    "The ticket was used already, is too old, or another's."));
    return () -> machines.console(caller, machine, kind, ticket.claim());
  }
}
