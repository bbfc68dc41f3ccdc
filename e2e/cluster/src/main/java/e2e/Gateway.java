package e2e;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pravega.shared.protocol.netty.WireCommand;
import io.pravega.shared.protocol.netty.WireCommandType;
import io.pravega.shared.protocol.netty.WireCommands;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;

/** One connection to a segment store's admin gateway: a request, then its reply, in Pravega's wire protocol. */
final class Gateway implements AutoCloseable {
    private final Socket socket;
    private final DataOutputStream out;
    private final DataInputStream in;

    Gateway(String host, int port) throws IOException {
        socket = new Socket(host, port);
        socket.setSoTimeout(600_000);
        socket.setTcpNoDelay(true);
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
        in = new DataInputStream(socket.getInputStream());
        send(new WireCommands.Hello(WireCommands.WIRE_VERSION, WireCommands.OLDEST_COMPATIBLE_VERSION));
    }

    /** The body of the reply, which must be of the type expected. */
    DataInputStream ask(WireCommand request, WireCommandType expected) throws IOException {
        send(request);
        while (true) {
            int type = in.readInt();
            byte[] body = new byte[in.readInt()];
            in.readFully(body);
            if (type == expected.getCode()) {
                return new DataInputStream(new ByteArrayInputStream(body));
            }
            if (type != WireCommandType.HELLO.getCode()) {
                throw new IOException(request + ": reply type " + type);
            }
        }
    }

    private void send(WireCommand command) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        command.writeFields(new DataOutputStream(bytes));
        ByteBuf header = Unpooled.buffer(8);
        header.writeInt(command.getType().getCode());
        header.writeInt(bytes.size());
        out.write(header.array(), 0, 8);
        bytes.writeTo(out);
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
