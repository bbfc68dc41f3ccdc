package e2e;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Steps with a limit each, which may run side by side; what each took is printed, what failed is kept. */
final class Steps {
    /** Of one operation after a recovery. */
    static final long LIMIT_SECONDS = 30;
    final List<String> failures;
    private final ExecutorService pool = Executors.newCachedThreadPool(r -> {
        Thread t = new Thread(r);
        t.setDaemon(true); // one that hangs must not keep the process
        return t;
    });

    Steps(List<String> failures) {
        this.failures = failures;
    }

    Steps() {
        this(Collections.synchronizedList(new ArrayList<>()));
    }

    interface Step {
        void run() throws Exception;
    }

    /** False: it failed, and what depends on it need not be tried. */
    boolean step(String name, Step step) {
        return step(name, LIMIT_SECONDS, step);
    }

    boolean step(String name, long seconds, Step step) {
        long start = System.currentTimeMillis();
        var running = pool.submit(() -> {
            step.run();
            return null;
        });
        try {
            running.get(seconds, TimeUnit.SECONDS);
            System.out.printf("%-40s works (%d ms)%n", name, System.currentTimeMillis() - start);
            return true;
        } catch (Throwable e) {
            running.cancel(true);
            failures.add(name + ": " + (e instanceof TimeoutException ? "not in " + seconds + " s" : e.toString()));
            return false;
        }
    }

    /** All of them, so many at a time; each reports by steps of its own. */
    void sideBySide(int atOnce, List<Step> all) {
        ExecutorService some = Executors.newFixedThreadPool(atOnce);
        List<java.util.concurrent.Future<?>> running = new ArrayList<>();
        all.forEach(one -> running.add(some.submit(() -> {
            one.run();
            return null;
        })));
        for (var one : running) {
            try {
                one.get();
            } catch (Exception e) {
                failures.add(e.toString());
            }
        }
        some.shutdown();
    }

    /** Tries until it holds; a step's limit ends it, with the last reason why it did not. */
    static void until(Callable<Boolean> holds) throws Exception {
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
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw last == null ? e : last;
            }
        }
    }

    static void require(boolean ok, String what) {
        if (!ok) {
            throw new IllegalStateException(what);
        }
    }
}
