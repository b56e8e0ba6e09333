package dev.tidemark.cli;

import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.Shown;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;

/// Follows a log of our own, whoever writes it.
///
/// @param log the log
/// @param lines writes the records
/// @param range which
/// @param last how many of the last ones come first
record OwnTail(Log log, RecordLine lines, Range range, int last) {
  private static final Duration LONG = Duration.ofHours(1);

  void run() throws IOException, InterruptedException {
    try (WalReader reader = Wal.openReadOnly(log.path())) {
      long from = range.from();
      if (from == 0) {
        from = Math.max(reader.firstLsn(), reader.promisedLsn() + 1 - last);
      }
      long left = range.limit();
      while (left > 0) {
        try (Cursor cursor = reader.read(Math.max(1, from))) {
          while (left > 0) {
            if (!cursor.next()) {
              lines.results().flush();
              if (!cursor.next(LONG)) {
                continue;
              }
            }
            if (cursor.lsn() > range.to()) {
              return;
            }
            lines.write(shown(cursor));
            from = cursor.lsn() + 1;
            left--;
          }
        } catch (LsnGoneException gone) {
          System.err.println(
              "tidemark: LSN "
                  + from
                  + " to "
                  + (gone.firstAvailable() - 1)
                  + " were removed before they could be shown");
          from = gone.firstAvailable();
        }
      }
    }
  }

  private static Shown shown(Cursor cursor) {
    ByteBuffer payload = cursor.payload().asByteBuffer();
    long lsn = cursor.lsn();
    return new Shown("", -1, -1, lsn, lsn, lsn, true, sink -> {}, payload);
  }

  /// {@return where the log is}
  Path path() {
    return log.path();
  }
}
