package dev.tidemark.cli;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// One connection that sends one request at a time and never sends one twice: what a client library
/// does behind one's back when a connection breaks must not blur which requests are in doubt.
final class Connection implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 60_000;

  private final Socket socket = new Socket();
  private final InputStream in;

  /// Whether a request was sent, in part at least, and not answered. Written by the thread that
  /// posts.
  private volatile boolean outstanding;

  Connection(int port) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(
        new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port),
        TIMEOUT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /// What the server said.
  ///
  /// @param status the status code
  /// @param head status line and headers
  /// @param body the body as text
  record Answer(int status, String head, String body) {}

  /// Posts a body and waits for the answer.
  ///
  /// @throws IOException if the connection broke; then the request is in doubt
  Answer post(String path, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + bytes.length;
    outstanding = true;
    byte[] start = (head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] request = new byte[start.length + bytes.length];
    System.arraycopy(start, 0, request, 0, start.length);
    System.arraycopy(bytes, 0, request, start.length, bytes.length);
    socket.getOutputStream().write(request);
    Answer answer = answer();
    outstanding = false;
    return answer;
  }

  /// Asks for something and waits for the answer.
  Answer get(String path) throws IOException {
    String head = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return answer();
  }

  boolean isOutstanding() {
    return outstanding;
  }

  private Answer answer() throws IOException {
    StringBuilder head = new StringBuilder();
    int length = 0;
    for (String line = line(); !line.isEmpty(); line = line()) {
      head.append(line).append('\n');
      if (line.regionMatches(true, 0, "Content-Length:", 0, 15)) {
        length = Integer.parseInt(line.substring(15).strip());
      }
    }
    int status = Integer.parseInt(head.substring(9, 12));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException();
    }
    return new Answer(status, head.toString(), new String(body, StandardCharsets.UTF_8));
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      line.append((char) next);
    }
    return line.toString().strip();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
