package e2e;

import io.pravega.shared.protocol.netty.WireCommands;

/**
 * Asks the segment store's admin gateway to flush every container to Tier-2.
 * args: host adminPort containerCount
 */
public final class Flush {
    public static void main(String[] args) throws Exception {
        int containers = Integer.parseInt(args[2]);
        try (Gateway gateway = new Gateway(args[0], Integer.parseInt(args[1]))) {
            for (int id = 0; id < containers; id++) {
                gateway.ask(new WireCommands.FlushToStorage(id, "", id + 1),
                        new WireCommands.StorageFlushed(0).getType());
                System.out.println("flushed container " + id);
            }
        }
    }
}
