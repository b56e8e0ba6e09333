package dev.tidemark.server;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// The table of what is answered where, from which everything else is refused: another method on a
/// known path with 405, an unknown path with 404. For one thread, before the server starts.
final class Routes {
  private final Map<String, Map<Method, Handler>> table = new LinkedHashMap<>();

  Routes get(String path, Handler handler) {
    return add(path, Method.GET, handler);
  }

  /// Only for what answers without a body: the web server would send one all the same.
  Routes head(String path, Handler handler) {
    return add(path, Method.HEAD, handler);
  }

  Routes post(String path, Handler handler) {
    return add(path, Method.POST, handler);
  }

  private Routes add(String path, Method method, Handler handler) {
    table.computeIfAbsent(path, _ -> new LinkedHashMap<>()).put(method, handler);
    return this;
  }

  /// {@return the known paths}
  Set<String> paths() {
    return new LinkedHashSet<>(table.keySet());
  }

  /// Enters the table into the web server's routing.
  void enter(HttpRouting.Builder routing) {
    routing.addFilter(Routes::endIfUnread);
    table.forEach(
        (path, methods) -> {
          methods.forEach((method, handler) -> routing.route(method, path, handler));
          String allowed = String.join(", ", methods.keySet().stream().map(Method::text).toList());
          routing.any(path, (request, response) -> wrongMethod(request, response, allowed));
        });
    routing.any(Routes::unknown);
  }

  private static void endIfUnread(
      FilterChain chain, RoutingRequest request, RoutingResponse response) {
    chain.proceed();
    if (RequestBody.isLeftUnread(request)) {
      throw new CloseConnectionException("answered without asking for the body");
    }
  }

  private static void wrongMethod(ServerRequest request, ServerResponse response, String allowed)
      throws Exception {
    RequestBody.discard(request);
    response.header(HeaderNames.ALLOW, allowed);
    refuse(request, response, Status.METHOD_NOT_ALLOWED_405, "this path takes " + allowed);
  }

  private static void unknown(ServerRequest request, ServerResponse response) throws Exception {
    RequestBody.discard(request);
    refuse(request, response, Status.NOT_FOUND_404, "there is nothing at this path");
  }

  private static void refuse(
      ServerRequest request, ServerResponse response, Status status, String message) {
    if (request.prologue().method().equals(Method.HEAD)) {
      response.status(status).send();
    } else {
      JsonAnswer.error(response, status, message);
    }
  }
}
