package dev.tidemark.formats.arc;

import dev.tidemark.formats.Reading;
import dev.tidemark.formats.Sweep;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.zip.CRC32;

/// Files of Arc's log, byte by byte: what the vectors say, and what is wrong with it on purpose.
final class ArcFiles {
  static final long TIME = 1_700_000_000_000_000L;

  static final String HEADER = "41524357000101";

  // Of default, cpu: time 1633024800000000, v 1.5. Framing first, then the payload.
  static final String ENVELOPED_FRAMING = "0000003500060a24181e4000ce46b02d";
  static final String ENVELOPED =
      "01000764656661756c7482a16da3637075a7636f6c756d6e7382a474696d6591d30005cd3a371d0800a17691cb3ff8"
          + "000000000000";
  static final String RAW_FRAMING = "0000002b00060a24181e4000a4b7652c";
  static final String RAW =
      "82a16da3637075a7636f6c756d6e7382a474696d6591d30005cd3a371d0800a17691cb3ff8000000000000";
  static final String ROW_FRAMING = "0000003e00060a24181e4000df468d42";
  static final String ROW =
      "9184a95f6461746162617365a764656661756c74ac5f6d6561737572656d656e74a3637075a474696d65d30005cd3a"
          + "371d0800a176cb3ff8000000000000";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private ArcFiles() {}

  /// A file with its header.
  static ArcFiles begun() {
    return new ArcFiles().hex(HEADER);
  }

  /// The three records of the vectors, one behind the other.
  static byte[] vectors() {
    return begun()
        .hex(ENVELOPED_FRAMING + ENVELOPED)
        .hex(RAW_FRAMING + RAW)
        .hex(ROW_FRAMING + ROW)
        .file();
  }

  static byte[] parse(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  ArcFiles hex(String hex) {
    bytes.writeBytes(parse(hex));
    return this;
  }

  ArcFiles zeros(int count) {
    bytes.writeBytes(new byte[count]);
    return this;
  }

  /// A whole record.
  ArcFiles record(byte[] payload) {
    return framed(payload.length, crc(payload), payload);
  }

  /// A record that says of its payload whatever it likes.
  ArcFiles framed(int length, int crc, byte[] payload) {
    bytes.writeBytes(
        ByteBuffer.allocate(ArcLayout.HEADER_BYTES)
            .putInt(length)
            .putLong(TIME)
            .putInt(crc)
            .array());
    bytes.writeBytes(payload);
    return this;
  }

  byte[] file() {
    return bytes.toByteArray();
  }

  static int crc(byte[] payload) {
    CRC32 crc = new CRC32();
    crc.update(payload);
    return (int) crc.getValue();
  }

  static Sweep.Outcome asArc(byte[] file) {
    return Sweep.read(file, (in, damage) -> LogReader.of(in, Reading.AS_THE_SYSTEM, damage));
  }

  static Sweep.Outcome allThatIsWhole(byte[] file) {
    return Sweep.read(file, (in, damage) -> LogReader.of(in, Reading.ALL_THAT_IS_WHOLE, damage));
  }
}
