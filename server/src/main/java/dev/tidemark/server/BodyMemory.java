package dev.tidemark.server;

import dev.tidemark.ingest.body.Room;
import dev.tidemark.ingest.budget.MemoryBudget;

/// What the body of one request has taken of the memory that all share. Owned by the thread that
/// handles the request; closing it gives everything back.
final class BodyMemory implements Room, AutoCloseable {
  private final MemoryBudget budget;
  private long heldBytes;

  BodyMemory(MemoryBudget budget) {
    this.budget = budget;
  }

  @Override
  public boolean take(long bytes) {
    boolean isTaken = budget.takeForBody(bytes, heldBytes);
    heldBytes += isTaken ? bytes : 0;
    return isTaken;
  }

  @Override
  public void give(long bytes) {
    assert bytes >= 0 && bytes <= heldBytes : bytes + " of " + heldBytes;
    heldBytes -= bytes;
    budget.giveFromBody(bytes);
  }

  @Override
  public void close() {
    give(heldBytes);
  }
}
