package e2e;

import static e2e.Steps.require;
import static e2e.Steps.until;

import io.pravega.client.ClientConfig;
import io.pravega.client.EventStreamClientFactory;
import io.pravega.client.KeyValueTableFactory;
import io.pravega.client.admin.KeyValueTableManager;
import io.pravega.client.admin.ReaderGroupManager;
import io.pravega.client.admin.StreamManager;
import io.pravega.client.stream.EventStreamWriter;
import io.pravega.client.stream.EventWriterConfig;
import io.pravega.client.stream.ReaderGroupConfig;
import io.pravega.client.stream.ScalingPolicy;
import io.pravega.client.stream.Serializer;
import io.pravega.client.stream.Stream;
import io.pravega.client.stream.StreamConfiguration;
import io.pravega.client.stream.impl.UTF8StringSerializer;
import io.pravega.client.tables.KeyValueTable;
import io.pravega.client.tables.KeyValueTableClientConfiguration;
import io.pravega.client.tables.KeyValueTableConfiguration;
import io.pravega.client.tables.Put;
import io.pravega.client.tables.TableKey;
import io.pravega.controller.server.SegmentHelper;
import io.pravega.controller.server.security.auth.GrpcAuthHelper;
import io.pravega.controller.store.PravegaTablesScope;
import io.pravega.controller.store.PravegaTablesStoreHelper;
import io.pravega.controller.store.kvtable.KVTableMetadataStore;
import io.pravega.controller.store.kvtable.KVTableState;
import io.pravega.controller.store.stream.OperationContext;
import io.pravega.controller.store.stream.ReaderGroupState;
import io.pravega.controller.store.stream.State;
import io.pravega.controller.store.stream.StreamMetadataStore;
import io.pravega.shared.controller.event.ControllerEvent;
import io.pravega.shared.controller.event.ControllerEventSerializer;
import io.pravega.shared.controller.event.DeleteStreamEvent;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Scopes, streams, key-value tables and reader groups that are made and deleted: some caught half-way, some made again
 * while the requests of their first life are still to be read.
 */
