package dev.tidemark.leveldb;

import java.util.function.Consumer;

/// How a store works. Immutable; start from [#defaults()] or [#builder()]. The names and most
/// defaults are LevelDB's.
public final class LevelDbOptions {
  /// The default size at which what was written goes into a table: 4 MiB.
  public static final int DEFAULT_WRITE_BUFFER_BYTES = 4 << 20;

  /// The default size of a table that compaction writes: 2 MiB.
  public static final int DEFAULT_MAX_FILE_BYTES = 2 << 20;

  /// The default size of a block of a table: 4 KiB.
  public static final int DEFAULT_BLOCK_BYTES = 4 << 10;

  /// How much of tables is kept in memory by default: 8 MiB.
  public static final long DEFAULT_BLOCK_CACHE_BYTES = 8L << 20;

  /// How many tables are kept open by default.
  public static final int DEFAULT_MAX_OPEN_TABLES = 990;

  private static final LevelDbOptions DEFAULTS = builder().build();

  private final boolean createIfMissing;
  private final boolean errorIfExists;
  private final boolean paranoidChecks;
  private final boolean reuseLogs;
  private final boolean preallocateLogs;
  private final boolean compression;
  private final int writeBufferBytes;
  private final int maxFileBytes;
  private final int blockBytes;
  private final long blockCacheBytes;
  private final int maxOpenTables;
  private final Consumer<String> warnings;

  private LevelDbOptions(Builder from) {
    createIfMissing = from.createIfMissing;
    errorIfExists = from.errorIfExists;
    paranoidChecks = from.paranoidChecks;
    reuseLogs = from.reuseLogs;
    preallocateLogs = from.preallocateLogs && !from.paranoidChecks;
    compression = from.compression;
    writeBufferBytes = within("writeBufferBytes", from.writeBufferBytes, 1 << 10, 1 << 30);
    maxFileBytes = within("maxFileBytes", from.maxFileBytes, 1 << 10, 1 << 30);
    blockBytes = within("blockBytes", from.blockBytes, 64, 4 << 20);
    blockCacheBytes = from.blockCacheBytes;
    if (blockCacheBytes < 0) {
      throw new IllegalArgumentException(
          "blockCacheBytes must not be negative: " + blockCacheBytes);
    }
    maxOpenTables = within("maxOpenTables", from.maxOpenTables, 1, 1 << 20);
    warnings = from.warnings;
  }

