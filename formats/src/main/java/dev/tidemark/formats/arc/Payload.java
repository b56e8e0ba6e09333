package dev.tidemark.formats.arc;

import static dev.tidemark.formats.arc.ArcLayout.CHECKPOINT;
import static dev.tidemark.formats.arc.ArcLayout.DEFAULT_DATABASE;
import static dev.tidemark.formats.arc.ArcLayout.ENVELOPE;
import static dev.tidemark.formats.arc.ArcLayout.IDENTITY_BYTES;
import static dev.tidemark.formats.arc.ArcLayout.TRACKED;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.ValueSink;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.msgpack.value.ValueType;

/// What a record of Arc's log says, as far as Arc itself takes it apart when it recovers
/// (Basekick-Labs/arc, internal/wal/reader.go): which form it has, and of which measurement in
/// which database it speaks. Rows and columns are not held in memory; [#describe] shows them.
///
/// Names whose rows are not of one database or measurement have none here. Immutable; the buffer it
/// was made of must not change as long as it is used. For one thread at a time.
public final class Payload {
  /// How rows are laid out.
  public enum Form {
    /// An array of maps, a row each; Go names database and measurement in each row as `_database`
    /// and `_measurement`, Python the measurement as `measurement`.
    ROWS,

    /// One map with the measurement's name, `m`, and its columns, arrays of values.
    COLUMNS,

    /// No rows: the identities of records whose rows are in files by now.
    CHECKPOINT
  }

  private final Form form;
  private final @Nullable String identity;
  private final @Nullable String database;
  private final @Nullable String measurement;
  private final ByteBuffer messagePack;

  private Payload(
      Form form,
      @Nullable String identity,
      @Nullable String database,
      @Nullable String measurement,
      ByteBuffer messagePack) {
    this.form = form;
    this.identity = identity;
    this.database = database;
    this.measurement = measurement;
    this.messagePack = messagePack;
  }

  /// Takes a payload apart, all the way through.
  ///
  /// @param payload from position to limit, which stay
  /// @return what it says
  /// @throws FormatException if Arc would not recognize it
  public static Payload of(ByteBuffer payload) throws FormatException {
    ByteReader reader = ByteReader.of(payload);
    int first = reader.octet("a payload");
    if (first == CHECKPOINT) {
      ByteBuffer identities = reader.bytes(reader.remaining(), "a checkpoint");
      checkIdentities(new MessagePackWalk(identities));
      return new Payload(Form.CHECKPOINT, null, null, null, identities);
    }
    String identity = null;
    if (first == TRACKED && reader.remaining() >= IDENTITY_BYTES) {
      ByteBuffer bytes = reader.bytes(IDENTITY_BYTES, "an identity");
      byte[] copy = new byte[IDENTITY_BYTES];
      bytes.get(copy);
      identity = HexFormat.of().formatHex(copy);
      if (!reader.hasRemaining()) {
        throw reader.wrong("nothing behind the identity");
      }
      first = octet(payload, reader.offset());
    } else {
      reader = ByteReader.of(payload);
    }
    String database = null;
    if (first == ENVELOPE && reader.remaining() > 3) {
      int _ = reader.octet("an envelope");
      int length = reader.short16BigEndian("the length of a database's name");
      database = UTF_8.decode(reader.bytes(length, "a database's name")).toString();
    }
    return of(identity, database, reader.bytes(reader.remaining(), "a payload"));
  }

  private static int octet(ByteBuffer payload, int at) {
    return payload.get(payload.position() + at) & 0xff;
  }

  private static Payload of(
      @Nullable String identity, @Nullable String database, ByteBuffer messagePack)
      throws FormatException {
    MessagePackWalk walk = new MessagePackWalk(messagePack);
    return switch (walk.peek()) {
      case MAP -> columns(walk, identity, database, messagePack);
      case ARRAY, NIL -> rows(walk, identity, database, messagePack);
      default -> throw walk.wrong("neither an array of rows nor a map with columns");
    };
  }

  // ---- rows

  /// A name that all rows have in common.
  private static final class Common {
    // Both owned by the caller's thread.
    private boolean seen;
    private @Nullable String name;

    void add(@Nullable String other) {
      name = !seen || Objects.equals(name, other) ? other : null;
      seen = true;
    }
  }

  private static Payload rows(
      MessagePackWalk walk,
      @Nullable String identity,
      @Nullable String database,
      ByteBuffer messagePack)
      throws FormatException {
    Common databases = new Common();
    Common measurements = new Common();
    if (walk.peek() == ValueType.NIL) {
      walk.nil();
    } else {
      for (int left = walk.array(); left > 0; left--) {
        readRow(walk, databases, measurements);
      }
    }
    String common = database == null ? databases.name : database;
    return new Payload(Form.ROWS, identity, common, measurements.name, messagePack);
  }

