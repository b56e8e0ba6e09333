package dev.tidemark.sink;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/// What the end of a file says about it: whose rows it holds, and how many.
///
/// ```
/// PAR1 | pages … | footer: schema, row groups, key-value metadata | length of the footer, 4 | PAR1
/// ```
///
/// A file counts as complete only if its footer can be read: Parquet writes it last.
///
/// @param id what the rows are
/// @param rows how many there are
record Footer(FileIdentity id, long rows) {

  /// The largest footer that is read, in bytes.
  static final int MAX_FOOTER_BYTES = 64 << 20;

  private static final int MAGIC = 'P' | 'A' << 8 | 'R' << 16 | '1' << 24;
  private static final int MAGIC_BYTES = 4;
  private static final int TAIL_BYTES = 4 + MAGIC_BYTES;

  private static final String LOG = "tidemark.log";
  private static final String SHARD = "tidemark.shard";
  private static final String DATABASE = "tidemark.database";
  private static final String MEASUREMENT = "tidemark.measurement";
  private static final String FROM = "tidemark.from";
  private static final String TO = "tidemark.to";
  private static final String HOUR = "tidemark.hour";
  private static final String ROWS = "tidemark.rows";

  /// The footer of a file cannot be read. The message says what is wrong, as in "holds …".
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableException(String what) {
      super(what);
    }

    UnreadableException(String what, Throwable cause) {
      super(what, cause);
    }
  }

  /// {@return the key-value metadata to write}
  Map<String, String> metadata() {
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(LOG, id.logId());
    metadata.put(SHARD, Integer.toString(id.shard()));
    metadata.put(DATABASE, id.database());
    metadata.put(MEASUREMENT, id.measurement());
    metadata.put(FROM, Long.toString(id.fromLsn()));
    metadata.put(TO, Long.toString(id.toLsn()));
    metadata.put(HOUR, Long.toString(id.hourEpoch()));
    metadata.put(ROWS, Long.toString(rows));
    return metadata;
  }

  /// Reads the footer of a file.
  ///
  /// @param file a regular file
  /// @return what its footer says
  /// @throws UnreadableException if its bytes are not those of a complete file of a sink
  /// @throws IOException if the disk fails
  static Footer read(Path file) throws IOException, UnreadableException {
    byte[] bytes;
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      bytes = footerBytes(channel);
    }
    FileMetaData parsed;
    try {
      parsed = Util.readFileMetaData(new ByteArrayInputStream(bytes));
    } catch (IOException | RuntimeException e) {
      throw new UnreadableException("a damaged Parquet footer (" + e.getMessage() + ")", e);
    }
    return of(parsed);
  }

  private static byte[] footerBytes(FileChannel channel) throws IOException, UnreadableException {
    long size = channel.size();
    if (size < MAGIC_BYTES + TAIL_BYTES) {
      throw new UnreadableException(size + " bytes, too few for a Parquet file");
    }
    ByteBuffer head = readFully(channel, 0, MAGIC_BYTES);
    ByteBuffer tail = readFully(channel, size - TAIL_BYTES, TAIL_BYTES);
    int length = tail.getInt();
    if (head.getInt() != MAGIC || tail.getInt() != MAGIC) {
      throw new UnreadableException("no complete Parquet file (its first or last bytes are wrong)");
    }
    if (length <= 0 || length > MAX_FOOTER_BYTES || length > size - MAGIC_BYTES - TAIL_BYTES) {
      throw new UnreadableException("a Parquet footer of an impossible length (" + length + ")");
    }
    return readFully(channel, size - TAIL_BYTES - length, length).array();
  }

  private static ByteBuffer readFully(FileChannel channel, long offset, int length)
      throws IOException, UnreadableException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw new UnreadableException("a file that became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private static Footer of(FileMetaData parsed) throws UnreadableException {
    Map<String, String> metadata = new HashMap<>();
    if (parsed.isSetKey_value_metadata()) {
      for (KeyValue pair : parsed.getKey_value_metadata()) {
        metadata.put(pair.getKey(), pair.getValue());
      }
    }
    FileIdentity id;
    long rows;
    try {
      id =
          new FileIdentity(
              text(metadata, LOG),
              Math.toIntExact(number(metadata, SHARD)),
              text(metadata, DATABASE),
              text(metadata, MEASUREMENT),
              number(metadata, FROM),
              number(metadata, TO),
              number(metadata, HOUR));
      rows = number(metadata, ROWS);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new UnreadableException("a Parquet file without our metadata: " + e.getMessage(), e);
    }
    requireRows(parsed, rows);
    return new Footer(id, rows);
  }

  private static void requireRows(FileMetaData parsed, long rows) throws UnreadableException {
    long inGroups = 0;
    for (RowGroup group : parsed.getRow_groups()) {
      inGroups += group.getNum_rows();
    }
    if (rows != parsed.getNum_rows() || rows != inGroups) {
      throw new UnreadableException(
          "a damaged Parquet footer (it states %d rows, Parquet %d, its row groups %d)"
              .formatted(rows, parsed.getNum_rows(), inGroups));
    }
  }

  private static String text(Map<String, String> metadata, String key) {
    String value = metadata.get(key);
    if (value == null) {
      throw new IllegalArgumentException("there is no " + key);
    }
    return value;
  }

  private static long number(Map<String, String> metadata, String key) {
    return Long.parseLong(text(metadata, key)); // its exception is an IllegalArgumentException
  }

  /// {@return the footer in words, for a message}
  @Override
  public String toString() {
    return "%d rows of %s (log %s, shard %d, LSN %d to %d, hour %d)"
        .formatted(
            rows,
            id.database() + "/" + id.measurement(),
            id.logId(),
            id.shard(),
            id.fromLsn(),
            id.toLsn(),
            id.hourEpoch());
  }
}
