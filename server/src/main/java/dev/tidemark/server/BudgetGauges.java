package dev.tidemark.server;

import java.io.IOException;
import java.io.UncheckedIOException;

/// The budgets and what is taken of them.
final class BudgetGauges {
  private BudgetGauges() {}

  static Families<Points> families() {
    Families<Points> budgets = new Families<>();
    budgets.gauge(
        "memory_budget_bytes",
        "Heap that rows and bodies may take together.",
        points -> points.memory().limitBytes());
    budgets.gauge(
        "memory_used_bytes",
        "Heap that rows and bodies take.",
        points -> points.memory().usedBytes());
    budgets.gauge(
        "bodies_in_flight_bytes",
        "Heap that request bodies take.",
        points -> points.memory().bodyBytes());
    budgets.gauge(
        "disk_budget_bytes",
        "Disk that the logs' files may take.",
        points -> points.disk().limitBytes());
    budgets.gauge("disk_used_bytes", "Disk that the logs' files take.", BudgetGauges::usedDisk);
    return budgets;
  }

  private static double usedDisk(Points points) {
    try {
      return points.disk().usedBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
