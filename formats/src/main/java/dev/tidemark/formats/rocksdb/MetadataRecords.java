package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.rocksdb.WalLayout.NO_COMPRESSION;
import static dev.tidemark.formats.rocksdb.WalLayout.NUMBERED_PREDECESSOR;
import static dev.tidemark.formats.rocksdb.WalLayout.NUMBERED_TIMESTAMP_SIZES;
import static dev.tidemark.formats.rocksdb.WalLayout.PREDECESSOR;
import static dev.tidemark.formats.rocksdb.WalLayout.SET_COMPRESSION;
import static dev.tidemark.formats.rocksdb.WalLayout.TIMESTAMP_SIZES;
import static dev.tidemark.formats.rocksdb.WalLayout.ZSTANDARD;
import static dev.tidemark.formats.rocksdb.WalLayout.ZSTANDARD_MAGIC;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a log says of itself, in fragments that belong to no record. For one thread at a time.
final class MetadataRecords {
  private static final int COMPRESSION_BYTES = 4;
  private static final int TIMESTAMP_SIZE_BYTES = 6;
  private static final int PREDECESSOR_BYTES = 24;

  /// Of how many column families the sizes of timestamps are remembered, to tell of one that is
  /// stated twice; of more it is not told. RocksDB, which needs the sizes, keeps all there are.
  static final int MOST_SIZED = 10_000;

  // All owned by the caller's thread.
  private final Set<Long> sized = new HashSet<>();
  private boolean recordRead;
  private boolean compressionRead;
  private boolean compressed;
  private boolean compressionLost;

  static boolean isOne(int type) {
    return switch (type) {
      case SET_COMPRESSION,
          TIMESTAMP_SIZES,
          NUMBERED_TIMESTAMP_SIZES,
          PREDECESSOR,
          NUMBERED_PREDECESSOR ->
          true;
      default -> false;
    };
  }

  /// Says that a record has been read.
  void recordRead() {
    recordRead = true;
  }

  /// Says that something was damaged. What the log says of itself at its beginning may have been
  /// among it.
  void damaged() {
    compressionLost |= !recordRead && !compressionRead;
  }

  /// {@return whether the log says that records are compressed}
  boolean saysCompressed() {
    return compressed;
  }

  /// {@return whether a record is compressed}
  ///
  /// @param record its bytes, which are looked at if the log may have said so and that is lost
  boolean isCompressed(ByteBuffer record) {
    return compressed
        || (compressionLost
            && record.remaining() >= Integer.BYTES
            && Integer.reverseBytes(record.getInt(record.position())) == ZSTANDARD_MAGIC);
  }

  /// Takes one.
  ///
  /// @param type for which [#isOne] holds
  /// @param data of its fragment
  /// @return what RocksDB says is wrong with it, or null
  @Nullable String take(int type, ByteBuffer data) {
    ByteReader reader = ByteReader.of(data);
    try {
      return switch (type) {
        case SET_COMPRESSION -> takeCompression(reader);
        case TIMESTAMP_SIZES, NUMBERED_TIMESTAMP_SIZES -> takeTimestampSizes(reader);
        default -> takePredecessor(reader);
      };
    } catch (FormatException cut) {
      throw new AssertionError("lengths have been checked", cut);
    }
  }

  private @Nullable String takeCompression(ByteReader reader) throws FormatException {
    if (reader.remaining() < COMPRESSION_BYTES) {
      return "could not decode SetCompressionType record";
    }
    long compression = reader.int32LittleEndian("a compression");
    if (compression != NO_COMPRESSION && compression != ZSTANDARD) {
      return "could not decode SetCompressionType record: WAL compression type "
          + compression
          + " not supported";
    }
    boolean again = compressionRead;
    compressed = compression == ZSTANDARD;
    compressionRead = true;
    if (again) {
      return "read multiple SetCompressionType records";
    }
    return recordRead ? "SetCompressionType not the first record" : null;
  }

  private @Nullable String takeTimestampSizes(ByteReader reader) throws FormatException {
    if (reader.remaining() % TIMESTAMP_SIZE_BYTES != 0) {
      return "could not decode user-defined timestamp size record";
    }
    while (reader.hasRemaining()) {
      long columnFamily = reader.int32LittleEndian("a column family");
      if (reader.short16LittleEndian("the size of a timestamp") == 0) {
        return "User-defined timestamp size record contains zero timestamp size.";
      }
      boolean known = sized.contains(columnFamily);
      if (!known && sized.size() < MOST_SIZED) {
        sized.add(columnFamily);
      }
      if (known) {
        return "User-defined timestamp size record contains update to recorded column family.";
      }
    }
    return null;
  }

  /// Whether the log before is the one that is named is not judged: RocksDB does so only where it
  /// was told to keep such records.
  private static @Nullable String takePredecessor(ByteReader reader) {
    return reader.remaining() < PREDECESSOR_BYTES
        ? "could not decode PredecessorWALInfoType record"
        : null;
  }
}
