package io.calco.store.s3;

import io.calco.store.backend.Content;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/// Clients of a service, made so that they do what is asked for and nothing else: no attempts of
/// their own, no search for credentials in the network, no form of sending that only Amazon's own
/// service understands.
final class Clients {
  private static final Duration CONNECTING = Duration.ofSeconds(15);
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /// Where a service that has no regions is said to be.
  private static final Region USUAL = Region.US_EAST_1;

  private Clients() {}

  static AwsCredentialsProvider credentials(S3Place place) {
    if (place.profile().isPresent()) {
      return ProfileCredentialsProvider.create(place.profile().get());
    }
    return AwsCredentialsProviderChain.of(
        EnvironmentVariableCredentialsProvider.create(), ProfileCredentialsProvider.create());
  }

  static S3Client client(S3Place place, AwsCredentialsProvider credentials) {
    S3ClientBuilder builder =
        S3Client.builder()
            .credentialsProvider(credentials)
            .region(region(place))
            .forcePathStyle(place.endpoint().isPresent() || place.bucket().contains("."))
            .serviceConfiguration(S3Configuration.builder().chunkedEncodingEnabled(false).build())
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(configuration ->
                configuration
                    .retryStrategy(DefaultRetryStrategy.doNotRetry())
                    .apiCallTimeout(Content.ANSWERING))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECTING)
                    .socketTimeout(SILENCE));
    place.endpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }

  private static Region region(S3Place place) {
    if (place.region().isPresent()) {
      return Region.of(place.region().get());
    }
    try {
      return new AwsRegionProviderChain(
              new SystemSettingsRegionProvider(), new AwsProfileRegionProvider())
          .getRegion();
    } catch (SdkClientException none) {
      return USUAL;
    }
  }
}
