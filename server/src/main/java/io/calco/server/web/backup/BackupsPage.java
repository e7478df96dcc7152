package io.calco.server.web.backup;

import io.calco.backup.RestorePoint;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.served.ServedBackups;
import io.calco.engine.backup.served.ServedBackups.Board;
import io.calco.engine.backup.served.ServedBackups.Machine;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.Text;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.time.Instant;
import java.util.List;

/// `/backups`: the machines in each repository with their points on a line of time; and one
/// machine's points.
public final class BackupsPage implements Page {
  /// Ours: of more than these the newest are drawn.
  private static final int DOTS_MAX = 300;

  private static final int MACHINES_MAX = 500;
  private static final int ROWS = 100;

  private final ServedBackups backups;

  /// Shows these.
  public BackupsPage(ServedBackups backups) {
    this.backups = backups;
  }

  /// All repositories.
  record Boards(List<RepositoryView> repositories) {
    Boards {
      repositories = List.copyOf(repositories);
    }
  }

  /// A repository.
  ///
  /// @param board what is seen of it
  /// @param line of all its points
  /// @param lines a machine each
  record RepositoryView(Board board, TimeLine line, List<MachineLine> lines) {
    RepositoryView {
      lines = List.copyOf(lines);
    }

    static RepositoryView of(Board board, Text text) {
      Instant now = Instant.now();
      List<Machine> machines = board.machines().stream().limit(MACHINES_MAX).toList();
      Instant first =
          machines.stream()
              .map(machine -> drawn(machine).getFirst().created())
              .min(Instant::compareTo)
              .orElse(now);
      TimeLine line = TimeLine.of(first, now, text.language().locale());
      return new RepositoryView(
          board,
          line,
          machines.stream()
              .map(machine -> MachineLine.of(board.name(), machine, line, text))
              .toList());
    }

    int more() {
      return board.machines().size() - lines.size();
    }
  }

  /// A machine on the line of time.
  ///
  /// @param name printable
  /// @param path of its page
  /// @param last its newest point
  /// @param count of its points
  /// @param stored bytes that were written for them
  /// @param held how many are held
  /// @param dots a point each, oldest first
  record MachineLine(
      String name, String path, PointView last, int count, long stored, long held, List<Dot> dots) {
    MachineLine {
      dots = List.copyOf(dots);
    }

    static MachineLine of(String repository, Machine machine, TimeLine line, Text text) {
      return new MachineLine(
          PointView.shown(machine.name()),
          PointView.machinePath(repository, machine.name()),
          new PointView(repository, machine.last(), text),
          machine.points().size(),
          machine.storedBytes(),
          machine.points().stream().filter(point -> point.remarks().hold().isPresent()).count(),
          drawn(machine).stream()
              .map(
                  point -> new Dot(line.x(point.created()), new PointView(repository, point, text)))
              .toList());
    }
  }

  /// A point on the line.
  record Dot(String x, PointView view) {}

  private static List<RestorePoint> drawn(Machine machine) {
    List<RestorePoint> all = machine.points();
    return all.subList(Math.max(0, all.size() - DOTS_MAX), all.size());
  }

  /// A machine's page.
  ///
  /// @param repository where its points lie
  /// @param line its own line of time
  /// @param machine on it
  /// @param rows some of its points, newest first
  /// @param from how many newer ones are not shown
  record MachineModel(
      String repository, TimeLine line, MachineLine machine, List<PointView> rows, int from) {
    MachineModel {
      rows = List.copyOf(rows);
    }

    boolean more() {
      return from + rows.size() < machine.count();
    }
  }

  @Override
  public List<MenuItem> menu() {
    return List.of(MenuItem.forAdmins("/backups", "backups.title"));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/backups", this::show)
        .get("/backups/repository", this::part)
        .get("/backups/machine", this::machine);
  }

  private View show(Visit visit) {
    List<Board> boards = backups.boards(visit.admin());
    return View.page(
        "backup/boards",
        new Boards(boards.stream().map(board -> RepositoryView.of(board, visit.text())).toList()));
  }

  /// One repository, for a script that asks until it answers.
  private View part(Visit visit) {
    Board board = backups.board(visit.admin(), visit.query("name"));
    return View.page("backup/board", RepositoryView.of(board, visit.text()));
  }

  private View machine(Visit visit) {
    Board board = backups.board(visit.admin(), visit.query("repository"));
    Machine machine =
        board.machines().stream()
            .filter(each -> each.name().equals(visit.query("name")))
            .findFirst()
            .orElseThrow(() ->
                new OperationException(
                    Kind.NOT_FOUND,
                    board.problem().isEmpty()
                        ? "The repository has no points of such a machine."
                        : board.problem()));
    Text text = visit.text();
    TimeLine line =
        TimeLine.of(drawn(machine).getFirst().created(), Instant.now(), text.language().locale());
    int from = visit.from();
    List<PointView> rows =
        machine.points().reversed().stream()
            .skip(from)
            .limit(ROWS)
            .map(point -> new PointView(board.name(), point, text))
            .toList();
    return View.page(
        "backup/machine",
        new MachineModel(
            board.name(), line, MachineLine.of(board.name(), machine, line, text), rows, from));
  }
}
