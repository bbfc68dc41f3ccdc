package e2e;

import io.pravega.client.ByteStreamClientFactory;
import io.pravega.client.ClientConfig;
import io.pravega.client.EventStreamClientFactory;
import io.pravega.client.KeyValueTableFactory;
import io.pravega.client.admin.KeyValueTableManager;
import io.pravega.client.admin.ReaderGroupManager;
import io.pravega.client.admin.StreamManager;
import io.pravega.client.byteStream.ByteStreamWriter;
import io.pravega.client.control.impl.Controller;
import io.pravega.client.control.impl.ControllerImpl;
import io.pravega.client.control.impl.ControllerImplConfig;
import io.pravega.client.stream.EventStreamReader;
import io.pravega.client.stream.EventStreamWriter;
import io.pravega.client.stream.EventWriterConfig;
import io.pravega.client.stream.ReaderConfig;
import io.pravega.client.stream.ReaderGroupConfig;
import io.pravega.client.stream.ScalingPolicy;
import io.pravega.client.stream.Stream;
import io.pravega.client.stream.StreamConfiguration;
import io.pravega.client.stream.Transaction;
import io.pravega.client.stream.TransactionalEventStreamWriter;
import io.pravega.client.stream.impl.UTF8StringSerializer;
import io.pravega.client.tables.KeyValueTable;
import io.pravega.client.tables.KeyValueTableClientConfiguration;
import io.pravega.client.tables.KeyValueTableConfiguration;
import io.pravega.client.tables.Put;
import io.pravega.client.tables.Remove;
import io.pravega.client.tables.TableKey;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Writes everything at once and at random until it is killed. Its log has one line per fact, in the order in which they
 * became true: what was about to be done, before it was, and what was acknowledged, after it was. Whatever moment Tier-1 is
 * lost at, the log says what may be in the cluster and what must.
 *
 * args: controllerUri log seed
 *
 * Lines: MILLIS WHAT SUBJECT [ARGS...]
 *   creating|created|sealing|sealed|deleting|deleted STREAM [SEGMENTS]
 *   send STREAM ID SIZE [TRANSACTION]   then   ack STREAM ID   (event ID is event(STREAM, ID, SIZE) below)
 *   flushed STREAM TRANSACTION: all its events are acknowledged
 *   committing|committed|aborting|aborted STREAM TRANSACTION
 *   truncating|truncated STREAM ID: events below ID may be gone
 *   put|remove KEY [VALUE]   then   done KEY
 *   bytes STREAM LENGTH   then   wrote STREAM LENGTH
 */
public final class Storm {
    private static final String SCOPE = "dr";
    private static final int KEYS = 16;
    private final ClientConfig config;
    private final FileOutputStream log;
    private final long seed;
    private final Map<String, Integer> next = new HashMap<>();

    private interface Work {
        void run(Random random) throws Exception;
    }

    private Storm(String uri, String log, long seed) throws IOException {
        this.config = ClientConfig.builder().controllerURI(URI.create(uri)).build();
        this.log = new FileOutputStream(log, true);
        this.seed = seed;
    }

    public static void main(String[] args) throws Exception {
        new Storm(args[0], args[1], Long.parseLong(args[2])).run();
    }

