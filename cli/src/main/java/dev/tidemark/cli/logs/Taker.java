package dev.tidemark.cli.logs;

import java.io.IOException;

/// Is shown the records of a log, and what is damaged, in the log's order.
public interface Taker {
  /// Takes a record.
  ///
  /// @param record the record
  /// @return whether to go on
  /// @throws IOException if it cannot be taken; passed on
  boolean record(Shown record) throws IOException;

  /// Takes note of damage.
  ///
  /// @param defect what is damaged
  void defect(Defect defect);

  /// Takes note of a file that is not read, because the system itself applies nothing behind damage
  /// that was told of.
  ///
  /// @param file which, relative to the log
  default void passed(String file) {}
}
