package dev.tidemark.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/// The web server's HTTP/1.1, each connection behind an [Inlet] that is watched for stalls. Safe
/// for any number of threads.
final class WatchedHttp implements ServerConnectionSelector {
  private final ServerConnectionSelector http =
      Http1ConnectionSelector.builder().config(Http1Config.create()).build();
  private final Stalls stalls;
  private final Inlet.Limits limits;

  WatchedHttp(Stalls stalls, Inlet.Limits limits) {
    this.stalls = stalls;
    this.limits = limits;
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    Inlet inlet = new Inlet(context, limits);
    return new Watched(http.connection(new Behind(context, inlet)), inlet, stalls);
  }

  /// A connection that is watched while it is served.
  private record Watched(ServerConnection served, Inlet inlet, Stalls stalls)
      implements ServerConnection, InterruptableTask<Void> {

    @Override
    public void handle(Limit limit) throws InterruptedException {
      stalls.add(inlet);
      try {
        ScopedValue.where(Inlet.CURRENT, inlet)
            .<Object, InterruptedException>call(
                () -> {
                  served.handle(limit);
                  return inlet;
                });
      } finally {
        stalls.remove(inlet);
      }
    }

    @Override
    public Duration idleTime() {
      return served.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      served.close(interrupt);
    }

    // The web server asks when it stops: a connection that waits for a request may be interrupted.
    @Override
    public boolean canInterrupt() {
      return served instanceof InterruptableTask<?> task && task.canInterrupt();
    }
  }

  /// The context of a connection, with another reader.
  private record Behind(ConnectionContext context, Inlet inlet) implements ConnectionContext {
    @Override
    public DataReader dataReader() {
      return inlet.reader();
    }

    @Override
    public ListenerContext listenerContext() {
      return context.listenerContext();
    }

    @Override
    public ExecutorService executor() {
      return context.executor();
    }

    @Override
    public DataWriter dataWriter() {
      return context.dataWriter();
    }

    @Override
    public Router router() {
      return context.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
      return context.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
      return context.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
      return context.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
      return context.localPeer();
    }

    @Override
    public boolean isSecure() {
      return context.isSecure();
    }

    @Override
    public String socketId() {
      return context.socketId();
    }

    @Override
    public String childSocketId() {
      return context.childSocketId();
    }
  }
}
