package io.calco.store.s3;

import io.calco.store.backend.ServerText;
import io.calco.store.backend.TransientBackendException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/// What a service or its client says went wrong, in one line.
final class S3Failures {
  private static final int NOT_FOUND = 404;
  private static final int PAST_THE_END = 416;

  private S3Failures() {}

  static boolean isPastTheEnd(SdkException e) {
    return e instanceof AwsServiceException service && service.statusCode() == PAST_THE_END;
  }

  /// @param where the object or place that it is about
  static IOException told(String where, S3Place place, SdkException e) {
    return switch (e) {
      case AwsServiceException service -> told(where, place, service);
      case ApiCallTimeoutException late ->
          new TransientBackendException(where, "the service did not answer in time", late);
      case SdkClientException client -> told(where, client);
      default -> new FileSystemException(where, null, ServerText.line(e.getMessage()));
    };
  }

  private static IOException told(String where, S3Place place, AwsServiceException e) {
    String code =
        e.awsErrorDetails() == null ? "" : ServerText.line(e.awsErrorDetails().errorCode());
    String reason =
        "the service refuses it: %s%s"
            .formatted(
                code.isEmpty() ? "" : code + " ",
                e.awsErrorDetails() == null
                    ? ""
                    : ServerText.line(e.awsErrorDetails().errorMessage()))
            .strip();
    int status = e.statusCode();
    if (code.equals("NoSuchBucket")) {
      return new NoSuchFileException(place.toString(), null, "there is no such bucket");
    }
    if (status == NOT_FOUND) {
      return new NoSuchFileException(where);
    }
    if (status == 401 || status == 403) {
      return new AccessDeniedException(where, null, reason);
    }
    if (status == 408 || status == 429 || status >= 500) {
      return new TransientBackendException(
          where, "the service cannot do it now (status %d %s)".formatted(status, code).strip(), e);
    }
    return new FileSystemException(where, null, reason + " (status " + status + ")");
  }

  private static IOException told(String where, SdkClientException e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof IOException) {
      return new TransientBackendException(
          where, "the connection failed: " + ServerText.line(describe(root)), e);
    }
    if (String.valueOf(e.getMessage()).contains("credentials")) {
      return new AccessDeniedException(
          where,
          null,
          "there are no credentials: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, nor a"
              + " profile in ~/.aws/credentials");
    }
    return new FileSystemException(where, null, ServerText.line(e.getMessage()));
  }

  private static String describe(Throwable failure) {
    return switch (failure) {
      case java.net.UnknownHostException unknown ->
          "there is no address of " + unknown.getMessage();
      case java.net.SocketTimeoutException late -> "no answer in time";
      default -> String.valueOf(failure.getMessage());
    };
  }
}
