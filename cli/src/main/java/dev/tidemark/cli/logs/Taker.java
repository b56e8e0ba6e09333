package dev.tidemark.cli.logs;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

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

  /// What a file held when it was read.
  ///
  /// @param records how many records
  /// @param lastNumber the largest number up to its end
  record Extent(long records, long lastNumber) {}

  /// Says what a file holds, if the taker has seen it and wants it passed over.
  ///
  /// @param file which, relative to the log
  /// @return what it holds, null to read it
  default @Nullable Extent known(String file) {
    return null;
  }

  /// Takes note that a file was read to its end, nothing in it being damaged.
  ///
  /// @param file which, relative to the log
  /// @param extent what it holds
  default void ended(String file, Extent extent) {}
}
