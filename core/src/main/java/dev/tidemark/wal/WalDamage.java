package dev.tidemark.wal;

import org.jspecify.annotations.Nullable;

/// One place in a log's files that holds no record though it should, as an inspection found it.
///
/// @param kind how bad that is
/// @param file the name of the file in the log's directory
/// @param fromByte where in the file it begins; 0 with `toByte` 0 if it is about the whole file
/// @param toByte where it ends
/// @param fromLsn the smallest LSN that is lost with it, 0 if none is known to be
/// @param toLsn the largest LSN that is lost with it, `fromLsn - 1` or 0 if none is known to be
/// @param reason what is wrong
/// @param next where the next whole record is, null if there is none
public record WalDamage(
    Kind kind,
    String file,
    long fromByte,
    long toByte,
    long fromLsn,
    long toLsn,
    String reason,
    @Nullable Place next) {

  /// How bad damage is.
  public enum Kind {
    /// Bytes behind the last whole frame that nothing vouches for: what a crash leaves. Opening the
    /// log cuts them.
    TORN_TAIL,

    /// Something promised durable, or something that the log needs, is damaged or missing. Opening
    /// the log refuses it.
    CORRUPTION,

    /// A hole that the log knows of: an earlier salvage accepted it, a recovery cut it, or its
    /// owner removed the segment. Opening the log passes it over.
    ACCEPTED
  }

  /// Where a record stands.
  ///
  /// @param file the name of the file in the log's directory
  /// @param offset where its frame begins, in bytes
  /// @param lsn its LSN
  public record Place(String file, long offset, long lsn) {}

  /// {@return how many LSNs are known to be lost with it}
  public long count() {
    return fromLsn == 0 ? 0 : Math.max(0, toLsn - fromLsn + 1);
  }

  /// {@return the same with another place of the next whole record}
  ///
  /// @param place where it is, null if there is none
  public WalDamage withNext(@Nullable Place place) {
    return new WalDamage(kind, file, fromByte, toByte, fromLsn, toLsn, reason, place);
  }
}
