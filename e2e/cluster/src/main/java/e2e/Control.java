package e2e;

import static e2e.Steps.require;
import static e2e.Steps.until;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pravega.client.ClientConfig;
import io.pravega.client.EventStreamClientFactory;
import io.pravega.client.admin.ReaderGroupManager;
import io.pravega.client.admin.StreamInfo;
import io.pravega.client.admin.StreamManager;
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
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What the controller must do again after a recovery: finish what was caught half-way, serve transactions that were open,
 * apply retention, advance watermarks.
 *
 * args: write|check|aborted controllerUri manifest.json
 *
 *   write    one stream per case, named after it; Halfway then leaves the workflows unfinished
 *   check    every case is in its final state within 30 s, every stream takes every operation, twice in a row
 *   aborted  after a recovery that aborts what was open: it is, and its stream can be sealed and deleted
 */
public final class Control {
    static final String SCOPE = "ctl";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LEASE = 10_000;
    /** A transaction's life ends after 1000 leases: those of a fixture must outlive it. */
    private static final long LONG_LEASE = 1_000_000_000;
    /** The retention service works once a minute, which is the shortest that can be configured. */
    private static final long RETENTION_SECONDS = 60 + Steps.LIMIT_SECONDS;
    /** A new controller waits for two of the longest leases, and gives a transaction one more; they are 20 s here. */
    private static final long ABORT_SECONDS = 3 * 20 + Steps.LIMIT_SECONDS;
    private static final List<String> PLAIN = List.of("committed", "scaling", "scale-asked", "scaled", "updating",
            "update-asked", "truncating", "truncate-asked");
    private static final List<String> TRANSACTIONAL = List.of("open", "committing", "batch", "aborting", "sealing",
            "unmerged", "aborted");
    /** Sealed and deleted when all else is done; "open" is too. */
    private static final List<String> SEALED = List.of("committed", "aborting", "committing", "unmerged", "aborted");
    private final ClientConfig config;
    private final Steps steps = new Steps();
    private final Members members;
    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2, r -> {
        Thread t = new Thread(r);
        t.setDaemon(true);
        return t;
    });
    private final Controller controller;

    private Control(String uri) {
        config = ClientConfig.builder().controllerURI(URI.create(uri)).build();
        members = new Members(config);
        controller = new ControllerImpl(ControllerImplConfig.builder().clientConfig(config).build(), executor);
    }

    public static void main(String[] args) throws Exception {
        Control control = new Control(args[1]);
        File manifest = new File(args[2]);
        if (args[0].equals("write")) {
            JSON.writerWithDefaultPrettyPrinter().writeValue(manifest, control.write());
            System.exit(0);
        }
        ObjectNode root = (ObjectNode) JSON.readTree(manifest);
        if (args[0].equals("aborted")) {
            control.aborted(root);
        } else {
            control.check(root);
        }
        JSON.writerWithDefaultPrettyPrinter().writeValue(manifest, root);
        control.steps.failures.forEach(f -> System.out.println("FAIL " + f));
        System.out.println(control.steps.failures.isEmpty() ? "CONTROL WORKS" : "MISMATCH " + control.steps.failures.size());
        System.exit(control.steps.failures.isEmpty() ? 0 : 1);
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
            recreated(root, streams, events);
            newer(root, streams, events);
            group(root, streams, events, "read", "readers");
            group(root, streams, events, "cut-off", "far-readers");
            members.write(streams);
            note(events, "times", 1000); // last: a writer that is silent for long is forgotten
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

    /** Its state is newer than the first ones of its requests, which the controller reads again. */
    private void newer(ObjectNode root, StreamManager streams, EventStreamClientFactory events) throws Exception {
        plain(root, streams, events, "newer", StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(2)).build());
        scale("newer", Map.of(0.0, 0.3, 0.3, 0.6, 0.6, 1.0));
        require(streams.updateStream(SCOPE, "newer", StreamConfiguration.builder()
                .scalingPolicy(ScalingPolicy.fixed(3)).build()), "update");
        require(streams.truncateStream(SCOPE, "newer", tail(streams, "newer")), "truncate");
        require(streams.updateStream(SCOPE, "newer", StreamConfiguration.builder()
                .scalingPolicy(ScalingPolicy.fixed(2)).build()), "update");
        scale("newer", Map.of(0.0, 0.5, 0.5, 1.0));
        append(root, events, "newer", "between");
        require(streams.truncateStream(SCOPE, "newer", tail(streams, "newer")), "truncate");
        append(root, events, "newer", "late");
    }

    private void group(ObjectNode root, StreamManager streams, EventStreamClientFactory events, String stream, String name)
            throws Exception {
        plain(root, streams, events, stream, StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(1)).build());
        try (ReaderGroupManager groups = ReaderGroupManager.withScope(SCOPE, config)) {
            groups.createReaderGroup(name, quick().stream(Stream.of(SCOPE, stream)).build());
            EventStreamReader<String> in = events.createReader("lost", name, new UTF8StringSerializer(),
                    ReaderConfig.builder().build());
            for (int read = 0; read < 20; ) {
                read += in.readNextEvent(2000).getEvent() != null ? 1 : 0;
            }
            ReaderGroup group = groups.getReaderGroup(name);
            Future<?> done = group.initiateCheckpoint("point", executor);
            for (long end = System.currentTimeMillis() + 30_000; !done.isDone() && System.currentTimeMillis() < end; ) {
                in.readNextEvent(500);
            }
            require(done.isDone(), "checkpoint");
            if (stream.equals("read")) {
                append(root, events, stream, "unread");
            }
        }
    }

    // ---- check

    private void check(ObjectNode root) throws Exception {
        try (StreamManager streams = StreamManager.create(config);
             EventStreamClientFactory events = EventStreamClientFactory.withScope(SCOPE, config)) {
            if (root.has("checked")) {
                operateAll(root, streams, events);
            } else { // what the controller does in its own time is waited for meanwhile
                steps.sideBySide(4, List.of(
                        () -> {
                            finished(root, streams, events);
                            operateAll(root, streams, events);
                        },
                        () -> steps.step("open: the other one aborted", ABORT_SECONDS, () -> until(() -> status("open",
                                root.get("open").get("left").asText()) != Transaction.Status.OPEN)),
                        () -> retained(streams, "by-size"),
                        () -> retained(streams, "by-time")));
            }
            sealed(root, streams, "open"); // after its transaction was aborted: sealing would end it
        }
        root.put("checked", true);
    }

    private void retained(StreamManager streams, String stream) {
        steps.step(stream + ": old data removed", RETENTION_SECONDS, () -> until(() -> head(streams, stream) > 0));
    }

    private void operateAll(ObjectNode root, StreamManager streams, EventStreamClientFactory events) {
        List<Steps.Step> work = new ArrayList<>();
        work.add(() -> steps.step("times: watermark", () -> watermark(events)));
        List<String> all = new ArrayList<>(PLAIN);
        all.addAll(TRANSACTIONAL);
        all.addAll(List.of("recreated", "newer"));
        for (String s : all) {
            work.add(() -> {
                if (streams.checkStreamExists(SCOPE, s) && current(s) > 0) {
                    operate(streams, events, s);
                }
            });
        }
        work.add(() -> members.operate(steps));
        work.add(() -> liveAndDie(streams, events));
        steps.sideBySide(4, work);
        steps.sideBySide(4, SEALED.stream().map(s -> (Steps.Step) () -> sealed(root, streams, s)).toList());
    }

    private void aborted(ObjectNode root) throws Exception {
        try (StreamManager streams = StreamManager.create(config);
             EventStreamClientFactory events = EventStreamClientFactory.withScope(SCOPE, config)) {
            for (String id : List.of("txn", "left")) {
                steps.step("open: " + id + " is aborted", () -> until(() -> status("open",
                        root.get("open").get(id).asText()) == Transaction.Status.ABORTED));
            }
            steps.step("open: nothing of them is read", () -> require(read("open").equals(strings(root, "open", "early")),
                    "not as it was"));
            steps.step("committing: merged, once", () -> until(() -> read("committing")
                    .containsAll(strings(root, "committing", "inside"))));
            operate(streams, events, "open");
            sealed(root, streams, "open");
        }
    }

    /** What was caught half-way is in its final state, although nobody asks for it. */
    private void finished(ObjectNode root, StreamManager streams, EventStreamClientFactory events) {
        steps.step("open: commits", () -> {
            commit(events, "open", root.get("open").get("txn").asText());
            until(() -> read("open").containsAll(strings(root, "open", "inside")));
            require(!read("open").contains("open/never/0"), "an open transaction's events are there");
        });
        for (String s : List.of("committing", "batch", "unmerged")) {
            steps.step(s + ": merged, once", () -> until(() -> read(s).containsAll(strings(root, s, "inside"))));
        }
        for (String s : List.of("aborting", "aborted")) {
            steps.step(s + ": nothing of it is read", () -> require(read(s).equals(strings(root, s, "early")), "not as it was"));
        }
        for (String s : List.of("scaling", "scale-asked", "updating", "update-asked")) {
            steps.step(s + ": finished", () -> until(() -> current(s) == 3));
        }
        for (String s : List.of("truncating", "truncate-asked")) {
            steps.step(s + ": finished", () -> until(() -> read(s).equals(strings(root, s, "late"))));
        }
        steps.step("sealing: sealed", () -> until(() -> current("sealing") == 0));
        steps.step("recreated: as it was", () -> require(read("recreated").equals(strings(root, "recreated", "early"))
                && current("recreated") == 2, "has " + read("recreated").size() + " events"));
        steps.step("newer: as it was", () -> require(read("newer").equals(strings(root, "newer", "late"))
                && current("newer") == 2, "has " + read("newer").size() + " events"));
        members.finished(steps, streams);
        steps.step("readers: go on", () -> goOn(root, events));
        if (root.has("reset")) {
            steps.step("far-readers: go on where they were told", () -> goOnAt(root, events));
        }
    }

    /** Each operation has the limit of a step; after one that failed, the rest of the stream is not tried. */
    private boolean operate(StreamManager streams, EventStreamClientFactory events, String s) {
        String[] id = {null};
        return steps.step(s + ": scale", () -> scale(s, Map.of(0.0, 0.3, 0.3, 0.6, 0.6, 1.0)))
                && steps.step(s + ": update", () -> require(streams.updateStream(SCOPE, s,
                        StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(2)).build()), "refused"))
                && steps.step(s + ": write a transaction", () -> id[0] = transaction(
                        JSON.createObjectNode().set(s, JSON.createObjectNode()), events, s, "after", LEASE))
                && steps.step(s + ": commit", () -> {
                    commit(events, s, id[0]);
                    until(() -> status(s, id[0]) == Transaction.Status.COMMITTED);
                    require(read(s).contains(s + "/after/0"), "committed, not read");
                })
                && steps.step(s + ": write another", () -> id[0] = transaction(
                        JSON.createObjectNode().set(s, JSON.createObjectNode()), events, s, "dropped", LEASE))
                && steps.step(s + ": abort", () -> {
                    abort(events, s, id[0]);
                    until(() -> status(s, id[0]) == Transaction.Status.ABORTED);
                })
                && steps.step(s + ": truncate", () -> {
                    require(streams.truncateStream(SCOPE, s, tail(streams, s)), "refused");
                    require(read(s).isEmpty(), "not truncated");
                });
    }

    private void liveAndDie(StreamManager streams, EventStreamClientFactory events) {
        String name = "new-" + System.currentTimeMillis();
        boolean lives = steps.step("a new stream: create", () -> require(streams.createStream(SCOPE, name,
                StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(1)).build()), "refused"))
                && operate(streams, events, name)
                && steps.step("a new stream: seal", () -> require(streams.sealStream(SCOPE, name), "refused"))
                && steps.step("a new stream: delete", () -> require(streams.deleteStream(SCOPE, name), "refused"));
        require(lives || !steps.failures.isEmpty(), "a failure without a trace");
    }

    private void sealed(ObjectNode root, StreamManager streams, String s) {
        if (root.has("checked")) {
            steps.step(s + ": stays deleted", () -> require(!streams.checkStreamExists(SCOPE, s), "came back"));
            return;
        }
        steps.step(s + ": seal", () -> require(streams.sealStream(SCOPE, s), "refused"));
        steps.step(s + ": delete", () -> require(streams.deleteStream(SCOPE, s), "refused"));
    }

    private void abort(EventStreamClientFactory events, String stream, String id) {
        try (TransactionalEventStreamWriter<String> out = events.createTransactionalEventWriter(stream,
                new UTF8StringSerializer(), EventWriterConfig.builder().transactionTimeoutTime(LEASE).build())) {
            out.getTxn(UUID.fromString(id)).abort();
        }
    }

    private void commit(EventStreamClientFactory events, String stream, String id) throws Exception {
        try (TransactionalEventStreamWriter<String> out = events.createTransactionalEventWriter(stream,
                new UTF8StringSerializer(), EventWriterConfig.builder().transactionTimeoutTime(LEASE).build())) {
            out.getTxn(UUID.fromString(id)).commit();
        }
    }

    /** Asked of the controller itself: a client's transaction would ping it, and so keep it open. */
    private Transaction.Status status(String stream, String id) throws Exception {
        return controller.checkTransactionStatus(Stream.of(SCOPE, stream), UUID.fromString(id)).get();
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

    /** Its stream ends before where it was; reset to the cut that the plan named, it reads what is written next. */
    private void goOnAt(ObjectNode root, EventStreamClientFactory events) throws Exception {
        Map<Segment, Long> positions = new HashMap<>();
        root.get("reset").fields().forEachRemaining(f -> positions.put(
                Segment.fromScopedName(SCOPE + "/cut-off/" + f.getKey()), f.getValue().asLong()));
        StreamCut cut = new io.pravega.client.stream.impl.StreamCutImpl(Stream.of(SCOPE, "cut-off"), positions);
        append(root, events, "cut-off", "next");
        Set<String> rest = strings(root, "cut-off", "next");
        try (ReaderGroupManager groups = ReaderGroupManager.withScope(SCOPE, config)) {
            groups.getReaderGroup("far-readers").resetReaderGroup(quick()
                    .stream(Stream.of(SCOPE, "cut-off"), cut).build());
            try (EventStreamReader<String> in = events.createReader("next", "far-readers", new UTF8StringSerializer(),
                    ReaderConfig.builder().build())) {
                until(() -> {
                    String e = in.readNextEvent(1000).getEvent();
                    require(e == null || rest.remove(e), "not what was written next: " + e);
                    return rest.isEmpty();
                });
            }
        }
    }

    /** A new writer's time becomes a watermark, although the old writer never says anything again. */
    private void watermark(EventStreamClientFactory events) throws Exception {
        long time = System.currentTimeMillis();
        String group = "marks" + time;
        try (ReaderGroupManager groups = ReaderGroupManager.withScope(SCOPE, config);
             EventStreamWriter<String> out = events.createEventWriter("times", new UTF8StringSerializer(),
                     EventWriterConfig.builder().build())) {
            groups.createReaderGroup(group, quick().stream(Stream.of(SCOPE, "times")).build());
            try (EventStreamReader<String> in = events.createReader("r", group, new UTF8StringSerializer(),
                    ReaderConfig.builder().build())) {
                until(() -> {
                    out.writeEvent("k", "noted").join();
                    out.flush();
                    out.noteTime(System.currentTimeMillis());
                    for (int i = 0; i < 20 && in.readNextEvent(100).getEvent() != null; i++) {
                    }
                    var window = in.getCurrentTimeWindow(Stream.of(SCOPE, "times"));
                    return window != null && window.getLowerTimeBound() != null && window.getLowerTimeBound() >= time;
                });
            }
        }
    }

    // ---- helpers

    /** A reader waits for its first segments for up to its group's refresh time, 30 s unless configured. */
    private static ReaderGroupConfig.ReaderGroupConfigBuilder quick() {
        return ReaderGroupConfig.builder().groupRefreshTimeMillis(1000);
    }

    private void scale(String stream, Map<Double, Double> ranges) throws Exception {
        List<Long> now = new ArrayList<>();
        controller.getCurrentSegments(SCOPE, stream).get().getSegments().forEach(s -> now.add(s.getSegmentId()));
        require(controller.scaleStream(Stream.of(SCOPE, stream), now, ranges, executor).getFuture().get(), "scale refused");
    }

    private int current(String stream) throws Exception {
        return controller.getCurrentSegments(SCOPE, stream).get().getSegments().size();
    }

    private static long head(StreamManager streams, String stream) {
        return positions(cut(streams, stream, true)).values().stream().mapToLong(x -> x).sum();
    }

    private static StreamCut tail(StreamManager streams, String stream) {
        return cut(streams, stream, false);
    }

    private static StreamCut cut(StreamManager streams, String stream, boolean head) {
        StreamInfo known = Workload.info(streams, SCOPE, stream);
        return head ? known.getHeadStreamCut() : known.getTailStreamCut();
    }

    private static Map<Long, Long> positions(StreamCut cut) {
        Map<Long, Long> offsets = new HashMap<>();
        for (Map.Entry<Segment, Long> e : cut.asImpl().getPositions().entrySet()) {
            offsets.put(e.getKey().getSegmentId(), e.getValue());
        }
        return offsets;
    }

    private Set<String> read(String stream) {
        List<String> events = Workload.readInBatch(config, SCOPE, stream, StreamCut.UNBOUNDED);
        Set<String> seen = new TreeSet<>(events);
        require(events.size() == seen.size() || stream.startsWith("by-"), stream + ": events are there twice");
        return seen;
    }

    private static Set<String> strings(JsonNode root, String stream, String what) {
        Set<String> all = new TreeSet<>();
        root.get(stream).get(what).forEach(e -> all.add(e.asText()));
        return all;
    }
}