  private static void readRow(MessagePackWalk walk, Common databases, Common measurements)
      throws FormatException {
    String database = null;
    String measurement = null;
    String pythonMeasurement = null;
    if (walk.peek() == ValueType.NIL) {
      walk.nil();
    } else {
      for (int left = walk.map(); left > 0; left--) {
        switch (walk.name()) {
          case "_database" -> database = textOrSkip(walk);
          case "_measurement" -> measurement = textOrSkip(walk);
          case "measurement" -> pythonMeasurement = textOrSkip(walk);
          default -> walk.skip();
        }
      }
    }
    databases.add(database);
    measurements.add(measurement == null ? pythonMeasurement : measurement);
  }

  private static @Nullable String textOrSkip(MessagePackWalk walk) throws FormatException {
    if (walk.peek() == ValueType.STRING) {
      return walk.text();
    }
    walk.skip();
    return null;
  }

  // ---- columns

  private static Payload columns(
      MessagePackWalk walk,
      @Nullable String identity,
      @Nullable String database,
      ByteBuffer messagePack)
      throws FormatException {
    String measurement = null;
    boolean columns = false;
    for (int left = walk.map(); left > 0; left--) {
      switch (walk.name()) {
        case "m" -> measurement = textOrSkip(walk);
        case "columns" -> columns = readColumns(walk);
        default -> walk.skip();
      }
    }
    if (measurement == null || !columns) {
      throw walk.wrong("a map without " + (columns ? "a measurement, m" : "columns"));
    }
    String named = database == null ? DEFAULT_DATABASE : database;
    return new Payload(Form.COLUMNS, identity, named, measurement, messagePack);
  }

  /// {@return whether it is a map}
  private static boolean readColumns(MessagePackWalk walk) throws FormatException {
    if (walk.peek() != ValueType.MAP) {
      walk.skip();
      return false;
    }
    for (int left = walk.map(); left > 0; left--) {
      String _ = walk.name();
      walk.skip();
    }
    return true;
  }

  // ---- checkpoints

  private static void checkIdentities(MessagePackWalk walk) throws FormatException {
    if (walk.peek() == ValueType.NIL) {
      return;
    }
    for (int left = walk.array(); left > 0; left--) {
      String _ = walk.name();
    }
  }

  // ---- what it says

  /// {@return how its rows are laid out}
  public Form form() {
    return form;
  }

  /// {@return the identity that later versions of Arc give a record, 32 hexadecimal digits, or
  /// null}
  public @Nullable String identity() {
    return identity;
  }

  /// {@return the database, or null if the rows do not say or not agree} Columns without an
  /// envelope are of the database `default`, as Arc has it.
  public @Nullable String database() {
    return database;
  }

  /// {@return the measurement, or null if the rows do not say or not agree}
  public @Nullable String measurement() {
    return measurement;
  }

  /// {@return the bytes that a client sent or Arc encoded, without what stands before them}
  public ByteBuffer messagePack() {
    return messagePack.duplicate();
  }

  /// Shows it: names and values of one object, which the caller has begun and will end. They are
  /// `database` and `measurement` as far as there are any, `identity` if there is one, and `rows`,
  /// an array of objects, or `columns`, an object of arrays, or `checkpoint`, an array of
  /// identities. Of what else stands beside columns nothing is shown, as Arc reads nothing else.
  ///
  /// @param sink takes the values; after an exception it has taken some of them
  /// @throws FormatException if values are nested deeper than 64
  public void describe(ValueSink sink) throws FormatException {
    text(sink, "database", database);
    text(sink, "measurement", measurement);
    text(sink, "identity", identity);
    MessagePackWalk walk = new MessagePackWalk(messagePack);
    switch (form) {
      case ROWS -> {
        sink.name("rows");
        walk.show(sink);
      }
      case CHECKPOINT -> {
        sink.name("checkpoint");
        walk.show(sink);
      }
      case COLUMNS -> describeColumns(walk, sink);
    }
  }

  private static void describeColumns(MessagePackWalk walk, ValueSink sink) throws FormatException {
    // Of two of the same name, Arc takes the last; so does whoever reads an object.
    for (int left = walk.map(); left > 0; left--) {
      String name = walk.name();
      if (name.equals("columns")) {
        sink.name(name);
        walk.show(sink);
      } else {
        walk.skip();
      }
    }
  }

  private static void text(ValueSink sink, String name, @Nullable String text) {
    if (text != null) {
      sink.name(name);
      sink.text(text);
    }
  }
}
