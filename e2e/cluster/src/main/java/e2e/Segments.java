package e2e;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pravega.shared.protocol.netty.WireCommandType;
import io.pravega.shared.protocol.netty.WireCommands;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;

/**
 * What a live segment store says about every segment it knows, as CSV: the names are the keys of the containers' own
 * metadata tables, which the admin gateway makes readable; each is then asked for its length, seal and start offset.
 * The containers' garbage collection queues cannot be asked: their names hash to other containers than their own.
 *
 * args: host adminPort containerCount
 */
public final class Segments {
    public static void main(String[] args) throws Exception {
        int containers = Integer.parseInt(args[2]);
        System.out.println("container,name,sealed,length,start_offset");
        try (Gateway gateway = new Gateway(args[0], Integer.parseInt(args[1]))) {
            for (int id = 0; id < containers; id++) {
                for (String name : names(gateway, "_system/containers/metadata_" + id)) {
                    String info = name.startsWith("_system/containers/event_processor_GC.") ? null : info(gateway, name);
                    if (info != null) {
                        System.out.println(id + "," + info);
                    }
                }
            }
        }
    }

    private static TreeSet<String> names(Gateway gateway, String table) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        ByteBuf from = Unpooled.EMPTY_BUFFER;
        do {
            DataInputStream reply = gateway.ask(new WireCommands.ReadTableKeys(1, table, "", 500,
                    new WireCommands.TableIteratorArgs(from, Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER,
                            Unpooled.EMPTY_BUFFER)), WireCommandType.TABLE_KEYS_READ);
            reply.readLong();
            reply.readUTF();
            for (int left = reply.readInt(); left > 0; left--) {
                reply.readInt();
                names.add(new String(reply.readNBytes(reply.readInt()), StandardCharsets.UTF_8));
                reply.readLong();
            }
            from = Unpooled.wrappedBuffer(reply.readNBytes(reply.readInt()));
        } while (from.isReadable());
        return names;
    }

    /** Null for a segment whose deletion has begun. */
    private static String info(Gateway gateway, String name) throws IOException {
        DataInputStream reply = gateway.ask(new WireCommands.GetStreamSegmentInfo(1, name, ""),
                WireCommandType.STREAM_SEGMENT_INFO);
        reply.readLong();
        String segment = reply.readUTF();
        boolean exists = reply.readBoolean();
        boolean sealed = reply.readBoolean();
        boolean deleted = reply.readBoolean();
        reply.readLong();
        long length = reply.readLong();
        long start = reply.readLong();
        return exists && !deleted ? segment + "," + sealed + "," + length + "," + start : null;
    }
}
