package io.calco.engine.audit;

import java.util.Locale;

/// What is recorded. As it is written, the part before the dot is the kind of thing it is done to.
public enum Action {
  /// A user proved who they are, or did not.
  LOGIN,
  /// A token was made invalid.
  LOGOUT,
  /// An image was added.
  IMAGE_CREATE,
  /// An image's metadata were changed.
  IMAGE_CHANGE,
  /// An image got content.
  IMAGE_UPLOAD,
  /// An image's content was staged.
  IMAGE_STAGE,
  /// An import was begun.
  IMAGE_IMPORT,
  /// It was said where on the web an image's content lies.
  IMAGE_LOCATE,
  /// An image's content was deleted from one of several stores.
  IMAGE_DISCARD,
  /// An image's content was sent.
  IMAGE_DOWNLOAD,
  /// An image was deleted.
  IMAGE_DELETE,
  /// An image's content was withdrawn.
  IMAGE_DEACTIVATE,
  /// An image's content was made available again.
  IMAGE_REACTIVATE,
  /// An image was offered to a project.
  IMAGE_SHARE,
  /// An offer was taken back.
  IMAGE_UNSHARE,
  /// A project made up its mind about an offer.
  IMAGE_MEMBERSHIP,
  /// A user was added.
  USER_CREATE,
  /// A user was changed.
  USER_CHANGE,
  /// A user got another password.
  USER_PASSWORD,
  /// A user was deleted.
  USER_DELETE,
  /// A project was added.
  PROJECT_CREATE,
  /// A project was changed.
  PROJECT_CHANGE,
  /// A project got a quota, or lost its own.
  PROJECT_QUOTA,
  /// A project was deleted.
  PROJECT_DELETE,
  /// A user got a role.
  ROLE_GRANT,
  /// A role was taken from a user.
  ROLE_REVOKE,
  /// An application credential was made.
  CREDENTIAL_CREATE,
  /// An application credential was deleted.
  CREDENTIAL_DELETE,
  /// A template, or its next version, was made.
  TEMPLATE_CREATE,
  /// A template got another name.
  TEMPLATE_RENAME,
  /// A template was deleted.
  TEMPLATE_DELETE,
  /// Clones were made.
  CLONE_CREATE,
  /// A clone was taken back to its first state.
  CLONE_RESET,
  /// A clone's disk became a delta that was exported before.
  CLONE_IMPORT,
  /// A clone was made independent of its template.
  CLONE_FLATTEN,
  /// A clone was deleted.
  CLONE_DELETE,
  /// A class was made.
  CLASS_CREATE,
  /// A class got more or fewer seats, other limits, or was frozen or thawed.
  CLASS_CHANGE,
  /// A class was deleted with its clones.
  CLASS_DELETE,
  /// A machine was made.
  MACHINE_DEFINE,
  /// A machine got another name.
  MACHINE_RENAME,
  /// A machine was deleted.
  MACHINE_DELETE,
  /// A machine was started.
  MACHINE_START,
  /// A machine was stopped, or asked to stop.
  MACHINE_STOP,
  /// A machine's console was opened.
  MACHINE_CONSOLE,
  /// A job was stopped.
  JOB_CANCEL,
  /// The store's garbage was collected.
  STORE_COLLECT,
  /// The store was verified.
  STORE_VERIFY,
  /// A plan of backups was added.
  PLAN_CREATE,
  /// A plan was changed.
  PLAN_CHANGE,
  /// A plan was taken away.
  PLAN_DELETE,
  /// A plan was run.
  PLAN_RUN,
  /// A restore point was made.
  BACKUP_CREATE,
  /// A restore point, or a file in one, was sent.
  BACKUP_DOWNLOAD,
  /// A restore point became an image of the catalogue.
  BACKUP_IMAGE,
  /// A restore point was written to a disk or a file.
  BACKUP_RESTORE,
  /// A repository was verified.
  BACKUP_VERIFY,
  /// Something else is said of a restore point.
  BACKUP_REMARK,
  /// A restore point is held, or not any more.
  BACKUP_HOLD,
  /// A restore point was forgotten.
  BACKUP_FORGET,
  /// What was forgotten gave back its room.
  BACKUP_PRUNE,
  /// A repository was made for somebody on another machine.
  REPOSITORY_CREATE,
  /// Such a repository may be deleted from again.
  REPOSITORY_CHANGE,
  /// Something was put there.
  REPOSITORY_WRITE,
  /// Something was read there.
  REPOSITORY_READ,
  /// Objects were deleted there, or were to be.
  REPOSITORY_DISCARD,
  /// The server began to listen.
  SERVER_START,
  /// The server ended.
  SERVER_STOP;

  /// As it is written: `image.create`, `login`.
  public String text() {
    return name().toLowerCase(Locale.ROOT).replaceFirst("_", ".");
  }
}
