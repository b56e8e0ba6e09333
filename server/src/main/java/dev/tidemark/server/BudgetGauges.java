package dev.tidemark.server;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.ToDoubleFunction;

/// Shows the budgets and what is taken of them. Before the server is ready there is nothing to
/// show.
final class BudgetGauges {
  private BudgetGauges() {}

  static void register(PrometheusRegistry registry, Gate gate) {
    gauge(
        registry,
        gate,
        "memory_budget_bytes",
        "Heap that rows and bodies may take together.",
        points -> points.memory().limitBytes());
    gauge(
        registry,
        gate,
        "memory_used_bytes",
        "Heap that rows and bodies take.",
        points -> points.memory().usedBytes());
    gauge(
        registry,
        gate,
        "bodies_in_flight_bytes",
        "Heap that request bodies take.",
        points -> points.memory().bodyBytes());
    gauge(
        registry,
        gate,
        "disk_budget_bytes",
        "Disk that the logs' files may take.",
        points -> points.disk().limitBytes());
    gauge(
        registry,
        gate,
        "disk_used_bytes",
        "Disk that the logs' files take.",
        BudgetGauges::usedDisk);
  }

  private static double usedDisk(Points points) {
    try {
      return points.disk().usedBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void gauge(
      PrometheusRegistry registry,
      Gate gate,
      String name,
      String help,
      ToDoubleFunction<Points> value) {
    GaugeWithCallback.builder()
        .name("tidemark_" + name)
        .help(help)
        .callback(
            callback -> {
              Points points = gate.peek();
              if (points != null) {
                callback.call(value.applyAsDouble(points));
              }
            })
        .register(registry);
  }
}
