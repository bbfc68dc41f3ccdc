package e2e;

import java.math.BigInteger;
import java.util.List;
import java.util.TreeSet;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/**
 * Every znode with its version and data (hexadecimal), sorted by path: two dumps are equal when nothing was changed.
 * args: zkPort [path]
 */
public final class Znodes {
    public static void main(String[] args) throws Exception {
        ZooKeeper client = new ZooKeeper("127.0.0.1:" + args[0], 20000, e -> { });
        print(client, args.length > 1 ? args[1] : "/");
        client.close();
    }

    private static void print(ZooKeeper client, String path) throws Exception {
        if (path.equals("/zookeeper")) {
            return;
        }
        List<String> children;
        try {
            Stat stat = new Stat();
            byte[] data = client.getData(path, false, stat);
            String hex = data == null || data.length == 0 ? "" : String.format("%0" + 2 * data.length + "x",
                    new BigInteger(1, data));
            System.out.println(path + " " + stat.getVersion() + " " + hex);
            children = client.getChildren(path, false);
        } catch (KeeperException.NoNodeException e) {
            return;
        }
        for (String child : new TreeSet<>(children)) {
            print(client, (path.equals("/") ? "" : path) + "/" + child);
        }
    }
}
