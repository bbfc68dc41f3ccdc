package e2e;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.bookkeeper.client.AsyncCallback;
import org.apache.bookkeeper.client.BKException;
import org.apache.bookkeeper.client.BookKeeper;
import org.apache.bookkeeper.client.BookKeeper.DigestType;
import org.apache.bookkeeper.client.LedgerEntry;
import org.apache.bookkeeper.client.LedgerHandle;
import org.apache.bookkeeper.conf.ClientConfiguration;
import org.apache.bookkeeper.conf.ServerConfiguration;
import org.apache.bookkeeper.proto.BookieServer;

/**
 * The real BookKeeper client as the other side of e2e/ledger_interop.sh, and single bookies to kill.
 *
 *   LedgerPeer client ZK LEDGER_ROOT            runs the commands below from standard input
 *   LedgerPeer bookie DIR ZK PORT LEDGER_ROOT   one bookie
 *
 * A command line is: DIGEST PASSWORD ENSEMBLE WRITE ACK COMMAND..., the password "-" being none.
 * The commands are those of e2e/native/ledger_peer.cc, and "ensembles ID", which prints their number.
 * The answer ends with "ok" or "error: ...".
 */
public final class LedgerPeer {
    private static BookKeeper client;

    public static void main(String[] args) throws Exception {
        if (args[0].equals("bookie")) {
            new BookieServer(bookieConf(new File(args[1]), args[2], Integer.parseInt(args[3]), args[4])).start();
            System.out.println("READY");
            Thread.currentThread().join();
        }
        ClientConfiguration conf = new ClientConfiguration();
        conf.setMetadataServiceUri("zk://" + args[1] + args[2]);
        conf.setEnableDigestTypeAutodetection(true);
        conf.setAddEntryTimeout(15);
        conf.setReadEntryTimeout(10);
        client = new BookKeeper(conf);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                run(line.trim().split(" "));
                say("ok");
            } catch (Exception e) {
                say("error: " + e);
            }
        }
        System.exit(0); // an open ledger stays open
    }

    private static void run(String[] a) throws Exception {
        DigestType digest = DigestType.valueOf(a[0]);
        byte[] password = a[1].equals("-") ? new byte[0] : a[1].getBytes(StandardCharsets.UTF_8);
        if (a[5].equals("speed")) {
            speed(a, digest, password);
            return;
        }
        long seed = a.length > 7 ? Long.parseLong(a[a[5].equals("read") || a[5].equals("fence") ? 7 : 6]) : 0;
        switch (a[5]) {
            case "write": {
                LedgerHandle ledger = create(a, digest, password);
                append(ledger, seed, 0, Integer.parseInt(a[7]));
                if (a[8].equals("close")) {
                    ledger.close();
                }
                break;
            }
            case "pause": {
                int count = Integer.parseInt(a[7]);
                LedgerHandle ledger = create(a, digest, password);
                append(ledger, seed, 0, count / 2);
                say("half");
                await(a[8]);
                append(ledger, seed, count / 2, count);
                ledger.close();
                say("closed");
                break;
            }
            case "hold": {
                int count = Integer.parseInt(a[7]);
                LedgerHandle ledger = create(a, digest, password);
                append(ledger, seed, 0, count);
                say("held");
                await(a[8]);
                try {
                    ledger.addEntry(payload(seed, count));
                    say("not fenced");
                } catch (BKException.BKLedgerFencedException e) {
                    say("fenced");
                }
                break;
            }
            case "read":
                readAll(client.openLedgerNoRecovery(Long.parseLong(a[6]), digest, password), seed);
                break;
            case "fence":
                readAll(client.openLedger(Long.parseLong(a[6]), digest, password), seed);
                break;
            case "delete":
                client.deleteLedger(Long.parseLong(a[6]));
                break;
            case "ensembles":
                say(Integer.toString(client.openLedgerNoRecovery(Long.parseLong(a[6]), digest, password)
                        .getLedgerMetadata().getAllEnsembles().size()));
                break;
            default:
                throw new IllegalArgumentException(a[5]);
        }
    }

    private static LedgerHandle create(String[] a, DigestType digest, byte[] password) throws Exception {
        LedgerHandle ledger = client.createLedger(Integer.parseInt(a[2]), Integer.parseInt(a[3]), Integer.parseInt(a[4]),
                digest, password, Map.of("application", "Pravega".getBytes(StandardCharsets.US_ASCII),
                        "BookKeeperLogId", "1".getBytes(StandardCharsets.US_ASCII)));
        say(Long.toString(ledger.getId()));
        return ledger;
    }

    private static void speed(String[] a, DigestType digest, byte[] password) throws Exception {
        int count = Integer.parseInt(a[6]);
        byte[] payload = new byte[Integer.parseInt(a[7])];
        LedgerHandle ledger = client.createLedger(Integer.parseInt(a[2]), Integer.parseInt(a[3]), Integer.parseInt(a[4]),
                digest, password);
        Semaphore window = new Semaphore(512); // entries under way, as in the native client
        AtomicInteger failures = new AtomicInteger();
        AsyncCallback.AddCallback done = (rc, handle, entry, context) -> {
            if (rc != BKException.Code.OK) {
                failures.incrementAndGet();
            }
            window.release();
        };
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            window.acquire();
            ledger.asyncAddEntry(payload, done, null);
        }
        window.acquire(512);
        double seconds = (System.nanoTime() - begin) / 1e9;
        ledger.close();
        client.deleteLedger(ledger.getId());
        if (failures.get() > 0) {
            throw new IllegalStateException(failures.get() + " adds failed");
        }
        say(Long.toString(Math.round(count / seconds)));
    }

    private static void append(LedgerHandle ledger, long seed, int from, int to) throws Exception {
        List<CompletableFuture<Void>> adds = new ArrayList<>();
        for (int i = from; i < to; i++) {
            CompletableFuture<Void> added = new CompletableFuture<>();
            AsyncCallback.AddCallback done = (rc, handle, entry, context) -> {
                if (rc == BKException.Code.OK) {
                    added.complete(null);
                } else {
                    added.completeExceptionally(BKException.create(rc));
                }
            };
            ledger.asyncAddEntry(payload(seed, i), done, null);
            adds.add(added);
        }
        for (CompletableFuture<Void> add : adds) {
            add.get();
        }
    }

    private static void readAll(LedgerHandle ledger, long seed) throws Exception {
        long last = ledger.getLastAddConfirmed();
        long next = 0;
        if (last >= 0) {
            for (Enumeration<LedgerEntry> e = ledger.readEntries(0, last); e.hasMoreElements(); next++) {
                byte[] expected = payload(seed, next);
                if (!java.util.Arrays.equals(expected, e.nextElement().getEntry())) {
                    throw new IllegalStateException("entry " + next + " differs");
                }
            }
        }
        byte[] owner = ledger.getCustomMetadata().get("application");
        if (owner == null || !new String(owner, StandardCharsets.US_ASCII).equals("Pravega")) {
            throw new IllegalStateException("the custom metadata is lost");
        }
        if (ledger.isClosed()) {
            long length = 0;
            for (long i = 0; i <= last; i++) {
                length += payload(seed, i).length;
            }
            if (length != ledger.getLength()) {
                throw new IllegalStateException("length " + ledger.getLength() + " instead of " + length);
            }
        }
        say(Long.toString(last));
    }

    private static byte[] payload(long seed, long entry) {
        String head = "entry " + entry + " of " + seed + " ";
        return (head + "x".repeat((int) ((entry * 37 + seed) % 2000))).getBytes(StandardCharsets.US_ASCII);
    }

    private static void await(String file) throws Exception {
        for (int i = 0; i < 1200; i++) {
            if (Files.exists(Path.of(file))) {
                return;
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException(file + " did not appear");
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static ServerConfiguration bookieConf(File dir, String zk, int port, String ledgersPath) {
        ServerConfiguration conf = new ServerConfiguration();
        conf.setAdvertisedAddress("127.0.0.1");
        conf.setBookiePort(port);
        conf.setMetadataServiceUri("zk+hierarchical://" + zk + ledgersPath);
        conf.setJournalDirName(new File(dir, "journal").getPath());
        conf.setLedgerDirNames(new String[]{new File(dir, "ledgers").getPath()});
        conf.setAllowLoopback(true);
        conf.setZkTimeout(4000);
        conf.setProperty("journalPreAllocSizeMB", 4);
        conf.setProperty("logSizeLimit", 64L * 1024 * 1024);
        conf.setProperty("diskUsageThreshold", 0.99f);
        conf.setProperty("diskUsageWarnThreshold", 0.98f);
        conf.setProperty("diskUsageLwmThreshold", 0.97f);
        conf.setProperty("minUsableSizeForIndexFileCreation", 0L);
        return conf;
    }
}
