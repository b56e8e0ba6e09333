package dev.tidemark.formats.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.leveldb.LogLayout;
import dev.tidemark.formats.leveldb.MaskedCrc;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/// A log of RocksDB's, fragment by fragment: what its writer writes, and what is wrong on purpose.
final class WalFile {
  static final int LOG_NUMBER = 123;

  private static final int BLOCK = LogLayout.BLOCK_BYTES;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final boolean numbered;
  private final int logNumber;
  private boolean compressed;

  private WalFile(boolean numbered, int logNumber) {
    this.numbered = numbered;
    this.logNumber = logNumber;
  }

  static WalFile plain() {
    return new WalFile(false, LOG_NUMBER);
  }

  /// A file that may be used again.
  static WalFile numbered() {
    return new WalFile(true, LOG_NUMBER);
  }

  static WalFile numbered(int logNumber) {
    return new WalFile(true, logNumber);
  }

  byte[] file() {
    return bytes.toByteArray();
  }

  int size() {
    return bytes.size();
  }

  WalFile record(String text) {
    return record(text.getBytes(US_ASCII));
  }

  /// A record as the writer cuts it up.
  WalFile record(byte[] payload) {
    byte[] data = compressed ? zstd(payload) : payload;
    int header = numbered ? WalLayout.NUMBERED_HEADER_BYTES : LogLayout.HEADER_BYTES;
    int from = 0;
    boolean begin = true;
    boolean last = false;
    while (!last) {
      int room = BLOCK - bytes.size() % BLOCK;
      if (room < header) {
        bytes.writeBytes(new byte[room]);
        continue;
      }
      int length = Math.min(data.length - from, room - header);
      last = from + length == data.length;
      int type = last ? (begin ? LogLayout.FULL : LogLayout.LAST) : LogLayout.MIDDLE;
      fragment(
          (begin && !last ? LogLayout.FIRST : type) + (numbered ? WalLayout.NUMBERED : 0),
          Arrays.copyOfRange(data, from, from + length));
      from += length;
      begin = false;
    }
    return this;
  }

  /// A fragment of any type, with the right checksum, wherever it falls.
  WalFile fragment(int type, byte[] data) {
    boolean number = WalLayout.isNumbered(type);
    ByteBuffer covered =
        ByteBuffer.allocate(1 + (number ? 4 : 0) + data.length).order(ByteOrder.LITTLE_ENDIAN);
    covered.put((byte) type);
    if (number) {
      covered.putInt(logNumber);
    }
    covered.put(data);
    CRC32C crc = new CRC32C();
    crc.update(covered.array());
    ByteBuffer header = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(MaskedCrc.mask((int) crc.getValue())).putShort((short) data.length);
    bytes.writeBytes(header.array());
    bytes.writeBytes(covered.array());
    return this;
  }

  /// Says that what follows is compressed, and compresses it.
  WalFile compressed() {
    compressed = true;
    return fragment(WalLayout.SET_COMPRESSION, new byte[] {7, 0, 0, 0});
  }

  WalFile raw(byte[] more) {
    bytes.writeBytes(more);
    return this;
  }

  static byte[] zstd(byte[] payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZstdOutputStream zstd = new ZstdOutputStream(out)) {
      zstd.write(payload);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  /// A write batch of one operation that sets a key to a value.
  static byte[] put(long sequence, String key, String value) {
    return ByteBuffer.allocate(12 + 3 + key.length() + value.length())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(sequence)
        .putInt(1)
        .put((byte) 1)
        .put((byte) key.length())
        .put(key.getBytes(US_ASCII))
        .put((byte) value.length())
        .put(value.getBytes(US_ASCII))
        .array();
  }

  static String big(String part, int size) {
    return part.repeat(size / part.length() + 1).substring(0, size);
  }

  /// What a reader makes of a file: each record as text, and the damage.
  record Read(List<String> records, List<Damage> damage) {
    long bytes(Damage.Kind kind) {
      return damage.stream().filter(one -> one.kind() == kind).mapToLong(Damage::bytes).sum();
    }

    List<String> reasons(Damage.Kind kind) {
      return damage.stream().filter(one -> one.kind() == kind).map(Damage::reason).toList();
    }
  }

  static Read read(byte[] file, RecoveryMode mode) throws IOException {
    return read(file, LOG_NUMBER, mode);
  }

  static Read read(byte[] file, long logNumber, RecoveryMode mode) throws IOException {
    List<Damage> damage = new ArrayList<>();
    List<String> records = new ArrayList<>();
    try (LogReader reader =
        new LogReader(
            new ByteArrayInputStream(file), OptionalLong.of(logNumber), mode, damage::add)) {
      while (reader.next()) {
        records.add(US_ASCII.decode(reader.payload()).toString());
      }
      assertThat(reader.next()).isFalse();
    }
    return new Read(records, damage);
  }
}
