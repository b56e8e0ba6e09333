package dev.tidemark.cli;

import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.Shown;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/// Follows a log of our own, whoever writes it. For one thread, for one command.
final class OwnTail {
  private static final Duration LONG = Duration.ofHours(1);

  private final Log log;
  private final RecordLine lines;
  private final Range range;
  private final int last;
  // The segment that a record was in last, and up to which LSN that is known.
  private String file = "";
  private long firstInFile;
  private long lastInFile;

  /// @param log the log
  /// @param lines writes the records
  /// @param range which
  /// @param last how many of the last ones come first
  OwnTail(Log log, RecordLine lines, Range range, int last) {
    this.log = log;
    this.lines = lines;
    this.range = range;
    this.last = last;
  }

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
            lines.write(shown(cursor, fileOf(reader, cursor.lsn())));
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

  // Asked for anew once for all that is promised by then.
  private String fileOf(WalReader reader, long lsn) throws IOException {
    if (lsn > lastInFile || lsn < firstInFile) {
      for (Segment segment : reader.segments()) {
        if (segment.firstLsn() <= lsn) {
          file = String.format("%016x.wal", segment.number());
          firstInFile = segment.firstLsn();
          lastInFile = Math.max(lsn, segment.lastLsn());
        }
      }
    }
    return file;
  }

  private static Shown shown(Cursor cursor, String file) {
    ByteBuffer payload = cursor.payload().asByteBuffer();
    long lsn = cursor.lsn();
    return new Shown(file, -1, -1, lsn, lsn, lsn, true, sink -> {}, payload);
  }
}