final class Members {
    private static final String SCOPE = Control.SCOPE;
    private static final StreamConfiguration ONE = StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(1)).build();
    private static final KeyValueTableConfiguration TABLE = KeyValueTableConfiguration.builder().partitionCount(2)
            .primaryKeyLength(8).secondaryKeyLength(0).build();
    private static final ReaderGroupConfig GROUP = ReaderGroupConfig.builder().stream(Stream.of(SCOPE, "read")).build();
    private final ClientConfig config;

    Members(ClientConfig config) {
        this.config = config;
    }

    // ---- write

    void write(StreamManager streams) {
        for (String scope : List.of("dying", "given-up", "ghost")) {
            streams.createScope(scope);
        }
        streams.createStream("dying", "x", ONE);
        streams.createStream(SCOPE, "deleting", ONE);
        try (KeyValueTableManager tables = KeyValueTableManager.create(config);
             ReaderGroupManager groups = ReaderGroupManager.withScope(SCOPE, config);
             ReaderGroupManager dying = ReaderGroupManager.withScope("dying", config)) {
            tables.createKeyValueTable("dying", "t", TABLE);
            dying.createReaderGroup("g", ReaderGroupConfig.builder().stream(Stream.of("dying", "x")).build());
            for (String table : List.of("table-deleting", "table-again")) {
                tables.createKeyValueTable(SCOPE, table, TABLE);
                put(table, 1);
            }
            tables.deleteKeyValueTable(SCOPE, "table-again");
            tables.createKeyValueTable(SCOPE, "table-again", TABLE);
            put("table-again", 2);
            groups.createReaderGroup("group-deleting", GROUP);
            groups.createReaderGroup("group-again", GROUP);
            groups.deleteReaderGroup("group-again");
            groups.createReaderGroup("group-again", GROUP);
        }
        askToDelete("deleting");
    }

    /** The request is taken and refused now, because the stream is not sealed; it is there to be read again. */
    private void askToDelete(String stream) {
        Serializer<ControllerEvent> events = new Serializer<>() {
            private final ControllerEventSerializer all = new ControllerEventSerializer();

            @Override
            public ByteBuffer serialize(ControllerEvent event) {
                return all.toByteBuffer(event);
            }

            @Override
            public ControllerEvent deserialize(ByteBuffer bytes) {
                return all.fromByteBuffer(bytes);
            }
        };
        try (EventStreamClientFactory factory = EventStreamClientFactory.withScope("_system", config);
             EventStreamWriter<ControllerEvent> out = factory.createEventWriter("_requeststream", events,
                     EventWriterConfig.builder().build())) {
            out.writeEvent(SCOPE + "/" + stream, new DeleteStreamEvent(SCOPE, stream, 0, 0)).join();
        }
    }

    // ---- half-way: what a controller leaves that dies in the middle, by its own store classes

    static void leave(StreamMetadataStore store, KVTableMetadataStore tables, SegmentHelper segments,
                      ScheduledExecutorService executor) {
        store.sealScope("dying", store.createScopeContext("dying", 1L), executor).join();
        store.sealScope("ghost", store.createScopeContext("ghost", 1L), executor).join();
        store.deleteScope("ghost", store.createScopeContext("ghost", 1L), executor).join();

        OperationContext deleting = store.createStreamContext(SCOPE, "deleting", 1L);
        var active = store.getVersionedState(SCOPE, "deleting", deleting, executor).join();
        var sealing = store.updateVersionedState(SCOPE, "deleting", State.SEALING, active, deleting, executor).join();
        store.updateVersionedState(SCOPE, "deleting", State.SEALED, sealing, deleting, executor).join();
        segments.deleteSegment(SCOPE, "deleting", 0L, "", 1L).join();

        // What is left when the name of a table that is gone was still listed: then the controller gave the scope up.
        OperationContext givenUp = store.createScopeContext("given-up", 1L);
        UUID scopeId = store.getScopeId("given-up", givenUp, executor).join();
        store.sealScope("given-up", givenUp, executor).join();
        tables.createEntryForKVTable("given-up", "t", UUID.randomUUID(), tables.createContext("given-up", "t", 1L), executor)
                .join();
        for (String list : List.of("streamsInScope", "readerGroupsInScope")) {
            segments.deleteTableSegment("_system/_tables/given-up/" + list + ".#." + scopeId, false, "", 1L).join();
        }

        for (String stream : List.of("creating", "creating-too")) {
            OperationContext creating = store.createStreamContext(SCOPE, stream, 1L);
            store.createStream(SCOPE, stream, ONE, System.currentTimeMillis(), creating, executor).join();
        }

        // Listed in the scope, and nothing more.
        var scope = new PravegaTablesScope(SCOPE,
                new PravegaTablesStoreHelper(segments, GrpcAuthHelper.getDisabledAuthHelper(), executor));
        for (String stream : List.of("named", "named-too")) {
            scope.addStreamToScope(stream, store.createStreamContext(SCOPE, stream, 1L)).join();
        }
        OperationContext table = tables.createContext(SCOPE, "table-named", 1L);
        tables.createEntryForKVTable(SCOPE, "table-named", UUID.randomUUID(), table, executor).join();
        table = tables.createContext(SCOPE, "table-creating", 1L);
        tables.createEntryForKVTable(SCOPE, "table-creating", UUID.randomUUID(), table, executor).join();
        tables.createKeyValueTable(SCOPE, "table-creating", TABLE, System.currentTimeMillis(), table, executor).join();
        table = tables.createContext(SCOPE, "table-deleting", 1L);
        tables.setState(SCOPE, "table-deleting", KVTableState.DELETING, table, executor).join();

        OperationContext group = store.createRGContext(SCOPE, "group-named", 1L);
        store.addReaderGroupToScope(SCOPE, "group-named", UUID.randomUUID(), group, executor).join();
        group = store.createRGContext(SCOPE, "group-creating", 1L);
        UUID id = UUID.randomUUID();
        store.addReaderGroupToScope(SCOPE, "group-creating", id, group, executor).join();
        store.createReaderGroup(SCOPE, "group-creating", ReaderGroupConfig.cloneConfig(GROUP, id, 0L),
                System.currentTimeMillis(), group, executor).join();
        group = store.createRGContext(SCOPE, "group-deleting", 1L);
        var now = store.getVersionedReaderGroupState(SCOPE, "group-deleting", true, group, executor).join();
        store.updateReaderGroupVersionedState(SCOPE, "group-deleting", ReaderGroupState.DELETING, now, group, executor).join();
    }

    // ---- check

    /** What was caught half-way is finished, undone, or can be finished; what was made again is as it was. */
    void finished(Steps steps, StreamManager streams) {
        for (String scope : List.of("dying", "given-up")) {
            steps.step(scope + ": the scope is gone", () -> until(() -> !streams.checkScopeExists(scope)));
        }
        for (String scope : List.of("dying", "given-up", "ghost")) {
            steps.step(scope + ": the scope is made anew", () -> require(streams.createScope(scope)
                    && streams.createStream(scope, "x", ONE), "refused"));
        }
        steps.step("deleting: the stream is gone", () -> until(() -> !streams.checkStreamExists(SCOPE, "deleting")));
        steps.step("deleting: the stream is made anew", () -> require(streams.createStream(SCOPE, "deleting", ONE), "refused"));
        // One that is being created is finished, and the answer is that it is there.
        for (String stream : List.of("creating", "named")) {
            steps.step(stream + ": the stream is made", () -> {
                require(streams.createStream(SCOPE, stream, ONE) == stream.equals("named"), "another answer");
                append(stream);
            });
        }
        for (String stream : List.of("creating-too", "named-too")) {
            steps.step(stream + ": the stream is deleted", () -> {
                require(streams.deleteStream(SCOPE, stream), "refused");
                until(() -> !streams.checkStreamExists(SCOPE, stream));
            });
        }
        steps.step("table-creating: made", () -> until(() -> put("table-creating", 1)));
        steps.step("table-deleting: gone", () -> until(() -> !listed("table-deleting")));
        for (String table : List.of("table-named", "table-deleting")) {
            steps.step(table + ": made anew", () -> {
                create(table);
                put(table, 1);
            });
        }
        steps.step("table-again: as it was", () -> require(get("table-again", 1) == null && get("table-again", 2) != null,
                "another life's"));
        try (ReaderGroupManager groups = ReaderGroupManager.withScope(SCOPE, config)) {
            steps.step("group-deleting: gone", () -> until(() -> gone(groups, "group-deleting")));
            steps.step("group-again: as it was", () -> require(groups.getReaderGroup("group-again").getStreamNames().size() == 1,
                    "of other streams"));
            // The controller has made the first; its client, which is gone, would have written its first state.
            for (String group : List.of("group-creating", "group-named", "group-deleting")) {
                steps.step(group + ": made", () -> {
                    groups.createReaderGroup(group, GROUP);
                    require(groups.getReaderGroup(group).getStreamNames().size() == 1, "of other streams");
                });
            }
        }
    }

    /** Each kind is made and deleted. */
    void operate(Steps steps) {
        String name = "new-" + System.currentTimeMillis();
        steps.step("new key-value table: create", () -> create(name));
        steps.step("new key-value table: put and get", () -> require(put(name, 7) && get(name, 7) != null, "not read back"));
        steps.step("new key-value table: delete", () -> delete(name));
        try (ReaderGroupManager groups = ReaderGroupManager.withScope(SCOPE, config)) {
            steps.step("new reader group: create", () -> groups.createReaderGroup(name, GROUP));
            steps.step("new reader group: delete", () -> {
                groups.deleteReaderGroup(name);
                until(() -> gone(groups, name));
            });
        }
        try (StreamManager streams = StreamManager.create(config)) {
            steps.step("new scope: create", () -> require(streams.createScope(name)
                    && streams.createStream(name, "x", ONE), "refused"));
            steps.step("new scope: delete, with all in it", () -> {
                require(streams.deleteScopeRecursive(name), "refused");
                until(() -> !streams.checkScopeExists(name));
            });
        }
    }

    private static boolean gone(ReaderGroupManager groups, String name) {
        try {
            groups.getReaderGroup(name);
            return false;
        } catch (io.pravega.client.stream.ReaderGroupNotFoundException e) {
            return true;
        }
    }

    private void create(String table) {
        try (KeyValueTableManager tables = KeyValueTableManager.create(config)) {
            require(tables.createKeyValueTable(SCOPE, table, TABLE), "create refused");
        }
    }

    /** The controller answers when a table's records are gone, and takes its name out of the list after that. */
    private void delete(String table) throws Exception {
        try (KeyValueTableManager tables = KeyValueTableManager.create(config)) {
            require(tables.deleteKeyValueTable(SCOPE, table), "delete refused");
        }
        until(() -> !listed(table));
    }

    private boolean listed(String table) {
        try (KeyValueTableManager tables = KeyValueTableManager.create(config)) {
            var all = tables.listKeyValueTables(SCOPE);
            while (all.hasNext()) {
                if (all.next().getKeyValueTableName().equals(table)) {
                    return true;
                }
            }
            return false;
        }
    }

    private void append(String stream) {
        try (EventStreamClientFactory factory = EventStreamClientFactory.withScope(SCOPE, config);
             EventStreamWriter<String> out = factory.createEventWriter(stream, new UTF8StringSerializer(),
                     EventWriterConfig.builder().build())) {
            out.writeEvent("an event").join();
        }
    }

    private boolean put(String table, long key) {
        try (KeyValueTableFactory factory = KeyValueTableFactory.withScope(SCOPE, config);
             KeyValueTable open = factory.forKeyValueTable(table, KeyValueTableClientConfiguration.builder().build())) {
            open.update(new Put(key(key), ByteBuffer.allocate(8).putLong(0, key))).join();
            return true;
        }
    }

    private Object get(String table, long key) {
        try (KeyValueTableFactory factory = KeyValueTableFactory.withScope(SCOPE, config);
             KeyValueTable open = factory.forKeyValueTable(table, KeyValueTableClientConfiguration.builder().build())) {
            return open.get(key(key)).join();
        }
    }

    private static TableKey key(long k) {
        return new TableKey(ByteBuffer.allocate(8).putLong(0, k));
    }
}