    private synchronized void note(Object... words) {
        StringBuilder line = new StringBuilder().append(System.currentTimeMillis());
        for (Object word : words) {
            line.append(' ').append(word);
        }
        try {
            log.write(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Printable, and told from every other event: "STREAM/ID/" and 61 letters of its own, over and over. */
    private static String event(String stream, int id, int size) {
        StringBuilder b = new StringBuilder(size).append(stream).append('/').append(id).append('/');
        long x = id + 1L;
        StringBuilder block = new StringBuilder();
        for (int i = 0; i < 61; i++) {
            x = x * 1103515245L + 12345L & 0x7fffffffL;
            block.append((char) ('a' + (x >> 16) % 26));
        }
        while (b.length() < size) {
            b.append(block, 0, Math.min(block.length(), size - b.length()));
        }
        return b.toString();
    }

    private synchronized int nextId(String stream) {
        return next.merge(stream, 1, Integer::sum) - 1;
    }

    private synchronized int sent(String stream) {
        return next.getOrDefault(stream, 0);
    }

    private void run() throws Exception {
        try (StreamManager streams = StreamManager.create(config);
             EventStreamClientFactory events = EventStreamClientFactory.withScope(SCOPE, config)) {
            streams.createScope(SCOPE);
            create(streams, "plain", 4);
            create(streams, "single", 1);
            create(streams, "burst", 2);
            create(streams, "scaled", 1);
            create(streams, "transactions", 2);
            create(streams, "rolled", 2);
            create(streams, "truncated", 2);
            create(streams, "bytes", 1);
            create(streams, "idle", 1);
            start("plain", r -> small(events, "plain", r));
            start("single", r -> small(events, "single", r));
            start("burst", r -> bursts(events, r));
            start("scaled", r -> small(events, "scaled", r));
            start("scaling", r -> scaling("scaled", r));
            start("transactions", r -> transactions(events, "transactions", r));
            start("rolled", r -> small(events, "rolled", r)); // as well: a reader spends 30 s on an empty epoch
            start("rolled transactions", r -> transactions(events, "rolled", r));
            start("rolling", r -> scaling("rolled", r));
            start("truncated", r -> truncated(streams, events, r));
            start("churn", r -> churn(streams, events, r));
            start("bytes", this::bytes);
            start("table", this::table);
            start("reader", r -> reader(events));
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    private void start(String name, Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run(new Random(seed * 31 + name.hashCode()));
            } catch (Exception e) {
                note("stopped", name, e.toString().replace('\n', ' '));
            }
        }, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void create(StreamManager streams, String stream, int segments) throws InterruptedException {
        note("creating", stream, segments);
        StreamConfiguration configuration =
                StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(segments)).build();
        for (int left = 20; ; left--) { // a controller that has just started knows no container's store yet
            try {
                streams.createStream(SCOPE, stream, configuration);
                break;
            } catch (RuntimeException notYet) {
                if (left == 0) {
                    throw notYet;
                }
                Thread.sleep(500);
            }
        }
        note("created", stream, segments);
    }

    private EventStreamWriter<String> writer(EventStreamClientFactory events, String stream) {
        return events.createEventWriter(stream, new UTF8StringSerializer(), EventWriterConfig.builder().build());
    }

    private CompletableFuture<Void> send(EventStreamWriter<String> out, String stream, int size) {
        int id = nextId(stream);
        String event = event(stream, id, size);
        note("send", stream, id, event.length());
        return out.writeEvent("key-" + id % KEYS, event).thenRun(() -> note("ack", stream, id));
    }

    private static void await(List<CompletableFuture<Void>> acks) {
        acks.forEach(CompletableFuture::join);
        acks.clear();
    }

    private void small(EventStreamClientFactory events, String stream, Random random) throws Exception {
        List<CompletableFuture<Void>> acks = new ArrayList<>();
        try (EventStreamWriter<String> out = writer(events, stream)) {
            while (true) {
                for (int n = 1 + random.nextInt(random.nextInt(5) == 0 ? 300 : 30); n > 0; n--) {
                    acks.add(send(out, stream, 10 + random.nextInt(random.nextInt(4) == 0 ? 4000 : 200)));
                }
                await(acks);
                Thread.sleep(random.nextInt(1500));
            }
        }
    }

    /** Beyond the flush threshold of 4 MiB in one go, in appends that do not divide it; some 30 MB in all. */
    private void bursts(EventStreamClientFactory events, Random random) throws Exception {
        List<CompletableFuture<Void>> acks = new ArrayList<>();
        int left = 30_000_000;
        try (EventStreamWriter<String> out = writer(events, "burst")) {
            while (left > 0) {
                int burst = 1_000_000 + random.nextInt(10_000_000);
                for (left -= burst; burst > 0;) {
                    int size = 20_000 + random.nextInt(random.nextInt(4) == 0 ? 800_000 : 150_000);
                    acks.add(send(out, "burst", size));
                    burst -= size;
                }
                await(acks);
                Thread.sleep(1000 + random.nextInt(9000));
            }
        }
    }

    private void scaling(String stream, Random random) throws Exception {
        ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
        Controller controller = new ControllerImpl(ControllerImplConfig.builder().clientConfig(config).build(), executor);
        while (true) {
            Thread.sleep(3000 + random.nextInt(9000));
            List<Long> current = new ArrayList<>();
            controller.getCurrentSegments(SCOPE, stream).get().getSegments().forEach(s -> current.add(s.getSegmentId()));
            int parts = 1 + random.nextInt(3);
            Map<Double, Double> ranges = new HashMap<>();
            for (int i = 0; i < parts; i++) {
                ranges.put((double) i / parts, (double) (i + 1) / parts);
            }
            controller.scaleStream(Stream.of(SCOPE, stream), current, ranges, executor).getFuture().get();
        }
    }

    /** Up to three at a time; one in five is aborted, one in five left open for a while. In a stream that is scaled meanwhile they make it roll. */
    private void transactions(EventStreamClientFactory events, String stream, Random random) throws Exception {
        Deque<Transaction<String>> open = new ArrayDeque<>();
        try (TransactionalEventStreamWriter<String> out = events.createTransactionalEventWriter(stream,
                new UTF8StringSerializer(), EventWriterConfig.builder().build())) {
            while (true) {
                Transaction<String> txn = out.beginTxn();
                boolean large = random.nextInt(6) == 0;
                for (int n = 1 + random.nextInt(40); n > 0; n--) {
                    int id = nextId(stream);
                    String event = event(stream, id, 10 + random.nextInt(large ? 120_000 : 400));
                    note("send", stream, id, event.length(), txn.getTxnId());
                    txn.writeEvent("key-" + id % KEYS, event);
                }
                txn.flush();
                note("flushed", stream, txn.getTxnId());
                open.add(txn);
                while (open.size() > random.nextInt(3)) {
                    end(open.remove(), stream, random.nextInt(5) == 0);
                }
                Thread.sleep(random.nextInt(1500));
            }
        }
    }

    private void end(Transaction<String> txn, String stream, boolean abort) throws Exception {
        note(abort ? "aborting" : "committing", stream, txn.getTxnId());
        if (abort) {
            txn.abort();
        } else {
            txn.commit();
        }
        Transaction.Status end = abort ? Transaction.Status.ABORTED : Transaction.Status.COMMITTED;
        while (txn.checkStatus() != end) {
            Thread.sleep(50);
        }
        note(abort ? "aborted" : "committed", stream, txn.getTxnId());
    }

    private void truncated(StreamManager streams, EventStreamClientFactory events, Random random) throws Exception {
        List<CompletableFuture<Void>> acks = new ArrayList<>();
        try (EventStreamWriter<String> out = writer(events, "truncated")) {
            while (true) {
                for (int round = 0; round < 8; round++) {
                    for (int n = random.nextInt(60); n > 0; n--) {
                        acks.add(send(out, "truncated", 10 + random.nextInt(2000)));
                    }
                    await(acks);
                    Thread.sleep(random.nextInt(1500));
                }
                int below = sent("truncated");
                note("truncating", "truncated", below);
                streams.truncateStream(SCOPE, "truncated", Workload.tail(streams, "truncated"));
                note("truncated", "truncated", below);
            }
        }
    }

    /** Streams that come, are written to, and of which some are sealed and some go again. */
    private void churn(StreamManager streams, EventStreamClientFactory events, Random random) throws Exception {
        for (int i = 0; ; i++) {
            String stream = "churn-" + i;
            create(streams, stream, 1 + random.nextInt(2));
            List<CompletableFuture<Void>> acks = new ArrayList<>();
            try (EventStreamWriter<String> out = writer(events, stream)) {
                for (int n = random.nextInt(100); n > 0; n--) {
                    acks.add(send(out, stream, 10 + random.nextInt(1000)));
                }
                await(acks);
            }
            int fate = random.nextInt(4);
            if (fate > 0) {
                note("sealing", stream);
                streams.sealStream(SCOPE, stream);
                note("sealed", stream);
            }
            if (fate == 1) {
                Thread.sleep(random.nextInt(6000));
                note("deleting", stream);
                streams.deleteStream(SCOPE, stream);
                note("deleted", stream);
            }
            Thread.sleep(2000 + random.nextInt(6000));
        }
    }

    private void bytes(Random random) throws Exception {
        try (ByteStreamClientFactory factory = ByteStreamClientFactory.withScope(SCOPE, config);
             ByteStreamWriter out = factory.createByteStreamWriter("bytes")) {
            for (int length = 0; ; ) {
                byte[] part = new byte[1 + random.nextInt(40_000)];
                for (int i = 0; i < part.length; i++) {
                    part[i] = (byte) ((length + i) % 251);
                }
                length += part.length;
                note("bytes", "bytes", length);
                out.write(part);
                out.flush();
                note("wrote", "bytes", length);
                Thread.sleep(random.nextInt(2000));
            }
        }
    }

    private void table(Random random) throws Exception {
        try (KeyValueTableManager tables = KeyValueTableManager.create(config);
             KeyValueTableFactory factory = KeyValueTableFactory.withScope(SCOPE, config)) {
            tables.createKeyValueTable(SCOPE, "table", KeyValueTableConfiguration.builder().partitionCount(3)
                    .primaryKeyLength(8).secondaryKeyLength(0).build());
            KeyValueTable table = factory.forKeyValueTable("table", KeyValueTableClientConfiguration.builder().build());
            while (true) {
                long k = random.nextInt(300);
                TableKey key = new TableKey(ByteBuffer.allocate(8).putLong(0, k));
                if (random.nextInt(5) == 0) {
                    note("remove", k);
                    table.update(new Remove(key)).join();
                } else {
                    long value = random.nextLong();
                    note("put", k, value);
                    table.update(new Put(key, ByteBuffer.allocate(8).putLong(0, value))).join();
                }
                note("done", k);
                Thread.sleep(random.nextInt(20));
            }
        }
    }

    /** Leaves the positions of a reader group behind. */
    private void reader(EventStreamClientFactory events) {
        try (ReaderGroupManager groups = ReaderGroupManager.withScope(SCOPE, config)) {
            groups.createReaderGroup("readers", ReaderGroupConfig.builder().stream(Stream.of(SCOPE, "plain"))
                    .stream(Stream.of(SCOPE, "single")).automaticCheckpointIntervalMillis(2000).build());
            try (EventStreamReader<String> in = events.createReader("r", "readers", new UTF8StringSerializer(),
                    ReaderConfig.builder().build())) {
                while (true) {
                    in.readNextEvent(1000);
                }
            }
        }
    }
}
