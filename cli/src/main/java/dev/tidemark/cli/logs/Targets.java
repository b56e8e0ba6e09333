package dev.tidemark.cli.logs;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.IgnoredValues;
import dev.tidemark.formats.RecordWriter;
import dev.tidemark.formats.arc.ArcFormat;
import dev.tidemark.formats.arc.PayloadWriter;
import dev.tidemark.formats.banyandb.BanyanDbFormat;
import dev.tidemark.formats.prometheus.SegmentCompression;
import dev.tidemark.formats.prometheus.SegmentLayout;
import dev.tidemark.formats.prometheus.SegmentWriter;
import dev.tidemark.formats.prometheus.SegmentsWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The formats that can be written. Stateless.
public final class Targets {
  /// Their names.
  public static final List<String> NAMES =
      List.of(OwnLog.FORMAT, "leveldb", "prometheus", "loki", "arc", "banyandb");

  private static final ArcFormat ARC = new ArcFormat();

  private static final DateTimeFormatter ARC_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Targets() {}

  /// {@return a log that is written anew}
  ///
  /// @param format its format
  /// @param path where: a directory for Tidemark, Prometheus and Loki; for the others a file, or a
  ///   directory that is there, in which the file gets a name such as the system gives
  /// @param source the format that the records come from
  /// @throws IllegalArgumentException if the format cannot be written
  /// @throws IOException if it cannot be begun, or is there already
  public static Target create(String format, Path path, String source) throws IOException {
    return switch (format) {
      case OwnLog.FORMAT -> new OwnTarget(path);
      case "prometheus" ->
          new SegmentsTarget(path, directory -> segments(directory, SegmentCompression.SNAPPY));
      case "loki" ->
          new SegmentsTarget(
              path,
              directory ->
                  dev.tidemark.formats.loki.LogWriter.of(
                      segments(directory, SegmentCompression.NONE)));
      case "leveldb", "arc", "banyandb" -> {
        Path file = Files.isDirectory(path) ? path.resolve(nameIn(format)) : path;
        yield file(format, file, false, source);
      }
      default -> throw unknown(format);
    };
  }

  /// {@return one file of a log that is written anew, in place of one that may be there}
  ///
  /// @param format its format, which is that of the records
  /// @param file its name
  /// @throws IllegalArgumentException if the format cannot be written
  /// @throws IOException if it cannot be begun
  public static Target replace(String format, Path file) throws IOException {
    return file(format, file, true, format);
  }

  /// {@return whether files of a format can be written}
  ///
  /// @param format its name
  public static boolean hasWriter(String format) {
    return NAMES.contains(format) || format.equals("leveldb-manifest");
  }

  private static IllegalArgumentException unknown(String format) {
    return new IllegalArgumentException(
        "'" + format + "' cannot be written; these can: " + String.join(", ", NAMES));
  }

  private static String nameIn(String format) {
    return switch (format) {
      case "arc" -> "arc-" + ARC_TIME.format(Instant.now()) + ".wal";
      case "banyandb" -> BanyanDbFormat.fileName(1);
      default -> "000003.log";
    };
  }

  private static Target file(String format, Path file, boolean replace, String source)
      throws IOException {
    FileTarget.Appending plain = (writer, record) -> writer.append(record.payload());
    return switch (format) {
      case "leveldb", "leveldb-manifest" ->
          new FileTarget(file, replace, dev.tidemark.formats.leveldb.LogWriter::new, plain);
      case "prometheus" ->
          new FileTarget(
              file, replace, out -> SegmentWriter.of(out, SegmentCompression.SNAPPY), plain);
      case "loki" ->
          new FileTarget(
              file, replace, out -> SegmentWriter.of(out, SegmentCompression.NONE), plain);
      case "arc" ->
          new FileTarget(
              file, replace, Targets::arc, (writer, record) -> appendArc(writer, record, source));
      case "banyandb" ->
          new FileTarget(
              file,
              replace,
              out -> new dev.tidemark.formats.banyandb.LogWriter(out, 0),
              source.equals("banyandb") ? plain : (writer, record) -> add(writer, record, source));
      default -> throw unknown(format);
    };
  }

  private static RecordWriter segments(Path directory, SegmentCompression compression)
      throws IOException {
    return SegmentsWriter.create(directory, compression, SegmentLayout.SEGMENT_BYTES);
  }

  // ---- Arc: each record has a time

  private static RecordWriter arc(OutputStream out) {
    return new dev.tidemark.formats.arc.LogWriter(out, InstantSource.system());
  }

  private static void appendArc(RecordWriter writer, Shown record, String source)
      throws IOException {
    var arc = (dev.tidemark.formats.arc.LogWriter) writer;
    NumberOf timestamp = new NumberOf("timestamp");
    record.framing().accept(timestamp);
    ByteBuffer payload = isArc(record) ? record.payload() : row(record, source);
    if (timestamp.isFound()) {
      arc.append(timestamp.value(), payload);
    } else {
      arc.append(payload);
    }
  }

  // Arc takes a payload that it does not know for damage.
  private static boolean isArc(Shown record) {
    try {
      ARC.describe(record.payload(), new IgnoredValues());
      return true;
    } catch (FormatException _) {
      return false;
    }
  }

  private static ByteBuffer row(Shown record, String source) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("number", record.first());
    ByteBuffer payload = record.payload();
    String text = Texts.of(payload);
    row.put(text == null ? "payloadHex" : "payload", text == null ? Texts.hex(payload) : text);
    return PayloadWriter.rows(OwnLog.FORMAT, source, List.of(row));
  }

  // ---- BanyanDB: a record is a value of a series, at a time

  private static void add(RecordWriter writer, Shown record, String source) throws IOException {
    ByteBuffer series = ByteBuffer.wrap(source.getBytes(StandardCharsets.UTF_8));
    ((dev.tidemark.formats.banyandb.LogWriter) writer)
        .add(series, record.index(), record.payload());
  }
}
