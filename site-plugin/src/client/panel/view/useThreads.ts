/** The reader's conversations while their list is open. */

import { useCallback, useEffect, useRef, useState } from "react";
import { report } from "../../site/report";
import type { Listing, ThreadSummary } from "../api/protocol";
import type { ThreadActions } from "../api/threads";

/** `said` names the message about what was last done. */
export interface ThreadList {
  threads: readonly ThreadSummary[];
  more: boolean;
  loading: boolean;
  failed: boolean;
  said: "renamed" | "deleted" | "notDone" | null;
  loadMore(): void;
  rename(threadId: string, title: string): Promise<boolean>;
  remove(threadId: string): Promise<boolean>;
  removeAll(): Promise<boolean>;
}

const EMPTY: Listing<ThreadSummary> = { data: [], has_more: false };

/** Load the threads asked on `path`, or all; with `whole`, page after page to the last. */
export function useThreads(actions: ThreadActions, path: string | null, whole: boolean): ThreadList {
  const [listing, setListing] = useState(EMPTY);
  const [loading, setLoading] = useState(true);
  const [said, say] = useState<ThreadList["said"]>(null);
  const [failed, setFailed] = useState(false);
  const wanted = useRef(0);

  const load = useCallback(
    async (before: Listing<ThreadSummary>) => {
      wanted.current += 1;
      const own = wanted.current;
      setLoading(true);
      setFailed(false);
      try {
        const next = await actions.list({ path, after: before.after ?? null });
        if (own === wanted.current) setListing({ ...next, data: [...before.data, ...next.data] });
      } catch (error) {
        report("conversations did not load", error);
        if (own === wanted.current) setFailed(true);
      }
      if (own === wanted.current) setLoading(false);
    },
    [actions, path],
  );
  useEffect(() => {
    setListing(EMPTY);
    load(EMPTY);
  }, [load]);
  useEffect(() => {
    if (whole && listing.has_more && !loading && !failed) load(listing);
  }, [whole, listing, loading, failed, load]);

  async function change(
    work: Promise<void>,
    done: "renamed" | "deleted",
    next: (all: ThreadSummary[]) => ThreadSummary[],
  ) {
    try {
      await work;
      setListing((now) => ({ ...now, data: next([...now.data]) }));
      say(done);
      return true;
    } catch (error) {
      report("a conversation was not changed", error);
      say("notDone");
      return false;
    }
  }
  return {
    threads: listing.data,
    more: listing.has_more && !loading,
    loading,
    failed,
    said: failed ? "notDone" : said,
    loadMore: () => load(listing),
    rename: (id, title) =>
      change(actions.rename(id, title), "renamed", (all) =>
        all.map((thread) => (thread.id === id ? { ...thread, title } : thread)),
      ),
    removeAll: async () => {
      const gone = await change(actions.deleteAll(), "deleted", () => []);
      if (gone) setListing(EMPTY);
      return gone;
    },
    remove: (id) => change(actions.delete(id), "deleted", (all) => all.filter((thread) => thread.id !== id)),
  };
}