  private static int within(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(name + " must be " + least + " to " + most + ": " + value);
    }
    return value;
  }

  /// {@return the defaults}
  public static LevelDbOptions defaults() {
    return DEFAULTS;
  }

  /// {@return a builder that holds the defaults}
  public static Builder builder() {
    return new Builder();
  }

  /// {@return whether a store is made where there is none}
  public boolean createIfMissing() {
    return createIfMissing;
  }

  /// {@return whether opening a store that is there is refused}
  public boolean errorIfExists() {
    return errorIfExists;
  }

  /// {@return whether a log that is damaged keeps the store from being opened}
  public boolean paranoidChecks() {
    return paranoidChecks;
  }

  /// {@return whether the last log is gone on with at open}
  public boolean reuseLogs() {
    return reuseLogs;
  }

  /// {@return whether a synced write fills the last block of the log with zeros; false with
  /// paranoid checks}
  public boolean preallocateLogs() {
    return preallocateLogs;
  }

  /// {@return whether blocks of tables are compressed by Snappy where that helps}
  public boolean compression() {
    return compression;
  }

  /// {@return how much is held in memory, and in the log alone, before it goes into a table, in
  /// bytes}
  public int writeBufferBytes() {
    return writeBufferBytes;
  }

  /// {@return how large a table becomes in compaction, in bytes}
  public int maxFileBytes() {
    return maxFileBytes;
  }

  /// {@return how large a block of a table becomes, in bytes}
  public int blockBytes() {
    return blockBytes;
  }

  /// {@return how much of tables is kept in memory, in bytes}
  public long blockCacheBytes() {
    return blockCacheBytes;
  }

  /// {@return how many tables are kept open}
  public int maxOpenTables() {
    return maxOpenTables;
  }

  /// {@return who is told of what was found amiss and passed over}
  public Consumer<String> warnings() {
    return warnings;
  }

  private static void log(String warning) {
    System.getLogger("dev.tidemark.leveldb").log(System.Logger.Level.WARNING, warning);
  }

  /// Collects options. For one thread at a time.
  public static final class Builder {
    private boolean createIfMissing = true;
    private boolean errorIfExists;
    private boolean paranoidChecks;
    private boolean reuseLogs;
    private boolean preallocateLogs = true;
    private boolean compression = true;
    private int writeBufferBytes = DEFAULT_WRITE_BUFFER_BYTES;
    private int maxFileBytes = DEFAULT_MAX_FILE_BYTES;
    private int blockBytes = DEFAULT_BLOCK_BYTES;
    private long blockCacheBytes = DEFAULT_BLOCK_CACHE_BYTES;
    private int maxOpenTables = DEFAULT_MAX_OPEN_TABLES;
    private Consumer<String> warnings = LevelDbOptions::log;

    private Builder() {}

    /// Whether to make a store where there is none; true by default, unlike LevelDB.
    ///
    /// @param create whether
    /// @return this
    public Builder createIfMissing(boolean create) {
      createIfMissing = create;
      return this;
    }

    /// Whether to refuse a store that is there; false by default.
    ///
    /// @param error whether
    /// @return this
    public Builder errorIfExists(boolean error) {
      errorIfExists = error;
      return this;
    }

    /// Whether a log that is damaged anywhere, a cut end aside, keeps the store from being opened.
    /// If not, which is the default, what is damaged is passed over and told as a warning.
    ///
    /// @param paranoid whether
    /// @return this
    public Builder paranoidChecks(boolean paranoid) {
      paranoidChecks = paranoid;
      return this;
    }

    /// Whether to go on with the last log at open, rather than to put what it holds into a table;
    /// false by default. A torn end is cut off first, durably; a log that is damaged otherwise is
    /// not gone on with.
    ///
    /// @param reuse whether
    /// @return this
    public Builder reuseLogs(boolean reuse) {
      reuseLogs = reuse;
      return this;
    }

    /// Whether a synced write fills the last block of the log, 32 KiB, with zeros, so that the next
    /// syncs need not write a new size of the file; true by default. LevelDB passes over such
    /// zeros.
    ///
    /// A power cut amid a sync may then leave a part of a record that nobody was told is durable
    /// with zeros behind it. It is passed over as any damage, but with paranoid checks, LevelDB's
    /// too, a log with such an end is refused. So a store with paranoid checks does not do it,
    /// whatever is said here.
    ///
    /// @param preallocate whether
    /// @return this
    public Builder preallocateLogs(boolean preallocate) {
      preallocateLogs = preallocate;
      return this;
    }

    /// Whether to compress blocks of tables by Snappy where that saves an eighth; true by default.
    ///
    /// @param compress whether
    /// @return this
    public Builder compression(boolean compress) {
      compression = compress;
      return this;
    }

    /// How much to hold in memory, and in the log alone, before it goes into a table.
    ///
    /// @param bytes 1 KiB to 1 GiB; up to twice as much may be held while a table is written
    /// @return this
    public Builder writeBufferBytes(int bytes) {
      writeBufferBytes = bytes;
      return this;
    }

    /// How large a table becomes in compaction.
    ///
    /// @param bytes 1 KiB to 1 GiB
    /// @return this
    public Builder maxFileBytes(int bytes) {
      maxFileBytes = bytes;
      return this;
    }

    /// How large a block of a table becomes.
    ///
    /// @param bytes 64 to 4 MiB
    /// @return this
    public Builder blockBytes(int bytes) {
      blockBytes = bytes;
      return this;
    }

    /// How much of tables to keep in memory.
    ///
    /// @param bytes 0 or more
    /// @return this
    public Builder blockCacheBytes(long bytes) {
      blockCacheBytes = bytes;
      return this;
    }

    /// How many tables to keep open; more are opened only while they are read.
    ///
    /// @param tables at least 1
    /// @return this
    public Builder maxOpenTables(int tables) {
      maxOpenTables = tables;
      return this;
    }

    /// Who is told of what was found amiss and passed over; by default the system's logger.
    ///
    /// @param listener called with a sentence, on the thread that found it. May close the store;
    ///   must not write to it, nor wait for another thread that writes to it or closes it
    /// @return this
    public Builder warnings(Consumer<String> listener) {
      warnings = listener;
      return this;
    }

    /// {@return the options}
    ///
    /// @throws IllegalArgumentException if a size is out of its range
    public LevelDbOptions build() {
      return new LevelDbOptions(this);
    }
  }
}
