package dev.tidemark.server;

import dev.tidemark.ingest.lineprotocol.Precision;
import dev.tidemark.ingest.name.DatabaseName;
import io.helidon.common.uri.UriQuery;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the routes that take line protocol do not have in common: which words they know for the
/// precision.
enum WriteDialect {
  /// `POST /api/v1/write/line-protocol` and `POST /api/v2/write`.
  STRICT("ns, us, ms or s") {
    @Override
    Optional<Precision> precision(String word) {
      return Precision.of(word);
    }
  },
  /// `POST /write`, as InfluxDB 1 has it.
  V1("ns, n, us, u, ms, s, m or h") {
    @Override
    Optional<Precision> precision(String word) {
      return Precision.ofV1(word);
    }
  };

  /// Names the database, before any parameter.
  static final HeaderName DATABASE = HeaderNames.create("x-arc-database");

  private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");
  private static final String DEFAULT_DATABASE = "default";

  private final String words;

  WriteDialect(String words) {
    this.words = words;
  }

  abstract Optional<Precision> precision(String word);

  /// What a request says beside its body.
  ///
  /// @param database where the points go
  /// @param precision the unit of their timestamps
  /// @param partial whether good lines are stored although others are bad
  /// @param idempotencyKey the client's name for this request, or null
  record Parameters(
      String database, Precision precision, boolean partial, @Nullable String idempotencyKey) {}

  /// Reads what a request says beside its body.
  ///
  /// @throws IllegalArgumentException if something it says is not understood; the message is fit
  ///   for the sender
  Parameters parameters(ServerRequest request) {
    UriQuery query = request.query();
    String word = query.first("precision").orElse("ns");
    Precision precision =
        precision(word)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "invalid precision " + quoted(word) + ": must be " + words));
    return new Parameters(
        DatabaseName.of(database(request, query)).value(), precision, partial(query), key(request));
  }

  private static String database(ServerRequest request, UriQuery query) {
    if (request.headers().contains(DATABASE)) {
      return request.headers().get(DATABASE).get();
    }
    return query.first("db").or(() -> query.first("bucket").asOptional()).orElse(DEFAULT_DATABASE);
  }

  private static boolean partial(UriQuery query) {
    String word = query.first("partial").orElse("false");
    return switch (word) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              "invalid partial " + quoted(word) + ": must be true or false");
    };
  }

  private static @Nullable String key(ServerRequest request) {
    return request.headers().contains(IDEMPOTENCY_KEY)
        ? request.headers().get(IDEMPOTENCY_KEY).get()
        : null;
  }

  /// The first characters of what a client sent, for an error message.
  private static String quoted(String word) {
    return '"' + (word.length() <= 32 ? word : word.substring(0, 32) + "…") + '"';
  }
}
