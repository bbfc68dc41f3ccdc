package e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pravega.client.BatchClientFactory;
import io.pravega.client.ClientConfig;
import io.pravega.client.EventStreamClientFactory;
import io.pravega.client.admin.ReaderGroupManager;
import io.pravega.client.admin.StreamManager;
import io.pravega.client.batch.SegmentIterator;
import io.pravega.client.batch.SegmentRange;
import io.pravega.client.control.impl.Controller;
import io.pravega.client.control.impl.ControllerImpl;
import io.pravega.client.control.impl.ControllerImplConfig;
import io.pravega.client.segment.impl.Segment;
import io.pravega.client.stream.EventStreamReader;
import io.pravega.client.stream.EventStreamWriter;
import io.pravega.client.stream.EventWriterConfig;
import io.pravega.client.stream.ReaderConfig;
import io.pravega.client.stream.ReaderGroup;
import io.pravega.client.stream.ReaderGroupConfig;
import io.pravega.client.stream.RetentionPolicy;
import io.pravega.client.stream.ScalingPolicy;
import io.pravega.client.stream.Stream;
import io.pravega.client.stream.StreamConfiguration;
import io.pravega.client.stream.StreamCut;
import io.pravega.client.stream.Transaction;
import io.pravega.client.stream.TransactionalEventStreamWriter;
import io.pravega.client.stream.impl.UTF8StringSerializer;
import java.io.File;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What the controller must do again after a recovery: finish what was caught half-way, serve transactions that were open,
 * apply retention, advance watermarks.
 *
 * args: write|check controllerUri manifest.json
 *
 *   write  one stream per case, named after it; Halfway then leaves the workflows unfinished
 *   check  every case is in its final state within 30 s, every stream takes every operation, twice in a row
 */
