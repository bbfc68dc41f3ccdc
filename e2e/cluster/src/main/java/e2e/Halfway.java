package e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import io.pravega.client.ClientConfig;
import io.pravega.client.connection.impl.ConnectionPoolImpl;
import io.pravega.client.connection.impl.SocketConnectionFactoryImpl;
import io.pravega.client.stream.RetentionPolicy;
import io.pravega.client.stream.ScalingPolicy;
import io.pravega.client.stream.StreamConfiguration;
import io.pravega.controller.server.SegmentHelper;
import io.pravega.controller.server.security.auth.GrpcAuthHelper;
import io.pravega.controller.store.client.StoreClientFactory;
import io.pravega.controller.store.host.HostStoreFactory;
import io.pravega.controller.store.host.impl.HostMonitorConfigImpl;
import io.pravega.controller.store.kvtable.KVTableMetadataStore;
import io.pravega.controller.store.kvtable.KVTableStoreFactory;
import io.pravega.controller.store.stream.OperationContext;
import io.pravega.controller.store.stream.State;
import io.pravega.controller.store.stream.StreamMetadataStore;
import io.pravega.controller.store.stream.StreamStoreFactory;
import io.pravega.controller.store.stream.records.StreamCutRecord;
import java.io.File;
import java.util.AbstractMap.SimpleEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;

/**
 * Leaves workflows caught half-way, as a controller does that dies between the record of a step and the request that
 * carries it on: the controller's own store classes write the records, and nothing posts the request. The controller must
 * be down, the segment store up, and the streams those of Control.write.
 *
 * args: zkPort cluster containers manifest.json
 */
public final class Halfway {
    private static final String SCOPE = Control.SCOPE;
    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(4);
    private final StreamMetadataStore store;
    private final KVTableMetadataStore tables;
    private final SegmentHelper segments;

    private Halfway(int zkPort, String cluster, int containers) {
        CuratorFramework zk = CuratorFrameworkFactory.builder().connectString("127.0.0.1:" + zkPort)
                .namespace("pravega/" + cluster).retryPolicy(new RetryOneTime(1000)).build();
        zk.start();
        var hosts = HostStoreFactory.createStore(HostMonitorConfigImpl.builder().hostMonitorEnabled(true)
                .hostMonitorMinRebalanceInterval(1).containerCount(containers).hostContainerMap(Map.of()).build(),
                StoreClientFactory.createZKStoreClient(zk));
        ClientConfig client = ClientConfig.builder().build();
        segments = new SegmentHelper(new ConnectionPoolImpl(client,
                new SocketConnectionFactoryImpl(client, executor)), hosts, executor);
        store = StreamStoreFactory.createPravegaTablesStore(segments, GrpcAuthHelper.getDisabledAuthHelper(), zk, executor);
        tables = KVTableStoreFactory.createPravegaTablesStore(segments, GrpcAuthHelper.getDisabledAuthHelper(), zk, executor);
    }

    public static void main(String[] args) throws Exception {
        JsonNode manifest = new ObjectMapper().readTree(new File(args[3]));
        new Halfway(Integer.parseInt(args[0]), args[1], Integer.parseInt(args[2])).leave(manifest);
        System.out.println("LEFT HALF-WAY");
        System.exit(0);
    }

    private void leave(JsonNode manifest) {
        for (String stream : List.of("committing", "batch")) {
            seal(stream, UUID.fromString(manifest.get(stream).get("txn").asText()), true);
        }
        store.startCommitTransactions(SCOPE, "batch", 100, context("batch"), executor).join();
        state("batch", State.COMMITTING_TXN);
        state("committed", State.COMMITTING_TXN);
        seal("aborting", UUID.fromString(manifest.get("aborting").get("txn").asText()), false);
        scale("scaling");
        state("scaling", State.SCALING);
        scale("scale-asked");
        state("scaled", State.SCALING);
        update("updating");
        state("updating", State.UPDATING);
        update("update-asked");
        truncate("truncating", manifest);
        state("truncating", State.TRUNCATING);
        truncate("truncate-asked", manifest);
        state("sealing", State.SEALING);
        unmerged("unmerged", UUID.fromString(manifest.get("unmerged").get("txn").asText()));
        UUID aborted = UUID.fromString(manifest.get("aborted").get("txn").asText());
        seal("aborted", aborted, false);
        store.abortTransaction(SCOPE, "aborted", aborted, context("aborted"), executor).join();
        Members.leave(store, tables, segments, executor);
        for (String stream : List.of("by-size", "by-time")) {
            Map<Long, Long> cut = cut(stream, manifest);
            store.addStreamCutToRetentionSet(SCOPE, stream, new StreamCutRecord(System.currentTimeMillis(),
                    cut.values().stream().mapToLong(x -> x).sum(), ImmutableMap.copyOf(cut)), context(stream), executor).join();
        }
    }

    private OperationContext context(String stream) {
        return store.createStreamContext(SCOPE, stream, 1L);
    }

    private void state(String stream, State to) {
        OperationContext context = context(stream);
        var now = store.getVersionedState(SCOPE, stream, context, executor).join();
        store.updateVersionedState(SCOPE, stream, to, now, context, executor).join();
    }

    private void seal(String stream, UUID txn, boolean commit) {
        store.sealTransaction(SCOPE, stream, txn, commit, Optional.empty(), "", Long.MIN_VALUE, context(stream), executor)
                .join();
    }

    /** Recorded as committed, and its segments are as they were: what a flush leaves that comes between the two. */
    private void unmerged(String stream, UUID txn) {
        seal(stream, txn, true);
        store.startCommitTransactions(SCOPE, stream, 100, context(stream), executor).join();
        var record = store.getVersionedCommittingTransactionsRecord(SCOPE, stream, context(stream), executor).join();
        store.completeCommitTransactions(SCOPE, stream, record, context(stream), executor, Map.of()).join();
    }

    private void scale(String stream) {
        OperationContext context = context(stream);
        var none = store.getEpochTransition(SCOPE, stream, context, executor).join();
        store.submitScale(SCOPE, stream, List.of(0L, 1L), List.of(new SimpleEntry<>(0.0, 0.3), new SimpleEntry<>(0.3, 0.6),
                new SimpleEntry<>(0.6, 1.0)), System.currentTimeMillis(), none, context, executor).join();
    }

    private void update(String stream) {
        store.startUpdateConfiguration(SCOPE, stream, StreamConfiguration.builder().scalingPolicy(ScalingPolicy.fixed(3))
                .retentionPolicy(RetentionPolicy.bySizeBytes(100_000_000)).build(), context(stream), executor).join();
    }

    private void truncate(String stream, JsonNode manifest) {
        store.startTruncation(SCOPE, stream, cut(stream, manifest), context(stream), executor).join();
    }

    private static Map<Long, Long> cut(String stream, JsonNode manifest) {
        Map<Long, Long> cut = new HashMap<>();
        manifest.get(stream).get("cut").fields().forEachRemaining(f -> cut.put(Long.parseLong(f.getKey()), f.getValue().asLong()));
        return cut;
    }
}
