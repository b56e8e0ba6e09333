package dev.tidemark.cli.screen;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/// Where results go: stdout. Buffered; whoever ends a command flushes. For one thread.
public final class Results extends OutputStream {
  private static final int BUFFER_BYTES = 64 << 10;

  /// Whoever read the results wants no more: the pipe is closed.
  public static final class Unwanted extends IOException {
    private static final long serialVersionUID = 1L;

    Unwanted(IOException cause) {
      super(cause);
    }
  }

  private final BufferedOutputStream out;

  /// @param out where they go in the end
  public Results(OutputStream out) {
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
  }

  /// {@return the results as a stream that tells of failures, which a [PrintStream] keeps to
  /// itself}
  ///
  /// @param out the stream
  public static Results of(PrintStream out) {
    return new Results(
        new OutputStream() {
          @Override
          public void write(int octet) throws IOException {
            out.write(octet);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            flush();
          }

          @Override
          public void flush() throws IOException {
            if (out.checkError()) {
              throw new IOException("stdout cannot be written to");
            }
          }
        });
  }

  /// Writes a line.
  ///
  /// @param text without its end
  /// @throws IOException if it cannot be written, [Unwanted] if nobody reads
  public void line(String text) throws IOException {
    write((text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /// Writes one JSON object on a line of its own.
  ///
  /// @param content writes its properties
  /// @throws IOException if it cannot be written, [Unwanted] if nobody reads
  public void object(Consumer<JsonGenerator> content) throws IOException {
    write(Json.object(content));
    write('\n');
  }

  @Override
  public void write(int octet) throws IOException {
    try {
      out.write(octet);
    } catch (IOException failure) {
      throw told(failure);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException failure) {
      throw told(failure);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException failure) {
      throw told(failure);
    }
  }

  private static IOException told(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    return message.contains("Broken pipe") ? new Unwanted(failure) : failure;
  }
}