public final class Control {
    static final String SCOPE = "ctl";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LEASE = 10_000;
    /** A transaction's life ends after 1000 leases: those of a fixture must outlive it. */
    private static final long LONG_LEASE = 1_000_000_000;
    private static final long STEP_SECONDS = 30;
    private static final List<String> PLAIN = List.of("committed", "scaling", "scale-asked", "scaled", "updating",
            "update-asked", "truncating", "truncate-asked");
    private static final List<String> TRANSACTIONAL = List.of("open", "committing", "batch", "aborting", "sealing");
    private final ClientConfig config;
    private final List<String> failures = new ArrayList<>();
    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);

    private Control(String uri) {
        config = ClientConfig.builder().controllerURI(URI.create(uri)).build();
    }

    public static void main(String[] args) throws Exception {
        Control control = new Control(args[1]);
        File manifest = new File(args[2]);
        if (args[0].equals("write")) {
            JSON.writerWithDefaultPrettyPrinter().writeValue(manifest, control.write());
            System.exit(0);
        }
        ObjectNode root = (ObjectNode) JSON.readTree(manifest);
        control.check(root);
        JSON.writerWithDefaultPrettyPrinter().writeValue(manifest, root);
        control.failures.forEach(f -> System.out.println("FAIL " + f));
        System.out.println(control.failures.isEmpty() ? "CONTROL WORKS" : "MISMATCH " + control.failures.size());
        System.exit(control.failures.isEmpty() ? 0 : 1);
    }

    // ---- write

    private ObjectNode write() throws Exception {
        ObjectNode root = JSON.createObjectNode();
        try (StreamManager streams = StreamManager.create(config);
             EventStreamClientFactory events = EventStreamClientFactory.withScope(SCOPE, config)) {
            streams.createScope(SCOPE);
            for (String s : PLAIN) {
                plain(root, streams, events, s, StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(2)).build());
                later(root, streams, events, s);
            }
            for (String s : TRANSACTIONAL) {
                plain(root, streams, events, s, StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(2)).build());
                ((ObjectNode) root.get(s)).put("txn", transaction(root, events, s, "inside", LONG_LEASE));
            }
            ((ObjectNode) root.get("open")).put("left", transaction(root, events, "open", "never", LONG_LEASE));
            retention(root, streams, events, "by-size", RetentionPolicy.bySizeBytes(1000));
            retention(root, streams, events, "by-time", RetentionPolicy.byTime(java.time.Duration.ofMillis(1)));
            plain(root, streams, events, "times", StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(1))
                    .timestampAggregationTimeout(2000).build());
            note(events, "times", 1000);
            recreated(root, streams, events);
            group(root, streams, events);
        }
        return root;
    }

    private void plain(ObjectNode root, StreamManager streams, EventStreamClientFactory events, String stream,
                       StreamConfiguration configuration) {
        require(streams.createStream(SCOPE, stream, configuration), "create " + stream);
        root.putObject(stream);
        append(root, events, stream, "early");
    }

    private void append(ObjectNode root, EventStreamClientFactory events, String stream, String what) {
        try (EventStreamWriter<String> out = events.createEventWriter(stream, new UTF8StringSerializer(),
                EventWriterConfig.builder().build())) {
            for (int i = 0; i < 20; i++) {
                String e = stream + "/" + what + "/" + i;
                out.writeEvent("key-" + i, e).join();
                ((ObjectNode) root.get(stream)).withArray(what).add(e);
            }
        }
    }

    /** Begun, written to, not committed: its id. */
    private String transaction(ObjectNode root, EventStreamClientFactory events, String stream, String what, long lease)
            throws Exception {
        TransactionalEventStreamWriter<String> out = events.createTransactionalEventWriter(stream,
                new UTF8StringSerializer(), EventWriterConfig.builder().transactionTimeoutTime(lease).build());
        Transaction<String> txn = out.beginTxn();
        for (int i = 0; i < 20; i++) {
            String e = stream + "/" + what + "/" + i;
            txn.writeEvent("key-" + i, e);
            ((ObjectNode) root.get(stream)).withArray(what).add(e);
        }
        txn.flush();
        return txn.getTxnId().toString();
    }

    private void retention(ObjectNode root, StreamManager streams, EventStreamClientFactory events, String stream,
                           RetentionPolicy policy) {
        plain(root, streams, events, stream, StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(1))
                .retentionPolicy(policy).build());
        later(root, streams, events, stream);
        for (int i = 0; i < 5; i++) {
            append(root, events, stream, "late");
        }
    }

    /** More events after a stream cut that the manifest names. */
    private void later(ObjectNode root, StreamManager streams, EventStreamClientFactory events, String stream) {
        ObjectNode cut = ((ObjectNode) root.get(stream)).putObject("cut");
        positions(tail(streams, stream)).forEach((id, offset) -> cut.put(Long.toString(id), offset));
        append(root, events, stream, "late");
    }

    /** A writer's statement of time, from which the controller makes watermarks. */
    private void note(EventStreamClientFactory events, String stream, long time) {
        try (EventStreamWriter<String> out = events.createEventWriter(stream, new UTF8StringSerializer(),
                EventWriterConfig.builder().build())) {
            out.writeEvent("k", "noted").join();
            out.flush();
            out.noteTime(time);
        }
    }

    /** All requests of its first life are still in the controller's request stream when it lives again. */
    private void recreated(ObjectNode root, StreamManager streams, EventStreamClientFactory events) throws Exception {
        StreamConfiguration two = StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(2)).build();
        plain(root, streams, events, "recreated", two);
        scale("recreated", Map.of(0.0, 0.3, 0.3, 0.6, 0.6, 1.0));
        require(streams.updateStream(SCOPE, "recreated", StreamConfiguration.builder()
                .scalingPolicy(ScalingPolicy.fixed(3)).build()), "update");
        require(streams.truncateStream(SCOPE, "recreated", tail(streams, "recreated")), "truncate");
        require(streams.sealStream(SCOPE, "recreated"), "seal");
        require(streams.deleteStream(SCOPE, "recreated"), "delete");
        plain(root, streams, events, "recreated", two);
    }

    private void group(ObjectNode root, StreamManager streams, EventStreamClientFactory events) throws Exception {
        plain(root, streams, events, "read", StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(1)).build());
        try (ReaderGroupManager groups = ReaderGroupManager.withScope(SCOPE, config)) {
            groups.createReaderGroup("readers", ReaderGroupConfig.builder().stream(Stream.of(SCOPE, "read")).build());
            EventStreamReader<String> in = events.createReader("lost", "readers", new UTF8StringSerializer(),
                    ReaderConfig.builder().build());
            for (int read = 0; read < 20; ) {
                read += in.readNextEvent(2000).getEvent() != null ? 1 : 0;
            }
            ReaderGroup group = groups.getReaderGroup("readers");
            Future<?> done = group.initiateCheckpoint("point", executor);
            for (long end = System.currentTimeMillis() + 30_000; !done.isDone() && System.currentTimeMillis() < end; ) {
                in.readNextEvent(500);
            }
            require(done.isDone(), "checkpoint");
            append(root, events, "read", "unread");
        }
    }

    // ---- check

    private void check(ObjectNode root) throws Exception {
        try (StreamManager streams = StreamManager.create(config);
             EventStreamClientFactory events = EventStreamClientFactory.withScope(SCOPE, config)) {
            if (!root.has("checked")) {
                finished(root, streams, events);
            }
            step("times: watermark", 2 * STEP_SECONDS, () -> watermark(events, root));
            List<String> all = new ArrayList<>(PLAIN);
            all.addAll(TRANSACTIONAL);
            all.addAll(List.of("by-size", "recreated"));
            for (String s : all) {
                if (streams.checkStreamExists(SCOPE, s) && current(s) > 0) {
                    step(s + ": every operation", 5 * STEP_SECONDS, () -> operate(streams, events, s));
                }
            }
            step("a new stream lives and dies", 8 * STEP_SECONDS, () -> {
                String name = "new-" + System.currentTimeMillis();
                streams.createStream(SCOPE, name, StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(1)).build());
                operate(streams, events, name);
                require(streams.sealStream(SCOPE, name) && streams.deleteStream(SCOPE, name), "refused");
            });
            if (!root.has("checked")) {
                step("open: the other one aborted", 120, () -> until(() -> status(events, "open",
                        root.get("open").get("left").asText()) != Transaction.Status.OPEN));
            }
            for (String s : List.of("committed", "aborting", "open", "committing")) {
                step(s + ": seals and is deleted", () -> sealed(root, streams, s));
            }
        }
        root.put("checked", true);
    }

    /** What was caught half-way is in its final state, although nobody asks for it. */
    private void finished(ObjectNode root, StreamManager streams, EventStreamClientFactory events) {
        step("open: commits", () -> {
            commit(events, "open", root.get("open").get("txn").asText());
            until(() -> read("open").containsAll(strings(root, "open", "inside")));
            require(!read("open").contains("open/never/0"), "an open transaction's events are there");
        });
        for (String s : List.of("committing", "batch")) {
            step(s + ": merged, once", () -> until(() -> read(s).containsAll(strings(root, s, "inside"))));
        }
        for (String s : List.of("scaling", "scale-asked", "updating", "update-asked")) {
            step(s + ": finished", () -> until(() -> current(s) == 3));
        }
        for (String s : List.of("truncating", "truncate-asked")) {
            step(s + ": finished", () -> until(() -> read(s).equals(strings(root, s, "late"))));
        }
        step("sealing: sealed", () -> until(() -> current("sealing") == 0));
        step("recreated: as it was", () -> require(read("recreated").equals(strings(root, "recreated", "early"))
                && current("recreated") == 2, "has " + read("recreated").size() + " events"));
        step("readers: go on", () -> goOn(root, events));
        for (String s : List.of("by-size", "by-time")) {
            step(s + ": old data removed", 75, () -> until(() -> head(streams, s) > 0));
        }
    }

    private void operate(StreamManager streams, EventStreamClientFactory events, String s) throws Exception {
        scale(s, Map.of(0.0, 0.3, 0.3, 0.6, 0.6, 1.0));
        require(streams.updateStream(SCOPE, s, StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(2)).build()),
                "update refused");
        String id = transaction(JSON.createObjectNode().set(s, JSON.createObjectNode()), events, s, "after", LEASE);
        commit(events, s, id);
        until(() -> status(events, s, id) == Transaction.Status.COMMITTED);
        require(read(s).contains(s + "/after/0"), "committed, not read");
        require(streams.truncateStream(SCOPE, s, tail(streams, s)), "truncate refused");
        require(read(s).isEmpty(), "not truncated");
    }

    private void sealed(ObjectNode root, StreamManager streams, String s) {
        if (root.has("checked")) {
            require(!streams.checkStreamExists(SCOPE, s), "came back");
            return;
        }
        require(streams.sealStream(SCOPE, s), "seal refused");
        require(streams.deleteStream(SCOPE, s), "delete refused");
    }

    private void commit(EventStreamClientFactory events, String stream, String id) throws Exception {
        try (TransactionalEventStreamWriter<String> out = events.createTransactionalEventWriter(stream,
                new UTF8StringSerializer(), EventWriterConfig.builder().transactionTimeoutTime(LEASE).build())) {
            out.getTxn(UUID.fromString(id)).commit();
        }
    }

    private Transaction.Status status(EventStreamClientFactory events, String stream, String id) {
        try (TransactionalEventStreamWriter<String> out = events.createTransactionalEventWriter(stream,
                new UTF8StringSerializer(), EventWriterConfig.builder().transactionTimeoutTime(LEASE).build())) {
            return out.getTxn(UUID.fromString(id)).checkStatus();
        }
    }

    private void goOn(ObjectNode root, EventStreamClientFactory events) throws Exception {
        Set<String> rest = strings(root, "read", "unread");
        Set<String> done = strings(root, "read", "early");
        try (ReaderGroupManager groups = ReaderGroupManager.withScope(SCOPE, config)) {
            groups.getReaderGroup("readers").readerOffline("lost", null);
            try (EventStreamReader<String> in = events.createReader("next", "readers", new UTF8StringSerializer(),
                    ReaderConfig.builder().build())) {
                until(() -> {
                    String e = String.valueOf(in.readNextEvent(1000).getEvent());
                    require(!done.contains(e), "read before the checkpoint, and again");
                    rest.remove(e);
                    return rest.isEmpty();
                });
            }
        }
    }

    /** A new writer's time becomes a watermark, although the old writer never says anything again. */
    private void watermark(EventStreamClientFactory events, ObjectNode root) throws Exception {
        long time = System.currentTimeMillis();
        String group = "marks" + time;
        try (ReaderGroupManager groups = ReaderGroupManager.withScope(SCOPE, config);
             EventStreamWriter<String> out = events.createEventWriter("times", new UTF8StringSerializer(),
                     EventWriterConfig.builder().build())) {
            groups.createReaderGroup(group, ReaderGroupConfig.builder().stream(Stream.of(SCOPE, "times")).build());
            try (EventStreamReader<String> in = events.createReader("r", group, new UTF8StringSerializer(),
                    ReaderConfig.builder().build())) {
                until(() -> {
                    out.writeEvent("k", "noted").join();
                    out.flush();
                    out.noteTime(System.currentTimeMillis());
                    in.readNextEvent(500);
                    var window = in.getCurrentTimeWindow(Stream.of(SCOPE, "times"));
                    return window != null && window.getLowerTimeBound() != null && window.getLowerTimeBound() >= time;
                });
            }
        }
    }

    // ---- helpers

    private void scale(String stream, Map<Double, Double> ranges) throws Exception {
        try (Controller controller = controller()) {
            List<Long> now = new ArrayList<>();
            controller.getCurrentSegments(SCOPE, stream).get().getSegments().forEach(s -> now.add(s.getSegmentId()));
            require(controller.scaleStream(Stream.of(SCOPE, stream), now, ranges, executor).getFuture().get(), "scale refused");
        }
    }

    private int current(String stream) throws Exception {
        try (Controller controller = controller()) {
            return controller.getCurrentSegments(SCOPE, stream).get().getSegments().size();
        }
    }

    private Controller controller() {
        return new ControllerImpl(ControllerImplConfig.builder().clientConfig(config).build(), executor);
    }

    private static long head(StreamManager streams, String stream) {
        return positions(cut(streams, stream, true)).values().stream().mapToLong(x -> x).sum();
    }

    private static StreamCut tail(StreamManager streams, String stream) {
        return cut(streams, stream, false);
    }

    /** The call was renamed between 0.12 and 0.13. */
    private static StreamCut cut(StreamManager streams, String stream, boolean head) {
        try {
            Object info;
            try {
                info = StreamManager.class.getMethod("getStreamInfo", String.class, String.class)
                        .invoke(streams, SCOPE, stream);
            } catch (NoSuchMethodException e) {
                info = ((java.util.concurrent.CompletableFuture<?>) StreamManager.class.getMethod("fetchStreamInfo",
                        String.class, String.class).invoke(streams, SCOPE, stream)).join();
            }
            io.pravega.client.admin.StreamInfo known = (io.pravega.client.admin.StreamInfo) info;
            return head ? known.getHeadStreamCut() : known.getTailStreamCut();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<Long, Long> positions(StreamCut cut) {
        Map<Long, Long> offsets = new HashMap<>();
        for (Map.Entry<Segment, Long> e : cut.asImpl().getPositions().entrySet()) {
            offsets.put(e.getKey().getSegmentId(), e.getValue());
        }
        return offsets;
    }

    private Set<String> read(String stream) {
        Set<String> seen = new TreeSet<>();
        int count = 0;
        try (BatchClientFactory batch = BatchClientFactory.withScope(SCOPE, config)) {
            var ranges = batch.getSegments(Stream.of(SCOPE, stream), StreamCut.UNBOUNDED, StreamCut.UNBOUNDED).getIterator();
            while (ranges.hasNext()) {
                SegmentRange range = ranges.next();
                try (SegmentIterator<String> it = batch.readSegment(range, new UTF8StringSerializer())) {
                    while (it.hasNext()) {
                        seen.add(it.next());
                        count++;
                    }
                }
            }
        }
        require(count == seen.size() || stream.startsWith("by-"), stream + ": events are there twice");
        return seen;
    }

    private static Set<String> strings(JsonNode root, String stream, String what) {
        Set<String> all = new TreeSet<>();
        root.get(stream).get(what).forEach(e -> all.add(e.asText()));
        return all;
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void until(Callable<Boolean> holds) throws Exception {
        Exception last = null;
        for (;;) {
            try {
                if (holds.call()) {
                    return;
                }
                last = null;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                last = e;
            }
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                throw last == null ? e : last;
            }
        }
    }

    private void step(String name, Step step) {
        step(name, STEP_SECONDS, step);
    }

    private void step(String name, long seconds, Step step) {
        ExecutorService one = Executors.newSingleThreadExecutor(r -> {
            Thread t = new Thread(r);
            t.setDaemon(true);
            return t;
        });
        long start = System.currentTimeMillis();
        try {
            one.submit(() -> {
                step.run();
                return null;
            }).get(seconds, TimeUnit.SECONDS);
            System.out.printf("%-34s works (%d ms)%n", name, System.currentTimeMillis() - start);
        } catch (Throwable e) {
            failures.add(name + ": " + (e instanceof TimeoutException ? "not in " + seconds + " s" : e.toString()));
        } finally {
            one.shutdownNow();
        }
    }

    private static void require(boolean ok, String what) {
        if (!ok) {
            throw new IllegalStateException(what);
        }
    }
}
