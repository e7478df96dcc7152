package io.calco.guest.operation;

/// Remove what shells, databases, editors and pagers remember of every user.
final class ShellHistory extends HomeRemoval {
  ShellHistory() {
    super(
        "shell-history",
        Default.ON,
        "Remove what shells, databases, editors and pagers remember of every user",
        ".ash_history",
        ".sh_history",
        ".history",
        ".ksh_history",
        ".local/share/fish/fish_history",
        ".local/share/powershell/PSReadLine/*",
        ".python_history",
        ".node_repl_history",
        ".irb_history",
        ".php_history",
        ".mysql_history",
        ".mariadb_history",
        ".psql_history",
        ".sqlite_history",
        ".rediscli_history",
        ".dbshell",
        ".mongosh/*history*",
        ".lesshst",
        ".local/state/lesshst",
        ".viminfo",
        ".local/state/vim/viminfo",
        ".local/share/nvim/shada/*",
        ".local/state/nvim/shada/*",
        ".wget-hsts",
        ".local/share/nano/*_history");
  }
}
